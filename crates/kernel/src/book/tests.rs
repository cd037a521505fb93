use super::*;
use atelier_wire::studio::notebook::Output;
use serde_json::json;

fn book(sources: &[&str]) -> Book {
    let mut document = Document::empty();
    document.cells = sources.iter().enumerate().map(|(at, source)| CellNode::new(format!("c{at}"), CellKind::Code, source)).collect();
    Book::new(document)
}

fn states(book: &Book) -> Vec<RunState> {
    book.document.cells.iter().map(|cell| cell.run.state).collect()
}

fn outputs(book: &Book, cell: usize) -> Vec<Output> {
    book.document.to_wire().swap_remove(cell).outputs
}

fn stream(text: &str) -> Output {
    Output::Stream { stderr: false, text: text.to_owned(), num_left_out: 0 }
}

fn ids(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|id| (*id).to_owned()).collect()
}

/// Runs the next cell as request `request`, with what the kernel prints, to the given end.
fn run(book: &mut Book, request: &str, prints: &[&str], status: &str) -> Vec<NotebookChange> {
    let (_, mut changes) = book.start(request, 1.0).expect("a cell waits");
    for text in prints {
        changes.extend(book.hear(request, "stream", &json!({"name": "stdout", "text": text}), 1.5));
    }
    changes.extend(book.reply(request, &json!({"status": status, "execution_count": 7}), 2.0));
    changes.extend(book.hear(request, "status", &json!({"execution_state": "idle"}), 2.0));
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
            let (start, _) = book.start(&request, 0.0).unwrap();
            assert!(book.start("other", 0.0).is_none(), "one at a time");
            book.reply(&request, &json!({"status": "ok"}), 0.0);
            book.hear(&request, "status", &json!({"execution_state": "idle"}), 0.0);
            start.cell
        })
        .collect();
    assert_eq!(order, ids(&["c3", "c0", "c1"]));
}

#[test]
fn cell_ends_only_when_both_channels_said_so() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", 1.0).unwrap();
    book.reply("r", &json!({"status": "ok"}), 2.0);
    assert!(book.is_running());
    book.hear("r", "stream", &json!({"name": "stdout", "text": "late"}), 2.0);
    let changes = book.hear("r", "status", &json!({"execution_state": "idle"}), 3.0);
    assert!(matches!(&changes[..], [NotebookChange::Output { .. }, NotebookChange::Run { .. }]), "{changes:?}");
    assert_eq!(states(&book), [RunState::Done]);
}

#[test]
fn failure_drops_the_queue() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    run(&mut book, "r", &[], "error");
    assert_eq!(states(&book), [RunState::Failed, RunState::Idle]);
    assert!(book.is_at_rest());
}

#[test]
fn death_of_the_kernel_fails_what_ran() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    book.start("r", 1.0).unwrap();
    book.kernel_ended(2.0);
    assert_eq!(states(&book), [RunState::Failed, RunState::Idle]);
    assert!(book.hear("r", "stream", &json!({"name": "stdout", "text": "x"}), 3.0).is_empty());
    assert!(outputs(&book, 0).is_empty());
}

#[test]
fn streams_are_told_once_for_many_messages() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    let changes = run(&mut book, "r", &["1\n", "2\n", "3\n"], "ok");
    let told: Vec<_> = changes.iter().filter(|change| matches!(change, NotebookChange::Output { .. })).collect();
    assert_eq!(told, [&NotebookChange::Output { cell: "c0".to_owned(), index: 0, output: stream("1\n2\n3\n") }]);
}

#[test]
fn clear_output_waits_for_the_next_output() {
    let mut book = book(&["a"]);
    book.queue(&[]).unwrap();
    book.start("r", 1.0).unwrap();
    book.hear("r", "stream", &json!({"name": "stdout", "text": "old"}), 1.0);
    assert!(book.hear("r", "clear_output", &json!({"wait": true}), 1.0).is_empty());
    assert_eq!(outputs(&book, 0), [stream("old")]);
    let changes = book.hear("r", "stream", &json!({"name": "stdout", "text": "new"}), 1.0);
    assert_eq!(changes, [NotebookChange::Clear { cell: "c0".to_owned() }]);
    assert_eq!(outputs(&book, 0), [stream("new")]);
    book.hear("r", "clear_output", &json!({"wait": false}), 1.0);
    assert!(outputs(&book, 0).is_empty());
}

#[test]
fn displays_are_updated_wherever_they_stand() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    let shown = json!({"data": {"text/plain": "0"}, "metadata": {}, "transient": {"display_id": "d"}});
    book.start("r", 1.0).unwrap();
    book.hear("r", "display_data", &shown, 1.0);
    book.reply("r", &json!({"status": "ok"}), 1.0);
    book.hear("r", "status", &json!({"execution_state": "idle"}), 1.0);
    book.start("s", 1.0).unwrap();
    book.hear("s", "update_display_data", &json!({"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "d"}}), 1.0);
    let changes = book.flush();
    assert!(matches!(&changes[..], [NotebookChange::Output { cell, index: 0, .. }] if cell == "c0"), "{changes:?}");
}

#[test]
fn edits_apply_together_or_not_at_all() {
    let mut book = book(&["a", "b"]);
    let source = |cell: &str, source: &str| Edit::SetSource { cell: cell.to_owned(), source: source.to_owned() };
    assert!(book.edit(&[source("c0", "x"), source("none", "y")]).is_err());
    assert_eq!(book.document.cells[0].source(), "a");
    let insert = Edit::Insert { after: Some("c0".to_owned()), id: "new".to_owned(), kind: CellKind::Markdown, source: "m".to_owned() };
    assert!(book.edit(&[insert.clone(), insert.clone()]).is_err());
    book.edit(&[insert, Edit::Move { cell: "c1".to_owned(), after: None }, Edit::Delete { cell: "c0".to_owned() }]).unwrap();
    assert_eq!(book.document.cells.iter().map(|cell| cell.id.as_str()).collect::<Vec<_>>(), ["c1", "new"]);
    book.edit(&[Edit::SetKind { cell: "new".to_owned(), kind: CellKind::Code }]).unwrap();
    assert_eq!(book.queue(&ids(&["new"])).unwrap().len(), 1);
}

#[test]
fn deleted_cells_leave_the_queue() {
    let mut book = book(&["a", "b"]);
    book.queue(&[]).unwrap();
    book.edit(&[Edit::Delete { cell: "c0".to_owned() }]).unwrap();
    assert_eq!(book.start("r", 0.0).unwrap().0, Start { cell: "c1".to_owned(), code: "b".to_owned() });
}
