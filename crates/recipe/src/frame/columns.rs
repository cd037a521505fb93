//! Columns made, chosen, dropped and renamed.

use super::{Node, names, python_list, rust_list, spread};
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{Ex, column, python_column, python_text, rust_text};
use polars::prelude::*;

/// New columns, or new contents of old ones; each is computed from the table as it was.
pub struct WithColumns(pub Vec<(String, Ex)>);

impl WithColumns {
    pub fn one(name: &str, ex: Ex) -> Box<dyn Node> {
        Box::new(WithColumns(vec![(name.into(), ex)]))
    }
}

impl Node for WithColumns {
    fn needs(&self) -> Vec<&str> {
        self.0.iter().flat_map(|(_, ex)| ex.columns()).collect()
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let columns: Result<Vec<Expr>, Fault> =
            self.0.iter().map(|(name, ex)| Ok(ex.build()?.alias(name.as_str()))).collect();
        Ok(frame.with_columns(columns?))
    }

    fn polars(&self) -> Vec<String> {
        vec![spread("df = df.with_columns(", &self.0.iter().map(python_alias).collect::<Vec<_>>(), ")")]
    }

    fn pandas(&self) -> Vec<String> {
        vec![match self.0.as_slice() {
            [(name, ex)] => format!("df[{}] = {}", python_text(name), ex.pandas()),
            many => {
                let items: Vec<String> =
                    many.iter().map(|(name, ex)| format!("{}: {}", python_text(name), ex.pandas())).collect();
                spread("df = df.assign(**{", &items, "})")
            }
        }]
    }

    fn rust(&self) -> Vec<String> {
        vec![spread("let df = df.with_columns([", &self.0.iter().map(rust_alias).collect::<Vec<_>>(), "]);")]
    }
}

pub(super) fn python_alias((name, ex): &(String, Ex)) -> String {
    let text = ex.python();
    match ex {
        Ex::Col(same) if same == name => text,
        Ex::Lit(_) => format!("pl.lit({text}).alias({})", python_text(name)),
        _ if ex.binds() < 9 => format!("({text}).alias({})", python_text(name)),
        _ => format!("{text}.alias({})", python_text(name)),
    }
}

pub(super) fn rust_alias((name, ex): &(String, Ex)) -> String {
    let text = ex.rust();
    match ex {
        Ex::Col(same) if same == name => text,
        Ex::Binary(..) | Ex::Neg(_) => format!("({text}).alias({})", rust_text(name)),
        _ => format!("{text}.alias({})", rust_text(name)),
    }
}

/// These columns in this order.
pub struct Select(pub Vec<String>);

impl Node for Select {
    fn needs(&self) -> Vec<&str> {
        names(&self.0)
    }

    fn apply(&self, frame: LazyFrame, _: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        Ok(frame.select(self.0.iter().map(|name| column(name)).collect::<Vec<_>>()))
    }

    fn polars(&self) -> Vec<String> {
        let plain = |name: &String| match python_column(name) {
            text if text.starts_with("pl.col(") => python_text(name),
            text => text,
        };
        vec![spread("df = df.select(", &self.0.iter().map(plain).collect::<Vec<_>>(), ")")]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = df[{}]", python_list(&self.0))]
    }

    fn rust(&self) -> Vec<String> {
        let columns: Vec<String> = self.0.iter().map(|name| crate::expression::rust_column(name)).collect();
        vec![spread("let df = df.select([", &columns, "]);")]
    }
}

pub struct Drop(pub Vec<String>);

impl Node for Drop {
    fn needs(&self) -> Vec<&str> {
        names(&self.0)
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        if schema.len() == self.0.len() {
            return Err(Fault::new("This would drop every column").remedy("Keep at least one"));
        }
        Ok(frame.drop(by_name(self.0.iter().map(String::as_str), true, false)))
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = df.drop({})", python_list(&self.0))]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = df.drop(columns={})", python_list(&self.0))]
    }

    fn rust(&self) -> Vec<String> {
        vec![format!("let df = df.drop(by_name({}, true, false));", rust_list(&self.0))]
    }
}

/// Old and new names.
pub struct Rename(pub Vec<(String, String)>);

impl Node for Rename {
    fn needs(&self) -> Vec<&str> {
        self.0.iter().map(|(old, _)| old.as_str()).collect()
    }

    fn apply(&self, frame: LazyFrame, schema: &Schema, _: &Context) -> Result<LazyFrame, Fault> {
        let gone = |name: &str| self.0.iter().any(|(old, _)| old == name);
        let mut seen = std::collections::HashSet::new();
        for (_, new) in &self.0 {
            if (schema.contains(new) && !gone(new)) || !seen.insert(new) {
                return Err(Fault::new(format!("There would be two columns `{new}`")).remedy("Choose another name"));
            }
        }
        let (old, new): (Vec<&String>, Vec<&String>) = self.0.iter().map(|(old, new)| (old, new)).unzip();
        Ok(frame.rename(old, new, true))
    }

    fn polars(&self) -> Vec<String> {
        vec![spread("df = df.rename({", &self.pairs(), "})")]
    }

    fn pandas(&self) -> Vec<String> {
        vec![spread("df = df.rename(columns={", &self.pairs(), "})")]
    }

    fn rust(&self) -> Vec<String> {
        let (old, new): (Vec<String>, Vec<String>) = self.0.iter().cloned().unzip();
        vec![format!("let df = df.rename({}, {}, true);", rust_list(&old), rust_list(&new))]
    }
}

impl Rename {
    fn pairs(&self) -> Vec<String> {
        self.0.iter().map(|(old, new)| format!("{}: {}", python_text(old), python_text(new))).collect()
    }
}
