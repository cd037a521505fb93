// HTML and scripts as programs write them.
import { mathIn } from "./math-in-html.js";

/// Puts `html` into the page and runs its scripts in their order, each after the one before has loaded.
export async function drawHtml(root, html, frame) {
  const holder = document.createElement("div");
  holder.innerHTML = html;
  const scripts = [...holder.querySelectorAll("script")];
  root.append(...holder.childNodes);
  for (const old of scripts) await run(old);
  await mathIn(root, html);
}

export function drawScript(root, source) {
  // Notebook scripts draw into `element`, as they do elsewhere.
  const element = Object.assign([root], { append: (...parts) => root.append(...parts), html: (text) => { root.innerHTML = text; } });
  new Function("element", source)(element);
}

/// Scripts put in by `innerHTML` do not run; written anew they do, as far as the policy of this page lets them.
function run(old) {
  const fresh = document.createElement("script");
  for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
  fresh.textContent = old.textContent;
  const waits = fresh.src && !fresh.async;
  const loaded = waits && new Promise((resolve) => { fresh.onload = fresh.onerror = resolve; });
  fresh.async = false;
  old.replaceWith(fresh);
  return loaded;
}

/// The first table on the page as CSV, or null.
export function tableAsCsv(root) {
  const table = root.querySelector("table");
  if (!table) return null;
  const quote = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [...table.rows].map((row) => [...row.cells].map((cell) => quote(cell.textContent.trim())).join(",") + "\r\n").join("");
}
