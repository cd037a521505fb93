//! How a command gets to see its run directory at `/opt/ml`: a mount namespace as root, else one inside a user
//! namespace, else no namespace at all and the directory's real path in `SAGEMAKER_BASE_DIR`.

use nix::libc;
use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    Mount,
    UserAndMount,
    BaseDir,
}

impl Isolation {
    /// The ways worth trying, the best first. `ATELIER_JOB_ISOLATION=base-dir` does without namespaces, for systems
    /// where they are allowed but get in the way.
    pub fn candidates() -> &'static [Isolation] {
        if std::env::var_os("ATELIER_JOB_ISOLATION").is_some_and(|wanted| wanted == "base-dir") {
            return &[Self::BaseDir];
        }
        // SAFETY: cannot fail.
        if unsafe { libc::geteuid() } == 0 {
            &[Self::Mount, Self::UserAndMount, Self::BaseDir]
        } else {
            &[Self::UserAndMount, Self::BaseDir]
        }
    }
}

/// All that the child does between fork and exec, prepared as far as possible.
pub struct Plan {
    isolation: Isolation,
    opt_ml: CString,
    hosts_file: Option<CString>,
    /// What is in `/opt`, to be shown beside `/opt/ml` where that directory does not exist.
    siblings: Option<Vec<Sibling>>,
    maps: [(CString, String); 3],
    /// Gets one byte when the namespace stands, so that the parent can tell a failing mount from a failing exec.
    pub ready: RawFd,
    work_dir: CString,
}

struct Sibling {
    path: CString,
    kind: Kind,
}

enum Kind {
    Dir,
    File,
    Link(CString),
}

impl Plan {
    pub fn new(isolation: Isolation, opt_ml: &Path, hosts_file: Option<PathBuf>, ready: RawFd) -> io::Result<Self> {
        // SAFETY: cannot fail.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).map_err(io::Error::from);
        let siblings = if Path::new("/opt/ml").is_dir() { None } else { Some(siblings()?) };
        let work_dir = if isolation == Isolation::BaseDir { text(opt_ml)? } else { c"/opt/ml".to_owned() };
        Ok(Self {
            isolation,
            opt_ml: text(opt_ml)?,
            hosts_file: hosts_file.as_deref().map(text).transpose()?,
            siblings,
            maps: [
                (c"/proc/self/setgroups".to_owned(), "deny".into()),
                (c"/proc/self/uid_map".to_owned(), format!("{uid} {uid} 1")),
                (c"/proc/self/gid_map".to_owned(), format!("{gid} {gid} 1")),
            ],
            ready,
            work_dir,
        })
    }

    /// Runs in the child.
    pub fn enter(&self) -> io::Result<()> {
        match self.isolation {
            Isolation::Mount => {
                // SAFETY: system calls on numbers.
                check(unsafe { libc::unshare(libc::CLONE_NEWNS) })?;
                self.mount()?;
            }
            Isolation::UserAndMount => {
                // SAFETY: as above.
                check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS) })?;
                for (path, content) in &self.maps {
                    write_whole(path, content.as_bytes())?;
                }
                self.mount()?;
            }
            Isolation::BaseDir => {}
        }
        // SAFETY: a C string and a one-byte buffer that live through the calls.
        unsafe {
            check(libc::chdir(self.work_dir.as_ptr()))?;
            libc::write(self.ready, [1u8].as_ptr().cast(), 1);
        }
        Ok(())
    }

    fn mount(&self) -> io::Result<()> {
        // Nothing of this reaches the rest of the system.
        mount(None, c"/", None, libc::MS_REC | libc::MS_SLAVE)?;
        match &self.siblings {
            None => mount(Some(&self.opt_ml), c"/opt/ml", None, libc::MS_BIND | libc::MS_REC)?,
            Some(siblings) => self.mount_over_opt(siblings)?,
        }
        if let Some(hosts) = &self.hosts_file {
            mount(Some(hosts), c"/etc/hosts", None, libc::MS_BIND)?;
        }
        Ok(())
    }

    /// `/opt/ml` does not exist and the system's own `/opt` stays as it is, so an empty one is laid over it, with
    /// everything that was in it. The originals are held by descriptors, since the overlay hides their paths.
    fn mount_over_opt(&self, siblings: &[Sibling]) -> io::Result<()> {
        let source = hold(&self.opt_ml)?;
        let mut held = Vec::with_capacity(siblings.len());
        for sibling in siblings {
            held.push(if matches!(sibling.kind, Kind::Link(_)) { None } else { Some(hold(&sibling.path)?) });
        }
        mount(Some(c"tmpfs"), c"/opt", Some(c"tmpfs"), libc::MS_NOSUID | libc::MS_NODEV)?;
        for (sibling, held) in siblings.iter().zip(held) {
            match &sibling.kind {
                Kind::Dir => make_dir(&sibling.path)?,
                Kind::File => write_whole(&sibling.path, b"")?,
                // SAFETY: two C strings that live through the call.
                Kind::Link(to) => check(unsafe { libc::symlink(to.as_ptr(), sibling.path.as_ptr()) })?,
            }
            if let Some(held) = held {
                mount(Some(&held.path), &sibling.path, None, libc::MS_BIND | libc::MS_REC)?;
            }
        }
        make_dir(c"/opt/ml")?;
        mount(Some(&source.path), c"/opt/ml", None, libc::MS_BIND | libc::MS_REC)
    }
}

fn siblings() -> io::Result<Vec<Sibling>> {
    let mut siblings = Vec::new();
    for entry in fs::read_dir("/opt")? {
        let entry = entry?;
        let kind = match entry.file_type()? {
            kind if kind.is_dir() => Kind::Dir,
            kind if kind.is_symlink() => Kind::Link(CString::new(fs::read_link(entry.path())?.as_os_str().as_bytes())?),
            _ => Kind::File,
        };
        siblings.push(Sibling { path: CString::new(entry.path().as_os_str().as_bytes())?, kind });
    }
    Ok(siblings)
}

/// A file held open, and a path to it that no mount can hide.
struct Held {
    path: CString,
}

fn hold(path: &CStr) -> io::Result<Held> {
    // SAFETY: a C string that lives through the call. The descriptor closes with the exec.
    let fd = unsafe { libc::open(path.as_ptr(), libc::O_PATH | libc::O_CLOEXEC) };
    check(fd)?;
    Ok(Held { path: CString::new(format!("/proc/self/fd/{fd}"))? })
}

fn mount(source: Option<&CStr>, target: &CStr, kind: Option<&CStr>, flags: libc::c_ulong) -> io::Result<()> {
    let pointer = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr);
    // The one kind with options is the empty directory over /opt, which is no place for everybody to write.
    let options = kind.map_or(ptr::null(), |_| c"mode=755".as_ptr().cast());
    // SAFETY: C strings that live through the call, or null where the kernel allows it.
    check(unsafe { libc::mount(pointer(source), target.as_ptr(), pointer(kind), flags, options) })
}

fn make_dir(path: &CStr) -> io::Result<()> {
    // SAFETY: a C string that lives through the call.
    check(unsafe { libc::mkdir(path.as_ptr(), 0o755) })
}

fn write_whole(path: &CStr, content: &[u8]) -> io::Result<()> {
    // SAFETY: a C string and a buffer that live through the calls; the descriptor is ours.
    unsafe {
        let fd = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_CLOEXEC, 0o644);
        check(fd)?;
        let written = libc::write(fd, content.as_ptr().cast(), content.len());
        let result = if written < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
        libc::close(fd);
        result
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
