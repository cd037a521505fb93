//! Functions that exported code brings along where it calls them.

use crate::frame::{as_of_code, random_code};
use crate::transforms::{features_code, fitted_code};

/// Name and source, which ends in a newline. One may call those before it.
pub type Helper = (&'static str, &'static str);

/// Those that the code calls, and those that they call, in their order.
pub fn needed(helpers: &[Helper], code: &str) -> String {
    let mut wanted: Vec<bool> = helpers.iter().map(|(name, _)| calls(code, name)).collect();
    for index in (0..helpers.len()).rev() {
        if wanted[index] {
            for before in 0..index {
                wanted[before] |= calls(helpers[index].1, helpers[before].0);
            }
        }
    }
    let mut out = String::new();
    for ((_, source), _) in helpers.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
        out.push_str(source);
        out.push_str(if source.starts_with("def ") { "\n\n" } else { "\n" });
    }
    out
}

/// Whether `name(` stands in the code as a call of a function, not of a method or another name's end.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}(")).any(|(at, _)| {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && before != '_' && before != '.'
    })
}

pub const POLARS: &[Helper] = &[
    ("read_table", POLARS_READ),
    ("random", random_code::PYTHON),
    ("bucket", crate::transforms::hash_code::PYTHON),
    ("box_cox", fitted_code::PYTHON_BOX_COX),
    ("yeo_johnson", fitted_code::PYTHON_YEO_JOHNSON),
    ("fit_lambda", fitted_code::PYTHON_FIT),
    ("text_features", features_code::PYTHON),
];

pub const PANDAS: &[Helper] = &[
    ("read_table", PANDAS_READ),
    ("random", random_code::PANDAS),
    ("cast", CAST),
    ("bucket", crate::transforms::hash_code::PANDAS),
    ("box_cox", fitted_code::PANDAS_BOX_COX),
    ("yeo_johnson", fitted_code::PANDAS_YEO_JOHNSON),
    ("fit_lambda", fitted_code::PANDAS_FIT),
    ("text_features", features_code::PANDAS),
    ("case", CASE),
    ("coalesce", COALESCE),
    ("concat_text", CONCAT_TEXT),
    ("extract", EXTRACT),
    ("json_path", JSON_PATH),
    ("to_dates", TO_DATES),
    ("has_partner", HAS_PARTNER),
    ("full_join", FULL_JOIN),
    ("pivot", PIVOT),
    ("unnest", UNNEST),
    ("to_polars", TO_POLARS),
    ("from_polars", FROM_POLARS),
];

pub const RUST: &[Helper] = &[
    ("read_table", RUST_READ),
    ("random", random_code::RUST),
    ("bucket", crate::transforms::hash_code::RUST),
    ("box_cox", fitted_code::RUST_BOX_COX),
    ("yeo_johnson", fitted_code::RUST_YEO_JOHNSON),
    ("fit_lambda", fitted_code::RUST_FIT),
    ("text_features", features_code::RUST),
    ("as_of", as_of_code::RUST),
];

const POLARS_READ: &str = r#"def read_table(path: str) -> pl.DataFrame:
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
"#;

const PANDAS_READ: &str = r#"def read_table(path: str) -> pd.DataFrame:
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
"#;

const RUST_READ: &str = r#"fn read_table(path: &str) -> PolarsResult<LazyFrame> {
    match path.rsplit('.').next().unwrap_or_default() {
        "parquet" => LazyFrame::scan_parquet(path.into(), Default::default()),
        "jsonl" | "ndjson" => LazyJsonLineReader::new(path.into()).finish(),
        "arrow" | "feather" | "ipc" => LazyFrame::scan_ipc(path.into(), Default::default(), Default::default()),
        suffix => {
            let separator = if suffix == "tsv" { b'\t' } else { b',' };
            let table = LazyCsvReader::new(path.into()).with_separator(separator).with_infer_schema_length(None).finish()?;
            iso_dates(table.collect()?)
        }
    }
}

