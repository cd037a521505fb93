//! Running one cell after the other: commands, compiling, running, and what stays for the next.

pub mod commands;
mod desk;
mod failure;
mod variables;

pub use failure::Failure;

use crate::cell::{Cell, parse, words};
use crate::compile::{
    self, Compiled, Flags, Library, Message, Origin, Plan, Session, Source, Toolchain, Variable, affected, place,
    render,
};
use crate::packages::{Crates, Dependencies, Folder, PackageError, Prelude, Specification, wanted};
use crate::worker::{Around, Asked, Ended, Event, Worker};
use std::sync::Arc;

/// What tokio is asked for when a cell awaits without having it.
const TOKIO: &str = "{ version = \"1\", features = [\"rt\", \"time\", \"sync\", \"io-util\"] }";
/// How often the source is changed after an objection of the compiler: once per variable that moved.
const ATTEMPTS: usize = 12;

/// The person on the other side while a cell runs.
pub trait Client {
    fn emit(&self, event: Event);
    fn ask(&self, prompt: String, password: bool) -> Asked;
    fn is_interrupted(&self) -> bool;
}

/// A cell that is compiled.
struct Ready {
    library: Library,
    plan: Plan,
    source: Source,
}

pub struct Evaluator {
    toolchain: Arc<Toolchain>,
    folder: Folder,
    /// This session's own sources and libraries.
    scratch: tempfile::TempDir,
    session: Session,
    worker: Option<Worker>,
    dependencies: Dependencies,
    prelude: Prelude,
    /// What every cell is compiled with, once that is there.
    base: Option<[String; 2]>,
    optimisation: String,
    environment: Vec<(String, String)>,
    /// Counts compilations: a library's name is never used again.
    number: u64,
    times: bool,
    _crates_in_use: std::fs::File,
}

impl Evaluator {
    pub fn new(toolchain: Arc<Toolchain>) -> std::io::Result<Self> {
        let folder = Folder::find()?;
        let crates_in_use = folder.use_crates()?;
        Ok(Self {
            toolchain,
            folder,
            scratch: scratch()?,
            session: Session::default(),
            worker: None,
            dependencies: Dependencies::default(),
            prelude: Prelude::default(),
            base: None,
            optimisation: "0".to_owned(),
            environment: Vec::new(),
            number: 0,
            times: false,
            _crates_in_use: crates_in_use,
        })
    }

