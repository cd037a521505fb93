//! What every cell calls to reach the variables and to show values, compiled once for each compiler: a cell takes half
//! as long to compile with it than with its source.

use super::toolchain::{Toolchain, clean_environment};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("../../../../assets/rust/cell.rs");
/// Its name in the cells, which no person would choose.
const NAME: &str = "__atelier";

#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    #[error("the kernel's folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    #[error("the compiler does not compile what all cells use:\n{0}")]
    Rejected(String),
}

/// The arguments for the compiler that name it. Compiled where nobody has yet, which takes less than a second.
pub fn base(toolchain: &Toolchain, folder: &Path) -> Result<[String; 2], BaseError> {
    let mut hasher = DefaultHasher::new();
    (&toolchain.version, &toolchain.rustc, SOURCE).hash(&mut hasher);
    let folder = folder.join("cell");
    let place = folder.join(format!("{:016x}", hasher.finish()));
    let library = place.join(format!("lib{NAME}.rlib"));
    if !library.is_file() {
        std::fs::create_dir_all(&folder)?;
        let draft = tempfile::tempdir_in(&folder)?;
        compile(toolchain, draft.path())?;
        let draft = draft.keep();
        if std::fs::rename(&draft, &place).is_err() {
            // Another kernel was quicker.
            std::fs::remove_dir_all(&draft)?;
        }
    }
    Ok(["--extern".to_owned(), format!("{NAME}={}", library.display())])
}

/// Leaves the library alone in the folder. Without its source the compiler cannot show lines of it, which say nothing to
/// who wrote a cell.
fn compile(toolchain: &Toolchain, folder: &Path) -> Result<(), BaseError> {
    let file = folder.join("cell.rs");
    std::fs::write(&file, format!("#![allow(warnings)]\n{SOURCE}"))?;
    let output = clean_environment(&mut Command::new(&toolchain.rustc))
        .current_dir(folder)
        .args(["--edition", "2024", "--crate-name", NAME, "--crate-type", "rlib"])
        .args(["-Cpanic=unwind", "-Copt-level=2", "-Cdebuginfo=0", "-Cembed-bitcode=no", "cell.rs"])
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        return Err(BaseError::Rejected(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(std::fs::remove_file(file)?)
}
