// Formulas by KaTeX: in the window for Markdown and LaTeX outputs, in frames for HTML that holds some.
// Loaded with the first formula. KaTeX is told to trust nothing: no links, no images, no raw HTML.
import katex from "katex";
import autoRender from "katex/contrib/auto-render";
import "katex/dist/katex.css";

const options = { throwOnError: false, trust: false, strict: "ignore", maxSize: 50, maxExpand: 1000, output: "htmlAndMathml" };

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("formulas.css", import.meta.url);
document.head.append(style);

/// Sets the formulas that stand as text in `.math` elements below `root`; `.math-display` ones stand by themselves.
export function setMath(root) {
  const macros = {};
  for (const element of root.querySelectorAll(".math:not([data-set])")) {
    const source = element.textContent;
    element.dataset.set = "";
    element.title = source;
    katex.render(source, element, { ...options, macros, displayMode: element.classList.contains("math-display") });
  }
}

/// Sets formulas that stand between delimiters in the text below `root`.
export function setMathIn(root) {
  const delimiters = [["$$", "$$", true], ["\\[", "\\]", true], ["\\(", "\\)", false]];
  autoRender(root, { ...options, delimiters: delimiters.map(([left, right, display]) => ({ left, right, display })) });
}
