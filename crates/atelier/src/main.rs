//! The command line: `atelier serve | run NOTEBOOK | notebook ... | env | stop`, and the supervisor of jobs.

mod backend;
mod cli;
mod data;
mod environment;
mod exit;
mod home;
mod notebook;
mod prepare;
mod run;
mod serve;
mod stop;

use clap::Parser as _;
use cli::{Cli, Command};
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // The supervisor forks and enters namespaces, which a process with threads must not.
    if let Command::JobRunner { run_dir } = &command {
        return job_runner(run_dir);
    }
    // Between a notebook's results only what went wrong has a place.
    trace(if matches!(command, Command::Run(_) | Command::Notebook(_) | Command::Data(_)) {
        "warn"
    } else {
        "warn,atelier=info"
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&anyhow::Error::new(error).context("the runtime could not be started")),
    };
    let done = runtime.block_on(async {
        match command {
            Command::Serve(args) => serve::run(args).await,
            Command::Run(args) => run::run(args).await,
            Command::Notebook(command) => notebook::run(command),
            Command::Data(args) => data::run(args),
            Command::Env(args) => environment::run(args),
            Command::Prepare(args) => prepare::run(&args),
            Command::Stop(args) => stop::run(args).await,
            Command::JobRunner { .. } => Ok(ExitCode::SUCCESS),
        }
    });
    // What still blocks a thread is some disk or child that no longer matters.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done.unwrap_or_else(|error| exit::report(&error))
}

/// One job's supervisor: a process of one thread, outliving the backend that started it.
fn job_runner(run_dir: &Path) -> ExitCode {
    ExitCode::from(u8::try_from(atelier_jobs::runner::main(run_dir)).unwrap_or(1))
}

/// Logs go to stderr; stdout is for the two lines that `serve` promises and for what `env` prints.
fn trace(default: &str) {
    // s3s logs each client's mistake as an error of its own; zeromq that it would like the kernel back that we ended.
    let filter = tracing_subscriber::EnvFilter::try_from_env("ATELIER_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(format!("{default},s3s=off,zeromq=off")));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}
