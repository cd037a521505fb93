//! `atelier run NOTEBOOK`: a notebook from its first cell to its last, its results in the terminal.
//!
//! The notebook runs on a kernel of this process, in its own folder, against the backend of the home: the one that
//! runs, or one that lives as long as the notebook runs. The file itself is not touched; `--output` gets a copy.

mod show;

use crate::backend::{Backend, BackendOptions};
use crate::cli::RunArgs;
use crate::environment::variables;
use crate::exit::Failure;
use crate::home::Home;
use anyhow::Context as _;
use atelier_studio::kernel::{Kernels, KernelsOptions};
use atelier_studio::wire::Event;
use atelier_studio::wire::event::NotebookChange;
use atelier_studio::wire::studio::kernel::{ChooseKernel, KernelState, ListKernels, RunCells, RunState};
use atelier_studio::wire::studio::notebook::{Cell, OpenNotebook, SaveNotebook};
use show::Show;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The copy's name in its folder of its own.
const COPY: &str = "notebook.ipynb";

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Done,
    Failed,
    /// A cell took too long.
    Late,
    Died,
    Interrupted,
}

/// Exit code 0 when every cell succeeded or may fail, 1 when one failed, 9 when one took too long, 10 when the kernel
/// died, 130 after Ctrl+C. The output is written in all of these cases.
pub async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let home = Home::find(args.home.home.clone())?;
    let notebook = std::path::absolute(&args.notebook)?;
    let unreadable = |source| Failure::Notebook { path: notebook.display().to_string(), why: format!("{source}") };
    let text = std::fs::read(&notebook).map_err(unreadable)?;
    let task = Task { notebook, text, args };
    let ending =
        if home.is_held() { task.execute(variables(&home)?).await? } else { with_own_backend(home, &task).await? };
    Ok(ExitCode::from(match ending {
        Ending::Done => 0,
        Ending::Failed => 1,
        Ending::Late => 9,
        Ending::Died => 10,
        Ending::Interrupted => 130,
    }))
}

struct Task {
    notebook: PathBuf,
    text: Vec<u8>,
    args: RunArgs,
}

/// Makes `name` the notebook's kernel, its environment too where that is one of a project and still missing.
async fn choose(kernels: &Kernels, name: &str) -> anyhow::Result<()> {
    let show = |line: &str| eprintln!("{line}");
    kernels.prepare_project(name, show).await.map_err(|error| Failure::Kernel(error.message))?;
    let chosen = kernels.choose(ChooseKernel { path: COPY.to_owned(), name: name.to_owned() }).await;
    let Err(error) = chosen else { return Ok(()) };
    let there = kernels.list(ListKernels {}).await?.available;
    let there: Vec<String> = there.iter().map(|spec| format!("  {:<14} {}", spec.name, spec.display_name)).collect();
    Err(Failure::Kernel(format!("{}\nThere are:\n{}", error.message, there.join("\n"))).into())
}

/// Serves as long as the notebook runs.
async fn with_own_backend(home: Home, task: &Task) -> anyhow::Result<Ending> {
    let backend = Backend::open(home, BackendOptions::default()).await?;
    let studio = backend.studio.clone();
    let (end, ended) = oneshot::channel::<()>();
    let serving = backend.serve(|_| (), async {
        // An error means that the other end is gone, which is an end too.
        let _ = ended.await;
    });
    let working = async {
        let ending = task.execute(studio.environment()).await;
        drop(end);
        ending
    };
    let (served, ending) = tokio::join!(serving, working);
    served?;
    ending
}

impl Task {
    async fn execute(&self, variables: Vec<(String, String)>) -> anyhow::Result<Ending> {
        let desk = Desk::new()?;
        std::fs::write(desk.0.join(COPY), &self.text).context("copying the notebook")?;
        let (tell, mut heard) = mpsc::unbounded_channel();
        let options = KernelsOptions {
            environment: variables,
            copy_of: Some(self.notebook.clone()),
            allow_errors: self.args.allow_errors,
            // Nobody is asked: `input()` fails with a message.
            allow_stdin: false,
            spare_kernels: false,
            ..KernelsOptions::new(&desk.0.join("h"), desk.0.clone())
        };
        // An error means that the notebook is over.
        let kernels = Kernels::open(options, Arc::new(move |event| drop(tell.send(event))))?;
        let opened = kernels.open_notebook(OpenNotebook { path: COPY.to_owned() }).await;
        let opened = opened
            .map_err(|error| Failure::Notebook { path: self.notebook.display().to_string(), why: error.message })?;
        if let Some(name) = &self.args.kernel {
            choose(&kernels, name).await?;
        }
        kernels.prepare(COPY, |line| eprintln!("{line}")).await.map_err(|error| Failure::Kernel(error.message))?;
        let mut show = Show::new(&opened);
        let started = kernels.run(RunCells { path: COPY.to_owned(), cells: Vec::new() }).await;
        let followed = match started {
            Err(error) => Err(Failure::Kernel(error.message).into()),
            Ok(_) => tokio::select! {
                followed = follow(&kernels, &mut heard, &mut show, &self.args) => followed,
                _ = tokio::signal::ctrl_c() => Ok(Ending::Interrupted),
            },
        };
        let saved = kernels.save(SaveNotebook { path: COPY.to_owned() }).await;
        kernels.shutdown().await;
        saved?;
        if let Some(output) = &self.args.output {
            put(&desk.0.join(COPY), output).with_context(|| format!("writing {}", output.display()))?;
        }
        let ending = followed?;
        show.end(self.args.output.as_deref());
        Ok(ending)
    }
}

