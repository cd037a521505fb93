//! HTML that a notebook brings along, reduced to what only shows something: no scripts, no frames, no forms, no
//! styles beyond the harmless, no addresses but of pages and pictures.

use super::escape;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
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
    "rp",
    "rt",
    "ruby",
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
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];
/// What stands between these goes too.
const HIDDEN: &[&str] = &[
    "script", "style", "template", "noscript", "iframe", "object", "svg", "math", "textarea", "title", "xmp", "select",
];
const ATTRIBUTES: &[&str] = &[
    "align", "alt", "border", "colspan", "dir", "headers", "height", "lang", "open", "rowspan", "scope", "span",
    "start", "title", "valign", "width",
];
/// Elements that have no end.
const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Elements left open are closed, and ends of what is not open go: nothing gets out of its place.
pub fn clean(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&text(&rest[..at]));
        rest = tag(&rest[at..], &mut out, &mut open);
    }
    out.push_str(&text(rest));
    open.iter().rev().for_each(|name| out.push_str(&format!("</{name}>")));
    out
}

/// Whether cleaning takes away what does something.
pub fn is_alive(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    [
        "<script", "<iframe", "<object", "<embed", "<svg", "<canvas", "<form", "<input", "<button", "<select",
        "<video", "<audio", "<link",
    ]
    .iter()
    .any(|tag| lower.contains(tag))
}

/// Text keeps its entities.
fn text(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// Handles what begins with `<`; gives what follows it.
fn tag<'a>(html: &'a str, out: &mut String, open: &mut Vec<String>) -> &'a str {
    if let Some(comment) = html.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    if html.starts_with("<!") || html.starts_with("<?") {
        return html.find('>').map_or("", |end| &html[end + 1..]);
    }
    let (closing, body) = html[1..].strip_prefix('/').map_or((false, &html[1..]), |body| (true, body));
    let name_end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(body.len());
    let name = body[..name_end].to_ascii_lowercase();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.push_str("&lt;");
        return &html[1..];
    }
    let (attributes, after) = attributes(&body[name_end..]);
    if HIDDEN.contains(&name.as_str()) {
        return if closing { after } else { after_end(after, &name) };
    }
    if !TAGS.contains(&name.as_str()) {
        return after;
    }
    if closing {
        if let Some(at) = open.iter().rposition(|opened| *opened == name) {
            open.drain(at..).rev().for_each(|name| out.push_str(&format!("</{name}>")));
        }
        return after;
    }
    out.push('<');
    out.push_str(&name);
    for (key, value) in attributes {
        if let Some(value) = allowed(&name, &key, &value) {
            out.push_str(&format!(" {key}=\"{}\"", escape(&value)));
        }
    }
    out.push('>');
    if !VOID.contains(&name.as_str()) {
        open.push(name);
    }
    after
}

fn after_end<'a>(html: &'a str, name: &str) -> &'a str {
    let lower = html.to_ascii_lowercase();
    let end = format!("</{name}");
    match lower.find(&end) {
        Some(at) => html[at..].find('>').map_or("", |close| &html[at + close + 1..]),
        None => "",
    }
}

/// The attributes up to the end of the tag, with entities resolved as far as they matter, and what follows it.
fn attributes(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        if rest.is_empty() || rest.starts_with('<') {
            return (found, rest);
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || "=>/<".contains(c)).unwrap_or(rest.len()).max(1);
        let end = (end..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let key = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let Some(after) = rest.strip_prefix('=') else {
            found.push((key, String::new()));
            continue;
        };
        let after = after.trim_start();
        let (value, after) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after.split_at(after.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(after.len())),
        };
        found.push((key, unescape(value)));
        rest = after;
    }
}

