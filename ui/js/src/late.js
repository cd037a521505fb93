// What the window loads only when something needs it.
export async function setMath(root) {
  const { setMath } = await import("./formulas.js");
  setMath(root);
}
