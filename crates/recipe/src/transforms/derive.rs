use super::on;
use crate::frame::WithColumns;
use crate::spec::{Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[Transform {
    op: "derive",
    title: "Derive by expression",
    group: Group::Columns,
    summary: "A column from an expression in Polars' Python syntax, such as pl.col(\"a\") * 2 + \
              pl.col(\"b\").str.len_chars(). Counts and parts of dates have narrow types, as in Polars.",
    params: &[ask::new_name("Name"), ParamSpec::new("expression", "Expression", Kind::Expression)],
    examples: &[
        on(
            "people",
            r#"{"name":"x","expression":"pl.col(\"income\") * 2 + pl.col(\"name\").str.len_chars() - pl.col(\"age\") / 3"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.when(pl.col(\"age\") < 30).then(pl.lit(\"young\")).when(pl.col(\"age\") < 50).then(pl.lit(\"middle\")).otherwise(None)"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"(pl.col(\"score\").abs().sqrt() + pl.col(\"score\").round(1) ** 2) % 3 - pl.col(\"age\") // 7"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.coalesce(pl.col(\"city\"), pl.col(\"name\").str.to_uppercase().str.head(3))"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.concat_str([pl.col(\"city\"), pl.col(\"age\"), pl.col(\"active\")], separator=\" - \")"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.max_horizontal(pl.col(\"age\"), pl.col(\"score\")) - pl.min_horizontal(pl.col(\"age\"), pl.col(\"score\"))"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"(pl.col(\"income\") - pl.col(\"income\").mean().over(\"city\")) / pl.col(\"income\").std().over(\"city\", \"active\")"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.col(\"joined\").dt.year() * 100 + pl.col(\"joined\").dt.month().cast(pl.Int32) + pl.col(\"joined\").dt.weekday()"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"(pl.col(\"age\").is_between(20, 40) | pl.col(\"active\")) ^ pl.col(\"city\").is_in([\"Oslo\", \"Rome\"])"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.col(\"name\").str.replace_all(\"([aeiou])\", \"<$1>\").str.slice(1, 6).str.strip_chars(\"<>\")"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"-pl.col(\"age\").clip(20, 50).cast(pl.Float64).log(2) + pl.col(\"score\").exp().log1p() * pl.col(\"score\").sin() + pl.col(\"score\").tanh().floor() + pl.col(\"score\").sign()"}"#,
        ),
        on(
            "people",
            r#"{"name":"joined","expression":"(pl.datetime(2022, 1, 1, 12) - pl.col(\"joined\")).dt.total_hours()"}"#,
        ),
        on(
            "people",
            r#"{"name":"x","expression":"pl.col(\"income\").quantile(0.3) + pl.col(\"age\").n_unique() + pl.col(\"age\").median() + pl.len() + pl.col(\"age\").var() + pl.col(\"city\").null_count()"}"#,
        ),
    ],
    plan: |args| Ok(vec![WithColumns::one(&args.text("name"), args.expression("expression")?)]),
}];
