//! The supervisor: a small process of its own session that runs a job's command to its end, whatever becomes of the
//! backend, and leaves a report. It keeps the time limit, stops the command when asked, and writes its log.

use crate::namespace::{Isolation, Plan};
use crate::pump::{self, Merged};
use crate::run_dir::{Claim, Report, Run, RunDir};
use crate::state::Cause;
use crate::{JobError, crash, process};
use atelier_store::{StoreError, now_ms};
use nix::libc;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// Runs the job of a run directory; returns the exit code of the supervisor, not of the job.
///
/// To be called early in a process of one thread: `atelier job-runner RUN_DIR`.
pub fn main(run_dir: &Path) -> i32 {
    // From now on a stop waits until it is asked for.
    let signals = block_signals();
    match supervise(&RunDir::new(run_dir.to_owned()), &signals) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}

fn supervise(dir: &RunDir, signals: &libc::sigset_t) -> Result<(), JobError> {
    let failed = |error| JobError::io(dir.path(), error);
    let lock = File::options().create(true).truncate(false).write(true).open(dir.lock()).map_err(failed)?;
    if lock.try_lock().is_err() || dir.claim()?.is_some() {
        // Another supervisor runs or has run this job: a command never runs twice.
        eprintln!("the job has a supervisor already");
        return Ok(());
    }
    dir.write_claim(&Claim { process: process::Identity::of_this_process() })?;
    crash::point("supervisor:after-claim");
    let run = dir.run()?.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    // Orphans of the command come to this process, which ends them with it.
    // SAFETY: numbers only.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
    let started_ms = now_ms();
    let report = match Hosts::start(dir, &run) {
        Ok(hosts) => {
            crash::point("supervisor:after-spawn");
            let (code, cause) = hosts.wait(&run, signals);
            Report { started_ms, ended_ms: now_ms(), code, cause, failure: None }
        }
        Err(reason) => Report { started_ms, ended_ms: now_ms(), code: 127, cause: Cause::Own, failure: Some(reason) },
    };
    crash::point("supervisor:after-exit");
    report_when_possible(dir, &report)?;
    crash::point("supervisor:after-report");
    Ok(())
}

/// A job that filled the disk has ended nonetheless; its report waits for room.
fn report_when_possible(dir: &RunDir, report: &Report) -> Result<(), JobError> {
    loop {
        match dir.write_report(report) {
            Err(JobError::Store(StoreError::DiskFull { path })) => {
                eprintln!("the disk of {} is full: the report waits", path.display());
                std::thread::park_timeout(Duration::from_secs(1));
            }
            other => return other,
        }
    }
}

/// The job's processes, `algo-1` to `algo-n`.
struct Hosts {
    children: Vec<Child>,
    pumps: mpsc::Receiver<()>,
}

impl Hosts {
    fn start(dir: &RunDir, run: &Run) -> Result<Self, String> {
        let merged: Merged = match run.hosts.len() {
            1 => None,
            _ => Some(Arc::new(Mutex::new(append(&dir.merged_log(true)).map_err(|error| error.to_string())?))),
        };
        let (done, pumps) = mpsc::channel();
        let mut hosts = Self { children: Vec::new(), pumps };
        for (index, host) in run.hosts.iter().enumerate() {
            match start(dir, run, index, host, &merged, done.clone()) {
                Ok(child) => hosts.children.push(child),
                Err(reason) => {
                    hosts.signal(libc::SIGKILL);
                    return Err(reason);
                }
            }
        }
        Ok(hosts)
    }

    fn signal(&self, signal: i32) {
        for child in &self.children {
            process::kill(-(child.id() as i32), signal);
        }
    }

