//! JSON as a tree: closed below its first levels, opened by a click, drawn only as far as it is open.

use crate::kit::copy::copy_text;
use crate::kit::{Icon, format};
use leptos::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Children beyond this many come in groups of as many.
const GROUP: usize = 100;

pub fn view(text: &str) -> AnyView {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let root = Node { value: Arc::new(value), steps: Vec::new(), name: None, path: "$".into() };
            view! { <div class="json" data-output="json" role="tree">{node(&root, 0)}</div> }.into_any()
        }
        Err(_) => super::text::block(text, "json").into_any(),
    }
}

/// A value inside of the whole: shared, and found by its steps, so that nothing is copied.
#[derive(Clone)]
struct Node {
    value: Arc<Value>,
    steps: Vec<usize>,
    name: Option<String>,
    /// `$.a[3]`
    path: String,
}

impl Node {
    fn get(&self) -> &Value {
        let mut value = &*self.value;
        for at in &self.steps {
            value = match value {
                Value::Array(items) => &items[*at],
                Value::Object(items) => items.values().nth(*at).unwrap_or(&Value::Null),
                other => other,
            };
        }
        value
    }

    fn children(&self, from: usize, to: usize) -> Vec<Self> {
        let child = |at: usize, name: String, path: String| {
            let mut steps = self.steps.clone();
            steps.push(at);
            Self { value: self.value.clone(), steps, name: Some(name), path }
        };
        match self.get() {
            Value::Array(items) => (from..to.min(items.len()))
                .map(|at| child(at, at.to_string(), format!("{}[{at}]", self.path)))
                .collect(),
            Value::Object(items) => {
                let named = items.keys().enumerate().skip(from).take(to - from);
                named.map(|(at, name)| child(at, name.clone(), joined(&self.path, name))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// `$.name`, `$["a name"]`.
fn joined(path: &str, name: &str) -> String {
    let plain = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
        && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if plain { format!("{path}.{name}") } else { format!("{path}[{}]", Value::String(name.to_owned())) }
}

/// Class and text of a plain value; a long text by its start.
fn plain(value: &Value) -> (&'static str, String) {
    match value {
        Value::String(text) if text.chars().count() > 400 => (
            "s",
            format!(
                "{}… ({} characters)",
                Value::String(text.chars().take(400).collect()),
                format::count(text.chars().count() as u64)
            ),
        ),
        Value::String(_) => ("s", value.to_string()),
        Value::Number(_) => ("n", value.to_string()),
        Value::Bool(_) | Value::Null => ("k", value.to_string()),
        Value::Array(items) => ("c", format!("[{}]", format::counted(items.len() as u64, "item", "items"))),
        Value::Object(items) => ("c", format!("{{{}}}", format::counted(items.len() as u64, "key", "keys"))),
    }
}

fn node(node: &Node, depth: usize) -> AnyView {
    let value = node.get();
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Object(items) => items.len(),
        _ => 0,
    };
    let (class, words) = plain(value);
    let label = node.name.clone().map(|name| view! { <span class="json-name">{name}</span> });
    let tools = copiers(node);
    if count == 0 {
        return view! { <div class="json-row" role="treeitem"><span class="json-mark"></span>{label}<span class=format!("code {class}")>{words}</span>{tools}</div> }.into_any();
    }
    let open = RwSignal::new(depth == 0 || (depth == 1 && count <= 20));
    let node = StoredValue::new(node.clone());
    view! {
        <div role="treeitem" aria-expanded=move || open.get().to_string()>
            <div class="json-row">
                <button type="button" class="json-mark" aria-label="Open or close" on:click=move |_| open.update(|open| *open = !*open)>
                    <Icon name=Signal::derive(move || if open.get() { "down" } else { "right" }) class="i-s"/>
                </button>
                {label}<span class=format!("code {class}")>{words}</span>{tools}
            </div>
            {move || open.get().then(|| view! { <div class="json-in" role="group">{node.with_value(|node| inside(node, depth + 1, count))}</div> })}
        </div>
    }
    .into_any()
}

fn inside(parent: &Node, depth: usize, count: usize) -> AnyView {
    let all = |from: usize, to: usize| parent.children(from, to).iter().map(|child| node(child, depth)).collect_view();
    if count <= GROUP {
        return all(0, count).into_any();
    }
    let groups = (0..count).step_by(GROUP).map(|from| {
        let to = (from + GROUP).min(count);
        let open = RwSignal::new(from == 0);
        let parent = StoredValue::new(parent.clone());
        view! {
            <div class="json-row">
                <button type="button" class="json-mark" aria-label="Open or close" on:click=move |_| open.update(|open| *open = !*open)>
                    <Icon name=Signal::derive(move || if open.get() { "down" } else { "right" }) class="i-s"/>
                </button>
                <span class="hint">{format!("{from} … {}", to - 1)}</span>
            </div>
            {move || open.get().then(|| view! { <div class="json-in">{parent.with_value(|parent| parent.children(from, to)).iter().map(|child| node(child, depth + 1)).collect_view()}</div> })}
        }
    });
    groups.collect_view().into_any()
}

fn copiers(node: &Node) -> impl IntoView + use<> {
    let held = StoredValue::new(node.clone());
    let copy = move |what: fn(&Node) -> String| {
        let text = held.with_value(what);
        spawn_local(async move {
            // A refusal leaves the clipboard as it was; the text can still be marked by hand.
            let _ = copy_text(&text).await;
        });
    };
    let value = |node: &Node| match node.get() {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    view! {
        <span class="json-tools">
            <button type="button" class="btn btn-s btn-bare" title="Copy the path" on:click=move |_| copy(|node| node.path.clone())>"Path"</button>
            <button type="button" class="btn btn-s btn-bare" title="Copy the value" on:click=move |_| copy(value)>"Value"</button>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::{Node, joined};
    use std::sync::Arc;

    #[test]
    fn paths() {
        assert_eq!(joined("$", "a_1"), "$.a_1");
        assert_eq!(joined("$.a", "b c\""), "$.a[\"b c\\\"\"]");
        assert_eq!(joined("$", "1a"), "$[\"1a\"]");
    }

    #[test]
    fn children_are_found_without_a_copy() {
        let value = serde_json::json!({"z": [1, {"a": "x"}], "b": null});
        let root = Node { value: Arc::new(value), steps: Vec::new(), name: None, path: "$".into() };
        let first = &root.children(0, 10)[0];
        assert_eq!(first.name.as_deref(), Some("z"));
        let inner = &first.children(1, 2)[0].children(0, 1)[0];
        assert_eq!((inner.get().as_str(), inner.path.as_str()), (Some("x"), "$.z[1].a"));
        assert_eq!(first.children(5, 9).len(), 0);
    }
}