/// Shows what happens until no cell runs or waits, or one takes too long.
async fn follow(
    kernels: &Kernels,
    heard: &mut mpsc::UnboundedReceiver<Event>,
    show: &mut Show,
    args: &RunArgs,
) -> anyhow::Result<Ending> {
    let mut states: HashMap<String, RunState> = HashMap::new();
    let mut deadline = None;
    let mut died = None;
    let mut settled = false;
    loop {
        let late = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            event = heard.recv() => event,
            () = late => {
                let seconds = args.timeout.unwrap_or_default().as_secs_f64();
                eprintln!("atelier: a cell took longer than {seconds} s");
                return Ok(Ending::Late);
            }
        };
        let Some(Event::Notebook { change, .. }) = event else {
            match event {
                Some(_) => continue,
                None => return Ok(Ending::Died),
            }
        };
        match &change {
            NotebookChange::Run { cell, run } => {
                if run.state == RunState::Running && states.get(cell) != Some(&RunState::Running) {
                    deadline = args.timeout.map(|timeout| tokio::time::Instant::now() + timeout);
                }
                states.insert(cell.clone(), run.state);
                settled = false;
            }
            NotebookChange::Kernels { kernels, .. } => {
                let dead = kernels.iter().find(|kernel| kernel.state == KernelState::Dead);
                died = dead.map(|kernel| kernel.problem.clone().unwrap_or_else(|| "The kernel died.".to_owned()));
            }
            _ => {}
        }
        tell(show, change);
        if !settled && states.values().all(|state| !matches!(state, RunState::Queued | RunState::Running)) {
            // The next cell may have been started by an event that is still to come: the notebook itself knows.
            settled = true;
            let notebook = kernels.open_notebook(OpenNotebook { path: COPY.to_owned() }).await?;
            if notebook.cells.iter().any(|cell| matches!(cell.run.state, RunState::Queued | RunState::Running)) {
                continue;
            }
            while let Ok(event) = heard.try_recv() {
                if let Event::Notebook { change, .. } = event {
                    tell(show, change);
                }
            }
            let dead = notebook.kernels.iter().find(|kernel| kernel.state == KernelState::Dead);
            if let Some(problem) = dead.map(|kernel| kernel.problem.clone().unwrap_or_default()).or(died) {
                eprintln!("atelier: {problem}");
                return Ok(Ending::Died);
            }
            let failed = notebook.cells.iter().any(|cell| cell.run.state == RunState::Failed && !may_fail(cell));
            return Ok(if failed && !args.allow_errors { Ending::Failed } else { Ending::Done });
        }
    }
}

/// As in Jupyter: the tag says that this cell shows an error on purpose.
fn may_fail(cell: &Cell) -> bool {
    cell.tags.iter().any(|tag| tag == "raises-exception")
}

fn tell(show: &mut Show, change: NotebookChange) {
    match change {
        NotebookChange::Run { cell, run } => show.run(&cell, &run),
        NotebookChange::Output { cell, index, output } => show.output(&cell, index, &output),
        NotebookChange::Append { cell, index, text } => show.append(&cell, index, &text),
        NotebookChange::Clear { cell } => show.clear(&cell),
        _ => {}
    }
}

/// Copies by write, fsync, rename: whoever reads the output finds a whole notebook.
fn put(from: &Path, to: &Path) -> std::io::Result<()> {
    let to = std::path::absolute(to)?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = to.with_file_name(name);
    std::fs::copy(from, &draft)?;
    std::fs::File::open(&draft)?.sync_all()?;
    std::fs::rename(draft, to)
}

/// A folder that ends with the run, with a short name: sockets go into it.
struct Desk(PathBuf);

impl Desk {
    fn new() -> std::io::Result<Desk> {
        use std::os::unix::fs::DirBuilderExt as _;
        let path = std::env::temp_dir().join(format!("atelier-run-{}", std::process::id()));
        // It must be ours alone: one that is there already is not trusted.
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Desk(path.canonicalize()?))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary folder is left");
        }
    }
}
