//! One HTML file that needs no other, in both colour schemes.

use super::{ansi, escape, highlight, language, markdown, math, sanitize};
use crate::document::{Cell, Document};
use crate::{output, show};
use atelier_wire::studio::notebook::CellKind;
use base64::Engine as _;
use serde_json::{Map, Value};

const STYLE: &str = include_str!("page.css");

/// Stands at the end of a page in a frame, which has no origin: only it can know how tall it came out. It says so a few
/// times at most, for what grows with its frame would grow for ever.
const TELL_HEIGHT: &str = "<script>(() => { let left = 40, last = 0; const tell = () => { \
    const tall = Math.ceil(Math.max(document.documentElement.getBoundingClientRect().height, document.body.scrollHeight)); \
    if (tall !== last && left-- > 0) parent.postMessage({ tall: last = tall }, '*'); }; \
    new ResizeObserver(tell).observe(document.documentElement); new ResizeObserver(tell).observe(document.body); \
    addEventListener('load', tell); })()</script>";

/// Gives frames the height that they ask for, within reason.
const FIT_FRAMES: &str = "<script>addEventListener('message', (event) => { \
    const frame = [...document.querySelectorAll('iframe')].find((frame) => frame.contentWindow === event.source); \
    const tall = Number(event.data?.tall); \
    if (frame && tall > 0) frame.style.height = `${Math.min(tall + 2, 4000)}px`; });</script>";

/// What of a bundle is shown: the first of these that it has.
const PREFERRED: &[&str] = &[
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
    "text/markdown",
    "text/latex",
    "application/json",
    "text/plain",
];

/// The whole page. `title` is for the window and the file's properties.
pub fn to_html(document: &Document, title: &str) -> String {
    let mut body = String::new();
    for cell in document.cells() {
        body.push_str(&section(document, cell));
    }
    let script = if body.contains("<iframe sandbox") { FIT_FRAMES } else { "" };
    let names: String = (0..16)
        .map(|n| format!(".b{n}{{background:var(--a{n});color:var(--back)}}"))
        .chain((0..16).map(|n| format!(".f{n}{{color:var(--a{n})}}")))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>\n{STYLE}{names}\n</style>\n{script}</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escape(title)
    )
}

fn section(document: &Document, cell: &Cell) -> String {
    let source = cell.source();
    let (class, body) = match cell.kind() {
        CellKind::Markdown => ("markdown", markdown::to_html(&source, Some(cell))),
        CellKind::Raw => ("raw", format!("<pre>{}</pre>\n", escape(&source))),
        CellKind::Code => ("code", code(document, cell, &source)),
    };
    let prompt = match (cell.kind(), cell.execution_count()) {
        (CellKind::Code, Some(count)) => format!("[{count}]"),
        (CellKind::Code, None) => "[ ]".to_owned(),
        _ => String::new(),
    };
    let id = escape(cell.id());
    format!(
        "<section class=\"cell\" id=\"cell-{id}\">\n<div class=\"prompt\">{prompt}</div>\n<div class=\"body {class}\">\n{body}</div>\n</section>\n"
    )
}

fn code(document: &Document, cell: &Cell, source: &str) -> String {
    let language = language(document, cell);
    let mut body = String::new();
    if !source.trim().is_empty() {
        let other = if language == document.language() {
            String::new()
        } else {
            format!("<span class=\"language\">{}</span>", escape(&language))
        };
        let code = format!("<pre class=\"code\">{other}<code>{}</code></pre>\n", highlight::to_html(source, &language));
        body.push_str(&folded(code, cell.is_source_hidden(), "Code"));
    }
    let outputs: String = cell.outputs().iter().map(output_html).collect();
    if !outputs.is_empty() {
        body.push_str(&folded(outputs, cell.are_outputs_hidden(), "Output"));
    }
    body
}

fn folded(html: String, folded: bool, what: &str) -> String {
    if folded { format!("<details><summary>{what}</summary>\n{html}</details>\n") } else { html }
}

