//! Markdown cells as HTML.

use super::{highlight, math, sanitize};
use crate::document::Cell;
use crate::output;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde_json::Value;

/// The cell's text, its attachments as pictures within.
pub fn to_html(source: &str, cell: Option<&Cell>) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut out = String::new();
    let mut events = Vec::new();
    let mut code: Option<(String, String)> = None;
    // Raw HTML comes in pieces that belong together: it is cleaned as a whole, with placeholders for what is not raw.
    for event in Parser::new_ext(source, options) {
        match (event, &mut code) {
            (Event::Start(Tag::CodeBlock(kind)), _) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '{']).next().unwrap_or_default().to_lowercase()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                code = Some((language, String::new()));
            }
            (Event::Text(text), Some((_, so_far))) => so_far.push_str(&text),
            (Event::End(TagEnd::CodeBlock), Some((language, text))) => {
                let html = format!("<pre class=\"code\"><code>{}</code></pre>\n", highlight::to_html(text, language));
                events.push(Event::Html(html.into()));
                code = None;
            }
            (Event::InlineMath(tex), _) => events.push(Event::InlineHtml(math::to_html(&tex, false).into())),
            (Event::DisplayMath(tex), _) => events.push(Event::InlineHtml(math::to_html(&tex, true).into())),
            (Event::Html(raw), _) => events.push(Event::Html(piece(&raw))),
            (Event::InlineHtml(raw), _) => events.push(Event::InlineHtml(piece(&raw))),
            (Event::Start(Tag::Link { link_type, dest_url, title, id }), _) => {
                let dest_url = if sanitize::is_link(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
                events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            (Event::Start(Tag::Image { link_type, dest_url, title, id }), _) => {
                let dest_url = picture(&dest_url, cell).into();
                events.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            (other, _) => events.push(other),
        }
    }
    html::push_html(&mut out, events.into_iter());
    out
}

/// A piece of raw HTML. Elements that begin here and end in another piece: a pair of tags that may nest freely is let
/// through as it is, anything else must end in its piece.
fn piece(raw: &str) -> CowStr<'static> {
    let simple = raw.trim();
    const FREE: &[&str] =
        &["b", "i", "u", "s", "em", "strong", "sub", "sup", "kbd", "mark", "small", "code", "del", "ins"];
    let name = simple.trim_start_matches(['<', '/']).trim_end_matches('>');
    if FREE.contains(&name) && (simple == format!("<{name}>") || simple == format!("</{name}>")) {
        return raw.to_owned().into();
    }
    sanitize::clean(raw).into()
}

/// Where a picture is read from: an attachment's content, or the address if it is harmless.
fn picture(address: &str, cell: Option<&Cell>) -> String {
    let Some(name) = address.strip_prefix("attachment:") else {
        return if sanitize::is_picture(address) { address.to_owned() } else { String::new() };
    };
    let attachments = cell.map(Cell::attachments).unwrap_or_default();
    let unquoted = name.replace("%20", " ");
    let bundle = attachments.get(name).or_else(|| attachments.get(&unquoted)).and_then(Value::as_object);
    let shown = bundle.into_iter().flatten().find(|(mime, _)| mime.starts_with("image/"));
    shown.map(|(mime, data)| super::html::data_address(mime, &output::text(Some(data)))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    fn check(source: &str, part: &str) {
        let html = to_html(source, None);
        assert!(html.contains(part), "{source}: {html}");
    }

    #[test]
    fn markdown() {
        check("# T\n\n|a|b|\n|-|-|\n|1|2|", "<td>1</td>");
        check("$x<y$ and $$\\frac{1}{2}$$", "<mfrac>");
        check("```python\nif x: pass\n```", "<span class=\"hk\">if</span>");
        check("H<sub>2</sub>O", "H<sub>2</sub>O");
        check("- [x] done", "checkbox");
        check("~~no~~", "<del>no</del>");
    }

    #[test]
    fn hostile_markdown_shows_only() {
        for source in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "![x](javascript:alert(1))",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<div onclick=x>\n\n**a**\n\n</div>",
            "<svg/onload=alert(1)>",
            "<iframe src=x>",
            "![x](file:///etc/passwd)",
        ] {
            let html = to_html(source, None).to_lowercase();
            for bad in ["<script", "onerror=", "\"javascript:", "onclick", "<svg", "<iframe", "file:"] {
                assert!(!html.contains(bad), "{source}: {html}");
            }
        }
    }
}
