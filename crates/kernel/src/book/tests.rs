use super::*;
use atelier_wire::studio::notebook::Content;
use serde_json::json;

/// Outputs here are text.
struct NoBlobs;

impl Blobs for NoBlobs {
    fn put(&self, _: &str, bytes: &[u8]) -> String {
        bytes.len().to_string()
    }
}

pub(super) fn book(sources: &[&str]) -> Book {
    let cells: Vec<_> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| json!({"cell_type": "code", "execution_count": null, "id": format!("c{at}"), "metadata": {}, "outputs": [], "source": source}))
        .collect();
    let file =
        json!({"cells": cells, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5});
    Book::new(Document::parse(file.to_string().as_bytes()).unwrap(), Arc::new(NoBlobs), false)
}

fn states(book: &Book) -> Vec<RunState> {
    book.cells().iter().map(|cell| cell.run.state).collect()
}

fn outputs(book: &Book, cell: usize) -> Vec<Output> {
    book.cells().swap_remove(cell).outputs
}

fn stream(text: &str) -> Output {
    Output::Stream { stderr: false, text: text.to_owned(), num_left_out: 0 }
}

fn ids(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|id| (*id).to_owned()).collect()
}

fn edit(book: &mut Book, edits: &[Edit]) -> Result<Vec<NotebookChange>, EditError> {
    book.edit("w", edits, "n.ipynb", &|_, _| None)
}

fn print(book: &mut Book, request: &str, text: &str) -> Vec<NotebookChange> {
    book.hear(request, "stream", &json!({"name": "stdout", "text": text}), 1.0)
}

fn idle(book: &mut Book, request: &str) -> Vec<NotebookChange> {
    book.hear(request, "status", &json!({"execution_state": "idle"}), 2.0)
}

/// Runs the next cell as request `request`, with what the kernel prints, to the given end.
fn run(book: &mut Book, request: &str, prints: &[&str], status: &str) -> Vec<NotebookChange> {
    let (_, mut changes) = book.start(request, "k", 1.0).expect("a cell waits");
    for text in prints {
        changes.extend(print(book, request, text));
    }
    changes.extend(book.reply(request, &json!({"status": status, "execution_count": 7}), 2.0));
    changes.extend(idle(book, request));
    changes
}

#[test]
fn cells_run_in_the_order_asked_for() {
    let mut book = book(&["a", "b", "", "d"]);
    book.queue(&ids(&["c3", "c0"])).unwrap();
    book.queue(&[]).unwrap();
    assert_eq!(states(&book), [RunState::Queued, RunState::Queued, RunState::Idle, RunState::Queued]);
    let order: Vec<String> = (0..3)
        .map(|turn| {
            let request = turn.to_string();
            let (start, _) = book.start(&request, "k", 0.0).unwrap();
            assert!(book.start("other", "k", 0.0).is_none(), "one at a time");
            book.reply(&request, &json!({"status": "ok"}), 0.0);
            idle(&mut book, &request);
            start.cell
        })
        .collect();
    assert_eq!(order, ids(&["c3", "c0", "c1"]));
}

#[test]
fn cell_ends_only_when_both_channels_said_so() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    book.reply("r", &json!({"status": "ok"}), 2.0);
    assert!(book.is_running());
    print(&mut book, "r", "late");
    let changes = idle(&mut book, "r");
    assert!(matches!(&changes[..], [NotebookChange::Output { .. }, NotebookChange::Run { .. }]), "{changes:?}");
    assert_eq!(states(&book), [RunState::Done]);
}

#[test]
fn failure_drops_the_queue_unless_it_is_on_purpose() {
    let mut failing = book(&["a", "b"]);
    failing.queue(&[]).unwrap();
    run(&mut failing, "r", &[], "error");
    assert_eq!(states(&failing), [RunState::Failed, RunState::Idle]);
    assert!(failing.is_at_rest());

    let mut tagged = book(&["a", "b"]);
    edit(&mut tagged, &[Edit::SetTags { cell: "c0".to_owned(), tags: ids(&["raises-exception"]) }]).unwrap();
    tagged.queue(&[]).unwrap();
    run(&mut tagged, "r", &[], "error");
    assert_eq!(states(&tagged), [RunState::Failed, RunState::Queued]);
}

