import polars as pl


def read_table(path: str) -> pl.DataFrame:
    suffix = path.rsplit(".", 1)[-1].lower()
    if suffix == "parquet":
        return pl.read_parquet(path)
    if suffix in ("jsonl", "ndjson"):
        return pl.read_ndjson(path)
    if suffix == "json":
        return pl.read_json(path)
    if suffix in ("arrow", "feather", "ipc"):
        return pl.read_ipc(path)
    separator = "\t" if suffix == "tsv" else ","
    df = pl.read_csv(path, separator=separator, infer_schema_length=None)
    for name in df.columns:
        if df[name].dtype != pl.String or df[name].null_count() == df.height:
            continue
        for parsed in (
            pl.col(name).str.to_date("%Y-%m-%d", strict=False),
            pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False),
            pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False),
        ):
            if df.select(parsed.null_count()).item() == df[name].null_count():  # every text is an ISO date or time
                df = df.with_columns(parsed)
                break
    return df


def prepare(df: pl.DataFrame) -> pl.DataFrame:
    # 1. Add constant column: x raise SystemExit(3) raise SystemExit(4)
    df = df.with_columns(pl.lit("\\\" + exit(3) + \"").alias("x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e"))
    # 2. Copy column
    df = df.with_columns(pl.col("x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e").alias("^.*$"))
    # 3. Keep columns
    df = df.select("x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e", pl.selectors.by_name("^.*$"))
    return df


if __name__ == "__main__":
    df = prepare(read_table("tests/tables/people.csv"))
    print(df)
