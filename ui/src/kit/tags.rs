//! The HTML that people write in Markdown, reduced to what cannot harm: each tag is read and written anew with the
//! attributes that are known to be safe; anything else is shown as the text it is.

use super::math::escaped;
use std::fmt::Write as _;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
];
const ATTRIBUTES: &[&str] =
    &["align", "alt", "colspan", "height", "open", "rowspan", "start", "title", "valign", "width"];
/// Properties of `style` that only change how words look.
const STYLES: &[&str] = &[
    "background-color",
    "color",
    "float",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "margin",
    "max-width",
    "padding",
    "text-align",
    "text-decoration",
    "width",
];

/// `html` is a run of Markdown's raw HTML. `link` and `image` decide over addresses: `None` drops the attribute.
pub fn safe(html: &str, link: &dyn Fn(&str) -> Option<String>, image: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&text(&rest[..at]));
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            // A comment says nothing.
            rest = after.find("-->").map_or("", |end| &after[end + 3..]);
            continue;
        }
        match tag(rest) {
            Some((read, length)) => {
                out.push_str(&written(&read, link, image).unwrap_or_else(|| escaped(&rest[..length])));
                rest = &rest[length..];
            }
            None => {
                out.push_str("&lt;");
                rest = &rest[1..];
            }
        }
    }
    out.push_str(&text(rest));
    out
}

/// Entities stay; a bare `>` or quote cannot begin anything.
fn text(text: &str) -> String {
    text.replace('>', "&gt;")
}

struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: Vec<(String, &'a str)>,
}

/// Reads a tag at the start of `text`, and its length.
fn tag(text: &str) -> Option<(Tag<'_>, usize)> {
    let body = text.strip_prefix('<')?;
    let closes = body.starts_with('/');
    let body = body.strip_prefix('/').unwrap_or(body);
    let name_end = body.find(|letter: char| !letter.is_ascii_alphanumeric())?;
    if name_end == 0 {
        return None;
    }
    let mut attributes = Vec::new();
    let mut rest = &body[name_end..];
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if let Some(after) = rest.strip_prefix('>') {
            let read = Tag { name: body[..name_end].to_ascii_lowercase(), closes, attributes };
            return Some((read, text.len() - after.len()));
        }
        let end = rest.find(|letter: char| letter.is_whitespace() || "=>/\"'<".contains(letter))?;
        if end == 0 {
            return None;
        }
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start())?;
        }
        attributes.push((name, value));
    }
}

fn attribute_value(text: &str) -> Option<(&str, &str)> {
    if let Some(quote) = text.chars().next().filter(|first| "\"'".contains(*first)) {
        let inner = &text[1..];
        let end = inner.find(quote)?;
        return Some((&inner[..end], &inner[end + 1..]));
    }
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '>')?;
    Some((&text[..end], &text[end..]))
}

/// The tag as it may stand; `None` for one that may not.
fn written(
    tag: &Tag<'_>,
    link: &dyn Fn(&str) -> Option<String>,
    image: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    if !TAGS.contains(&tag.name.as_str()) {
        return None;
    }
    if tag.closes {
        return Some(format!("</{}>", tag.name));
    }
    let mut out = format!("<{}", tag.name);
    let mut put = |name: &str, value: &str| {
        // Writing to a text does not fail.
        let _ = write!(out, " {name}=\"{}\"", value.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;"));
    };
    for (name, value) in &tag.attributes {
        match (tag.name.as_str(), name.as_str()) {
            ("a", "href") => link(value).iter().for_each(|address| put("href", address)),
            ("img", "src") => image(value).iter().for_each(|address| put("src", address)),
            ("font", "color") => put("style", &style(&format!("color:{value}"))),
            (_, "style") => put("style", &style(value)),
            (_, name) if ATTRIBUTES.contains(&name) => put(name, value),
            _ => {}
        }
    }
    out.push('>');
    Some(out)
}

/// Declarations that are known, with values that fetch nothing and cover nothing.
fn style(value: &str) -> String {
    let plain = |value: &str| {
        value.len() < 80
            && value.chars().all(|letter| letter.is_ascii_alphanumeric() || " #.,%()-!".contains(letter))
            && !value.to_ascii_lowercase().contains("url")
    };
    let kept = value
        .split(';')
        .filter_map(|part| part.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()));
    kept.filter(|(name, value)| STYLES.contains(&name.as_str()) && plain(value))
        .map(|(name, value)| format!("{name}:{value};"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::safe;

    fn check(html: &str, expected: &str) {
        let web = |address: &str| address.starts_with("https://").then(|| address.to_owned());
        assert_eq!(safe(html, &web, &web), expected, "{html}");
    }

    #[test]
    fn what_people_write() {
        check("<b>x</b>", "<b>x</b>");
        check("<br/>a<hr>", "<br>a<hr>");
        check(
            "<img src='https://x/y.png' width=200 alt=\"a > b\">",
            "<img src=\"https://x/y.png\" width=\"200\" alt=\"a &gt; b\">",
        );
        check(
            "<div align=center style=\"color: red; position: fixed\">x</div>",
            "<div align=\"center\" style=\"color:red;\">x</div>",
        );
        check("<font color='#f00'>x</font>", "<font style=\"color:#f00;\">x</font>");
        check("<details open><summary>s</summary>t</details>", "<details open=\"\"><summary>s</summary>t</details>");
        check("a &amp; b<!-- gone --> c", "a &amp; b c");
    }

    #[test]
    fn what_harms() {
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check("<b onclick=alert(1)>x</b>", "<b>x</b>");
        check("<a href=\"javascript:alert(1)\">x</a>", "<a>x</a>");
        check("<img src=x onerror=alert(1)>", "<img>");
        check("<iframe src=https://x></iframe>", "&lt;iframe src=https://x&gt;&lt;/iframe&gt;");
        check("<b title='\"><script>'>x", "<b title=\"&quot;&gt;&lt;script&gt;\">x");
        check("<p style=\"background-color: url(https://x)\">", "<p style=\"\">");
        check("<svg/onload=alert(1)>", "&lt;svg/onload=alert(1)&gt;");
        check("<b", "&lt;b");
        check("<!-- <script>", "");
        check("<<b>>", "&lt;<b>&gt;");
        check("<form><input></form>", "&lt;form&gt;&lt;input&gt;&lt;/form&gt;");
    }
}
