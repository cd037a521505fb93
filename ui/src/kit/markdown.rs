//! Markdown to HTML that cannot harm: of raw HTML only what is known to be safe is kept, links lead only where links
//! may, and pictures come from the text itself. Formulas are marked for [`super::math`] to set.

use super::editor::paint;
use super::math::{escaped, markup};
use super::tags;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// Renders `source`. The result holds no element, attribute or address that the source could have smuggled in.
/// Pictures that are attachments keep their address, `attachment:name`, for whoever has the attachments.
pub fn to_html(source: &str) -> String {
    render(source, &|text, language| paint(text, language, &[]))
}

/// `paint` gives the HTML of code in a language.
fn render(source: &str, paint: &dyn Fn(&str, &str) -> String) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut out = String::with_capacity(source.len() * 3 / 2);
    let source = with_dollars(source);
    let mut code: Option<(String, String)> = None;
    let events = Parser::new_ext(&source, options).filter_map(|event| match event {
        Event::Start(Tag::CodeBlock(kind)) => {
            let language = match kind {
                CodeBlockKind::Fenced(info) => {
                    info.split([' ', ',', '{']).next().unwrap_or_default().to_ascii_lowercase()
                }
                CodeBlockKind::Indented => String::new(),
            };
            code = Some((language, String::new()));
            None
        }
        Event::Text(text) if code.is_some() => {
            if let Some((_, held)) = &mut code {
                held.push_str(&text);
            }
            None
        }
        Event::End(TagEnd::CodeBlock) => {
            let (language, text) = code.take().unwrap_or_default();
            let language = known_language(&language);
            let painted =
                if language.is_empty() { escaped(&text) } else { paint(text.trim_end_matches('\n'), language) };
            Some(Event::Html(format!("<pre><code class=\"code\">{painted}</code></pre>").into()))
        }
        Event::InlineMath(source) => Some(Event::InlineHtml(markup(&source, false).into())),
        Event::DisplayMath(source) => Some(Event::Html(markup(&source, true).into())),
        Event::Html(text) => Some(Event::Html(tags::safe(&text, &safe_link, &safe_picture).into())),
        Event::InlineHtml(text) => Some(Event::InlineHtml(tags::safe(&text, &safe_link, &safe_picture).into())),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Some(Event::Start(Tag::Link { link_type, dest_url: link(link_type, dest_url), title, id }))
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = safe_picture(&dest_url).map_or(CowStr::Borrowed(""), Into::into);
            Some(Event::Start(Tag::Image { link_type, dest_url, title, id }))
        }
        other => Some(other),
    });
    html::push_html(&mut out, events);
    out
}

/// Jupyter also reads `\\( … \\)`, `\\[ … \\]` and bare environments as formulas.
fn with_dollars(source: &str) -> String {
    let source = source.replace("\\\\(", "$").replace("\\\\)", "$").replace("\\\\[", "$$").replace("\\\\]", "$$");
    let mut out = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some(at) = rest.find("\\begin{") {
        let (before, from) = rest.split_at(at);
        let own_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        let name = from["\\begin{".len()..].split('}').next().unwrap_or_default();
        let end = format!("\\end{{{name}}}");
        let Some(stop) = from.find(&end).filter(|_| own_line && inside_math(before, &out).is_none()) else {
            let step = at + "\\begin{".len();
            out.push_str(&rest[..step]);
            rest = &rest[step..];
            continue;
        };
        let stop = stop + end.len();
        out.push_str(before);
        out.push_str("$$");
        out.push_str(&from[..stop]);
        out.push_str("$$");
        rest = &from[stop..];
    }
    out.push_str(rest);
    out
}

/// Whether an environment begins inside of dollars or of code: an odd number of `$$` or fences stands before it.
fn inside_math(before: &str, earlier: &str) -> Option<()> {
    let odd = |mark: &str| (before.matches(mark).count() + earlier.matches(mark).count()) % 2 == 1;
    (odd("$$") || odd("```")).then_some(())
}

fn known_language(name: &str) -> &'static str {
    match name {
        "python" | "py" | "python3" | "ipython" | "ipython3" => "python",
        "rust" | "rs" => "rust",
        "sql" => "sql",
        "json" => "json",
        "markdown" | "md" => "markdown",
        _ => "",
    }
}

fn link(kind: LinkType, address: CowStr<'_>) -> CowStr<'_> {
    if kind == LinkType::Email || safe_link(&address).is_some() { address } else { CowStr::Borrowed("#") }
}

fn safe_link(address: &str) -> Option<String> {
    let lower = address.trim().to_ascii_lowercase();
    ["https://", "http://", "mailto:", "atelier://", "#"]
        .iter()
        .any(|start| lower.starts_with(start))
        .then(|| address.trim().to_owned())
}

fn safe_picture(address: &str) -> Option<String> {
    const FORMS: [&str; 6] = [
        "data:image/png;base64,",
        "data:image/jpeg;base64,",
        "data:image/gif;base64,",
        "data:image/webp;base64,",
        "data:image/svg+xml;base64,",
        "attachment:",
    ];
    FORMS.iter().any(|form| address.starts_with(form)).then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::render;

    fn check(source: &str, expected: &str) {
        let shown = render(source, &|text, language| format!("<{language}:{}>", text.replace('<', "&lt;")));
        assert_eq!(shown.trim(), expected, "{source}");
    }

    #[test]
    fn harmless() {
        check("# A", "<h1>A</h1>");
        check("<b onclick=x>y</b>", "<p><b>y</b></p>");
        check("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;");
        check("[a](javascript:alert(1))", "<p><a href=\"#\">a</a></p>");
        check("[a]( JaVaScRiPt:x)", "<p><a href=\"#\">a</a></p>");
        check("![a](http://x/y.png)", "<p><img src=\"\" alt=\"a\" /></p>");
        check("![a](attachment:b.png)", "<p><img src=\"attachment:b.png\" alt=\"a\" /></p>");
        check("[a](https://x/?a=\"b)", "<p><a href=\"https://x/?a=%22b\">a</a></p>");
    }

    #[test]
    fn formulas() {
        check("a $x<y$ b", "<p>a <span class=\"math\">x&lt;y</span> b</p>");
        check("$$a_1 * b_2$$", "<p><span class=\"math math-display\">a_1 * b_2</span></p>");
        check("costs $5 and $6", "<p>costs $5 and $6</p>");
        check(
            "\\begin{align}\na &= b\n\\end{align}",
            "<p><span class=\"math math-display\">\\begin{align}\na &amp;= b\n\\end{align}</span></p>",
        );
        check(
            "$$\n\\begin{align}\na\n\\end{align}\n$$",
            "<p><span class=\"math math-display\">\n\\begin{align}\na\n\\end{align}\n</span></p>",
        );
        check("\\\\(x\\\\)", "<p><span class=\"math\">x</span></p>");
    }

    #[test]
    fn blocks() {
        check("```python\nx<1\n```", "<pre><code class=\"code\"><python:x&lt;1></code></pre>");
        check("```\nx<1\n```", "<pre><code class=\"code\">x&lt;1\n</code></pre>");
        check("- [x] a", "<ul>\n<li><input disabled=\"\" type=\"checkbox\" checked=\"\"/>\na</li>\n</ul>");
        check(
            "|a|\n|-|\n|b|",
            "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>b</td></tr>\n</tbody></table>",
        );
    }
}
