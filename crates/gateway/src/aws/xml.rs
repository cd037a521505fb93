//! JSON written as the XML of AWS's query protocol: objects are elements, lists hold `member` elements, instants are
//! ISO 8601.

use serde_json::Value;

/// Members that are instants in the three services that speak this protocol; seconds since the epoch in JSON.
const INSTANTS: [&str; 7] = [
    "CreateDate",
    "Expiration",
    "LastUsedDate",
    "Timestamp",
    "Timestamps",
    "StateUpdatedTimestamp",
    "PasswordLastUsed",
];

/// Appends `<name>value</name>`; nothing for `null`.
pub fn element(out: &mut String, name: &str, value: &Value) {
    if value.is_null() {
        return;
    }
    open(out, name);
    content(out, name, value);
    close(out, name);
}

fn content(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| INSTANTS.contains(&name)).and_then(instant) {
            Some(at) => out.push_str(&at),
            None => out.push_str(&number.to_string()),
        },
        Value::String(text) => escape(out, text),
        Value::Array(items) => {
            for item in items {
                open(out, "member");
                content(out, name, item);
                close(out, "member");
            }
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| element(out, name, value)),
    }
}

fn open(out: &mut String, name: &str) {
    out.extend(["<", name, ">"]);
}

fn close(out: &mut String, name: &str) {
    out.extend(["</", name, ">"]);
}

fn instant(seconds: f64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond((seconds * 1_000.0).round() as i64).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Appends text with the five special characters and what XML 1.0 cannot hold replaced.
pub fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(character),
            control if control < ' ' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    fn check(value: serde_json::Value, expected: &str) {
        let mut out = String::new();
        super::element(&mut out, "R", &value);
        assert_eq!(out, expected);
    }

    #[test]
    fn shapes() {
        check(json!({"Account": "1", "None": null}), "<R><Account>1</Account></R>");
        check(
            json!({"L": [{"A": 1}, {"A": true}]}),
            "<R><L><member><A>1</A></member><member><A>true</A></member></L></R>",
        );
        check(json!({"CreateDate": 1_440_938_160.0}), "<R><CreateDate>2015-08-30T12:36:00Z</CreateDate></R>");
        check(
            json!({"Timestamps": [0.0], "Values": [0.5]}),
            "<R><Timestamps><member>1970-01-01T00:00:00Z</member></Timestamps><Values><member>0.5</member></Values></R>",
        );
        check(json!("a<b>&\"'\u{1}\r"), "<R>a&lt;b&gt;&amp;&quot;&apos;\u{fffd}&#xD;</R>");
    }
}
