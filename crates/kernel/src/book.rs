//! An open notebook as a pure state machine: edits, the queue of cells, what the kernel says. No clock, no IO;
//! the caller gives the time and gets the changes that windows must hear of.

use crate::KernelError;
use crate::document::{CellNode, Document};
use crate::output;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{CellRun, RunState};
use atelier_wire::studio::notebook::{CellKind, Edit};
use serde_json::Value;
use std::collections::VecDeque;

pub struct Book {
    pub document: Document,
    /// Cells that wait, by id.
    queue: VecDeque<String>,
    running: Option<Running>,
    /// Outputs that changed since windows were last told.
    touched: Vec<(String, usize)>,
    /// Cells to clear as soon as they get new output (`clear_output(wait=True)`).
    clear_on_output: Vec<String>,
    /// Counts changes of what stands in the file.
    pub version: u64,
}

/// The cell that the kernel works on. It has ended when both channels said so: output may come after the reply.
struct Running {
    cell: String,
    request: String,
    /// Status and count of the reply.
    reply: Option<(bool, Option<u64>)>,
    idle: bool,
}

/// A cell to send to the kernel.
#[derive(Debug, PartialEq)]
pub struct Start {
    pub cell: String,
    pub code: String,
}

impl Book {
    pub fn new(document: Document) -> Book {
        Book { document, queue: VecDeque::new(), running: None, touched: Vec::new(), clear_on_output: Vec::new(), version: 0 }
    }

