"""numpy arrays, and lists of one type: a file with one column, flat, with the dimensions beside it."""

import math

from atelier._arrow import Mapped, columns, library, needed, write_arrow
from atelier._folder import BridgeError, store


def put_exported(name, thing):
    """Tensors and other things that numpy can look at."""
    numpy = needed("numpy", "Putting an array")
    if hasattr(thing, "detach"):
        thing = thing.detach()
    if hasattr(thing, "cpu"):
        thing = thing.cpu()
    put(name, numpy.asarray(thing), "numpy.ndarray")


def put(name, array, made_by):
    import numpy

    array = numpy.asarray(array)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("="))
    fortran = array.ndim > 1 and array.flags.f_contiguous and not array.flags.c_contiguous
    flat = (array.T if fortran else array).reshape(-1)
    flat = numpy.ascontiguousarray(flat)
    pa = library("pyarrow")
    about = {"shape": list(array.shape), "fortran": bool(fortran), "rows": int(flat.size), "made_by": made_by}
    if pa is None:
        _put_by_polars(name, array, flat, about)
        return
    column, dtype = _column(name, array, flat, pa)
    table = pa.table({"value": column})
    store(name, "array", table.nbytes + 4096, write_arrow(table), dtype=dtype, columns=columns(table), **about)


def _stored(dtype):
    """The numpy type under which its bytes cross, and the type's unit if it is a time; None: not as bytes."""
    if dtype.kind in "iu" or dtype.str in ("<f4", "<f8"):
        return dtype.str, None
    if dtype.kind == "b":
        return "|u1", None
    if dtype.str == "<f2":
        return "<u2", None
    if dtype.str in ("<c8", "<c16"):
        return ("<f4" if dtype.str == "<c8" else "<f8"), None
    if dtype.kind in "mM":
        unit = dtype.str[dtype.str.find("[") + 1 : -1] if "[" in dtype.str else ""
        return "<i8", unit if unit in ("s", "ms", "us", "ns") else None
    return None, None


def _column(name, array, flat, pa):
    """The flat array as a column, and the name of its type."""
    dtype = array.dtype
    stored, unit = _stored(dtype)
    if stored is not None:
        plain = flat.view(stored)
        column = pa.Array.from_buffers(pa.from_numpy_dtype(plain.dtype), plain.size, [None, pa.py_buffer(plain)])
        if unit:
            column = column.view(pa.timestamp(unit) if dtype.kind == "M" else pa.duration(unit))
        return column, dtype.str
    if dtype.kind in "US":
        return pa.array(flat.tolist(), type=pa.large_string() if dtype.kind == "U" else pa.large_binary()), dtype.str
    if dtype.kind == "O":
        try:
            return pa.array(flat.tolist()), "|O"
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            pass
        hint = "It holds Python objects of several types: make it an array of one type, or put a table."
    elif dtype.names:
        hint = "It is structured: put pandas.DataFrame(array)."
    else:
        hint = "Use a type of 8 to 64 bits: array.astype('f8')."
    raise BridgeError("%s is an array of %s, which cannot cross the bridge. %s" % (name, dtype, hint))


def _put_by_polars(name, array, flat, about):
    pl = library("polars")
    stored, unit = _stored(array.dtype)
    if pl is None or stored is None:
        raise BridgeError("Putting %s needs pyarrow, which this environment does not have: install pyarrow." % name)
    table = pl.DataFrame({"value": flat.view(stored)})

    def write(file, path):
        table.write_ipc(path, compression="uncompressed")

    summary = [{"name": "value", "type": str(table.dtypes[0])}]
    store(name, "array", flat.nbytes + 4096, write, dtype=array.dtype.str, columns=summary, **about)


def put_number(name, value):
    """NaN and the infinities."""
    put(name, needed("numpy", "Putting %r" % value).array(value), "float")


def put_list(name, values):
    """A list whose items are all of one plain type; otherwise False."""
    numpy, first = library("numpy"), type(values[0])
    if numpy is None or first not in (int, float, bool, str) or not all(type(value) is first for value in values):
        return False
    if first is str and library("pyarrow") is None:
        return False
    try:
        array = numpy.array(values, dtype=object if first is str else {int: "i8", float: "f8", bool: "?"}[first])
    except OverflowError:
        return False
    put(name, array, "list")
    return True


def get(name, manifest, file, as_):
    made_by = manifest["made_by"]
    if as_ == "pyarrow":
        return _as_pyarrow(name, manifest, file)
    array = _read(name, manifest, file)
    if as_ is None:
        if made_by == "float" or (not manifest["shape"] and made_by.startswith("rust")):
            return array.reshape(-1)[0].item()
        if made_by == "list" or (made_by.startswith("rust") and array.dtype == object):
            return array.tolist()
        return array
    if as_ == "numpy":
        return array
    library_ = needed(as_, 'as_="%s"' % as_)
    if as_ == "polars":
        return library_.Series("value", array)
    if array.ndim == 1:
        return library_.Series(array, copy=False)
    if array.ndim == 2:
        return library_.DataFrame(array, copy=False)
    raise BridgeError("%s has %d dimensions, a pandas table has two: get it as numpy." % (name, array.ndim))


def _shaped(array, manifest):
    return array.reshape(manifest["shape"], order="F" if manifest.get("fortran") else "C")


def _read(name, manifest, file):
    numpy = needed("numpy", "Getting an array")
    dtype = manifest.get("dtype") or "|O"
    count = math.prod(manifest["shape"])
    if library("pyarrow") is None:
        pl = needed("polars", "Reading an array of the bridge without pyarrow")
        return _shaped(pl.read_ipc(file).to_series(0).to_numpy().view(dtype), manifest)
    mapped = Mapped(file, private=True)
    column = mapped.table.column(0)
    is_bytes = _stored(numpy.dtype(dtype))[0] is not None
    if is_bytes and column.null_count == 0:
        if count == 0:
            return _shaped(numpy.empty(0, dtype=dtype), manifest)
        whole = mapped.array(column, _stored(numpy.dtype(dtype))[0])
        if whole is None:
            parts = [numpy.frombuffer(chunk.buffers()[-1], _stored(numpy.dtype(dtype))[0])[chunk.offset :][: len(chunk)] for chunk in column.chunks]
            whole = numpy.concatenate(parts)
        return _shaped(whole.view(dtype), manifest)
    values = numpy.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return _shaped(values if dtype == "|O" else values.astype(dtype), manifest)


def _as_pyarrow(name, manifest, file):
    pa = needed("pyarrow", 'as_="pyarrow"')
    shape = manifest["shape"]
    if len(shape) > 1:
        return pa.FixedShapeTensorArray.from_numpy_ndarray(_read(name, manifest, file))
    column = Mapped(file, private=False).table.column(0)
    if manifest.get("dtype") == "|b1":
        return column.cast(pa.bool_()).combine_chunks()
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
