use super::on;
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use crate::frame::Node;
use crate::spec::{ColumnType, Default, Group, Transform, ask};
use polars::prelude::*;

pub const ALL: &[Transform] = &[Transform {
    op: "text_features",
    title: "Text to numbers",
    group: Group::Text,
    summary: "Counts the words of each text in columns of their own, a word's column chosen by its hash (FNV-1a, 64 bits), \
              so that new words need no table (Weinberger et al., 2009). tf-idf multiplies by ln((1 + rows) / (1 + rows with \
              it)) + 1. Words are in small letters; what isn't a letter or digit separates them.",
    params: &[
        ask::column_of("column", "Column", ColumnType::Text),
        ask::integer("buckets", "Columns made", 2, 4096).or(Default::Number(32.0)),
        ask::choice("weights", "Weights", &["tf-idf", "counts"]),
        ask::flag("normalise", "Scale rows to length 1", true),
        ask::flag("keep", "Keep the text", false),
    ],
    examples: &[
        on("people", r#"{"column":"note","buckets":8}"#),
        on("people", r#"{"column":"note","buckets":5,"weights":"counts","normalise":false,"keep":true}"#),
    ],
    plan: |args| {
        Ok(vec![Box::new(Features {
            column: args.text("column"),
            buckets: args.integer("buckets") as usize,
            weighs: args.text("weights") == "tf-idf",
            normalises: args.flag("normalise"),
            keeps: args.flag("keep"),
        })])
    },
}];

struct Features {
    column: String,
    buckets: usize,
    weighs: bool,
    normalises: bool,
    keeps: bool,
}

impl Node for Features {
    fn needs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let mut table = frame.collect()?;
        let texts = table.clone().lazy().select([column(&self.column).cast(DataType::String)]).collect()?;
        let cells = table.height() as u64 * self.buckets as u64;
        if self.buckets > context.limits.max_columns || cells > context.limits.max_rows.saturating_mul(8) {
            let text = format!("This would make {} columns of {} rows", self.buckets, table.height());
            return Err(Fault::new(text).param("buckets").remedy("Make fewer columns, or sample rows first"));
        }
        let made = text_features(texts.column(&self.column)?.str()?, self.buckets, self.weighs, self.normalises);
        for (bucket, values) in made.into_iter().enumerate() {
            let name = format!("{}_{bucket}", self.column);
            if table.column(&name).is_ok() {
                return Err(
                    Fault::new(format!("There would be two columns `{name}`")).remedy("Rename that column first")
                );
            }
            table.with_column(values.with_name(name.into()).into_column())?;
        }
        if !self.keeps {
            table = table.drop(&self.column)?;
        }
        Ok(table.lazy())
    }

    fn polars(&self) -> Vec<String> {
        let word = |flag: bool| if flag { "True" } else { "False" };
        let mut lines = vec![format!(
            "df = df.hstack(text_features(df[{}], {}, tf_idf={}, normalise={}))",
            python_text(&self.column),
            self.buckets,
            word(self.weighs),
            word(self.normalises)
        )];
        if !self.keeps {
            lines.push(format!("df = df.drop({})", python_text(&self.column)));
        }
        lines
    }

    fn pandas(&self) -> Vec<String> {
        let word = |flag: bool| if flag { "True" } else { "False" };
        let name = python_text(&self.column);
        let mut lines = vec![format!(
            "df = pd.concat([df, text_features(df[{name}], {}, tf_idf={}, normalise={})], axis=1)",
            self.buckets,
            word(self.weighs),
            word(self.normalises)
        )];
        if !self.keeps {
            lines.push(format!("df = df.drop(columns=[{name}])"));
        }
        lines
    }

    fn rust(&self) -> Vec<String> {
        let name = rust_text(&self.column);
        let mut lines = vec![format!(
            "let df = text_features(df.collect()?, {name}, {}, {}, {})?.lazy();",
            self.buckets, self.weighs, self.normalises
        )];
        if !self.keeps {
            lines.push(format!("let df = df.drop(by_name([{name}], true, false));"));
        }
        lines
    }
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A column for each bucket. A missing text has missing features.
fn text_features(texts: &StringChunked, buckets: usize, weighs: bool, normalises: bool) -> Vec<Float64Chunked> {
    let mut columns = vec![vec![Some(0.0_f64); texts.len()]; buckets];
    let mut row = vec![0.0; buckets];
    let mut with = vec![0_u64; buckets];
    let count = |text: &str, row: &mut [f64]| {
        row.fill(0.0);
        for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
        {
            row[(fnv(word) % buckets as u64) as usize] += 1.0;
        }
    };
    if weighs {
        for text in texts.iter().flatten() {
            count(text, &mut row);
            row.iter().zip(&mut with).filter(|(count, _)| **count > 0.0).for_each(|(_, with)| *with += 1);
        }
    }
    let known = (texts.len() - texts.null_count()) as f64;
    let idf: Vec<f64> = with.iter().map(|with| ((1.0 + known) / (1.0 + *with as f64)).ln() + 1.0).collect();
    for (at, text) in texts.iter().enumerate() {
        let Some(text) = text else {
            columns.iter_mut().for_each(|column| column[at] = None);
            continue;
        };
        count(text, &mut row);
        if weighs {
            row.iter_mut().zip(&idf).for_each(|(count, idf)| *count *= idf);
        }
        let length = if normalises { row.iter().map(|value| value * value).sum::<f64>().sqrt() } else { 1.0 };
        for (column, value) in columns.iter_mut().zip(&row) {
            column[at] = Some(if length > 0.0 { value / length } else { 0.0 });
        }
    }
    columns.into_iter().map(|column| column.into_iter().collect()).collect()
}

/// The same for exported code.
pub mod code {
    pub const PYTHON: &str = r#"def text_features(texts: pl.Series, buckets: int, tf_idf: bool, normalise: bool) -> pl.DataFrame:
    """Counts of words by their hash (FNV-1a, 64 bits); a missing text has missing features."""
    def place(word: str) -> int:
        h = 0xCBF29CE484222325
        for byte in word.encode():
            h = (h ^ byte) * 0x100000001B3 % 2**64
        return h % buckets
    rows = []
    for text in texts.cast(pl.String):
        row = None if text is None else [0.0] * buckets
        for word in re.split(r"[\W_]+", (text or "").lower()):
            if word:
                row[place(word)] += 1
        rows.append(row)
    known = [row for row in rows if row is not None]
    if tf_idf:
        idf = [math.log((1 + len(known)) / (1 + sum(row[i] > 0 for row in known))) + 1 for i in range(buckets)]
        for row in known:
            row[:] = [count * weight for count, weight in zip(row, idf)]
    if normalise:
        for row in known:
            length = math.sqrt(sum(value * value for value in row))
            row[:] = [value / length if length else 0.0 for value in row]
    return pl.DataFrame(
        {f"{texts.name}_{i}": [None if row is None else row[i] for row in rows] for i in range(buckets)},
        schema={f"{texts.name}_{i}": pl.Float64 for i in range(buckets)},
    )
"#;

    pub const PANDAS: &str = r#"def text_features(texts: pd.Series, buckets: int, tf_idf: bool, normalise: bool) -> pd.DataFrame:
    """Counts of words by their hash (FNV-1a, 64 bits); a missing text has missing features."""
    def place(word: str) -> int:
        h = 0xCBF29CE484222325
        for byte in word.encode():
            h = (h ^ byte) * 0x100000001B3 % 2**64
        return h % buckets
    texts = texts.astype("string")
    counts = np.zeros((len(texts), buckets))
    for row, text in enumerate(texts.fillna("")):
        for word in re.split(r"[\W_]+", text.lower()):
            if word:
                counts[row, place(word)] += 1
    if tf_idf:
        known = texts.notna().to_numpy()
        counts = counts * (np.log((1 + known.sum()) / (1 + (counts[known] > 0).sum(axis=0))) + 1)
    if normalise:
        lengths = np.sqrt((counts**2).sum(axis=1, keepdims=True))
        counts = np.divide(counts, lengths, out=np.zeros_like(counts), where=lengths > 0)
    made = pd.DataFrame(counts, index=texts.index, columns=[f"{texts.name}_{i}" for i in range(buckets)]).astype("Float64")
    return made.mask(texts.isna())
"#;

    pub const RUST: &str = r#"/// Counts of words by their hash (FNV-1a, 64 bits); a missing text has missing features.
fn text_features(mut df: DataFrame, column: &str, buckets: usize, tf_idf: bool, normalise: bool) -> PolarsResult<DataFrame> {
    let texts = df.column(column)?.cast(&DataType::String)?;
    let texts: Vec<Option<String>> = texts.str()?.iter().map(|text| text.map(str::to_lowercase)).collect();
    let hash = |word: &str| {
        word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let mut rows: Vec<Option<Vec<f64>>> = Vec::new();
    for text in &texts {
        let mut row = vec![0.0; buckets];
        for word in text.iter().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric())).filter(|word| !word.is_empty()) {
            row[(hash(word) % buckets as u64) as usize] += 1.0;
        }
        rows.push(text.as_ref().map(|_| row));
    }
    let known = rows.iter().flatten().count() as f64;
    let with = |i: usize| rows.iter().flatten().filter(|row| row[i] > 0.0).count() as f64;
    let idf: Vec<f64> = (0..buckets).map(|i| if tf_idf { ((1.0 + known) / (1.0 + with(i))).ln() + 1.0 } else { 1.0 }).collect();
    for row in rows.iter_mut().flatten() {
        row.iter_mut().zip(&idf).for_each(|(count, idf)| *count *= idf);
        let length = if normalise { row.iter().map(|value| value * value).sum::<f64>().sqrt() } else { 1.0 };
        row.iter_mut().for_each(|value| *value = if length > 0.0 { *value / length } else { 0.0 });
    }
    for i in 0..buckets {
        let made: Float64Chunked = rows.iter().map(|row| row.as_ref().map(|row| row[i])).collect();
        df.with_column(made.with_name(format!("{column}_{i}").into()).into_column())?;
    }
    Ok(df)
}
"#;
}
