//! The tables of the `model` crate: kinds, bounds, patterns and values of every reachable shape, as statics.
//!
//! Shapes are numbered over all services; a row names the rows below it by number. Nothing is parsed at run time.

use super::service_model::{Number, Range, ServiceModel, Shape};
use super::{Generated, Operations};
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub const PATH: &str = "crates/model/src/tables.rs";

pub fn generate(operations: &Operations, models: &[ServiceModel]) -> Result<Generated> {
    let mut index: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut order = Vec::new();
    for model in models {
        for name in model.closure(operations.of(&model.name).map(|o| o.name.as_str())) {
            index.insert((&model.name, name.clone()), order.len());
            order.push((model, name));
        }
    }
    let mut out = operations.rust_header("Constraints of every shape that the implemented operations reach.");
    out.push_str("use crate::shape::{Member, Operation, Range, Shape, Shape::*};\n\n");
    out.push_str("const fn m(name: &'static str, shape: u16, required: bool) -> Member {\n    Member { name, shape, required }\n}\n\n");
    out.push_str("const fn r(min: Option<i64>, max: Option<i64>) -> Range {\n    Range { min, max }\n}\n\n");
    out.push_str("pub(crate) static OPERATIONS: &[Operation] = &[\n");
    let mut named: Vec<_> = operations.list.iter().collect();
    named.sort_by(|a, b| a.name.cmp(&b.name));
    for o in named {
        let model = models.iter().find(|m| m.name == o.service).expect("checked against the model");
        let shapes = model.operation(&o.name).expect("checked against the model");
        let row = |shape: &Option<String>| shape.as_ref().map(|s| index[&(model.name.as_str(), s.clone())]);
        writeln!(
            out,
            "    Operation {{ name: {:?}, service: {:?}, input: {:?}, output: {:?} }},",
            o.name,
            o.service,
            row(&shapes.input),
            row(&shapes.output)
        )?;
    }
    out.push_str("];\n\npub(crate) static SHAPES: &[Shape] = &[\n");
    for (number, (model, name)) in order.iter().enumerate() {
        let at = |shape: &String| index[&(model.name.as_str(), shape.clone())];
        writeln!(out, "    // {number} {name}\n    {},", row(model.shape(name), name, at)?)?;
    }
    out.push_str("];\n");
    Ok(Generated { path: PATH.into(), text: out })
}

fn row(shape: &Shape, name: &str, at: impl Fn(&String) -> usize) -> Result<String> {
    Ok(match shape {
        Shape::Structure(members) => {
            let members: Vec<String> =
                members.iter().map(|m| format!("m({:?}, {}, {})", m.name, at(&m.shape), m.required)).collect();
            format!("Structure {{ name: {name:?}, members: &[{}] }}", members.join(", "))
        }
        Shape::List { member, range } => format!("List {{ member: {}, range: {} }}", at(member), bounds(range)?),
        Shape::Map { key, value, range } => {
            format!("Map {{ key: {}, value: {}, range: {} }}", at(key), at(value), bounds(range)?)
        }
        Shape::Text { range, pattern, values } => {
            format!("Text {{ range: {}, pattern: {pattern:?}, values: &{values:?} }}", bounds(range)?)
        }
        Shape::Number { kind: Number::Integer | Number::Long, range } => {
            let long = matches!(shape, Shape::Number { kind: Number::Long, .. });
            format!("Integer {{ long: {long}, range: {} }}", bounds(range)?)
        }
        Shape::Number { range, .. } => format!("Float {{ range: {} }}", bounds(range)?),
        Shape::Boolean => "Boolean".to_owned(),
        Shape::Timestamp => "Timestamp".to_owned(),
    })
}

/// Bounds are whole numbers in every model so far; a fraction would need another type, so it stops here.
fn bounds(range: &Range) -> Result<String> {
    let whole = |bound: Option<f64>| match bound {
        Some(b) if b.fract() != 0.0 => bail!("a bound of {b} is not a whole number"),
        other => Ok(other.map(|b| b as i64)),
    };
    Ok(format!("r({:?}, {:?})", whole(range.min)?, whole(range.max)?))
}
