//! An open notebook and its kernel: the pure [`Book`] with a clock, a file and a process around it.

use crate::KernelError;
use crate::book::Book;
use crate::disk::{self, Fingerprint};
use crate::document::Document;
use crate::drive::{self, Order};
use crate::kernels::Shared;
use crate::kernelspec::{self, Launcher};
use crate::launch;
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{Completions, KernelInfo, KernelState};
use atelier_wire::studio::notebook::{Edit, Notebook};
use nix::unistd::Pid;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, mpsc, oneshot};

/// An edit is on disk this much later; a burst of edits makes one write.
const AUTOSAVE_AFTER: Duration = Duration::from_millis(1500);
/// How often the file is looked at for what other programs wrote.
const LOOK_AT_DISK: Duration = Duration::from_secs(2);
/// How long a kernel may take to complete a word: the first time it loads its completer.
const COMPLETE_LIMIT: Duration = Duration::from_secs(10);

pub(crate) struct Session {
    pub shared: Arc<Shared>,
    inner: Mutex<Inner>,
    /// Held while the file is written, so that two writes do not cross.
    saving: tokio::sync::Mutex<()>,
    unsaved: Notify,
}

pub(crate) struct Inner {
    pub path: String,
    pub file: PathBuf,
    pub book: Book,
    pub kernel: Option<Kernel>,
    /// The book's version that is on disk.
    saved_version: u64,
    dirty: bool,
    disk: Fingerprint,
    /// Size and time of the file when it was last looked at, to read it only when they changed.
    seen: Option<(u64, SystemTime)>,
    /// Another program changed the file while edits were unsaved: nothing is written until somebody asks.
    conflict: bool,
}

pub(crate) struct Kernel {
    pub info: KernelInfo,
    pub group: Option<Pid>,
    orders: mpsc::UnboundedSender<Order>,
}

impl Inner {
    fn snapshot(&self) -> Notebook {
        Notebook {
            path: self.path.clone(),
            cells: self.book.document.to_wire(),
            kernel_name: self.book.document.kernel_name(),
            language: self.book.document.language(),
            kernels: self.kernel.as_ref().map(Kernel::info_now).into_iter().collect(),
            dirty: self.dirty,
            can_undo: false,
            can_redo: false,
            conflict: None,
            notes: Vec::new(),
            input: None,
        }
    }

    pub fn kernels(&self) -> NotebookChange {
        NotebookChange::Kernels {
            kernels: self.kernel.as_ref().map(Kernel::info_now).into_iter().collect(),
            kernel_name: self.book.document.kernel_name(),
            language: self.book.document.language(),
        }
    }
}

impl Kernel {
    pub fn info_now(&self) -> KernelInfo {
        KernelInfo { memory_bytes: self.group.map_or(0, launch::memory_bytes), ..self.info.clone() }
    }

    pub fn is_alive(&self) -> bool {
        self.info.state != KernelState::Dead
    }
}

/// Seconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn stat(file: &std::path::Path) -> Option<(u64, SystemTime)> {
    let found = std::fs::metadata(file).ok()?;
    Some((found.len(), found.modified().ok()?))
}

impl Session {
    /// Reads the file and starts to look after it.
    pub fn open(shared: Arc<Shared>, path: &str) -> Result<Arc<Session>, KernelError> {
        let file = disk::resolve(&shared.options.workspace, path)?;
        let seen = stat(&file);
        let bytes = disk::read(&file)?.ok_or_else(|| KernelError::NotFound(path.to_owned()))?;
        let book = Book::new(Document::parse(path, &bytes)?);
        let inner = Inner {
            path: path.to_owned(),
            file,
            book,
            kernel: None,
            saved_version: 0,
            dirty: false,
            disk: disk::fingerprint(&bytes),
            seen,
            conflict: false,
        };
        let session = Session { shared, inner: Mutex::new(inner), saving: tokio::sync::Mutex::new(()), unsaved: Notify::new() };
        let session = Arc::new(session);
        tokio::spawn(look_after(Arc::downgrade(&session)));
        Ok(session)
    }

    pub fn path(&self) -> String {
        self.inner.lock().path.clone()
    }

    pub fn follow(&self, path: String, file: PathBuf) {
        let mut inner = self.inner.lock();
        inner.path = path;
        inner.seen = stat(&file);
        inner.file = file;
    }

    pub fn snapshot(&self) -> Notebook {
        self.inner.lock().snapshot()
    }

    pub fn kernel_info(&self) -> Option<KernelInfo> {
        self.inner.lock().kernel.as_ref().map(Kernel::info_now)
    }

    /// Changes the state under the lock and tells windows before anybody else can change it, so that they hear of
    /// changes in the order in which they happened.
    pub fn change<R>(&self, work: impl FnOnce(&mut Inner) -> (R, Vec<NotebookChange>)) -> R {
        let mut inner = self.inner.lock();
        let (result, changes) = work(&mut inner);
        for change in changes {
            self.tell(&inner, change);
        }
        let dirty = inner.book.version != inner.saved_version;
        if dirty != std::mem::replace(&mut inner.dirty, dirty) {
            self.tell(&inner, NotebookChange::Saved { dirty });
        }
        if dirty {
            self.unsaved.notify_one();
        }
        result
    }