/// Text that is an ISO date or time in every row becomes one.
fn iso_dates(mut df: DataFrame) -> PolarsResult<LazyFrame> {
    for name in df.get_column_names_owned() {
        let missing = df.column(&name)?.null_count();
        if df.column(&name)?.dtype() != &DataType::String || missing == df.height() {
            continue;
        }
        let options = |format: &str| StrptimeOptions { format: Some(format.into()), strict: false, ..Default::default() };
        let time = |format| col(name.clone()).str().to_datetime(Some(TimeUnit::Microseconds), None, options(format), lit("raise"));
        let date = col(name.clone()).str().to_date(options("%Y-%m-%d"));
        for parsed in [date, time("%Y-%m-%d %H:%M:%S"), time("%Y-%m-%dT%H:%M:%S")] {
            let made = df.clone().lazy().with_columns([parsed]).collect()?;
            if made.column(&name)?.null_count() == missing {
                df = made;
                break;
            }
        }
    }
    Ok(df.lazy())
}
"#;

const CAST: &str = r#"def cast(values, to: str, strict: bool = False) -> pd.Series:
    """As Polars casts: what doesn't fit becomes missing, fractions are cut off, booleans are text in small letters."""
    values = pd.Series(values)
    before = values.isna()
    boolean = pd.api.types.is_bool_dtype(values)
    number = pd.api.types.is_numeric_dtype(values)
    time = pd.api.types.is_datetime64_any_dtype(values)
    if to == "String":
        if boolean:
            done = values.map({True: "true", False: "false"}).astype("string")
        elif time:
            whole_days = (values.dropna() == values.dropna().dt.normalize()).all()
            done = values.dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M:%S.%f").astype("string")
        else:
            done = values.astype("string")
    elif to == "Boolean":
        done = (values != 0).astype("boolean").mask(before) if number else values.map({"true": True, "false": False}).astype("boolean")
    elif to in ("Date", "Datetime"):
        done = pd.to_datetime(values, errors="coerce")
        done = done.dt.normalize() if to == "Date" else done
    elif to == "Categorical":
        done = values.astype("category")
    elif to in ("Float32", "Float64"):
        done = (values if number else pd.to_numeric(values.str.strip("\0"), errors="coerce")).astype(to)
    else:
        if not number:
            values = pd.to_numeric(values.where(values.str.fullmatch(r"[+-]?[0-9]+").fillna(False).astype(bool)), errors="coerce")
        limits = np.iinfo(to.lower())
        whole = values if pd.api.types.is_integer_dtype(values) or boolean else np.trunc(values.astype("Float64"))
        whole = whole.astype("Int64") if boolean else whole
        done = whole.mask(((whole < limits.min) | (whole > limits.max)).fillna(True)).astype(to)
    if strict and (done.isna() & ~before).any():
        raise ValueError(f"{values[done.isna() & ~before].iloc[0]!r} can't be {to}")
    return done
"#;

const CASE: &str = r#"def case(df: pd.DataFrame, branches: list, otherwise) -> pd.Series:
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
"#;

const COALESCE: &str = r#"def coalesce(first: pd.Series, *others: pd.Series) -> pd.Series:
    """The first value that isn't missing."""
    for other in others:
        first = first.where(first.notna(), other)
    return first
"#;

const CONCAT_TEXT: &str = r#"def concat_text(columns: list, separator: str, ignore_nulls: bool) -> pd.Series:
    """Rows as text; a missing value makes the row missing unless those are left out."""
    texts = pd.concat([cast(column, "String") for column in columns], axis=1)
    joined = [separator.join(value for value in row if not pd.isna(value)) for row in texts.itertuples(index=False)]
    joined = pd.Series(joined, index=texts.index, dtype="string")
    return joined if ignore_nulls else joined.mask(texts.isna().any(axis=1))
"#;

const EXTRACT: &str = r#"def extract(values: pd.Series, pattern: str, group: int) -> pd.Series:
    """A group of the first match, missing where there is none."""
    def first(text):
        match = re.search(pattern, text)
        return match.group(group) if match else pd.NA
    return values.map(first, na_action="ignore").astype("string")
