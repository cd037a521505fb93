//! The Files panel: the workspace folder. Every change is announced under the tag `file`.

mod failure;
#[cfg(test)]
mod tests;
mod trash;
mod workspace;

pub(crate) use workspace::Workspace;

use crate::Studio;
use atelier_wire::Error;
use atelier_wire::studio::files::{
    DeleteFile, FileList, ListFiles, MadeFile, MakeFolder, MakeNotebook, ReadTextFile, RenameFile, TextFile,
    WriteTextFile,
};
use atelier_wire::studio::home::Done;
use serde_json::json;

/// The tag of change events about the workspace; the id is a path.
const TAG: &str = "file";

pub(super) fn workspace(studio: &Studio) -> Result<Workspace, Error> {
    Workspace::open(&studio.inner.workspace)
}

pub(super) fn list_files(studio: &Studio, request: ListFiles) -> Result<FileList, Error> {
    Ok(FileList { entries: workspace(studio)?.list(&request.path)? })
}

pub(super) fn read_text_file(studio: &Studio, request: ReadTextFile) -> Result<TextFile, Error> {
    workspace(studio)?.read(&request.path)
}

pub(super) fn write_text_file(studio: &Studio, request: WriteTextFile) -> Result<TextFile, Error> {
    let written = workspace(studio)?.write(&request.path, &request.text, request.version.as_deref())?;
    studio.announce(TAG, &request.path);
    Ok(written)
}

pub(super) fn make_folder(studio: &Studio, request: MakeFolder) -> Result<Done, Error> {
    workspace(studio)?.make_folder(&request.path)?;
    studio.announce(TAG, &request.path);
    Ok(Done {})
}

pub(super) fn make_notebook(studio: &Studio, request: MakeNotebook) -> Result<MadeFile, Error> {
    let content = empty_notebook(&request.kernel)?;
    let path = workspace(studio)?.make_numbered(&request.path, ".ipynb", content.as_bytes())?;
    studio.announce(TAG, &path);
    Ok(MadeFile { path })
}

/// An open notebook follows its file.
pub(super) fn rename_file(studio: &Studio, request: RenameFile) -> Result<Done, Error> {
    workspace(studio)?.rename(&request.path, &request.to)?;
    studio.inner.kernels.moved(&request.path, &request.to);
    studio.announce(TAG, &request.path);
    studio.announce(TAG, &request.to);
    Ok(Done {})
}

pub(super) fn delete_file(studio: &Studio, request: DeleteFile) -> Result<Done, Error> {
    workspace(studio)?.delete(&request.path, &studio.inner.home.join("trash"))?;
    studio.inner.kernels.removed(&request.path);
    studio.announce(TAG, &request.path);
    Ok(Done {})
}

/// A notebook of format 4.5 with one empty cell, indented as Jupyter writes it.
fn empty_notebook(kernel: &str) -> Result<String, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if kernel.is_empty() || kernel.len() > 100 || !kernel.chars().all(plain) {
        return Err(failure::invalid(
            "A kernel's name has 1 to 100 letters, digits, dots, hyphens and underscores.".to_owned(),
        ));
    }
    let display_name = if kernel == "python3" { "Python 3 (ipykernel)" } else { kernel };
    let id = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    let cell =
        json!({"cell_type": "code", "execution_count": null, "id": id, "metadata": {}, "outputs": [], "source": []});
    let notebook = json!({
        "cells": [cell],
        "metadata": {"kernelspec": {"display_name": display_name, "name": kernel}},
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    let mut text = Vec::new();
    let mut writer =
        serde_json::Serializer::with_formatter(&mut text, serde_json::ser::PrettyFormatter::with_indent(b" "));
    serde::Serialize::serialize(&notebook, &mut writer)
        .map_err(|e| Error::new("InternalFailure", e.to_string()).with_status(500))?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}
