//! What the kernels say: outputs, in the order in which they come, wherever they belong.

use super::*;
use atelier_wire::studio::notebook::SHOWN_BYTES;
use serde_json::{Value, json};

/// What one run of a cell may put into the file and into memory.
const MAX_RUN_BYTES: usize = 256 << 20;
const MAX_RUN_OUTPUTS: usize = 20_000;

impl Book {
    /// Takes in a message of a kernel's output channel.
    pub fn hear(&mut self, request: &str, kind: &str, content: &Value, now: f64) -> Vec<NotebookChange> {
        if kind == "status" {
            if content.get("execution_state").and_then(Value::as_str) == Some("idle")
                && let Some(running) = self.running.as_mut().filter(|running| running.request == request)
            {
                running.idle = true;
                return self.end_if_over(now);
            }
            return Vec::new();
        }
        if matches!(kind, "update_display_data" | "display_data")
            && let Some(id) = message::display_id(content)
        {
            self.update_display(id, content);
        }
        let Some(id) = self.requests.get(request).filter(|id| self.document().index(id).is_some()).cloned() else {
            return Vec::new();
        };
        match kind {
            "execute_input" => {
                let count = content.get("execution_count").and_then(Value::as_u64);
                if let Some(cell) = self.document_mut().cell_mut(&id) {
                    cell.set_execution_count(count);
                }
                let live = self.live(&id);
                live.run.execution_count = count;
                let run = live.run.clone();
                vec![NotebookChange::Run { cell: id, run }]
            }
            "clear_output" if content.get("wait").and_then(Value::as_bool) == Some(true) => {
                self.live(&id).clear_on_output = true;
                Vec::new()
            }
            "clear_output" => self.clear(&id),
            _ => self.add(&id, kind, content),
        }
    }

    fn add(&mut self, id: &str, kind: &str, content: &Value) -> Vec<NotebookChange> {
        let stream = kind == "stream";
        let value = message::output(kind, content);
        if !stream && value.is_none() {
            return Vec::new();
        }
        let mut changes = if self.live(id).clear_on_output { self.clear(id) } else { Vec::new() };
        if !self.weigh(id, message::size(content)) {
            return changes;
        }
        if kind == "error"
            && let Some(diagnostics) = message::diagnostics(content)
        {
            let live = self.live(id);
            live.run.diagnostics = diagnostics;
            let run = live.run.clone();
            changes.push(NotebookChange::Run { cell: id.to_owned(), run });
        }
        match value {
            None => {
                let name =
                    if content.get("name").and_then(Value::as_str) == Some("stderr") { "stderr" } else { "stdout" };
                self.print(id, name, content.get("text").and_then(Value::as_str).unwrap_or_default());
            }
            Some(value) => self.push(id, value, message::display_id(content)),
        }
        changes
    }

    /// Whether the run may go on to produce; says so in its outputs when it may not any more.
    fn weigh(&mut self, id: &str, size: usize) -> bool {
        let num_outputs = self.document().cell(id).map_or(0, |cell| cell.num_outputs());
        let live = self.live(id);
        let was = live.num_bytes;
        if was > MAX_RUN_BYTES || num_outputs > MAX_RUN_OUTPUTS {
            return false;
        }
        live.num_bytes += size;
        if live.num_bytes <= MAX_RUN_BYTES && num_outputs < MAX_RUN_OUTPUTS {
            return true;
        }
        live.num_bytes = MAX_RUN_BYTES + 1;
        self.print(
            id,
            "stderr",
            "\n[Output cut here: this run of the cell produced more than 256 MiB or 20,000 outputs]\n",
        );
        false
    }

    fn print(&mut self, id: &str, name: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let Some(cell) = self.document_mut().cell_mut(id) else { return };
        let before = cell.num_outputs();
        let Some((index, appended)) = cell.extend_stream(name, text) else { return };
        self.touch(id, index, (appended && index < before).then_some(text));
    }

    fn push(&mut self, id: &str, value: Value, display_id: Option<&str>) {
        let Some(index) = self.document_mut().cell_mut(id).and_then(|cell| cell.push_output(value)) else { return };
        let ids = &mut self.live(id).display_ids;
        ids.resize(index, None);
        ids.push(display_id.map(str::to_owned));
        self.touch(id, index, None);
    }

    fn touch(&mut self, id: &str, index: usize, appended: Option<&str>) {
        let known = self.touched.iter_mut().find(|touched| touched.cell == id && touched.index == index);
        match (known, appended) {
            (None, appended) => {
                self.touched.push(Touched { cell: id.to_owned(), index, appended: appended.map(str::to_owned) });
            }
            (Some(Touched { appended: Some(so_far), .. }), Some(more)) if so_far.len() + more.len() <= SHOWN_BYTES => {
                so_far.push_str(more)
            }
            // Too much for a window: it gets the end of it.
            (Some(touched), _) => touched.appended = None,
        }
    }

    /// Replaces data and metadata of the outputs called `display_id`, in whichever cells they stand.
    fn update_display(&mut self, display_id: &str, content: &Value) {
        let mut named = Vec::new();
        for (cell, live) in &self.live {
            let indices = live.display_ids.iter().enumerate().filter(|(_, id)| id.as_deref() == Some(display_id));
            named.extend(indices.map(|(index, _)| (cell.clone(), index)));
        }
        named.sort();
        for (id, index) in named {
            let Some(mut value) = self.document().cell(&id).and_then(|cell| cell.output(index)) else { continue };
            for key in ["data", "metadata"] {
                value[key] = content.get(key).cloned().unwrap_or_else(|| json!({}));
            }
            if let Some(cell) = self.document_mut().cell_mut(&id) {
                cell.set_output(index, value);
                self.touch(&id, index, None);
            }
        }
    }

    /// Removes the outputs of a cell, if it has any.
    pub(super) fn clear(&mut self, id: &str) -> Vec<NotebookChange> {
        self.touched.retain(|touched| touched.cell != id);
        let live = self.live(id);
        live.clear_on_output = false;
        live.display_ids.clear();
        match self.document_mut().cell_mut(id) {
            Some(cell) if cell.num_outputs() > 0 => {
                cell.clear_outputs();
                vec![NotebookChange::Clear { cell: id.to_owned() }]
            }
            _ => Vec::new(),
        }
    }

    pub fn has_unsent_output(&self) -> bool {
        !self.touched.is_empty()
    }

    /// What changed since windows were last told: text that was appended, or outputs as they stand now.
    pub fn flush(&mut self) -> Vec<NotebookChange> {
        let touched = std::mem::take(&mut self.touched);
        let changed = touched.into_iter().filter_map(|Touched { cell, index, appended }| match appended {
            Some(text) => Some(NotebookChange::Append { cell, index, text }),
            None => {
                let output = self.output(&cell, index)?;
                Some(NotebookChange::Output { cell, index, output })
            }
        });
        changed.collect()
    }
}
