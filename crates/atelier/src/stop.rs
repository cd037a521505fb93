//! `atelier stop`.

use crate::cli::StopArgs;
use crate::home::Home;
use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long a backend may take: requests that run get 10 s, kernels a few more.
const LIMIT: Duration = Duration::from_secs(30);

/// Asks the backend to end and waits until it has. Its lock is held, so the process it names is alive and it.
pub async fn run(args: StopArgs) -> anyhow::Result<ExitCode> {
    let home = Home::find(args.home.home)?;
    let running = home.running()?;
    let pid = i32::try_from(running.pid).context("backend.json names no process")?;
    kill(Pid::from_raw(pid), Signal::SIGTERM).with_context(|| format!("process {pid} cannot be asked to end"))?;
    let asked = Instant::now();
    while home.is_held() {
        if asked.elapsed() > LIMIT {
            bail!("process {pid} was asked to end and has not within {} s", LIMIT.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(ExitCode::SUCCESS)
}
