//! PDF, printed by a browser without a window from the HTML.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// In the order in which they are looked for.
const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
];
/// Where browsers are that are in no search path.
const PLACES: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
const LIMIT: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error(
        "PDF is printed by a browser, and none was found: install Chromium, Google Chrome or Microsoft Edge, or export HTML and print that"
    )]
    NoBrowser,
    #[error("{browser} did not print the PDF: {why}")]
    Failed { browser: String, why: String },
    #[error("the PDF could not be made: {0}")]
    Io(#[from] std::io::Error),
}

/// Prints a page of [`super::to_html`]. Blocks for seconds. Relative pictures are looked for in `folder`.
///
/// The browser gets a profile of its own that is thrown away, and no network: a page must not tell anybody that it is
/// printed.
pub fn to_pdf(html: &str, folder: Option<&Path>) -> Result<Vec<u8>, PdfError> {
    let browser = find().ok_or(PdfError::NoBrowser)?;
    let desk = tempfile::tempdir()?;
    let (page, print) = (desk.path().join("notebook.html"), desk.path().join("notebook.pdf"));
    let base = folder.and_then(|folder| folder.canonicalize().ok()).map(|folder| {
        let path = folder.to_string_lossy().replace('%', "%25").replace('#', "%23").replace('?', "%3f");
        format!("<base href=\"file://{}/\">", super::escape(&path))
    });
    let head_end = html.find("<title>").unwrap_or(0);
    std::fs::write(&page, format!("{}{}{}", &html[..head_end], base.unwrap_or_default(), &html[head_end..]))?;
    let log = std::fs::File::create(desk.path().join("log"))?;
    let mut command = Command::new(&browser);
    command
        .args([
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
        ])
        .args([
            "--disable-dev-shm-usage",
            "--no-pdf-header-footer",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=5000",
        ])
        .arg(format!("--user-data-dir={}", desk.path().join("profile").display()))
        .arg(format!("--print-to-pdf={}", print.display()))
        .arg(&page)
        .env("HOME", desk.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if is_root() {
        // Chromium refuses to run as root otherwise, which is usual in containers only.
        command.arg("--no-sandbox");
    }
    let child = command.spawn()?;
    let failed = |why: String| PdfError::Failed { browser: browser.display().to_string(), why };
    wait(child).map_err(failed)?;
    match std::fs::read(&print) {
        Ok(bytes) if bytes.starts_with(b"%PDF") => Ok(bytes),
        _ => {
            let log = std::fs::read(desk.path().join("log")).unwrap_or_default();
            let last = String::from_utf8_lossy(&log)
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("it said nothing")
                .to_owned();
            Err(failed(last))
        }
    }
}

fn wait(mut child: Child) -> Result<(), String> {
    let deadline = Instant::now() + LIMIT;
    loop {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // It may have ended meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it took longer than {} s", LIMIT.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    let named = BROWSERS.iter().flat_map(|name| {
        folders.iter().map(move |folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    });
    named.chain(PLACES.iter().map(PathBuf::from)).find(|browser| browser.is_file())
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
