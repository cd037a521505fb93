use super::{on, one};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use crate::frame::Node;
use crate::spec::{Default, Group, Transform, ask};
use polars::prelude::*;

pub const ALL: &[Transform] = &[Transform {
    op: "hash_encode",
    title: "Hash encode",
    group: Group::Categories,
    summary: "A bucket from 0 for each text, by FNV-1a (64 bits) of its UTF-8, so that new categories need no table. \
              Missing stays missing.",
    params: &[
        ask::column("column", "Column"),
        ask::integer("buckets", "Buckets", 2, 1_000_000).or(Default::Number(32.0)),
        ask::name("Name"),
    ],
    examples: &[on("people", r#"{"column":"city","buckets":8}"#), on("people", r#"{"column":"name","name":"h"}"#)],
    plan: |args| {
        let column = args.text("column");
        let name = args.name_or(&format!("{column}_hash"));
        one(Hash { column, name, buckets: args.integer("buckets") as u64 })
    },
}];

struct Hash {
    column: String,
    name: String,
    buckets: u64,
}

impl Node for Hash {
    fn needs(&self) -> Vec<&str> {
        vec![&self.column]
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.with_columns([bucket(column(&self.column), self.buckets).alias(self.name.as_str())]))
    }

    fn polars(&self) -> Vec<String> {
        let (column, name) = (python_text(&self.column), python_text(&self.name));
        vec![format!("df = df.with_columns(bucket(pl.col({column}), {}).alias({name}))", self.buckets)]
    }

    fn pandas(&self) -> Vec<String> {
        let (column, name) = (python_text(&self.column), python_text(&self.name));
        vec![format!("df[{name}] = bucket(df[{column}], {})", self.buckets)]
    }

    fn rust(&self) -> Vec<String> {
        let (column, name) = (rust_text(&self.column), rust_text(&self.name));
        vec![format!("let df = df.with_columns([bucket(col({column}), {}).alias({name})]);", self.buckets)]
    }
}

/// FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn bucket(values: Expr, buckets: u64) -> Expr {
    let hash = move |text: &str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    values.cast(DataType::String).map(
        move |column| {
            let made: Int64Chunked =
                column.str()?.iter().map(|text| text.map(|text| (hash(text) % buckets) as i64)).collect();
            Ok(made.with_name(column.name().clone()).into_column())
        },
        |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)),
    )
}

/// The same for exported code.
pub mod code {
    pub const PYTHON: &str = r#"def bucket(values: pl.Expr, buckets: int) -> pl.Expr:
    """FNV-1a (64 bits) of the UTF-8, modulo the number of buckets."""
    def fnv(text: str) -> int:
        h = 0xCBF29CE484222325
        for byte in text.encode():
            h = (h ^ byte) * 0x100000001B3 % 2**64
        return h % buckets
    return values.cast(pl.String).map_elements(fnv, return_dtype=pl.Int64)
"#;

    pub const PANDAS: &str = r#"def bucket(values: pd.Series, buckets: int) -> pd.Series:
    """FNV-1a (64 bits) of the UTF-8, modulo the number of buckets."""
    def fnv(text: str) -> int:
        h = 0xCBF29CE484222325
        for byte in text.encode():
            h = (h ^ byte) * 0x100000001B3 % 2**64
        return h % buckets
    return cast(values, "String").map(fnv, na_action="ignore").astype("Int64")
"#;

    pub const RUST: &str = r#"/// FNV-1a (64 bits) of the UTF-8, modulo the number of buckets.
fn bucket(values: Expr, buckets: u64) -> Expr {
    let hash = move |text: &str| {
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    values.cast(DataType::String).map(
        move |column| {
            let made: Int64Chunked =
                column.str()?.iter().map(|text| text.map(|text| (hash(text) % buckets) as i64)).collect();
            Ok(made.with_name(column.name().clone()).into_column())
        },
        |_, field| Ok(Field::new(field.name().clone(), DataType::Int64)),
    )
}
"#;
}