    fn tell(&self, inner: &Inner, change: NotebookChange) {
        (self.shared.events)(Event::Notebook { path: inner.path.clone(), change });
    }

    pub fn edit(&self, edits: &[Edit]) -> Result<(), KernelError> {
        self.change(|inner| match inner.book.edit(edits) {
            Ok(changes) => (Ok(()), changes),
            Err(error) => (Err(error), Vec::new()),
        })
    }

    pub fn run(self: &Arc<Self>, cells: &[String]) -> Result<(), KernelError> {
        self.change(|inner| match inner.book.queue(cells) {
            Ok(changes) => (Ok(()), changes),
            Err(error) => (Err(error), Vec::new()),
        })?;
        let orders = {
            let inner = self.inner.lock();
            inner.kernel.as_ref().filter(|kernel| kernel.is_alive()).map(|kernel| kernel.orders.clone())
        };
        match orders {
            // An error means that the kernel died just now, which drops the queue.
            Some(orders) => drop(orders.send(Order::Work)),
            None => self.start()?,
        }
        Ok(())
    }

    /// Starts a kernel in the background. The dead one it follows, if any, is forgotten.
    fn start(self: &Arc<Self>) -> Result<(), KernelError> {
        let (name, language) = {
            let inner = self.inner.lock();
            (inner.book.document.kernel_name(), inner.book.document.language())
        };
        let Some(launcher) = kernelspec::choose(&name, &language) else {
            self.change(|inner| ((), inner.book.drop_queue()));
            return Err(KernelError::Start(format!("there is no kernel {name} on this machine")));
        };
        let (orders, taken) = mpsc::unbounded_channel();
        let Launcher { spec, .. } = &launcher;
        let info = KernelInfo {
            id: uuid::Uuid::new_v4().to_string(),
            name: spec.name.clone(),
            display_name: spec.display_name.clone(),
            language: spec.language.clone(),
            environment: spec.environment.clone(),
            queue: Vec::new(),
            state: KernelState::Starting,
            problem: None,
            memory_bytes: 0,
        };
        let id = info.id.clone();
        self.change(|inner| {
            inner.kernel = Some(Kernel { info: info.clone(), group: None, orders });
            ((), vec![inner.kernels()])
        });
        self.announce_kernel();
        tokio::spawn(drive::drive(self.clone(), id, launcher, taken));
        Ok(())
    }

    /// Lists of kernels should be read again.
    pub fn announce_kernel(&self) {
        (self.shared.events)(Event::Changed { tag: "kernel".to_owned(), id: self.path() });
    }

    pub fn interrupt(&self) -> Result<(), KernelError> {
        let mut inner = self.inner.lock();
        let path = inner.path.clone();
        let kernel = inner.kernel.as_ref().filter(|kernel| kernel.is_alive()).ok_or(KernelError::NoKernel(path))?;
        if let (Some(group), KernelState::Busy) = (kernel.group, kernel.info.state) {
            launch::interrupt(group);
        }
        for change in inner.book.drop_queue() {
            self.tell(&inner, change);
        }
        Ok(())
    }

    /// Ends the kernel and waits until it is gone. Nothing to do where none is.
    pub async fn stop(&self) {
        let orders = self.inner.lock().kernel.as_ref().map(|kernel| kernel.orders.clone());
        let Some(orders) = orders else { return };
        let (done, gone) = oneshot::channel();
        if orders.send(Order::Stop(done)).is_ok() {
            // An error means that it ended by itself meanwhile.
            let _ = gone.await;
        }
        let had = self.change(|inner| {
            let mut changes = inner.book.kernel_ended(now());
            let had = inner.kernel.take().is_some();
            changes.push(inner.kernels());
            (had, changes)
        });
        if had {
            self.announce_kernel();
        }
    }

    pub async fn restart(self: &Arc<Self>) -> Result<(), KernelError> {
        self.stop().await;
        self.start()
    }

    /// Completes a word; nothing is offered while there is no kernel or a cell keeps it busy.
    pub async fn complete(&self, code: String, cursor: usize) -> Completions {
        let idle = |kernel: &&Kernel| kernel.info.state == KernelState::Idle;
        let orders = self.inner.lock().kernel.as_ref().filter(idle).map(|kernel| kernel.orders.clone());
        let Some(orders) = orders else { return Completions::default() };
        let (answer, answered) = oneshot::channel();
        if orders.send(Order::Complete { code, cursor, answer }).is_err() {
            return Completions::default();
        }
        match tokio::time::timeout(COMPLETE_LIMIT, answered).await {
            Ok(Ok(completions)) => completions,
            _ => Completions::default(),
        }
    }

