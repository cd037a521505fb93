//! The form of a transform, made from what the catalogue says of its fields.

use crate::kit::{FormLine, Select, Switch};
use atelier_wire::studio::data::recipe::{Field, Param};
use atelier_wire::studio::data::view::ViewColumn;
use leptos::prelude::*;
use std::collections::BTreeMap;

type Params = RwSignal<BTreeMap<String, Param>>;

#[component]
pub fn StepForm(fields: Vec<Field>, params: Params, columns: Memo<Vec<ViewColumn>>) -> impl IntoView {
    view! { <div class="step-form">{fields.into_iter().map(|field| line(field, params, columns)).collect_view()}</div> }
}

fn line(field: Field, params: Params, columns: Memo<Vec<ViewColumn>>) -> AnyView {
    let label = if field.required { field.label.clone() } else { format!("{} (optional)", field.label) };
    let hint = field.hint.clone();
    match field.kind.as_str() {
        "bool" => {
            let value = RwSignal::new(matches!(params.with_untracked(|params| params.get(&field.name).cloned()), Some(Param::Bool(true))));
            let name = field.name.clone();
            Effect::new(move |_| put(params, &name, Param::Bool(value.get())));
            view! { <FormLine label=field.label.clone() hint><Switch value name=field.label/></FormLine> }.into_any()
        }
        "choice" => {
            let choices: Vec<(String, String)> = field.choices.iter().map(|choice| (choice.clone(), choice.replace('_', " "))).collect();
            view! { <FormLine label hint>{select(&field, params, Signal::stored(optional(&field, choices)))}</FormLine> }.into_any()
        }
        "column" => {
            let given = field.clone();
            let choices = Signal::derive(move || {
                let mut names: Vec<(String, String)> = columns.with(|columns| columns.iter().map(|column| (column.name.clone(), format!("{} ({})", column.name, column.dtype))).collect());
                names.insert(0, (String::new(), if given.required { "choose a column" } else { "none" }.to_owned()));
                names
            });
            view! { <FormLine label hint>{select(&field, params, choices)}</FormLine> }.into_any()
        }
        "columns" => view! { <div class="form-line"><span class="quiet">{label}</span>{columns_field(field.name, params, columns)}<span class="hint">{hint}</span></div> }.into_any(),
        "code" | "expression" | "sql" => area(field, label, params, true),
        "text" | "number" | "integer" | "source" => text(field, label, params),
        _ => area(field, label, params, false),
    }
}

fn put(params: Params, name: &str, param: Param) {
    if params.with_untracked(|params| params.get(name) != Some(&param)) {
        params.update(|params| {
            params.insert(name.to_owned(), param);
        });
    }
}

fn optional(field: &Field, choices: Vec<(String, String)>) -> Vec<(String, String)> {
    let none = (!field.required && field.default.is_none()).then(|| (String::new(), "none".to_owned()));
    none.into_iter().chain(choices).collect()
}

fn select(field: &Field, params: Params, options: Signal<Vec<(String, String)>>) -> impl IntoView + use<> {
    let name = field.name.clone();
    let start = match params.with_untracked(|params| params.get(&name).cloned()) {
        Some(Param::Text(text)) => text,
        _ => String::new(),
    };
    let value = RwSignal::new(start);
    Effect::new(move |_| {
        let chosen = value.get();
        put(params, &name, if chosen.is_empty() { Param::Null } else { Param::Text(chosen) });
    });
    view! { <Select value name=field.name.clone() options/> }
}

fn columns_field(name: String, params: Params, columns: Memo<Vec<ViewColumn>>) -> impl IntoView {
    let held = StoredValue::new(name.clone());
    let chosen = move || {
        params.with(|params| match params.get(&held.get_value()) {
            Some(Param::List(list)) => list
                .iter()
                .filter_map(|param| if let Param::Text(text) = param { Some(text.clone()) } else { None })
                .collect(),
            _ => Vec::<String>::new(),
        })
    };
    let toggle = move |column: String| {
        let mut now = untrack(chosen);
        match now.iter().position(|known| *known == column) {
            Some(at) => drop(now.remove(at)),
            None => now.push(column),
        }
        put(params, &held.get_value(), Param::List(now.into_iter().map(Param::Text).collect()));
    };
    view! {
        <div class="columns-field" data-field=name>
            {move || columns.get().into_iter().map(|column| {
                let (own, key, label, name) = (column.name.clone(), column.name.clone(), column.name.clone(), column.name.clone());
                view! { <label class="columns-item" data-column=name><input type="checkbox" prop:checked=move || chosen().contains(&own) on:change=move |_| toggle(key.clone())/><span class="cut">{label}</span><span class="hint small">{column.dtype}</span></label> }
            }).collect_view()}
        </div>
    }
}