    /// Applies all edits or none.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<Vec<NotebookChange>, KernelError> {
        // One edit alone changes nothing when it fails; typing should not copy the notebook at every key.
        let before = (edits.len() > 1).then(|| self.document.cells.clone());
        for edit in edits {
            if let Err(error) = self.edit_one(edit) {
                if let Some(before) = before {
                    self.document.cells = before;
                }
                return Err(error);
            }
        }
        let gone = |id: &String| self.document.index(id).is_none();
        let (dropped, queue): (Vec<String>, VecDeque<String>) = {
            let dropped = self.queue.iter().filter(|id| gone(id)).cloned().collect();
            (dropped, self.queue.iter().filter(|id| !gone(id)).cloned().collect())
        };
        self.queue = queue;
        self.touched.retain(|(cell, _)| !dropped.contains(cell));
        self.version += 1;
        Ok(vec![NotebookChange::Cells { cells: self.document.to_wire() }])
    }

    fn edit_one(&mut self, edit: &Edit) -> Result<(), KernelError> {
        let document = &mut self.document;
        let find = |document: &Document, id: &str| document.index(id).ok_or_else(|| KernelError::NoSuchCell(id.to_owned()));
        let behind = |document: &Document, after: &Option<String>| match after {
            Some(id) => find(document, id).map(|at| at + 1),
            None => Ok(0),
        };
        match edit {
            Edit::SetSource { cell, source } => {
                let at = find(document, cell)?;
                document.cells[at].set_source(source);
            }
            Edit::Insert { after, id, kind, source } => {
                let at = behind(document, after)?;
                let valid = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                if !valid || document.index(id).is_some() {
                    return Err(KernelError::CellExists(id.clone()));
                }
                document.cells.insert(at, CellNode::new(id.clone(), *kind, source));
            }
            Edit::Delete { cell } => {
                let at = find(document, cell)?;
                document.cells.remove(at);
            }
            Edit::Move { cell, after } => {
                let (from, to) = (find(document, cell)?, behind(document, after)?);
                let moved = document.cells.remove(from);
                document.cells.insert(if from < to { to - 1 } else { to }, moved);
            }
            Edit::SetKind { cell, kind } => {
                let at = find(document, cell)?;
                document.cells[at].set_kind(*kind);
            }
            Edit::ClearOutputs { cell } => {
                let only = cell.as_deref().map(|id| find(document, id)).transpose()?;
                let chosen = document.cells.iter_mut().enumerate().filter(|(at, cell)| only.is_none_or(|only| only == *at) && cell.kind() == CellKind::Code);
                for (_, cell) in chosen {
                    cell.clear_outputs();
                    cell.set_execution_count(None);
                }
            }
            _ => return Err(KernelError::NotNow("This edit".to_owned())),
        }
        Ok(())
    }

    /// Queues cells in the order given, all code cells for none. Those that wait or run already stay where they are.
    pub fn queue(&mut self, cells: &[String]) -> Result<Vec<NotebookChange>, KernelError> {
        let wanted: Vec<String> = match cells {
            [] => self.document.cells.iter().map(|cell| cell.id.clone()).collect(),
            some => some.to_vec(),
        };
        if let Some(unknown) = wanted.iter().find(|id| self.document.index(id).is_none()) {
            return Err(KernelError::NoSuchCell(unknown.clone()));
        }
        let mut changes = Vec::new();
        for id in wanted {
            let Some(cell) = self.document.cell_mut(&id) else { continue };
            let has_code = cell.kind() == CellKind::Code && !cell.source().trim().is_empty();
            if !has_code || matches!(cell.run.state, RunState::Queued | RunState::Running) {
                continue;
            }
            cell.run = CellRun { state: RunState::Queued, ..CellRun::default() };
            changes.push(NotebookChange::Run { cell: id.clone(), run: cell.run.clone() });
            self.queue.push_back(id);
        }
        Ok(changes)
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Takes the next cell if the kernel is free. Its outputs are cleared; `request` is the id of the message that
    /// the caller sends.
    pub fn start(&mut self, request: &str, now: f64) -> Option<(Start, Vec<NotebookChange>)> {
        if self.running.is_some() {
            return None;
        }
        let id = self.queue.pop_front()?;
        self.touched.retain(|(cell, _)| *cell != id);
        let cell = self.document.cell_mut(&id)?;
        let had_outputs = cell.has_outputs();
        cell.clear_outputs();
        cell.set_execution_count(None);
        cell.request = Some(request.to_owned());
        cell.run = CellRun { state: RunState::Running, execution_count: None, started_at: Some(now), ..CellRun::default() };
        let start = Start { cell: id.clone(), code: cell.source() };
        let mut changes = Vec::new();
        if had_outputs {
            changes.push(NotebookChange::Clear { cell: id.clone() });
        }
        changes.push(NotebookChange::Run { cell: id.clone(), run: cell.run.clone() });
        self.running = Some(Running { cell: id, request: request.to_owned(), reply: None, idle: false });
        self.version += 1;
        Some((start, changes))
    }

    /// Takes in a message of the kernel's output channel.
    pub fn hear(&mut self, request: &str, kind: &str, content: &Value, now: f64) -> Vec<NotebookChange> {
        if kind == "status" && content.get("execution_state").and_then(Value::as_str) == Some("idle") {
            if let Some(running) = self.running.as_mut().filter(|running| running.request == request) {
                running.idle = true;
            }
            return self.end_if_over(now);
        }
        if kind == "update_display_data" {
            self.update_display(content);
            return Vec::new();
        }
        let Some(cell) = self.document.cells.iter_mut().find(|cell| cell.request.as_deref() == Some(request)) else {
            return Vec::new();
        };
        let id = cell.id.clone();
        match kind {
            "execute_input" => {
                let count = content.get("execution_count").and_then(Value::as_u64);
                cell.set_execution_count(count);
                cell.run.execution_count = count;
                vec![NotebookChange::Run { cell: id, run: cell.run.clone() }]
            }
            "clear_output" => {
                if content.get("wait").and_then(Value::as_bool) == Some(true) {
                    self.clear_on_output.push(id);
                    return Vec::new();
                }
                self.clear(&id)
            }
            "stream" => {
                let changes = self.clear_if_waiting(&id);
                let name = content.get("name").and_then(Value::as_str).unwrap_or("stdout");
                let text = content.get("text").and_then(Value::as_str).unwrap_or_default();
                self.add(&id, |cell| cell.push_stream(name, text));
                changes
            }
            _ => {
                let Some(value) = output::from_message(kind, content) else { return Vec::new() };
                let changes = self.clear_if_waiting(&id);
                let display_id = content.pointer("/transient/display_id").and_then(Value::as_str).map(str::to_owned);
                self.add(&id, |cell| cell.push(value, display_id));
                changes
            }
        }
    }

    fn add(&mut self, id: &str, push: impl FnOnce(&mut CellNode) -> usize) {
        let Some(cell) = self.document.cell_mut(id) else { return };
        let index = push(cell);
        self.touch(id, index);
    }

    fn touch(&mut self, id: &str, index: usize) {
        self.version += 1;
        if !self.touched.iter().any(|(cell, at)| cell == id && *at == index) {
            self.touched.push((id.to_owned(), index));
        }
    }

    fn update_display(&mut self, content: &Value) {
        let Some(display_id) = content.pointer("/transient/display_id").and_then(Value::as_str) else { return };
        let mut changed = Vec::new();
        for cell in &mut self.document.cells {
            changed.extend(cell.update_display(display_id, content).into_iter().map(|index| (cell.id.clone(), index)));
        }
        changed.iter().for_each(|(id, index)| self.touch(id, *index));
    }

    fn clear(&mut self, id: &str) -> Vec<NotebookChange> {
        self.clear_on_output.retain(|waiting| waiting != id);
        self.touched.retain(|(cell, _)| cell != id);
        if let Some(cell) = self.document.cell_mut(id) {
            cell.clear_outputs();
            self.version += 1;
        }
        vec![NotebookChange::Clear { cell: id.to_owned() }]
    }

    fn clear_if_waiting(&mut self, id: &str) -> Vec<NotebookChange> {
        if self.clear_on_output.iter().any(|waiting| waiting == id) { self.clear(id) } else { Vec::new() }
    }

    /// Takes in the reply to an execute request.
    pub fn reply(&mut self, request: &str, content: &Value, now: f64) -> Vec<NotebookChange> {
        let Some(running) = self.running.as_mut().filter(|running| running.request == request) else { return Vec::new() };
        let done = content.get("status").and_then(Value::as_str) == Some("ok");
        running.reply = Some((done, content.get("execution_count").and_then(Value::as_u64)));
        self.end_if_over(now)
    }

    fn end_if_over(&mut self, now: f64) -> Vec<NotebookChange> {
        let Some(Running { cell, reply: Some((done, count)), idle: true, .. }) = &self.running else { return Vec::new() };
        let (id, done, count) = (cell.clone(), *done, *count);
        self.running = None;
        let mut changes = self.flush();
        if let Some(cell) = self.document.cell_mut(&id) {
            cell.run.state = if done { RunState::Done } else { RunState::Failed };
            cell.run.execution_count = count.or(cell.run.execution_count);
            cell.run.ended_at = Some(now);
            cell.set_execution_count(cell.run.execution_count);
            changes.push(NotebookChange::Run { cell: id, run: cell.run.clone() });
            self.version += 1;
        }
        if !done {
            changes.extend(self.drop_queue());
        }
        changes
    }

    /// Cells that wait go back to rest: after a failure, an interrupt, the kernel's end.
    pub fn drop_queue(&mut self) -> Vec<NotebookChange> {
        let mut changes = Vec::new();
        for id in std::mem::take(&mut self.queue) {
            if let Some(cell) = self.document.cell_mut(&id) {
                cell.run = CellRun::default();
                changes.push(NotebookChange::Run { cell: id, run: cell.run.clone() });
            }
        }
        changes
    }

    /// The kernel is gone: what ran has failed, what waited rests.
    pub fn kernel_ended(&mut self, now: f64) -> Vec<NotebookChange> {
        let mut changes = self.flush();
        if let Some(running) = self.running.take()
            && let Some(cell) = self.document.cell_mut(&running.cell)
        {
            cell.run.state = RunState::Failed;
            cell.run.ended_at = Some(now);
            changes.push(NotebookChange::Run { cell: running.cell, run: cell.run.clone() });
        }
        self.document.cells.iter_mut().for_each(|cell| cell.request = None);
        changes.extend(self.drop_queue());
        changes
    }

    pub fn has_unsent_output(&self) -> bool {
        !self.touched.is_empty()
    }

    /// The size of the text that [`Book::flush`] would send, to pace it.
    pub fn unsent_bytes(&self) -> usize {
        let size = |id: &str, index| self.document.index(id).map_or(0, |at| self.document.cells[at].stream_len(index));
        self.touched.iter().map(|(id, index)| size(id, *index)).sum()
    }

    /// The outputs that changed, as they stand now.
    pub fn flush(&mut self) -> Vec<NotebookChange> {
        let touched = std::mem::take(&mut self.touched);
        let changed = touched.into_iter().filter_map(|(cell, index)| {
            let output = self.document.cells.iter().find(|node| node.id == cell)?.output(index)?;
            Some(NotebookChange::Output { cell, index, output })
        });
        changed.collect()
    }

    /// Takes over what another program wrote. Nothing may run or wait.
    pub fn replace(&mut self, document: Document) -> Vec<NotebookChange> {
        self.document = document;
        self.touched.clear();
        self.clear_on_output.clear();
        vec![NotebookChange::Cells { cells: self.document.to_wire() }]
    }

    pub fn is_at_rest(&self) -> bool {
        self.running.is_none() && self.queue.is_empty()
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
