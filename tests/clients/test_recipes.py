"""The code that recipes export, run in Python: for every example of every transform the Polars and the pandas code give
the panel's table. The code and the tables are committed (see crates/recipe/tests/exported.rs, which proves them fresh).

Cells are compared with their order. Types may differ where pandas has no such type: a whole number may be a float, a
date may be a time at midnight, and NaN is missing.
"""

import functools
import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import polars as pl
import pytest

CRATE = Path(__file__).resolve().parents[2] / "crates" / "recipe"
EXPORTED = CRATE / "tests" / "exported"
EXPECTED = json.loads((EXPORTED / "expected.json").read_text(encoding="utf-8"))


# logarithms of what has none are part of the examples
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def module(name: str):
    spec = importlib.util.spec_from_file_location(name, EXPORTED / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def code():
    before = os.getcwd()
    os.chdir(CRATE)  # the other tables are named from here
    yield {"polars": module("polars_code"), "pandas": module("pandas_code")}
    os.chdir(before)


@functools.cache
def read(library, path: str):
    return library.read_table(path)


def plain(value):
    """A cell as JSON would have it."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return None if math.isnan(value) else float(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    if isinstance(value, str) and len(value) >= 19 and value[4:5] == value[7:8] == "-" and value[10] in " T":
        value = value.replace("T", " ").split(".")[0]
        return value.removesuffix(" 00:00:00")
    return value


def same(left, right) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def columns_of(table) -> dict:
    if isinstance(table, pl.DataFrame):
        return {name: table[name].to_list() for name in table.columns}
    return {name: list(table[name]) for name in table.columns}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_exported_code_gives_the_panels_table(code, library, name):
    expected = EXPECTED[name]
    source = columns_of(read(code["polars"], expected["source"]))
    table = columns_of(getattr(code[library], name)(read(code[library], expected["source"])))
    assert list(table) == list(expected["columns"])
    row_of = {key: row for row, key in enumerate(source.get("id", []))}
    for column, cells in expected["columns"].items():
        if cells is None:  # as in the source's row of the same id
            cells = [source[column][row_of[int(key)]] for key in table["id"]]
        assert len(table[column]) == expected["num_rows"] == len(cells), column
        for row, (left, right) in enumerate(zip(table[column], cells)):
            assert same(plain(left), plain(right)), f"{column}, row {row}: {left!r} is not {right!r}"


@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_both_libraries_agree_on_small_tables(code, num_rows):
    for name, expected in EXPECTED.items():
        if not expected["source"].endswith("people.csv"):
            continue
        in_polars = getattr(code["polars"], name)(read(code["polars"], expected["source"]).slice(7, num_rows))
        in_pandas = getattr(code["pandas"], name)(read(code["pandas"], expected["source"]).iloc[7:7 + num_rows])
        left, right = columns_of(in_polars), columns_of(in_pandas)
        assert list(left) == list(right), name
        for column in left:
            cells = [plain(cell) for cell in left[column]], [plain(cell) for cell in right[column]]
            assert same(*cells), f"{name}, {column}: {cells}"


@pytest.mark.parametrize("name", ["chain", "chain_pandas", "hostile", "hostile_pandas"])
def test_a_whole_program_runs(name):
    done = subprocess.run([sys.executable, EXPORTED / f"{name}.py"], cwd=CRATE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["hostile", "hostile_pandas"])
def test_hostile_names_stay_names(name):
    table = columns_of(module(name).prepare(module("polars_code" if name == "hostile" else "pandas_code").read_table(str(CRATE / "tests/tables/people.csv"))))
    assert list(table) == ["x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e", "^.*$"]
    assert set(table["^.*$"]) == {'\\" + exit(3) + "'}


def test_the_two_libraries_split_alike():
    """The same rows are train and test in both, whatever the library's own generator does."""
    path = str(CRATE / "tests/tables/people.csv")
    in_polars = module("chain").prepare(module("chain").read_table(path))
    in_pandas = module("chain_pandas").prepare(module("chain_pandas").read_table(path))
    assert in_polars["split"].to_list() == list(in_pandas["split"])
    assert {"train", "test"} == set(in_polars["split"])


def test_the_notebook_is_valid_and_runs():
    notebook = nbformat.read(EXPORTED / "chain.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    done = subprocess.run([sys.executable, "-c", code], cwd=CRATE, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_processing_script_prepares_a_folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    people = (CRATE / "tests/tables/people.csv").read_text(encoding="utf-8")
    (tmp_path / "in" / "deep" / "people.csv").write_text(people, encoding="utf-8")
    command = [sys.executable, EXPORTED / "chain_script.py", "--input", tmp_path / "in", "--output", tmp_path / "out"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    table = pl.read_parquet(tmp_path / "out" / "deep" / "people.parquet")
    assert table.height > 0 and "split" in table.columns


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_readers_read_what_was_read(code, library):
    table = columns_of(code[library].read_odd("tests/tables/odd.csv"))
    assert [plain(cell) for cell in table["Preis"]] == [1.5, None, -2.25, 1000.0, None]
    assert [plain(cell) for cell in table["tag"]] == ["2024-02-03", "2024-02-04", None, "2024-02-29", "2024-03-01"]
    assert [plain(cell) for cell in table["note"]] == ["a", "café", None, "x;y", "-"]
    assert [plain(cell) for cell in table["code"]] == ["007", "0042", "100", None, "1"]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_readers_of_every_kind_run(code, library, tmp_path):
    file = tmp_path / "every.csv"
    rows = ["x;x", "x;x", "1;1,5;2024-02-03;yes; a ;007;2024-05-01;18446744073709551615; 2 ;red", "# no row", "2;NA;04.02.2024;F;;1;2024-05-02 11:30;?;NA;"]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    table = columns_of(code[library].read_every(str(file)))
    assert [plain(cell) for cell in table["tag"]] == ["2024-02-03", "2024-02-04"]
    assert [plain(cell) for cell in table["ja"]] == [True, False]
    assert [plain(cell) for cell in table["wann"]] == ["2024-05-01", "2024-05-02 11:30:00"]
    assert int(table["n"][0]) == 2**64 - 1 and plain(table["n"][1]) is None
    assert [plain(cell) for cell in table["m"]] == [2.0, None] and [plain(cell) for cell in table["c"]] == ["red", None]
