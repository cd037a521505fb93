// Text of an Output widget: colours, and `\r` that writes over. The notebook's own text outputs are drawn outside of
// frames by a whole terminal; here the common part is enough.

/// Lines of `text` as a terminal leaves them, put into `place` as styled spans.
export function writeText(place, text) {
  let classes = [];
  for (const [number, line] of text.replace(/\r\n/g, "\n").split("\n").entries()) {
    if (number > 0) place.append("\n");
    const last = line.replace(/\r+$/, "").split("\r").at(-1);
    for (const piece of last.split(/(\x1b\[[0-9;]*[A-Za-z])/)) {
      const code = /^\x1b\[([0-9;]*)([A-Za-z])$/.exec(piece);
      if (code) {
        if (code[2] === "m") classes = restyle(classes, code[1]);
      } else if (piece) {
        const span = document.createElement("span");
        span.className = classes.join(" ");
        span.textContent = piece;
        place.append(span);
      }
    }
  }
}

function restyle(classes, codes) {
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) classes = [];
    else if (code === 1) classes = [...classes, "ab"];
    else if (code >= 30 && code <= 37) classes = [...classes.filter((name) => !/^a\d/.test(name)), `a${code - 30}`];
    else if (code >= 90 && code <= 97) classes = [...classes.filter((name) => !/^a\d/.test(name)), `a${code - 82}`];
    else if (code === 39) classes = classes.filter((name) => !/^a\d/.test(name));
  }
  return classes;
}
