//! Functions that a person wrote as steps of a recipe, each run once over a table in a process of its own: Python in the
//! project's environment, Rust against the crates of Rust cells. A table comes and goes as an Arrow file.

mod process;

use crate::environment::{self, Found};
use crate::kernelspec;
use parking_lot::Mutex;
use process::{Ended, Limits, Outcome};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DRIVER: &str = include_str!("../../../../assets/python/run_function.py");
/// A function that takes longer belongs into a job.
const TIME: Duration = Duration::from_secs(600);
/// The compiler may have to compile polars first, once per machine.
const COMPILE_TIME: Duration = Duration::from_secs(3600);
/// Compiled functions that are kept.
const MAX_PROGRAMS: usize = 16;

/// Runs functions. All its methods block.
pub struct Functions {
    workspace: PathBuf,
    envs_dir: PathBuf,
    limits: Limits,
    /// By their code: programs that were compiled.
    programs: Mutex<Vec<(String, tempfile::TempDir)>>,
}

/// What a function's process writes when it fails.
#[derive(Deserialize)]
struct Failure {
    kind: String,
    text: String,
    line: Option<usize>,
}

impl Functions {
    /// Functions may import the modules of `workspace`, and run on its project's environment where that has polars, else
    /// on the bundled one. They get half of the machine's memory, at least 1 GiB.
    pub fn new(workspace: impl Into<PathBuf>, envs_dir: impl Into<PathBuf>) -> Functions {
        let total = std::fs::read_to_string("/proc/meminfo")
            .ok()
            .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
        let memory_bytes = total.map(|kib| (kib / 2 * 1024).max(1 << 30));
        Functions {
            workspace: workspace.into(),
            envs_dir: envs_dir.into(),
            limits: Limits { time: TIME, memory_bytes },
            programs: Mutex::default(),
        }
    }

    /// With other bounds.
    pub fn with_limits(mut self, time: Duration, memory_bytes: u64) -> Functions {
        self.limits = Limits { time, memory_bytes: Some(memory_bytes) };
        self
    }

    /// Gives the Arrow file `input` to the `transform` of Python code; see `assets/python/run_function.py`.
    pub fn run_python(
        &self,
        code: &str,
        input: &Path,
        output: &Path,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let python = self.python()?;
        let folder = folder()?;
        let (driver, source, error) = (
            folder.path().join("run_function.py"),
            folder.path().join("function.py"),
            folder.path().join("error.json"),
        );
        write(&driver, DRIVER)?;
        write(&source, code)?;
        let outcome = process::run(
            &python,
            &[&driver, &source, input, output, &error],
            &self.workspace,
            self.limits,
            is_cancelled,
        );
        let outcome = outcome.map_err(|problem| format!("{} could not be started: {problem}", python.display()))?;
        if outcome.ended == Ended::Failed
            && let Some(failure) =
                std::fs::read(&error).ok().and_then(|bytes| serde_json::from_slice::<Failure>(&bytes).ok())
        {
            return Err(self.said(failure, code));
        }
        self.judge(outcome)
    }

    /// The same for Rust code; it is compiled first, once.
    pub fn run_rust(
        &self,
        code: &str,
        input: &Path,
        output: &Path,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        let program = self.program(code, is_cancelled)?;
        let outcome = process::run(&program, &[input, output], &self.workspace, self.limits, is_cancelled);
        let outcome = outcome.map_err(|problem| format!("the function could not be started: {problem}"))?;
        match panicked(&outcome.said) {
            Some(failure) if outcome.ended == Ended::Failed => Err(self.said(failure, code)),
            _ => self.judge(outcome),
        }
    }