    /// Waits for the end of all hosts: the exit code of the first that failed, and why they ended.
    fn wait(self, run: &Run, signals: &libc::sigset_t) -> (i32, Cause) {
        let mut left: Vec<i32> = self.children.iter().map(|child| child.id() as i32).collect();
        let started = Instant::now();
        let limit = (run.max_runtime_s > 0).then(|| started + Duration::from_secs(run.max_runtime_s));
        let (mut code, mut cause) = (0, Cause::Own);
        let mut kill_at = None::<Instant>;
        loop {
            while let Some((pid, status)) = reap() {
                let was_host = left.contains(&pid);
                left.retain(|&other| other != pid);
                if was_host && status != 0 && code == 0 {
                    code = status;
                    // A job of several hosts fails as a whole.
                    self.signal(libc::SIGKILL);
                }
            }
            if left.is_empty() {
                break;
            }
            let now = Instant::now();
            let due = match kill_at {
                Some(at) if now >= at => {
                    self.signal(libc::SIGKILL);
                    now + Duration::from_secs(3600)
                }
                Some(at) => at,
                None => match limit {
                    Some(at) if now >= at => {
                        cause = Cause::TimedOut;
                        kill_at = Some(self.stop(run));
                        continue;
                    }
                    Some(at) => at,
                    None => now + Duration::from_secs(3600),
                },
            };
            if next_signal(signals, due.saturating_duration_since(now)) == Some(libc::SIGTERM) && kill_at.is_none() {
                cause = Cause::Stopped;
                kill_at = Some(self.stop(run));
            }
        }
        end_orphans(signals);
        // With every writer gone the pumps come to their end by themselves.
        for _ in 0..self.children.len() {
            if self.pumps.recv_timeout(Duration::from_secs(5)).is_err() {
                eprintln!("some output was not logged");
                break;
            }
        }
        (code, cause)
    }

    /// Asks the hosts to end; returns when patience ends.
    fn stop(&self, run: &Run) -> Instant {
        self.signal(libc::SIGTERM);
        Instant::now() + Duration::from_secs(run.stop_grace_s)
    }
}

fn start(
    dir: &RunDir,
    run: &Run,
    index: usize,
    host: &str,
    merged: &Merged,
    done: mpsc::Sender<()>,
) -> Result<Child, String> {
    let program = run.command.first().ok_or("ClientError: the job has no command")?;
    let mut log = append(&dir.log(host)).map_err(|error| error.to_string())?;
    for &isolation in Isolation::candidates() {
        let (mut ready, ready_in_child) = io::pipe().map_err(|error| error.to_string())?;
        let (output, output_in_child) = io::pipe().map_err(|error| error.to_string())?;
        let spawned = command(dir, run, index, host, isolation, ready_in_child.as_raw_fd())
            .and_then(|mut command| command.stdout(output_in_child.try_clone()?).stderr(output_in_child).spawn());
        drop(ready_in_child);
        match spawned {
            Ok(child) => {
                let (host, merged) = (host.to_owned(), merged.clone());
                std::thread::spawn(move || {
                    if let Err(error) = pump::pump(output, &host, &mut log, &merged) {
                        eprintln!("the log of {host} is incomplete: {error}");
                    }
                    let _ = done.send(());
                });
                return Ok(child);
            }
            Err(error) => {
                let entered = ready.read(&mut [0]).is_ok_and(|count| count > 0);
                if entered {
                    return Err(format!("ClientError: the program {program} cannot be started: {error}"));
                }
                eprintln!("{isolation:?} is not possible here: {error}");
            }
        }
    }
    Err("InternalServerError: no way to show the job its /opt/ml".into())
}