#[test]
fn death_of_the_kernel_fails_what_ran_and_drops_what_waited_for_it() {
    let mut book = book(&["a", "b", "c"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    print(&mut book, "r", "kept");
    book.kernel_ended("other", &[], 2.0);
    assert_eq!(states(&book), [RunState::Running, RunState::Queued, RunState::Queued]);
    book.kernel_ended("k", &ids(&["c1"]), 2.0);
    assert_eq!(states(&book), [RunState::Failed, RunState::Idle, RunState::Queued]);
    assert_eq!(outputs(&book, 0), [stream("kept")]);
}

#[test]
fn cancelled_cells_rest() {
    let mut book = book(&["a", "b", "c"]);
    book.queue(&[]).unwrap();
    assert_eq!(book.cancel(&ids(&["c1"])).len(), 1);
    assert_eq!(states(&book), [RunState::Queued, RunState::Idle, RunState::Queued]);
    assert_eq!(book.drop_queue().len(), 2);
}

#[test]
fn growing_streams_are_never_sent_again() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    print(&mut book, "r", "1\n");
    assert_eq!(book.flush(), [NotebookChange::Output { cell: "c0".to_owned(), index: 0, output: stream("1\n") }]);
    print(&mut book, "r", "2\n");
    print(&mut book, "r", "3\n");
    assert_eq!(book.flush(), [NotebookChange::Append { cell: "c0".to_owned(), index: 0, text: "2\n3\n".to_owned() }]);
    assert!(book.flush().is_empty());
    // More at once than a window shows: it gets the end.
    print(&mut book, "r", &"x".repeat(SHOWN));
    print(&mut book, "r", "end");
    let [NotebookChange::Output { output: Output::Stream { text, num_left_out, .. }, .. }] = &book.flush()[..] else {
        panic!("an output")
    };
    assert!(text.len() == SHOWN && text.ends_with("xend") && *num_left_out == 9);
    assert!(
        matches!(book.whole_output("c0", 0), Some(Output::Stream { num_left_out: 0, text, .. }) if text.len() == SHOWN + 9)
    );
}

const SHOWN: usize = atelier_wire::studio::notebook::SHOWN_BYTES;

#[test]
fn clear_output_waits_for_the_next_output() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    print(&mut book, "r", "old");
    assert!(book.hear("r", "clear_output", &json!({"wait": true}), 1.0).is_empty());
    assert_eq!(outputs(&book, 0), [stream("old")]);
    assert_eq!(print(&mut book, "r", "new"), [NotebookChange::Clear { cell: "c0".to_owned() }]);
    assert_eq!(outputs(&book, 0), [stream("new")]);
    book.hear("r", "clear_output", &json!({"wait": false}), 1.0);
    assert!(outputs(&book, 0).is_empty());
}

#[test]
fn displays_are_updated_wherever_they_stand() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    let shown = |text: &str| json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "d"}});
    book.start("r", "k", 1.0).unwrap();
    book.hear("r", "display_data", &shown("0"), 1.0);
    book.reply("r", &json!({"status": "ok"}), 1.0);
    idle(&mut book, "r");
    book.start("s", "k", 1.0).unwrap();
    book.hear("s", "update_display_data", &shown("1"), 1.0);
    let [NotebookChange::Output { cell, index: 0, output: Output::Display { data, display_id, .. } }] =
        &book.flush()[..]
    else {
        panic!("an output")
    };
    assert_eq!(
        (cell.as_str(), &data["text/plain"], display_id.as_deref()),
        ("c0", &Content::Text("1".to_owned()), Some("d"))
    );
    // The name is for this session; the file does not know it.
    let file = String::from_utf8(book.document().to_bytes()).unwrap();
    assert!(!file.contains("display_id") && !file.contains("transient"));
}

