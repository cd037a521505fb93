// Jupyter widgets. Each frame has models of its own; the kernel's object is the truth, and its echoes keep all views of
// it the same. Models are made when a view first needs them.
import * as base from "@jupyter-widgets/base";
import * as controls from "@jupyter-widgets/controls";
import * as outputs from "@jupyter-widgets/output";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import { Widget } from "@lumino/widgets";
import { defined } from "./output/amd.js";
import "anywidget";
import "./output-widgets.css";
import { Comm, Link, fromBase64 } from "./output/comm.js";
import { drawHtml } from "./output/html.js";
import { writeText } from "./output/terminal.js";

class Manager extends ManagerBase {
  constructor(frame) {
    super();
    this.frame = frame;
    this.link = new Link(frame);
    this.comms = new Map();
    this.states = new Map(); // what the kernel said of models that nobody needed yet
    const { AnyModel, AnyView } = defined.anywidget(base);
    const { OutputModel } = outputs;
    this.modules = {
      "@jupyter-widgets/base": base,
      "@jupyter-widgets/controls": controls,
      "@jupyter-widgets/output": { OutputModel, OutputView },
      anywidget: { AnyModel, AnyView },
    };
  }
  async loadClass(name, module) {
    const found = this.modules[module]?.[name];
    if (!found) throw new Error(`The studio has no ${module}, which draws this widget. Widgets of ipywidgets and anywidget work.`);
    return found;
  }
  async _create_comm(target, id) { return this.commOf(id, target); }
  async _get_comm_info() { return {}; }
  commOf(id, target = this.comm_target_name) {
    if (!this.comms.has(id)) this.comms.set(id, new Comm(id, target, this.link));
    return this.comms.get(id);
  }
  async get_model(id) {
    const state = this.states.get(id);
    if (state && !this.has_model(id)) {
      this.states.delete(id);
      return this.handle_comm_open(this.commOf(id), state);
    }
    return super.get_model(id);
  }
  /// A message of the kernel, as the studio passes it on.
  take({ kind, comm_id, target, data, metadata, buffers }) {
    const read = { data: JSON.parse(data || "{}"), metadata: JSON.parse(metadata || "{}"), buffers: (buffers ?? []).map(fromBase64) };
    if (kind === "open") {
      if (target !== this.comm_target_name || this.has_model(comm_id)) return;
      this.states.set(comm_id, { content: { comm_id, data: read.data }, metadata: { version: base.PROTOCOL_VERSION, ...read.metadata }, buffers: read.buffers });
    } else if (kind === "message") {
      if (this.has_model(comm_id)) this.commOf(comm_id).take(read.data, read.metadata, read.buffers);
      else this.keep(comm_id, read);
    } else if (kind === "close") {
      this.states.delete(comm_id);
      this.comms.get(comm_id)?.closed?.({ content: { comm_id, data: {} } });
    }
  }
  /// News of a model that nobody has looked at: its state goes on.
  keep(id, { data, buffers }) {
    const held = this.states.get(id);
    if (!held || !["update", "echo_update"].includes(data.method)) return;
    base.put_buffers(data.state, data.buffer_paths ?? [], buffers);
    const { state, buffer_paths = [] } = held.content.data;
    base.put_buffers(state, buffer_paths, held.buffers);
    Object.assign(state, data.state);
    held.content.data.buffer_paths = [];
    held.buffers = [];
  }
}

/// What a cell's code printed and showed while it wrote into an Output widget.
class OutputView extends base.DOMWidgetView {
  render() {
    super.render();
    this.el.classList.add("jupyter-widgets-output-area");
    this.listenTo(this.model, "change:outputs", this.fill);
    this.fill();
  }
  fill() {
    this.el.replaceChildren();
    for (const output of this.model.get("outputs") ?? []) {
      const place = document.createElement("div");
      this.el.append(place);
      this.one(place, output);
    }
  }
  one(place, output) {
    const text = (value, name = "out-text") => {
      place.className = name;
      writeText(place, [value].flat().join("").replace(/\n$/, ""));
    };
    if (output.output_type === "stream") return text(output.text, output.name === "stderr" ? "out-text is-err" : "out-text");
    if (output.output_type === "error") return text(output.traceback?.length ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`);
    const data = output.data ?? {};
    const string = (mime) => (Array.isArray(data[mime]) ? data[mime].join("") : data[mime]);
    const view = data["application/vnd.jupyter.widget-view+json"];
    if (view) return this.displayed.then(() => showView(this.model.widget_manager, view.model_id, place));
    const chart = Object.keys(data).find((mime) => /^application\/vnd\.(vega(lite)?\.v\d.*|plotly\.v1)\+json$/.test(mime));
    if (chart) {
      const part = chart.includes("plotly") ? import("./output-plotly.js") : import("./output-vega.js");
      return part.then(({ draw }) => draw(place, JSON.stringify(data[chart]), this.model.widget_manager.frame));
    }
    if (data["text/html"]) return drawHtml(place, string("text/html"));
    const image = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"].find((mime) => data[mime]);
    if (image) {
      const picture = document.createElement("img");
      const body = image === "image/svg+xml" ? `;charset=utf-8,${encodeURIComponent(string(image))}` : `;base64,${string(image).replaceAll("\n", "")}`;
      picture.src = `data:${image}${body}`;
      picture.alt = string("text/plain") ?? "Figure";
      return place.append(picture);
    }
    text(string("text/markdown") ?? string("text/latex") ?? string("text/plain") ?? "");
  }
}

async function showView(manager, id, place) {
  const model = await manager.get_model(id);
  const view = await manager.create_view(model);
  Widget.attach(view.luminoWidget ?? view.pWidget, place);
  return view;
}

export async function draw(root, data, frame) {
  const { model_id } = JSON.parse(data);
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL("output-widgets.css", import.meta.url);
  const styled = new Promise((resolve) => { style.onload = style.onerror = resolve; });
  document.head.append(style);
  const manager = new Manager(frame);
  const early = [];
  const known = new Promise((resolve) => {
    frame.hear("comm", ({ all, comm }) => {
      if (all) {
        all.forEach((comm) => manager.take(comm));
        early.splice(0).forEach((comm) => manager.take(comm));
        resolve();
        frame.hear("comm", ({ comm }) => comm && manager.take(comm));
      } else if (comm) early.push(comm);
    });
  });
  frame.say("comms");
  await Promise.all([known, styled]);
  if (!manager.states.has(model_id)) throw new Error("widget model not found");
  await showView(manager, model_id, root);
  return { close: () => manager.clear_state().catch(() => {}) };
}