    /// Takes over what another program wrote, if nothing here would be lost by it.
    pub async fn refresh(&self) -> Result<(), KernelError> {
        let _turn = self.saving.lock().await;
        let (file, path, known, seen) = {
            let inner = self.inner.lock();
            (inner.file.clone(), inner.path.clone(), inner.disk, inner.seen)
        };
        let seen_now = stat(&file);
        if seen_now == seen || seen_now.is_none() {
            return Ok(());
        }
        let Some(bytes) = disk::read(&file)? else { return Ok(()) };
        let found = disk::fingerprint(&bytes);
        let document = if found == known { None } else { Some(Document::parse(&path, &bytes)?) };
        self.change(|inner| {
            inner.seen = seen_now;
            let Some(document) = document else { return ((), Vec::new()) };
            if inner.dirty || !inner.book.is_at_rest() {
                tracing::warn!(path = inner.path, "a notebook was changed on disk while it has unsaved changes");
                inner.conflict = true;
                return ((), Vec::new());
            }
            inner.disk = found;
            ((), inner.book.replace(document))
        });
        Ok(())
    }

    /// Writes the file. `asked`: a person wants it, which also settles a conflict: the other program's version is
    /// then kept beside it. The first time that a conflict is met it is an error all the same, so that they know.
    pub async fn save(&self, asked: bool) -> Result<(), KernelError> {
        let _turn = self.saving.lock().await;
        let (bytes, version, file, path, known, conflict) = {
            let inner = self.inner.lock();
            let nothing_to_do = !inner.dirty && inner.file.exists();
            if nothing_to_do || (!asked && (inner.conflict || !inner.dirty)) {
                return Ok(());
            }
            let bytes = inner.book.document.to_bytes();
            (bytes, inner.book.version, inner.file.clone(), inner.path.clone(), inner.disk, inner.conflict)
        };
        let written = disk::fingerprint(&bytes);
        let write = move || -> Result<Option<(u64, SystemTime)>, KernelError> {
            let found = disk::read(&file)?.map_or(None, |bytes| disk::fingerprint(&bytes));
            if found.is_none() && !asked {
                // Deleted by somebody: not ours to bring back unasked.
                return Err(KernelError::NotFound(path));
            }
            if found.is_some() && found != known && found != written {
                let aside = disk::aside(&file);
                if !(asked && conflict) {
                    let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    return Err(KernelError::ChangedOnDisk { path, aside: name });
                }
                std::fs::rename(&file, &aside).map_err(KernelError::io(format!("writing {}", aside.display())))?;
            }
            if found != written {
                disk::replace(&file, &bytes)?;
            }
            Ok(stat(&file))
        };
        let outcome = tokio::task::spawn_blocking(write).await.unwrap_or_else(|panic| Err(KernelError::Start(panic.to_string())));
        self.change(|inner| match outcome {
            Ok(seen) => {
                inner.saved_version = version;
                inner.disk = written;
                inner.seen = seen;
                inner.conflict = false;
                (Ok(()), Vec::new())
            }
            Err(error) => {
                inner.conflict |= matches!(error, KernelError::ChangedOnDisk { .. });
                (Err(error), Vec::new())
            }
        })
    }
}

/// Saves what changed and notices what others changed, until the notebook is closed.
async fn look_after(session: Weak<Session>) {
    loop {
        let Some(open) = session.upgrade() else { return };
        let changed = tokio::time::timeout(LOOK_AT_DISK, open.unsaved.notified()).await.is_ok();
        drop(open);
        if changed {
            tokio::time::sleep(AUTOSAVE_AFTER).await;
        }
        let Some(open) = session.upgrade() else { return };
        let outcome = if changed { open.save(false).await } else { open.refresh().await };
        match outcome {
            Ok(()) | Err(KernelError::NotFound(_)) => {}
            Err(error) => {
                tracing::warn!(path = open.path(), %error, "a notebook was not saved or read again");
                // A full disk does not get better by trying faster.
                tokio::time::sleep(LOOK_AT_DISK).await;
            }
        }
    }
}

/// What the kernel's task does to its notebook. Each names the kernel it speaks for: a new one may have taken its place.
impl Session {
    pub fn with_kernel(&self, id: &str, work: impl FnOnce(&mut Inner) -> Vec<NotebookChange>) {
        self.change(|inner| {
            let current = inner.kernel.as_ref().is_some_and(|kernel| kernel.info.id == id);
            ((), if current { work(inner) } else { Vec::new() })
        });
    }

    pub fn update_kernel(&self, id: &str, update: impl FnOnce(&mut KernelInfo)) {
        self.with_kernel(id, |inner| {
            let Some(kernel) = &mut inner.kernel else { return Vec::new() };
            update(&mut kernel.info);
            vec![inner.kernels()]
        });
    }

    /// Where the kernel starts: the notebook's folder, so that relative paths in it hold.
    pub fn working_dir(&self) -> PathBuf {
        let file = self.inner.lock().file.clone();
        match &self.shared.options.working_dir {
            Some(folder) => folder.clone(),
            None => file.parent().map_or_else(|| self.shared.options.workspace.clone(), PathBuf::from),
        }
    }
}
