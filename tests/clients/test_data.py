"""`atelier data` on files as other programs write them: the shapes of the public Parquet and Arrow test files, made by
pyarrow, and the csv-spectrum set, fetched by npm."""

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

ATELIER = os.environ["ATELIER_BIN"]
SHARED = Path(__file__).parents[3] / "shared" / "data"


def atelier(*words, code: int = 0) -> str:
    done = subprocess.run([ATELIER, "data", *map(str, words)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def page(file, rows: int = 20, offset: int = 0) -> dict:
    return json.loads(atelier("page", file, "--rows", rows, "--offset", offset, "--json"))


def profile(file) -> dict:
    return {column["column"]: column for column in json.loads(atelier("profile", file, "--json"))["columns"]}


def test_rows_of_a_csv(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("k,name\n" + "".join(f"{i},n{i}\n" for i in range(5000)))
    got = page(file, rows=3, offset=4000)
    assert got["num_rows"] == 5000 and got["rows"] == [[str(i), f"n{i}"] for i in range(4000, 4003)]
    assert [column["dtype"] for column in got["columns"]] == ["i64", "str"]
    assert len(page(file, rows=2500)["rows"]) == 2500
    assert "4000" in atelier("page", file, "--offset", 4000, "--rows", 1)


def test_statistics(tmp_path):
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress("x,t\n1,a\n2,b\n,a\n4,a\n".encode()))
    columns = profile(file)
    x = columns["x"]
    assert (x["num_missing"], x["num_distinct"], x["min"], x["max"], x["mean"]) == (1, 3, "1", "4", pytest.approx(7 / 3))
    assert columns["t"]["top"] == [["a", 3], ["b", 1]]


def test_queries(tmp_path):
    (tmp_path / "a.csv").write_text("k,v\n1,10\n2,20\n")
    (tmp_path / "b.csv").write_text("k,w\n2,5\n")
    got = json.loads(atelier("sql", "SELECT a.k, v + w AS s FROM a JOIN b ON a.k = b.k", tmp_path / "a.csv", tmp_path / "b.csv", "--json"))
    assert got["rows"] == [["2", "25"]]
    assert "SELECT" in atelier("sql", "DROP TABLE a", tmp_path / "a.csv", code=11)
    assert "query" in atelier("sql", "SELECT nope FROM a", tmp_path / "a.csv", code=11)


def test_patterns_and_folders(tmp_path):
    for month, rows in [("01", "1,a\n"), ("02", "2.5,b\n")]:
        (tmp_path / f"sales-{month}.csv").write_text("k,v\n" + rows)
    (tmp_path / "notes.txt").write_text("no table of sales")
    assert page(f"{tmp_path}/sales-*.csv")["rows"] == [["1", "a"], ["2.5", "b"]]
    assert "no such file" in atelier("page", f"{tmp_path}/none-*.csv", code=11)


def test_buckets_and_the_bridge(backend, s3, bucket, monkeypatch, tmp_path):
    """Objects, prefixes and a kernel's variable, by the names that the window gives them."""
    import polars as pl

    import atelier as in_kernels

    home = ["--home", backend.home]
    s3.put_object(Bucket=bucket, Key="tables/2024-01.csv", Body="k,v\n1,a\n2,b\n")
    s3.put_object(Bucket=bucket, Key="tables/2024-02.csv", Body="k,v\n2,c\n")
    one = json.loads(atelier("page", f"s3://{bucket}/tables/2024-01.csv", "--json", *home))
    assert one["rows"] == [["1", "a"], ["2", "b"]]
    all_of = json.loads(atelier("page", f"s3://{bucket}/tables/", "--json", *home))
    assert [row[1] for row in all_of["rows"]] == ["a", "b", "c"]
    summed = json.loads(atelier("sql", "SELECT SUM(k) AS s FROM tables", f"s3://{bucket}/tables/", "--json", *home))
    assert summed["rows"] == [["5"]]
    for missing in [f"s3://{bucket}/none.csv", "s3://nobody/a.csv", f"s3://{bucket}/../../state.db", "bridge:none"]:
        assert missing.split(":")[0] in atelier("page", missing, *home, code=11)
    monkeypatch.setenv("ATELIER_BRIDGE", backend.environment["ATELIER_BRIDGE"])
    in_kernels.put("shown", pl.DataFrame({"x": [1, 2], "t": ["a", None]}))
    shown = json.loads(atelier("page", "bridge:shown", "--json", *home))
    assert shown["rows"] == [["1", "a"], ["2", None]]
    out = tmp_path / "out.parquet"
    recipe = tmp_path / "r.recipe.json"
    recipe.write_text(json.dumps({"version": 1, "steps": [{"id": "s1", "op": "select", "params": {"columns": ["t"]}}]}))
    atelier("apply", recipe, "bridge:shown", "--to", out, *home)
    assert page(out)["rows"] == [["a"], [None]]


def test_recipes(tmp_path):
    (tmp_path / "a.csv").write_text("k,v\n1,b\n2,a\n1,b\n")
    recipe = tmp_path / "r.recipe.json"
    recipe.write_text(json.dumps({"version": 1, "steps": [{"id": "s1", "op": "deduplicate", "params": {}}, {"id": "s2", "op": "select", "params": {"columns": ["v"]}}]}))
    atelier("apply", recipe, tmp_path / "a.csv", "--to", tmp_path / "out.parquet")
    assert page(tmp_path / "out.parquet")["rows"] == [["b"], ["a"]]
    for to in ["python", "pandas", "rust", "notebook"]:
        assert len(atelier("export", recipe, "--to", to)) > 50


@pytest.mark.parametrize("content", [b"PAR1 cut", b"PAR1" + b"x" * 100, b""])
def test_what_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / "a.parquet"
    file.write_bytes(content)
    assert "a.parquet" in atelier("page", file, code=11)


def test_pipes_and_devices_do_not_hang(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for file in [fifo, "/dev/zero"]:
        assert "no end" in atelier("page", file, code=11)


@pytest.fixture(scope="module")
def arrow():
    return pytest.importorskip("pyarrow", reason="pyarrow is not installed")


def tables(pa) -> dict:
    """The shapes of the public test files: alltypes_plain, nested_lists, nested_structs, decimals, zoned and missing
    times, dictionaries, bytes, no row, no value, many small row groups."""
    zoned = datetime(2024, 5, 1, 12, tzinfo=timezone.utc)
    return {
        "alltypes": pa.table({"b": [True, None], "i": pa.array([1, 2], pa.int8()), "u": pa.array([2**64 - 1, 0], pa.uint64()), "f": pa.array([0.1, None], pa.float32()), "t": ["a", ""], "d": [date(1970, 1, 1), None]}),
        "nested_lists": pa.table({"l": [[[1, 2], []], None], "m": [[], [None]]}),
        "nested_structs": pa.table({"s": [{"a": 1, "b": {"c": "x"}}, None]}),
        "decimals": pa.table({"d": [Decimal("123456789012345678901234567.89"), Decimal("-0.01")]}),
        "zoned": pa.table({"z": pa.array([zoned, None], pa.timestamp("us", "Europe/Paris")), "n": pa.array([datetime(2024, 5, 1, 0, 0, 0, 5), None], pa.timestamp("ns"))}),
        "dictionary": pa.table({"c": pa.array(["x", "y", "x"]).dictionary_encode()}),
        "bytes": pa.table({"y": [b"\x00\xff", b""]}),
        "no_rows": pa.table({"x": pa.array([], pa.int64())}),
        "all_missing": pa.table({"x": pa.array([None, None], pa.float64()), "n": pa.nulls(2)}),
        "wide": pa.table({f"c{i}": [i] for i in range(2000)}),
    }


@pytest.mark.parametrize("name", ["alltypes", "nested_lists", "nested_structs", "decimals", "zoned", "dictionary", "bytes", "no_rows", "all_missing", "wide"])
@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_shapes_of_public_files(arrow, tmp_path, name, ending):
    import pyarrow.feather
    import pyarrow.parquet

    table = tables(arrow)[name]
    file = tmp_path / f"{name}.{ending}"
    if ending == "parquet":
        arrow.parquet.write_table(table, file, row_group_size=1)
    else:
        arrow.feather.write_feather(table, file)
    got = page(file)
    assert (got["num_rows"], len(got["columns"])) == (table.num_rows, table.num_columns)
    expected = {
        "alltypes": ["true", "1", "18446744073709551615", "0.1", "a", "1970-01-01"],
        "nested_lists": ["[[1, 2], []]", "[]"],
        "nested_structs": ['{"a": 1, "b": {"c": "x"}}'],
        "decimals": ["123456789012345678901234567.89"],
        "zoned": ["2024-05-01T14:00:00+02:00", "2024-05-01 00:00:00.000005"],
        "dictionary": ["x"],
        "bytes": ["\\x00ff"],
        "all_missing": [None, None],
    }.get(name)
    if expected:
        assert got["rows"][0] == expected
    assert len(profile(file)) == table.num_columns


def test_a_truncated_parquet_is_named(arrow, tmp_path):
    import pyarrow.parquet

    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    arrow.parquet.write_table(arrow.table({"x": list(range(10000))}), whole)
    cut.write_bytes(whole.read_bytes()[:-100])
    assert "cut off" in atelier("page", cut, code=11)


@pytest.fixture(scope="module")
def spectrum(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spectrum")
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, "csv-spectrum@2.0.0"], capture_output=True, text=True, timeout=120)
    files = folder / "node_modules" / "csv-spectrum"
    if done.returncode != 0 or not files.exists():
        pytest.skip("the npm registry cannot be reached for csv-spectrum")
    return files


def test_csv_spectrum(spectrum):
    """Every file of the set gives the rows that its JSON says, as text."""
    seen = 0
    for file in sorted(spectrum.glob("csvs/*.csv")):
        expected = json.loads((spectrum / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        got = page(file, rows=1000)
        names = [column["name"] for column in got["columns"]]
        rows = [{name: value for name, value in zip(names, row)} for row in got["rows"]]
        plain = [{name: row[name] or "" for name in names} for row in rows]
        if file.stem == "location_coordinates":
            # The set's own JSON has another number than its CSV.
            plain[0].pop("Contact Phone Number"), expected[0].pop("Contact Phone Number")
        assert plain == expected, file.name
        seen += 1
    assert seen >= 10


@pytest.mark.parametrize(("name", "rows", "columns"), [("adult_train.csv", 32561, 15), ("diamonds.csv", 53940, 10), ("kddcup99_10_percent.csv.gz", 494021, 42)])
def test_real_data(name, rows, columns):
    file = SHARED / name
    if not file.exists():
        pytest.skip("the shared data is not here")
    got = page(file, rows=1, offset=rows - 1)
    assert (got["num_rows"], len(got["columns"]), len(got["rows"])) == (rows, columns, 1)


def test_a_dialect_is_seen(tmp_path):
    file = tmp_path / "a.csv"
    with file.open("w", newline="", encoding="cp1252") as out:
        csv.writer(out, delimiter=";").writerows([["Größe", "Text"], ["1,5", "straße"], ["2,25", "a\nb"]])
    got = page(file)
    assert [column["name"] for column in got["columns"]] == ["Größe", "Text"]
    assert got["rows"] == [["1.5", "straße"], ["2.25", "a\nb"]]


def recipe(folder: Path, *steps: dict) -> Path:
    file = folder / "a.recipe.json"
    numbered = [{"id": f"s{i}", **step} for i, step in enumerate(steps)]
    file.write_text(json.dumps({"version": 1, "steps": numbered}), encoding="utf-8")
    return file


def code(language: str, text: str) -> dict:
    return {"op": f"custom_{language}", "params": {"code": text}}


def test_a_function_of_ones_own_in_python(tmp_path):
    table, out = tmp_path / "a.csv", tmp_path / "out.parquet"
    table.write_text("k,v\n1,10\n2,20\n3,\n")
    double = "import polars.selectors as cs\n\ndef transform(df):\n    return df.with_columns(cs.numeric() * 2)\n"
    steps = recipe(tmp_path, code("python", double), {"op": "drop_missing", "params": {"columns": ["v"]}}, code("python", double))
    atelier("apply", steps, table, "--to", out)
    assert page(out)["rows"] == [["4", "40"], ["8", "80"]]
    # The exported code, run by this very Python, says the same.
    exported = tmp_path / "exported.py"
    exported.write_text(atelier("export", steps, "--to", "python", "--source", table), encoding="utf-8")
    assert rows_of(exported, "python") == [{"k": 4, "v": 40}, {"k": 8, "v": 80}]
    wrong = atelier("apply", recipe(tmp_path, code("python", "def transform(df):\n    x = 1\n    return df['nope']\n")), table, "--to", out, code=11)
    assert "Step 1 (Python function): line 3, `return df['nope']`: ColumnNotFoundError" in wrong
    assert "not a polars DataFrame: call .collect() on it" in atelier(
        "apply", recipe(tmp_path, code("python", "def transform(df):\n    return df.lazy()\n")), table, "--to", out, code=11
    )


def test_a_function_of_ones_own_in_rust(tmp_path):
    table, out = tmp_path / "a.csv", tmp_path / "out.parquet"
    table.write_text("k,v\n1,10\n2,20\n3,\n")
    body = "fn transform(df: DataFrame) -> PolarsResult<DataFrame> {\n    %s\n}\n"
    steps = recipe(tmp_path, code("rust", body % 'df.lazy().with_columns([col("v") + col("k")]).collect()'))
    atelier("apply", steps, table, "--to", out)
    assert page(out)["rows"] == [["1", "11"], ["2", "22"], ["3", None]]
    wrong = {
        "df.no_such()": "Step 1 (Rust function): line 2, `df.no_such()`: error[E0599]: no method named `no_such`",
        'panic!("oh")': 'line 2, `panic!("oh")`: panic: oh',
        'df.select(["nope"])': "nope",
    }
    for text, said in wrong.items():
        assert said in atelier("apply", recipe(tmp_path, code("rust", body % text)), table, "--to", out, code=11)


ODD = Path(__file__).parents[2] / "crates" / "recipe" / "tests" / "tables" / "odd.csv"


def rows_of(file: Path, to: str) -> list[dict]:
    """What `prepare` makes of the exported program's own source."""
    source = "read_source" if "def read_source" in file.read_text(encoding="utf-8") else "read_table"
    call = [line for line in file.read_text(encoding="utf-8").splitlines() if f"prepare({source}(" in line][-1].strip()
    made = "df.to_dicts()" if to == "python" else "df.astype(object).where(df.notna(), None).to_dict('records')"
    program = f"import runpy, json; space = runpy.run_path({str(file)!r}); exec({call!r}, space); df = space['df']; print(json.dumps({made}, default=str))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def plain(cell):
    """A cell as text that does not depend on the library: times at midnight are days, whole floats are numbers."""
    if cell is None:
        return None
    text = str(cell)
    if text[4:5] == "-" and text[10:11] in ("T", " "):
        text = text.replace("T", " ").removesuffix(" 00:00:00")
    return {"True": "true", "False": "false"}.get(text, text.removesuffix(".0"))


def test_exported_code_reads_the_file_as_the_explorer_does(tmp_path):
    """Semicolons, Latin-1, decimal commas, days of Europe, NA and ? for what is missing, blanks around texts."""
    table = tmp_path / "odd.csv"
    shutil.copy(ODD, table)
    steps = recipe(tmp_path, {"op": "drop", "params": {"columns": ["code"]}}, {"op": "rename", "params": {"names": {"Größe": "size"}}})
    out = tmp_path / "out.parquet"
    atelier("apply", steps, table, "--to", out)
    panel = page(out)
    names = [column["name"] for column in panel["columns"]]
    assert names == ["size", "Preis", "tag", "ja", "note", "wann"]
    assert [column["dtype"] for column in panel["columns"]] == ["i64", "f64", "date", "bool", "str", "datetime[μs]"]
    assert panel["rows"][0][:5] == ["1", "1.5", "2024-02-03", "true", "a"] and panel["rows"][1][1] is None
    for to in ["python", "pandas"]:
        file = tmp_path / f"{to}.py"
        file.write_text(atelier("export", steps, "--to", to, "--source", table), encoding="utf-8")
        made = rows_of(file, to)
        assert [list(row) for row in made] == [names] * 5
        assert [[plain(cell) for cell in row.values()] for row in made] == [[plain(cell) for cell in row] for row in panel["rows"]], to
    script = tmp_path / "script.py"
    script.write_text(atelier("export", steps, "--to", "script", "--source", table), encoding="utf-8")
    (tmp_path / "in").mkdir()
    shutil.copy(table, tmp_path / "in")
    done = subprocess.run([sys.executable, script, "--input", tmp_path / "in", "--output", tmp_path / "made"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert page(tmp_path / "made" / "odd.parquet")["rows"] == panel["rows"]
    # The Rust code is the one that crates/recipe compiles and runs, but for the columns' order of names.
    rust = atelier("export", steps, "--to", "rust", "--source", table)
    assert "fn read_source" in rust and "windows_1252" in rust
    # A source that is not there is read by its ending.
    assert "read_source" not in atelier("export", steps, "--to", "python", "--source", tmp_path / "none.csv")
