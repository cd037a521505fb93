//! The process's own side: it loads each cell's library and calls it on its main thread.

use nix::libc;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::FromRawFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The argument that makes this program the one that runs cells.
pub const FLAG: &str = "--run-cells";
/// Where the socket to the kernel is, in this process.
pub const CONTROL: i32 = 3;

#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    Run { library: String },
    Peek { room: usize },
    Drop { names: Vec<String> },
    Enter { folder: PathBuf, env: Vec<(String, String)> },
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The cell's code begins; the copy is the process that keeps the variables of before.
    Started {
        copy: Option<i32>,
    },
    Done {
        code: i32,
        new: Vec<String>,
        have: Vec<String>,
        place: String,
    },
    Peeked {
        values: BTreeMap<String, String>,
    },
    Failed {
        reason: String,
    },
}

#[repr(C)]
struct Store {
    take: unsafe extern "C" fn(*const u8, usize) -> *mut u8,
    put: unsafe extern "C" fn(*const u8, usize, *mut u8, Handling, bool),
    note: unsafe extern "C" fn(*const u8, usize),
    hook: unsafe extern "C" fn() -> bool,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Handling {
    drop: unsafe extern "C" fn(*mut u8),
    peek: unsafe extern "C" fn(*const u8, *mut u8, usize) -> usize,
}

struct Slot {
    value: *mut u8,
    handling: Handling,
}

// SAFETY: only the main thread, which runs the cells, reaches the values.
unsafe impl Send for Slot {}

#[derive(Default)]
struct Kept {
    slots: BTreeMap<String, Slot>,
    new: Vec<String>,
    place: String,
    is_hooked: bool,
}

static KEPT: Mutex<Kept> =
    Mutex::new(Kept { slots: BTreeMap::new(), new: Vec::new(), place: String::new(), is_hooked: false });

fn kept<R>(use_it: impl FnOnce(&mut Kept) -> R) -> R {
    use_it(&mut KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

unsafe fn text(start: *const u8, length: usize) -> String {
    String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(start, length) }).into_owned()
}

unsafe extern "C" fn take(name: *const u8, length: usize) -> *mut u8 {
    let name = unsafe { text(name, length) };
    kept(|kept| kept.slots.remove(&name).map_or(std::ptr::null_mut(), |slot| slot.value))
}

unsafe extern "C" fn put(name: *const u8, length: usize, value: *mut u8, handling: Handling, is_new: bool) {
    let name = unsafe { text(name, length) };
    let unwanted = kept(|kept| {
        if !is_new && kept.slots.contains_key(&name) {
            return Some(Slot { value, handling });
        }
        if is_new {
            kept.new.push(name.clone());
        }
        kept.slots.insert(name, Slot { value, handling })
    });
    // Dropping runs the user's code, which may come back here.
    if let Some(slot) = unwanted {
        unsafe { (slot.handling.drop)(slot.value) }
    }
}

unsafe extern "C" fn note(place: *const u8, length: usize) {
    let place = unsafe { text(place, length) };
    kept(|kept| kept.place = place);
}

unsafe extern "C" fn hook() -> bool {
    kept(|kept| !std::mem::replace(&mut kept.is_hooked, true))
}

static STORE: Store = Store { take, put, note, hook };

/// Serves the kernel until it goes away.
pub fn run_cells() -> ! {
    // SAFETY: the kernel put its socket there before it started this program.
    let mut control = unsafe {
        libc::fcntl(CONTROL, libc::F_SETFD, libc::FD_CLOEXEC);
        let mut waiting: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut waiting);
        libc::sigaddset(&mut waiting, libc::SIGUSR1);
        libc::sigprocmask(libc::SIG_BLOCK, &waiting, std::ptr::null_mut());
        UnixStream::from_raw_fd(CONTROL)
    };
    let Ok(reading) = control.try_clone() else { std::process::exit(1) };
    set_close_on_exec(&reading);
    for line in BufReader::with_capacity(1 << 16, reading).lines() {
        let Ok(line) = line else { break };
        let Ok(request) = serde_json::from_str(&line) else { continue };
        match request {
            Request::Run { library } => run(&library, &mut control),
            Request::Peek { room } => reply(&mut control, &Reply::Peeked { values: peek(room) }),
            Request::Drop { names } => names.iter().for_each(|name| forget(name)),
            Request::Enter { folder, env } => enter(&folder, &env),
        }
    }
    // No destructors: the code of thread-local variables may be in any library.
    unsafe { libc::_exit(0) }
}

fn set_close_on_exec(socket: &UnixStream) {
    use std::os::fd::AsRawFd;
    unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
}

fn reply(control: &mut UnixStream, reply: &Reply) {
    let mut line = serde_json::to_string(reply).unwrap_or_default();
    line.push('\n');
    if control.write_all(line.as_bytes()).is_err() {
        unsafe { libc::_exit(0) }
    }
}