    /// Reads the compiler and the standard library from the disk before the first cell needs them.
    pub fn warm_up(&mut self, client: &dyn Client) {
        let kept = std::mem::take(&mut self.session);
        if let Err(failure) = self.run_code(0, "let warm = vec![1]; warm.len()", &Silent(client)) {
            tracing::warn!("the first compilation failed: {}", failure.evalue);
        }
        self.session = kept;
        if let Some(worker) = &mut self.worker {
            worker.drop_variables(vec!["warm".to_owned()]);
        }
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What threads print between the cells; a process that ended meanwhile is noted.
    pub fn idle(&mut self, client: &dyn Client) {
        let alive = self.worker.as_mut().is_none_or(|worker| worker.idle(&mut |event| client.emit(event)));
        if !alive {
            self.worker = None;
            self.lose_variables("The process that runs the cells ended by itself.", client);
        }
    }

    /// Runs a cell with its commands.
    pub fn run(&mut self, count: u64, code: &str, client: &dyn Client) -> Result<(), Failure> {
        let start = std::time::Instant::now();
        let result = self.run_commands(code, client).and_then(|()| self.run_code(count, code, client));
        if self.times {
            client.emit(Event::Stderr(format!("took {:.3} s\n", start.elapsed().as_secs_f64())));
        }
        result
    }

    fn run_code(&mut self, count: u64, code: &str, client: &dyn Client) -> Result<(), Failure> {
        let cell = parse(code);
        if !cell.has_code() {
            return Ok(());
        }
        let lost = affected(&self.session, &self.session.with_items(count, &cell));
        if cell.awaits && !self.dependencies.has("tokio") {
            let tokio = Specification { name: "tokio".to_owned(), value: TOKIO.to_owned() };
            self.add_dependencies(vec![tokio], client)?;
        }
        let compiled = self.compile(count, code, &cell, &lost, client)?;
        if !lost.is_empty() {
            let text =
                format!("A type was defined anew, so these variables of the old one are gone: {}\n", lost.join(", "));
            client.emit(Event::Stderr(text));
            lost.iter().for_each(|name| drop(self.session.variables.remove(name)));
            self.worker.as_mut().into_iter().for_each(|worker| worker.drop_variables(lost.clone()));
        }
        let ended = self.run_library(&compiled.library, client)?;
        let _ = std::fs::remove_file(&compiled.library.path);
        self.conclude(&cell, &compiled, ended, client)
    }

    /// Compiles until the compiler is content, or has an objection that is the cell's own.
    fn compile(
        &mut self,
        count: u64,
        code: &str,
        cell: &Cell,
        lost: &[String],
        client: &dyn Client,
    ) -> Result<Ready, Failure> {
        let mut plan = self.session.plan(count, code, cell);
        plan.loads.retain(|name| !lost.contains(name));
        let mut crates = self.crates(code, &mut plan, client)?;
        crates.arguments.extend(self.base()?);
        let flags = Flags {
            optimisation: self.optimisation.clone(),
            crates: crates.arguments,
            run_paths: crates.run_paths,
            folder: self.scratch.path().to_owned(),
        };
        let mut objection = None;
        for _ in 0..ATTEMPTS {
            let source = self.session.source(cell, &plan);
            self.number += 1;
            let compiled = compile::compile(&self.toolchain, &flags, &source, self.number, &|| client.is_interrupted());
            let errors = match compiled {
                Ok(Compiled::Library(library)) => return Ok(Ready { library, plan, source }),
                Ok(Compiled::Rejected(errors)) => errors,
                Err(compile::Error::Interrupted) => {
                    return Err(Failure::interrupted("The compiler was stopped; nothing has changed."));
                }
                Err(error) => return Err(Failure::plain("CompilerError", error.to_string())),
            };
            if give_way(&mut plan, &errors, &source) {
                continue;
            }
            // A value that cannot be shown is no reason not to run the cell.
            if plan.shows_tail && errors.iter().any(|error| is_about_showing(error, &source)) {
                plan.shows_tail = false;
                objection = Some(self.objection(cell, count, &errors, &source));
                continue;
            }
            return Err(objection.unwrap_or_else(|| self.objection(cell, count, &errors, &source)));
        }
        Err(Failure::plain(
            "CompilerError",
            "the compiler objected again and again to the code around the cell".to_owned(),
        ))
    }

    fn objection(&self, cell: &Cell, count: u64, errors: &[Message], source: &Source) -> Failure {
        // What generated lines object to follows from the cell's own errors, where there are any.
        let is_own = |error: &&Message| place(error, source, count).is_some();
        let begins_here = |error: &&Message| {
            is_own(error)
                && error
                    .spans
                    .iter()
                    .any(|span| span.is_primary && matches!(source.origin(span.line), Origin::Cell { .. }))
        };
        let mut own: Vec<&Message> = errors.iter().filter(begins_here).collect();
        if own.is_empty() {
            own = errors.iter().filter(is_own).collect();
        }
        if own.is_empty() {
            own = errors.iter().collect();
        }
        let placed = own.iter().filter_map(|error| place(error, source, count)).collect();
        let rendered = own.iter().map(|error| render(error, source, count)).collect();
        let first = own.first().copied().cloned().unwrap_or_default();
        Failure::compiler(&first, placed, rendered, cell)
    }

    fn crates(&mut self, code: &str, plan: &mut Plan, client: &dyn Client) -> Result<Crates, Failure> {
        let mut all = self.dependencies.crates().clone();
        let mut named = self.session.words();
        named.extend(words(code));
        named.extend(
            plan.loads
                .iter()
                .filter_map(|name| self.session.variables.get(name))
                .flat_map(|variable| words(&variable.kind)),
        );
        if wanted(&named, |name| self.dependencies.has(name)) {
            let ready =
                self.prelude.get(&self.toolchain, &self.folder, &mut progress(client), &|| client.is_interrupted());
            let ready = ready.map_err(package_failure)?;
            all.arguments.extend(ready.arguments);
            all.run_paths.extend(ready.run_paths);
            plan.has_prelude = true;
        }
        Ok(all)
    }

    fn base(&mut self) -> Result<[String; 2], Failure> {
        if self.base.is_none() {
            let base = compile::base(&self.toolchain, self.folder.path());
            self.base = Some(base.map_err(|error| Failure::plain("CompilerError", error.to_string()))?);
        }
        Ok(self.base.clone().unwrap_or_default())
    }

    fn add_dependencies(&mut self, added: Vec<Specification>, client: &dyn Client) -> Result<(), Failure> {
        let scratch = self.scratch.path().to_owned();
        let done =
            self.dependencies.add(&self.toolchain, &self.folder, &scratch, added, &mut progress(client), &|| {
                client.is_interrupted()
            });
        done.map_err(package_failure)
    }

    fn run_library(&mut self, library: &Library, client: &dyn Client) -> Result<Ended, Failure> {
        let failed =
            |error: std::io::Error| Failure::plain("KernelError", format!("the process that runs the cells: {error}"));
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.start_worker().map_err(failed)?,
        };
        let mut emit = |event| client.emit(event);
        let mut around = Around {
            emit: &mut emit,
            ask: &|prompt, password| client.ask(prompt, password),
            is_interrupted: &|| client.is_interrupted(),
        };
        let ended = worker.run(&library.path, &mut around).map_err(failed)?;
        if !matches!(ended, Ended::Interrupted { kept: false } | Ended::Died { kept: false, .. }) {
            self.worker = Some(worker);
        }
        Ok(ended)
    }

    fn start_worker(&self) -> std::io::Result<Worker> {
        Worker::start(self.scratch.path(), &self.environment)
    }

