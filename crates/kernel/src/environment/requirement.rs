//! What may be asked of uv: packages by name, as pip writes them, and files of the workspace. Never an option, never an
//! address: who can name a package here must not be able to name another index.

use crate::KernelError;
use std::path::{Component, Path};

/// `lightgbm`, `numpy>=2,<3`, `pandas[excel]; python_version > "3.9"`, or `wheels/own-1.0-py3-none-any.whl` of the
/// workspace, which comes back as its whole path.
pub fn check(text: &str, workspace: &Path) -> Result<String, KernelError> {
    let text = text.trim();
    let refused = |why: &str| {
        Err(KernelError::Package(format!(
            "{:?} cannot be installed: {why}.",
            text.chars().take(80).collect::<String>()
        )))
    };
    if text.len() > 300 || text.chars().any(char::is_control) {
        return refused("it is not the name of a package");
    }
    if text.starts_with('-') {
        return refused("options are not taken here, only names of packages as in numpy>=2");
    }
    if text.contains("://") || text.contains('@') {
        return refused("only packages of the index and files of the workspace are installed, not addresses");
    }
    if text.ends_with(".whl") || text.ends_with(".tar.gz") {
        return match file(workspace, text) {
            Some(file) => Ok(file),
            None => refused("there is no such file in the workspace"),
        };
    }
    if text.contains(['/', '\\']) {
        return refused("a path must be a wheel (.whl) or a source distribution (.tar.gz) of the workspace");
    }
    if parse(text).is_none() {
        return refused("it is not the name of a package, perhaps with a version, as in numpy>=2,<3");
    }
    Ok(text.to_owned())
}

/// The whole path of a file that lies in the workspace once all links are followed.
fn file(workspace: &Path, text: &str) -> Option<String> {
    let relative = Path::new(text);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let root = workspace.canonicalize().ok()?;
    let file = root.join(relative).canonicalize().ok()?;
    (plain && file.starts_with(&root) && file.is_file()).then(|| file.to_string_lossy().into_owned())
}

/// A package's plain name.
pub fn check_name(text: &str) -> Result<String, KernelError> {
    let text = text.trim();
    match name(text) {
        Some("") => Ok(text.to_owned()),
        _ => Err(KernelError::Package(format!(
            "{:?} is not the name of a package.",
            text.chars().take(80).collect::<String>()
        ))),
    }
}

/// PEP 508 without addresses: name, extras, versions, marker.
fn parse(text: &str) -> Option<()> {
    let mut rest = name(text)?.trim_start();
    if let Some(inner) = rest.strip_prefix('[') {
        let (extras, after) = inner.split_once(']')?;
        extras.split(',').all(|extra| name(extra.trim()) == Some("")).then_some(())?;
        rest = after.trim_start();
    }
    let (versions, marker) = match rest.split_once(';') {
        Some((versions, marker)) => (versions.trim(), Some(marker.trim())),
        None => (rest.trim(), None),
    };
    let versions = versions.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(versions);
    (versions.is_empty() || versions.split(',').all(|one| version(one.trim()))).then_some(())?;
    let letters = |marker: &str| {
        !marker.is_empty() && marker.chars().all(|c| c.is_ascii_alphanumeric() || " _.<>=!~'\"()-,*".contains(c))
    };
    marker.is_none_or(letters).then_some(())
}

/// What is left after the name at the front.
fn name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    (edge(name.chars().next()) && edge(name.chars().next_back())).then_some(rest)
}

fn version(text: &str) -> bool {
    const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", ">=", "<=", ">", "<"];
    let rest = OPERATORS.iter().find_map(|operator| text.strip_prefix(operator));
    rest.is_some_and(|rest| {
        let rest = rest.trim();
        !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_alphanumeric() || ".*+!_-".contains(c))
            && !rest.starts_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_taken() {
        let workspace = tempfile::tempdir().unwrap();
        for text in [
            "lightgbm",
            "numpy>=2",
            "numpy >= 2, < 3",
            "pandas[excel,parquet]==3.*",
            "a.b-c_d~=1.2.post1",
            "x!=1.0+local",
            "typing-extensions ; python_version < \"3.11\"",
            "x===1!2",
            "torch (>=2)",
        ] {
            assert_eq!(check(text, workspace.path()).unwrap(), text);
        }
    }

    #[test]
    fn options_addresses_and_paths_are_refused() {
        let outer = tempfile::tempdir().unwrap();
        let workspace = outer.path().join("w");
        std::fs::create_dir(&workspace).unwrap();
        std::fs::write(outer.path().join("evil-1-py3-none-any.whl"), "").unwrap();
        for text in [
            "",
            "-r requirements.txt",
            "--index-url=https://x",
            "-e .",
            "numpy --index-url https://x",
            "x @ https://x/x.whl",
            "https://x/x.whl",
            "git+https://x/x",
            "file:///etc/passwd",
            "../evil-1-py3-none-any.whl",
            "/etc/passwd",
            "./x",
            "x\n--pre",
            "x\0",
            "numpy>=",
            "numpy=2",
            "numpy>=2 <3",
            "[x]",
            "x[",
            "x;",
            "x; $(id)",
            "x==-1",
            ".x",
            "x.",
            "x y",
            "none-1-py3-none-any.whl",
        ] {
            assert!(check(text, &workspace).is_err(), "{text:?}");
        }
        for text in ["", "-y", "numpy>=2", "a/b", "x y"] {
            assert!(check_name(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_wheel_of_the_workspace_is_taken_by_its_whole_path() {
        let workspace = tempfile::tempdir().unwrap();
        std::fs::write(workspace.path().join("own-1-py3-none-any.whl"), "").unwrap();
        let taken = check("own-1-py3-none-any.whl", workspace.path()).unwrap();
        assert!(Path::new(&taken).is_absolute());
    }
}
