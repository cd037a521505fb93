// Indentation guides: a hairline for each level that a line is indented by.
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view";
import { RangeSetBuilder } from "@codemirror/state";

const depths = Array.from({ length: 9 }, (_, depth) => Decoration.line({ attributes: { class: "cm-guides", style: `--depth:${depth}` } }));

function guides(view) {
  const builder = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      const depth = Math.min(8, Math.floor((/^ */.exec(line.text)[0].length - 1) / 4));
      if (depth > 0) builder.add(line.from, line.from, depths[depth]);
      at = line.to + 1;
    }
  }
  return builder.finish();
}

export const indentGuides = ViewPlugin.fromClass(class {
  constructor(view) { this.decorations = guides(view); }
  update(update) {
    if (update.docChanged || update.viewportChanged) this.decorations = guides(update.view);
  }
}, { decorations: (plugin) => plugin.decorations });
