//! The workspace folder. Paths are relative to it, with `/`; one that leaves it (by `..` or a link) is refused.

use super::home::Done;
use crate::calls;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListFiles {
    /// A folder; empty for the workspace itself.
    pub path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileList {
    /// Folders first, then files, each by name.
    pub entries: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    pub path: String,
    pub name: String,
    pub folder: bool,
    pub size_bytes: u64,
    /// Seconds since the epoch.
    pub modified_at: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadTextFile {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextFile {
    pub path: String,
    pub text: String,
    /// Changes whenever the file does; given back on writing, so that nobody's edit is overwritten in silence.
    pub version: String,
}

/// Fails with `ResourceInUse` when the file on disk is no longer `version`. `None`: the file must not exist yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WriteTextFile {
    pub path: String,
    pub text: String,
    pub version: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MakeFolder {
    pub path: String,
}

/// Writes an empty notebook. `path` is a wish: a number is added when it is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MakeNotebook {
    pub path: String,
    /// A kernelspec's name, `python3` for instance.
    pub kernel: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeFile {
    pub path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RenameFile {
    pub path: String,
    pub to: String,
}

/// Moves to `$ATELIER_HOME/trash`, from where it can be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteFile {
    pub path: String,
}

calls! {
    ListFiles => FileList,
    ReadTextFile => TextFile,
    WriteTextFile => TextFile,
    MakeFolder => Done,
    MakeNotebook => MadeFile,
    RenameFile => Done,
    DeleteFile => Done,
}
