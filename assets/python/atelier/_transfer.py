"""What can be put and what can be got, kind by kind."""

import json
import math
import sys

from atelier import _arrays, _tables
from atelier._folder import BridgeError, check_name, open_entry, store

WANTED = ("pandas", "polars", "pyarrow", "numpy")
# Shorter lists cross as JSON, longer ones of one type as arrays.
SHORT_LIST = 64


def _is(thing, module, *names):
    """Whether it is of a type of a module that may not be loaded; if it is not, the thing is not of its types."""
    loaded = sys.modules.get(module)
    types = tuple(getattr(loaded, name) for name in names if hasattr(loaded, name)) if loaded else ()
    return isinstance(thing, types) if types else False


def put(name, thing):
    """Gives a name to a table, an array or a plain value, for all other kernels, jobs and notebooks of this studio.

    Tables: pandas (with its index), polars, pyarrow, and all that exports Arrow. Arrays: numpy, of any dimensions.
    Plain values: numbers, text, bytes, None, and lists and dicts of them. What had the name before is replaced; those
    who read it keep it.
    """
    check_name(name)
    if _is(thing, "pandas", "DataFrame", "Series", "Index"):
        _tables.put_pandas(name, thing)
    elif _is(thing, "polars", "DataFrame", "LazyFrame", "Series"):
        _tables.put_polars(name, thing)
    elif _is(thing, "pyarrow", "Table", "RecordBatch", "ChunkedArray", "Array", "RecordBatchReader"):
        _tables.put_pyarrow(name, thing)
    elif _is(thing, "numpy", "ndarray"):
        _arrays.put(name, thing, "numpy.ndarray")
    elif isinstance(thing, (bytes, bytearray, memoryview)):
        view = memoryview(thing)
        store(name, "bytes", view.nbytes, lambda file, path: _write(file, view.cast("B")), made_by="bytes")
    elif hasattr(thing, "__arrow_c_stream__") or hasattr(thing, "__dataframe__"):
        _tables.put_exported(name, thing)
    elif hasattr(thing, "__array__") and not _is(thing, "numpy", "generic"):
        _arrays.put_exported(name, thing)
    else:
        _put_value(name, thing)


def _write(file, view):
    """All of it: a raw file may take less at once."""
    while view.nbytes:
        view = view[file.write(view) :]


def _put_value(name, value):
    if _is(value, "numpy", "generic"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no infinities.
        _arrays.put_number(name, value)
        return
    if isinstance(value, list) and len(value) >= SHORT_LIST and _arrays.put_list(name, value):
        return
    kind = type(value).__name__
    text = json.dumps(_plain(name, value, "it", []), ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    store(name, "value", len(text), lambda file, path: _write(file, memoryview(text)), made_by=kind)


def _plain(name, value, place, above):
    """The value as JSON knows it, or an error that says which part of it is not plain."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise _not_plain(name, place, "is %r, which JSON does not know: put the numbers as a numpy array" % value)
    if _is(value, "numpy", "generic"):
        return _plain(name, value.item(), place, above)
    if any(value is outer for outer in above):
        raise _not_plain(name, place, "contains itself")
    if isinstance(value, (list, tuple)):
        inner = above + [value]
        return [_plain(name, item, "%s[%d]" % (place, i), inner) for i, item in enumerate(value)]
    if isinstance(value, dict):
        inner = above + [value]
        for key in value:
            if not isinstance(key, str):
                raise _not_plain(name, place, "has the key %r: keys must be text" % (key,))
        return {key: _plain(name, item, "%s[%r]" % (place, key), inner) for key, item in value.items()}
    hint = "turn it into text, a number, a list or a dict"
    if type(value).__name__ in ("datetime", "date", "time"):
        hint = "put it as text with .isoformat()"
    elif isinstance(value, (set, frozenset)):
        hint = "put it as a list with sorted()"
    raise _not_plain(name, place, "is of type %s.%s: %s" % (type(value).__module__, type(value).__qualname__, hint))


def _not_plain(name, place, why):
    return BridgeError("%s cannot cross the bridge as a plain value: %s %s." % (name, place, why))


def get(name, as_=None):
    """What has this name now, as it was put, or as "pandas", "polars", "pyarrow" or "numpy".

    Tables and arrays are mapped, not copied. Changing what you get changes nothing for others.
    """
    if as_ is not None and as_ not in WANTED:
        raise BridgeError("as_ is one of %s, or None for what was put; not %r." % (", ".join(map(repr, WANTED)), as_))
    manifest, file = open_entry(name)
    with file:
        kind = manifest["kind"]
        if kind == "bytes":
            return _bytes(name, file, as_)
        if kind == "value":
            return _value(name, manifest, file, as_)
        if kind == "array":
            return _arrays.get(name, manifest, file, as_)
        if kind == "table":
            return _tables.get(name, manifest, file, as_)
    raise BridgeError("%s is of the kind %r, which this version does not know. Restart this kernel." % (name, kind))


def _bytes(name, file, as_):
    data = file.read()
    if as_ is None:
        return data
    if as_ == "numpy":
        import numpy

        return numpy.frombuffer(bytearray(data), dtype="u1")
    raise BridgeError("%s is bytes, not a table: get it without as_." % name)


def _value(name, manifest, file, as_):
    value = json.loads(file.read().decode("utf-8", "surrogatepass"))
    if as_ is None:
        return tuple(value) if manifest["made_by"] == "tuple" else value
    if as_ == "numpy":
        import numpy

        return numpy.asarray(value)
    raise BridgeError("%s is a plain value (%s), not a table: get it without as_." % (name, manifest["made_by"]))
