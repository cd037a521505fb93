"""What a notebook has in memory by name, told without running anybody's code.

A class of the user's may have a `__repr__`, a `__len__` or even a `__class__` that raises, sleeps or opens a socket. So
nothing of an unknown class is called: its kind is told by its type, and only types of Python itself and of well-known
libraries are looked into, through their own functions.
"""

import sys
import time
import types

LIMIT = 2000
PREVIEW = 120
# Seconds after which the rest is listed by name and kind only.
BUDGET_S = 0.25
_name_of = type.__dict__["__name__"].__get__
_module_of = type.__dict__["__module__"].__get__
_HIDDEN = {"In", "Out", "exit", "quit", "get_ipython", "open"}
_SKIPPED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)


class Variables:
    """Shows itself to the kernel's front end as JSON."""

    def __init__(self, found):
        self.found = found

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"application/json": self.found, "text/plain": "%d variables" % len(self.found)}


def variables(names=None):
    """The user's variables, sorted by name: a list of {name, kind, shape, num_bytes, preview, is_table}."""
    hidden = {}
    if names is None:
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        names = shell.user_ns if shell is not None else vars(sys.modules["__main__"])
        hidden = getattr(shell, "user_ns_hidden", {})
    end = time.monotonic() + BUDGET_S
    found = []
    for name, value in _sorted(names):
        if name.startswith("_") or name in _HIDDEN or (name in hidden and hidden[name] is value):
            continue
        if issubclass(type(value), _SKIPPED):
            continue
        found.append(_describe(name, value, time.monotonic() < end))
        if len(found) == LIMIT:
            break
    return Variables(found)


def _sorted(names):
    """By name only: values need not have an order."""
    return sorted(((name, value) for name, value in list(names.items()) if type(name) is str), key=lambda pair: pair[0])


def _describe(name, value, fully):
    kind = type(value)
    about = {"name": name, "kind": _name_of(kind), "shape": "", "num_bytes": None, "preview": "", "is_table": False}
    if fully:
        try:
            about.update(_look(kind, value) or {})
        except Exception:  # a broken object is listed by its kind
            pass
    about["preview"] = about["preview"][:PREVIEW]
    return about


def _look(kind, value):
    for base, look in _PLAIN:
        if kind is base:
            return look(value)
    # The libraries that are loaded: nothing is imported for this.
    for ancestor in kind.__mro__:
        look = _KNOWN.get((_module_of(ancestor).partition(".")[0], _name_of(ancestor)))
        if look is not None:
            return look(ancestor, value)
    return None


# ---- Python's own


def _number(value):
    if type(value) is int and value.bit_length() > 400:
        return {"preview": "an integer of %d bits" % value.bit_length(), "num_bytes": sys.getsizeof(value)}
    return {"preview": repr(value), "num_bytes": sys.getsizeof(value)}


def _text(value):
    return {"preview": repr(value[:PREVIEW]), "num_bytes": sys.getsizeof(value)}


def _items(value):
    count = len(value)
    shape = "1 item" if count == 1 else "{:,} items".format(count)
    return {"shape": shape, "num_bytes": sys.getsizeof(value), "preview": _short(value, 3)}


_PLAIN = [(kind, _number) for kind in (int, float, bool, complex, type(None))]
_PLAIN += [(kind, _text) for kind in (str, bytes, bytearray)]
_PLAIN += [(kind, _items) for kind in (list, tuple, dict, set, frozenset)]
_PLAIN += [(range, lambda value: {"preview": repr(value), "shape": "{:,} items".format(len(value))})]
_MARKS = {list: "[]", tuple: "()", dict: "{}", set: "{}", frozenset: "{}"}


def _short(value, depth):
    """A value's first characters; what is not Python's own is told by its kind."""
    kind = type(value)
    if kind in (float, bool, complex, type(None)) or (kind is int and value.bit_length() <= 400):
        return repr(value)
    if kind in (str, bytes):
        return repr(value[:40]) + ("…" if len(value) > 40 else "")
    if kind not in _MARKS:
        return "<%s>" % _name_of(kind)
    first, last = _MARKS[kind]
    if depth == 0:
        return first + "…" + last
    parts, length = [], 0
    for item in value.items() if kind is dict else value:
        part = "%s: %s" % (_short(item[0], 1), _short(item[1], depth - 1)) if kind is dict else _short(item, depth - 1)
        parts.append(part)
        length += len(part) + 2
        if length > PREVIEW or len(parts) == 20:
            break
    if len(parts) < len(value):
        parts.append("…")
    return first + ", ".join(parts) + last


