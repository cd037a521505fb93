//! A window that knows a notebook by what it was told only: whatever happens, in whatever order, it must show what
//! the book holds.

use super::tests::book;
use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// What can happen. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Queue(usize),
    Start,
    Print(usize, &'static str),
    Display(usize, bool),
    Update,
    Clear(usize, bool),
    Count(usize),
    Reply(bool),
    Idle,
    Set(usize, &'static str),
    Insert(usize),
    Delete(usize),
    Move(usize, usize),
    Kind(usize, bool),
    ClearOutputs(usize),
    Undo(bool),
    Cancel,
    /// Of a kernel that this many cells wait for.
    Death(usize),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..6usize;
    prop_oneof![
        3 => n.clone().prop_map(Step::Queue),
        5 => Just(Step::Start),
        8 => (n.clone(), prop_oneof![Just("a"), Just("line\n"), Just("10%\r"), Just("20%\rdone\n")]).prop_map(|(at, text)| Step::Print(at, text)),
        3 => (n.clone(), any::<bool>()).prop_map(|(at, named)| Step::Display(at, named)),
        1 => Just(Step::Update),
        2 => (n.clone(), any::<bool>()).prop_map(|(at, wait)| Step::Clear(at, wait)),
        1 => n.clone().prop_map(Step::Count),
        4 => any::<bool>().prop_map(Step::Reply),
        4 => Just(Step::Idle),
        3 => (n.clone(), prop_oneof![Just("x"), Just("y"), Just("")]).prop_map(|(at, text)| Step::Set(at, text)),
        2 => n.clone().prop_map(Step::Insert),
        2 => n.clone().prop_map(Step::Delete),
        1 => (n.clone(), n.clone()).prop_map(|(from, to)| Step::Move(from, to)),
        1 => (n.clone(), any::<bool>()).prop_map(|(at, code)| Step::Kind(at, code)),
        1 => n.clone().prop_map(Step::ClearOutputs),
        3 => any::<bool>().prop_map(Step::Undo),
        1 => Just(Step::Cancel),
        1 => n.prop_map(Step::Death),
        4 => Just(Step::Flush),
    ]
}

struct World {
    book: Book,
    window: Vec<Cell>,
    /// Requests so far; the last one is what runs, if anything does.
    requests: Vec<String>,
    num_made: usize,
}

impl World {
    fn id(&self, at: usize) -> Option<String> {
        let cells = self.book.document().cells();
        (!cells.is_empty()).then(|| cells[at % cells.len()].id().to_owned())
    }

    fn request(&self, back: usize) -> String {
        self.requests.iter().rev().nth(back % 3).cloned().unwrap_or_default()
    }

    fn edit(&mut self, edit: Edit) -> Vec<NotebookChange> {
        self.book.edit("w", &[edit], "n.ipynb", &|_, _| None).unwrap_or_default()
    }

    fn take(&mut self, step: Step) -> Vec<NotebookChange> {
        let hear = |world: &mut World, back: usize, kind: &str, content: serde_json::Value| {
            let request = world.request(back);
            world.book.hear(&request, kind, &content, 1.0)
        };
        let some = |id: Option<String>| id.unwrap_or_else(|| "none".to_owned());
        match step {
            Step::Queue(at) => {
                let ids = self.id(at).into_iter().collect::<Vec<_>>();
                if ids.is_empty() { Vec::new() } else { self.book.queue(&ids).unwrap() }
            }
            Step::Start => {
                let request = format!("r{}", self.requests.len());
                let mut changes = self.book.skip_empty();
                if let Some((_, started)) = self.book.start(&request, "k", 1.0) {
                    self.requests.push(request);
                    changes.extend(started);
                }
                changes
            }
            Step::Print(back, text) => hear(self, back, "stream", json!({"name": "stdout", "text": text})),
            Step::Display(back, named) => {
                let transient = if named { json!({"display_id": "d"}) } else { json!({}) };
                hear(
                    self,
                    back,
                    "display_data",
                    json!({"data": {"text/plain": "shown"}, "metadata": {}, "transient": transient}),
                )
            }
            Step::Update => hear(
                self,
                0,
                "update_display_data",
                json!({"data": {"text/plain": "new"}, "metadata": {}, "transient": {"display_id": "d"}}),
            ),
            Step::Clear(back, wait) => hear(self, back, "clear_output", json!({"wait": wait})),
            Step::Count(count) => hear(self, 0, "execute_input", json!({"execution_count": count})),
            Step::Reply(ok) => {
                let request = self.request(0);
                self.book.reply(
                    &request,
                    &json!({"status": if ok { "ok" } else { "error" }, "execution_count": 3}),
                    2.0,
                )
            }
            Step::Idle => hear(self, 0, "status", json!({"execution_state": "idle"})),
            Step::Set(at, text) => self.edit(Edit::SetSource { cell: some(self.id(at)), source: text.to_owned() }),
            Step::Insert(at) => {
                self.num_made += 1;
                self.edit(Edit::Insert {
                    after: self.id(at),
                    id: format!("n{}", self.num_made),
                    kind: CellKind::Code,
                    source: "z".to_owned(),
                })
            }
            Step::Delete(at) => self.edit(Edit::Delete { cell: some(self.id(at)) }),
            Step::Move(from, to) => self.edit(Edit::Move { cell: some(self.id(from)), after: self.id(to) }),
            Step::Kind(at, code) => self.edit(Edit::SetKind {
                cell: some(self.id(at)),
                kind: if code { CellKind::Code } else { CellKind::Markdown },
            }),
            Step::ClearOutputs(at) => self.edit(Edit::ClearOutputs { cell: self.id(at) }),
            Step::Undo(redo) => self.book.undo(redo).1,
            Step::Cancel => self.book.drop_queue(),
            Step::Death(its) => {
                let its: Vec<String> = self.book.waiting().into_iter().map(|(cell, _)| cell).take(its).collect();
                self.book.kernel_ended("k", &its, 3.0)
            }
            Step::Flush => self.book.flush(),
        }
    }
}

/// What a window does with a change.
fn apply(window: &mut Vec<Cell>, change: NotebookChange) {
    fn cell<'a>(window: &'a mut [Cell], id: &str) -> &'a mut Cell {
        window.iter_mut().find(|cell| cell.id == id).unwrap_or_else(|| panic!("the window has no cell {id}"))
    }
    let place = |window: &[Cell], after: &Option<String>| match after {
        Some(after) => window.iter().position(|cell| cell.id == *after).expect("a cell that is there") + 1,
        None => 0,
    };
    match change {
        NotebookChange::Run { cell: id, run } => {
            let cell = cell(window, &id);
            cell.execution_count = run.execution_count.or(cell.execution_count);
            cell.run = run;
        }
        NotebookChange::Clear { cell: id } => cell(window, &id).outputs.clear(),
        NotebookChange::Output { cell: id, index, output } => {
            let outputs = &mut cell(window, &id).outputs;
            if index == outputs.len() { outputs.push(output) } else { outputs[index] = output }
        }
        NotebookChange::Append { cell: id, index, text } => match &mut cell(window, &id).outputs[index] {
            Output::Stream { text: so_far, .. } => so_far.push_str(&text),
            other => panic!("{other:?} does not grow"),
        },
        NotebookChange::Edited { patches, .. } => {
            for patch in patches {
                match patch {
                    Patch::Insert { after, cell } => window.insert(place(window, &after), *cell),
                    Patch::Remove { cell } => window.retain(|known| known.id != cell),
                    Patch::Move { cell, after } => {
                        let at = window.iter().position(|known| known.id == cell).expect("a cell that is there");
                        let moved = window.remove(at);
                        window.insert(place(window, &after), moved);
                    }
                    Patch::Source { cell: id, source } => cell(window, &id).source = source,
                    Patch::Replace { cell: new } => {
                        let id = new.id.clone();
                        *cell(window, &id) = *new;
                    }
                }
            }
        }
        other => panic!("{other:?} is not told by a book"),
    }
}

/// What a window shows. The count follows the run's, which is told; between the two a cell may show its old one.
fn shown(cells: Vec<Cell>) -> Vec<Cell> {
    cells.into_iter().map(|cell| Cell { execution_count: None, ..cell }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20_261), ..ProptestConfig::with_cases(400) })]

    #[test]
    fn windows_show_what_the_book_holds(steps in prop::collection::vec(step(), 1..60)) {
        let book = book(&["a", "b", "c"]);
        let window = book.cells();
        let mut world = World { book, window, requests: Vec::new(), num_made: 0 };
        for step in steps {
            let changes = world.take(step);
            changes.into_iter().for_each(|change| apply(&mut world.window, change));
        }
        let last = world.book.flush();
        last.into_iter().for_each(|change| apply(&mut world.window, change));
        prop_assert_eq!(shown(world.window), shown(world.book.cells()));
        // And what the file holds is what is shown.
        let again = Document::parse(&world.book.document().to_bytes()).unwrap();
        let sources = |document: &Document| document.cells().iter().map(|cell| (cell.id().to_owned(), cell.source(), cell.outputs())).collect::<Vec<_>>();
        prop_assert_eq!(sources(&again).len(), sources(world.book.document()).len());
    }
}
