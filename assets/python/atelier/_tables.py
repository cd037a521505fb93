"""Tables of pandas, polars and pyarrow: Arrow on the way, and each library's own view of it at the end."""


from atelier._arrow import Mapped, columns, library, needed, write_arrow
from atelier._folder import BridgeError, store


def put_pandas(name, thing):
    import pandas

    pa = needed("pyarrow", "Putting a pandas table")
    made_by, about = "pandas.DataFrame", {}
    if isinstance(thing, pandas.Index):
        thing = thing.to_series(index=range(len(thing)))
    if isinstance(thing, pandas.Series):
        made_by, about = "pandas.Series", {"series": thing.name if isinstance(thing.name, (str, int)) else None}
        thing = thing.to_frame(name="value" if thing.name is None else str(thing.name))
    try:
        table = pa.Table.from_pandas(thing)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise _pandas_problem(name, thing, error, pa) from None
    index = [column for column in table.schema.pandas_metadata["index_columns"] if isinstance(column, str)]
    _store(name, table, made_by, index=index, **about)


def _pandas_problem(name, frame, error, pa):
    """Which column cannot cross, and what to do about it."""
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        return BridgeError("%s has two columns named %r: rename one of them." % (name, twice))
    for column in frame.columns:
        try:
            pa.Array.from_pandas(frame[column])
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as problem:
            kinds = sorted({type(value).__name__ for value in frame[column].head(10_000)})[:5]
            return BridgeError(
                "Column %r of %s has the type %s with values of %s, which Arrow cannot hold (%s). Make them one type, for "
                "example with .astype(str)." % (column, name, frame[column].dtype, ", ".join(kinds), problem)
            )
    return BridgeError("%s cannot cross the bridge as a table: %s" % (name, error))


def put_polars(name, thing):
    import polars as pl

    made_by = "polars.DataFrame"
    if isinstance(thing, pl.LazyFrame):
        thing = thing.collect()
    elif isinstance(thing, pl.Series):
        made_by, thing = "polars.Series", thing.to_frame()
    for column, dtype in thing.schema.items():
        if dtype == pl.Object:
            raise BridgeError(
                "Column %r of %s holds Python objects, which Arrow cannot hold. Make them text, numbers or structs." % (column, name)
            )
    if library("pyarrow") is not None:
        _store(name, thing.to_arrow(compat_level=pl.CompatLevel.newest()), made_by)
        return

    def write(file, path):
        thing.write_ipc(path, compression="uncompressed", compat_level=pl.CompatLevel.newest())

    summary = [{"name": column, "type": str(dtype)} for column, dtype in thing.schema.items()]
    size = int(thing.estimated_size()) + 4096
    store(name, "table", size, write, made_by=made_by, rows=thing.height, columns=summary)


def put_pyarrow(name, thing):
    import pyarrow as pa

    made_by = "pyarrow.Table"
    if isinstance(thing, pa.RecordBatch):
        thing = pa.Table.from_batches([thing])
    elif isinstance(thing, pa.RecordBatchReader):
        thing = thing.read_all()
    elif isinstance(thing, (pa.Array, pa.ChunkedArray)):
        made_by, thing = "pyarrow.ChunkedArray", pa.table({"value": thing})
    _store(name, thing, made_by)


def put_exported(name, thing):
    """Tables of other libraries, by Arrow's own interface."""
    pa = needed("pyarrow", "Putting a table of %s" % type(thing).__module__.partition(".")[0])
    if hasattr(thing, "__arrow_c_stream__"):
        table = pa.table(thing)
    else:
        table = pa.interchange.from_dataframe(thing)
    _store(name, table, "pyarrow.Table")


def _store(name, table, made_by, **about):
    size = table.nbytes + 4096
    store(name, "table", size, write_arrow(table), made_by=made_by, rows=table.num_rows, columns=columns(table), **about)


def get(name, manifest, file, as_):
    wanted = as_ or _natural(manifest["made_by"])
    if library("pyarrow") is None:
        return _get_by_polars(name, manifest, file, wanted)
    needed(wanted, 'as_="%s"' % wanted)
    mapped = Mapped(file, private=wanted in ("pandas", "numpy"))
    if wanted == "pyarrow":
        return mapped.table.column(0) if manifest["made_by"] == "pyarrow.ChunkedArray" else mapped.table
    if wanted == "polars":
        return _to_polars(name, manifest, mapped)
    table = _to_pandas(manifest, mapped) if library("pandas") else None
    if wanted == "pandas":
        return _as_series(manifest, table) if manifest["made_by"].endswith("Series") else table
    return _to_numpy(name, mapped, table)


def _natural(made_by):
    """The library that it came from if this environment has it, else the nearest."""
    own = made_by.partition(".")[0]
    for candidate in (own, "polars", "pandas", "pyarrow"):
        if candidate in ("polars", "pandas", "pyarrow") and library(candidate) is not None:
            return candidate
    return "pyarrow"


