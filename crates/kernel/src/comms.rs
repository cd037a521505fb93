//! What the widgets of a kernel hold. A widget's object in the kernel says what changed; a window that comes later
//! needs the whole, so the changes are merged here, bytes included. Ends with the kernel.

use atelier_wire::studio::kernel::{Comm, CommKind};
use base64::Engine as _;
use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// A kernel that opens more is not followed further: its newest widgets are dead in new windows.
const MAX_COMMS: usize = 20_000;

/// The comms of one kernel, in the order in which they were opened.
#[derive(Debug, Default)]
pub struct Comms {
    open: IndexMap<String, Open>,
}

#[derive(Debug)]
struct Open {
    target: String,
    metadata: Value,
    /// What the kernel sent with the opening, without the state of a widget.
    data: Map<String, Value>,
    state: Map<String, Value>,
    buffers: Vec<(Vec<Value>, Bytes)>,
    is_widget: bool,
    /// An output widget that is to be cleared when something new comes.
    clear_on_output: bool,
}

impl Comms {
    /// Takes in a message of the kernel, or one that a window sends to it.
    pub fn hear(&mut self, kind: CommKind, content: &Value, metadata: &Value, buffers: &[Bytes]) {
        let Some(id) = content.get("comm_id").and_then(Value::as_str) else { return };
        let data = content.get("data").and_then(Value::as_object);
        match kind {
            CommKind::Open if self.open.len() < MAX_COMMS || self.open.contains_key(id) => {
                let target = content.get("target_name").and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut data = data.cloned().unwrap_or_default();
                let state = data.remove("state");
                let is_widget = matches!(state, Some(Value::Object(_)));
                if let (false, Some(state)) = (is_widget, &state) {
                    data.insert("state".to_owned(), state.clone());
                }
                let paths = data.remove("buffer_paths");
                let mut open = Open {
                    target,
                    metadata: metadata.clone(),
                    data,
                    state: Map::new(),
                    buffers: Vec::new(),
                    is_widget,
                    clear_on_output: false,
                };
                if let Some(Value::Object(state)) = state {
                    open.merge(state, paths.as_ref(), buffers);
                }
                self.open.insert(id.to_owned(), open);
            }
            CommKind::Open => {}
            CommKind::Message => {
                let Some((open, data)) = self.open.get_mut(id).zip(data) else { return };
                let updates = matches!(data.get("method").and_then(Value::as_str), Some("update" | "echo_update"));
                if let (true, true, Some(Value::Object(state))) = (open.is_widget, updates, data.get("state")) {
                    open.merge(state.clone(), data.get("buffer_paths"), buffers);
                }
            }
            CommKind::Close => drop(self.open.shift_remove(id)),
        }
    }

    /// Each comm as the message that would open it as it is now.
    pub fn snapshot(&self, kernel: &str) -> Vec<Comm> {
        self.open.iter().map(|(id, open)| open.message(kernel, id)).collect()
    }

    /// Takes in an output if a widget asked for what this request prints (`ipywidgets.Output` sets its `msg_id`).
    /// Gives the widget's id and its outputs as they are now.
    pub fn capture(&mut self, request: &str, kind: &str, content: &Value) -> Option<(String, Value)> {
        let asks = |open: &Open| open.is_widget && open.state.get("msg_id").and_then(Value::as_str) == Some(request);
        let (id, open) = self.open.iter_mut().rev().find(|(_, open)| !request.is_empty() && asks(open))?;
        if !matches!(kind, "stream" | "display_data" | "execute_result" | "error" | "clear_output") {
            return None;
        }
        let outputs = open.state.entry("outputs").or_insert_with(|| json!([]));
        let list = outputs.as_array_mut()?;
        if std::mem::take(&mut open.clear_on_output) && kind != "clear_output" {
            list.clear();
        }
        match kind {
            "clear_output" if content.get("wait").and_then(Value::as_bool) == Some(true) => open.clear_on_output = true,
            "clear_output" => list.clear(),
            _ if list.len() >= MAX_CAPTURED => {}
            _ => capture(list, kind, content),
        }
        Some((id.clone(), outputs.clone()))
    }
}

impl Open {
    /// A value that is sent again takes its bytes with it.
    fn merge(&mut self, state: Map<String, Value>, paths: Option<&Value>, buffers: &[Bytes]) {
        self.buffers
            .retain(|(path, _)| !path.first().and_then(Value::as_str).is_some_and(|key| state.contains_key(key)));
        let paths = paths.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let named: Vec<(Vec<Value>, Bytes)> = paths
            .iter()
            .zip(buffers)
            .filter_map(|(path, buffer)| Some((path.as_array()?.clone(), buffer.clone())))
            .collect();
        // A value that is nothing but bytes is not in the state that is sent.
        self.buffers.retain(|(path, _)| !named.iter().any(|(new, _)| new == path));
        self.buffers.extend(named);
        self.state.extend(state);
    }

