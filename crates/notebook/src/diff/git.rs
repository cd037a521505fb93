//! A file as git's last commit has it, through the git program.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("git was not found: install it to compare with the last commit")]
    NoGit,
    #[error("the notebook is in no git repository, or was never committed")]
    NotCommitted,
    #[error("the version in the last commit is too large")]
    TooLarge,
    #[error("git could not be asked: {0}")]
    Io(#[from] std::io::Error),
}

/// The bytes of `file` in `HEAD`. Blocks.
///
/// A repository's own configuration is hostile: nothing in it that starts a program applies to `git show` without
/// text conversion, external diff, pager and file-system monitor, all of which are off; fetching missing objects of a
/// partial clone is off too.
pub fn last_commit(file: &Path) -> Result<Vec<u8>, GitError> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Err(GitError::NotCommitted) };
    let mut object = std::ffi::OsString::from("HEAD:./");
    object.push(name);
    let mut child = Command::new("git")
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.pager=cat",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "protocol.allow=never",
        ])
        .arg("-C")
        .arg(folder)
        .args(["--no-pager", "--no-optional-locks", "--literal-pathspecs", "show", "--no-ext-diff", "--no-textconv"])
        .arg(object)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_EXTERNAL_DIFF")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(
            |error| if error.kind() == std::io::ErrorKind::NotFound { GitError::NoGit } else { GitError::Io(error) },
        )?;
    let limit = crate::document::MAX_BYTES as u64;
    let mut bytes = Vec::new();
    let read = match child.stdout.take() {
        Some(stdout) => stdout.take(limit + 1).read_to_end(&mut bytes).map(drop),
        None => Ok(()),
    };
    if read.is_err() || bytes.len() as u64 > limit {
        // It may have ended meanwhile.
        let _ = child.kill();
    }
    let status = child.wait()?;
    read?;
    match () {
        () if bytes.len() as u64 > limit => Err(GitError::TooLarge),
        () if status.success() => Ok(bytes),
        () => Err(GitError::NotCommitted),
    }
}
