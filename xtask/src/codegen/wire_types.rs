//! The types of `wire::aws`: a struct per reachable structure, an enum per short list of values.

use super::service_model::{Member, Number, ServiceModel, Shape};
use super::{Generated, Operations, names};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Longer lists (hundreds of instance types) stay strings: an enum of them would be dead weight in the window.
const MAX_VARIANTS: usize = 40;

/// Names that generated code uses and no shape may take.
const TAKEN: &[&str] = &["Option", "String", "Vec", "BTreeMap", "Timestamp", "Empty", "Some", "None", "Ok", "Err"];

pub fn path(service: &str) -> PathBuf {
    let file = if service == "sagemaker" { "types" } else { service };
    format!("crates/wire/src/aws/{file}.rs").into()
}

pub fn generate(operations: &Operations, models: &[ServiceModel]) -> Result<Vec<Generated>> {
    models.iter().map(|model| Ok(Generated { path: path(&model.name), text: file(operations, model)? })).collect()
}

fn file(operations: &Operations, model: &ServiceModel) -> Result<String> {
    let reached = model.closure(operations.of(&model.name).map(|o| o.name.as_str()));
    let mut body = String::new();
    for name in &reached {
        match model.shape(name) {
            Shape::Structure(members) => structure(&mut body, model, name, members)?,
            Shape::Text { values, .. } if is_enum(values) => enumeration(&mut body, name, values)?,
            _ => {}
        }
    }
    body.push_str(&calls(operations, model)?);
    let mut out = operations
        .rust_header(&format!("Shapes of the `{}` service, as far as its implemented operations reach.", model.name));
    for (used, import) in [
        ("Timestamp", "use super::Timestamp;\n"),
        ("Empty", "use super::Empty;\n"),
        ("names! {", "use super::names;\n"),
        ("operations! {", "use super::operations;\n"),
        ("BTreeMap<", "use std::collections::BTreeMap;\n"),
        ("Serialize", "use serde::{Deserialize, Serialize};\n"),
    ] {
        if body.contains(used) {
            out.push_str(import);
        }
    }
    out.push_str(&body);
    Ok(out)
}

fn structure(out: &mut String, model: &ServiceModel, name: &str, members: &[Member]) -> Result<()> {
    check_name(name)?;
    let mut fields = BTreeSet::new();
    let lower = members.iter().filter(|m| m.name.starts_with(|c: char| c.is_lowercase())).count();
    let camel = lower * 2 > members.len();
    out.push_str("\n#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]\n");
    if !members.is_empty() {
        writeln!(out, "#[serde(rename_all = \"{}\")]", if camel { "camelCase" } else { "PascalCase" })?;
    }
    writeln!(out, "pub struct {name} {{")?;
    for member in members {
        let snake = names::snake(&member.name);
        if !fields.insert(snake.clone()) {
            bail!("{name}: two members would be `{snake}`");
        }
        let by_rule = if camel { names::camel(&snake) } else { names::pascal(&snake) };
        let mut attributes = Vec::new();
        if by_rule != member.name {
            attributes.push(format!("rename = \"{}\"", member.name));
        }
        let mut kind = rust_type(model, &member.shape);
        if !member.required {
            attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            kind = format!("Option<{kind}>");
        }
        if !attributes.is_empty() {
            writeln!(out, "    #[serde({})]", attributes.join(", "))?;
        }
        writeln!(out, "    pub {}: {kind},", names::field(&member.name))?;
    }
    out.push_str("}\n");
    Ok(())
}

fn enumeration(out: &mut String, name: &str, values: &[String]) -> Result<()> {
    check_name(name)?;
    let mut variants = BTreeSet::new();
    writeln!(out, "\nnames! {{\n    {name} {{")?;
    for value in values {
        let variant = names::variant(value);
        if variant.is_empty() || variant == "Self" || !variants.insert(variant.clone()) {
            bail!("{name}: the value {value:?} has no variant name of its own");
        }
        writeln!(out, "        {variant} = {value:?},")?;
    }
    out.push_str("    }\n}\n");
    Ok(())
}

fn calls(operations: &Operations, model: &ServiceModel) -> Result<String> {
    let mut out = String::from("\noperations! {\n");
    let mut inputs = BTreeSet::new();
    for operation in operations.of(&model.name) {
        let shapes = model.operation(&operation.name).expect("checked against the model");
        let Some(input) = &shapes.input else {
            bail!("{} takes no input: give it a request type of its own", operation.name)
        };
        if !inputs.insert(input) {
            bail!("{input} is the input of two operations: a request type must name its call");
        }
        writeln!(out, "    {:?}: {input} => {},", operation.name, shapes.output.as_deref().unwrap_or("Empty"))?;
    }
    out.push_str("}\n");
    Ok(out)
}

fn rust_type(model: &ServiceModel, shape: &str) -> String {
    match model.shape(shape) {
        Shape::Structure(_) => shape.to_owned(),
        Shape::List { member, .. } => format!("Vec<{}>", rust_type(model, member)),
        Shape::Map { value, .. } => format!("BTreeMap<String, {}>", rust_type(model, value)),
        Shape::Text { values, .. } if is_enum(values) => shape.to_owned(),
        Shape::Text { .. } => "String".to_owned(),
        Shape::Number { kind, .. } => match kind {
            Number::Integer => "i32",
            Number::Long => "i64",
            Number::Float => "f32",
            Number::Double => "f64",
        }
        .to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Timestamp => "Timestamp".to_owned(),
    }
}

fn is_enum(values: &[String]) -> bool {
    !values.is_empty() && values.len() <= MAX_VARIANTS
}

fn check_name(name: &str) -> Result<()> {
    if TAKEN.contains(&name) || !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        bail!("the shape {name} cannot be a Rust type of that name");
    }
    Ok(())
}