    fn message(&self, kernel: &str, id: &str) -> Comm {
        let mut data = self.data.clone();
        if self.is_widget {
            data.insert("state".to_owned(), Value::Object(self.state.clone()));
            data.insert("buffer_paths".to_owned(), self.buffers.iter().map(|(path, _)| json!(path)).collect());
        }
        Comm {
            kernel: kernel.to_owned(),
            kind: CommKind::Open,
            comm_id: id.to_owned(),
            target: self.target.clone(),
            data: Value::Object(data).to_string(),
            metadata: if self.metadata.is_object() { self.metadata.to_string() } else { "{}".to_owned() },
            buffers: self.buffers.iter().map(|(_, bytes)| base64(bytes)).collect(),
        }
    }
}

/// An output widget keeps so many.
const MAX_CAPTURED: usize = 2000;

/// Outputs of a widget stand in the form of the file; text of one stream is one output.
fn capture(list: &mut Vec<Value>, kind: &str, content: &Value) {
    if kind != "stream" {
        list.extend(crate::book::output_of(kind, content));
        return;
    }
    let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
    let same = |last: &&mut Value| {
        last.get("output_type") == Some(&json!("stream")) && last.get("name") == content.get("name")
    };
    match list.last_mut().filter(same).and_then(|last| last.get_mut("text")) {
        Some(Value::String(so_far)) => so_far.push_str(text),
        _ => list.push(json!({ "name": content.get("name"), "output_type": "stream", "text": text })),
    }
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// What windows are told of a comm message of the kernel; `None` for one without a comm.
pub fn to_wire(kernel: &str, kind: CommKind, content: &Value, metadata: &Value, buffers: &[Bytes]) -> Option<Comm> {
    let word = |key: &str| content.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    content.get("comm_id")?.as_str()?;
    let data = content.get("data").filter(|data| data.is_object());
    Some(Comm {
        kernel: kernel.to_owned(),
        kind,
        comm_id: word("comm_id"),
        target: word("target_name"),
        data: data.map_or_else(|| "{}".to_owned(), Value::to_string),
        metadata: if metadata.is_object() { metadata.to_string() } else { "{}".to_owned() },
        buffers: buffers.iter().map(|buffer| base64(buffer)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(comms: &mut Comms, kind: CommKind, data: Value, buffers: &[&'static [u8]]) {
        let buffers: Vec<Bytes> = buffers.iter().map(|bytes| Bytes::from_static(bytes)).collect();
        comms.hear(
            kind,
            &json!({"comm_id": "c", "target_name": "jupyter.widget", "data": data}),
            &json!({"version": "2.1.0"}),
            &buffers,
        );
    }

    fn data(comms: &Comms) -> (Value, Vec<String>) {
        let comm = comms.snapshot("python3").swap_remove(0);
        (serde_json::from_str(&comm.data).unwrap(), comm.buffers)
    }

    #[test]
    fn later_window_gets_the_whole() {
        let mut comms = Comms::default();
        hear(
            &mut comms,
            CommKind::Open,
            json!({"state": {"value": 1, "max": 9}, "buffer_paths": [["image"], ["more", 0]]}),
            &[b"a", b"b"],
        );
        hear(&mut comms, CommKind::Message, json!({"method": "update", "state": {"value": 2}}), &[]);
        hear(
            &mut comms,
            CommKind::Message,
            json!({"method": "update", "state": {}, "buffer_paths": [["image"]]}),
            &[b"c"],
        );
        hear(&mut comms, CommKind::Message, json!({"method": "custom", "content": {"value": 7}}), &[]);
        let (whole, buffers) = data(&comms);
        assert_eq!(whole, json!({"state": {"value": 2, "max": 9}, "buffer_paths": [["more", 0], ["image"]]}));
        assert_eq!(buffers, [base64(b"b"), base64(b"c")]);
        hear(
            &mut comms,
            CommKind::Message,
            json!({"method": "update", "state": {"more": []}, "buffer_paths": []}),
            &[],
        );
        assert_eq!(data(&comms).1, [base64(b"c")]);
        hear(&mut comms, CommKind::Close, json!({}), &[]);
        assert!(comms.snapshot("python3").is_empty());
    }

    #[test]
    fn output_widget_takes_what_its_request_prints() {
        let mut comms = Comms::default();
        hear(&mut comms, CommKind::Open, json!({"state": {"msg_id": "", "outputs": []}}), &[]);
        let print =
            |comms: &mut Comms, text: &str| comms.capture("r", "stream", &json!({"name": "stdout", "text": text}));
        assert_eq!(print(&mut comms, "not mine"), None);
        hear(&mut comms, CommKind::Message, json!({"method": "update", "state": {"msg_id": "r"}}), &[]);
        print(&mut comms, "a");
        let (id, outputs) = print(&mut comms, "b").unwrap();
        assert_eq!((id.as_str(), outputs), ("c", json!([{"name": "stdout", "output_type": "stream", "text": "ab"}])));
        comms.capture("r", "clear_output", &json!({"wait": true}));
        assert_eq!(
            print(&mut comms, "c").unwrap().1,
            json!([{"name": "stdout", "output_type": "stream", "text": "c"}])
        );
        assert_eq!(comms.capture("r", "status", &json!({})), None);
    }

    #[test]
    fn other_comms_are_kept_as_they_were_opened() {
        let mut comms = Comms::default();
        hear(&mut comms, CommKind::Open, json!({"anything": [1]}), &[]);
        hear(&mut comms, CommKind::Message, json!({"method": "update", "state": {"x": 1}}), &[]);
        assert_eq!(data(&comms).0, json!({"anything": [1]}));
    }
}
