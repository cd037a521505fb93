//! The desktop shell: finds the backend or starts it, and shows its window. It knows no operation of the platform.

mod backend;

use anyhow::Context as _;
use std::path::PathBuf;
use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};

const MAIN: &str = "main";

fn main() -> anyhow::Result<()> {
    let home = backend::home()?;
    tauri::Builder::default()
        // A second start shows the first one's window.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            if let Some(window) = app.get_webview_window(MAIN) {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_dialog::init())
        .setup(move |app| {
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                if let Err(problem) = open(&handle, home).await {
                    handle
                        .dialog()
                        .message(format!("{problem:#}"))
                        .title("Atelier could not start")
                        .kind(MessageDialogKind::Error)
                        .show(move |_| handle.exit(1));
                }
            });
            Ok(())
        })
        .run(tauri::generate_context!())
        .context("the window system could not be started; without a display use `cargo xtask run --headless`")
}

/// Opens the studio window on the backend of `home`, starting that backend first where none answers.
async fn open(app: &tauri::AppHandle, home: PathBuf) -> anyhow::Result<()> {
    let backend = backend::find_or_start(&home).await?;
    let own = backend.address.clone();
    let url = backend.window_url()?;
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::External(url))
        .title("Atelier")
        .inner_size(1440.0, 900.0)
        .min_inner_size(900.0, 600.0)
        // Only the studio is shown in this window. What a notebook links to opens in the browser.
        .on_navigation(move |url| {
            let inside = url.as_str().starts_with(&own) || matches!(url.scheme(), "about" | "blob" | "data");
            if !inside {
                backend::open_in_browser(url.as_str());
            }
            inside
        })
        .build()
        .context("the window could not be opened")?;
    Ok(())
}
