//! The platform: requests per second of an endpoint beside a bare HTTP server (the limit on this machine) and beside
//! what a user would write by hand, what a job costs, how soon the window is there.

use super::{Options, Server, Stage, install, median, python_json};
use crate::programs::{Programs, target_dir};
use crate::{console, machine};
use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CONNECTIONS: [u32; 3] = [1, 64, 1000];

/// Measurements of each peer, unless said otherwise: the load takes seconds each time.
const ROUNDS: usize = 3;

pub fn run(stage: &Stage, options: &Options) -> anyhow::Result<()> {
    let Stage { programs, python, work } = stage;
    let peers = console::step("Installing the peers", || install(python, "platform"))?;
    let home = work.join("home");
    let backend = Server::start(
        Command::new(&programs.atelier)
            .arg("serve")
            .arg("--home")
            .arg(&home)
            .args(["--port", "0"])
            .env("ATELIER_LOG", "warn"),
        "atelier is ready at ",
    )?;
    let prepared: Prepared = console::step("Training and deploying the model", || {
        python_json(python, "platform/prepare.py", &[home.as_os_str(), work.as_os_str(), programs.atelier.as_os_str()])
    })?;
    let at_rest = resident_mb(backend.child.id())?;
    let echo = Server::start(&mut Command::new(target_dir().join("debug/examples/echo")), "ready at ")?;
    let fastapi = Server::start(
        Command::new(&python.python)
            .arg(machine::root().join("xtask/bench/platform/fastapi_peer.py"))
            .arg(work.join("model"))
            .env("PYTHONPATH", &peers),
        "ready at ",
    )?;

    let ours = Peer {
        name: "atelier InvokeEndpoint",
        url: format!("{}{}", backend.address, prepared.path),
        headers: prepared.headers,
    };
    let plain = vec!["Content-Type: text/csv".to_owned()];
    let peers = [
        Peer { name: "bare hyper echo", url: format!("{}/", echo.address), headers: plain.clone() },
        ours,
        Peer { name: "FastAPI + xgboost", url: format!("{}/invocations", fastapi.address), headers: plain },
    ];
    endpoints(&peers, &prepared.body, options, work)?;

    println!("\nMemory of the backend at rest, with the endpoint: {at_rest:.0} MB (goal: under 100 MB)");
    println!("Memory of the backend after this load: {:.0} MB", resident_mb(backend.child.id())?);
    let overhead: Overhead =
        python_json(python, "platform/overhead.py", &[home.as_os_str(), programs.atelier.as_os_str()])?;
    println!(
        "\nThe platform's share of an empty training job, median of {} jobs (goal: under 300 ms together)",
        overhead.jobs
    );
    println!("  CreateTrainingJob to the child's first instruction {:6.0} ms", overhead.start_ms);
    println!("  the child's exit to Completed                      {:6.0} ms", overhead.end_ms);
    println!(
        "  CreateEndpoint to InService                        {:6.0} ms (goal: under 1,000 ms)",
        overhead.endpoint_ms
    );
    window(programs, work, options.rounds.unwrap_or(ROUNDS))
}

#[derive(Deserialize)]
struct Prepared {
    /// Path of the endpoint's invocations.
    path: String,
    /// Signed; good for some minutes.
    headers: Vec<String>,
    body: String,
}

#[derive(Deserialize)]
struct Overhead {
    jobs: u32,
    start_ms: f64,
    end_ms: f64,
    endpoint_ms: f64,
}

struct Peer {
    name: &'static str,
    url: String,
    headers: Vec<String>,
}

