//! The folder as a shelf of names: putting, finding, forgetting, making room.

use crate::folder::{self, FOLDER_VARIABLE, check_name};
use crate::manifest::{Kind, Manifest, Producer, VERSION, now_ms};
use crate::{BridgeError, Get, Put, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A reader that finds a manifest whose data is gone looks again this often: it met a putter between two steps.
const LOOKS: u32 = 20;
/// What a process that ended in the middle left is removed after this.
const ABANDONED: Duration = Duration::from_secs(3600);
/// A manifest is small; whatever is larger was not written here.
const MANIFEST_LIMIT: u64 = 16 << 20;

/// The bridge of one home.
#[derive(Clone, Debug)]
pub struct Bridge {
    folder: PathBuf,
}

/// A name's manifest and its data, held open: it stays readable when the name goes to something else.
#[derive(Debug)]
pub struct Entry {
    pub name: String,
    pub manifest: Manifest,
    pub path: PathBuf,
    pub(crate) file: File,
}

/// What a putter says of the data that it writes.
pub(crate) struct Draft {
    pub kind: Kind,
    pub made_by: String,
    /// How large the data will be, more or less.
    pub num_bytes: u64,
    pub rows: Option<u64>,
    pub columns: Vec<crate::Column>,
    pub shape: Vec<u64>,
    pub dtype: String,
}

impl Bridge {
    /// The bridge in this folder, which is made when something is put.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Bridge { folder: folder.into() }
    }

    /// The bridge that the studio gave to this process.
    pub fn from_env() -> Result<Self> {
        let folder = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
        folder.map(Self::at).ok_or(BridgeError::NoFolder)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// See [`crate::put`].
    pub fn put<T: Put + ?Sized>(&self, name: &str, thing: &T) -> Result<()> {
        check_name(name)?;
        folder::prepare(&self.folder)?;
        thing.put(self, name)
    }

    /// See [`crate::get`].
    pub fn get<T: Get>(&self, name: &str) -> Result<T> {
        T::get(&self.entry(name)?)
    }

    pub fn names(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = self.files()?.filter_map(|path| name_of(&path, "json")).collect();
        names.sort();
        Ok(names)
    }

    pub fn delete(&self, name: &str) -> Result<()> {
        check_name(name)?;
        if !self.manifest_path(name).exists() {
            return Err(self.unknown(name));
        }
        let _lock = self.lock()?;
        self.remove(name);
        let _ = fs::remove_file(self.tombstone_path(name));
        Ok(())
    }

    /// Opens what has this name now.
    pub fn entry(&self, name: &str) -> Result<Entry> {
        check_name(name)?;
        for look in 1.. {
            let manifest = self.manifest(name)?;
            let path = self.folder.join(&manifest.data);
            let file = match File::open(&path) {
                Ok(file) => file,
                // Replaced between the two steps, unless it stays so.
                Err(error) if error.kind() == io::ErrorKind::NotFound && look < LOOKS => {
                    std::thread::yield_now();
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(stale(name, &manifest, "its data was removed".to_owned()));
                }
                Err(error) => return Err(BridgeError::io(format!("opening {}", path.display()))(error)),
            };
            let found = file.metadata().map_err(BridgeError::io(format!("opening {}", path.display())))?.len();
            if found != manifest.num_bytes {
                let why = format!("its data has {found} bytes instead of {}", manifest.num_bytes);
                return Err(stale(name, &manifest, why));
            }
            // For whom room is made: those who were not read for longest. A failure loses only this order.
            let read_now = |file: File| file.set_modified(SystemTime::now());
            let _ = OpenOptions::new().append(true).open(self.manifest_path(name)).and_then(read_now);
            return Ok(Entry { name: name.to_owned(), manifest, path, file });
        }
        unreachable!("the loop ends by returning")
    }

    fn manifest(&self, name: &str) -> Result<Manifest> {
        let path = self.manifest_path(name);
        let text = match fs::read(&path) {
            Ok(text) if text.len() as u64 <= MANIFEST_LIMIT => text,
            Ok(_) => return Err(broken(name, "its manifest is too long")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.unknown(name)),
            Err(error) => return Err(BridgeError::io(format!("reading {}", path.display()))(error)),
        };
        // The version first: what a later one writes may not parse.
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|_| broken(name, "its manifest cannot be read"))?;
        let version = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0) as u32;
        if version > VERSION {
            return Err(BridgeError::Newer { name: name.to_owned(), version });
        }
        let manifest: Manifest =
            serde_json::from_value(value).map_err(|_| broken(name, "its manifest cannot be read"))?;
        let plain = manifest.data.starts_with(&format!("{name}~")) && !manifest.data.contains(['/', '\\', '\0']);
        if plain { Ok(manifest) } else { Err(broken(name, "its manifest names other data")) }
    }

    fn unknown(&self, name: &str) -> BridgeError {
        if let Ok(for_name) = fs::read_to_string(self.tombstone_path(name)) {
            return BridgeError::Dropped { name: name.to_owned(), for_name };
        }
        let names = self.names().unwrap_or_default();
        BridgeError::Unknown { name: name.to_owned(), near: near(name, names) }
    }

    /// Makes room, lets `write` fill a file, and gives it the name.
    pub(crate) fn store(&self, name: &str, draft: Draft, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
        let budget = folder::budget(&self.folder)?;
        if draft.num_bytes > budget {
            return Err(BridgeError::TooLarge { name: name.to_owned(), bytes: draft.num_bytes, budget });
        }
        self.make_room(name, draft.num_bytes, budget)?;
        let data = format!("{name}~{}.{}", token(), draft.kind.extension());
        let path = self.folder.join(&data);
        let written = create(&path).and_then(|mut file| write(&mut file).and(Ok(file)));
        let stored = written.and_then(|file| self.commit(name, draft, data, &file));
        if stored.is_err() {
            let _ = fs::remove_file(&path);
        }
        stored
    }

    fn commit(&self, name: &str, draft: Draft, data: String, file: &File) -> Result<()> {
        let num_bytes = file.metadata().map_err(BridgeError::io(format!("writing {data}")))?.len();
        let manifest = Manifest {
            version: VERSION,
            kind: draft.kind,
            data,
            num_bytes,
            created_ms: now_ms(),
            producer: Producer::this("rust"),
            made_by: draft.made_by,
            rows: draft.rows,
            columns: draft.columns,
            index: Vec::new(),
            shape: draft.shape,
            fortran: false,
            dtype: draft.dtype,
        };
        let text = serde_json::to_vec(&manifest).map_err(|error| broken(name, &error.to_string()))?;
        let draft_path = self.folder.join(format!("{name}~{}.draft", token()));
        let _lock = self.lock()?;
        let old = self.manifest(name).ok();
        let replaced = create(&draft_path)
            .and_then(|mut file| file.write_all(&text).map_err(|error| self.no_room(name, num_bytes, error)))
            .and_then(|()| {
                fs::rename(&draft_path, self.manifest_path(name)).map_err(BridgeError::io(format!("naming {name}")))
            });
        if replaced.is_err() {
            let _ = fs::remove_file(&draft_path);
            return replaced;
        }
        if let Some(old) = old {
            let _ = fs::remove_file(self.folder.join(old.data));
        }
        let _ = fs::remove_file(self.tombstone_path(name));
        Ok(())
    }

    /// Drops what was not read for longest until `bytes` fit, and says so in its place.
    fn make_room(&self, name: &str, bytes: u64, budget: u64) -> Result<()> {
        let _lock = self.lock()?;
        self.sweep_locked()?;
        let mut shelf = Vec::new();
        for other in self.names()? {
            let manifest_path = self.manifest_path(&other);
            let used =
                fs::metadata(&manifest_path).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
            let size = self.manifest(&other).map_or(0, |manifest| manifest.num_bytes);
            shelf.push((used, size, other));
        }
        shelf.sort();
        let mut total: u64 = shelf.iter().map(|(_, size, _)| size).sum();
        let free = || folder::room(&self.folder).map(|room| room.free);
        for (_, size, other) in shelf {
            if total.saturating_add(bytes) <= budget && bytes <= free()? {
                return Ok(());
            }
            self.remove(&other);
            let _ = fs::write(self.tombstone_path(&other), name);
            total = total.saturating_sub(size);
        }
        let free = free()?;
        if bytes <= free {
            return Ok(());
        }
        Err(BridgeError::Full { name: name.to_owned(), bytes, free, folder: self.folder.clone() })
    }

    /// A failed write, in words.
    pub(crate) fn no_room(&self, name: &str, bytes: u64, error: io::Error) -> BridgeError {
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            let free = folder::room(&self.folder).map_or(0, |room| room.free);
            return BridgeError::Full { name: name.to_owned(), bytes, free, folder: self.folder.clone() };
        }
        BridgeError::io(format!("writing {name} to {}", self.folder.display()))(error)
    }

    /// Removes what processes that ended in the middle of a put left. Called at every put.
    pub fn sweep(&self) -> Result<()> {
        let _lock = self.lock()?;
        self.sweep_locked()
    }

    fn sweep_locked(&self) -> Result<()> {
        for path in self.files()? {
            let Some(file_name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            let Some((name, _)) = file_name.split_once('~') else { continue };
            let age = fs::metadata(&path).and_then(|found| found.modified()).ok().and_then(|time| time.elapsed().ok());
            let is_old = age.is_some_and(|age| age > ABANDONED);
            if is_old && self.manifest(name).map_or(true, |manifest| manifest.data != file_name) {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// Forgets everything: when the backend stops. Only files of the bridge's own are removed.
    pub fn clear(&self) -> Result<()> {
        if !self.folder.exists() {
            return Ok(());
        }
        folder::prepare(&self.folder)?;
        {
            let _lock = self.lock()?;
            for path in self.files()? {
                let own = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                    name.contains('~') || name_of(&path, "json").or_else(|| name_of(&path, "gone")).is_some()
                });
                if own {
                    let _ = fs::remove_file(&path);
                }
            }
        }
        let _ = fs::remove_file(self.folder.join(LOCK));
        // Fails where somebody else's files are in it, which is right.
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }

    fn remove(&self, name: &str) {
        let data = self.manifest(name).ok().map(|manifest| manifest.data);
        let _ = fs::remove_file(self.manifest_path(name));
        if let Some(data) = data {
            let _ = fs::remove_file(self.folder.join(data));
        }
    }

    fn files(&self) -> Result<impl Iterator<Item = PathBuf> + use<>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => Some(entries),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(BridgeError::io(format!("reading {}", self.folder.display()))(error)),
        };
        Ok(entries.into_iter().flatten().flatten().map(|entry| entry.path()))
    }

    /// Held while names change hands; readers need none. Python takes the same one.
    fn lock(&self) -> Result<File> {
        let path = self.folder.join(LOCK);
        let failed = || BridgeError::io(format!("locking {}", path.display()));
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed())?;
        file.lock().map_err(failed())?;
        Ok(file)
    }

    fn manifest_path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    fn tombstone_path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.gone"))
    }
}

