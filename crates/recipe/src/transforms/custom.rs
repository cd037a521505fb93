use super::{on, one};
use crate::context::{Context, Language};
use crate::error::Fault;
use crate::frame::Node;
use crate::spec::{Default, Group, Kind, ParamSpec, Transform};
use polars::prelude::*;

const PYTHON: &str = "def transform(df: pl.DataFrame) -> pl.DataFrame:\n    return df\n";
const RUST: &str = "fn transform(df: DataFrame) -> PolarsResult<DataFrame> {\n    Ok(df)\n}\n";

pub const ALL: &[Transform] = &[
    Transform {
        op: "custom_python",
        title: "Python function",
        group: Group::Code,
        summary: "A function of your own: def transform(df: pl.DataFrame) -> pl.DataFrame. It runs in another process.",
        params: &[ParamSpec::new("code", "Code", Kind::Code).starts_as(Default::Text(PYTHON))],
        examples: &[
            on(
                "people",
                r#"{"code":"def transform(df):\n    return df.select(\"id\", double=pl.col(\"age\") * 2)\n"}"#,
            ),
            on(
                "people",
                r#"{"code":"def transform(df):\n    names = \"\"\"id\ndouble\"\"\"\n    first, second = names.split(\"\\n\")\n    return df.select(pl.col(\"id\").alias(first), (pl.col(\"age\") * 2).alias(second))\n"}"#,
            ),
        ],
        plan: |args| one(Code { language: Language::Python, code: args.text("code") }),
    },
    Transform {
        op: "custom_rust",
        title: "Rust function",
        group: Group::Code,
        summary: "A function of your own: fn transform(df: DataFrame) -> PolarsResult<DataFrame>. It runs in another \
                  process.",
        params: &[ParamSpec::new("code", "Code", Kind::Code).starts_as(Default::Text(RUST))],
        examples: &[
            on(
                "people",
                r#"{"code":"fn transform(df: DataFrame) -> PolarsResult<DataFrame> {\n    df.head(Some(3)).select([\"id\", \"age\"])\n}\n"}"#,
            ),
            on(
                "people",
                r#"{"code":"fn transform(df: DataFrame) -> PolarsResult<DataFrame> {\n    let names = \"id\nage\";\n    df.head(Some(3)).select(names.lines())\n}\n"}"#,
            ),
        ],
        plan: |args| one(Code { language: Language::Rust, code: args.text("code") }),
    },
];

struct Code {
    language: Language,
    code: String,
}

impl Node for Code {
    fn apply(&self, frame: LazyFrame, _: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let table = frame.collect()?;
        let made = context.custom.run(self.language, &self.code, &table, &context.cancel);
        let made = made.map_err(|text| Fault::new(text).param("code"))?;
        if made.height() as u64 > context.limits.max_rows {
            return Err(Fault::new(format!(
                "The function made {} rows, more than the {} allowed",
                made.height(),
                context.limits.max_rows
            )));
        }
        Ok(made.lazy())
    }

    fn polars(&self) -> Vec<String> {
        match self.language {
            Language::Python => vec![self.code.trim_end().into(), "df = transform(df)".into()],
            Language::Rust => vec!["raise NotImplementedError(\"this step is a Rust function\")".into()],
        }
    }

    fn pandas(&self) -> Vec<String> {
        match self.language {
            Language::Python => vec![self.code.trim_end().into(), "df = from_polars(transform(to_polars(df)))".into()],
            Language::Rust => vec!["raise NotImplementedError(\"this step is a Rust function\")".into()],
        }
    }

    fn rust(&self) -> Vec<String> {
        match self.language {
            Language::Rust => vec![self.code.trim_end().into(), "let df = transform(df.collect()?)?.lazy();".into()],
            Language::Python => vec![
                "let df: LazyFrame = { let _ = df; polars_bail!(ComputeError: \"this step is a Python function\") };"
                    .into(),
            ],
        }
    }
}
