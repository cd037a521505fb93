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


def prepare(df: pd.DataFrame) -> pd.DataFrame:
    df = df.reset_index(drop=True)
    # 1. Add constant column: x raise SystemExit(3) raise SystemExit(4)
    df["x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e"] = "\\\" + exit(3) + \""
    # 2. Copy column
    df["^.*$"] = df["x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e"]
    # 3. Keep columns
    df = df[["x\"]; raise SystemExit(3) #\\\n'''{0}\u2028\u202e", "^.*$"]]
    return df


if __name__ == "__main__":
    df = prepare(read_table("tests/tables/people.csv"))
    print(df)
