// Signature and documentation beside the cursor, and marks in the text: what was found, what the compiler said.
import { StateEffect, StateField, Prec } from "@codemirror/state";
import { Decoration, EditorView, hoverTooltip, keymap, showTooltip } from "@codemirror/view";

/// Jupyter counts Unicode characters, CodeMirror UTF-16 units.
export const toChars = (text, units) => Array.from(text.slice(0, units)).length;
export const toUnits = (text, chars) => Array.from(text).slice(0, chars).join("").length;

const setDocs = StateEffect.define();
const docs = StateField.define({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setDocs)) return effect.value;
    if (value && transaction.docChanged) return value.pinned ? null : keepInCall(value, transaction);
    if (value && transaction.selection) return null;
    return value;
  },
  provide: (field) => showTooltip.from(field, (value) => value && { pos: value.pos, above: true, create: () => ({ dom: box(value.html) }) }),
});

/// The signature stays while the arguments are typed.
function keepInCall(value, transaction) {
  const pos = transaction.changes.mapPos(value.pos);
  const head = transaction.state.selection.main.head;
  const typed = transaction.state.sliceDoc(pos, head);
  return head >= pos && !/[)\n]/.test(typed) ? { ...value, pos } : null;
}

function box(html) {
  const dom = document.createElement("div");
  dom.className = "cm-docs";
  dom.innerHTML = html; // made by the window from text, with every letter of it escaped
  return dom;
}

async function ask(tell, view, pos, detail) {
  const text = view.state.doc.toString();
  return (await tell("inspect", { code: text, cursor: toChars(text, pos), detail })) || null;
}

/// Shift+Tab shows what is known of the name at the cursor, again: the source too; `(` shows the signature.
export function documentation(tell) {
  let times = 0;
  const show = (view) => {
    const shown = view.state.field(docs);
    times = shown ? Math.min(times + 1, 1) : 0;
    const pos = view.state.selection.main.head;
    ask(tell, view, pos, times).then((html) => {
      if (view.state.selection.main.head === pos) view.dispatch({ effects: setDocs.of(html && { pos, html, pinned: true }) });
    });
    return true;
  };
  const hide = (view) => (view.state.field(docs) ? (view.dispatch({ effects: setDocs.of(null) }), true) : false);
  const indented = (view) => {
    const { head, empty } = view.state.selection.main;
    const before = view.state.sliceDoc(view.state.doc.lineAt(head).from, head);
    return !empty || /^\s*$/.test(before);
  };
  return [
    docs,
    Prec.highest(keymap.of([{ key: "Shift-Tab", run: (view) => (indented(view) ? false : show(view)) }, { key: "Escape", run: hide }])),
    hoverTooltip(async (view, pos, side) => {
      const word = view.state.wordAt(pos);
      if (!word || (word.from === pos && side < 0) || (word.to === pos && side > 0) || view.state.field(docs)) return null;
      const html = await ask(tell, view, word.to, 0);
      return html && { pos: word.from, end: word.to, above: true, create: () => ({ dom: box(html) }) };
    }, { hoverTime: 700 }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || !update.transactions.some((one) => one.isUserEvent("input.type"))) return;
      const pos = update.state.selection.main.head;
      if (update.state.sliceDoc(pos - 1, pos) !== "(" || !/\w$/.test(update.state.sliceDoc(Math.max(0, pos - 2), pos - 1))) return;
      ask(tell, update.view, pos - 1, 0).then((html) => {
        const head = update.view.state.selection.main.head;
        if (html && head >= pos && update.view.hasFocus) update.view.dispatch({ effects: setDocs.of({ pos, html, pinned: false }) });
      });
    }),
  ];
}

// ---- marks

export const setFound = StateEffect.define();
export const setProblems = StateEffect.define();

function marks(effect, make) {
  return StateField.define({
    create: () => Decoration.none,
    update(value, transaction) {
      value = value.map(transaction.changes);
      for (const one of transaction.effects) if (one.is(effect)) value = make(one.value, transaction.state.doc.length);
      return value;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

const ranged = (list, length, decorate) => Decoration.set(list.filter(({ from, to }) => from < to && to <= length).map((one) => decorate(one).range(one.from, one.to)), true);

export const marked = [
  marks(setFound, (list, length) => ranged(list, length, (one) => Decoration.mark({ class: one.on ? "is-found is-found-on" : "is-found" }))),
  marks(setProblems, (list, length) => ranged(list, length, (one) => Decoration.mark({ class: `is-${one.level}`, attributes: { title: one.message } }))),
];