fn unescape(value: &str) -> String {
    value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn allowed(tag: &str, key: &str, value: &str) -> Option<String> {
    match (tag, key) {
        ("a", "href") => is_link(value).then(|| value.to_owned()),
        ("img", "src") => is_picture(value).then(|| value.to_owned()),
        (_, "class") if value == "dataframe" => Some(value.to_owned()),
        (_, "style") => style(value),
        _ => ATTRIBUTES.contains(&key).then(|| value.to_owned()),
    }
}

fn scheme(address: &str) -> Option<String> {
    let plain: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let (scheme, _) = plain.split_once(':')?;
    let relative = scheme.contains(['/', '?', '#']);
    (!relative).then(|| scheme.to_ascii_lowercase())
}

/// Pages, mail, places in this document; a colon in disguise counts as one.
pub fn is_link(address: &str) -> bool {
    let disguised = address.contains("&#") || address.to_ascii_lowercase().contains("&colon");
    !disguised && scheme(address).is_none_or(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto"))
}

/// Pictures of the web or within the document. One beside the notebook is one too: it is named from where it lies.
pub fn is_picture(address: &str) -> bool {
    match scheme(address).as_deref() {
        Some("http" | "https") => true,
        Some("data") => address.trim_start().get(..11).is_some_and(|start| start.eq_ignore_ascii_case("data:image/")),
        Some(_) => false,
        None => !address.starts_with("//") && !address.contains("&#"),
    }
}

/// Declarations of looks alone, without addresses and functions.
fn style(value: &str) -> Option<String> {
    const KNOWN: &[&str] = &[
        "color",
        "background-color",
        "text-align",
        "font-weight",
        "font-style",
        "font-size",
        "text-decoration",
        "width",
        "border",
        "padding",
        "white-space",
        "vertical-align",
    ];
    let good = |declaration: &&str| {
        declaration.split_once(':').is_some_and(|(property, value)| {
            KNOWN.contains(&property.trim().to_ascii_lowercase().as_str())
                && value.chars().all(|c| c.is_ascii_alphanumeric() || " #%.,-".contains(c))
        })
    };
    let kept: Vec<&str> = value.split(';').map(str::trim).filter(good).collect();
    (!kept.is_empty()).then(|| kept.join("; "))
}

#[cfg(test)]
mod tests {
    use super::clean;

    fn check(html: &str, expected: &str) {
        assert_eq!(clean(html), expected, "{html}");
    }

    #[test]
    fn what_shows_stays() {
        check("a <b>c</b><br/> &lt;", "a <b>c</b><br> &lt;");
        check(
            "<table border=1 class='dataframe'><tr><td>1</table>",
            "<table border=\"1\" class=\"dataframe\"><tr><td>1</td></tr></table>",
        );
        check("<img src='data:image/png;base64,aGk=' alt=x>", "<img src=\"data:image/png;base64,aGk=\" alt=\"x\">");
        check("<a href=https://x.y/?a=1&amp;b>", "<a href=\"https://x.y/?a=1&amp;b\"></a>");
        check("<td style='color: red; position: fixed; background-color:url(x)'>", "<td style=\"color: red\"></td>");
        check("1 < 2", "1 &lt; 2");
    }

    #[test]
    fn what_does_something_goes() {
        check("<script>alert(1)</script>x", "x");
        check("<SCRIPT src=//x>x", "");
        check("<style scoped>p{}</style>x", "x");
        check("<img src=x onerror=alert(1)>", "<img src=\"x\">");
        check("<a href='java\nscript:alert(1)'>x", "<a>x</a>");
        check("<a href='javascript&#58;alert(1)'>x", "<a>x</a>");
        check("<a href=\" JavaScript:x\">x", "<a>x</a>");
        check("<img src='file:///etc/passwd'><img src='//host/x'>", "<img><img>");
        check("<svg onload=x><a>y</a></svg>z", "z");
        check("</div></body>x", "x");
        check("<!-- <b> -->x<!doctype html><?php ?>", "x");
        check("<iframe src=x></iframe><form action=x><input></form>", "");
        check("<b title='\"><script>'>", "<b title=\"&quot;&gt;&lt;script&gt;\"></b>");
        check("<b <script>", "<b></b>");
        check("<", "&lt;");
        check("<é>", "&lt;é&gt;");
        check("<b é='x' =>", "<b></b>");
        check("<base href=x><meta http-equiv=refresh><link rel=x>", "");
    }
}