    fn program(&self, code: &str, is_cancelled: &dyn Fn() -> bool) -> Result<PathBuf, String> {
        let place = |folder: &tempfile::TempDir| folder.path().join("function");
        if let Some((_, folder)) = self.programs.lock().iter().find(|(its, _)| its == code) {
            return Ok(place(folder));
        }
        let kernel = kernelspec::rust_program().ok_or("the program atelier-rust-kernel is not beside this one")?;
        let folder = folder()?;
        let (source, program) = (folder.path().join("function.rs"), place(&folder));
        write(&source, code)?;
        let limits = Limits { time: COMPILE_TIME, memory_bytes: None };
        let outcome = process::run(
            &kernel,
            &[Path::new("--compile-function"), &source, Path::new("--to"), &program],
            folder.path(),
            limits,
            is_cancelled,
        );
        let outcome = outcome.map_err(|problem| format!("{} could not be started: {problem}", kernel.display()))?;
        if outcome.ended == Ended::Failed {
            let first = outcome.said.lines().find_map(|line| serde_json::from_str::<Failure>(line).ok());
            return Err(first.map_or_else(|| outcome.said.clone(), |failure| self.said(failure, code)));
        }
        self.judge(outcome)?;
        let mut programs = self.programs.lock();
        if programs.len() >= MAX_PROGRAMS {
            programs.remove(0);
        }
        programs.push((code.to_owned(), folder));
        Ok(program)
    }

    /// A failure with its line: `line 2, "x = 1 / 0": ZeroDivisionError: division by zero`.
    fn said(&self, failure: Failure, code: &str) -> String {
        if failure.kind == "MemoryError" {
            return self.too_large();
        }
        let what = if failure.kind.is_empty() { failure.text } else { format!("{}: {}", failure.kind, failure.text) };
        match failure.line.and_then(|line| Some((line, code.lines().nth(line.checked_sub(1)?)?.trim()))) {
            Some((line, text)) => format!("line {line}, `{}`: {what}", text.chars().take(80).collect::<String>()),
            None => what,
        }
    }

    fn judge(&self, outcome: Outcome) -> Result<(), String> {
        let no_memory = outcome.said.contains("memory allocation of")
            || outcome.said.contains("MemoryError")
            || outcome.said.contains("bad_alloc");
        match outcome.ended {
            Ended::Done => Ok(()),
            Ended::Cancelled => Err("it was cancelled".to_owned()),
            Ended::OutOfTime => Err(format!(
                "the function took longer than {} and was ended: work on fewer rows, or run it as a job",
                words(self.limits.time)
            )),
            _ if no_memory => Err(self.too_large()),
            Ended::Killed(9) => {
                Err("the system ended the function, most likely for want of memory: work on fewer rows or columns"
                    .to_owned())
            }
            Ended::Killed(signal) => {
                Err(format!("the function's process ended by signal {signal}. {}", outcome.said).trim().to_owned())
            }
            Ended::Failed => Err(format!("the function's process failed. {}", outcome.said).trim().to_owned()),
        }
    }

    fn too_large(&self) -> String {
        let gigabytes = self.limits.memory_bytes.unwrap_or_default() as f64 / (1 << 30) as f64;
        format!(
            "the function needs more than the {gigabytes:.1} GiB of memory that it may take: work on fewer rows or columns"
        )
    }

    /// The project's Python where it has polars, else the bundled one, else any that has.
    fn python(&self) -> Result<PathBuf, String> {
        let has_polars = |found: &Found| {
            found.is_ready
                && environment::package_folders(&found.dir).iter().any(|folder| folder.join("polars").is_dir())
        };
        if let Some(own) = environment::of_folder(&self.workspace, &self.envs_dir).filter(has_polars) {
            return Ok(own.python);
        }
        if let Some(bundled) = environment::find(&self.envs_dir) {
            return Ok(bundled.python);
        }
        let all = environment::found(&self.workspace, &self.envs_dir);
        let any = all.into_iter().find(has_polars).map(|found| found.python);
        any.ok_or_else(|| {
            "there is no Python with polars yet: run `atelier prepare`, or start a Python notebook once".to_owned()
        })
    }
}

