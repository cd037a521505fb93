//! Paths of the workspace folder, as a window names them.

use atelier_wire::Error;
use std::path::{Component, Path, PathBuf};

/// The absolute path of something in the workspace, existing or not. `relative` uses `/`; empty is the workspace itself.
/// Refused: absolute paths, `..`, and a link on the way that leads outside.
pub(crate) fn resolve(workspace: &Path, relative: &str) -> Result<PathBuf, Error> {
    let refused = || Error::new("ValidationException", format!("{relative} is not a path in the workspace."));
    let path = Path::new(relative);
    if relative.contains('\0') || !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(refused());
    }
    let target = workspace.join(path);
    // What exists of the path decides where it leads; what does not exist yet cannot be a link.
    let mut known = target.as_path();
    let real = loop {
        match std::fs::canonicalize(known) {
            Ok(real) => break real,
            // A link to nowhere: writing through it would leave the workspace.
            Err(_) if std::fs::symlink_metadata(known).is_ok() => return Err(refused()),
            Err(_) => known = known.parent().ok_or_else(refused)?,
        }
    };
    match real.starts_with(workspace) {
        true => Ok(target),
        false => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_workspace() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let workspace = home.join("workspace");
        std::fs::create_dir_all(workspace.join("sub")).unwrap();
        std::fs::write(home.join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(&home, workspace.join("out")).unwrap();
        std::os::unix::fs::symlink(home.join("nowhere"), workspace.join("dangling")).unwrap();
        std::os::unix::fs::symlink(workspace.join("sub"), workspace.join("inside")).unwrap();
        let check = |relative: &str, allowed: bool| assert_eq!(resolve(&workspace, relative).is_ok(), allowed, "{relative}");
        check("", true);
        check("a.ipynb", true);
        check("sub/new/deep.txt", true);
        check("inside/x", true);
        check("../secret", false);
        check("sub/../../secret", false);
        check("/etc/passwd", false);
        check("out/secret", false);
        check("dangling", false);
        check("a\0b", false);
    }
}
