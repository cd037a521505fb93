//! A running `atelier serve`.

use crate::built;
use anyhow::{Context as _, bail};
use atelier_wire::Call;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Backend {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub address: String,
    /// The address that lets a window in.
    pub window: String,
    token: String,
}

impl Backend {
    /// Starts a backend on `home` and waits until it is ready.
    pub fn start(home: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(built("ATELIER_BIN"))
            .args(["serve", "--port", "0", "--home"])
            .arg(home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the backend could not be started")?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let mut next = || lines.next().context("the backend ended before it was ready")?.map_err(anyhow::Error::from);
        let first = next()?;
        let address = first
            .strip_prefix("atelier is ready at ")
            .with_context(|| format!("unexpected first line {first:?}"))?
            .to_owned();
        let second = next()?;
        let at = second.find("http://").with_context(|| format!("unexpected second line {second:?}"))?;
        let window = second[at..].trim().to_owned();
        let (_, token) = window.split_once("#token=").context("the window's address holds no token")?;
        Ok(Self { child, address, token: token.to_owned(), window })
    }

    /// Takes over the backend that a window started on `home`.
    pub fn adopt(home: &Path) -> anyhow::Result<Adopted> {
        let said: serde_json::Value = serde_json::from_slice(&std::fs::read(home.join("backend.json"))?)?;
        let pid =
            said["pid"].as_i64().and_then(|pid| i32::try_from(pid).ok()).context("backend.json names no process")?;
        Ok(Adopted(nix::unistd::Pid::from_raw(pid)))
    }

    /// Sends a call through the window's transport.
    pub async fn call<C: Call>(&self, request: &C) -> anyhow::Result<C::Response> {
        send(&self.address, &self.token, request).await
    }
}

/// A backend that is not this process's child. Dropping it ends it.
pub struct Adopted(nix::unistd::Pid);

impl Drop for Adopted {
    fn drop(&mut self) {
        let _ = nix::sys::signal::kill(self.0, nix::sys::signal::Signal::SIGTERM);
    }
}

/// Sends a call to the backend that runs on `home`.
pub async fn call_on<C: Call>(home: &Path, request: &C) -> anyhow::Result<C::Response> {
    let said: serde_json::Value = serde_json::from_slice(&std::fs::read(home.join("backend.json"))?)?;
    let (Some(address), Some(token)) = (said["address"].as_str(), said["token"].as_str()) else {
        bail!("backend.json is not complete");
    };
    send(address, token, request).await
}

async fn send<C: Call>(address: &str, token: &str, request: &C) -> anyhow::Result<C::Response> {
    let answer =
        client()?.post(format!("{address}/studio/call/{}", C::NAME)).bearer_auth(token).json(request).send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    if !status.is_success() {
        bail!("{} answered {status}: {}", C::NAME, String::from_utf8_lossy(&body));
    }
    serde_json::from_slice(&body).with_context(|| format!("the answer of {}", C::NAME))
}

fn client() -> anyhow::Result<reqwest::Client> {
    // The answer is an error when it was installed before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().build()?)
}

/// Whether a backend answers on `home`.
pub async fn running(home: &Path) -> bool {
    let Ok(bytes) = std::fs::read(home.join("backend.json")) else { return false };
    let Ok(said) = serde_json::from_slice::<serde_json::Value>(&bytes) else { return false };
    let Some(address) = said["address"].as_str() else { return false };
    let Ok(client) = client() else { return false };
    client.get(format!("{address}/health")).send().await.is_ok_and(|answer| answer.status().is_success())
}

impl Drop for Backend {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