fn words(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

fn folder() -> Result<tempfile::TempDir, String> {
    tempfile::Builder::new()
        .prefix("atelier-function-")
        .tempdir()
        .map_err(|problem| format!("no temporary folder: {problem}"))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|problem| format!("{} could not be written: {problem}", path.display()))
}

/// What a Rust function said when it panicked or returned an error.
fn panicked(said: &str) -> Option<Failure> {
    let mut lines = said.lines().skip_while(|line| !line.contains("panicked at ") && !line.starts_with("Error: "));
    let first = lines.next()?;
    if let Some(error) = first.strip_prefix("Error: ") {
        return Some(Failure { kind: String::new(), text: error.to_owned(), line: None });
    }
    let place = first.split("panicked at ").nth(1)?;
    let line = place.split_once("function.rs:").and_then(|(_, rest)| rest.split(':').next()?.parse().ok());
    let text: Vec<&str> = lines.take_while(|line| !line.starts_with("note: ")).collect();
    Some(Failure { kind: "panic".to_owned(), text: text.join("\n"), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What module-level code does needs no table.
    #[test]
    fn python_says_what_is_wrong_and_where() {
        let envs = crate::environment::default_dir();
        crate::environment::ensure(&envs, &|line| println!("{line}")).unwrap();
        let workspace = tempfile::tempdir().unwrap();
        let functions = Functions::new(workspace.path(), envs).with_limits(Duration::from_secs(600), 2 << 30);
        let check = |code: &str, wanted: &str| {
            let nowhere = workspace.path().join("none.arrow");
            let error = functions.run_python(code, &nowhere, &nowhere, &|| false).unwrap_err();
            assert_eq!(error, wanted, "{code}");
        };
        check("x = 1\ny = x / 0\n", "line 2, `y = x / 0`: ZeroDivisionError: division by zero");
        check("def transform(df)\n    return df", "line 1, `def transform(df)`: SyntaxError: expected ':'");
        check("import sys\nsys.exit('done')", "line 2, `sys.exit('done')`: SystemExit: done");
        check(
            "print('x')",
            "TypeError: the code defines no function `transform`: write `def transform(df: pl.DataFrame) -> pl.DataFrame:`",
        );
        check(
            "x = bytearray(3 << 30)",
            "the function needs more than the 2.0 GiB of memory that it may take: work on fewer rows or columns",
        );
        check("import pl_nonsense", "line 1, `import pl_nonsense`: ModuleNotFoundError: No module named 'pl_nonsense'");
        std::fs::write(workspace.path().join("own.py"), "def f():\n    raise ValueError('mine')\n").unwrap();
        check("import own\n\nown.f()", "line 3, `own.f()`: ValueError: mine");
        let cancelled = functions.run_python("while True: pass", workspace.path(), workspace.path(), &|| true);
        assert_eq!(cancelled.unwrap_err(), "it was cancelled");
        let hasty =
            Functions::new(workspace.path(), crate::environment::default_dir()).with_limits(Duration::ZERO, 2 << 30);
        let late = hasty.run_python("while True: pass", workspace.path(), workspace.path(), &|| false).unwrap_err();
        assert!(late.starts_with("the function took longer than 0 s"), "{late}");
    }

    #[test]
    fn panics_have_their_line() {
        let failure = panicked(
            "x\nthread 'main' (7) panicked at function.rs:3:9:\nindex out of bounds\nnote: run with RUST_BACKTRACE",
        )
        .unwrap();
        assert_eq!((failure.line, failure.text.as_str()), (Some(3), "index out of bounds"));
        let functions = Functions::new("/", "/");
        assert_eq!(functions.said(failure, "a\nb\n  c[9]"), "line 3, `c[9]`: panic: index out of bounds");
        assert_eq!(functions.said(panicked("Error: no column x").unwrap(), ""), "no column x");
        assert!(panicked("all is well").is_none());
    }
}