fn command(dir: &RunDir, run: &Run, index: usize, host: &str, isolation: Isolation, ready: i32) -> io::Result<Command> {
    let opt_ml = dir.opt_ml(host);
    let base = opt_ml.to_string_lossy();
    let place = |text: &str| match isolation {
        Isolation::BaseDir => rebase(text, &base),
        _ => text.to_owned(),
    };
    let mut command = Command::new(place(&run.command[0]));
    command.args(run.command[1..].iter().map(|argument| place(argument)));
    for (name, _) in std::env::vars_os() {
        if is_own(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command.envs(run.env.iter().map(|(name, value)| (name, place(value))));
    if isolation == Isolation::BaseDir {
        command.env("SAGEMAKER_BASE_DIR", &opt_ml);
    }
    let hosts_file = (run.hosts.len() > 1).then(|| hosts_file(dir, run, index)).transpose()?;
    let plan = Plan::new(isolation, &opt_ml, hosts_file, ready)?;
    command.stdin(Stdio::null()).process_group(0);
    // SAFETY: between fork and exec of a process whose other threads only move bytes, the plan makes system calls.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            let mut none = std::mem::zeroed();
            libc::sigemptyset(&mut none);
            libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
            plan.enter()
        });
    }
    Ok(command)
}

/// Variables of the backend that mean something else to a job, or nothing good.
fn is_own(name: &str) -> bool {
    ["AWS_", "ATELIER_", "SAGEMAKER_", "SM_", "PYTHON", "VIRTUAL_ENV", "LD_PRELOAD", "RUST_"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Puts the real directory in the place of `/opt/ml` wherever that is a whole path or the start of one.
fn rebase(text: &str, base: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("/opt/ml") {
        let end = at + "/opt/ml".len();
        let starts = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        let ends = !rest[end..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
        result.push_str(&rest[..at]);
        result.push_str(if starts && ends { base } else { "/opt/ml" });
        rest = &rest[end..];
    }
    result + rest
}

/// `/etc/hosts` as the hosts of this job see it: every name has a loopback address of its own.
fn hosts_file(dir: &RunDir, run: &Run, index: usize) -> io::Result<std::path::PathBuf> {
    let mut text = fs::read_to_string("/etc/hosts").unwrap_or_default();
    for (number, host) in run.hosts.iter().enumerate() {
        text.push_str(&format!("\n127.0.1.{} {host}", number + 1));
    }
    text.push('\n');
    let path = dir.path().join(format!("hosts-{}", index + 1));
    fs::write(&path, text)?;
    Ok(path)
}

fn append(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    File::options().create(true).append(true).open(path)
}

fn block_signals() -> libc::sigset_t {
    // SAFETY: the set is initialised by sigemptyset before it is used.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGTERM);
        libc::sigaddset(&mut set, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        set
    }
}

fn next_signal(signals: &libc::sigset_t, timeout: Duration) -> Option<i32> {
    let timeout = libc::timespec { tv_sec: timeout.as_secs() as libc::time_t, tv_nsec: timeout.subsec_nanos().into() };
    // SAFETY: set and time live through the call; no information about the signal is asked for.
    let signal = unsafe { libc::sigtimedwait(signals, std::ptr::null_mut(), &timeout) };
    (signal > 0).then_some(signal)
}

/// The next child that has ended: its pid and its exit code, 128 + n for signal n.
fn reap() -> Option<(i32, i32)> {
    let mut status = 0;
    // SAFETY: writes the status.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    if pid <= 0 {
        return None;
    }
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    Some((pid, code))
}

/// Ends what the command left behind; its children become ours one generation after the other.
fn end_orphans(signals: &libc::sigset_t) {
    loop {
        let orphans = process::children(std::process::id() as i32);
        if orphans.is_empty() {
            return;
        }
        for orphan in orphans {
            process::kill(orphan, libc::SIGKILL);
        }
        next_signal(signals, Duration::from_millis(100));
        while reap().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rebased_paths() {
        let check = |text: &str, expected: &str| assert_eq!(rebase(text, "/run/1"), expected);
        check("/opt/ml", "/run/1");
        check("/opt/ml/input/data", "/run/1/input/data");
        check("cp /opt/ml/a /opt/ml/b", "cp /run/1/a /run/1/b");
        check("/opt/mlflow", "/opt/mlflow");
        check("/my/opt/ml/x", "/my/opt/ml/x");
    }
}
