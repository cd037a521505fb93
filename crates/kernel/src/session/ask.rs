//! What windows ask a kernel beside running cells, and what a kernel asks a person.

use super::Session;
use crate::agent::Order;
use crate::connection::new_request;
use crate::{KernelError, comms, language};
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{
    Comm, CommKind, Comms, Completion, Completions, Inspection, KernelState, OpenedVariable, Variables,
};
use base64::Engine as _;
use bytes::Bytes;
use jupyter_protocol::{CompleteRequest, ExecuteRequest, InspectRequest, JupyterMessageContent};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a kernel may take to answer: the first time it loads its completer.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Code that leaves no trace: neither output nor history nor a count.
pub(crate) fn evaluate(expression: String) -> JupyterMessageContent {
    ExecuteRequest {
        code: String::new(),
        silent: true,
        store_history: false,
        user_expressions: Some([("x".to_owned(), expression)].into()),
        allow_stdin: false,
        stop_on_error: false,
    }
    .into()
}

impl Session {
    /// Asks an idle kernel. `None` while there is no kernel, a cell keeps it busy, or it does not answer in time.
    async fn ask(&self, name: Option<&str>, content: JupyterMessageContent) -> Option<Value> {
        let (answer, answered) = oneshot::channel();
        {
            let inner = self.inner.lock();
            let kernel = inner.kernel(name).filter(|kernel| kernel.is_ready())?;
            if inner.book.busy_kernel() == Some(&kernel.info.id) {
                return None;
            }
            kernel.order(Order::Ask { request: new_request(), content, answer });
        }
        tokio::time::timeout(ANSWER_LIMIT, answered).await.ok()?.ok()
    }

    pub async fn complete(&self, name: Option<&str>, code: String, cursor_pos: usize) -> Completions {
        let answer = self.ask(name, CompleteRequest { code, cursor_pos }.into()).await;
        answer.map(|content| read_completions(&content)).unwrap_or_default()
    }

    pub async fn inspect(&self, name: Option<&str>, code: String, cursor_pos: usize, detail: u8) -> Inspection {
        let request = InspectRequest { code, cursor_pos, detail_level: Some(usize::from(detail.min(1))) };
        let answer = self.ask(name, request.into()).await.unwrap_or_default();
        let data = answer.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Inspection { data: data.into_iter().map(|(mime, value)| (mime, text(value))).collect() }
    }

    /// Asks the kernels that are idle; of the others, what they said last.
    pub async fn variables(&self) -> Variables {
        let kernels: Vec<(String, String, KernelState)> =
            self.kernel_infos().into_iter().map(|info| (info.name, info.language, info.state)).collect();
        let mut told = Variables::default();
        for (name, language, state) in kernels.into_iter().filter(|(_, _, state)| *state != KernelState::Dead) {
            let Some(language) = language::of(&language) else { continue };
            let answer = match state {
                KernelState::Idle => self.ask(Some(&name), evaluate(language.variables.to_owned())).await,
                _ => None,
            };
            let mut inner = self.inner.lock();
            let Some(kernel) = inner.kernel_mut(Some(&name)) else { continue };
            match answer {
                Some(reply) => kernel.variables = language::variables(&name, &reply),
                None => told.is_old |= state == KernelState::Busy || !kernel.variables.is_empty(),
            }
            told.variables.extend(kernel.variables.iter().cloned());
        }
        told
    }

    pub async fn open_variable(&self, name: Option<&str>, variable: &str) -> Result<OpenedVariable, KernelError> {
        let language = {
            let inner = self.inner.lock();
            let kernel = inner.kernel(name).filter(|kernel| kernel.is_ready());
            kernel
                .map(|kernel| kernel.info.language.clone())
                .ok_or_else(|| KernelError::NoKernel(inner.path.clone()))?
        };
        let language = language::of(&language)
            .ok_or_else(|| KernelError::NotATable(variable.to_owned(), "its language has no bridge".to_owned()))?;
        if !(language.is_name)(variable) {
            return Err(KernelError::NotATable(variable.to_owned(), "it is no variable's name".to_owned()));
        }
        let Some(reply) = self.ask(name, evaluate((language.put)(variable))).await else {
            return Err(KernelError::Busy);
        };
        let told = reply.pointer("/user_expressions/x/status").and_then(Value::as_str);
        if told == Some("error") {
            let why = language::expression(&reply, "text/plain").err().unwrap_or_default();
            return Err(KernelError::NotATable(variable.to_owned(), why));
        }
        Ok(OpenedVariable { source: format!("bridge:{variable}") })
    }