#[test]
fn errors_of_the_compiler_point_into_the_cell() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    let diagnostic = json!({"line": 1, "column": 5, "end_line": 1, "end_column": 6, "level": "error", "message": "no", "code": "E0425"});
    book.hear("r", "error", &json!({"ename": "E", "evalue": "no", "traceback": [], "diagnostics": [diagnostic]}), 1.0);
    book.reply("r", &json!({"status": "error"}), 1.0);
    idle(&mut book, "r");
    let cell = book.cells().remove(0);
    assert_eq!((cell.run.diagnostics[0].column, cell.run.state), (5, RunState::Failed));
    assert!(!String::from_utf8(book.document().to_bytes()).unwrap().contains("diagnostics"));
}

#[test]
fn changed_source_makes_a_result_stale() {
    let mut book = book(&["a"]);
    let set = |source: &str| [Edit::SetSource { cell: "c0".to_owned(), source: source.to_owned() }];
    book.queue(&[]).unwrap();
    run(&mut book, "r", &[], "ok");
    let changes = edit(&mut book, &set("b")).unwrap();
    assert!(
        matches!(&changes[..], [NotebookChange::Edited { .. }, NotebookChange::Run { run, .. }] if run.stale),
        "{changes:?}"
    );
    edit(&mut book, &set("a")).unwrap();
    assert!(!book.run_of("c0").stale);
    // Changed while it runs: stale from its end on.
    book.queue(&[]).unwrap();
    book.start("s", "k", 1.0).unwrap();
    edit(&mut book, &set("c")).unwrap();
    book.reply("s", &json!({"status": "ok"}), 1.0);
    idle(&mut book, "s");
    assert!(book.run_of("c0").stale);
}

#[test]
fn deleted_cells_leave_the_queue() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    edit(&mut book, &[Edit::Delete { cell: "c0".to_owned() }]).unwrap();
    assert_eq!(book.start("r", "k", 0.0).unwrap().0, Start { cell: "c1".to_owned(), code: "b".to_owned() });
    // Brought back, it rests.
    book.undo(false);
    assert_eq!(states(&book), [RunState::Idle, RunState::Running]);
}

#[test]
fn cell_that_runs_can_be_deleted_and_brought_back() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    print(&mut book, "r", "before");
    edit(&mut book, &[Edit::Delete { cell: "c0".to_owned() }]).unwrap();
    assert!(print(&mut book, "r", "unseen").is_empty());
    book.undo(false);
    print(&mut book, "r", " after");
    book.reply("r", &json!({"status": "ok"}), 1.0);
    idle(&mut book, "r");
    assert_eq!((outputs(&book, 0), states(&book)), (vec![stream("before after")], vec![RunState::Done]));
}

#[test]
fn large_notebooks_come_with_deferred_outputs() {
    let mut book = book(&["a", "b", "c"]);
    book.queue(&[]).unwrap();
    for request in ["r", "s", "t"] {
        let text = format!("{}\n", "x".repeat(100)).repeat(if request == "s" { 4000 } else { 1 });
        run(&mut book, request, &[&text], "ok");
    }
    let shown: Vec<_> = book.cells().iter().map(|cell| (cell.outputs.len(), cell.num_deferred_outputs)).collect();
    assert_eq!(shown, [(1, 0), (0, 1), (0, 1)]);
    assert_eq!(book.cells_with_outputs(&ids(&["c1", "gone"]))[0].outputs.len(), 1);
}

#[test]
fn endless_output_is_cut_once() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", "k", 1.0).unwrap();
    for _ in 0..21_000 {
        book.hear("r", "display_data", &json!({"data": {}, "metadata": {}}), 1.0);
    }
    let outputs = book.cells_with_outputs(&ids(&["c0"])).remove(0).outputs;
    assert!(outputs.len() < 20_010);
    assert!(
        matches!(outputs.last(), Some(Output::Stream { text, stderr: true, .. }) if text.contains("Output cut here"))
    );
}
