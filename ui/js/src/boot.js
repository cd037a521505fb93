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
const answers = new Map();
const key = (name, body) => `${name} ${body}`;
let socket = null;

function ask(name, request) {
  const body = JSON.stringify(request);
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  const answer = fetch(`/studio/call/${name}`, { method: "POST", headers, body });
  answers.set(key(name, body), answer);
  return answer.then((response) => response.clone().json());
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
    const mine = socket;
    socket = null;
    return mine && mine.readyState <= WebSocket.OPEN ? mine : undefined;
  },
};

if (token) {
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/studio/events`, ["atelier", token]);
  socket = opened;
  opened.addEventListener("message", () => answers.clear());
  opened.addEventListener("close", () => answers.clear());
  setTimeout(() => answers.clear(), 5000);
  const tabs = ask("GetWindowState", { key: "window" });
  // Asked once events are heard, so that none is missed between an answer and the window's own ear.
  const heard = new Promise((resolve) => opened.addEventListener("open", resolve));
  Promise.all([tabs, heard]).then(([{ value }]) => {
    const [, path] = /^atelier:\/\/file\/(.+\.ipynb)$/.exec(JSON.parse(value ?? "{}").active ?? "") ?? [];
    return path && ask("OpenNotebook", { path });
  }).catch(() => {}); // the window asks again, and says what is wrong
  ask("GetStudio", {}).catch(() => {});
}
