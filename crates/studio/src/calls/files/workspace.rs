//! The workspace folder: the one place where a path of a window becomes a path of the disk.
//!
//! **Invariant:** nothing outside the folder is read, written, listed, moved or removed, whatever a path says and
//! wherever a link points. What is replaced is replaced by write, fsync and rename.

use super::failure::{self, Failure};
use super::trash;
use atelier_store::files::{replace, sync_dir};
use atelier_wire::Error;
use atelier_wire::studio::files::{FileEntry, TextFile};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What the editor opens at most: more is for the data panel or a terminal.
const MAX_TEXT_BYTES: u64 = 16 << 20;

/// One writer at a time in this process, so that a version that was compared is still the one that is replaced.
static WRITING: Mutex<()> = Mutex::new(());

pub struct Workspace {
    /// Canonical.
    root: PathBuf,
}

impl Workspace {
    /// # Errors
    /// The folder does not exist.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let root = root.canonicalize().map_err(|e| failure::of("The workspace folder", &root.to_string_lossy(), e))?;
        Ok(Self { root })
    }

    /// Folders first, then files, each by name without regard to case. Names that start with a dot are not shown, as
    /// in Jupyter.
    pub fn list(&self, path: &str) -> Result<Vec<FileEntry>, Error> {
        let folder = if path.is_empty() { self.root.clone() } else { self.existing(path)? };
        let mut entries = Vec::new();
        for entry in fs::read_dir(&folder).on(path)? {
            let entry = entry.on(path)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            // A link out of the workspace, or to nothing, is shown but says nothing of its target.
            let Ok(meta) = self.existing(&below).map_or_else(|_| entry.metadata(), fs::metadata) else { continue };
            let modified_at = meta.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            entries.push(FileEntry {
                path: below,
                name,
                folder: meta.is_dir(),
                size_bytes: if meta.is_file() { meta.len() } else { 0 },
                modified_at: modified_at.map_or(0.0, |since| since.as_secs_f64()),
            });
        }
        entries.sort_by_cached_key(|e| (!e.folder, e.name.to_lowercase(), e.name.clone()));
        Ok(entries)
    }

    pub fn read(&self, path: &str) -> Result<TextFile, Error> {
        let bytes = self.bytes(&self.existing(path)?, path)?;
        let version = version(&bytes);
        let text = String::from_utf8(bytes).map_err(|_| failure::invalid(format!("`{path}` is not a text file.")))?;
        Ok(TextFile { path: path.to_owned(), text, version })
    }

    /// Replaces the file if it is still `expected`; with `None`, makes it if there is none.
    pub fn write(&self, path: &str, text: &str, expected: Option<&str>) -> Result<TextFile, Error> {
        let _one = WRITING.lock();
        match expected {
            None => {
                let target = self.free(path)?;
                self.create(&target, path, text.as_bytes())?;
            }
            Some(expected) => {
                let target = self.existing(path)?;
                if version(&self.bytes(&target, path)?) != expected {
                    return Err(failure::in_use(format!(
                        "`{path}` has changed on disk since it was opened. Read it again before writing."
                    )));
                }
                let mode = fs::metadata(&target).on(path)?.permissions();
                replace(&target, text.as_bytes()).map_err(failure::store)?;
                fs::set_permissions(&target, mode).on(path)?;
            }
        }
        Ok(TextFile { path: path.to_owned(), text: text.to_owned(), version: version(text.as_bytes()) })
    }

    pub fn make_folder(&self, path: &str) -> Result<(), Error> {
        let target = self.free(path)?;
        fs::create_dir(&target).on(path)?;
        self.settle(&target, path)
    }

    /// Writes a new file at `wish`, or, where that is taken, at `name 2.ext`, `name 3.ext` and so on.
    pub fn make_numbered(&self, wish: &str, extension: &str, content: &[u8]) -> Result<String, Error> {
        let _one = WRITING.lock();
        let stem = wish.strip_suffix(extension).unwrap_or(wish);
        for number in 1..10_000 {
            let path = if number == 1 { format!("{stem}{extension}") } else { format!("{stem} {number}{extension}") };
            let target = self.target(&path)?;
            match self.create(&target, &path, content) {
                Err(error) if error.code == "ResourceInUse" => continue,
                other => return other.map(|()| path),
            }
        }
        Err(failure::in_use(format!("Too many files are named like `{wish}`.")))
    }

    /// Moves a file or folder; a link is moved itself, not what it points at.
    pub fn rename(&self, path: &str, to: &str) -> Result<(), Error> {
        let _one = WRITING.lock();
        let from = self.present(path)?;
        let target = self.free(to)?;
        if target.starts_with(&from) {
            return Err(failure::invalid(format!("`{path}` cannot be moved into itself.")));
        }
        fs::rename(&from, &target).on(path)?;
        self.settle(&from, path)?;
        self.settle(&target, to)
    }

    /// Moves a file or folder to the trash.
    pub fn delete(&self, path: &str, trash: &Path) -> Result<(), Error> {
        let _one = WRITING.lock();
        let from = self.present(path)?;
        if trash.canonicalize().is_ok_and(|trash| trash.starts_with(&from)) {
            return Err(failure::invalid(format!("`{path}` holds the trash itself.")));
        }
        trash::take(&from, path, trash).on(path)?;
        self.settle(&from, path)
    }

    /// Up to `max` files below the workspace, for the palette: paths only, hidden ones left out, links not followed.
    pub fn walk(&self, max: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = std::collections::VecDeque::from([(self.root.clone(), String::new())]);
        while let Some((folder, prefix)) = folders.pop_front() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(name) = entry.file_name().into_string() else { continue };
                if name.starts_with('.') || matches!(name.as_str(), "node_modules" | "__pycache__" | "target") {
                    continue;
                }
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push_back((entry.path(), format!("{prefix}{name}/"))),
                    Ok(kind) if kind.is_file() => found.push(format!("{prefix}{name}")),
                    _ => {}
                }
                if found.len() >= max {
                    return found;
                }
            }
        }
        found
    }

    /// The disk's path of something that exists, with links resolved; it lies inside.
    pub fn existing(&self, path: &str) -> Result<PathBuf, Error> {
        let real = self.root.join(checked(path)?).canonicalize().on(path)?;
        if real.starts_with(&self.root) { Ok(real) } else { Err(outside(path)) }
    }

    /// The disk's path of a name in an existing folder inside; the name itself may be absent, a file, or a link.
    pub fn target(&self, path: &str) -> Result<PathBuf, Error> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        checked(path)?;
        let folder = if folder.is_empty() { self.root.clone() } else { self.existing(folder)? };
        if folder.is_dir() {
            Ok(folder.join(name))
        } else {
            Err(failure::invalid(format!("`{path}` is not in a folder.")))
        }
    }

    fn present(&self, path: &str) -> Result<PathBuf, Error> {
        let target = self.target(path)?;
        fs::symlink_metadata(&target).on(path)?;
        Ok(target)
    }

    fn free(&self, path: &str) -> Result<PathBuf, Error> {
        let target = self.target(path)?;
        match fs::symlink_metadata(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(target),
            Err(error) => Err(failure::of("The file", path, error)),
            Ok(_) => Err(failure::in_use(format!("`{path}` exists already."))),
        }
    }

    /// A new file, whole or absent: the link fails where the name is taken.
    fn create(&self, target: &Path, path: &str, content: &[u8]) -> Result<(), Error> {
        let folder = target.parent().unwrap_or(&self.root);
        let mut draft = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).on(path)?;
        draft.write_all(content).on(path)?;
        draft.as_file().sync_all().on(path)?;
        draft.persist_noclobber(target).map_err(|e| failure::of("The file", path, e.error))?;
        #[cfg(unix)]
        fs::set_permissions(target, std::os::unix::fs::PermissionsExt::from_mode(0o644)).on(path)?;
        self.settle(target, path)
    }

    fn settle(&self, changed: &Path, path: &str) -> Result<(), Error> {
        sync_dir(changed.parent().unwrap_or(&self.root)).on(path)
    }

    fn bytes(&self, file: &Path, path: &str) -> Result<Vec<u8>, Error> {
        if !fs::metadata(file).on(path)?.is_file() {
            return Err(failure::invalid(format!("`{path}` is not a file.")));
        }
        let mut bytes = Vec::new();
        fs::File::open(file).and_then(|f| f.take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes)).on(path)?;
        if bytes.len() as u64 > MAX_TEXT_BYTES {
            return Err(failure::invalid(format!(
                "`{path}` is larger than the {} MiB that the editor opens.",
                MAX_TEXT_BYTES >> 20
            )));
        }
        Ok(bytes)
    }
}

/// The path if every part of it is a plain name.
fn checked(path: &str) -> Result<&str, Error> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= 255 && !part.contains(['\0', '\\']);
    if path.len() <= 4096 && path.split('/').all(plain) { Ok(path) } else { Err(outside(path)) }
}

fn outside(path: &str) -> Error {
    let shown: String = path.chars().take(200).collect();
    failure::invalid(format!("`{shown}` is not a path inside the workspace."))
}

/// The content's digest: time stamps are too coarse to tell two quick edits apart.
fn version(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)[..16])
}