fn run(library: &str, control: &mut UnixStream) {
    let copy = match copy_self() {
        Copy::Made(pid) => Some(pid),
        Copy::Impossible => None,
        // This is the copy, and it is needed: the cell did not end well.
        Copy::Itself => return,
    };
    reply(control, &Reply::Started { copy });
    kept(|kept| {
        kept.new.clear();
        kept.place.clear();
    });
    let outcome = end_with_the_kernel(|| load_and_call(library));
    let answer = match outcome {
        Ok(code) => kept(|kept| Reply::Done {
            code,
            new: std::mem::take(&mut kept.new),
            have: kept.slots.keys().cloned().collect(),
            place: std::mem::take(&mut kept.place),
        }),
        Err(reason) => Reply::Failed { reason },
    };
    if let Some(pid) = copy {
        unsafe {
            libc::kill(pid, libc::SIGKILL);
            libc::waitpid(pid, std::ptr::null_mut(), 0);
        }
    }
    reply(control, &answer);
}

fn load_and_call(library: &str) -> Result<i32, String> {
    type CellFn = unsafe extern "C" fn(*const Store) -> i32;
    // SAFETY: the library was compiled by the kernel, against this very interface.
    unsafe {
        let library = libloading::Library::new(library).map_err(|error| error.to_string())?;
        let call: CellFn = *library.get::<CellFn>(b"atelier_cell").map_err(|error| error.to_string())?;
        // Variables, threads and statics may refer to its code for ever.
        std::mem::forget(library);
        Ok(call(&raw const STORE))
    }
}

/// A cell that never ends must not outlive the kernel: while it runs, the end of the socket ends this process.
fn end_with_the_kernel<R>(work: impl FnOnce() -> R) -> R {
    unsafe {
        libc::fcntl(CONTROL, libc::F_SETOWN, libc::getpid());
        // A copy shares the flag with the process that was killed while it was set.
        let flags = libc::fcntl(CONTROL, libc::F_GETFL) & !libc::O_ASYNC;
        libc::fcntl(CONTROL, libc::F_SETFL, flags);
        libc::fcntl(CONTROL, libc::F_SETFL, flags | libc::O_ASYNC);
        let result = work();
        libc::fcntl(CONTROL, libc::F_SETFL, flags);
        result
    }
}

enum Copy {
    Made(i32),
    /// Other threads run: a copy would have none of them, and their locks for ever.
    Impossible,
    Itself,
}

fn copy_self() -> Copy {
    let threads = std::fs::read_dir("/proc/self/task").map_or(usize::MAX, Iterator::count);
    if threads != 1 {
        return Copy::Impossible;
    }
    match unsafe { libc::fork() } {
        -1 => Copy::Impossible,
        0 => {
            unsafe { libc::setpgid(0, 0) };
            wait_until_needed();
            Copy::Itself
        }
        pid => Copy::Made(pid),
    }
}

/// Returns when the kernel says so, and never where there is no kernel any more.
fn wait_until_needed() {
    unsafe {
        let mut wanted: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut wanted);
        libc::sigaddset(&mut wanted, libc::SIGUSR1);
        loop {
            let second = libc::timespec { tv_sec: 1, tv_nsec: 0 };
            if libc::sigtimedwait(&wanted, std::ptr::null_mut(), &second) == libc::SIGUSR1 {
                // The process that ended has left its mark on the socket that both have.
                libc::fcntl(CONTROL, libc::F_SETFL, libc::fcntl(CONTROL, libc::F_GETFL) & !libc::O_ASYNC);
                return;
            }
            let mut socket = libc::pollfd { fd: CONTROL, events: 0, revents: 0 };
            libc::poll(&mut socket, 1, 0);
            if socket.revents & (libc::POLLHUP | libc::POLLERR) != 0 {
                libc::_exit(0);
            }
        }
    }
}

fn peek(room: usize) -> BTreeMap<String, String> {
    let slots: Vec<(String, *mut u8, Handling)> =
        kept(|kept| kept.slots.iter().map(|(name, slot)| (name.clone(), slot.value, slot.handling)).collect());
    let mut buffer = vec![0; room];
    let mut values = BTreeMap::new();
    for (name, value, handling) in slots {
        let length = unsafe { (handling.peek)(value, buffer.as_mut_ptr(), room) };
        values.insert(name, String::from_utf8_lossy(&buffer[..length.min(room)]).into_owned());
    }
    values
}

fn enter(folder: &Path, env: &[(String, String)]) {
    // A folder that is gone shows at the first relative path.
    let _ = std::env::set_current_dir(folder);
    for (name, value) in env {
        // SAFETY: asked for before the first cell of a person, who alone could have started threads.
        unsafe { std::env::set_var(name, value) }
    }
}

fn forget(name: &str) {
    if let Some(slot) = kept(|kept| kept.slots.remove(name)) {
        unsafe { (slot.handling.drop)(slot.value) }
    }
}
