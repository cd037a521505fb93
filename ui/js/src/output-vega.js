// Vega and Vega-Lite charts. Nothing is fetched: data comes with the chart.
import embed from "vega-embed";

/// Colours and type of the studio, for what the chart leaves open.
function config({ token }) {
  const [text, quiet, line] = [token("--text"), token("--text-2"), token("--line")];
  const font = token("--font-ui");
  const titles = { labelColor: quiet, titleColor: text, labelFont: font, titleFont: font, titleFontWeight: 500, labelFontSize: 11, titleFontSize: 11 };
  return {
    background: "transparent",
    font,
    view: { stroke: line },
    title: { color: text, font, fontSize: 13, fontWeight: 600, anchor: "start", subtitleColor: quiet },
    axis: { ...titles, gridColor: line, domainColor: token("--line-2"), tickColor: token("--line-2") },
    legend: titles,
    header: titles,
    mark: { color: token("--c1") },
    text: { color: text },
    rule: { color: quiet },
    range: { category: [1, 2, 3, 4, 5, 6].map((number) => token(`--c${number}`)) },
  };
}

const STYLE = `
.vega-embed { display: block; overflow-x: auto; }
.vega-bind { display: inline-flex; gap: 8px; align-items: center; margin: 4px 12px 0 0; color: var(--text-2); }
#vg-tooltip-element.atelier-theme { background: var(--raised); color: var(--text); border: 0; border-radius: var(--radius); box-shadow: var(--shadow-float); font: var(--regular) var(--text-s)/1.5 var(--font-ui); padding: 6px 8px; }
#vg-tooltip-element.atelier-theme td.key { color: var(--text-3); }
`;

export async function draw(root, data, frame) {
  const spec = JSON.parse(data);
  const style = document.createElement("style");
  style.textContent = STYLE;
  const place = document.createElement("div");
  root.append(style, place);
  let result = null;
  const make = async () => {
    const options = { actions: false, renderer: "canvas", config: config(frame), tooltip: { theme: "atelier" }, logLevel: 1 };
    const fresh = await embed(place, structuredClone(spec), options);
    result?.finalize();
    result = fresh;
  };
  await make();
  return {
    theme: () => { make().catch((error) => frame.say("failed", { message: String(error.message ?? error) })); },
    image: (kind) => (kind === "svg" ? result.view.toSVG() : kind === "png" ? result.view.toImageURL("png", 2) : null),
    close: () => result?.finalize(),
  };
}
