//! The bridge's sources travel in the kernel: where nothing is compiled yet, they are compiled on the user's machine.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../bridge/src");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut list = String::from("[");
    let mut files: Vec<_> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    };
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = file.canonicalize()?;
        let _ = write!(list, "(\"src/{name}\", include_str!({:?})),", path.display().to_string());
    }
    list.push(']');
    std::fs::write(Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("bridge.rs"), list)
}
