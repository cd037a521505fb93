// CodeMirror 6 as the window uses it: a cell of a notebook or a text file. The Rust side holds an `Editor`
// and hears everything through one function, `tell(what, value)`.
import { EditorState, Compartment, Prec } from "@codemirror/state";
import { EditorView, keymap, drawSelection, dropCursor, lineNumbers, highlightActiveLine, rectangularSelection, crosshairCursor, highlightSpecialChars, placeholder, tooltips } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentMore, indentLess, toggleComment } from "@codemirror/commands";
import { indentOnInput, indentUnit, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion, completionStatus, acceptCompletion } from "@codemirror/autocomplete";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { language } from "./languages.js";
import { highlighter } from "./paint.js";
import { documentation, marked, setFound, setProblems, toChars, toUnits } from "./tooltips.js";
import { indentGuides } from "./guides.js";
import { look } from "./look.js";
import { chosenKeys, follow } from "./keymaps.js";
export { setKeymap } from "./keymaps.js";

function cellKeys(tell) {
  const say = (what) => () => (tell(what, null), true);
  const edge = (what, atEdge) => (view) => {
    const { head, empty } = view.state.selection.main;
    if (!empty || completionStatus(view.state) === "active" || !atEdge(view.state.doc, view.state.doc.lineAt(head))) return false;
    tell(what, null);
    return true;
  };
  // Before the keys of completion, which take this one even while nothing is offered yet.
  const escape = (view) => (completionStatus(view.state) === "active" || document.querySelector(".cm-docs") ? false : (tell("escape", null), true));
  return [Prec.highest(keymap.of([{ key: "Escape", run: escape }])), Prec.high(keymap.of([
    { key: "Shift-Enter", run: say("run-advance") },
    { key: "Mod-Enter", run: say("run") },
    { key: "Alt-Enter", run: say("run-insert") },
    { key: "Mod-Shift--", run: (view) => (tell("split", view.state.selection.main.head), true) },
    { key: "Mod-Shift-_", run: (view) => (tell("split", view.state.selection.main.head), true) },
    { key: "Mod-m", run: say("escape") },
    { key: "ArrowUp", run: edge("up", (doc, line) => line.number === 1) },
    { key: "ArrowDown", run: edge("down", (doc, line) => line.number === doc.lines) },
    { key: "Tab", run: completeOrIndent, shift: indentLess },
    { key: "Mod-/", run: toggleComment },
  ]))];
}

function completeOrIndent(view) {
  if (completionStatus(view.state) === "active") return acceptCompletion(view);
  const { head, empty } = view.state.selection.main;
  const before = view.state.sliceDoc(view.state.doc.lineAt(head).from, head);
  if (empty && /[\w.)\]"'/]$/.test(before)) return startCompletion(view);
  if (!empty) return indentMore(view);
  view.dispatch(view.state.replaceSelection("    "));
  return true;
}

function completions(tell) {
  return async (context) => {
    if (!context.explicit && !context.matchBefore(/(\.|::)\w*$/)) return null;
    const text = context.state.doc.toString();
    const answer = await tell("complete", { code: text, cursor: toChars(text, context.pos) });
    if (!answer || answer.matches.length === 0) return null;
    const from = toUnits(text, answer.start);
    const options = answer.matches.map(([label, type, detail]) => ({ label, type: type || undefined, detail: [type, detail].filter(Boolean).join("  ") || undefined }));
    return { from, to: toUnits(text, answer.end), options, validFor: /^\w*$/ };
  };
}

// Cells have the notebook's own find bar.
const findKeys = (cell) => (cell ? searchKeymap.filter((binding) => !["Mod-f", "F3", "Mod-g", "Mod-Alt-g", "Escape"].includes(binding.key)) : searchKeymap);

