//! What a person sees of a long command: steps with their time, and the output of the programs below them.

use anyhow::{Context as _, bail};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs one named step and says how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    println!("==> {name}");
    let started = Instant::now();
    let result = work().with_context(|| format!("step failed: {name}"))?;
    println!("    {name}: {:.0} s", started.elapsed().as_secs_f64());
    Ok(result)
}

/// Runs a program with its output on this terminal.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{program} could not be started"))?;
    if !status.success() {
        bail!("{program} ended with {status}");
    }
    Ok(())
}

/// Runs a program, shows each line of its output behind `prefix` and hands it to `see`. Returns whether it succeeded.
pub fn watch(command: &mut Command, prefix: &str, see: impl FnMut(&str) + Send) -> anyhow::Result<bool> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} could not be started"))?;
    let stdout = child.stdout.take().context("no stdout")?;
    let stderr = child.stderr.take().context("no stderr")?;
    let see = std::sync::Mutex::new(see);
    std::thread::scope(|scope| {
        for stream in [Box::new(stdout) as Box<dyn Read + Send>, Box::new(stderr)] {
            let see = &see;
            scope.spawn(move || {
                for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line);
                    let mut out = std::io::stdout().lock();
                    let _ = writeln!(out, "{prefix}{}", line.trim_end());
                    if let Ok(mut see) = see.lock() {
                        see(line.trim_end());
                    }
                }
            });
        }
    });
    Ok(child.wait()?.success())
}
