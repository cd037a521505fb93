// Starts the window: the theme before the first paint, then the wasm, which is compiled while the scripts are read.
const theme = localStorage.getItem("atelier-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const version = document.querySelector("script[data-version]").dataset.version;
const compiled = WebAssembly.compileStreaming(fetch(new URL(`atelier_ui_bg.wasm?v=${version}`, document.baseURI)));
compiled.catch(() => {}); // it is told below
import("./atelier_ui.js").then(({ default: init }) => init({ module_or_path: compiled })).catch((error) => {
  const message = document.createElement("p");
  message.setAttribute("role", "alert");
  message.style.padding = "24px";
  message.textContent = `The window's code did not start: ${error}. Reload, or build it again with cargo xtask ui.`;
  document.body.append(message);
});
