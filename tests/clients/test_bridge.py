"""The bridge: what Python puts, Python and Rust get, and the other way round, without a copy that grows."""

import datetime
import decimal
import json
import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest

import atelier
from atelier import BridgeError

PEER = Path(os.environ["ATELIER_BIN"]).parent / "examples" / "bridge_peer"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("ATELIER_BRIDGE", str(tmp_path / "bridge"))
    monkeypatch.setenv("JPY_SESSION_NAME", "n.ipynb")
    return tmp_path / "bridge"


def rust(*arguments: str) -> str:
    """Runs the Rust side; see crates/bridge/examples/bridge_peer.rs."""
    done = subprocess.run([PEER, *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise BridgeError(done.stderr.strip())
    return done.stdout


def is_mapped(address: int, folder: Path) -> bool:
    """Whether memory at this address is a file of the bridge."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        first, last = (int(part, 16) for part in line.split()[0].split("-"))
        if first <= address < last:
            return str(folder) in line
    return False


BERLIN = "Europe/Berlin"
FRAMES = {
    "numbers": pd.DataFrame({"i": [1, 2, 3], "f": [0.5, np.nan, math.inf], "u": np.array([1, 2, 3], "u1"), "b": [True, False, True]}),
    "texts": pd.DataFrame({"s": ["a", None, "ü" * 40], "c": pd.Categorical(["x", None, "y"], categories=["y", "x", "z"], ordered=True)}),
    "times": pd.DataFrame(
        {
            "t": pd.to_datetime(["2024-01-01", None, "1999-12-31 23:59:59.123456"], format="ISO8601"),
            "z": pd.date_range("2024-03-30", periods=3, freq="12h", tz=BERLIN),
            "d": pd.to_timedelta([1, None, 3], unit="s"),
        }
    ),
    "index": pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])),
    "text index": pd.DataFrame({"v": [1, 2]}, index=["r1", "r2"]),
    "number columns": pd.DataFrame([[1, 2], [3, 4]]),
    "column levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("b", "y")])),
    "empty": pd.DataFrame({"i": pd.Series([], dtype="i8"), "s": pd.Series([], dtype="str"), "t": pd.Series([], dtype="M8[ns]")}),
    "no columns": pd.DataFrame(index=range(3)),
    "nullable": pd.DataFrame({"i": pd.array([1, None, 3], dtype="Int64"), "b": pd.array([True, None, False], dtype="boolean")}),
    "nested": pd.DataFrame({"l": [[1, 2], None, []], "o": [{"a": 1}, {"a": 2}, None]}),
    "decimals": pd.DataFrame({"m": [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]}),
    "periods": pd.DataFrame({"p": pd.period_range("2024-01", periods=3, freq="M")}),
}


@pytest.mark.parametrize("case", FRAMES)
def test_pandas_comes_back_as_it_was(case):
    atelier.put("df", FRAMES[case])
    got = atelier.get("df")
    expected = FRAMES[case]
    if case == "nested":  # lists come back as arrays
        got, expected = got.map(_plain), expected.map(_plain)
    pd.testing.assert_frame_equal(got, expected)


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


POLARS = {
    "numbers": pl.DataFrame({"i": [1, None, 3], "f": [0.5, math.nan, None], "b": [True, None, False]}, schema_overrides={"f": pl.Float32}),
    "widths": pl.DataFrame({str(t): [0, 1, None] for t in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)}).select(
        pl.col(str(t)).cast(t) for t in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
    ),
    "texts": pl.DataFrame({"s": ["a", None, "ü" * 40, ""], "x": [b"\0", None, b"", b"b" * 40]}),
    "categories": pl.DataFrame({"c": ["x", None, "y"], "e": ["b", "a", None]}).with_columns(
        pl.col("c").cast(pl.Categorical), pl.col("e").cast(pl.Enum(["a", "b"]))
    ),
    "times": pl.DataFrame(
        {
            "d": [datetime.date(2024, 2, 29), None],
            "t": [datetime.time(23, 59, 59, 1), None],
            "z": pl.Series([datetime.datetime(2024, 7, 1), None]).dt.replace_time_zone(BERLIN),
            "n": pl.Series([datetime.datetime(2024, 7, 1), None]).cast(pl.Datetime("ns")),
            "w": [datetime.timedelta(days=1, microseconds=3), None],
        }
    ),
    "nested": pl.DataFrame({"l": [[[1], []], None, [[None, 2]]], "s": [{"a": 1, "b": ["x"]}, {"a": None, "b": []}, None]}),
    "arrays": pl.DataFrame({"a": pl.Series([[1.0, 2.0], [3.0, 4.0]], dtype=pl.Array(pl.Float64, 2))}),
    "decimals": pl.DataFrame({"m": [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")]}),
    "nothing": pl.DataFrame({"n": [None, None]}),
    "empty": pl.DataFrame(schema={"i": pl.Int64, "s": pl.String, "c": pl.Categorical, "l": pl.List(pl.String), "z": pl.Datetime("us", BERLIN)}),
    "no columns": pl.DataFrame(),
}


@pytest.mark.parametrize("case", POLARS)
def test_polars_comes_back_as_it_was(case):
    atelier.put("df", POLARS[case])
    pl.testing.assert_frame_equal(atelier.get("df"), POLARS[case])


@pytest.mark.parametrize("case", POLARS)
def test_polars_crosses_rust_as_it_was(case):
    """Rust maps what Python put and puts it again."""
    atelier.put("df", POLARS[case])
    rust("copy", "df", "copy")
    got = atelier.get("copy", as_="polars")
    pl.testing.assert_frame_equal(got, POLARS[case])


CROSSING = [case for case in FRAMES if case not in ("number columns", "column levels", "no columns", "periods")]


@pytest.mark.parametrize("case", CROSSING)
def test_pandas_crosses_rust(case):
    atelier.put("df", FRAMES[case])
    rust("copy", "df", "copy")
    expected = pl.from_arrow(atelier.get("df", as_="pyarrow"))
    got = atelier.get("copy", as_="polars")
    assert got.columns == expected.columns
    assert got.rows() == expected.rows()
    assert len(atelier.get("copy", as_="pandas")) == len(FRAMES[case])


def test_pyarrow_comes_back_as_it_was():
    table = pa.table({"a": [1, None], "u": pa.array(["x", "y"]).dictionary_encode()}).replace_schema_metadata({"k": "v"})
    for thing in (table, table.to_batches()[0]):
        atelier.put("t", thing)
        assert atelier.get("t").equals(table) and atelier.get("t").schema.metadata == {b"k": b"v"}
    atelier.put("t", table["a"])
    assert atelier.get("t").to_pylist() == [1, None]


def test_series_and_lazy_frames():
    series = pd.Series([1.5, 2.5], index=["a", "b"], name="x")
    atelier.put("s", series)
    pd.testing.assert_series_equal(atelier.get("s"), series)
    assert atelier.get("s", as_="polars").to_list() == [1.5, 2.5]
    atelier.put("s", pd.Series([1]))
    assert atelier.get("s").name is None
    atelier.put("s", pl.Series("y", [1, None]))
    assert atelier.get("s").to_list() == [1, None] and atelier.get("s").name == "y"
    atelier.put("s", pl.LazyFrame({"a": [1]}).select(pl.col("a") + 1))
    assert atelier.get("s")["a"].to_list() == [2]


ARRAYS = {
    "f8": np.arange(24.0).reshape(2, 3, 4),
    "f4 fortran": np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)),
    "strided": np.arange(20)[::3],
    "bool": np.array([[True, False], [False, True]]),
    "f2": np.array([0.5, 1.5], "f2"),
    "complex": np.array([1 + 2j, 3 - 4j]),
    "big endian": np.arange(3, dtype=">i4"),
    "scalar": np.array(7, "i2"),
    "empty": np.empty((0, 3)),
    "dates": np.array(["2024-01-01", "NaT"], "M8[D]"),
    "times": np.array(["2024-01-01T00:00:01", "NaT"], "M8[ns]"),
    "durations": np.array([1, 2], "m8[ms]"),
    "texts": np.array([["a", "bb"], ["", "ü"]]),
    "bytes": np.array([b"a", b"bc"]),
    "objects": np.array(["a", None, "b"], dtype=object),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_numpy_comes_back_as_it_was(case):
    array = ARRAYS[case]
    atelier.put("a", array)
    got = atelier.get("a")
    assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize("case", ["f8", "f4 fortran", "bool", "strided", "texts", "empty", "scalar"])
def test_numpy_crosses_rust(case):
    array = ARRAYS[case]
    kind = {"f8": "f64", "f4 fortran": "f32", "bool": "bool", "strided": "i64", "texts": "text", "empty": "f64", "scalar": "i16"}[case]
    atelier.put("a", array)
    rust("array", kind, "a", "b")
    got = np.array(atelier.get("b"), dtype=array.dtype)
    assert got.shape == array.shape
    np.testing.assert_array_equal(got, array)


VALUES = {
    "int": 3,
    "large int": 2**53 + 1,
    "float": 2.5,
    "nan": math.nan,
    "infinity": -math.inf,
    "bool": True,
    "none": None,
    "text": "Grüße\n\0\u2028",
    "bytes": bytes(range(256)),
    "list": [1, "a", None, [2.5]],
    "dict": {"a": {"b": [1, 2]}, "": None},
    "tuple": (1, 2),
    "long list": list(range(1000)),
    "long texts": ["x"] * 100,
    "numpy number": np.float64(0.25),
}


@pytest.mark.parametrize("case", VALUES)
def test_values_come_back_as_they_were(case):
    value = VALUES[case]
    atelier.put("v", value)
    got = atelier.get("v")
    assert got == value or (math.isnan(value) and math.isnan(got))
    assert case == "numpy number" or type(got) is type(value)


@pytest.mark.parametrize("case", [case for case in VALUES if case not in ("nan", "infinity", "bytes", "long list", "long texts")])
def test_values_cross_rust(case):
    value = VALUES[case]
    atelier.put("v", value)
    rust("value", "v", "w")
    assert atelier.get("w") == (list(value) if isinstance(value, tuple) else value)


def test_rust_puts_what_python_gets():
    rust("make")
    assert atelier.get("floats").tolist() == [1.5, -2.0]
    assert atelier.get("texts") == ["a", "ü"]
    assert atelier.get("holes") == [1, None]
    assert atelier.get("flags") == [True, False]
    assert atelier.get("matrix").tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (atelier.get("pi"), atelier.get("count"), atelier.get("word")) == (3.5, 7, "seven")
    assert atelier.get("config") == {"depth": 3, "names": ["a", "b"]}
    assert atelier.get("raw") == b"\x00\x01"
    table = atelier.get("table")
    assert isinstance(table, pl.DataFrame) and table.rows() == [(1, "a"), (2, None)]
    assert atelier.info("table")["producer"]["language"] == "rust"
    pd.testing.assert_frame_equal(atelier.get("table", as_="pandas"), pd.DataFrame({"n": [1, 2], "s": ["a", None]}))


MILLION = 1_000_000


def test_a_million_rows_are_mapped_not_copied(folder):
    frame = pd.DataFrame(
        {
            "i": np.arange(MILLION),
            "f": np.where(np.arange(MILLION) % 7 == 0, np.nan, 0.5),
            "t": np.arange(MILLION).astype("M8[us]"),
            "s": np.char.add("row number ", np.arange(MILLION).astype("U7")),
        }
    )
    frame["z"] = frame["t"].dt.tz_localize("UTC")
    atelier.put("df", frame)
    del frame["s"]
    got = atelier.get("df")
    texts = got.pop("s")
    pd.testing.assert_frame_equal(got, frame)
    for column in ("i", "f", "t"):
        assert is_mapped(got[column].to_numpy().ctypes.data, folder), column
    assert is_mapped(texts.array.__arrow_array__().chunk(0).buffers()[2].address, folder)
    for column in atelier.get("df", as_="pyarrow").columns:
        assert is_mapped(column.chunk(0).buffers()[-1].address, folder)
    polars = atelier.get("df", as_="polars")
    assert is_mapped(polars["i"].to_numpy(allow_copy=False).ctypes.data, folder)
    atelier.put("df", polars)
    assert is_mapped(atelier.get("df")["i"].to_numpy(allow_copy=False).ctypes.data, folder)
    assert json.loads(rust("mapped", "df")) == {"rows": MILLION, "mapped": ["i", "f", "t", "s", "z"]}
    array = np.arange(MILLION, dtype="f4").reshape(1000, 1000)
    atelier.put("a", array)
    assert is_mapped(atelier.get("a").ctypes.data, folder)
    rust("copy", "df", "df2")
    assert is_mapped(atelier.get("df2", as_="pandas")["i"].to_numpy().ctypes.data, folder)


def test_what_is_got_can_be_changed_and_changes_nothing_for_others():
    atelier.put("df", FRAMES["times"].assign(i=[1, 2, 3], f=[0.5, np.nan, 1], s=["a", "b", "c"]))
    atelier.put("a", np.zeros(4))
    changed, other = atelier.get("df"), atelier.get("df")
    changed.loc[0, ["i", "f", "s"]] = [9, 9.0, "z"]
    changed.loc[0, "z"] = changed.loc[1, "z"]
    changed.loc[0, "t"] = pd.Timestamp("2000-01-01")
    array = atelier.get("a")
    array[0] = 5
    assert (changed.loc[0, "i"], array[0]) == (9, 5)
    pd.testing.assert_frame_equal(other, atelier.get("df"))
    assert other.loc[0, "i"] == 1 and atelier.get("a")[0] == 0


def test_a_reader_keeps_what_it_has():
    atelier.put("df", FRAMES["numbers"])
    got = atelier.get("df", as_="pyarrow")
    atelier.put("df", {"another": "thing"})
    atelier.delete("df")
    assert got["i"].to_pylist() == [1, 2, 3]


# ---- errors that teach


def check(error_text: str, action, *arguments, **named) -> None:
    with pytest.raises(BridgeError) as caught:
        action(*arguments, **named)
    assert error_text in str(caught.value), str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", "/etc/passwd", "a b", "1a", "a..b", "a\0", "a\n", "x" * 121, "-a", "a~b", 3, None])
def test_names_are_never_paths(name, folder, tmp_path):
    for action in (atelier.get, atelier.delete, atelier.info, lambda name: atelier.put(name, 1)):
        check("name on the bridge", action, name)
    if isinstance(name, str) and "\0" not in name:
        check("cannot be a name", rust, "copy", name, "a")
    assert not folder.exists() or os.listdir(folder) == []
    assert os.listdir(tmp_path) in ([], ["bridge"])


def test_an_unknown_name_lists_near_ones():
    check("The bridge is empty", atelier.get, "flights")
    atelier.put("flights", 1)
    atelier.put("weather.daily", 1)
    for action in (atelier.get, lambda name: rust("copy", name, "x")):
        check("Nothing on the bridge is named flight. There is flights.", action, "flight")
        check("There is flights, weather.daily.", action, "zzz")
    assert atelier.names() == ["flights", "weather.daily"] == json.loads(rust("names"))


def stale(folder: Path, change) -> None:
    atelier.put("df", FRAMES["numbers"])
    change(folder / atelier.info("df")["data"])
    for action in (atelier.get, lambda name: rust("copy", name, "x")):
        check("df on the bridge is stale", action, "df")
        check("Put it again in n.ipynb.", action, "df")
    atelier.put("df", FRAMES["numbers"])
    assert len(atelier.get("df")) == 3


def test_data_that_was_cut_replaced_or_removed_is_stale(folder):
    stale(folder, lambda path: os.truncate(path, 100))
    stale(folder, lambda path: path.write_bytes(b"something else"))
    stale(folder, lambda path: path.unlink())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"version":1}', b'{"version":1,"data":"../x","num_bytes":1}', b"\xff" * 10])
def test_a_broken_manifest_is_stale(text, folder):
    atelier.put("df", 1)
    (folder / "df.json").write_bytes(text)
    for action in (atelier.get, lambda name: rust("copy", name, "x")):
        check("df on the bridge is stale", action, "df")


def test_a_dead_producer_matters_only_when_its_data_is_gone(folder):
    code = "import atelier; atelier.put('df', [1, 2])"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert atelier.get("df") == [1, 2] and not atelier.info("df")["producer"]["alive"]
    (folder / atelier.info("df")["data"]).unlink()
    for action in (atelier.get, lambda name: rust("value", name, "x")):
        check("The python process that put it has ended: run the cell that puts it in n.ipynb again.", action, "df")


def test_a_newer_version_says_so(folder):
    atelier.put("df", 1)
    path = folder / "df.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99, "kind": "hologram"}))
    for action in (atelier.get, lambda name: rust("copy", name, "x")):
        check("newer version of Atelier (format 99", action, "df")


def test_types_that_the_other_side_lacks_are_named():
    atelier.put("t", pa.table({"ok": [1], "i": pa.array([(1, 2, 3)], pa.month_day_nano_interval())}))
    check("Column 'i' of t has the type month_day_nano_interval, which polars does not have. Cast it", atelier.get, "t", as_="polars")
    check('Column "i" of t has the type month_day_nano_interval, which does not exist here. Cast it', rust, "copy", "t", "x")
    atelier.put("t", pa.table({"d": pa.array([decimal.Decimal(10**60)], pa.decimal256(70, 2))}))
    check("Cast it to decimal128", rust, "copy", "t", "x")
    atelier.put("a", ARRAYS["f2"])
    check('array.astype("f4")', rust, "array", "f64", "a", "b")
    atelier.put("a", ARRAYS["complex"])
    check("real and imaginary parts", rust, "array", "f64", "a", "b")
    atelier.put("a", np.array([1.5]))
    check("a column of f64, not Vec<i64>", rust, "array", "i64", "a", "b")
    check("as numpy", lambda: atelier.put("a", ARRAYS["f8"]) or atelier.get("a", as_="pandas"))
    atelier.put("v", 1)
    check("is a plain value (int), not a table", rust, "copy", "v", "x")


def test_what_cannot_cross_says_why():
    check("it['when'] is of type datetime.datetime: put it as text with .isoformat()", atelier.put, "v", {"when": datetime.datetime(2024, 1, 1)})
    check("it[1] is of type builtins.set", atelier.put, "v", [1, {2}])
    check("keys must be text", atelier.put, "v", {1: 2})
    check("it[0] is nan", atelier.put, "v", [math.nan])
    loop = []
    loop.append(loop)
    check("contains itself", atelier.put, "v", loop)
    check("of type", atelier.put, "v", object())
    check("Column 'x' of df", atelier.put, "df", pd.DataFrame({"a": [1, 2], "x": [1, "a"]}))
    check("two columns named 'a'", atelier.put, "df", pd.DataFrame([[1, 2]], columns=["a", "a"]))
    check("holds Python objects", atelier.put, "df", pl.DataFrame({"o": [object()]}))
    check("structured", atelier.put, "a", np.zeros(2, [("x", "f8")]))
    check("as_ is one of", atelier.get, "v", as_="excel")
    assert atelier.names() == []


def test_without_a_studio_it_says_so(monkeypatch):
    monkeypatch.delenv("ATELIER_BRIDGE")
    for action in (atelier.get, atelier.delete, lambda name: rust("copy", name, "x")):
        check("ATELIER_BRIDGE is not set", action, "df")


# ---- room


def test_the_least_recently_read_makes_room(monkeypatch):
    monkeypatch.setenv("ATELIER_BRIDGE_BUDGET", "100000")
    for name in ("a", "b"):
        atelier.put(name, np.zeros(5000))
    atelier.get("a")
    atelier.put("c", np.zeros(5000))
    assert atelier.names() == ["a", "c"]
    for action in (atelier.get, lambda name: rust("copy", name, "x")):
        check("b was dropped from the bridge to make room for c", action, "b")
    atelier.put("b", 1)
    assert atelier.get("b") == 1
    check("more than the bridge may hold (100.0 kB)", atelier.put, "d", np.zeros(50000))
    check("more than the bridge may hold (100.0 kB)", rust, "large", "d", "50000")


def test_a_full_disk_is_said_and_leaves_nothing(folder, monkeypatch):
    atelier.put("a", 1)
    from atelier import _folder

    monkeypatch.setattr(_folder, "_file_system", lambda path: (1 << 40, 1000))
    check("takes 44.1 kB, but only 1.0 kB are free", atelier.put, "b", np.zeros(5000))
    assert not [file for file in os.listdir(folder) if file.startswith("b")]


def test_what_a_killed_putter_left_is_swept(folder):
    atelier.put("a", 1)
    old, young = folder / "a~1-2-3.arrow", folder / "b~1-2-3.arrow"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    os.utime(folder / atelier.info("a")["data"], (0, 0))
    atelier.put("c", 1)
    assert not old.exists() and young.exists() and atelier.get("a") == 1


def test_the_folder_is_private(folder):
    folder.mkdir(mode=0o755)
    atelier.put("a", 1)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all((folder / file).stat().st_mode & 0o077 == 0 for file in os.listdir(folder))


# ---- at the same time


def test_readers_and_writers_at_once_see_whole_things(folder):
    """Four put and four get the same name; every table that is got is one that was put."""
    atelier.put("x", pl.DataFrame({"n": [0] * 10}))
    problems: list = []

    def put(number: int) -> None:
        for i in range(30):
            size = number * 50 + i + 1
            atelier.put("x", pl.DataFrame({"n": [size] * size}))

    def look(_: int) -> None:
        for _ in range(60):
            table = atelier.get("x")
            if len(set(table["n"].to_list())) != 1:
                problems.append(table)

    def run(action, number: int) -> None:
        try:
            action(number)
        except Exception as error:  # reported below
            problems.append(error)

    threads = [threading.Thread(target=run, args=(action, n)) for n in range(4) for action in (put, look)]
    peer = subprocess.Popen([PEER, "hammer", "x", "60"], stderr=subprocess.PIPE, text=True)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    _, said = peer.communicate(timeout=120)
    assert not problems and peer.returncode == 0, f"{problems[:3]} {said}"
    data = [file for file in os.listdir(folder) if "~" in file]
    assert len(data) == 1, data
