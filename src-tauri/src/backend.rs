//! Finding the backend of a home, or starting it. The backend outlives the window on purpose: jobs and endpoints go on.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a backend may take to answer after its start, before the window gives up.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What `backend.json` says about a running backend.
#[derive(Clone, Debug, Deserialize)]
pub struct Backend {
    /// `http://127.0.0.1:PORT`
    pub address: String,
    /// Lets a window in. Never logged.
    pub token: String,
}

impl Backend {
    /// The token travels in the fragment, which no server sees and no log holds.
    pub fn window_url(&self) -> anyhow::Result<tauri::Url> {
        format!("{}/#token={}", self.address, self.token).parse().context("backend.json holds no valid address")
    }

    async fn answers(&self) -> bool {
        let health = format!("{}/health", self.address);
        let Ok(client) = reqwest::Client::builder().timeout(Duration::from_secs(2)).no_proxy().build() else {
            return false;
        };
        client.get(health).send().await.is_ok_and(|answer| answer.status().is_success())
    }
}

/// `$ATELIER_HOME`, or `atelier` in the user's data folder.
pub fn home() -> anyhow::Result<PathBuf> {
    if let Some(home) = std::env::var_os("ATELIER_HOME").filter(|home| !home.is_empty()) {
        return Ok(home.into());
    }
    let data = std::env::var_os("XDG_DATA_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    Ok(data.context("set ATELIER_HOME: neither XDG_DATA_HOME nor HOME is set")?.join("atelier"))
}

/// Returns the backend of `home`, started if none answers.
pub async fn find_or_start(home: &Path) -> anyhow::Result<Backend> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    if let Some(backend) = read(home)
        && backend.answers().await
    {
        return Ok(backend);
    }
    let log = home.join("backend.log");
    let mut child = start(home, &log)?;
    let started = Instant::now();
    while started.elapsed() < START_LIMIT {
        if let Some(backend) = read(home)
            && backend.answers().await
        {
            return Ok(backend);
        }
        if let Some(status) = child.try_wait()? {
            bail!("The studio's backend stopped ({status}).\n\n{}", last_lines(&log));
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    bail!("The studio's backend did not answer within {} s.\n\n{}", START_LIMIT.as_secs(), last_lines(&log))
}

fn read(home: &Path) -> Option<Backend> {
    serde_json::from_slice(&std::fs::read(home.join("backend.json")).ok()?).ok()
}

/// Starts `atelier serve` in a session of its own, so that closing the window or the terminal leaves it running.
fn start(home: &Path, log: &Path) -> anyhow::Result<std::process::Child> {
    std::fs::create_dir_all(home).with_context(|| format!("{} could not be made", home.display()))?;
    let program = program()?;
    let output = std::fs::File::create(log).with_context(|| format!("{} could not be written", log.display()))?;
    let mut command = Command::new(&program);
    command.arg("serve").arg("--home").arg(home).args(["--port", "0"]);
    // What it prints on stdout lets a window in: no log may hold it.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
    // WebKitGTK's automation variables are the window's, not those of the user's kernels.
    command.env_remove("TAURI_WEBVIEW_AUTOMATION");
    detach(&mut command);
    command.spawn().with_context(|| format!("{} could not be started", program.display()))
}

#[cfg(unix)]
fn detach(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn detach(_command: &mut Command) {}

/// The `atelier` program: `$ATELIER_BIN`, or beside this one.
fn program() -> anyhow::Result<PathBuf> {
    if let Some(program) = std::env::var_os("ATELIER_BIN") {
        return Ok(program.into());
    }
    let own = std::env::current_exe()?;
    let folder = own.parent().context("this program has no folder")?;
    Ok(folder.join(format!("atelier{}", std::env::consts::EXE_SUFFIX)))
}

/// The end of the backend's log, for a message a person reads.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

pub fn open_in_browser(url: &str) {
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return;
    }
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if let Err(problem) = Command::new(opener).arg(url).spawn() {
        eprintln!("the browser could not be opened for a link: {problem}");
    }
}
