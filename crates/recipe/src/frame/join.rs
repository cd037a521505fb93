//! Columns of another table beside the rows that belong together.

use super::{Node, names, python_list, rust_list};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{column, python_text, rust_text};
use polars::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Inner,
    Left,
    /// All rows of the other table, whose columns then come first.
    Right,
    Full,
    Semi,
    Anti,
    Cross,
    /// The last row of the other table that isn't later.
    AsofBackward,
    /// The first that isn't earlier.
    AsofForward,
    AsofNearest,
}

/// Missing keys never belong together. Rows keep the order of this table, and within a row that of the other; with
/// `Full` the other's rows without a partner follow. A column of the other table whose name is taken gets `suffix`.
pub struct Join {
    pub table: String,
    pub how: How,
    /// As named in this table. For an as-of join the last one is the time or number that is approximate.
    pub on: Vec<String>,
    /// As named in the other table, as many.
    pub right_on: Vec<String>,
    pub suffix: String,
}

impl Node for Join {
    fn needs(&self) -> Vec<&str> {
        names(&self.on)
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let mut other = context.tables.table(&self.table).map_err(|text| Fault::new(text).param("table"))?;
        let theirs = other.collect_schema()?;
        let columns: Vec<String> = theirs.iter_names().map(|name| name.to_string()).collect();
        for (mine, name) in self.on.iter().zip(&self.right_on) {
            let Some(dtype) = theirs.get(name) else {
                let fault = Fault::missing_column(name, &columns);
                return Err(Fault { text: format!("{} in `{}`", fault.text, self.table), ..fault }.param("right_on"));
            };
            match schema.get(mine) {
                Some(own) if own != dtype && !(own.is_primitive_numeric() && dtype.is_primitive_numeric()) => {
                    let text = format!("`{mine}` is {own} but `{name}` of `{}` is {dtype}", self.table);
                    return Err(Fault::new(text).param("on").remedy("Cast one to the other's type in a step before"));
                }
                _ => {}
            }
        }
        if self.right_on != self.on {
            other = other.rename(&self.right_on, &self.on, true);
        }
        self.refuse_explosion(&frame, &other, context)?;
        self.join(frame, other)
    }

    fn polars(&self) -> Vec<String> {
        let mut lines = self.python_other("other.rename({})");
        let on = python_list(&self.on);
        let suffix = python_text(&self.suffix);
        let exact = |how: &str, order: &str| {
            format!("df = df.join(other, on={on}, how=\"{how}\", suffix={suffix}, maintain_order=\"{order}\")")
        };
        let last = match self.how {
            How::Inner => exact("inner", "left_right"),
            How::Left => exact("left", "left_right"),
            How::Right => {
                format!("df = other.join(df, on={on}, how=\"left\", suffix={suffix}, maintain_order=\"left_right\")")
            }
            How::Full => format!(
                "df = df.join(other, on={on}, how=\"full\", suffix={suffix}, coalesce=True, \
                 maintain_order=\"left_right\")"
            ),
            How::Semi => format!("df = df.join(other, on={on}, how=\"semi\", maintain_order=\"left\")"),
            How::Anti => format!("df = df.join(other, on={on}, how=\"anti\", maintain_order=\"left\")"),
            How::Cross => format!("df = df.join(other, how=\"cross\", suffix={suffix})"),
            _ => {
                let (near, by) = self.split();
                let near = python_text(near);
                let by = if by.is_empty() { String::new() } else { format!("by={}, ", python_list(by)) };
                lines.push(format!("df = df.drop_nulls({near}).sort({near}, maintain_order=True)"));
                lines.push(format!("other = other.drop_nulls({near}).sort({near}, maintain_order=True)"));
                format!(
                    "df = df.join_asof(other, on={near}, {by}strategy=\"{}\", suffix={suffix}, \
                     check_sortedness=False)",
                    self.strategy()
                )
            }
        };
        lines.push(last);
        lines
    }