# ---- libraries: `base` is the library's class, whose own functions are called, not a subclass's


def _grid(rows, columns):
    return "{:,} × {:,}".format(rows, columns)


def _pandas_frame(base, value):
    names = base.columns.__get__(value)
    shape = base.shape.__get__(value)
    size = int(base.memory_usage(value, index=True, deep=False).sum())
    return {"shape": _grid(*shape), "num_bytes": size, "preview": _short(list(names[:20]), 2), "is_table": True}


def _pandas_series(base, value):
    size = int(base.memory_usage(value, index=True, deep=False))
    first = base.head(value, 5).tolist()
    return {"shape": "{:,} rows".format(len(value)), "num_bytes": size, "preview": _short(first, 2), "is_table": True}


def _pandas_index(base, value):
    return {"shape": "{:,} rows".format(len(value)), "num_bytes": int(base.memory_usage(value, deep=False)), "preview": _short(value[:5].tolist(), 2)}


def _polars_frame(base, value):
    names = base.columns.__get__(value)
    return {
        "shape": _grid(*base.shape.__get__(value)),
        "num_bytes": int(base.estimated_size(value)),
        "preview": _short(list(names[:20]), 2),
        "is_table": True,
    }


def _polars_series(base, value):
    size = int(base.estimated_size(value))
    return {"shape": "{:,} rows".format(base.len(value)), "num_bytes": size, "preview": _short(base.head(value, 5).to_list(), 2), "is_table": True}


def _polars_lazy(base, value):
    return {"preview": "not computed yet", "is_table": True}


def _arrow_table(base, value):
    names = value.schema.names[:20]
    return {"shape": _grid(value.num_rows, value.num_columns), "num_bytes": int(value.nbytes), "preview": _short(list(names), 2), "is_table": True}


def _arrow_array(base, value):
    return {"shape": "{:,} rows".format(len(value)), "num_bytes": int(value.nbytes), "preview": _short(value[:5].to_pylist(), 2), "is_table": True}


def _numpy_array(base, value):
    shape = base.shape.__get__(value)
    dtype = base.dtype.__get__(value)
    first = ""
    if dtype.kind in "biufcmMSU":
        first = " " + _short([_plain_number(item) for item in base.flat.__get__(value)[:6].tolist()], 2)
    return {
        "shape": " × ".join("{:,}".format(length) for length in shape),
        "num_bytes": int(base.nbytes.__get__(value)),
        "preview": str(dtype) + first,
        "is_table": len(shape) in (1, 2) and dtype.kind in "biufmMU",
    }


def _plain_number(item):
    return item if type(item) in (int, float, bool, complex, str, bytes) else str(item)


def _numpy_scalar(base, value):
    return {"preview": str(value.item()) if value.dtype.kind in "biufc" else "", "num_bytes": int(value.nbytes)}


def _tensor(base, value):
    shape = base.shape.__get__(value)
    size = base.element_size(value) * base.nelement(value)
    return {
        "shape": " × ".join("{:,}".format(length) for length in shape),
        "num_bytes": int(size),
        "preview": "%s on %s" % (base.dtype.__get__(value), base.device.__get__(value)),
    }


_KNOWN = {
    ("pandas", "DataFrame"): _pandas_frame,
    ("pandas", "Series"): _pandas_series,
    ("pandas", "Index"): _pandas_index,
    ("polars", "DataFrame"): _polars_frame,
    ("polars", "Series"): _polars_series,
    ("polars", "LazyFrame"): _polars_lazy,
    ("pyarrow", "Table"): _arrow_table,
    ("pyarrow", "RecordBatch"): _arrow_table,
    ("pyarrow", "ChunkedArray"): _arrow_array,
    ("pyarrow", "Array"): _arrow_array,
    ("numpy", "ndarray"): _numpy_array,
    ("numpy", "generic"): _numpy_scalar,
    ("torch", "Tensor"): _tensor,
}
