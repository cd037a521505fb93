//! The queue: which cell is next, when it has ended, what a failure or a kernel's end leaves.

use super::*;

impl Book {
    /// Queues cells in the order given, all code cells for none but those tagged `skip-execution`, as nbclient does. Those that wait or run already stay where they are.
    pub fn queue(&mut self, cells: &[String]) -> Result<Vec<NotebookChange>, KernelError> {
        let wanted: Vec<String> = match cells {
            [] => {
                let wanted = |cell: &&Arc<Node>| !cell.tags().iter().any(|tag| tag == "skip-execution");
                self.document().cells().iter().filter(wanted).map(|cell| cell.id().to_owned()).collect()
            }
            some => some.to_vec(),
        };
        if let Some(unknown) = wanted.iter().find(|id| self.document().index(id).is_none()) {
            return Err(KernelError::NoSuchCell(unknown.clone()));
        }
        let mut changes = Vec::new();
        for id in wanted {
            let busy = matches!(self.run_of(&id).state, RunState::Queued | RunState::Running);
            if busy || !self.can_run(&id) {
                continue;
            }
            let run = CellRun { state: RunState::Queued, ..CellRun::default() };
            changes.push(self.set_run(&id, run));
            self.queue.push_back(id);
        }
        Ok(changes)
    }

    fn can_run(&self, id: &str) -> bool {
        self.document().cell(id).is_some_and(|cell| cell.kind() == CellKind::Code && !cell.source().trim().is_empty())
    }

    fn set_run(&mut self, id: &str, run: CellRun) -> NotebookChange {
        self.live(id).run = run.clone();
        NotebookChange::Run { cell: id.to_owned(), run }
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The kernel that works, by its id.
    pub fn busy_kernel(&self) -> Option<&str> {
        self.running.as_ref().map(|running| running.kernel.as_str())
    }

    /// The cell that runs as this request.
    pub fn running_cell(&self, request: &str) -> Option<&str> {
        self.running.as_ref().filter(|running| running.request == request).map(|running| running.cell.as_str())
    }

    /// The cells that wait, each with the kernelspec that it asks for (`None`: the notebook's own).
    pub fn waiting(&self) -> Vec<(String, Option<String>)> {
        let kernel = |id: &String| self.document().cell(id).and_then(|cell| cell.kernel());
        self.queue.iter().map(|id| (id.clone(), kernel(id))).collect()
    }

    /// Takes cells that became empty while they waited out of the queue, as if they had been cancelled.
    pub fn skip_empty(&mut self) -> Vec<NotebookChange> {
        let mut changes = Vec::new();
        while let Some(id) = self.queue.front().filter(|id| !self.can_run(id)).cloned() {
            self.queue.pop_front();
            changes.push(self.set_run(&id, CellRun::default()));
        }
        changes
    }

    /// The kernelspec that the next cell asks for, if no cell runs and one waits.
    pub fn next(&self) -> Option<Option<String>> {
        if self.running.is_some() {
            return None;
        }
        let id = self.queue.front()?;
        Some(self.document().cell(id).and_then(|cell| cell.kernel()))
    }

    /// Takes the next cell if none runs; call [`Book::skip_empty`] before. Its outputs are cleared; `request` is the id of the message that the caller
    /// sends to the kernel with the id `kernel`.
    pub fn start(&mut self, request: &str, kernel: &str, now: f64) -> Option<(Start, Vec<NotebookChange>)> {
        self.next()?;
        let id = self.queue.pop_front()?;
        let mut changes = self.clear(&id);
        let cell = self.document_mut().cell_mut(&id)?;
        cell.set_execution_count(None);
        let code = cell.source();
        let live = self.live.entry(id.clone()).or_default();
        if let Some(old) = live.request.replace(request.to_owned()) {
            self.requests.remove(&old);
        }
        live.num_bytes = 0;
        live.ran = Some(code.clone());
        self.requests.insert(request.to_owned(), id.clone());
        changes
            .push(self.set_run(&id, CellRun { state: RunState::Running, started_at: Some(now), ..CellRun::default() }));
        self.running = Some(Running {
            cell: id.clone(),
            request: request.to_owned(),
            kernel: kernel.to_owned(),
            reply: None,
            idle: false,
        });
        Some((Start { cell: id, code }, changes))
    }

    /// Takes cells that wait out of the queue, all for none.
    pub fn cancel(&mut self, cells: &[String]) -> Vec<NotebookChange> {
        let (go, stay): (VecDeque<String>, VecDeque<String>) =
            std::mem::take(&mut self.queue).into_iter().partition(|id| cells.is_empty() || cells.contains(id));
        self.queue = stay;
        go.iter().map(|id| self.set_run(id, CellRun::default())).collect()
    }

    pub fn drop_queue(&mut self) -> Vec<NotebookChange> {
        self.cancel(&[])
    }

    /// Takes in the reply to an execute request.
    pub fn reply(&mut self, request: &str, content: &serde_json::Value, now: f64) -> Vec<NotebookChange> {
        let Some(running) = self.running.as_mut().filter(|running| running.request == request) else {
            return Vec::new();
        };
        let done = content.get("status").and_then(serde_json::Value::as_str) == Some("ok");
        running.reply = Some((done, content.get("execution_count").and_then(serde_json::Value::as_u64)));
        let cell = running.cell.clone();
        if let Some(diagnostics) = message::diagnostics(content) {
            self.live(&cell).run.diagnostics = diagnostics;
        }
        self.end_if_over(now)
    }

    pub(super) fn end_if_over(&mut self, now: f64) -> Vec<NotebookChange> {
        let Some(Running { cell, reply: Some((done, count)), idle: true, .. }) = &self.running else {
            return Vec::new();
        };
        let (id, done, count) = (cell.clone(), *done, *count);
        self.running = None;
        let mut changes = self.flush();
        let state = if done { RunState::Done } else { RunState::Failed };
        changes.extend(self.end_cell(&id, state, count, now));
        if !done && !self.may_fail(&id) {
            changes.extend(self.drop_queue());
        }
        changes
    }

    fn end_cell(&mut self, id: &str, state: RunState, count: Option<u64>, now: f64) -> Option<NotebookChange> {
        let source = self.document().cell(id)?.source();
        let live = self.live(id);
        let run = CellRun {
            state,
            execution_count: count.or(live.run.execution_count),
            ended_at: Some(now),
            stale: live.ran.as_ref().is_some_and(|ran| *ran != source),
            ..live.run.clone()
        };
        self.document_mut().cell_mut(id)?.set_execution_count(run.execution_count);
        Some(self.set_run(id, run))
    }

    /// As in Jupyter: the tag says that this cell shows an error on purpose.
    fn may_fail(&self, id: &str) -> bool {
        let tagged =
            || self.document().cell(id).is_some_and(|cell| cell.tags().iter().any(|tag| tag == "raises-exception"));
        self.allow_errors || tagged()
    }

    /// A kernel is gone: what ran there has failed, and the cells that wait for it (`its`) rest.
    pub fn kernel_ended(&mut self, kernel: &str, its: &[String], now: f64) -> Vec<NotebookChange> {
        let mut changes = self.flush();
        if let Some(running) = self.running.take_if(|running| running.kernel == kernel) {
            changes.extend(self.end_cell(&running.cell, RunState::Failed, None, now));
        }
        if !its.is_empty() {
            changes.extend(self.cancel(its));
        }
        changes
    }

    pub fn is_at_rest(&self) -> bool {
        self.running.is_none() && self.queue.is_empty()
    }
}
