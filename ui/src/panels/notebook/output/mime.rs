//! Which of an output's representations to show: the richest that something here can draw.

/// How a MIME type is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In a frame of no origin: what runs scripts, or could.
    Frame,
    Markdown,
    /// By address, as a picture: a script in an SVG does not run there.
    Image,
    Latex,
    Json,
    Pdf,
    Text,
}

/// The form for a MIME type and its rank: lower is richer. `None`: nothing here draws it.
pub fn form_of(mime: &str) -> Option<(u8, Form)> {
    let form = match mime {
        "application/vnd.jupyter.widget-view+json" => (0, Form::Frame),
        _ if is_vega(mime) => (1, Form::Frame),
        "application/vnd.plotly.v1+json" => (2, Form::Frame),
        "text/html" => (3, Form::Frame),
        "text/markdown" => (4, Form::Markdown),
        "image/svg+xml" => (5, Form::Image),
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/bmp" => (6, Form::Image),
        "text/latex" => (7, Form::Latex),
        "application/javascript" | "text/javascript" => (8, Form::Frame),
        "application/json" | "application/geo+json" => (9, Form::Json),
        "application/pdf" => (10, Form::Pdf),
        "text/plain" => (12, Form::Text),
        _ if mime.ends_with("+json") => (13, Form::Json),
        _ if mime.starts_with("text/") => (14, Form::Text),
        _ => return None,
    };
    Some(form)
}

/// `application/vnd.vega.v5+json`, `application/vnd.vegalite.v5.20.1+json`.
fn is_vega(mime: &str) -> bool {
    let version =
        mime.strip_prefix("application/vnd.vega.v").or_else(|| mime.strip_prefix("application/vnd.vegalite.v"));
    version
        .and_then(|version| version.strip_suffix("+json"))
        .is_some_and(|version| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// What can be shown of these, the richest first.
pub fn ranked<'a>(mimes: impl Iterator<Item = &'a str>) -> Vec<(&'a str, Form)> {
    let mut found: Vec<(u8, &str, Form)> =
        mimes.filter_map(|mime| form_of(mime).map(|(rank, form)| (rank, mime, form))).collect();
    found.sort_by_key(|(rank, mime, _)| (*rank, *mime));
    found.into_iter().map(|(_, mime, form)| (mime, form)).collect()
}

/// What a person calls it.
pub fn words(mime: &str) -> String {
    let known = match mime {
        "application/vnd.jupyter.widget-view+json" => "Widget",
        "application/vnd.plotly.v1+json" => "Plotly chart",
        _ if is_vega(mime) => "Vega chart",
        "text/html" => "HTML",
        "text/markdown" => "Markdown",
        "text/latex" => "LaTeX",
        "text/plain" => "Plain text",
        "application/json" => "JSON",
        "application/pdf" => "PDF",
        "image/svg+xml" => "SVG image",
        "application/javascript" | "text/javascript" => "JavaScript",
        _ => mime.strip_prefix("image/").map_or(mime, |kind| match kind {
            "png" => "PNG image",
            "jpeg" => "JPEG image",
            "gif" => "GIF image",
            "webp" => "WebP image",
            _ => mime,
        }),
    };
    known.to_owned()
}

/// The ending of a file that holds it.
pub fn extension(mime: &str) -> &'static str {
    match mime {
        "text/html" => "html",
        "text/markdown" => "md",
        "text/latex" => "tex",
        "text/plain" => "txt",
        "image/svg+xml" => "svg",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        "application/pdf" => "pdf",
        "application/javascript" | "text/javascript" => "js",
        _ if mime.ends_with("json") => "json",
        _ => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::{form_of, ranked};

    fn check(mimes: &[&str], expected: &str) {
        let shown: Vec<String> =
            ranked(mimes.iter().copied()).into_iter().map(|(mime, form)| format!("{mime} {form:?}")).collect();
        assert_eq!(shown.join(", "), expected);
    }

    #[test]
    fn the_richest_first() {
        check(&["text/plain", "text/html"], "text/html Frame, text/plain Text");
        check(&["text/plain", "text/latex", "image/png"], "image/png Image, text/latex Latex, text/plain Text");
        check(
            &["text/plain", "application/vnd.vegalite.v5+json"],
            "application/vnd.vegalite.v5+json Frame, text/plain Text",
        );
        check(
            &["text/html", "application/vnd.plotly.v1+json"],
            "application/vnd.plotly.v1+json Frame, text/html Frame",
        );
        check(
            &["text/plain", "application/vnd.jupyter.widget-view+json"],
            "application/vnd.jupyter.widget-view+json Frame, text/plain Text",
        );
        check(&["application/octet-stream"], "");
        check(&["application/x.y+json", "text/plain"], "text/plain Text, application/x.y+json Json");
    }

    #[test]
    fn vega_of_all_versions() {
        for mime in
            ["application/vnd.vega.v5+json", "application/vnd.vegalite.v2+json", "application/vnd.vegalite.v6.1.0+json"]
        {
            assert_eq!(form_of(mime).map(|(rank, _)| rank), Some(1), "{mime}");
        }
        assert_ne!(form_of("application/vnd.vega.vx+json").map(|(rank, _)| rank), Some(1));
    }
}
