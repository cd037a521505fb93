//! Parts of the inspector that both kinds of jobs share, and the code that would make the same job.

use crate::frame::{Address, use_frame};
use crate::kit::Icon;
use leptos::prelude::*;
use std::fmt::Write as _;

/// Where an object or a prefix of a bucket is shown: a table for files with rows, else the bucket at that level.
pub fn address_of(uri: &str) -> Option<Address> {
    let rest = uri.strip_prefix("s3://")?;
    let ending =
        rest.rsplit('/').next().and_then(|leaf| leaf.rsplit_once('.')).map(|(_, ending)| ending).unwrap_or_default();
    if matches!(ending, "csv" | "tsv" | "parquet" | "jsonl" | "json") {
        return Some(Address::new("table", uri));
    }
    // A file of another kind is found in its folder.
    let folder = if ending.is_empty() { rest } else { rest.rsplit_once('/').map_or(rest, |(folder, _)| folder) };
    Some(Address::new("bucket", folder.trim_end_matches('/')))
}

/// `s3://…` as a link into the Data panel.
#[component]
pub fn UriLink(uri: String, icon: &'static str) -> impl IntoView {
    let frame = use_frame();
    let address = address_of(&uri);
    let short =
        uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).map_or(uri.as_str(), |(_, key)| key).to_owned();
    let short = if short.is_empty() { uri.clone() } else { short };
    let whole = uri.clone();
    view! {
        <span class="row uri" title=whole><Icon name=icon class="hint"/>
            {match address {
                Some(address) => view! { <a href="#" class="cut" data-uri=uri on:click=move |event| { event.prevent_default(); frame.open(address.clone()) }>{short}</a> }.into_any(),
                None => view! { <span class="cut">{short}</span> }.into_any(),
            }}
        </span>
    }
}

/// A request as the call of boto3 that makes it. `value` is the request in JSON, null members left out.
pub fn as_boto3(client: &str, call: &str, value: &serde_json::Value) -> String {
    let mut code = format!("import boto3\n\nclient = boto3.client(\"{client}\")\nclient.{call}(\n");
    if let serde_json::Value::Object(members) = value {
        for (name, member) in members.iter().filter(|(_, member)| !member.is_null()) {
            // Writing into a string cannot fail.
            let _ = writeln!(code, "    {name}={},", python(member, 1));
        }
    }
    code.push_str(")\n");
    code
}

/// JSON as Python writes it.
fn python(value: &serde_json::Value, depth: usize) -> String {
    let (pad, end) = ("    ".repeat(depth + 1), "    ".repeat(depth));
    match value {
        serde_json::Value::Null => "None".into(),
        serde_json::Value::Bool(true) => "True".into(),
        serde_json::Value::Bool(false) => "False".into(),
        serde_json::Value::Array(items) if items.is_empty() => "[]".into(),
        serde_json::Value::Array(items) => {
            let lines: String = items.iter().map(|item| format!("{pad}{},\n", python(item, depth + 1))).collect();
            format!("[\n{lines}{end}]")
        }
        serde_json::Value::Object(members) if members.is_empty() => "{}".into(),
        serde_json::Value::Object(members) => {
            let lines: String = members
                .iter()
                .filter(|(_, member)| !member.is_null())
                .map(|(name, member)| format!("{pad}{name:?}: {},\n", python(member, depth + 1)))
                .collect();
            format!("{{\n{lines}{end}}}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_become_python() {
        let value = serde_json::json!({"Name": "a", "On": true, "None": null, "List": [{"K": 1}], "Empty": {}});
        let code = as_boto3("sagemaker", "create_thing", &value);
        let expected = "import boto3\n\nclient = boto3.client(\"sagemaker\")\nclient.create_thing(\n    Name=\"a\",\n    On=True,\n    List=[\n        {\n            \"K\": 1,\n        },\n    ],\n    Empty={},\n)\n";
        assert_eq!(code, expected);
    }

    #[test]
    fn addresses() {
        let check = |uri: &str, address: &str| {
            assert_eq!(address_of(uri).map(|address| address.to_string()).unwrap_or_default(), address)
        };
        check("s3://b/train/train.csv", "atelier://table/s3://b/train/train.csv");
        check("s3://b/train/", "atelier://bucket/b/train");
        check("s3://b/out/model.tar.gz", "atelier://bucket/b/out");
        check("/local", "");
    }
}