export class Editor {
  /// `options`: { language, label, cell: bool, lines: bool, readOnly: bool, wrap: bool, hint: string }
  constructor(parent, doc, options, tell) {
    this.lang = new Compartment();
    this.lines = new Compartment();
    this.quiet = false;
    const cell = options.cell ? tell : null;
    const extensions = [
      chosenKeys(cell),
      options.cell ? cellKeys(tell) : Prec.high(keymap.of([{ key: "Tab", run: completeOrIndent, shift: indentLess }])),
      highlightSpecialChars(), history(), drawSelection(), dropCursor(), indentOnInput(), bracketMatching(), closeBrackets(),
      rectangularSelection(), crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(), indentGuides,
      EditorState.allowMultipleSelections.of(true), EditorState.tabSize.of(4), indentUnit.of("    "),
      syntaxHighlighting(highlighter), look, this.lang.of(language(options.language)), marked,
      // A cell is cut off at its edges; what floats is not.
      tooltips({ parent: document.body, position: "fixed" }),
      autocompletion({ override: options.cell && options.asks ? [completions(tell)] : undefined, icons: false, activateOnTyping: true }),
      options.cell && options.asks ? documentation(tell) : [],
      keymap.of([...closeBracketsKeymap, ...defaultKeymap.filter((binding) => !["Mod-Enter", "Shift-Enter"].includes(binding.key)), ...findKeys(options.cell), ...historyKeymap, ...completionKeymap]),
      EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.quiet) tell("change", update.state.doc.toString());
        if (update.focusChanged) tell(update.view.hasFocus ? "focus" : "blur", null);
      }),
      EditorView.domEventHandlers({ paste: (event) => pasted(event, tell), drop: (event) => dropped(event, tell) }),
      this.lines.of(options.lines ? lineNumbers() : []),
    ];
    if (options.wrap) extensions.push(EditorView.lineWrapping);
    if (options.hint) extensions.push(placeholder(options.hint));
    if (options.readOnly) extensions.push(EditorState.readOnly.of(true), EditorView.editable.of(false));
    this.view = new EditorView({ parent, state: EditorState.create({ doc, extensions }) });
    this.unfollow = follow(this.view, cell);
    this.view.dom.editor = this; // lets a window test type into the cell it found
  }
  text() { return this.view.state.doc.toString(); }
  /// Replaces only what differs, so that the cursor and the marks beside it stay; the editor's own undo skips it.
  setText(text) {
    const old = this.text();
    if (text === old) return;
    let from = 0;
    const least = Math.min(old.length, text.length);
    while (from < least && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let end = 0;
    while (end < least - from && old.charCodeAt(old.length - 1 - end) === text.charCodeAt(text.length - 1 - end)) end++;
    this.quiet = true;
    this.view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } });
    this.quiet = false;
  }
  setLanguage(name) { this.view.dispatch({ effects: this.lang.reconfigure(language(name)) }); }
  setLines(on) { this.view.dispatch({ effects: this.lines.reconfigure(on ? lineNumbers() : []) }); }
  /// Triples: from, to, whether it is the one gone to.
  setFound(list) {
    const marks = [];
    for (let at = 0; at < list.length; at += 3) marks.push({ from: list[at], to: list[at + 1], on: list[at + 2] });
    this.view.dispatch({ effects: setFound.of(marks) });
  }
  /// Quadruples: from, to, level, message.
  setProblems(list) {
    const marks = [];
    for (let at = 0; at < list.length; at += 4) marks.push({ from: list[at], to: list[at + 1], level: list[at + 2], message: list[at + 3] });
    this.view.dispatch({ effects: setProblems.of(marks) });
  }
  focus() { this.view.focus(); }
  focusAt(end) {
    this.view.dispatch({ selection: { anchor: end ? this.view.state.doc.length : 0 } });
    this.view.focus();
  }
  /// Selects a line and brings it to the screen.
  line(number) {
    const line = this.view.state.doc.line(Math.max(1, Math.min(number, this.view.state.doc.lines)));
    this.view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    this.view.focus();
  }
  cursor() { return this.view.state.selection.main.head; }
  /// Begins a selection with the mouse where the person pressed before there was an editor.
  press(event) {
    const { clientX, clientY, detail, button, shiftKey, altKey, ctrlKey, metaKey } = event;
    const view = this.view;
    view.focus();
    const at = view.posAtCoords({ x: clientX, y: clientY }, false);
    view.dispatch({ selection: { anchor: at } });
    view.contentDOM.dispatchEvent(new MouseEvent("mousedown", { clientX, clientY, detail, button, shiftKey, altKey, ctrlKey, metaKey, bubbles: false, cancelable: true, view: window }));
  }
  /// Does what a key that was pressed before there was an editor would have done.
  key(event) {
    const isUnused = this.view.contentDOM.dispatchEvent(new KeyboardEvent("keydown", event));
    if (!isUnused || event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
    // The browser itself writes only what is pressed now.
    this.view.dispatch(this.view.state.replaceSelection(event.key), { userEvent: "input.type", scrollIntoView: true });
  }
  blur() { this.view.contentDOM.blur(); }
  destroy() { this.unfollow(); this.view.destroy(); }
}

const pictures = (data) => Array.from(data?.files ?? []).filter((file) => file.type.startsWith("image/"));

function pasted(event, tell) {
  const files = pictures(event.clipboardData);
  return files.length > 0 && tell("files", files) === true;
}

function dropped(event, tell) {
  const files = pictures(event.dataTransfer);
  return files.length > 0 && tell("files", files) === true;
}
