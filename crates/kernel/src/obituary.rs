//! Why a kernel is gone, in words for a person.

use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How often the system has killed a process for want of memory; to be looked at before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryKills(Option<u64>);

impl MemoryKills {
    /// Counts of this control group and of the whole machine; nothing where neither can be read.
    pub fn now() -> MemoryKills {
        let group = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| {
            let path = text.lines().find_map(|line| line.strip_prefix("0::"))?.trim().to_owned();
            count(&fs::read_to_string(format!("/sys/fs/cgroup{path}/memory.events")).ok()?, "oom_kill")
        });
        let machine = fs::read_to_string("/proc/vmstat").ok().and_then(|text| count(&text, "oom_kill"));
        MemoryKills(match (group, machine) {
            (None, None) => None,
            (group, machine) => Some(group.unwrap_or(0) + machine.unwrap_or(0)),
        })
    }
}

/// The number behind a word at the start of a line.
fn count(text: &str, word: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' ')?.trim().parse().ok())
}

/// Says how the process ended. `before` was taken when it started.
pub fn obituary(status: std::io::Result<ExitStatus>, before: MemoryKills) -> String {
    match status {
        Ok(status) => reason(status, before, MemoryKills::now()),
        Err(error) => format!("The kernel was lost: {error}"),
    }
}

fn reason(status: ExitStatus, before: MemoryKills, after: MemoryKills) -> String {
    let Some(number) = status.signal() else {
        return match status.code() {
            Some(0) => "The kernel ended by itself (exit code 0).".to_owned(),
            Some(code) => format!("The kernel ended with exit code {code}."),
            None => format!("The kernel ended with {status}."),
        };
    };
    let name =
        Signal::try_from(number).map_or_else(|_| format!("signal {number}"), |signal| signal.as_str().to_owned());
    match (number, before.0, after.0) {
        (9, Some(before), Some(after)) if after > before => {
            "The machine ran out of memory, and the system killed the kernel (SIGKILL).".to_owned()
        }
        (9, Some(_), Some(_)) => "The kernel was killed from outside (SIGKILL).".to_owned(),
        (9, ..) => "The kernel was killed (SIGKILL). The machine may have run out of memory.".to_owned(),
        (11 | 6 | 7 | 4 | 8, ..) => format!("The kernel crashed ({name}): native code in it failed."),
        _ => format!("The kernel was ended by a signal ({name})."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: i32, before: Option<u64>, after: Option<u64>, expected: &str) {
        let said = reason(ExitStatus::from_raw(raw), MemoryKills(before), MemoryKills(after));
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn ends_are_told_apart() {
        check(0, None, None, "exit code 0");
        check(3 << 8, None, None, "exit code 3");
        check(11, None, None, "crashed (SIGSEGV)");
        check(15, None, None, "SIGTERM");
        check(9, Some(1), Some(2), "out of memory");
        check(9, Some(2), Some(2), "from outside");
        check(9, None, None, "may have run out of memory");
    }

    #[test]
    fn counts_are_read_by_whole_words() {
        assert_eq!(count("oom 3\noom_kill 2\noom_kill_x 9\n", "oom_kill"), Some(2));
        assert_eq!(count("oom_kill_x 9\n", "oom_kill"), None);
    }
}
