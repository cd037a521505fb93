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
use atelier_studio::kernel::{Kernels, KernelsOptions, environment};
use atelier_studio::wire::Event;
use atelier_studio::wire::event::NotebookChange;
use atelier_studio::wire::studio::kernel::{KernelState, RunCells, RunState};
use atelier_studio::wire::studio::notebook::{OpenNotebook, SaveNotebook};
use show::Show;
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
    Interrupted,
}

/// Exit code 0 when every cell succeeded, 1 when one failed or the kernel died, 130 after Ctrl+C.
pub async fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    let home = Home::find(args.home.home)?;
    let notebook = std::path::absolute(&args.notebook)?;
    let unreadable = |source| Failure::Notebook { path: notebook.display().to_string(), why: format!("{source}") };
    let text = std::fs::read(&notebook).map_err(unreadable)?;
    prepare().await?;
    let ending = if home.is_held() {
        execute(&notebook, &text, variables(&home)?, args.output.as_deref()).await?
    } else {
        with_own_backend(home, &notebook, &text, args.output.as_deref()).await?
    };
    Ok(match ending {
        Ending::Done => ExitCode::SUCCESS,
        Ending::Failed => ExitCode::from(1),
        Ending::Interrupted => ExitCode::from(130),
    })
}

/// Makes the Python environment if it is missing, saying so.
async fn prepare() -> anyhow::Result<()> {
    let make = || environment::ensure(&environment::default_dir(), &|line| eprintln!("{line}"));
    tokio::task::spawn_blocking(make).await??;
    Ok(())
}

/// Serves as long as the notebook runs.
async fn with_own_backend(home: Home, notebook: &Path, text: &[u8], output: Option<&Path>) -> anyhow::Result<Ending> {
    let backend = Backend::open(home, BackendOptions::default()).await?;
    let studio = backend.studio.clone();
    let (end, ended) = oneshot::channel::<()>();
    let serving = backend.serve(|_| (), async {
        // An error means that the other end is gone, which is an end too.
        let _ = ended.await;
    });
    let working = async {
        let ending = execute(notebook, text, studio.environment(), output).await;
        drop(end);
        ending
    };
    let (served, ending) = tokio::join!(serving, working);
    served?;
    ending
}

async fn execute(notebook: &Path, text: &[u8], variables: Vec<(String, String)>, output: Option<&Path>) -> anyhow::Result<Ending> {
    let desk = Desk::new()?;
    std::fs::write(desk.0.join(COPY), text).context("copying the notebook")?;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let options = KernelsOptions {
        workspace: desk.0.clone(),
        envs_dir: environment::default_dir(),
        runtime_dir: desk.0.join("r"),
        environment: variables,
        working_dir: notebook.parent().map(PathBuf::from),
    };
    // An error means that the notebook is over.
    let kernels = Kernels::open(options, Arc::new(move |event| drop(tell.send(event))));
    let opened = kernels.open_notebook(OpenNotebook { path: COPY.to_owned() }).await;
    let opened = opened.map_err(|error| Failure::Notebook { path: notebook.display().to_string(), why: error.message })?;
    let mut show = Show::new(&opened);
    kernels.run(RunCells { path: COPY.to_owned(), cells: Vec::new() }).await?;

    let followed = tokio::select! {
        followed = follow(&kernels, &mut heard, &mut show) => followed,
        _ = tokio::signal::ctrl_c() => Ok(Ending::Interrupted),
    };
    let saved = kernels.save(SaveNotebook { path: COPY.to_owned() }).await;
    kernels.shutdown().await;
    saved?;
    if let Some(output) = output {
        put(&desk.0.join(COPY), output).with_context(|| format!("writing {}", output.display()))?;
    }
    let ending = followed?;
    show.end(output);
    Ok(ending)
}

/// Shows what happens until no cell runs or waits.
async fn follow(kernels: &Kernels, heard: &mut mpsc::UnboundedReceiver<Event>, show: &mut Show) -> anyhow::Result<Ending> {
    loop {
        let notebook = kernels.open_notebook(OpenNotebook { path: COPY.to_owned() }).await?;
        let states = || notebook.cells.iter().map(|cell| cell.run.state);
        if states().all(|state| !matches!(state, RunState::Queued | RunState::Running)) {
            while let Ok(event) = heard.try_recv() {
                tell(show, event);
            }
            let died = notebook.kernels.iter().find(|kernel| kernel.state == KernelState::Dead);
            if let Some(problem) = died.and_then(|kernel| kernel.problem.as_deref()) {
                eprintln!("atelier: {problem}");
            }
            let failed = died.is_some() || states().any(|state| state == RunState::Failed);
            return Ok(if failed { Ending::Failed } else { Ending::Done });
        }
        // Events that come in one go are shown before the notebook is looked at again.
        let Some(event) = heard.recv().await else { return Ok(Ending::Failed) };
        tell(show, event);
        while let Ok(event) = heard.try_recv() {
            tell(show, event);
        }
    }
}

fn tell(show: &mut Show, event: Event) {
    let Event::Notebook { change, .. } = event else { return };
    match change {
        NotebookChange::Run { cell, run } => show.run(&cell, &run),
        NotebookChange::Output { cell, index, output } => show.output(&cell, index, &output),
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
