//! `atelier serve`.

use crate::backend::{Backend, BackendOptions};
use crate::cli::ServeArgs;
use crate::home::Home;
use std::io::Write as _;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the backend until SIGTERM, SIGINT or a window's wish ends it.
pub async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    // Before anything is opened: a signal from here on ends the backend in order.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let home = Home::find(args.home.home)?;
    let options = BackendOptions { port: args.port, workspace: args.workspace, ui: args.ui };
    let backend = Backend::open(home, options).await?;
    let ready = |backend: &crate::home::Announcement| {
        let mut out = std::io::stdout().lock();
        // Scripts read the first line. Whoever closed our stdout does not want it.
        let _ =
            writeln!(out, "atelier is ready at {}\n{}", backend.address, backend.window()).and_then(|()| out.flush());
    };
    let shutdown = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    backend.serve(ready, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