    /// Gives a person's answer to the kernel that waits for it. It is kept nowhere.
    pub fn answer(&self, name: Option<&str>, text: String) -> Result<(), KernelError> {
        self.change(|inner| {
            let kernel = inner.kernel(name).map(|kernel| kernel.info.name.clone());
            if inner.input.take_if(|input| Some(&input.kernel) == kernel.as_ref()).is_none() {
                return (Err(KernelError::NoQuestion), Vec::new());
            }
            if let Some(live) = inner.kernel(name).and_then(|kernel| kernel.live.as_ref()) {
                live.stdin.say(&new_request(), jupyter_protocol::InputReply { value: text, ..Default::default() });
            }
            (Ok(()), vec![NotebookChange::Input { input: None }])
        })
    }

    pub fn comms(&self) -> Comms {
        self.read(|inner| Comms {
            number: inner.number,
            comms: inner.kernels.iter().flat_map(|(name, kernel)| kernel.comms.snapshot(name)).collect(),
        })
    }

    /// Sends a widget's message to its kernel, and keeps what it says of the widget's state.
    pub fn send_comm(&self, comm: Comm) -> Result<(), KernelError> {
        let object = |text: &str| -> Result<Map<String, Value>, KernelError> {
            let text = if text.is_empty() { "{}" } else { text };
            serde_json::from_str(text).map_err(|error| KernelError::BadComm(error.to_string()))
        };
        let (data, metadata) = (object(&comm.data)?, object(&comm.metadata)?);
        let decode = |text: &String| base64::engine::general_purpose::STANDARD.decode(text).map(Bytes::from);
        let buffers: Vec<Bytes> = comm
            .buffers
            .iter()
            .map(decode)
            .collect::<Result<_, _>>()
            .map_err(|error| KernelError::BadComm(error.to_string()))?;
        let mut inner = self.inner.lock();
        let path = inner.path.clone();
        let kernel = inner
            .kernel_mut(Some(&comm.kernel))
            .filter(|kernel| kernel.is_ready())
            .ok_or(KernelError::NoKernel(path))?;
        let content = json!({ "comm_id": comm.comm_id, "target_name": comm.target, "data": data });
        let metadata = Value::Object(metadata);
        kernel.comms.hear(comm.kind, &content, &metadata, &buffers);
        kernel.order(Order::Comm { content: comm_content(&comm, data), metadata, buffers });
        Ok(())
    }
}

/// In the form in which it goes to the kernel.
pub(crate) fn comm_content(comm: &Comm, data: Map<String, Value>) -> JupyterMessageContent {
    let comm_id = jupyter_protocol::CommId(comm.comm_id.clone());
    match comm.kind {
        CommKind::Open => {
            jupyter_protocol::CommOpen { comm_id, target_name: comm.target.clone(), data, target_module: None }.into()
        }
        CommKind::Message => jupyter_protocol::CommMsg { comm_id, data }.into(),
        CommKind::Close => jupyter_protocol::CommClose { comm_id, data }.into(),
    }
}

/// An update of one value of a widget, as the kernel would send it.
pub(crate) fn update(kernel: &str, comm_id: &str, key: &str, value: Value) -> Comm {
    let mut state = Map::new();
    state.insert(key.to_owned(), value);
    let content = json!({ "comm_id": comm_id, "data": { "method": "update", "state": state, "buffer_paths": [] } });
    comms::to_wire(kernel, CommKind::Message, &content, &json!({}), &[])
        .unwrap_or_else(|| unreachable!("the content has an id"))
}

/// With the kinds that IPython tells beside the protocol.
fn read_completions(content: &Value) -> Completions {
    let position =
        |key: &str| content.get(key).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let typed = content
        .pointer("/metadata/_jupyter_types_experimental")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let told: std::collections::HashMap<&str, &Value> =
        typed.iter().filter_map(|item| Some((item.get("text")?.as_str()?, item))).collect();
    let word = |item: &Value, key: &str| {
        item.get(key).and_then(Value::as_str).filter(|word| *word != "<unknown>").unwrap_or_default().to_owned()
    };
    let matches = content.get("matches").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let matches = matches.iter().filter_map(Value::as_str).map(|text| match told.get(text) {
        Some(item) => Completion { text: text.to_owned(), kind: word(item, "type"), detail: word(item, "signature") },
        None => Completion { text: text.to_owned(), ..Completion::default() },
    });
    Completions { matches: matches.collect(), start: position("cursor_start"), end: position("cursor_end") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_have_kinds_where_the_kernel_tells_them() {
        let content = json!({
            "matches": ["print", "x"], "cursor_start": 1, "cursor_end": 3,
            "metadata": {"_jupyter_types_experimental": [{"text": "print", "type": "function", "signature": "(*args)"}, {"text": "x", "type": "<unknown>"}]},
        });
        let told = read_completions(&content);
        let shown: Vec<_> =
            told.matches.iter().map(|one| (one.text.as_str(), one.kind.as_str(), one.detail.as_str())).collect();
        assert_eq!((shown, told.start, told.end), (vec![("print", "function", "(*args)"), ("x", "", "")], 1, 3));
        assert_eq!(read_completions(&json!({"matches": ["a"]})).matches.len(), 1);
    }
}
