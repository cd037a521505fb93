//! The kernelspec, for JupyterLab and everything else that looks where Jupyter looks.

use anyhow::Context as _;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Writes `<prefix>/share/jupyter/kernels/rust/kernel.json`, or the user's own; returns the folder.
pub fn install(prefix: Option<&Path>) -> anyhow::Result<PathBuf> {
    let kernels = match prefix {
        Some(prefix) => prefix.join("share/jupyter/kernels"),
        None => user_data()?.join("kernels"),
    };
    let folder = std::path::absolute(kernels)?.join("rust");
    let program = std::env::current_exe().context("where this program lies is unknown")?;
    let specification = json!({
        "argv": [program, "--connection-file", "{connection_file}"],
        "display_name": "Rust (Atelier)",
        "language": "rust",
        "interrupt_mode": "message",
        "metadata": {"debugger": false},
    });
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = folder.join("kernel.json");
    std::fs::write(&file, format!("{}\n", serde_json::to_string_pretty(&specification)?))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(folder)
}

fn user_data() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("JUPYTER_DATA_DIR") {
        return Ok(PathBuf::from(folder));
    }
    let home = PathBuf::from(std::env::var_os("HOME").context("HOME is not set; name a folder with --prefix")?);
    if cfg!(target_os = "macos") {
        return Ok(home.join("Library/Jupyter"));
    }
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    Ok(data.unwrap_or_else(|| home.join(".local/share")).join("jupyter"))
}