fn endpoints(peers: &[Peer], body: &str, options: &Options, work: &Path) -> anyhow::Result<()> {
    let rounds = options.rounds.unwrap_or(ROUNDS);
    println!("\nOne row of an XGBoost model per request; medians of {rounds} rounds of {} s", options.seconds);
    println!("{:>12}  {:26} {:>12} {:>10}  {:>12}", "connections", "", "requests/s", "p99", "of the limit");
    for connections in CONNECTIONS {
        let mut results = vec![Vec::new(); peers.len()];
        for _ in 0..rounds {
            for (peer, results) in peers.iter().zip(&mut results) {
                results.push(load(peer, connections, body, options.seconds, work)?);
            }
        }
        let limit = median(results[0].iter().map(|result| result.per_second));
        for (peer, results) in peers.iter().zip(&results) {
            let rate = median(results.iter().map(|result| result.per_second));
            let p99 = median(results.iter().map(|result| result.p99_ms));
            let errors: u64 = results.iter().map(|result| result.errors).sum();
            let errors = if errors > 0 { format!("   {errors} errors") } else { String::new() };
            println!(
                "{connections:>12}  {:26} {rate:>12.0} {p99:>7.2} ms  {:>11.0}%{errors}",
                peer.name,
                100.0 * rate / limit
            );
        }
    }
    Ok(())
}

#[derive(Clone)]
struct Load {
    per_second: f64,
    p99_ms: f64,
    errors: u64,
}

/// From starting the app, with no backend running, to the moment at which its window has its tabs back.
fn window(programs: &Programs, work: &Path, rounds: usize) -> anyhow::Result<()> {
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut number = String::new();
    BufReader::new(screen.stdout.take().context("no stdout")?).read_line(&mut number)?;
    let mut times = Vec::new();
    for round in 0..rounds {
        let home = work.join(format!("window-{round}"));
        let started = Instant::now();
        let mut app = Command::new(&programs.desktop)
            .env("ATELIER_HOME", &home)
            .env("ATELIER_UI_DIR", &programs.ui)
            .env("ATELIER_LOG", "atelier_studio=debug")
            .env("DISPLAY", format!(":{}", number.trim()))
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the app could not be started")?;
        let log = home.join("backend.log");
        while !std::fs::read_to_string(&log).unwrap_or_default().contains("GetWindowState") {
            if started.elapsed() > Duration::from_secs(30) {
                bail!("the window did not ask for its tabs within 30 s; see {}", log.display());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        times.push(started.elapsed().as_secs_f64());
        app.kill()?;
        app.wait()?;
        console::run(Command::new(&programs.atelier).arg("stop").arg("--home").arg(&home).stdout(Stdio::null()))?;
    }
    screen.kill()?;
    screen.wait()?;
    println!(
        "\nFrom starting the app to a window with its tabs, median of {rounds}: {:.2} s (goal: under 1.5 s)",
        median(times.into_iter())
    );
    Ok(())
}

/// One run of wrk, whose script prints a line that is read here.
fn load(peer: &Peer, connections: u32, body: &str, seconds: u32, work: &Path) -> anyhow::Result<Load> {
    let script = work.join("load.lua");
    std::fs::write(&script, lua(body))?;
    let mut command = Command::new("wrk");
    command.args(["-t", "1", "-c"]).arg(connections.to_string()).arg("-d").arg(format!("{seconds}s"));
    command.args(["--timeout", "10s", "-s"]).arg(&script);
    for header in &peer.headers {
        command.arg("-H").arg(header);
    }
    let answer = command.arg(&peer.url).stderr(Stdio::inherit()).output().context("wrk could not be started")?;
    let text = String::from_utf8_lossy(&answer.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT ")).context("wrk printed no result")?;
    let fields: Vec<f64> = line.split(' ').filter_map(|field| field.parse().ok()).collect();
    let [requests, micros, p99, errors] = fields[..] else { bail!("wrk's result cannot be read: {line}") };
    Ok(Load { per_second: requests / (micros / 1e6), p99_ms: p99 / 1e3, errors: errors as u64 })
}

fn lua(body: &str) -> String {
    format!(
        "wrk.method = 'POST'\nwrk.body = [[{body}]]\n\
         done = function(summary, latency)\n\
           local e = summary.errors\n\
           print(string.format('RESULT %d %d %d %d', summary.requests, summary.duration, latency:percentile(99),\n\
             e.connect + e.read + e.write + e.status + e.timeout))\n\
         end\n"
    )
}

fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status =
        std::fs::read_to_string(format!("/proc/{pid}/status")).context("the backend's memory cannot be read")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}
