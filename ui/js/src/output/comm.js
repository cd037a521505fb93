// A widget's channel to its object in the kernel. Messages go through the window that holds this frame, which lets
// only those of the notebook's own widgets pass.

/// A message that got no sign of life from its kernel counts as handled after this time.
const SILENT_MS = 150;

export class Comm {
  constructor(comm_id, target_name, link) {
    Object.assign(this, { comm_id, target_name, link });
    // How many of our own values of an attribute are still on their way back. The kernel echoes each; taking them in
    // would pull a slider back while it is dragged.
    this.echoes = new Map();
  }
  open() { return this.comm_id; }
  send(data, callbacks, metadata, buffers) {
    if (data.method === "update") for (const name of namesIn(data)) this.echoes.set(name, (this.echoes.get(name) ?? 0) + 1);
    return this.link.send(this.comm_id, data, metadata ?? {}, buffers ?? [], callbacks);
  }
  close() { return ""; }
  on_msg(act) { this.heard = act; }
  on_close(act) { this.closed = act; }
  /// Takes a message from the kernel in.
  take(data, metadata, buffers) {
    if (data.method === "echo_update") [data, buffers] = this.withoutEchoes(data, buffers);
    if (data) this.heard?.({ content: { comm_id: this.comm_id, data }, metadata, buffers, header: {}, parent_header: null });
  }
  withoutEchoes(data, buffers) {
    const own = new Set();
    for (const name of namesIn(data)) {
      const left = this.echoes.get(name) ?? 0;
      if (left > 0) own.add(name) && this.echoes.set(name, left - 1);
    }
    const state = Object.fromEntries(Object.entries(data.state).filter(([name]) => !own.has(name)));
    const kept = (data.buffer_paths ?? []).map((path, at) => [path, buffers[at]]).filter(([path]) => !own.has(path[0]));
    if (Object.keys(state).length === 0 && kept.length === 0) return [null, []];
    return [{ method: "update", state, buffer_paths: kept.map(([path]) => path) }, kept.map(([, buffer]) => buffer)];
  }
}

/// The attributes that an update speaks of, those that travel as buffers included.
const namesIn = ({ state, buffer_paths = [] }) => new Set([...Object.keys(state), ...buffer_paths.map((path) => path[0])]);

/// What goes out, and when the kernel is done with it: widgets send one message at a time.
export class Link {
  constructor(frame) {
    this.frame = frame;
    this.waiting = [];
    this.state = "idle";
    this.count = 0;
    frame.hear("kernel", ({ state }) => {
      this.state = state;
      if (state !== "busy") this.settle();
    });
  }
  send(comm_id, data, metadata, buffers, callbacks) {
    this.frame.say("comm", { comm_id, data: JSON.stringify(data), metadata: JSON.stringify(metadata), buffers: buffers.map(toBase64) });
    const status = callbacks?.iopub?.status;
    if (status) this.waiting.push(status);
    setTimeout(() => { if (this.state !== "busy") this.settle(); }, SILENT_MS);
    return `m${++this.count}`;
  }
  settle() {
    for (const status of this.waiting.splice(0)) status({ content: { execution_state: "idle" } });
  }
}

export function toBase64(buffer) {
  const bytes = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return new DataView(bytes.buffer);
}
