//! Long work: how it is cancelled, how much of it runs at once, what it runs behind, and that a panic in it is an answer.

use crate::error::{ExploreError, Result};
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A promise to stop soon. Loops over millions of rows look at it every block.
#[derive(Clone, Default, Debug)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for the recipe crate's own promise.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(ExploreError::Cancelled) } else { Ok(()) }
    }
}

/// The calls under way that carry a name.
#[derive(Default)]
pub(crate) struct Requests(Mutex<HashMap<String, (u64, Cancel)>>, std::sync::atomic::AtomicU64);

impl Requests {
    /// Notes a call for the time that the guard lives. An empty name cannot be cancelled.
    pub fn begin(&self, name: &str) -> Running<'_> {
        let cancel = Cancel::default();
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        if !name.is_empty() {
            self.0.lock().insert(name.to_owned(), (number, cancel.clone()));
        }
        Running { requests: self, name: name.to_owned(), number, cancel }
    }

    pub fn cancel(&self, name: &str) {
        if let Some((_, cancel)) = self.0.lock().get(name) {
            cancel.cancel();
        }
    }
}

pub(crate) struct Running<'a> {
    requests: &'a Requests,
    name: String,
    number: u64,
    pub cancel: Cancel,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut all = self.requests.0.lock();
        if all.get(&self.name).is_some_and(|(number, _)| *number == self.number) {
            all.remove(&self.name);
        }
    }
}

/// So many heavy computations at once; pages of rows never ask here, and so never wait.
pub(crate) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    pub fn new(count: usize) -> Self {
        Self { free: Mutex::new(count.max(1)), freed: Condvar::new() }
    }

    /// Waits for a slot, or until the work is cancelled.
    pub fn enter(&self, cancel: &Cancel) -> Result<Slot<'_>> {
        let mut free = self.free.lock();
        while *free == 0 {
            cancel.check()?;
            self.freed.wait_for(&mut free, std::time::Duration::from_millis(50));
        }
        cancel.check()?;
        *free -= 1;
        Ok(Slot(self))
    }
}

pub(crate) struct Slot<'a>(&'a Slots);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

/// Computes what no hand waits for, behind everything else that the machine has to do: a window stays smooth, and so do
/// the pages of rows, while a table's statistics take every core that is left. For plain loops: a pool of threads that
/// `work` were the first to use would be as patient as its thread, for good.
pub(crate) fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    std::thread::scope(|scope| {
        let run = || {
            wait_for_others();
            work.take().map(|work| work())
        };
        // A thread of its own, since a system lets nobody take his patience back.
        match std::thread::Builder::new().name("aside".to_owned()).spawn_scoped(scope, run) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => {
                tracing::warn!(%error, "no thread for work aside");
                None
            }
        }
    })
    .or_else(|| work.take().map(|work| work()))
    .unwrap_or_else(|| unreachable!("the work was done"))
}

/// Makes this thread yield to others. Elsewhere than on Linux that would concern the whole process.
fn wait_for_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!(%error, "a thread does not yield to others");
    }
}

/// Runs what may panic on hostile input. The panic's own message goes to the log and, shortened, into the answer.
pub(crate) fn guard<T>(source: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
        tracing::error!(source, text, "reading or computing a table panicked");
        let reason = format!("the reader gave up on its content ({})", text.chars().take(200).collect::<String>());
        Err(ExploreError::Compute { source_name: source.to_owned(), reason })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_call_is_cancelled() {
        let requests = Requests::default();
        let (a, b) = (requests.begin("a"), requests.begin("b"));
        requests.cancel("a");
        requests.cancel("none");
        assert!(a.cancel.is_cancelled() && !b.cancel.is_cancelled());
        drop(a);
        let again = requests.begin("a");
        assert!(!again.cancel.is_cancelled());
    }

    #[test]
    fn waiting_ends_when_cancelled() {
        let slots = Slots::new(1);
        let held = slots.enter(&Cancel::default()).unwrap();
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(slots.enter(&cancel).is_err_and(|error| error.is_cancelled()));
        drop(held);
        assert!(slots.enter(&Cancel::default()).is_ok());
    }

    #[test]
    fn work_aside_is_done_and_only_its_own_thread_yields() {
        let patience = || rustix::process::getpriority_process(None).unwrap();
        let before = patience();
        let of_work = aside(patience);
        assert_eq!(patience(), before);
        if cfg!(target_os = "linux") {
            assert_eq!(of_work, 10.max(before));
        }
        let error = guard::<()>("a.csv", || aside(|| panic!("aside"))).unwrap_err();
        assert!(error.to_string().contains("aside"), "{error}");
    }

    #[test]
    fn a_panic_is_an_answer() {
        let error = guard::<()>("a.csv", || panic!("index out of bounds")).unwrap_err();
        assert!(error.to_string().contains("index out of bounds"), "{error}");
    }
}
