//! WebDriver servers: Chromium's for the studio in a browser, WebKitGTK's for the desktop app itself.

use crate::{built, output};
use anyhow::{Context as _, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A driver with its session, and the virtual screen below it.
pub struct Driver {
    pub client: Client,
    // In the order in which they end.
    _server: Ended,
    _screen: Option<Ended>,
}

/// A child process that ends with its owner, and with it the browser that it started.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let group = nix::unistd::Pid::from_raw(self.0.id().cast_signed());
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

const SIZE: (u32, u32) = (1440, 900);

impl Driver {
    /// A headless Chromium.
    pub async fn chromium() -> anyhow::Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let server = start(&mut command, "chromedriver")?;
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     "--force-color-profile=srgb", format!("--window-size={},{}", SIZE.0, SIZE.1)],
        });
        let client = connect(
            port,
            json!({ "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"} }),
        )
        .await?;
        client.set_window_size(SIZE.0, SIZE.1).await?;
        Ok(Self { client, _server: server, _screen: None })
    }

    /// The desktop app on `home`, on a virtual screen.
    pub async fn desktop(home: &Path) -> anyhow::Result<Self> {
        let (screen, display) = virtual_screen()?;
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={port}"))
            .env("DISPLAY", display)
            .env_remove("WAYLAND_DISPLAY")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // A virtual screen has no GPU to share buffers with.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("ATELIER_HOME", home);
        let server = start(&mut command, "webkit-driver")?;
        let options = json!({ "binary": built("ATELIER_DESKTOP_BIN") });
        let client = connect(port, json!({ "webkitgtk:browserOptions": options })).await?;
        Ok(Self { client, _server: server, _screen: Some(screen) })
    }

    /// Closes the session and with it the window.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.client.clone().close().await?)
    }
}

async fn connect(port: u16, capabilities: serde_json::Value) -> anyhow::Result<Client> {
    let capabilities = capabilities.as_object().context("capabilities are an object")?.clone();
    let started = Instant::now();
    loop {
        let address = format!("http://127.0.0.1:{port}");
        match ClientBuilder::new(HttpConnector::new()).capabilities(capabilities.clone()).connect(&address).await {
            Ok(client) => return Ok(client),
            Err(problem) if started.elapsed() > Duration::from_secs(60) => {
                return Err(problem).context("no session could be opened");
            }
            // The server may still be starting.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn start(command: &mut Command, name: &str) -> anyhow::Result<Ended> {
    let log = File::create(output().join(format!("{name}.log")))?;
    let child = command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
    Ok(Ended(child.with_context(|| format!("{:?} could not be started", command.get_program()))?))
}

fn virtual_screen() -> anyhow::Result<(Ended, String)> {
    let mut child = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", &format!("{}x{}x24", SIZE.0, SIZE.1), "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("Xvfb could not be started")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no stdout")?).read_line(&mut line)?;
    let number = line.trim();
    if number.is_empty() {
        bail!("Xvfb named no display");
    }
    Ok((Ended(child), format!(":{number}")))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
