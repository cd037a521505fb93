//! Another table's rows below.

use super::Node;
use crate::context::Context;
use crate::error::Fault;
use crate::expression::{python_text, rust_text};
use polars::prelude::*;

/// Columns meet by name; what one table lacks is missing there. Types widen to hold both.
pub struct Union(pub String);

impl Node for Union {
    fn apply(&self, frame: LazyFrame, _: &Schema, context: &Context) -> Result<LazyFrame, Fault> {
        let other = context.tables.table(&self.0).map_err(|text| Fault::new(text).param("table"))?;
        Ok(concat_lf_diagonal([frame, other], arguments())?)
    }

    fn polars(&self) -> Vec<String> {
        vec![format!("df = pl.concat([df, read_table({})], how=\"diagonal_relaxed\")", python_text(&self.0))]
    }

    fn pandas(&self) -> Vec<String> {
        vec![format!("df = pd.concat([df, read_table({})], ignore_index=True)", python_text(&self.0))]
    }

    fn rust(&self) -> Vec<String> {
        vec![
            "let arguments = UnionArgs { to_supertypes: true, diagonal: true, ..Default::default() };".into(),
            format!("let df = concat_lf_diagonal([df, read_table({})?], arguments)?;", rust_text(&self.0)),
        ]
    }
}

fn arguments() -> UnionArgs {
    UnionArgs { to_supertypes: true, diagonal: true, ..Default::default() }
}
