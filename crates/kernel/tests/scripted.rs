//! Between a kernel that follows a script (`scripted_kernel.py`) and the windows no message is lost, doubled or out of
//! order, whatever the kernel says and in whatever order it says it.

use atelier_kernel::{Kernels, KernelsOptions, environment};
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{Comm, CommKind, InterruptKernel, KernelState, RunCells, RunState};
use atelier_wire::studio::notebook::{Cell, Content, GetCells, OpenNotebook, Output, SaveNotebook};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

const PATH: &str = "n.ipynb";

struct Stage {
    dir: tempfile::TempDir,
    kernels: Kernels,
    /// What was told, with its number.
    changes: Arc<Mutex<Vec<(u64, NotebookChange)>>>,
}

/// Makes the scripted kernel one of those that Jupyter's folders name.
fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let python = environment::ensure(&environment::default_dir(), &|line| println!("{line}")).unwrap().python;
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("jupyter");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripted_kernel.py");
        let spec = json!({"argv": [python, script, "{connection_file}"], "display_name": "Scripted", "language": "script", "interrupt_mode": "message"});
        std::fs::create_dir_all(dir.join("kernels/scripted")).unwrap();
        std::fs::write(dir.join("kernels/scripted/kernel.json"), spec.to_string()).unwrap();
        // SAFETY: every test of this program waits here before it does anything else.
        unsafe { std::env::set_var("JUPYTER_PATH", dir) }
    });
}

