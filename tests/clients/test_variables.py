"""What the variables pane is told: everything worth knowing, without running anybody's code."""

import json
import sys
import types

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atelier_bridge
from atelier import _variables


def look(value) -> dict:
    (found,) = _variables.variables({"x": value}).found
    assert found["name"] == "x" and len(found["preview"]) <= 120
    json.dumps(found)
    return found


def check(value, kind: str, shape: str, preview: str, is_table: bool = False, num_bytes: int | None = None) -> None:
    found = look(value)
    assert (found["kind"], found["shape"], found["preview"], found["is_table"]) == (kind, shape, preview, is_table)
    assert num_bytes is None or found["num_bytes"] == num_bytes


def test_plain_values():
    check(3, "int", "", "3")
    check(True, "bool", "", "True")
    check(None, "NoneType", "", "None")
    check("a\nb", "str", "", "'a\\nb'")
    check([1, "a", [2, [3, [4]]]], "list", "3 items", "[1, 'a', [2, [3, […]]]]")
    check({"a": (1,)}, "dict", "1 item", "{'a': (1)}")
    check(range(5), "range", "5 items", "range(0, 5)")
    check(10**5000, "int", "", "an integer of 16610 bits")


def test_tables():
    check(pd.DataFrame({"a": np.zeros(2000), "b": 1}), "DataFrame", "2,000 × 2", "['a', 'b']", True, 2000 * 16 + 132)
    check(pd.Series([1, 2]), "Series", "2 rows", "[1, 2]", True)
    check(pl.DataFrame({"a": [1], "b": ["x"]}), "DataFrame", "1 × 2", "['a', 'b']", True)
    check(pl.LazyFrame({"a": [1]}), "LazyFrame", "", "not computed yet", True)
    check(pa.table({"a": [1, 2]}), "Table", "2 × 1", "['a']", True, 16)


def test_arrays():
    check(np.zeros((3, 4), "f4"), "ndarray", "3 × 4", "float32 [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]", True, 48)
    check(np.zeros((2, 2, 2)), "ndarray", "2 × 2 × 2", "float64 [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]", False, 64)
    check(np.float32(1.5), "float32", "", "1.5", False, 4)


def test_modules_functions_classes_and_private_names_are_left_out():
    names = {"m": sys, "f": lambda: 1, "p": print, "C": dict, "_a": 1, "In": [], "exit": 1, "kept": 1, 7: 1}
    assert [found["name"] for found in _variables.variables(names).found] == ["kept"]


class Hostile:
    """Every look at it is a bug of ours."""

    def __getattribute__(self, name):
        raise AssertionError(name)

    __repr__ = __str__ = __len__ = __iter__ = __bool__ = __sizeof__ = __hash__ = __eq__ = __lt__ = __getattribute__


class HostileFrame(pd.DataFrame):
    @property
    def shape(self):
        raise AssertionError("shape")

    def memory_usage(self, *_, **__):
        raise AssertionError("memory_usage")

    def __repr__(self):
        raise AssertionError("repr")


class HostileList(list):
    def __len__(self):
        raise AssertionError("len")

    __iter__ = __repr__ = __len__


class HostileMeta(type):
    def __getattribute__(cls, name):
        raise AssertionError(name)


class OfHostileMeta(metaclass=HostileMeta):
    pass


def test_objects_that_break_when_looked_at_are_listed():
    check(Hostile(), "Hostile", "", "")
    check(HostileList([1]), "HostileList", "", "")
    check(OfHostileMeta(), "OfHostileMeta", "", "")
    check([Hostile(), 1], "list", "2 items", "[<Hostile>, 1]")
    check({"k": HostileList([1])}, "dict", "1 item", "{'k': <HostileList>}")
    array = np.empty(1, dtype=object)
    array[0] = Hostile()
    check(array, "ndarray", "1", "object")
    assert look(pd.Series([Hostile()], dtype=object))["preview"] == "[<Hostile>]"
    assert look(HostileFrame({"a": [1, 2]}))["kind"] == "HostileFrame"


def test_a_name_that_is_no_text_and_a_loop_do_no_harm():
    loop: list = []
    loop.append(loop)
    check(loop, "list", "1 item", "[[[[…]]]]")


def test_many_variables_are_cut_off():
    names = {f"v{i:05}": i for i in range(5000)}
    assert len(_variables.variables(names).found) == _variables.LIMIT


def test_when_time_is_up_the_rest_is_listed_by_kind(monkeypatch):
    monkeypatch.setattr(_variables, "BUDGET_S", -1)
    check([1], "list", "", "")


def test_a_kernel_is_answered_with_json():
    shown = atelier_bridge.variables()
    data = shown._repr_mimebundle_()
    assert isinstance(data["application/json"], list) and data["text/plain"].endswith("variables")


def test_a_package_installed_meanwhile_is_found(tmp_path, monkeypatch):
    finders = [finder for finder in sys.meta_path if type(finder).__name__ == "_NewPackages"]
    assert len(finders) == 1
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError):
        __import__("brought_by_uv")
    (tmp_path / "brought_by_uv.py").write_text("answer = 42")
    module = __import__("brought_by_uv")
    assert isinstance(module, types.ModuleType) and module.answer == 42
