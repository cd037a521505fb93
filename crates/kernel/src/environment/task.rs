//! Running programs that take a while: line by line, and stoppable.

use crate::KernelError;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use parking_lot::Mutex;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const TAIL_LINES: usize = 12;

/// Stops what runs under it, and all that would be started afterwards.
#[derive(Debug, Default)]
pub struct Stop {
    state: Mutex<State>,
    /// Programs get a process group of their own, which ends as a whole. Not in a terminal, whose Ctrl+C shall reach
    /// them.
    is_task: bool,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    child: Option<Pid>,
}

impl Stop {
    /// For what the backend does in the background.
    pub fn of_task() -> Self {
        Stop { is_task: true, ..Stop::default() }
    }

    pub fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        if let Some(child) = state.child {
            // No such process: it ended in this moment, which is what was asked for.
            let _ = if self.is_task { killpg(child, Signal::SIGTERM) } else { kill(child, Signal::SIGTERM) };
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.state.lock().stopped
    }

    pub fn check(&self) -> Result<(), KernelError> {
        if self.is_stopped() { Err(KernelError::Environment("it was stopped".to_owned())) } else { Ok(()) }
    }
}

/// Runs a program to its end, passing each line that it prints to `progress`. An error holds its last lines.
pub fn run(command: &mut Command, stop: &Stop, progress: &dyn Fn(&str)) -> Result<(), KernelError> {
    let program = PathBuf::from(command.get_program());
    let (reader, writer) = std::io::pipe().map_err(KernelError::io("making a pipe"))?;
    let other = writer.try_clone().map_err(KernelError::io("making a pipe"))?;
    command.stdin(Stdio::null()).stdout(writer).stderr(other);
    if stop.is_task {
        command.process_group(0);
    }
    let mut child = {
        let mut state = stop.state.lock();
        if state.stopped {
            return Err(KernelError::Environment("it was stopped".to_owned()));
        }
        let child = command.spawn().map_err(|error| KernelError::Run(program.clone(), error.to_string()))?;
        state.child = i32::try_from(child.id()).ok().map(Pid::from_raw);
        child
    };
    // The command keeps its ends of the pipe until it is given others, and the pipe would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut tail: Vec<String> = Vec::new();
    for line in BufReader::new(reader).split(b'\n') {
        let Ok(line) = line else { break };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            continue;
        }
        progress(&line);
        tail.push(line);
        if tail.len() > TAIL_LINES {
            tail.remove(0);
        }
    }
    let status = child.wait();
    stop.state.lock().child = None;
    let status = status.map_err(|error| KernelError::Run(program.clone(), error.to_string()))?;
    stop.check()?;
    if status.success() {
        return Ok(());
    }
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    Err(KernelError::Environment(format!("{name} ended with {status}\n{}", tail.join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_program_is_named_with_its_last_words() {
        let error =
            run(Command::new("sh").args(["-c", "echo first; echo last >&2; exit 3"]), &Stop::default(), &|_| ())
                .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh ended with exit status: 3\nfirst\nlast"), "{text}");
    }

    #[test]
    fn a_stop_ends_what_runs_and_what_would_run() {
        let stop = Stop::of_task();
        let script = "trap 'exit 0' TERM; echo ready; while true; do sleep 1 & wait; done";
        let error = run(Command::new("sh").args(["-c", script]), &stop, &|line| {
            assert_eq!(line, "ready");
            stop.stop();
        });
        assert!(error.unwrap_err().to_string().contains("stopped"));
        assert!(run(&mut Command::new("true"), &stop, &|_| ()).is_err());
    }
}
