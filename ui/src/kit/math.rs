//! Formulas: marked as such by our own markup, set by KaTeX once there is one to set.

use leptos::{html, prelude::*};
use std::fmt::Write as _;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "./late.js")]
extern "C" {
    /// Loads KaTeX and sets the formulas below the element.
    #[wasm_bindgen(js_name = setMath)]
    fn set_math(root: &web_sys::Element);
}

/// Sets the formulas of an element now, and again whenever `content` changes.
pub fn set_in(node: NodeRef<html::Div>, content: Signal<()>) {
    Effect::new(move |_| {
        content.track();
        let Some(node) = node.get() else { return };
        // The content is written in this turn; the frame after it has it.
        request_animation_frame(move || set_below(&node));
    });
}

/// Sets what formulas there are below the element, if any.
pub fn set_below(root: &web_sys::Element) {
    if root.query_selector(".math:not([data-set])").ok().flatten().is_some() {
        set_math(root);
    }
}

/// The markup of one formula: its source, to be set later and readable until then.
pub fn markup(source: &str, display: bool) -> String {
    let mut out = String::new();
    let class = if display { "math math-display" } else { "math" };
    // Writing to a text does not fail.
    let _ = write!(out, "<span class=\"{class}\">{}</span>", escaped(source));
    out
}

/// An output of LaTeX: formulas between delimiters, words around them. Without any delimiter all of it is one.
pub fn formulas(source: &str) -> String {
    let mut out = String::from("<p>");
    let mut rest = source.trim();
    let mut any = false;
    while let Some((before, inner, after, display)) = next(rest) {
        any = true;
        out.push_str(&escaped(before));
        out.push_str(&markup(inner, display));
        rest = after;
    }
    out.push_str(&if any { escaped(rest) } else { markup(rest, true) });
    out.push_str("</p>");
    out
}

/// Text before the next formula, the formula, the text after it, and whether it stands by itself.
fn next(text: &str) -> Option<(&str, &str, &str, bool)> {
    const DELIMITERS: [(&str, &str, bool); 4] =
        [("$$", "$$", true), ("\\[", "\\]", true), ("\\(", "\\)", false), ("$", "$", false)];
    let found = DELIMITERS.iter().filter_map(|delimiter| text.find(delimiter.0).map(|at| (at, delimiter)));
    let (at, (open, close, display)) = found.min_by_key(|(at, (open, ..))| (*at, std::cmp::Reverse(open.len())))?;
    let inner = &text[at + open.len()..];
    let end = inner.find(close)?;
    // SymPy writes `$\displaystyle …$` for what stands by itself.
    let display = *display || inner.starts_with("\\displaystyle");
    Some((&text[..at], &inner[..end], &inner[end + close.len()..], display))
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::formulas;

    fn check(source: &str, expected: &str) {
        assert_eq!(formulas(source), format!("<p>{expected}</p>"));
    }

    #[test]
    fn delimiters() {
        check("$x^2$", "<span class=\"math\">x^2</span>");
        check("$$a < b$$", "<span class=\"math math-display\">a &lt; b</span>");
        check("$\\displaystyle x$", "<span class=\"math math-display\">\\displaystyle x</span>");
        check("see \\(a\\) and $b$.", "see <span class=\"math\">a</span> and <span class=\"math\">b</span>.");
        check("\\frac{1}{2}", "<span class=\"math math-display\">\\frac{1}{2}</span>");
        check("<b>$x", "<span class=\"math math-display\">&lt;b&gt;$x</span>");
    }
}
