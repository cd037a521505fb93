// CodeMirror 6 as the window uses it: a cell of a notebook or a text file. The Rust side holds an `Editor`
// and hears everything through one function, `tell(what, value)`.
import { EditorState, Compartment, Prec } from "@codemirror/state";
import { EditorView, keymap, drawSelection, dropCursor, lineNumbers, highlightActiveLine, rectangularSelection, crosshairCursor, highlightSpecialChars, placeholder } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentMore, indentLess, toggleComment } from "@codemirror/commands";
import { indentOnInput, indentUnit, bracketMatching, syntaxHighlighting, HighlightStyle } from "@codemirror/language";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion, completionStatus, acceptCompletion } from "@codemirror/autocomplete";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { python } from "@codemirror/lang-python";
import { markdown } from "@codemirror/lang-markdown";
import { json } from "@codemirror/lang-json";
import { tags as t } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  { tag: [t.keyword, t.self, t.definitionKeyword, t.modifier, t.operatorKeyword, t.controlKeyword, t.moduleKeyword, t.bool, t.null], color: "var(--code-key)" },
  { tag: [t.string, t.special(t.string), t.regexp], color: "var(--code-str)" },
  { tag: [t.number], color: "var(--code-num)" },
  { tag: [t.function(t.variableName), t.function(t.propertyName), t.function(t.definition(t.variableName)), t.meta], color: "var(--code-fn)" },
  { tag: [t.className, t.typeName, t.definition(t.className), t.namespace], color: "var(--code-type)" },
  { tag: [t.comment], color: "var(--code-note)", fontStyle: "italic" },
  { tag: [t.heading], color: "var(--text)", fontWeight: "600" },
  { tag: [t.emphasis], fontStyle: "italic" },
  { tag: [t.strong], fontWeight: "600" },
  { tag: [t.link, t.url], color: "var(--accent)" },
  { tag: [t.monospace], color: "var(--code-str)" },
  { tag: [t.processingInstruction, t.contentSeparator], color: "var(--text-3)" },
  { tag: [t.invalid], color: "var(--bad)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "var(--text-code)", backgroundColor: "transparent", color: "var(--text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "var(--lh-code)", fontFeatureSettings: '"calt" 0' },
  ".cm-content": { padding: "0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "1.5px" },
  ".cm-selectionBackground": { backgroundColor: "var(--press)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--select)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-selectionMatch": { backgroundColor: "var(--hover)" },
  ".cm-matchingBracket, .cm-nonmatchingBracket": { backgroundColor: "transparent" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--press)", outline: "none" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-3)", border: "0", paddingRight: "12px" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "36px", fontSize: "var(--text-s)" },
  ".cm-placeholder": { color: "var(--text-3)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "0", borderRadius: "var(--radius)", boxShadow: "var(--shadow-float)", overflow: "hidden", zIndex: "20" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-code)", fontSize: "var(--text-code)", maxHeight: "260px", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { height: "24px", lineHeight: "24px", padding: "0 8px", borderRadius: "4px", color: "var(--text)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--select)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: "600" },
  ".cm-completionIcon": { display: "none" },
  ".cm-panels": { backgroundColor: "var(--chrome)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-tint)", outline: "1px solid var(--warn)" },
});

function language(name) {
  if (name === "python") return python();
  if (name === "markdown") return markdown();
  if (name === "json") return json();
  return [];
}

/// Jupyter counts Unicode characters, CodeMirror UTF-16 units.
const toChars = (text, units) => Array.from(text.slice(0, units)).length;
const toUnits = (text, chars) => Array.from(text).slice(0, chars).join("").length;

function cellKeys(tell) {
  const say = (what) => () => (tell(what, null), true);
  const edge = (what, atEdge) => (view) => {
    const { head, empty } = view.state.selection.main;
    if (!empty || completionStatus(view.state) || !atEdge(view.state.doc, view.state.doc.lineAt(head))) return false;
    tell(what, null);
    return true;
  };
  return Prec.high(keymap.of([
    { key: "Shift-Enter", run: say("run-advance") },
    { key: "Mod-Enter", run: say("run") },
    { key: "Alt-Enter", run: say("run-insert") },
    { key: "Ctrl-Shift--", run: (view) => (tell("split", view.state.selection.main.head), true) },
    { key: "Escape", run: (view) => (completionStatus(view.state) ? false : (tell("escape", null), true)) },
    { key: "ArrowUp", run: edge("up", (doc, line) => line.number === 1) },
    { key: "ArrowDown", run: edge("down", (doc, line) => line.number === doc.lines) },
    { key: "Tab", run: completeOrIndent, shift: indentLess },
    { key: "Mod-/", run: toggleComment },
  ]));
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
    if (!context.explicit && !context.matchBefore(/\.\w*$/)) return null;
    const text = context.state.doc.toString();
    const answer = await tell("complete", { code: text, cursor: toChars(text, context.pos) });
    if (!answer || answer.matches.length === 0) return null;
    const from = toUnits(text, answer.start);
    return { from, to: toUnits(text, answer.end), options: answer.matches.map((label) => ({ label })), validFor: /^\w*$/ };
  };
}

export class Editor {
  /// `options`: { language, label, cell: bool, lines: bool, readOnly: bool, wrap: bool, hint: string }
  constructor(parent, doc, options, tell) {
    this.lang = new Compartment();
    this.quiet = false;
    const extensions = [
      options.cell ? cellKeys(tell) : Prec.high(keymap.of([{ key: "Tab", run: completeOrIndent, shift: indentLess }])),
      highlightSpecialChars(), history(), drawSelection(), dropCursor(), indentOnInput(), bracketMatching(), closeBrackets(),
      rectangularSelection(), crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(),
      EditorState.allowMultipleSelections.of(true), EditorState.tabSize.of(4), indentUnit.of("    "),
      syntaxHighlighting(highlight), look, this.lang.of(language(options.language)),
      autocompletion({ override: options.cell && options.language === "python" ? [completions(tell)] : undefined, icons: false, activateOnTyping: true }),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap.filter((binding) => !["Mod-Enter", "Shift-Enter"].includes(binding.key)), ...searchKeymap, ...historyKeymap, ...completionKeymap]),
      EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.quiet) tell("change", update.state.doc.toString());
        if (update.focusChanged) tell(update.view.hasFocus ? "focus" : "blur", null);
      }),
    ];
    if (options.lines) extensions.push(lineNumbers());
    if (options.wrap) extensions.push(EditorView.lineWrapping);
    if (options.hint) extensions.push(placeholder(options.hint));
    if (options.readOnly) extensions.push(EditorState.readOnly.of(true), EditorView.editable.of(false));
    this.view = new EditorView({ parent, state: EditorState.create({ doc, extensions }) });
    this.view.dom.editor = this; // lets a window test type into the cell it found
  }
  text() { return this.view.state.doc.toString(); }
  setText(text) {
    if (text === this.text()) return;
    this.quiet = true;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    this.quiet = false;
  }
  setLanguage(name) { this.view.dispatch({ effects: this.lang.reconfigure(language(name)) }); }
  focus() { this.view.focus(); }
  focusAt(end) {
    this.view.dispatch({ selection: { anchor: end ? this.view.state.doc.length : 0 } });
    this.view.focus();
  }
  blur() { this.view.contentDOM.blur(); }
  destroy() { this.view.destroy(); }
}
