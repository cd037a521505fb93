// What the window loads after its first picture: the editor, when a cell is edited, and formulas, when there is one.

export async function setMath(root) {
  const { setMath } = await import("./formulas.js");
  setMath(root);
}

let parts = null;
let loading = null;
let keymap = "default";
const editors = () => (loading ??= import("./editor.js").then((loaded) => ((parts = loaded), loaded.setKeymap(keymap))));
// Nobody types in the first moments.
setTimeout(editors, 300);

/// "default", "vim" or "emacs", for every editor that is open or will be.
export function setKeymap(name) {
  keymap = name;
  parts?.setKeymap(name);
}

/// An editor: see `editor.js`. Until its code is there it remembers what it is told, and what is typed into it.
export class Editor {
  constructor(parent, doc, options, tell) {
    this.doc = doc;
    this.waiting = [];
    const make = () => {
      if (!this.waiting) return;
      this.letGo();
      this.editor = new parts.Editor(parent, this.doc, options, tell);
      for (const act of this.waiting) act(this.editor);
      this.waiting = null;
    };
    if (parts) make();
    else editors().then(make).finally(() => this.letGo());
  }
  /// From the moment that it has the focus, keys are its own: no element that could have them is there yet.
  take() {
    if (!this.waiting || this.hear) return;
    this.hear = (event) => {
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      this.do((editor) => editor.key(event));
    };
    addEventListener("keydown", this.hear, { capture: true });
  }
  letGo() {
    if (this.hear) removeEventListener("keydown", this.hear, { capture: true });
    this.hear = null;
  }
  do(act) {
    if (this.waiting) this.waiting.push(act);
    else if (this.editor) act(this.editor);
  }
  text() { return this.editor ? this.editor.text() : this.doc; }
  cursor() { return this.editor ? this.editor.cursor() : 0; }
  setText(text) {
    if (this.editor) this.editor.setText(text);
    else this.doc = text;
  }
  setLanguage(name) { this.do((editor) => editor.setLanguage(name)); }
  setLines(on) { this.do((editor) => editor.setLines(on)); }
  setFound(list) { this.do((editor) => editor.setFound(list)); }
  setProblems(list) { this.do((editor) => editor.setProblems(list)); }
  focus() { this.take(); this.do((editor) => editor.focus()); }
  focusAt(end) { this.take(); this.do((editor) => editor.focusAt(end)); }
  line(number) { this.take(); this.do((editor) => editor.line(number)); }
  press(event) { this.take(); this.do((editor) => editor.press(event)); }
  blur() { this.letGo(); this.do((editor) => editor.blur()); }
  destroy() {
    this.letGo();
    this.waiting = null;
    this.editor?.destroy();
    this.editor = null;
  }
}