def _get_by_polars(name, manifest, file, wanted):
    if wanted != "polars":
        raise BridgeError("Getting %s as %s needs pyarrow, which this environment does not have: install pyarrow." % (name, wanted))
    table = needed("polars", "Reading a table of the bridge").read_ipc(file)
    return table.to_series(0) if manifest["made_by"].endswith("Series") else table


def _to_polars(name, manifest, mapped):
    import polars as pl

    table = mapped.table
    for field in table.schema:
        if _is_lacking(field.type):
            raise BridgeError(
                "Column %r of %s has the type %s, which polars does not have. Cast it before it is put (to text, a duration "
                'or decimal128), or get it with as_="pandas" or as_="pyarrow".' % (field.name, name, field.type)
            )
    try:
        frame = pl.from_arrow(table, rechunk=False)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as error:
        raise BridgeError("%s cannot be read by polars: %s" % (name, error)) from None
    if manifest["made_by"].endswith("Series"):
        return frame.to_series([i for i, column in enumerate(frame.columns) if column not in manifest.get("index", [])][0])
    return frame


def _is_lacking(kind):
    """Types that polars refuses, or panics on."""
    word = str(kind).partition("[")[0].partition("<")[0].partition("(")[0].strip()
    if word in ("decimal256", "month_day_nano_interval", "sparse_union", "dense_union", "run_end_encoded", "list_view", "large_list_view"):
        return True
    return any(_is_lacking(kind.field(i).type) for i in range(kind.num_fields))


def _to_pandas(manifest, mapped):
    """A pandas table over the mapping. Columns of numbers are arrays over it that can be written to."""
    table = mapped.table
    if manifest["made_by"].startswith("pandas"):
        table = _without_masks(table)
    frame = table.to_pandas(split_blocks=True)
    index = set(manifest.get("index", []))
    names = [column for column in table.column_names if column not in index]
    if len(names) != frame.shape[1]:
        return frame
    for position, column in enumerate(names):
        own = _writable(mapped, table.column(column), frame, position) if names.count(column) == 1 else None
        if own is not None:
            frame.isetitem(position, own)
    return frame


def _without_masks(table):
    """pandas marks what is missing in the numbers themselves (NaN, NaT), and Arrow kept those numbers: its own mark is
    not needed, and a column without it need not be copied."""
    import pyarrow as pa

    types = {column["field_name"]: column["numpy_type"] for column in (table.schema.pandas_metadata or {}).get("columns", [])}
    for i, field in enumerate(table.schema):
        column = table.column(i)
        floats = pa.types.is_floating(field.type) and types.get(field.name, "").startswith("float")
        times = pa.types.is_timestamp(field.type) or pa.types.is_duration(field.type)
        if column.null_count and column.num_chunks == 1 and (floats or (times and types.get(field.name, "").endswith("]"))):
            chunk = column.chunk(0)
            bare = pa.Array.from_buffers(chunk.type, len(chunk), [None, chunk.buffers()[1]], null_count=0, offset=chunk.offset)
            table = table.set_column(i, field, bare)
    return table


def _writable(mapped, column, frame, position):
    """The column as a Series over the private mapping, if pandas has the same bytes read-only."""
    import numpy
    import pandas

    dtype = frame.dtypes.iloc[position]
    if column.null_count or not isinstance(dtype, (numpy.dtype, pandas.DatetimeTZDtype)):
        return None
    base = dtype if isinstance(dtype, numpy.dtype) else numpy.dtype("M8[%s]" % dtype.unit)
    if base.kind not in "iufmM" or column.type.bit_width != base.itemsize * 8:
        return None
    if base.kind in "mM" and getattr(column.type, "unit", None) != numpy.datetime_data(base)[0]:
        return None
    values = mapped.array(column, base)
    if values is None:
        return None
    if isinstance(dtype, pandas.DatetimeTZDtype):
        values = pandas.array(values.view("M8[%s]" % dtype.unit), dtype=base, copy=False)
        return pandas.Series(values, index=frame.index, copy=False).dt.tz_localize("UTC").dt.tz_convert(dtype.tz)
    return pandas.Series(values, index=frame.index, copy=False)


def _as_series(manifest, frame):
    series = frame.iloc[:, 0]
    if manifest["made_by"] == "pandas.Series":
        series.name = manifest.get("series")
    return series


def _to_numpy(name, mapped, frame):
    import numpy

    table = mapped.table
    if table.num_columns == 1 and table.column(0).null_count == 0:
        kind = table.column(0).type
        try:
            array = mapped.array(table.column(0), kind.to_pandas_dtype()) if kind.bit_width >= 8 else None
        except (NotImplementedError, ValueError, TypeError):
            array = None
        if array is not None:
            return array
    if frame is None:
        return numpy.column_stack([column.to_numpy(zero_copy_only=False) for column in table.columns])
    return frame.iloc[:, 0].to_numpy() if frame.shape[1] == 1 else frame.to_numpy()
