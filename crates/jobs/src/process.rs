//! Processes by identity: a pid alone may belong to somebody else by now.

use nix::libc;
use serde::{Deserialize, Serialize};
use std::fs;

/// A process for good: its pid, when it started in the kernel's ticks, and in which boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: i32,
    pub start_ticks: u64,
    pub boot_id: String,
}

impl Identity {
    pub fn of_this_process() -> Self {
        let pid = std::process::id() as i32;
        Self { pid, start_ticks: stat(pid).map_or(0, |stat| stat.start_ticks), boot_id: boot_id() }
    }

    /// Whether that very process still runs; a zombie does not.
    pub fn lives(&self) -> bool {
        self.boot_id == boot_id()
            && stat(self.pid)
                .is_some_and(|stat| stat.start_ticks == self.start_ticks && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Kills what is left of the session that this process led. The kernel gives the number to no other session as long
    /// as one of its processes lives; a new leader of that number means that none does.
    pub fn kill_session(&self) {
        if self.boot_id != boot_id() || stat(self.pid).is_some_and(|stat| stat.start_ticks != self.start_ticks) {
            return;
        }
        for pid in pids() {
            if stat(pid).is_some_and(|stat| stat.session == self.pid) {
                kill(pid, libc::SIGKILL);
            }
        }
    }
}

/// Changes with every start of the system.
pub fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Sends a signal. A process or group that is gone already is what was wanted.
pub fn kill(pid: i32, signal: i32) {
    // SAFETY: touches no memory.
    unsafe { libc::kill(pid, signal) };
}

/// The children of a process, as its main thread and all others made them.
pub fn children(pid: i32) -> Vec<i32> {
    pids().filter(|&child| stat(child).is_some_and(|stat| stat.parent == pid)).collect()
}

struct Stat {
    state: char,
    parent: i32,
    session: i32,
    start_ticks: u64,
}

/// `/proc/<pid>/stat`, whose second field may contain anything, so that counting starts after its last parenthesis.
fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        start_ticks: fields.get(19)?.parse().ok()?,
    })
}

fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities() {
        let this = Identity::of_this_process();
        assert!(this.lives());
        assert!(!Identity { start_ticks: this.start_ticks + 1, ..this.clone() }.lives());
        assert!(!Identity { boot_id: "another".into(), ..this }.lives());
    }
}
