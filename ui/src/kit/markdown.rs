//! Markdown to HTML that cannot harm: raw HTML is shown as the text it is, and links lead only where links may.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, html};

/// Renders `source`. The result holds no element, attribute or address that the source could have smuggled in.
pub fn to_html(source: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_FOOTNOTES;
    let parser = Parser::new_ext(source, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => Event::Start(Tag::Link { link_type, dest_url: safe_link(link_type, dest_url), title, id }),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => Event::Start(Tag::Image { link_type, dest_url: safe_image(dest_url), title, id }),
        other => other,
    });
    let mut out = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut out, parser);
    out
}

fn safe_link(kind: LinkType, address: CowStr<'_>) -> CowStr<'_> {
    let lower = address.trim().to_ascii_lowercase();
    let safe = kind == LinkType::Email || ["https://", "http://", "mailto:", "atelier://", "#"].iter().any(|start| lower.starts_with(start));
    if safe { address } else { CowStr::Borrowed("#") }
}

fn safe_image(address: CowStr<'_>) -> CowStr<'_> {
    const FORMS: [&str; 5] = ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,", "data:image/webp;base64,", "data:image/svg+xml;base64,"];
    // An attachment is given its address by the cell that has it.
    let safe = address.starts_with("attachment:") || FORMS.iter().any(|form| address.starts_with(form));
    if safe { address } else { CowStr::Borrowed("") }
}

#[cfg(test)]
mod tests {
    use super::to_html;

    fn check(source: &str, expected: &str) {
        assert_eq!(to_html(source).trim(), expected);
    }

    #[test]
    fn harmless() {
        check("# A", "<h1>A</h1>");
        check("<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>");
        check("[a](javascript:alert(1))", "<p><a href=\"#\">a</a></p>");
        check("[a]( JaVaScRiPt:x)", "<p><a href=\"#\">a</a></p>");
        check("![a](http://x/y.png)", "<p><img src=\"\" alt=\"a\" /></p>");
        check("[a](https://x/?a=\"b)", "<p><a href=\"https://x/?a=%22b\">a</a></p>");
    }
}