fn text(field: Field, label: String, params: Params) -> AnyView {
    let (name, kind) = (field.name.clone(), field.kind.clone());
    let start = params.with_untracked(|params| params.get(&name).map(written).unwrap_or_default());
    let value = RwSignal::new(start);
    let problem = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let typed = value.get();
        match read(&kind, &typed) {
            Ok(param) => {
                problem.set(None);
                put(params, &name, param);
            }
            Err(why) => problem.set(Some(why)),
        }
    });
    let number = matches!(field.kind.as_str(), "number" | "integer");
    view! {
        <FormLine label hint=field.hint error=problem>
            <span class="field" class:is-bad=move || problem.with(Option::is_some)><input type="text" inputmode=if number { "decimal" } else { "text" } name=field.name.clone() aria-label=field.label autocomplete="off" spellcheck="false"
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))/></span>
        </FormLine>
    }
    .into_any()
}

fn area(field: Field, label: String, params: Params, plain: bool) -> AnyView {
    let name = field.name.clone();
    let start = params.with_untracked(|params| {
        params.get(&name).map(|param| if plain { written(param) } else { listed(param) }).unwrap_or_default()
    });
    let value = RwSignal::new(start);
    let problem = RwSignal::new(None::<String>);
    let kind = field.kind.clone();
    Effect::new(move |_| {
        let typed = value.get();
        let param = if plain {
            Ok(if typed.is_empty() { Param::Null } else { Param::Text(typed) })
        } else {
            structured(&kind, &typed)
        };
        match param {
            Ok(param) => {
                problem.set(None);
                put(params, &name, param);
            }
            Err(why) => problem.set(Some(why)),
        }
    });
    let example = match field.kind.as_str() {
        "expression" => "pl.col(\"price\") / pl.col(\"rooms\")",
        "sql" => "price / rooms",
        "list" => "one value a line",
        "map" => "{\"old\": \"new\"}",
        _ => "",
    };
    view! {
        <FormLine label hint=field.hint error=problem>
            <textarea class="field code-s" rows=if field.kind == "code" { "8" } else { "3" } name=field.name.clone() aria-label=field.label placeholder=example spellcheck="false"
                prop:value=move || value.get() on:input=move |event| value.set(event_target_value(&event))></textarea>
        </FormLine>
    }
    .into_any()
}

/// A plain value as it is typed.
fn written(param: &Param) -> String {
    match param {
        Param::Null => String::new(),
        Param::Text(text) => text.clone(),
        Param::Bool(on) => on.to_string(),
        Param::Integer(number) => number.to_string(),
        Param::Number(number) => number.to_string(),
        Param::List(_) | Param::Map(_) => serde_json::to_string(param).unwrap_or_default(),
    }
}

/// A list of plain texts one a line, all else as JSON.
fn listed(param: &Param) -> String {
    match param {
        Param::Null => String::new(),
        Param::List(list) if list.iter().all(|item| matches!(item, Param::Text(text) if !text.contains('\n'))) => {
            list.iter().map(written).collect::<Vec<_>>().join("\n")
        }
        _ => serde_json::to_string_pretty(param).unwrap_or_default(),
    }
}

fn read(kind: &str, typed: &str) -> Result<Param, String> {
    let trimmed = typed.trim();
    if trimmed.is_empty() && kind != "text" || typed.is_empty() {
        return Ok(Param::Null);
    }
    match kind {
        "integer" => trimmed.parse().map(Param::Integer).map_err(|_| format!("{trimmed} is not a whole number")),
        "number" => trimmed
            .parse::<i64>()
            .map(Param::Integer)
            .or_else(|_| trimmed.parse::<f64>().map(Param::Number))
            .map_err(|_| format!("{trimmed} is not a number")),
        _ => Ok(Param::Text(typed.to_owned())),
    }
}

fn structured(kind: &str, typed: &str) -> Result<Param, String> {
    if typed.trim().is_empty() {
        return Ok(Param::Null);
    }
    if kind == "list" && !typed.trim_start().starts_with('[') {
        return Ok(Param::List(typed.lines().map(|line| Param::Text(line.to_owned())).collect()));
    }
    serde_json::from_str(typed).map_err(|why| format!("This is not JSON: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_parameter() {
        assert_eq!(read("integer", " 12 "), Ok(Param::Integer(12)));
        assert_eq!(read("number", "0.5"), Ok(Param::Number(0.5)));
        assert!(read("integer", "x").is_err());
        assert_eq!(read("text", " "), Ok(Param::Text(" ".into())));
        assert_eq!(read("number", ""), Ok(Param::Null));
        let list = Param::List(vec![Param::Text("a".into()), Param::Text("b c".into())]);
        assert_eq!(structured("list", &listed(&list)), Ok(list));
        let map = Param::Map([("a".to_owned(), Param::Integer(1))].into());
        assert_eq!(structured("map", &listed(&map)), Ok(map));
        assert!(structured("map", "{").is_err());
    }
}
