//! Formulas as MathML, which every browser draws by itself.

use super::escape;
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::mathml::push_mathml;
use pulldown_latex::{Parser, Storage};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longer or deeper formulas stay TeX.
const MAX_BYTES: usize = 10_000;
const MAX_BRACES: usize = 500;

/// What cannot be drawn stays TeX, in its dollar signs.
pub fn to_html(tex: &str, display: bool) -> String {
    let sign = if display { "$$" } else { "$" };
    draw(tex, display).unwrap_or_else(|| format!("<code class=\"tex\">{sign}{}{sign}</code>", escape(tex)))
}

fn draw(tex: &str, display: bool) -> Option<String> {
    // Definitions may expand without end.
    let defines = ["\\def", "\\gdef", "\\let", "\\newcommand", "\\renewcommand", "\\providecommand", "\\futurelet"];
    if tex.len() > MAX_BYTES
        || tex.matches(['{', '\\']).count() > MAX_BRACES
        || defines.iter().any(|word| tex.contains(word))
    {
        return None;
    }
    let config = RenderConfig {
        display_mode: if display { DisplayMode::Block } else { DisplayMode::Inline },
        ..RenderConfig::default()
    };
    let attempt = || {
        let storage = Storage::new();
        let events: Vec<_> = Parser::new(tex, &storage).collect::<Result<_, _>>().ok()?;
        let mut out = String::new();
        push_mathml(&mut out, events.into_iter().map(Ok::<_, std::convert::Infallible>), config).ok()?;
        Some(out)
    };
    // The parser is another's and young: what makes it panic stays TeX.
    catch_unwind(AssertUnwindSafe(attempt)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn formulas() {
        assert!(to_html(r"\frac{a}{b}", true).contains("<mfrac>"));
        assert!(to_html(r"E = mc^2", false).starts_with("<math"));
        assert!(!to_html(r"\text{<script>}", false).contains("<script"));
        for odd in [r"\def\a{\a}\a", "{", r"\frac", r"\nosuch", "&", r"\left(", "_", "^^", "\u{0}", r"\begin{matrix}"] {
            to_html(odd, true);
        }
        assert!(to_html(r"\newcommand{\a}{<b>}", false).contains("&lt;b&gt;"));
    }
}
