//! Waiting without polling for: a process's end, growth of the log directory, a wake-up from another thread.

use nix::libc;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A handle to a process that need not be our child.
pub struct ProcessFd(OwnedFd);

impl ProcessFd {
    pub fn open(pid: i32) -> io::Result<Self> {
        // SAFETY: pidfd_open takes two numbers and returns a descriptor that nobody else owns.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as RawFd) }))
    }

    /// Asks the process to stop. If it is gone already, its end will be seen anyway.
    pub fn terminate(&self) {
        let (fd, signal, info) = (self.0.as_raw_fd(), libc::SIGTERM, std::ptr::null::<libc::siginfo_t>());
        // SAFETY: a null pointer asks for the default information.
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, info, 0) };
    }
}

/// Notices files that are made or written in a directory.
pub struct DirWatch(OwnedFd);

impl DirWatch {
    pub fn new(dir: &Path) -> io::Result<Self> {
        // SAFETY: returns a descriptor that nobody else owns.
        let fd = unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above.
        let watch = Self(unsafe { OwnedFd::from_raw_fd(fd) });
        let path = std::ffi::CString::new(dir.as_os_str().as_bytes())?;
        // SAFETY: the path is a C string that lives through the call.
        match unsafe { libc::inotify_add_watch(fd, path.as_ptr(), libc::IN_MODIFY | libc::IN_CREATE) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(watch),
        }
    }

    fn drain(&self) {
        let mut bytes = [0u8; 4096];
        // SAFETY: writes at most the buffer's length.
        while unsafe { libc::read(self.0.as_raw_fd(), bytes.as_mut_ptr().cast(), bytes.len()) } > 0 {}
    }
}

/// Wakes a waiting thread.
pub struct Wake {
    near: UnixStream,
    far: UnixStream,
}

impl Wake {
    pub fn new() -> io::Result<Self> {
        let (near, far) = UnixStream::pair()?;
        near.set_nonblocking(true)?;
        far.set_nonblocking(true)?;
        Ok(Self { near, far })
    }

    pub fn wake(&self) {
        // A full pipe has woken the other side already.
        let _ = (&self.near).write(&[1]);
    }

    fn drain(&self) {
        let mut bytes = [0; 64];
        while (&self.far).read(&mut bytes).is_ok_and(|count| count > 0) {}
    }
}

/// What has happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub ended: bool,
    pub log: bool,
    pub woken: bool,
}

/// Waits until one of them happens, or the time is over.
pub fn wait(
    process: Option<&ProcessFd>,
    log: Option<&DirWatch>,
    wake: &Wake,
    timeout: Option<Duration>,
) -> io::Result<Seen> {
    let entry = |fd: RawFd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // A negative descriptor is passed over.
    let mut fds = [
        entry(process.map_or(-1, |process| process.0.as_raw_fd())),
        entry(log.map_or(-1, |log| log.0.as_raw_fd())),
        entry(wake.far.as_raw_fd()),
    ];
    let timeout_ms = timeout.map_or(-1, |timeout| timeout.as_millis().min(i32::MAX as u128) as i32);
    // SAFETY: the array lives through the call and has the length given.
    if unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout_ms) } < 0 {
        let error = io::Error::last_os_error();
        return if error.kind() == io::ErrorKind::Interrupted { Ok(Seen::default()) } else { Err(error) };
    }
    let seen = Seen { ended: fds[0].revents != 0, log: fds[1].revents != 0, woken: fds[2].revents != 0 };
    if seen.log
        && let Some(log) = log
    {
        log.drain();
    }
    if seen.woken {
        wake.drain();
    }
    Ok(seen)
}
