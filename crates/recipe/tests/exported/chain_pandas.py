import numpy as np
import pandas as pd


def read_table(path: str) -> pd.DataFrame:
    suffix = path.rsplit(".", 1)[-1].lower()
    if suffix == "parquet":
        return pd.read_parquet(path, dtype_backend="numpy_nullable")
    if suffix in ("json", "jsonl", "ndjson"):
        return pd.read_json(path, lines=suffix != "json", dtype_backend="numpy_nullable")
    if suffix in ("arrow", "feather", "ipc"):
        return pd.read_feather(path, dtype_backend="numpy_nullable")
    df = pd.read_csv(
        path, sep="\t" if suffix == "tsv" else ",", dtype_backend="numpy_nullable", keep_default_na=False, na_values=[""]
    )
    for name in df.select_dtypes("string"):
        text = df[name].dropna()
        if len(text) and text.str.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?").all():
            df[name] = pd.to_datetime(df[name], format="ISO8601")
    return df


def random(numbers, seed: int):
    """Uniform in [0, 1) by SplitMix64 of whole numbers: the same in every language, unlike a library's generator."""
    word = lambda value: np.uint64(value % 2**64)
    gamma = 0x9E3779B97F4A7C15
    z = np.asarray(numbers).astype("int64").astype("uint64") * word(gamma) + word((seed + 1) * gamma)
    z = (z ^ (z >> word(30))) * word(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> word(27))) * word(0x94D049BB133111EB)
    z = z ^ (z >> word(31))
    return (z >> word(11)).astype("float64") * 2.0**-53


def case(df: pd.DataFrame, branches: list, otherwise) -> pd.Series:
    """The value of the first branch whose condition is true."""
    def column(value) -> pd.Series:
        return value if isinstance(value, pd.Series) else pd.Series([value] * len(df), index=df.index, dtype="object")
    done = column(otherwise)
    for condition, value in reversed(branches):
        condition = column(condition).astype("boolean").fillna(False).astype(bool)
        done = column(value).astype("object").where(condition, done.astype("object"))
    kind = pd.api.types.infer_dtype(done, skipna=True)
    kinds = {"string": "string", "integer": "Int64", "floating": "Float64", "mixed-integer-float": "Float64", "boolean": "boolean"}
    return done.astype(kinds[kind]) if kind in kinds else done.infer_objects()


def prepare(df: pd.DataFrame) -> pd.DataFrame:
    df = df.reset_index(drop=True)
    # 1. Drop rows with missing values
    df = df.dropna(subset=["age"], ignore_index=True)
    # 2. Filter by expression: Adults only
    df = df[df["age"] > 20].reset_index(drop=True)
    # 4. Scale to mean 0, deviation 1
    df["income"] = (df["income"] - df["income"].mean()) / df["income"].std()
    # 5. Split by chance
    df["__random"] = random(np.arange(len(df)), seed=42)
    df["split"] = case(df, [(df["__random"].rank(method="first", ascending=True) <= len(df) * 0.7, "train")], "test")
    df = df.drop(columns=["__random"])
    return df


if __name__ == "__main__":
    df = prepare(read_table("tests/tables/people.csv"))
    print(df)