impl Stage {
    /// A notebook with a cell for each script, named `c0`, `c1` …
    fn new(scripts: &[Value]) -> Stage {
        install();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("w")).unwrap();
        let cell = |(at, script): (usize, &Value)| json!({"id": format!("c{at}"), "cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [], "source": script.to_string()});
        let cells: Vec<Value> = scripts.iter().enumerate().map(cell).collect();
        let file = json!({"cells": cells, "metadata": {"kernelspec": {"name": "scripted", "display_name": "x"}}, "nbformat": 4, "nbformat_minor": 5});
        std::fs::write(dir.path().join("w").join(PATH), file.to_string()).unwrap();
        let changes: Arc<Mutex<Vec<(u64, NotebookChange)>>> = Arc::default();
        let sink = changes.clone();
        let tell = Arc::new(move |event| {
            if let Event::Notebook { number, change, .. } = event {
                sink.lock().push((number, change));
            }
        });
        let options =
            KernelsOptions { spare_kernels: false, ..KernelsOptions::new(&dir.path().join("h"), dir.path().join("w")) };
        Stage { kernels: Kernels::open(options, tell).unwrap(), dir, changes }
    }

    async fn cells(&self) -> Vec<Cell> {
        let cells = self.kernels.open_notebook(OpenNotebook { path: PATH.to_owned() }).await.unwrap().cells;
        let request = GetCells { path: PATH.to_owned(), cells: cells.into_iter().map(|cell| cell.id).collect() };
        self.kernels.get_cells(request).await.unwrap().cells
    }

    async fn until(&self, what: &str, wanted: impl Fn(&[Cell]) -> bool) -> Vec<Cell> {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            let cells = self.cells().await;
            if wanted(&cells) {
                return cells;
            }
            assert!(Instant::now() < deadline, "not {what} in time: {cells:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn start(&self) {
        self.kernels.run(RunCells { path: PATH.to_owned(), cells: Vec::new() }).await.unwrap();
    }

    async fn rest(&self) -> Vec<Cell> {
        self.until("at rest", |cells| {
            cells.iter().all(|cell| !matches!(cell.run.state, RunState::Queued | RunState::Running))
        })
        .await
    }

    /// What a window has that heard every change since the notebook was opened.
    fn window(&self, num_cells: usize) -> Vec<Vec<Output>> {
        self.window_since(0, vec![Vec::new(); num_cells])
    }

    /// What a window has that read `outputs` when change number `since` was the last, and heard all that followed.
    fn window_since(&self, since: u64, mut outputs: Vec<Vec<Output>>) -> Vec<Vec<Output>> {
        let number = |id: &str| id[1..].parse::<usize>().unwrap();
        for (_, change) in self.changes.lock().iter().filter(|(number, _)| *number > since).cloned() {
            match change {
                NotebookChange::Clear { cell } => outputs[number(&cell)].clear(),
                NotebookChange::Output { cell, index, output } => {
                    let outputs = &mut outputs[number(&cell)];
                    if index == outputs.len() { outputs.push(output) } else { outputs[index] = output }
                }
                NotebookChange::Append { cell, index, text: more } => match &mut outputs[number(&cell)][index] {
                    Output::Stream { text, .. } => text.push_str(&more),
                    other => panic!("{other:?} does not grow"),
                },
                _ => {}
            }
        }
        outputs
    }

    fn comms(&self) -> Vec<Comm> {
        let comm = |(_, change): &(u64, NotebookChange)| match change {
            NotebookChange::Comm(comm) => Some(comm.clone()),
            _ => None,
        };
        self.changes.lock().iter().filter_map(comm).collect()
    }
}

fn say(kind: &str, content: Value) -> Value {
    json!({"say": kind, "content": content})
}

fn print(text: &str) -> Value {
    say("stream", json!({"name": "stdout", "text": text}))
}

fn complain(text: &str) -> Value {
    say("stream", json!({"name": "stderr", "text": text}))
}

fn display(text: &str) -> Value {
    say("display_data", json!({"data": {"text/plain": text}, "metadata": {}}))
}

fn named(kind: &str, text: &str) -> Value {
    say(kind, json!({"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "d"}}))
}

fn clear(wait: bool) -> Value {
    say("clear_output", json!({"wait": wait}))
}

fn state(name: &str) -> Value {
    say("status", json!({"execution_state": name}))
}

fn of(parent: &str, mut step: Value) -> Value {
    step["parent"] = json!(parent);
    step
}

fn times(times: usize, steps: Value) -> Value {
    json!({"times": times, "steps": steps})
}

/// Outputs in short: `text` of a stream, `!text` of standard error, `<text>` of a display, `?name` of an error.
fn shown(outputs: &[Output]) -> Vec<String> {
    let show = |output: &Output| match output {
        Output::Stream { stderr, text, .. } => format!("{}{text}", if *stderr { "!" } else { "" }),
        Output::Display { data, .. } => match data.get("text/plain") {
            Some(Content::Text(text)) => format!("<{text}>"),
            other => format!("{other:?}"),
        },
        Output::Error { name, .. } => format!("?{name}"),
    };
    outputs.iter().map(show).collect()
}

/// Plays the scripts, a cell each, and compares what the cells then show. Windows that heard every change and the file
/// hold the same.
async fn check(scripts: &[Value], expected: &[&[&str]]) {
    let stage = Stage::new(scripts);
    stage.start().await;
    stage.rest().await;
    // What came after a cell's end came before the next one's, and the last cell's own end is its last message.
    let cells = stage.cells().await;
    for ((cell, expected), seen) in cells.iter().zip(expected).zip(stage.window(cells.len())) {
        assert_eq!(cell.run.state, RunState::Done, "{}", cell.source);
        assert_eq!(shown(&cell.outputs), *expected, "{}", cell.source);
        assert_eq!(seen, cell.outputs, "a window has something else than the notebook");
    }
    stage.kernels.save(SaveNotebook { path: PATH.to_owned() }).await.unwrap();
    let file: Value = serde_json::from_slice(&std::fs::read(stage.dir.path().join("w").join(PATH)).unwrap()).unwrap();
    for (cell, expected) in file["cells"].as_array().unwrap().iter().zip(expected) {
        assert_eq!(cell["outputs"].as_array().unwrap().len(), expected.len());
    }
    stage.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_text_is_whole_and_in_order() {
    let numbers: String = (0..5000).map(|number| format!("{number}\n")).collect();
    check(&[json!([times(5000, json!([print("#\n")]))])], &[&[&numbers]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_comes_at_any_moment_misses_nothing_and_has_nothing_twice() {
    let pause = json!({"pause": 0.002});
    let flood = json!([times(
        400,
        json!([print("#\n"), pause, complain("#"), named("display_data", "#"), print("a"), print("b")])
    )]);
    let stage = Stage::new(&[flood, json!([clear(true), named("update_display_data", "last"), print("end")])]);
    stage.start().await;
    let mut readings = Vec::new();
    loop {
        let notebook = stage.kernels.open_notebook(OpenNotebook { path: PATH.to_owned() }).await.unwrap();
        assert!(notebook.cells.iter().all(|cell| cell.num_deferred_outputs == 0), "more than goes with the notebook");
        let done = notebook.cells[1].run.state == RunState::Done;
        readings.push((notebook.number, notebook.cells.into_iter().map(|cell| cell.outputs).collect::<Vec<_>>()));
        if done {
            break;
        }
        // As windows ask for outputs that did not come with the notebook.
        let request = GetCells { path: PATH.to_owned(), cells: vec!["c0".to_owned(), "c1".to_owned()] };
        let cells = stage.kernels.get_cells(request).await.unwrap();
        readings.push((cells.number, cells.cells.into_iter().map(|cell| cell.outputs).collect()));
    }
    let (last, held) = readings.last().cloned().unwrap();
    let growing = readings.iter().filter(|(_, outputs)| !outputs[0].is_empty() && outputs[0] != held[0]).count();
    assert!(growing > 20, "{growing} of {} readings fell into the run", readings.len());
    for (number, outputs) in readings {
        assert_eq!(stage.window_since(number, outputs), held, "read at {number} of {last}");
    }
    let numbers: Vec<u64> = stage.changes.lock().iter().map(|(number, _)| *number).collect();
    assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "numbers with gaps: {numbers:?}");
    stage.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_of_all_kinds_keep_their_order() {
    let each = |number: usize| [format!("{number}"), format!("!{number}"), format!("<{number}>")];
    let expected: Vec<String> = (0..1000).flat_map(each).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check(&[json!([times(1000, json!([print("#"), complain("#"), display("#")]))])], &[&expected]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn states_in_odd_orders_end_a_cell_once() {
    let ok = json!({"reply": {"status": "ok", "execution_count": 3}});
    let idle = json!({"idle": true});
    let scripts = [
        // The reply, then outputs, then the end.
        json!([ok, print("a"), display("b"), idle]),
        // The end, then outputs, then the reply, and all of it again.
        json!([print("a"), idle, print("b"), ok, ok, idle]),
        // Ends of others, states that nobody knows, busy again.
        json!([
            of("nobody", state("idle")),
            of("last", state("idle")),
            state("busy"),
            state("starting"),
            say("status", json!({})),
            print("a")
        ]),
    ];
    check(&scripts, &[&["a", "<b>"], &["ab"], &["a"]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_messages_go_to_the_cell_that_they_belong_to() {
    let scripts = [
        json!([print("early"), {"reply": {"status": "ok"}}, {"idle": true}, print(" late")]),
        json!([print("own"), of("last", print(" later")), of("last", display("shown")), print(" still")]),
    ];
    check(&scripts, &[&["early late later", "<shown>"], &["own still"]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_nobody_changes_nothing() {
    let scripts = [json!([
        print("a"),
        of("nobody", print("x")),
        of("nobody", display("x")),
        of("nobody", say("error", json!({"ename": "x", "evalue": "", "traceback": []}))),
        of("nobody", clear(false)),
        say("no_such_kind", json!({"text": "x"})),
        say("stream", json!({})),
        say("display_data", json!({"data": 1})),
        {"forge": "stream"},
        {"raw": ["<IDS|MSG>", "no", "{"]},
        {"raw": ["x"]},
        print("b"),
    ])];
    let stage = Stage::new(&scripts);
    stage.start().await;
    let cells = stage.rest().await;
    let texts: String = shown(&cells[0].outputs).into_iter().filter(|shown| !shown.starts_with(['<', 'N'])).collect();
    assert_eq!((texts.as_str(), cells[0].run.state), ("ab", RunState::Done));
    stage.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_reach_the_display_wherever_it_stands() {
    let scripts = [
        json!([named("display_data", "first"), print("x"), named("display_data", "second")]),
        json!([named("display_data", "third"), times(500, json!([named("update_display_data", "#")]))]),
        json!([of("nobody", named("update_display_data", "last"))]),
    ];
    check(&scripts, &[&["<last>", "x", "<last>"], &["<last>"], &[]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_waits_where_it_is_asked_to() {
    let scripts = [
        json!([print("old"), clear(true), clear(true), display("new")]),
        json!([print("old"), clear(false), print("new"), clear(true)]),
        json!([times(300, json!([clear(true), print("#"), display("#")]))]),
    ];
    check(&scripts, &[&["<new>"], &["new"], &["299", "<299>"]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comm_messages_arrive_once_and_in_order_with_their_bytes() {
    const NUM_BYTES: usize = 8 << 20;
    let open = json!({"comm_id": "c", "target_name": "t", "data": {}});
    let message = |value: &str| json!({"comm_id": "c", "data": {"value": value}});
    let large = json!({"say": "comm_msg", "content": message("large"), "buffers": NUM_BYTES});
    let script = json!([
        say("comm_open", open),
        times(1000, json!([say("comm_msg", message("#")), print("#\n")])),
        large,
        large,
        say("comm_msg", json!({"comm_id": "unknown", "data": {}})),
        say("comm_close", message("end")),
    ]);
    let stage = Stage::new(&[script]);
    stage.start().await;
    let cells = stage.rest().await;
    assert_eq!(shown(&cells[0].outputs).concat(), (0..1000).map(|number| format!("{number}\n")).collect::<String>());
    let comms = stage.comms();
    let of_c: Vec<&Comm> = comms.iter().filter(|comm| comm.comm_id == "c").collect();
    assert_eq!((of_c.len(), of_c[0].kind, of_c[1003].kind), (1004, CommKind::Open, CommKind::Close));
    let value = |comm: &Comm| serde_json::from_str::<Value>(&comm.data).unwrap()["value"].as_str().unwrap().to_owned();
    let values: Vec<String> = of_c[1..1001].iter().map(|comm| value(comm)).collect();
    assert_eq!(values, (0..1000).map(|number| number.to_string()).collect::<Vec<_>>());
    for comm in &of_c[1001..1003] {
        // Zeros are `A` in base64.
        let [bytes] = &comm.buffers[..] else { panic!("{} buffers", comm.buffers.len()) };
        assert!(
            value(comm) == "large"
                && bytes.len() == NUM_BYTES.div_ceil(3) * 4
                && bytes.trim_end_matches('=').bytes().all(|byte| byte == b'A')
        );
    }
    stage.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kernel_is_interrupted_by_message_where_its_kernelspec_says_so() {
    let error = json!({"status": "error", "ename": "Stopped", "evalue": "", "traceback": []});
    let script = json!([print("started"), {"wait": "interrupt_request"}, print(" stopped"), say("error", error.clone()), {"reply": error}]);
    let stage = Stage::new(&[script, json!([print("never")])]);
    stage.start().await;
    stage.until("started", |cells| !cells[0].outputs.is_empty()).await;
    stage.kernels.interrupt(InterruptKernel { path: PATH.to_owned(), kernel: None }).await.unwrap();
    let cells = stage.rest().await;
    assert_eq!(shown(&cells[0].outputs), ["started stopped", "?Stopped"]);
    assert_eq!([cells[0].run.state, cells[1].run.state], [RunState::Failed, RunState::Idle]);
    // A signal would have ended it.
    let notebook = stage.kernels.open_notebook(OpenNotebook { path: PATH.to_owned() }).await.unwrap();
    assert_eq!(notebook.kernels[0].state, KernelState::Idle);
    stage.kernels.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kernel_says_before_it_dies_is_kept() {
    let stage = Stage::new(&[json!([times(500, json!([print("#\n")])), {"exit": 3}]), json!([print("never")])]);
    stage.start().await;
    let cells = stage.rest().await;
    assert_eq!([cells[0].run.state, cells[1].run.state], [RunState::Failed, RunState::Idle]);
    // A process that ends at once takes with it what its sockets still held: what came is a beginning of what was said.
    let whole: String = (0..500).map(|number| format!("{number}\n")).collect();
    assert!(whole.starts_with(&shown(&cells[0].outputs).concat()));
    stage.kernels.shutdown().await;
}
