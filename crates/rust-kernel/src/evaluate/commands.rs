//! The lines before the code: `:dep`, `:vars`, `!ls` and the like. Their names are evcxr's.

use super::{Client, Evaluator, Failure, package_failure, progress};
use crate::cell::parse;
use crate::packages::{Specification, prepare};
use crate::worker::Event;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command as Process, Stdio};

/// Name, and what it does.
pub const COMMANDS: &[(&str, &str)] = &[
    (":clear", "Forget all variables, functions and types"),
    (":dep", "Add a crate: `:dep serde = { version = \"1\", features = [\"derive\"] }`"),
    (":env", "Set an environment variable of the cells: `:env NAME=VALUE`"),
    (":help", "List these commands"),
    (":opt", "Set how much cells are optimised: 0 (fast to compile) to 3 (fast to run)"),
    (":prepare", "Compile polars, plotters and atelier now"),
    (":restart", "Restart the process that runs the cells, which loses the variables"),
    (":show_deps", "List the crates that were added"),
    (":timing", "Print how long each cell takes, or stop that"),
    (":type", "Print a variable's type"),
    (":vars", "List the variables and their types"),
    (":version", "Print the versions of this kernel and of the compiler"),
];

impl Evaluator {
    pub(super) fn run_commands(&mut self, code: &str, client: &dyn Client) -> Result<(), Failure> {
        let mut added = Vec::new();
        for command in parse(code).commands {
            if let Some(shell) = command.text.strip_prefix('!') {
                run_shell(shell, client)?;
                continue;
            }
            let (name, rest) = command.text.split_once(char::is_whitespace).unwrap_or((&command.text, ""));
            let at = |error: String| Failure::command(&command.text, command.line, error);
            if name == ":dep" {
                added.push(Specification::read(rest).map_err(|error| at(error.to_string()))?);
                continue;
            }
            let said = self
                .run_command(name, rest.trim(), client)?
                .ok_or_else(|| at(format!("there is no command `{name}`; `:help` lists them")))?;
            if !said.is_empty() {
                client.emit(Event::Stdout(format!("{}\n", said.trim_end())));
            }
        }
        if added.is_empty() { Ok(()) } else { self.add_dependencies(added, client) }
    }

    /// What the command says; `None` where there is no such command.
    fn run_command(&mut self, name: &str, rest: &str, client: &dyn Client) -> Result<Option<String>, Failure> {
        let said = match name {
            ":help" => COMMANDS.iter().map(|(name, what)| format!("{name:<12} {what}\n")).collect(),
            ":vars" => {
                self.session.variables.iter().map(|(name, variable)| format!("{name}: {}\n", variable.kind)).collect()
            }
            ":type" | ":t" => match self.session.variables.get(rest) {
                Some(variable) => format!("{rest}: {}", variable.kind),
                None => return Err(Failure::plain("NoSuchVariable", format!("there is no variable `{rest}`"))),
            },
            ":opt" => {
                self.optimisation = match rest {
                    "0" | "1" | "2" | "3" => rest.to_owned(),
                    "" => if self.optimisation == "0" { "2" } else { "0" }.to_owned(),
                    _ => return Err(Failure::plain("BadCommand", format!("`:opt` takes 0, 1, 2 or 3, not `{rest}`"))),
                };
                format!("optimisation: {}", self.optimisation)
            }
            ":timing" => {
                self.times = !self.times;
                format!("timing: {}", if self.times { "on" } else { "off" })
            }
            ":clear" => {
                self.session = Default::default();
                self.dependencies.clear();
                self.worker = None;
                String::new()
            }
            ":restart" => {
                self.worker = None;
                self.lose_variables("", client)
            }
            ":show_deps" => self.dependencies.listing(),
            ":env" => match rest.split_once('=') {
                Some((name, value)) => {
                    self.environment.push((name.trim().to_owned(), value.trim().to_owned()));
                    format!("{rest} (after `:restart`)")
                }
                None => return Err(Failure::plain("BadCommand", "`:env` takes NAME=VALUE".to_owned())),
            },
            ":version" => format!("Atelier {}\n{}", env!("CARGO_PKG_VERSION"), self.toolchain.version),
            ":prepare" => {
                prepare(&self.toolchain, &self.folder, &mut progress(client), &|| client.is_interrupted())
                    .map_err(package_failure)?;
                "polars, plotters and atelier are ready".to_owned()
            }
            _ => return Ok(None),
        };
        Ok(Some(said))
    }

    /// The studio asks for these as expressions, beside no cell at all.
    pub fn ask(&mut self, expression: &str, client: &dyn Client) -> Result<(&'static str, Value), Failure> {
        if expression == ":variables" {
            return Ok(("application/json", self.variables()));
        }
        if let Some(desk) = expression.strip_prefix(":enter ") {
            self.enter(desk)?;
            return Ok(("text/plain", Value::String(String::new())));
        }
        if let Some(name) = expression.strip_prefix(":put ") {
            self.put(name.trim(), client)?;
            return Ok(("text/plain", Value::String(name.trim().to_owned())));
        }
        Err(Failure::plain("Unsupported", "expressions of Rust are cells: they are compiled".to_owned()))
    }
}

impl Failure {
    fn command(text: &str, line: usize, error: String) -> Self {
        let mut failure = Self::plain("BadCommand", error.clone());
        failure.diagnostics = vec![crate::compile::Diagnostic {
            line: line + 1,
            column: 1,
            end_line: line + 1,
            end_column: text.chars().count() + 1,
            level: "error".to_owned(),
            message: error,
            code: None,
        }];
        failure
    }
}

fn run_shell(line: &str, client: &dyn Client) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::plain("ShellError", error.to_string());
    let mut command = Process::new("sh");
    command.arg("-c").arg(format!("exec 2>&1; {line}")).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let (sender, lines) = std::sync::mpsc::channel();
    let out = child.stdout.take();
    std::thread::spawn(move || {
        let lines = out.into_iter().flat_map(|out| BufReader::new(out).split(b'\n'));
        lines.map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    loop {
        match lines.recv_timeout(std::time::Duration::from_millis(50)) {
            Ok(line) => client.emit(Event::Stdout(format!("{}\n", String::from_utf8_lossy(&line)))),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) if client.is_interrupted() => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Failure::interrupted("The command was stopped."));
            }
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
        }
    }
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(()) } else { Err(Failure::plain("ShellError", format!("`{line}` ended with {status}"))) }
}
