//! What an editor asks the kernel of its cell: what could stand at the cursor, and what a name is.

use super::cell_state::CellState;
use super::session::Session;
use crate::api;
use crate::kit::editor::{Question, paint};
use crate::kit::markdown;
use atelier_wire::studio::kernel::{CompleteCode, InspectCode, Inspection};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

pub(super) fn answer(session: Session, cell: &CellState, question: Question) -> js_sys::Promise {
    let (path, kernel) = (session.path(), cell.kernel.get_untracked());
    let language = untrack(|| session.language_of(cell));
    future_to_promise(async move {
        match question {
            // Without a kernel there is nothing to offer; saying so at each key would only disturb.
            Question::Complete { code, cursor } => {
                let Ok(found) = api::call(CompleteCode { path, kernel, code, cursor }).await else {
                    return Ok(JsValue::NULL);
                };
                let out = js_sys::Object::new();
                let matches: js_sys::Array = found
                    .matches
                    .iter()
                    .map(|one| {
                        js_sys::Array::of3(
                            &one.text.as_str().into(),
                            &one.kind.as_str().into(),
                            &one.detail.as_str().into(),
                        )
                    })
                    .collect();
                js_sys::Reflect::set(&out, &"matches".into(), &matches)?;
                js_sys::Reflect::set(&out, &"start".into(), &(found.start as f64).into())?;
                js_sys::Reflect::set(&out, &"end".into(), &(found.end as f64).into())?;
                Ok(out.into())
            }
            Question::Inspect { code, cursor, detail } => {
                let Ok(found) = api::call(InspectCode { path, kernel, code, cursor, detail }).await else {
                    return Ok(JsValue::NULL);
                };
                Ok(shown(&found, language).map_or(JsValue::NULL, Into::into))
            }
        }
    })
}

/// HTML of what is known, or nothing. Every letter of it is escaped on the way.
fn shown(found: &Inspection, language: &str) -> Option<String> {
    if let Some(text) = found.data.get("text/markdown").filter(|text| !text.trim().is_empty()) {
        return Some(format!("<div class=\"md\">{}</div>", markdown::to_html(text)));
    }
    let text = plain(found.data.get("text/plain")?);
    let (sign, rest) = parts(&text);
    let mut out = String::new();
    if !sign.is_empty() {
        out.push_str(&format!("<pre class=\"src cm-docs-sign\">{}</pre>", paint(&sign, language, &[])));
    }
    if !rest.is_empty() {
        out.push_str(&format!("<pre>{}</pre>", paint(&rest, "", &[])));
    }
    (!out.is_empty()).then_some(out)
}

/// Text without the colours of a terminal.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            if letters.next() == Some('[') {
                letters.by_ref().find(char::is_ascii_alphabetic);
            }
        } else if letter != '\r' {
            out.push(letter);
        }
    }
    out
}

/// IPython's answer in parts: the signature, and what it says besides. Where a thing is kept and of which type it is
/// comes last.
fn parts(text: &str) -> (String, String) {
    const SIGN: [&str; 3] = ["Signature:", "Init signature:", "Call signature:"];
    const BODY: [&str; 4] = ["Docstring:", "Init docstring:", "Class docstring:", "Call docstring:"];
    const TAIL: [&str; 7] = ["Type:", "String form:", "File:", "Length:", "Subclasses:", "Namespace:", "Source:"];
    let (mut sign, mut body, mut tail) = (String::new(), String::new(), String::new());
    let mut into = 1;
    for line in text.lines() {
        let head = |heads: &[&str]| {
            heads.iter().find(|head| line.starts_with(*head)).map(|head| line[head.len()..].trim_start().to_owned())
        };
        let (to, words) = if let Some(words) = head(&SIGN) {
            (0, words)
        } else if let Some(words) = head(&BODY) {
            (1, words)
        } else if head(&TAIL).is_some() {
            (2, line.to_owned())
        } else {
            (into, line.to_owned())
        };
        let opens = to != into || head(&SIGN).is_some() || head(&BODY).is_some();
        into = to;
        let target = match to {
            0 => &mut sign,
            1 => &mut body,
            _ => &mut tail,
        };
        if !(opens && words.is_empty()) {
            target.push_str(&words);
            target.push('\n');
        }
    }
    let rest = [body.trim(), tail.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    (sign.trim().to_owned(), rest)
}

#[cfg(test)]
mod tests {
    use super::{parts, plain};

    #[test]
    fn an_inspection_in_parts() {
        assert_eq!(plain("\u{1b}[31mSignature:\u{1b}[39m f(x)"), "Signature: f(x)");
        let (sign, rest) =
            parts("Signature: f(x, y=1)\nDocstring: Adds.\n\nMore.\nFile:      a.py\nType:      function");
        assert_eq!(sign, "f(x, y=1)");
        assert_eq!(rest, "Adds.\n\nMore.\n\nFile:      a.py\nType:      function");
        assert_eq!(parts("just words"), (String::new(), "just words".into()));
    }
}
