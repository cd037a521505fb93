// Plotly figures.
import Plotly from "plotly.js-dist-min";

/// The look of figures that ask for none. Plotly's own default counts as none: it is what every figure carries that
/// was made in Python without a choice.
function template({ token }) {
  const axis = { gridcolor: token("--line"), zerolinecolor: token("--line-2"), linecolor: token("--line-2"), tickcolor: token("--line-2"), automargin: true };
  return {
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: token("--text"), family: token("--font-ui"), size: 12 },
      colorway: [1, 2, 3, 4, 5, 6].map((number) => token(`--c${number}`)),
      xaxis: axis, yaxis: axis,
      scene: { xaxis: axis, yaxis: axis, zaxis: axis },
      hoverlabel: { align: "left" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: token("--text-3"), activecolor: token("--accent") },
      margin: { t: 56, r: 24, b: 40, l: 56 },
      title: { x: 0.02 },
    },
  };
}

const chosen = (layout) => {
  const own = layout?.template?.layout;
  return own && Object.keys(own).length > 0 && own.plot_bgcolor !== "#E5ECF6";
};

export async function draw(root, data, frame) {
  const { data: traces = [], layout = {}, frames = [], config = {} } = JSON.parse(data);
  const own = chosen(layout);
  const place = document.createElement("div");
  root.append(place);
  const withLook = () => (own ? layout : { ...layout, template: template(frame) });
  const save = {
    name: "Save as PNG",
    icon: Plotly.Icons.camera,
    click: async (chart) => frame.say("save", { name: "plot.png", data: await Plotly.toImage(chart, { format: "png", scale: 2 }) }),
  };
  const settings = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["toImage", "sendChartToCloud"], modeBarButtonsToAdd: [save], ...config };
  if (layout.height === undefined) place.style.height = "420px";
  await Plotly.newPlot(place, traces, withLook(), settings);
  if (frames.length > 0) await Plotly.addFrames(place, frames);
  return {
    // Zoom and hidden traces stay: only the colours change.
    theme: () => { if (!own) Plotly.relayout(place, { template: template(frame) }); },
    image: (kind) => (kind === "png" || kind === "svg" ? Plotly.toImage(place, { format: kind, scale: 2 }) : null),
    close: () => Plotly.purge(place),
  };
}
