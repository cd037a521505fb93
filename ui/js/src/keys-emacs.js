// Emacs's keys. In a cell, Escape leaves it.
import { completionStatus } from "@codemirror/autocomplete";
import { Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { emacs } from "@replit/codemirror-emacs";

const leave = (tell) => (event, view) => {
  if (event.key !== "Escape" || event.ctrlKey || event.altKey || event.metaKey || completionStatus(view.state) === "active") return false;
  event.preventDefault();
  tell("escape", null);
  return true;
};

export const keys = (tell) => [
  // Emacs would take it for its own.
  tell ? Prec.highest(EditorView.domEventHandlers({ keydown: leave(tell) })) : [],
  emacs(),
];