const LOCK: &str = ".lock";

fn create(path: &Path) -> Result<File> {
    let made = OpenOptions::new().write(true).read(true).create_new(true).mode(0o600).open(path);
    made.map_err(BridgeError::io(format!("writing {}", path.display())))
}

/// Different for every file that this user's processes make.
fn token() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    format!("{}-{:x}-{}", std::process::id(), nanos, COUNT.fetch_add(1, Ordering::Relaxed))
}

fn name_of(path: &Path, extension: &str) -> Option<String> {
    let name = path.file_name()?.to_str()?.strip_suffix(extension)?.strip_suffix('.')?;
    check_name(name).ok().map(|()| name.to_owned())
}

fn stale(name: &str, manifest: &Manifest, why: String) -> BridgeError {
    BridgeError::Stale { name: name.to_owned(), why, producer: manifest.producer.advice() }
}

fn broken(name: &str, why: &str) -> BridgeError {
    BridgeError::Stale { name: name.to_owned(), why: why.to_owned(), producer: "Put it again.".to_owned() }
}

/// The names that a person may have meant, else the first ten.
fn near(name: &str, names: Vec<String>) -> Vec<String> {
    let wish = name.to_lowercase();
    let close = |other: &String| {
        let other = other.to_lowercase();
        other.starts_with(&wish) || wish.starts_with(&other) || distance(&wish, &other) <= 1 + wish.chars().count() / 4
    };
    let found: Vec<String> = names.iter().filter(|other| close(other)).take(10).cloned().collect();
    if found.is_empty() { names.into_iter().take(10).collect() } else { found }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (corner + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
