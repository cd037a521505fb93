//! What is asked of a kernel beyond running cells, in the words of its language. A file per language, a line here.
//!
//! Everything is an expression evaluated beside the user's code (`user_expressions` of a silent request), so that
//! neither history nor names change.

mod python;
mod rust;

use crate::launch::Desk;
use atelier_wire::studio::kernel::Variable;
use serde::Deserialize;
use serde_json::Value;

pub struct Language {
    /// As kernelspecs name it.
    pub name: &'static str,
    /// Answers with a list of [`Told`] as `application/json`.
    pub variables: &'static str,
    /// Puts the variable on the bridge under its own name.
    pub put: fn(&str) -> String,
    /// Gives a kernel that was started for nobody a notebook's folder and variables.
    pub enter: fn(&Desk) -> String,
    /// Whether a name can be a variable's: nothing else is ever put into an expression.
    pub is_name: fn(&str) -> bool,
}

const LANGUAGES: [&Language; 2] = [&python::PYTHON, &rust::RUST];

pub fn of(name: &str) -> Option<&'static Language> {
    LANGUAGES.into_iter().find(|language| language.name.eq_ignore_ascii_case(name))
}

/// A variable as a kernel tells it.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Told {
    name: String,
    kind: String,
    shape: String,
    num_bytes: Option<u64>,
    preview: String,
    is_table: bool,
}

/// Reads the value of one expression from a reply: its representation of a type, or why there is none.
pub fn expression<'a>(reply: &'a Value, mime: &str) -> Result<&'a Value, String> {
    let told = reply.pointer("/user_expressions/x").ok_or("The kernel does not evaluate expressions.")?;
    if told.get("status").and_then(Value::as_str) == Some("error") {
        let word = |key: &str| told.get(key).and_then(Value::as_str).unwrap_or_default();
        return Err(format!("{}: {}", word("ename"), word("evalue")));
    }
    told.get("data").and_then(|data| data.get(mime)).ok_or_else(|| "The kernel gave no answer.".to_owned())
}

/// The variables in a reply; nothing where the kernel cannot tell them.
pub fn variables(kernel: &str, reply: &Value) -> Vec<Variable> {
    let told = match expression(reply, "application/json") {
        Ok(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Ok(value) => value.clone(),
        Err(problem) => {
            tracing::debug!(kernel, problem, "no variables are told");
            return Vec::new();
        }
    };
    let list = match told {
        Value::Object(mut map) => map.remove("variables").unwrap_or_default(),
        list => list,
    };
    let told: Vec<Told> = serde_json::from_value(list).unwrap_or_default();
    told.into_iter()
        .map(|Told { name, kind, shape, num_bytes, preview, is_table }| Variable {
            kernel: kernel.to_owned(),
            name,
            kind,
            shape,
            num_bytes,
            preview,
            is_table,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_read_in_both_forms() {
        let list = json!([{"name": "x", "kind": "int", "shape": "", "num_bytes": 28, "preview": "1", "is_table": false}, {"name": "y"}]);
        for told in [list.clone(), json!(list.to_string()), json!({"variables": list})] {
            let reply = json!({"user_expressions": {"x": {"status": "ok", "data": {"application/json": told}}}});
            let found = variables("python3", &reply);
            assert_eq!((found.len(), found[0].num_bytes, found[1].name.as_str()), (2, Some(28), "y"));
        }
        let failed = json!({"user_expressions": {"x": {"status": "error", "ename": "NameError", "evalue": "no"}}});
        assert_eq!(expression(&failed, "text/plain"), Err("NameError: no".to_owned()));
        assert!(variables("python3", &json!({})).is_empty());
    }

    #[test]
    fn only_names_become_expressions() {
        for (language, good, bad) in
            [("python", "df_1", "df; x"), ("rust", "r_1", "x y"), ("python", "größe", "a.b"), ("rust", "_a", "1a")]
        {
            let language = of(language).unwrap();
            assert!(
                (language.is_name)(good) && !(language.is_name)(bad) && !(language.is_name)(""),
                "{}",
                language.name
            );
        }
        assert!(of("Python").is_some() && of("cobol").is_none());
    }
}
