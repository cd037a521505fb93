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


def random(numbers: pl.Expr, seed: int) -> pl.Expr:
    """Uniform in [0, 1) by SplitMix64 of whole numbers: the same in every language, unlike a library's generator."""
    def word(value: int) -> pl.Expr:
        return pl.lit(value % 2**64, dtype=pl.UInt64)
    gamma = 0x9E3779B97F4A7C15
    z = numbers.cast(pl.UInt64) * word(gamma) + word((seed + 1) * gamma)
    z = (z ^ z // word(2**30)) * word(0xBF58476D1CE4E5B9)
    z = (z ^ z // word(2**27)) * word(0x94D049BB133111EB)
    z = z ^ z // word(2**31)
    return (z // word(2**11)).cast(pl.Float64) * 2.0**-53


def prepare(df: pl.DataFrame) -> pl.DataFrame:
    # 1. Drop rows with missing values
    df = df.drop_nulls(["age"])
    # 2. Filter by expression: Adults only
    df = df.filter(pl.col("age") > 20)
    # 4. Scale to mean 0, deviation 1
    df = df.with_columns(((pl.col("income") - pl.col("income").mean()) / pl.col("income").std()).alias("income"))
    # 5. Split by chance
    df = df.with_columns(random(pl.int_range(pl.len()), seed=42).alias("__random"))
    df = df.with_columns(
        pl.when(pl.col("__random").rank("ordinal") <= pl.len() * 0.7).then(pl.lit("train")).otherwise(pl.lit("test")).alias("split"),
    )
    df = df.drop(["__random"])
    return df


if __name__ == "__main__":
    df = prepare(read_table("tests/tables/people.csv"))
    print(df)