    fn pandas(&self) -> Vec<String> {
        let mut lines = self.python_other("other.rename(columns={})");
        let on = python_list(&self.on);
        let suffixes = format!("suffixes=(\"\", {})", python_text(&self.suffix));
        let last = match self.how {
            How::Inner => format!("df = df.merge(other.dropna(subset={on}), on={on}, how=\"inner\", {suffixes})"),
            How::Left => format!("df = df.merge(other.dropna(subset={on}), on={on}, how=\"left\", {suffixes})"),
            How::Right => format!("df = other.merge(df.dropna(subset={on}), on={on}, how=\"left\", {suffixes})"),
            How::Full => format!("df = full_join(df, other, {on}, {})", python_text(&self.suffix)),
            How::Semi => format!("df = df[has_partner(df, other, {on})].reset_index(drop=True)"),
            How::Anti => format!("df = df[~has_partner(df, other, {on})].reset_index(drop=True)"),
            How::Cross => format!("df = df.merge(other, how=\"cross\", {suffixes})"),
            _ => {
                let (near, by) = self.split();
                let near = python_text(near);
                let by = if by.is_empty() { String::new() } else { format!("by={}, ", python_list(by)) };
                lines.push(format!("df = df.dropna(subset=[{near}]).sort_values({near}, kind=\"stable\")"));
                lines.push(format!("other = other.dropna(subset=[{near}]).sort_values({near}, kind=\"stable\")"));
                format!("df = pd.merge_asof(df, other, on={near}, {by}direction=\"{}\", {suffixes})", self.strategy())
            }
        };
        lines.push(last);
        lines
    }

    fn rust(&self) -> Vec<String> {
        let mut lines = vec![format!("let other = read_table({})?;", rust_text(&self.table))];
        if self.right_on != self.on {
            lines.push(format!(
                "let other = other.rename({}, {}, true);",
                rust_list(&self.right_on),
                rust_list(&self.on)
            ));
        }
        let on: Vec<String> = self.on.iter().map(|name| crate::expression::rust_column(name)).collect();
        let on = on.join(", ");
        let suffix = rust_text(&self.suffix);
        let exact = |left: &str, right: &str, how: &str, more: &str| {
            format!(
                "let df = {left}\n    .join_builder()\n    .with({right})\n    .how(JoinType::{how})\n    \
                 .on([{on}])\n    .suffix({suffix}){more}\n    .maintain_order(MaintainOrderJoin::LeftRight)\n    \
                 .finish();"
            )
        };
        let last = match self.how {
            How::Inner => exact("df", "other", "Inner", ""),
            How::Left => exact("df", "other", "Left", ""),
            How::Right => exact("other", "df", "Left", ""),
            How::Full => exact("df", "other", "Full", "\n    .coalesce(JoinCoalesce::CoalesceColumns)"),
            How::Semi | How::Anti => {
                format!("let df = df.join(other, [{on}], [{on}], JoinArgs::new(JoinType::{:?}));", self.how)
            }
            How::Cross => format!("let df = df.cross_join(other, Some({suffix}.into()));"),
            _ => {
                let (near, by) = self.split();
                let (near, by, strategy) = (rust_text(near), rust_list(by), self.strategy());
                format!("let df = as_of(df, other, {near}, &{by}, \"{strategy}\", {suffix})?;")
            }
        };
        lines.push(last);
        lines
    }
}

