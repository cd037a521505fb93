"""Arrow files: written in one pass, mapped when read; by pyarrow, or by polars where there is no pyarrow."""

import importlib
import mmap

from atelier._folder import BridgeError


def library(name):
    """The library if this environment has it, else None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def needed(name, what):
    found = library(name)
    if found is None:
        raise BridgeError("%s needs %s, which this environment does not have: install %s." % (what, name, name))
    return found


class Mapped:
    """An Arrow file in memory, shared with all who read it.

    A private mapping can be written to: the pages that are written become this process's own. So arrays over it behave
    as if they had been copied, and cost nothing until they are changed.
    """

    def __init__(self, file, private):
        access = mmap.ACCESS_COPY if private else mmap.ACCESS_READ
        self.memory = mmap.mmap(file.fileno(), 0, access=access)
        pa = needed("pyarrow", "Reading a table of the bridge")
        buffer = pa.py_buffer(self.memory)
        self.address = buffer.address
        self.table = pa.ipc.open_file(pa.BufferReader(buffer)).read_all()

    def array(self, column, dtype):
        """The values of a column as an array over the mapping, or None where they are not there in one piece."""
        import numpy

        if column.num_chunks != 1:
            return None
        chunk = column.chunk(0)
        buffer = chunk.buffers()[-1]
        dtype = numpy.dtype(dtype)
        if buffer is None or len(chunk) == 0:
            return None
        start = buffer.address - self.address + chunk.offset * dtype.itemsize
        if start < 0 or start + len(chunk) * dtype.itemsize > len(self.memory):
            return None
        return numpy.frombuffer(self.memory, dtype=dtype, count=len(chunk), offset=start)


def write_arrow(table):
    """For `store`: writes a pyarrow table."""

    def write(file, path):
        import pyarrow as pa

        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)

    return write


def columns(table):
    """The manifest's summary of a pyarrow table."""
    return [{"name": field.name, "type": str(field.type)} for field in table.schema]
