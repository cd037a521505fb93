// Starts the window: first in the page and no module, so that it runs while the rest is still read. The theme is there
// before the first paint; the wasm is compiled meanwhile, the socket opened, and what the window asks first is asked.
const version = document.currentScript.dataset.version;
const theme = localStorage.getItem("atelier-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const compiled = WebAssembly.compileStreaming(fetch(`atelier_ui_bg.wasm?v=${version}`));
compiled.catch(() => {}); // it is told below
import("./atelier_ui.js").then(({ default: init }) => init({ module_or_path: compiled })).catch((error) => {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.style.padding = "24px";
  message.textContent = `The window's code did not start: ${error}. Reload, or build it again with cargo xtask ui.`;
  document.body.append(message);
});

// ---- for `api.rs`, which knows the same transport

const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? sessionStorage.getItem("atelier-token");
/// Of questions that were asked here: promises of their answers' text, as the socket gives it; null where it closed.
const answers = new Map();
const waiting = new Map();
const key = (name, body) => `${name} ${body}`;
const socket = token && new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/studio/events`, ["atelier", token]);
// Events are heard from then on, so that none is missed between an answer and the window's own ear.
const opened = socket && new Promise((resolve) => socket.addEventListener("open", resolve));
let taken = false;
// The window itself counts from 1.
let number = 2 ** 40;

/// A promise of the answer's text.
function ask(name, request) {
  const body = JSON.stringify(request);
  const own = ++number;
  const answer = new Promise((resolve) => waiting.set(own, resolve));
  answers.set(key(name, body), answer);
  opened.then(() => socket.send(`{"id":${own},"call":"${name}","request":${body}}`));
  return answer;
}

globalThis.early = {
  /// The answer to a question that was asked already, once. What happened since may have made it untrue: the first event
  /// makes all of them void, and so do a few seconds, since files change without an event.
  answer(name, body) {
    const answer = answers.get(key(name, body));
    answers.delete(key(name, body));
    return answer;
  },
  /// The socket, once.
  socket() {
    if (taken || !socket || socket.readyState > WebSocket.OPEN) return undefined;
    taken = true;
    return socket;
  },
};

if (socket) {
  socket.addEventListener("message", ({ data }) => {
    const [, id] = /^\{"answer":(\d+),/.exec(data.slice(0, 40)) ?? [];
    if (!id) return answers.clear();
    waiting.get(Number(id))?.(data);
    waiting.delete(Number(id));
  });
  socket.addEventListener("close", () => {
    answers.clear();
    for (const resolve of waiting.values()) resolve(null);
  });
  setTimeout(() => answers.clear(), 5000);
  ask("GetStudio", {});
  ask("GetWindowState", { key: "window" }).then((text) => {
    const { active } = JSON.parse(JSON.parse(text).body.value);
    const [, path] = /^atelier:\/\/file\/(.+\.ipynb)$/.exec(active) ?? [];
    if (path) ask("OpenNotebook", { path });
  }).catch(() => {}); // the window asks again, and says what is wrong
}
