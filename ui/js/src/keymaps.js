// The editor's keys of one's choice, in every editor that is open or will be: CodeMirror's own, Vim's or Emacs's, which
// are loaded when they are chosen.
import { Compartment } from "@codemirror/state";

const living = new Set();
const place = new Compartment();
/// What makes the chosen keys; given `tell` in a cell.
let keys = () => [];
let chosen = "default";

/// An extension to come before all other keys.
export const chosenKeys = (tell) => place.of(keys(tell));

/// Lets a choice reach this editor until the returned function is called.
export function follow(view, tell) {
  const one = { view, tell };
  living.add(one);
  return () => living.delete(one);
}

/// "default", "vim" or "emacs".
export async function setKeymap(name) {
  if (name === chosen) return;
  chosen = name;
  const loaded = name === "vim" ? await import("./keys-vim.js") : name === "emacs" ? await import("./keys-emacs.js") : { keys: () => [] };
  // Another may have been chosen meanwhile.
  if (name !== chosen) return;
  keys = loaded.keys;
  for (const { view, tell } of living) view.dispatch({ effects: place.reconfigure(keys(tell)) });
}
