// The inside of an output's frame. The frame has no origin of its own, so all it can do is draw what it is sent and
// say what happened: how tall that came out, that a person clicked, what a widget wants to tell its kernel.
import { drawHtml, drawScript, tableAsCsv } from "./output/html.js";

const root = document.getElementById("out");
const say = (what, fields = {}) => parent.postMessage({ atelier: what, ...fields }, "*");

/// What draws a MIME type: a function of (root, data, frame) that gives back what it can do later:
/// { theme(), image(kind), close() }, each optional.
const drawers = [
  [/^text\/html$/, () => drawHtml],
  [/^(application|text)\/javascript$/, () => drawScript],
  [/^application\/vnd\.vega(lite)?\.v\d+(\.\d+)*\+json$/, async () => (await import("./output-vega.js")).draw],
  [/^application\/vnd\.plotly\.v1\+json$/, async () => (await import("./output-plotly.js")).draw],
  [/^application\/vnd\.jupyter\.widget-view\+json$/, async () => (await import("./output-widgets.js")).draw],
];

let drawn = {};
let turn = 0;
let engaged = false;
const hearers = { comm: null, kernel: null };

const frame = {
  say,
  /// Hears what concerns widgets: `comm` messages and the state of a `kernel`.
  hear(what, act) { hearers[what] = act; },
  dark: () => document.documentElement.dataset.theme === "dark",
  token: (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
};

async function show({ mime, data }) {
  const mine = ++turn;
  drawn.close?.();
  drawn = {};
  hearers.comm = hearers.kernel = null;
  root.replaceChildren();
  const [, load] = drawers.find(([pattern]) => pattern.test(mime)) ?? [];
  try {
    if (!load) throw new Error(`nothing here draws ${mime}`);
    const draw = await load();
    if (mine !== turn) return;
    const done = (await draw(root, data, frame)) ?? {};
    if (mine === turn) drawn = done;
    else done.close?.();
  } catch (error) {
    if (mine === turn) say("failed", { message: String(error?.message ?? error) });
  }
  tell();
}

function useTheme(theme) {
  const root = document.documentElement;
  if (root.dataset.theme === theme) return;
  root.dataset.theme = theme;
  drawn.theme?.();
}

async function answer({ ask, number }) {
  let data = null;
  try {
    data = ask === "csv" ? tableAsCsv(root) : ((await drawn.image?.(ask)) ?? null);
  } catch (error) {
    console.warn(error);
  }
  say("answer", { number, data });
}

addEventListener("message", (event) => {
  if (event.source !== parent || !event.data) return;
  const message = event.data;
  switch (message.atelier) {
    case "show": useTheme(message.theme); show(message); break;
    case "theme": useTheme(message.theme); break;
    case "ask": answer(message); break;
    case "comm": hearers.comm?.(message); break;
    case "kernel": hearers.kernel?.(message); break;
  }
});

// ---- height

let last = -1;
function tell() {
  const height = Math.ceil(Math.max(root.getBoundingClientRect().height, root.scrollHeight));
  if (height !== last) say("height", { height: (last = height) });
}
new ResizeObserver(tell).observe(root);
new MutationObserver(tell).observe(root, { childList: true, subtree: true });

// ---- the pointer and the keys

// Until a person clicks into the frame the wheel belongs to the notebook: charts that zoom by it never hear it.
addEventListener("wheel", (event) => { if (!engaged) event.stopImmediatePropagation(); }, { capture: true, passive: true });
addEventListener("pointerdown", () => engage(true), { capture: true });
addEventListener("blur", () => engage(false));
function engage(now) {
  if (now !== engaged) say("engaged", { engaged: (engaged = now) });
  document.documentElement.classList.toggle("is-engaged", engaged);
}
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  engage(false);
  say("escape");
});
// A link cannot be followed from here: the studio asks the person.
addEventListener("click", (event) => {
  const link = event.target?.closest?.("a[href]");
  const address = link?.getAttribute("href") ?? "";
  if (!link || event.defaultPrevented) return;
  if (address.startsWith("#")) return;
  event.preventDefault();
  if (/^https?:/i.test(address)) say("link", { address });
});
// What the policy of this page kept from loading is worth a word: the output may look broken without it.
const blocked = new Set();
addEventListener("securitypolicyviolation", (event) => {
  if (!/^https?:/.test(event.blockedURI) || blocked.size > 8) return;
  const host = new URL(event.blockedURI).host;
  if (!blocked.has(host)) say("blocked", { host: blocked.add(host) && host });
});

say("ready");
