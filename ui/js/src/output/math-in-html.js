// Formulas in HTML, written as \(…\), \[…\] or $$…$$. What sets them is loaded when the first one is there.

const SIGN = /\\\(|\\\[|\$\$/;

export async function mathIn(root, text) {
  if (!SIGN.test(text)) return;
  const { setMathIn } = await import("./formulas.js");
  setMathIn(root);
}