fn output_html(value: &Value) -> String {
    let wrap = |class: &str, inner: &str| format!("<div class=\"output {class}\">{inner}</div>\n");
    match value.get("output_type").and_then(Value::as_str) {
        Some("stream") => {
            let stderr = value.get("name").and_then(Value::as_str) == Some("stderr");
            wrap(
                if stderr { "stderr" } else { "stdout" },
                &format!("<pre>{}</pre>", ansi::to_html(output::text(value.get("text")).trim_end())),
            )
        }
        Some("error") => {
            let lines = value.get("traceback").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let mut text = lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
            if text.trim().is_empty() {
                text = format!("{}: {}", output::text(value.get("ename")), output::text(value.get("evalue")));
            }
            wrap("error", &format!("<pre>{}</pre>", ansi::to_html(&text)))
        }
        _ => value
            .get("data")
            .and_then(Value::as_object)
            .and_then(bundle)
            .map(|inner| wrap("display", &inner))
            .unwrap_or_default(),
    }
}

fn bundle(data: &Map<String, Value>) -> Option<String> {
    let has_picture = data.keys().any(|mime| mime.starts_with("image/"));
    let text = |mime: &str| data.get(mime).map(|data| show::text_of(mime, data));
    // A page that needs scripts gives way to a picture of it.
    let alive = text("text/html").is_some_and(|html| sanitize::is_alive(&html));
    let shown =
        PREFERRED.iter().find(|mime| data.contains_key(**mime) && !(**mime == "text/html" && alive && has_picture));
    let Some(mime) = shown else {
        let (mime, value) = data.iter().next()?;
        return Some(format!(
            "<p class=\"note\">{}</p>",
            escape(&format!("{mime}, {} characters", show::text_of(mime, value).len()))
        ));
    };
    let text = text(mime)?;
    Some(match *mime {
        "text/html" if alive => {
            let page = escape(&format!("<!doctype html>{text}{TELL_HEIGHT}"));
            format!("<iframe sandbox=\"allow-scripts\" loading=\"lazy\" srcdoc=\"{page}\"></iframe>")
        }
        "text/html" => sanitize::clean(&text),
        "image/svg+xml" => {
            let base64 = base64::engine::general_purpose::STANDARD.encode(&text);
            format!("<img alt=\"\" src=\"data:image/svg+xml;base64,{base64}\">")
        }
        mime if mime.starts_with("image/") => format!("<img alt=\"\" src=\"{}\">", escape(&data_address(mime, &text))),
        "text/markdown" => format!("<div class=\"markdown\">{}</div>", markdown::to_html(&text, None)),
        "text/latex" => latex(&text),
        "application/json" => {
            let pretty = serde_json::from_str::<Value>(&text)
                .and_then(|value| serde_json::to_string_pretty(&value))
                .unwrap_or(text);
            format!("<pre>{}</pre>", escape(&pretty))
        }
        _ => format!("<pre>{}</pre>", ansi::to_html(&text)),
    })
}

/// TeX with its dollar signs or brackets around it.
fn latex(text: &str) -> String {
    let text = text.trim();
    let inner = |open: &str, close: &str| text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
    let display = inner("$$", "$$").or_else(|| inner("\\[", "\\]"));
    match (display, inner("$", "$")) {
        (Some(tex), _) => math::to_html(tex.trim(), true),
        (None, Some(tex)) => {
            math::to_html(tex.trim().trim_start_matches("\\displaystyle"), text.contains("\\displaystyle"))
        }
        (None, None) => math::to_html(text, true),
    }
}

/// The address of content that stands in the notebook as base64.
pub(super) fn data_address(mime: &str, base64: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "+/=".contains(*c);
    let mime: String = mime.chars().filter(|c| c.is_ascii_alphanumeric() || "/+-.".contains(*c)).collect();
    format!("data:{mime};base64,{}", base64.chars().filter(plain).collect::<String>())
}
