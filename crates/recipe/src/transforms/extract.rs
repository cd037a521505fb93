use super::{on, one};
use crate::error::Fault;
use crate::expression::{check_regex, col, lit};
use crate::frame::WithColumns;
use crate::spec::{ColumnType, Group, Kind, ParamSpec, Transform, ask};

pub const ALL: &[Transform] = &[Transform {
    op: "extract",
    title: "Extract by regular expression",
    group: Group::Text,
    summary: "A new column for each group of the first match, or for the whole match when there is no group; \
                  missing where nothing matches.",
    params: &[
        ask::column_of("column", "Column", ColumnType::Text),
        ParamSpec::new("pattern", "Pattern", Kind::Regex),
        ParamSpec::new("names", "Names", Kind::Values).optional().help("One for each group"),
    ],
    examples: &[
        on("people", r#"{"column":"note","pattern":"(\\w+) (\\w+)","names":["first","second"]}"#),
        on("people", r#"{"column":"name","pattern":"[A-Z]\\w"}"#),
    ],
    plan: |args| {
        let pattern = args.text("pattern");
        let regex = check_regex(&pattern).map_err(|fault| fault.param("pattern"))?;
        let column = args.text("column");
        let names = args.columns("names");
        let groups = if regex.captures_len() > 1 { 1..regex.captures_len() } else { 0..1 };
        if !names.is_empty() && names.len() != groups.len() {
            let text = format!("The pattern has {} groups, but there are {} names", groups.len(), names.len());
            return Err(Fault::new(text).param("names").remedy("Give one name for each group"));
        }
        let made = groups.enumerate().map(|(index, group)| {
            let name = names.get(index).cloned().unwrap_or_else(|| format!("{column}_{}", index + 1));
            (name, col(&column).call("str.extract", [lit(pattern.as_str()), lit(group as i64)]))
        });
        one(WithColumns(made.collect()))
    },
}];