    /// What the cell leaves behind.
    fn conclude(&mut self, cell: &Cell, compiled: &Ready, ended: Ended, client: &dyn Client) -> Result<(), Failure> {
        match ended {
            Ended::Done { code, new, have, place } => {
                self.session = self.session.with_items(compiled.plan.count, cell);
                self.keep_variables(&new, &have, compiled, client);
                match code {
                    0 => Ok(()),
                    1 => Err(Failure::panic(compiled.source.locate(&place), compiled.plan.count)),
                    _ => Err(Failure::user_error()),
                }
            }
            Ended::Failed(reason) => Err(Failure::plain("LinkError", reason)),
            Ended::Interrupted { kept: true } => {
                Err(Failure::interrupted("The variables are as they were before this cell."))
            }
            Ended::Interrupted { kept: false } => Err(Failure::interrupted(&self.lose_variables("", client))),
            Ended::Died { reason, kept: true } => {
                Err(Failure::plain("Died", format!("{reason}\nThe variables are as they were before this cell.")))
            }
            Ended::Died { reason, kept: false } => {
                Err(Failure::plain("Died", format!("{reason}\n{}", self.lose_variables("", client))))
            }
        }
    }

    fn keep_variables(&mut self, new: &[String], have: &[String], compiled: &Ready, client: &dyn Client) {
        let mut unnamed = Vec::new();
        for binding in compiled.plan.keeps.iter().filter(|binding| new.contains(&binding.name)) {
            let name = &binding.name;
            let Some(kind) = compiled.library.kinds.get(name) else { continue };
            if let Some(obstacle) = Variable::obstacle(kind) {
                client.emit(Event::Stderr(format!("`{name}` was not kept for later cells: {obstacle}.\n")));
                self.session.variables.remove(name);
                unnamed.push(name.clone());
                continue;
            }
            self.session.variables.insert(name.clone(), Variable { kind: kind.clone(), mutable: binding.mutable });
        }
        self.session.variables.retain(|name, _| have.contains(name));
        if let Some(worker) = self.worker.as_mut().filter(|_| !unnamed.is_empty()) {
            worker.drop_variables(unnamed);
        }
    }

    /// Forgets all variables, and says which.
    fn lose_variables(&mut self, why: &str, client: &dyn Client) -> String {
        let names: Vec<String> = std::mem::take(&mut self.session.variables).into_keys().collect();
        let text = if names.is_empty() {
            "This session had no variables to lose.".to_owned()
        } else {
            format!(
                "The variables of this session were lost: {}. (A process with threads of its own, such as those of polars, cannot be copied before a cell.)",
                names.join(", ")
            )
        };
        if !why.is_empty() && !names.is_empty() {
            client.emit(Event::Stderr(format!("{why} {text}\n")));
        }
        text
    }
}

/// A folder for this session; those of kernels that were killed are removed.
fn scratch() -> std::io::Result<tempfile::TempDir> {
    const PREFIX: &str = "atelier-rust-";
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').find(|part| part.parse::<u32>().is_ok()));
        if owner.is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists()) {
            // Another user's stays.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir()
}

/// Changes the plan where the objection is about the code around the cell. Returns whether it did.
fn give_way(plan: &mut Plan, errors: &[Message], source: &Source) -> bool {
    let mut changed = false;
    for error in errors {
        let moved = matches!(error.code.as_deref(), Some("E0382" | "E0381"));
        let unknown = matches!(error.code.as_deref(), Some("E0425" | "E0423" | "E0532"));
        for origin in error.origins(source) {
            match origin {
                Origin::PutBack(name) if moved => changed |= plan.moved.insert(name.clone()),
                Origin::Keep(name) | Origin::TypeOf(name) if moved || unknown => {
                    let before = plan.keeps.len();
                    plan.keeps.retain(|binding| binding.name != *name);
                    changed |= plan.keeps.len() < before;
                }
                _ => {}
            }
        }
    }
    changed
}

fn is_about_showing(error: &Message, source: &Source) -> bool {
    let generated = error.spans.iter().any(|span| span.line > 0 && *source.origin(span.line) == Origin::Generated);
    generated || error.rendered.contains("__atelier") || error.rendered.contains("evcxr_display")
}

fn package_failure(error: PackageError) -> Failure {
    match error {
        PackageError::Interrupted => Failure::interrupted("Nothing has changed."),
        error => Failure::plain("DependencyError", error.to_string()),
    }
}

/// Steps appear on one line, each in place of the one before.
fn progress(client: &dyn Client) -> impl FnMut(&str) {
    move |step| client.emit(Event::Stderr(format!("\r\u{1b}[K{step} …\n")))
}

/// Hears nothing, asks nothing.
struct Silent<'a>(&'a dyn Client);

impl Client for Silent<'_> {
    fn emit(&self, _: Event) {}

    fn ask(&self, _: String, _: bool) -> Asked {
        Asked::Nobody
    }

    fn is_interrupted(&self) -> bool {
        self.0.is_interrupted()
    }
}