impl Join {
    fn strategy(&self) -> &'static str {
        match self.how {
            How::AsofForward => "forward",
            How::AsofNearest => "nearest",
            _ => "backward",
        }
    }

    /// The approximate key and the exact ones.
    fn split(&self) -> (&String, &[String]) {
        let (near, by) = self.on.split_last().expect("an as-of join has a key");
        (near, by)
    }

    fn python_other(&self, rename: &str) -> Vec<String> {
        let mut lines = vec![format!("other = read_table({})", python_text(&self.table))];
        if self.right_on != self.on {
            let pairs: Vec<String> = self
                .right_on
                .iter()
                .zip(&self.on)
                .map(|(right, left)| format!("{}: {}", python_text(right), python_text(left)))
                .collect();
            lines.push(format!("other = {}", rename.replace("{}", &format!("{{{}}}", pairs.join(", ")))));
        }
        lines
    }

    fn join(&self, frame: LazyFrame, other: LazyFrame) -> Result<LazyFrame, Fault> {
        let on: Vec<Expr> = self.on.iter().map(|name| column(name)).collect();
        let exact = |left: LazyFrame, right: LazyFrame, how: JoinType, coalesce: JoinCoalesce| {
            left.join_builder()
                .with(right)
                .how(how)
                .on(&on)
                .suffix(self.suffix.as_str())
                .coalesce(coalesce)
                .maintain_order(MaintainOrderJoin::LeftRight)
                .finish()
        };
        Ok(match self.how {
            How::Inner => exact(frame, other, JoinType::Inner, JoinCoalesce::JoinSpecific),
            How::Left => exact(frame, other, JoinType::Left, JoinCoalesce::JoinSpecific),
            How::Right => exact(other, frame, JoinType::Left, JoinCoalesce::JoinSpecific),
            How::Full => exact(frame, other, JoinType::Full, JoinCoalesce::CoalesceColumns),
            How::Semi => frame.join(other, on.clone(), on, JoinArgs::new(JoinType::Semi)),
            How::Anti => frame.join(other, on.clone(), on, JoinArgs::new(JoinType::Anti)),
            How::Cross => frame.cross_join(other, Some(self.suffix.as_str().into())),
            How::AsofBackward | How::AsofForward | How::AsofNearest => {
                let (near, by) = self.split();
                let by = names(by);
                super::as_of::join(frame, other, near, &by, self.strategy(), &self.suffix)?
            }
        })
    }

    /// Counts rows before any is made; the keys are counted only where the product of both sides could be too many.
    fn refuse_explosion(&self, frame: &LazyFrame, other: &LazyFrame, context: &Context) -> Result<(), Fault> {
        let most = context.limits.max_rows;
        let bounded =
            matches!(self.how, How::Semi | How::Anti | How::AsofBackward | How::AsofForward | How::AsofNearest);
        if bounded {
            return Ok(());
        }
        let (mine, theirs) = (count(frame)?, count(other)?);
        let remedy = "Aggregate or deduplicate one side first, or join on more columns";
        if mine.saturating_mul(theirs) <= most {
            return Ok(());
        }
        if self.how == How::Cross {
            let text = format!(
                "Each of {mine} rows with each of {theirs} would make {} rows, more than the {most} allowed",
                mine.saturating_mul(theirs)
            );
            return Err(Fault::new(text).remedy("Filter first, or join on a column"));
        }
        let on: Vec<Expr> = self.on.iter().map(|name| column(name)).collect();
        let counted = |table: &LazyFrame, name: &str| {
            let counts = table.clone().group_by(on.clone()).agg([len().cast(DataType::Float64).alias(name)]);
            counts.drop_nulls(Some(by_name(self.on.iter().map(String::as_str), true, false)))
        };
        let (left, right, pairs) = ("\u{1}left", "\u{1}right", "\u{1}pairs");
        let keys = counted(frame, left)
            .join(counted(other, right), on.clone(), on.clone(), JoinArgs::new(JoinType::Inner))
            .with_columns([(col(left) * col(right)).alias(pairs)]);
        let total = keys.clone().select([col(pairs).sum()]).collect()?;
        let total = total.columns()[0].get(0)?.try_extract::<f64>().unwrap_or(0.0);
        if total <= most as f64 {
            return Ok(());
        }
        let order = SortMultipleOptions::default().with_order_descending(true);
        let worst = keys.sort([pairs], order).limit(3).collect()?;
        let mut named = Vec::new();
        for row in 0..worst.height() {
            let cell = |name: &str| worst.column(name).and_then(|values| Ok(values.get(row)?.to_string()));
            let key: Result<Vec<String>, PolarsError> = self.on.iter().map(|name| cell(name)).collect();
            named.push(format!("{} ({} × {} times)", key?.join(", "), cell(left)?, cell(right)?));
        }
        let text = format!(
            "The join would make about {total:.0} rows, more than the {most} allowed, because keys repeat on both sides: \
             {}",
            named.join("; ")
        );
        Err(Fault::new(text).param("on").remedy(remedy))
    }
}

fn count(table: &LazyFrame) -> Result<u64, Fault> {
    let counted = table.clone().select([len()]).collect()?;
    Ok(counted.columns()[0].get(0)?.try_extract::<u64>()?)
}
