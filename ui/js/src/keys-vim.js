// Vim's keys. In a cell, Escape in normal mode leaves it, and so do J and K past its last and first line.
import { Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { vim, Vim, getCM } from "@replit/codemirror-vim";

/// In normal mode with nothing begun: where a cell's own keys may take over.
const atRest = (view) => {
  const state = getCM(view)?.state.vim;
  return state && !state.insertMode && !state.visualMode && !state.inputState.keyBuffer.length && !state.inputState.operator;
};

const leave = (tell) => (event, view) => {
  const say = (what) => (event.preventDefault(), tell(what, null), true);
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.key === "Escape" && (event.shiftKey || atRest(view))) return say("escape");
  if (event.shiftKey || !atRest(view)) return false;
  const { doc, selection } = view.state;
  const line = doc.lineAt(selection.main.head).number;
  if (["j", "ArrowDown"].includes(event.key) && line === doc.lines) return say("down");
  if (["k", "ArrowUp"].includes(event.key) && line === 1) return say("up");
  return false;
};

/// In a file the mode has a line of its own; in a cell the cursor's form tells it.
export const keys = (tell) => [
  // Vim would take these for its own.
  tell ? Prec.highest(EditorView.domEventHandlers({ keydown: leave(tell) })) : [],
  vim({ status: !tell }),
];

const press = (cm, key) => cm.cm6.contentDOM.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true }));
// As a person saves by hand: the notebook and the text file each hear it.
const save = (cm) => press(cm, { key: "s", code: "KeyS", ctrlKey: true });
const quit = (cm) => press(cm, { key: "Escape", code: "Escape", shiftKey: true });
Vim.defineEx("write", "w", save);
Vim.defineEx("quit", "q", quit);
Vim.defineEx("wq", "wq", (cm) => (save(cm), quit(cm)));
