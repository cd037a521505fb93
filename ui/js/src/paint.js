// Colours for code that is only shown: one parse, one string, and none of the editor. The editor uses the same languages and classes, so a
// cell looks the same before and after its editor is made.
import { highlightCode, tagHighlighter, tags as t } from "@lezer/highlight";
import { parser as json } from "@lezer/json";
import { parser as markdown, GFM } from "@lezer/markdown";
import { parser as python } from "@lezer/python";
import { parser as rust } from "@lezer/rust";

/// SQL's parser comes with the editor.
export const parsers = { json, markdown: markdown.configure(GFM), python, rust };

/// Classes of `studio.css`: k keyword, s string, n number, f function, t type, c comment; h, e, b, l, m, p for text.
const styles = [
  { tag: [t.keyword, t.self, t.definitionKeyword, t.modifier, t.operatorKeyword, t.controlKeyword, t.moduleKeyword, t.bool, t.null], class: "k" },
  { tag: [t.string, t.special(t.string), t.regexp, t.character], class: "s" },
  { tag: [t.number], class: "n" },
  { tag: [t.function(t.variableName), t.function(t.propertyName), t.function(t.definition(t.variableName)), t.meta, t.macroName], class: "f" },
  { tag: [t.className, t.typeName, t.definition(t.className), t.namespace], class: "t" },
  { tag: [t.comment], class: "c" },
  { tag: [t.heading], class: "h" },
  { tag: [t.emphasis], class: "e" },
  { tag: [t.strong], class: "b" },
  { tag: [t.link, t.url], class: "l" },
  { tag: [t.monospace], class: "s" },
  { tag: [t.processingInstruction, t.contentSeparator], class: "p" },
];
export const highlighter = tagHighlighter(styles);

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (letter) => escapes[letter]);

/// Longer texts are shown without colours.
const LONGEST = 200_000;

/// HTML of `text` in colours. `marks` holds triples: from, to (UTF-16) and the class, in order and without overlap.
export function paint(text, name, marks) {
  const parser = parsers[name];
  let html = "";
  let at = 0;
  let next = 0;
  const put = (part, classes) => {
    // A token is cut where a mark begins or ends.
    while (part.length > 0) {
      while (next < marks.length && marks[next + 1] <= at) next += 3;
      let length = part.length;
      let mark = "";
      if (next < marks.length) {
        if (marks[next] <= at) {
          mark = marks[next + 2];
          length = Math.min(length, marks[next + 1] - at);
        } else length = Math.min(length, marks[next] - at);
      }
      const names = [classes, mark].filter(Boolean).join(" ");
      const piece = escape(part.slice(0, length));
      html += names ? `<span class="${names}">${piece}</span>` : piece;
      part = part.slice(length);
      at += length;
    }
  };
  if (!parser || text.length > LONGEST) put(text, "");
  else highlightCode(text, parser.parse(text), highlighter, put, () => put("\n", ""));
  // A last line that is empty has a height only with something in it.
  return text.endsWith("\n") || text === "" ? html + "\u200b" : html;
}
