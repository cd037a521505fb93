//! Real kernels behind the registry: what they print, ask, and how they end.

use atelier_kernel::{Kernels, KernelsOptions, environment};
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{
    AnswerInput, CompleteCode, GetComms, InspectCode, InterruptKernel, KernelState, ListVariables, RestartKernel,
    RunCells, RunState, StopKernel,
};
use atelier_wire::studio::notebook::{
    Cell, Edit, EditNotebook, GetCells, GetOutput, Keep, Notebook, OpenNotebook, Output, ResolveConflict, SaveNotebook,
};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Nothing waits so long unless it is broken; loaded machines are slow.
const PATIENCE: Duration = Duration::from_secs(120);

struct Bench {
    dir: tempfile::TempDir,
    kernels: Kernels,
    events: mpsc::UnboundedReceiver<Event>,
}

fn path() -> String {
    "n.ipynb".to_owned()
}

fn notebook(sources: &[&str]) -> String {
    let cell = |(at, source): (usize, &&str)| json!({"cell_type": "code", "execution_count": null, "id": format!("c{at}"), "metadata": {}, "outputs": [], "source": source});
    let cells: Vec<_> = sources.iter().enumerate().map(cell).collect();
    json!({"cells": cells, "metadata": {"kernelspec": {"name": "conda_python3", "display_name": "x"}}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}

impl Bench {
    fn new(sources: &[&str]) -> Bench {
        environment::ensure(&environment::default_dir(), &|_| ()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("w")).unwrap();
        std::fs::write(dir.path().join("w/n.ipynb"), notebook(sources)).unwrap();
        let (tell, events) = mpsc::unbounded_channel();
        let options =
            KernelsOptions { spare_kernels: false, ..KernelsOptions::new(&dir.path().join("h"), dir.path().join("w")) };
        let kernels = Kernels::open(options, Arc::new(move |event| drop(tell.send(event)))).unwrap();
        Bench { dir, kernels, events }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("w/n.ipynb")
    }

    async fn open(&self) -> Notebook {
        self.kernels.open_notebook(OpenNotebook { path: path() }).await.unwrap()
    }

    async fn cell(&self, at: usize) -> Cell {
        let request = GetCells { path: path(), cells: vec![format!("c{at}")] };
        self.kernels.get_cells(request).await.unwrap().cells.remove(0)
    }

    async fn run(&self, cells: &[usize]) {
        let cells = cells.iter().map(|at| format!("c{at}")).collect();
        self.kernels.run(RunCells { path: path(), cells }).await.unwrap();
    }

    /// The next change for which `wanted` holds.
    async fn until(&mut self, wanted: impl Fn(&NotebookChange) -> bool) -> NotebookChange {
        let found = async {
            loop {
                if let Some(Event::Notebook { change, .. }) = self.events.recv().await
                    && wanted(&change)
                {
                    return change;
                }
            }
        };
        timeout(PATIENCE, found).await.expect("it happens")
    }

    /// Waits until the cell has ended.
    async fn ended(&mut self, at: usize) -> RunState {
        let id = format!("c{at}");
        let over = |state: RunState| matches!(state, RunState::Done | RunState::Failed);
        let change = self
            .until(|change| matches!(change, NotebookChange::Run { cell, run } if *cell == id && over(run.state)))
            .await;
        match change {
            NotebookChange::Run { run, .. } => run.state,
            _ => unreachable!("only runs were wanted"),
        }
    }

    async fn edit(&self, edits: Vec<Edit>) {
        self.kernels.edit(EditNotebook { path: path(), window: "w".to_owned(), edits }).await.unwrap();
    }
}

fn set(at: usize, source: &str) -> Edit {
    Edit::SetSource { cell: format!("c{at}"), source: source.to_owned() }
}

fn text(outputs: &[Output]) -> String {
    let text = |output: &Output| match output {
        Output::Stream { text, .. } => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    outputs.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_printed_arrives_once_and_in_order() {
    let code = "for i in range(20000):\n    print(i)\nfrom IPython.display import display\nfor i in range(300):\n    display(i)";
    let mut bench = Bench::new(&[code, "6 * 7"]);
    bench.run(&[0, 1]).await;
    assert_eq!((bench.ended(0).await, bench.ended(1).await), (RunState::Done, RunState::Done));
    let cell = bench.cell(0).await;
    let whole =
        bench.kernels.get_output(GetOutput { path: path(), cell: "c0".to_owned(), index: 0 }).await.unwrap().output;
    let printed: String = (0..20000).map(|i| format!("{i}\n")).collect();
    assert_eq!(whole, Output::Stream { stderr: false, text: printed, num_left_out: 0 });
    assert_eq!(cell.outputs.len(), 301);
    let info = bench.open().await.kernels.remove(0);
    assert_eq!(
        (info.name.as_str(), info.state, info.environment.as_str()),
        ("python3", KernelState::Idle, "data science")
    );
    // The name in the file stays.
    bench.kernels.save(SaveNotebook { path: path() }).await.unwrap();
    assert!(std::fs::read_to_string(bench.file()).unwrap().contains("conda_python3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_interrupted_at_once_and_keeps_its_variables() {
    let mut bench = Bench::new(&["x = 1\nwhile True:\n    print('flood' * 100)", "x"]);
    bench.run(&[0]).await;
    bench.until(|change| matches!(change, NotebookChange::Output { .. })).await;
    bench.kernels.interrupt(InterruptKernel { path: path(), kernel: None }).await.unwrap();
    assert_eq!(bench.ended(0).await, RunState::Failed);
    bench.run(&[1]).await;
    assert_eq!(bench.ended(1).await, RunState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_kernel_says_why_and_the_next_run_starts_another() {
    // Straight to the stream that the kernel was started with: ipykernel relays descriptor 2 in a thread, which the
    // signal would end too.
    let code = "import os, sys\nos.write(getattr(sys.stderr, '_original_stdstream_copy', 2), b'last words\\n')\nos.kill(os.getpid(), 9)";
    let mut bench = Bench::new(&[code, "1", "import os; os._exit(3)"]);
    bench.run(&[0, 1]).await;
    assert_eq!(bench.ended(0).await, RunState::Failed);
    let notebook = bench.open().await;
    let problem = notebook.kernels[0].problem.clone().unwrap_or_default();
    assert!(problem.contains("SIGKILL") && problem.contains("last words"), "{problem}");
    assert_eq!((notebook.kernels[0].state, notebook.cells[1].run.state), (KernelState::Dead, RunState::Idle));
    bench.run(&[1]).await;
    assert_eq!(bench.ended(1).await, RunState::Done);
    bench.run(&[2]).await;
    assert_eq!(bench.ended(2).await, RunState::Failed);
    let problem = bench.open().await.kernels[0].problem.clone().unwrap_or_default();
    assert!(problem.contains("exit code 3"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kernel_asks_a_person() {
    let mut bench =
        Bench::new(&["a = input('name? ')\nimport getpass\nb = getpass.getpass('word? ')\nprint(len(a), len(b))"]);
    bench.run(&[0]).await;
    for (prompt, password, answer) in [("name? ", false, "Ann"), ("word? ", true, "secret")] {
        let change = bench.until(|change| matches!(change, NotebookChange::Input { input: Some(_) })).await;
        let NotebookChange::Input { input: Some(input) } = change else { unreachable!("only that was wanted") };
        assert_eq!((input.prompt.as_str(), input.password, input.cell.as_str()), (prompt, password, "c0"));
        assert_eq!(bench.open().await.input, Some(input));
        bench.kernels.answer_input(AnswerInput { path: path(), kernel: None, text: answer.to_owned() }).await.unwrap();
    }
    assert_eq!(bench.ended(0).await, RunState::Done);
    assert_eq!(text(&bench.cell(0).await.outputs), "3 6\n");
    let again = bench.kernels.answer_input(AnswerInput { path: path(), kernel: None, text: String::new() }).await;
    assert!(again.is_err() && bench.open().await.input.is_none());
    bench.kernels.save(SaveNotebook { path: path() }).await.unwrap();
    assert!(!std::fs::read_to_string(bench.file()).unwrap().contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kernel_tells_what_it_knows() {
    let mut bench = Bench::new(&["number = 41\nnumbers = [1, 2, 3]\ndef double(x):\n    'Twice.'\n    return 2 * x"]);
    bench.run(&[0]).await;
    assert_eq!(bench.ended(0).await, RunState::Done);
    let request = CompleteCode { path: path(), kernel: None, code: "numb".to_owned(), cursor: 4 };
    let found = bench.kernels.complete(request).await.unwrap();
    assert_eq!(found.matches.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["number", "numbers"]);
    let request = InspectCode { path: path(), kernel: None, code: "double".to_owned(), cursor: 3, detail: 0 };
    assert!(bench.kernels.inspect(request).await.unwrap().data["text/plain"].contains("Twice."));
    let told = bench.kernels.variables(ListVariables { path: path() }).await.unwrap();
    let number = told.variables.iter().find(|variable| variable.name == "number").expect("a variable");
    assert_eq!((number.kernel.as_str(), number.kind.as_str(), number.preview.as_str()), ("python3", "int", "41"));
}

#[tokio::test(flavor = "multi_thread")]
async fn widgets_outlive_their_window_and_end_with_their_kernel() {
    let code = "from ipykernel.comm import Comm\nc = Comm(target_name='t', data={'state': {'value': 1}})\nc.send({'method': 'update', 'state': {'value': 2}})";
    let mut bench = Bench::new(&[code]);
    bench.run(&[0]).await;
    assert_eq!(bench.ended(0).await, RunState::Done);
    let comms = bench.kernels.get_comms(GetComms { path: path() }).await.unwrap().comms;
    assert!(comms.len() == 1 && comms[0].target == "t" && comms[0].data.contains(r#""value":2"#), "{comms:?}");
    bench.kernels.restart(RestartKernel { path: path(), kernel: None }).await.unwrap();
    assert!(bench.kernels.get_comms(GetComms { path: path() }).await.unwrap().comms.is_empty());
    bench.kernels.stop(StopKernel { path: path(), kernel: None }).await.unwrap();
    assert!(bench.open().await.kernels.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_wrote_becomes_a_choice() {
    let mut bench = Bench::new(&["1"]);
    bench.open().await;
    // Nothing unsaved: taken over.
    std::fs::write(bench.file(), notebook(&["theirs"])).unwrap();
    assert_eq!(bench.open().await.cells[0].source, "theirs");
    // The edit may be saved by itself before the other program writes: then there is nothing to choose, and it is
    // tried again.
    let mut refused = None;
    for attempt in 0..50 {
        bench.edit(vec![set(0, &format!("draft {attempt}")), set(0, "mine")]).await;
        std::fs::write(bench.file(), notebook(&["theirs again"])).unwrap();
        refused = bench.kernels.save(SaveNotebook { path: path() }).await.err();
        if refused.is_some() {
            break;
        }
    }
    assert_eq!(refused.map(|error| error.status), Some(409));
    bench.until(|change| matches!(change, NotebookChange::Conflict { conflict: Some(_) })).await;
    assert!(bench.open().await.conflict.is_some());
    bench.kernels.resolve_conflict(ResolveConflict { path: path(), keep: Keep::Both }).await.unwrap();
    assert_eq!((bench.open().await.cells[0].source.as_str(), bench.open().await.conflict), ("mine", None));
    assert!(std::fs::read_to_string(bench.file()).unwrap().contains("mine"));
    assert!(
        std::fs::read_to_string(bench.dir.path().join("w/n (other version).ipynb")).unwrap().contains("theirs again")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_is_one_document_under_all_its_names() {
    let bench = Bench::new(&["1"]);
    std::os::unix::fs::symlink("n.ipynb", bench.dir.path().join("w/link.ipynb")).unwrap();
    bench.edit(vec![set(0, "changed")]).await;
    for name in ["./n.ipynb", "link.ipynb"] {
        let notebook = bench.kernels.open_notebook(OpenNotebook { path: name.to_owned() }).await.unwrap();
        assert_eq!((notebook.path.as_str(), notebook.cells[0].source.as_str()), ("n.ipynb", "changed"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_for_a_kernel_that_nobody_has_says_so() {
    let mut bench = Bench::new(&["1", "2"]);
    bench.edit(vec![Edit::SetCellKernel { cell: "c1".to_owned(), kernel: Some("cobol-85".to_owned()) }]).await;
    bench.run(&[0, 1]).await;
    assert_eq!(bench.ended(0).await, RunState::Done);
    bench
        .until(|change| matches!(change, NotebookChange::Kernels { kernels, .. } if kernels.iter().any(|kernel| kernel.name == "cobol-85" && kernel.state == KernelState::Dead)))
        .await;
    assert_eq!(bench.cell(1).await.run.state, RunState::Idle);
}
