//! From an operation's name and its JSON to an answer: validation against the service model, then the operation.

use crate::{Context, Operation, dispatch, is_sagemaker, operation};
use atelier_wire::Error;
use serde_json::Value;

/// An answer, and what a write changed.
pub struct Answer {
    pub body: Vec<u8>,
    /// Tag and name of what was written; `None` for reads.
    pub changed: Option<(&'static str, String)>,
}

/// Handles an AWS operation. Blocks: a write returns when it is durable.
pub fn call(ctx: &Context, name: &str, body: &[u8]) -> Result<Answer, Error> {
    let operation = operation(name).ok_or_else(|| unknown(name))?;
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    let input: Value = serde_json::from_slice(body).map_err(|problem| {
        Error::new("SerializationException", format!("The request is not valid JSON: {problem}."))
    })?;
    validate(operation, &input)?;
    let body = dispatch(ctx, name, body).ok_or_else(|| unknown(name))??;
    let changed = operation.writes.then(|| (operation.tag, subject(operation.tag, &input)));
    Ok(Answer { body, changed })
}

fn unknown(name: &str) -> Error {
    match is_sagemaker(name) {
        true => Error::new(
            "UnsupportedOperationException",
            format!(
                "{name} is an operation of SageMaker that Atelier does not implement yet. docs/api-coverage.md lists those that work."
            ),
        ),
        false => Error::new("UnknownOperationException", format!("There is no operation named {name}.")),
    }
}

fn validate(operation: &Operation, input: &Value) -> Result<(), Error> {
    atelier_model::validate(operation.name, input)
        .map_err(|violations| Error::new(violations.code(), violations.to_string()))
}

/// The name of the thing that a write is about: `EndpointConfigName` for the tag `endpoint-config`.
fn subject(tag: &str, input: &Value) -> String {
    let pascal: String = tag
        .split('-')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect();
    let name = [format!("{pascal}Name"), "ResourceArn".to_owned()];
    name.iter().find_map(|member| input[member].as_str()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_write_names_its_subject() {
        let check = |tag: &str, input: Value, name: &str| assert_eq!(subject(tag, &input), name);
        check("training-job", json!({"TrainingJobName": "a"}), "a");
        check("endpoint-config", json!({"EndpointConfigName": "b"}), "b");
        check("tags", json!({"ResourceArn": "arn:aws:x"}), "arn:aws:x");
        check("model", json!({}), "");
    }
}
