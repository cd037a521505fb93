//! A bounded process: so much time, so much memory, ended when nobody wants its result any more.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Of what a process says, this many lines are kept from the start and from the end, of at most this many bytes each.
const KEPT: (usize, usize) = (20, 2000);
/// How long to wait for the last of it.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// `None` is no bound.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub time: Duration,
    pub memory_bytes: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    Done,
    /// With another code than 0.
    Failed,
    Killed(i32),
    OutOfTime,
    Cancelled,
}

/// How it ended, and what it said first and last.
pub struct Outcome {
    pub ended: Ended,
    pub said: String,
}

/// Runs a program to its end. Its standard input is a pipe that ends with this process, for the program to notice.
///
/// The memory bound is on what the process asks for to write into (`RLIMIT_DATA`), set by the shell that becomes the
/// program: threads reserve far more address space than they use, so a bound on that would say little.
pub fn run(
    program: &Path,
    arguments: &[&Path],
    folder: &Path,
    limits: Limits,
    is_cancelled: &dyn Fn() -> bool,
) -> std::io::Result<Outcome> {
    let kib = limits.memory_bytes.map_or_else(|| "unlimited".to_owned(), |bytes| (bytes >> 10).to_string());
    let mut child = Command::new("/bin/sh")
        .args([
            "-c",
            r#"[ "$1" = unlimited ] || ulimit -d "$1" 2>/dev/null; shift; exec "$@""#,
            "atelier-function",
            &kib,
        ])
        .arg(program)
        .args(arguments)
        .env_remove("PYTHONHOME")
        .env_remove("PYTHONPATH")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let group = Pid::from_raw(child.id().cast_signed());
    let (said, heard) = mpsc::channel();
    for pipe in [child.stdout.take().map(boxed), child.stderr.take().map(boxed)].into_iter().flatten() {
        listen(pipe, said.clone());
    }
    drop(said);
    let started = Instant::now();
    let mut pause = Duration::from_millis(2);
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break match (status.success(), status.signal()) {
                (true, _) => Ended::Done,
                (_, Some(signal)) => Ended::Killed(signal),
                (_, None) => Ended::Failed,
            };
        }
        if is_cancelled() {
            break Ended::Cancelled;
        }
        if started.elapsed() > limits.time {
            break Ended::OutOfTime;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(40));
    };
    // Whatever it started goes with it. No such group: all of it is gone already.
    let _ = killpg(group, Signal::SIGKILL);
    child.wait()?;
    Ok(Outcome { ended, said: last_words(&heard) })
}

fn boxed(pipe: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(pipe)
}

/// Sends lines until nobody can write any more, and empties the pipe whoever listens.
fn listen(pipe: Box<dyn Read + Send>, said: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        let mut kept = VecDeque::new();
        let mut first = 0;
        while reader.by_ref().take(1 << 20).read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line[..line.len().min(KEPT.1)]).trim_end().to_owned();
            line.clear();
            first += 1;
            if first <= KEPT.0 {
                let _ = said.send(text);
                continue;
            }
            kept.push_back(text);
            if kept.len() > KEPT.0 {
                kept.pop_front();
            }
        }
        kept.into_iter().for_each(|line| drop(said.send(line)));
    });
}

fn last_words(heard: &mpsc::Receiver<String>) -> String {
    let until = Instant::now() + LAST_WORDS;
    let mut lines = Vec::new();
    // A process that left the group may hold a pipe open for ever.
    while let Ok(line) = heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn sh(code: &str, limits: Limits, is_cancelled: &dyn Fn() -> bool) -> Outcome {
        let folder = std::env::temp_dir();
        run(Path::new("/bin/sh"), &[Path::new("-c"), Path::new(code)], &folder, limits, is_cancelled).unwrap()
    }

    const LONG: Limits = Limits { time: Duration::from_secs(600), memory_bytes: None };

    #[test]
    fn how_a_process_ends() {
        let check = |code: &str, ended: Ended, said: &str| {
            let outcome = sh(code, LONG, &|| false);
            assert_eq!((outcome.ended, outcome.said.as_str()), (ended, said), "{code}");
        };
        check("echo a", Ended::Done, "a");
        check("echo b >&2", Ended::Done, "b");
        check("echo a; exit 3", Ended::Failed, "a");
        check("kill -9 $$", Ended::Killed(9), "");
        check("ulimit -d", Ended::Done, "unlimited");
        let bounded = Limits { memory_bytes: Some(1 << 30), ..LONG };
        assert_eq!(sh("ulimit -d", bounded, &|| false).said, (1 << 20).to_string());
    }

    #[test]
    fn what_is_not_wanted_ends() {
        let asked = Cell::new(0);
        let outcome = sh("sleep 600 & sleep 600", LONG, &|| asked.replace(asked.get() + 1) > 2);
        assert_eq!(outcome.ended, Ended::Cancelled);
        let short = Limits { time: Duration::ZERO, ..LONG };
        assert_eq!(sh("sleep 600", short, &|| false).ended, Ended::OutOfTime);
    }
}
