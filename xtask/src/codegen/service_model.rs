//! A service model as botocore publishes it, read into what the generator needs; documentation is dropped on reading.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub struct ServiceModel {
    /// The boto3 client's name.
    pub name: String,
    operations: BTreeMap<String, OperationShapes>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Default)]
pub struct OperationShapes {
    pub input: Option<String>,
    pub output: Option<String>,
}

pub enum Shape {
    Structure(Vec<Member>),
    List { member: String, range: Range },
    Map { key: String, value: String, range: Range },
    Text { range: Range, pattern: Option<String>, values: Vec<String> },
    Number { kind: Number, range: Range },
    Boolean,
    Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Number {
    Integer,
    Long,
    Float,
    Double,
}

/// Bounds as the model writes them; for text and collections they count, for numbers they compare.
#[derive(Clone, Default)]
pub struct Range {
    pub min: Option<f64>,
    pub max: Option<f64>,
}

pub struct Member {
    pub name: String,
    pub shape: String,
    pub required: bool,
}

impl ServiceModel {
    pub fn new(name: &str, model: Value) -> Result<Self> {
        let mut operations = BTreeMap::new();
        for (operation, body) in object(&model, "operations")? {
            let shape = |key: &str| body[key]["shape"].as_str().map(str::to_owned);
            operations.insert(operation.clone(), OperationShapes { input: shape("input"), output: shape("output") });
        }
        let mut shapes = BTreeMap::new();
        for (shape, body) in object(&model, "shapes")? {
            if let Some(read) = Shape::read(body).with_context(|| format!("shape {shape} of {name}"))? {
                shapes.insert(shape.clone(), read);
            }
        }
        Ok(Self { name: name.to_owned(), operations, shapes })
    }

    pub fn operation(&self, name: &str) -> Option<&OperationShapes> {
        self.operations.get(name)
    }

    pub fn operation_names(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// # Panics
    /// When a reachable shape is missing or of a kind that nothing of ours used before (a blob, a document).
    pub fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).unwrap_or_else(|| panic!("{}: shape {name} is absent or of an unknown kind", self.name))
    }

    /// Every shape reachable from the given operations' inputs and outputs, by name.
    pub fn closure<'a>(&self, operations: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        for operation in operations {
            let shapes = &self.operations[operation];
            for name in shapes.input.iter().chain(&shapes.output) {
                self.visit(name, &mut seen, &mut Vec::new());
            }
        }
        seen
    }

    fn visit(&self, name: &str, seen: &mut BTreeSet<String>, above: &mut Vec<String>) {
        assert!(!above.iter().any(|a| a == name), "{name} contains itself: generate a Box for it first");
        if !seen.insert(name.to_owned()) {
            return;
        }
        above.push(name.to_owned());
        for below in self.shape(name).parts() {
            self.visit(below, seen, above);
        }
        above.pop();
    }
}

impl Shape {
    /// `None` for kinds that nothing of ours reaches.
    fn read(body: &Value) -> Result<Option<Self>> {
        let part = |key: &str| {
            Ok::<_, anyhow::Error>(body[key]["shape"].as_str().context("a part without a shape")?.to_owned())
        };
        let range = Range { min: body["min"].as_f64(), max: body["max"].as_f64() };
        let number = |kind| Shape::Number { kind, range: range.clone() };
        Ok(Some(match body["type"].as_str().context("no type")? {
            "structure" => Shape::Structure(members(body)?),
            "list" => Shape::List { member: part("member")?, range },
            "map" => Shape::Map { key: part("key")?, value: part("value")?, range },
            "string" | "character" => {
                let values = body["enum"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|v| v.as_str().map(str::to_owned))
                    .collect();
                Shape::Text { range, pattern: body["pattern"].as_str().map(str::to_owned), values }
            }
            "integer" => number(Number::Integer),
            "long" => number(Number::Long),
            "float" => number(Number::Float),
            "double" => number(Number::Double),
            "boolean" => Shape::Boolean,
            "timestamp" => Shape::Timestamp,
            "blob" => return Ok(None),
            other => bail!("unknown type {other}"),
        }))
    }

    /// Names of the shapes directly below.
    fn parts(&self) -> Vec<&str> {
        match self {
            Shape::Structure(members) => members.iter().map(|m| m.shape.as_str()).collect(),
            Shape::List { member, .. } => vec![member],
            Shape::Map { key, value, .. } => vec![key, value],
            _ => Vec::new(),
        }
    }
}

fn members(body: &Value) -> Result<Vec<Member>> {
    let required: Vec<&str> = body["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    object(body, "members")?
        .iter()
        .map(|(name, member)| {
            let shape = member["shape"].as_str().context("a member without a shape")?.to_owned();
            Ok(Member { name: name.clone(), shape, required: required.contains(&name.as_str()) })
        })
        .collect()
}

fn object<'a>(value: &'a Value, key: &str) -> Result<&'a serde_json::Map<String, Value>> {
    value[key].as_object().with_context(|| format!("no `{key}`"))
}