"#;

const JSON_PATH: &str = r#"def json_path(values: pd.Series, path: str) -> pd.Series:
    """The value at a path such as $.a.b[0] as text, missing where there is none."""
    keys = [int(index) if index else name for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path)]
    def find(text):
        try:
            value = json.loads(text)
            for key in keys:
                value = value[key]
        except (ValueError, LookupError, TypeError):
            return pd.NA
        if value is None:
            return pd.NA
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return values.map(find, na_action="ignore").astype("string")
"#;

const TO_DATES: &str = r#"def to_dates(values: pd.Series, format: str, strict: bool) -> pd.Series:
    return pd.to_datetime(values, format=format, errors="raise" if strict else "coerce")
"#;

const HAS_PARTNER: &str = r#"def has_partner(df: pd.DataFrame, other: pd.DataFrame, on: list):
    """Whether a row's key is in the other table; a missing key never is."""
    keys = other[on].dropna().drop_duplicates()
    return (df[on].merge(keys, on=on, how="left", indicator=True)["_merge"] == "both").to_numpy()
"#;

const FULL_JOIN: &str = r#"def full_join(df: pd.DataFrame, other: pd.DataFrame, on: list, suffix: str) -> pd.DataFrame:
    """All rows of this table, then those of the other one without a partner."""
    joined = df.merge(other.dropna(subset=on), on=on, how="left", suffixes=("", suffix))
    rest = other[~has_partner(other, df, on)]
    rest = rest.rename(columns={name: name + suffix for name in other.columns if name in df.columns and name not in on})
    return pd.concat([joined, rest], ignore_index=True)
"#;

const PIVOT: &str = r#"def pivot(df: pd.DataFrame, on: str, index: list, values: str) -> pd.DataFrame:
    """A column for each value of `on`, sorted by name; rows in their first order."""
    df = df[df[on].notna()]
    result = df[index].drop_duplicates(ignore_index=True)
    for name in sorted(df[on].unique()):
        part = df[df[on] == name][index + [values]].rename(columns={values: name})
        result = result.merge(part, on=index, how="left")
    return result
"#;

const UNNEST: &str = r#"def unnest(df: pd.DataFrame, column: str) -> pd.DataFrame:
    """A dictionary's keys as columns in its place."""
    place = df.columns.get_loc(column)
    fields = pd.DataFrame([value if isinstance(value, dict) else {} for value in df[column]], index=df.index)
    return pd.concat([df.iloc[:, :place], fields, df.iloc[:, place + 1:]], axis=1)
"#;

const TO_POLARS: &str = r#"def to_polars(df: pd.DataFrame) -> pl.DataFrame:
    def column(values: pd.Series) -> pl.Series:
        if pd.api.types.is_datetime64_any_dtype(values):
            days = (values.dropna() == values.dropna().dt.normalize()).all()
            moments = [None if pd.isna(value) else value.to_pydatetime() for value in values]
            series = pl.Series(moments, dtype=pl.Datetime("us"))
            return series.cast(pl.Date) if days else series
        return pl.Series([None if value is pd.NA else value for value in values], strict=False)
    return pl.DataFrame({name: column(df[name]) for name in df.columns})
"#;

const FROM_POLARS: &str = r#"def from_polars(df: pl.DataFrame) -> pd.DataFrame:
    def column(values: pl.Series) -> pd.Series:
        if values.dtype in (pl.Date, pl.Datetime):
            return pd.to_datetime(pd.Series(values.to_list(), dtype="object"))
        kinds = {pl.String: "string", pl.Boolean: "boolean", pl.Float64: "Float64", pl.Float32: "Float32"}
        kind = "Int64" if values.dtype.is_integer() else kinds.get(values.dtype, "object")
        return pd.Series(values.to_list(), dtype=kind)
    return pd.DataFrame({name: column(df[name]) for name in df.columns})
"#;
