"""The bridge: named tables, arrays and values that kernels, notebooks, jobs and the data explorer hand to each other.

    import atelier

    atelier.put("flights", df)                   # here, in Python ...
    df = atelier.get("flights")                  # ... there, in another notebook, a job, or a Rust cell
    df = atelier.get("flights", as_="polars")    # as something else than it was put

Tables and arrays are written once, as Arrow in memory that all share, and mapped when they are read: what a table
costs to read does not grow with it. `crates/bridge` is the same in Rust and describes the files.
"""

from atelier._folder import BridgeError, delete, info, names
from atelier._transfer import get, put

__all__ = ["BridgeError", "delete", "get", "info", "names", "put"]
