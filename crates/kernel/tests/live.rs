//! Notebooks on real Python kernels of the data-science environment.

use atelier_kernel::{Events, Kernels, KernelsOptions, environment};
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{KernelState, ListKernels, RestartKernel, RunCells, RunState, StopKernel};
use atelier_wire::studio::notebook::{Cell, Content, Edit, EditNotebook, Notebook, OpenNotebook, Output, SaveNotebook};
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATH: &str = "folder/n.ipynb";

struct Desk {
    dir: tempfile::TempDir,
    kernels: Kernels,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Desk {
    /// A workspace with one notebook of these code cells, named `c0`, `c1` ...
    fn new(cells: &[&str]) -> Desk {
        environment::ensure(&environment::default_dir(), &|line| println!("{line}")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("w/folder")).unwrap();
        let cells: Vec<_> = cells
            .iter()
            .enumerate()
            .map(|(at, source)| serde_json::json!({"id": format!("c{at}"), "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": source}))
            .collect();
        let tree =
            serde_json::json!({"cells": cells, "metadata": {"own": {"x": 1}}, "nbformat": 4, "nbformat_minor": 5});
        std::fs::write(dir.path().join("w").join(PATH), serde_json::to_vec_pretty(&tree).unwrap()).unwrap();
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = events.clone();
        let tell: Events = Arc::new(move |event| sink.lock().push(event));
        let options = KernelsOptions {
            environment: vec![("ATELIER_TEST".to_owned(), "given".to_owned())],
            runtime_dir: dir.path().join("r"),
            spare_kernels: false,
            ..KernelsOptions::new(&dir.path().join("h"), dir.path().join("w"))
        };
        Desk { kernels: Kernels::open(options, tell).unwrap(), dir, events }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("w").join(PATH)
    }

    async fn notebook(&self) -> Notebook {
        self.kernels.open_notebook(OpenNotebook { path: PATH.to_owned() }).await.unwrap()
    }

    async fn run(&self, cells: &[&str]) {
        let cells = cells.iter().map(|id| (*id).to_owned()).collect();
        self.kernels.run(RunCells { path: PATH.to_owned(), cells }).await.unwrap();
    }

    /// Polls until the notebook is as wanted.
    async fn until(&self, what: &str, wanted: impl Fn(&Notebook) -> bool) -> Notebook {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let notebook = self.notebook().await;
            if wanted(&notebook) {
                return notebook;
            }
            assert!(Instant::now() < deadline, "not {what} in time: {notebook:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs all cells to their end.
    async fn run_all(&self) -> Notebook {
        self.run(&[]).await;
        self.until("at rest", |n| n.cells.iter().all(|c| !matches!(c.run.state, RunState::Queued | RunState::Running)))
            .await
    }

    async fn edit(&self, edit: Edit) {
        self.kernels
            .edit(EditNotebook { path: PATH.to_owned(), window: "w".to_owned(), edits: vec![edit] })
            .await
            .unwrap();
    }

    fn changes(&self) -> Vec<NotebookChange> {
        let of = |event: &Event| match event {
            Event::Notebook { change, .. } => Some(change.clone()),
            _ => None,
        };
        self.events.lock().iter().filter_map(of).collect()
    }
}

fn source(text: &str) -> Edit {
    Edit::SetSource { cell: "c0".to_owned(), source: text.to_owned() }
}

/// What a cell shows, as one text.
fn shown(cell: &Cell) -> String {
    let show = |output: &Output| match output {
        Output::Stream { text, .. } => text.clone(),
        Output::Display { data, .. } => match data.get("text/plain") {
            Some(Content::Text(text)) => text.clone(),
            _ => String::new(),
        },
        Output::Error { name, message, .. } => format!("{name}: {message}"),
    };
    cell.outputs.iter().map(show).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn code_prints_shows_and_fails() {
    let desk = Desk::new(&[
        "print('a'); import sys; print('b', file=sys.stderr); 6 * 7",
        "from IPython.display import display, clear_output\nh = display(1, display_id=True); h.update(2); clear_output(wait=True); print('only this')",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()",
        "import os; print(os.environ['ATELIER_TEST'], os.path.basename(os.getcwd()))",
        "for i in range(3): print(i, end='\\r')",
        "1 / 0",
        "print('never')",
    ]);
    let notebook = desk.run_all().await;
    let texts: Vec<String> = notebook.cells.iter().map(shown).collect();
    assert!(texts[0].contains("a\n") && texts[0].contains("b\n") && texts[0].contains("42"), "{}", texts[0]);
    assert_eq!(texts[1], "only this\n");
    let image = |output: &Output| matches!(output, Output::Display { data, .. } if data.contains_key("image/png"));
    assert!(notebook.cells[2].outputs.iter().any(image), "{:?}", notebook.cells[2].outputs);
    assert_eq!(texts[3], "given folder\n");
    assert!(texts[4].starts_with('2'), "{}", texts[4]);
    assert_eq!(texts[5], "ZeroDivisionError: division by zero");
    let states: Vec<RunState> = notebook.cells.iter().map(|c| c.run.state).collect();
    assert_eq!(states[5..], [RunState::Failed, RunState::Idle]);
    assert_eq!(notebook.cells[3].execution_count, Some(4));

    // And so it stands in the file, with what the file held before.
    desk.kernels.save(SaveNotebook { path: PATH.to_owned() }).await.unwrap();
    let tree: serde_json::Value = serde_json::from_slice(&std::fs::read(desk.file()).unwrap()).unwrap();
    assert_eq!(tree["cells"][3]["outputs"][0]["text"], serde_json::json!(["given folder\n"]));
    assert_eq!(tree["metadata"]["own"]["x"], 1);
    desk.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_forgets_and_stop_ends() {
    let desk = Desk::new(&["y = 1", "print('y' in globals())"]);
    desk.run(&["c0"]).await;
    let before = desk.until("run", |n| n.cells[0].run.state == RunState::Done).await.kernels.remove(0);
    desk.kernels.restart(RestartKernel { path: PATH.to_owned(), kernel: None }).await.unwrap();
    desk.run(&["c1"]).await;
    let notebook = desk.until("run", |n| n.cells[1].run.state == RunState::Done).await;
    assert_eq!(shown(&notebook.cells[1]), "False\n");
    assert_ne!(notebook.kernels[0].id, before.id);
    let listed = desk.kernels.list(ListKernels {}).await.unwrap();
    assert!(
        listed.running.len() == 1
            && listed.running[0].1.memory_bytes > 1 << 20
            && listed.available[0].name == "python3"
    );
    desk.kernels.stop(StopKernel { path: PATH.to_owned(), kernel: None }).await.unwrap();
    assert!(desk.notebook().await.kernels.iter().all(|kernel| kernel.state == KernelState::Dead));
    assert_eq!(desk.kernels.num_running(), 0);
    assert_eq!(std::fs::read_dir(desk.dir.path().join("r")).unwrap().count(), 0, "sockets are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_saved_by_themselves() {
    let desk = Desk::new(&["1"]);
    desk.edit(source("2")).await;
    assert!(desk.notebook().await.dirty);
    desk.until("saved", |n| !n.dirty).await;
    assert!(std::fs::read_to_string(desk.file()).unwrap().contains("\"source\": \"2\""));
    let dirty: Vec<NotebookChange> =
        desk.changes().into_iter().filter(|c| matches!(c, NotebookChange::Saved { .. })).collect();
    assert_eq!(dirty, [NotebookChange::Saved { dirty: true }, NotebookChange::Saved { dirty: false }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_notebook_is_followed() {
    let desk = Desk::new(&["1"]);
    desk.edit(source("2")).await;
    std::fs::rename(desk.file().parent().unwrap(), desk.dir.path().join("w/other")).unwrap();
    desk.kernels.moved("folder", "other");
    let path = "other/n.ipynb".to_owned();
    desk.kernels.save(SaveNotebook { path: path.clone() }).await.unwrap();
    assert!(std::fs::read_to_string(desk.dir.path().join("w").join(path)).unwrap().contains("\"source\": \"2\""));
}

/// The backend dies without a word: its kernel and what that started must die too. This test is also the backend.
#[test]
fn kernel_dies_with_the_backend() {
    const ROLE: &str = "ATELIER_TEST_BACKEND";
    if std::env::var_os(ROLE).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let desk = Desk::new(&[
                "import os, subprocess; child = subprocess.Popen(['sleep', '600']); print(os.getpid(), child.pid)",
            ]);
            let notebook = desk.run_all().await;
            println!("pids {}", shown(&notebook.cells[0]));
            std::future::pending::<()>().await;
        });
    }
    let mut backend = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kernel_dies_with_the_backend", "--nocapture"])
        .env(ROLE, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(backend.stdout.take().unwrap()));
    let line = lines.map(Result::unwrap).find(|line| line.contains("pids ")).unwrap();
    let pids: Vec<i32> =
        line.split("pids ").nth(1).unwrap().split_whitespace().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(pids.len(), 2);
    backend.kill().unwrap();
    backend.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    // A zombie that nobody collects is dead enough.
    let lives =
        |pid: &i32| std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while pids.iter().any(lives) {
        assert!(Instant::now() < deadline, "{pids:?} still live");
        std::thread::yield_now();
    }
}
