//! Starting a kernel's process, and making sure that it ends.
//!
//! A kernel leads a process group of its own. A second small process holds the other end of a pipe that only the
//! backend has: when the backend dies, however it dies, the pipe ends and the group is killed.

use crate::KernelError;
use crate::obituary::MemoryKills;
use jupyter_protocol::ConnectionInfo;
use jupyter_protocol::connection_info::Transport;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

/// How much of what the kernel's process prints is kept, to say why it died.
const TAIL_LINES: usize = 20;
/// How long to wait for the last of them.
const LAST_WORDS_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);
/// The path of a Unix socket holds 107 bytes; the rest is for the file's name.
const MAX_RUNTIME_DIR: usize = 70;

/// Everything that a start needs, decided beforehand.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub argv: Vec<String>,
    pub env: Vec<(String, String)>,
    pub runtime_dir: PathBuf,
    pub desk: Desk,
}

/// What is one notebook's own: a kernel that was started for nobody can be given it later.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    pub folder: PathBuf,
    pub env: Vec<(String, String)>,
}

impl Desk {
    /// As Jupyter's server does, a kernel is told its notebook's file.
    pub fn of(notebook: &Path) -> Desk {
        let folder = notebook.parent().unwrap_or(Path::new("/")).to_owned();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let env = vec![("PWD".to_owned(), text(&folder)), ("JPY_SESSION_NAME".to_owned(), text(notebook))];
        Desk { folder, env }
    }

    pub fn of_nobody() -> Desk {
        Desk { folder: std::env::temp_dir(), env: Vec::new() }
    }
}

/// A kernel's process. Dropping it kills the whole group.
pub struct Process {
    pub child: Child,
    pub group: Pid,
    pub info: ConnectionInfo,
    pub tail: Arc<Mutex<VecDeque<String>>>,
    /// Read what the process prints until nobody can print any more.
    readers: Vec<JoinHandle<()>>,
    connection_file: PathBuf,
    /// As they were at the start.
    pub memory_kills: MemoryKills,
    /// Waits for the backend's end; see the module.
    watcher: Child,
}

/// Makes the runtime folder, private to the user. A path too long for sockets is replaced by a short one.
fn runtime_dir(wish: &Path) -> Result<PathBuf, KernelError> {
    let dir = if wish.as_os_str().len() <= MAX_RUNTIME_DIR {
        wish.to_owned()
    } else {
        std::env::temp_dir().join(format!("atelier-{}", nix::unistd::getuid()))
    };
    let failed = || KernelError::io(format!("making {}", dir.display()));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(failed())?;
    let found = std::fs::symlink_metadata(&dir).map_err(failed())?;
    let ours = found.is_dir() && std::os::unix::fs::MetadataExt::uid(&found) == nix::unistd::geteuid().as_raw();
    if !ours {
        return Err(KernelError::Start(format!("{} belongs to somebody else", dir.display())));
    }
    std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o700)).map_err(failed())?;
    Ok(dir)
}

/// A connection over Unix sockets, which no other user can reach, with messages signed all the same.
fn connection_info(dir: &Path) -> Result<ConnectionInfo, KernelError> {
    let mut key = [0u8; 32];
    getrandom::fill(&mut key).map_err(|error| KernelError::Start(format!("no random key: {error}")))?;
    let name = uuid::Uuid::new_v4().simple().to_string();
    Ok(ConnectionInfo {
        transport: Transport::IPC,
        ip: dir.join(&name[..12]).to_string_lossy().into_owned(),
        shell_port: 1,
        iopub_port: 2,
        stdin_port: 3,
        control_port: 4,
        hb_port: 5,
        key: hex::encode(key),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: None,
    })
}

fn sockets(info: &ConnectionInfo) -> impl Iterator<Item = PathBuf> {
    let prefix = info.ip.clone();
    (1..=5).map(move |port| PathBuf::from(format!("{prefix}-{port}")))
}

/// Starts the process; it is not yet ready to be spoken to.
pub fn start(plan: &Plan) -> Result<Process, KernelError> {
    let dir = runtime_dir(&plan.runtime_dir)?;
    let info = connection_info(&dir)?;
    let connection_file = PathBuf::from(format!("{}.json", info.ip));
    let json = serde_json::to_vec(&info).map_err(|error| KernelError::Start(error.to_string()))?;
    let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&connection_file);
    let mut file = written.map_err(KernelError::io(format!("writing {}", connection_file.display())))?;
    std::io::Write::write_all(&mut file, &json)
        .map_err(KernelError::io(format!("writing {}", connection_file.display())))?;

    let file_name = connection_file.to_string_lossy();
    let argv: Vec<String> = plan.argv.iter().map(|part| part.replace("{connection_file}", &file_name)).collect();
    let Some((program, arguments)) = argv.split_first() else {
        return Err(KernelError::Start("its command is empty".to_owned()));
    };
    let memory_kills = MemoryKills::now();
    let mut child = Command::new(program)
        .args(arguments)
        .envs(plan.env.iter().chain(&plan.desk.env).map(|(name, value)| (name, value)))
        // Debugger and virtual environments of whoever started the backend are not the kernel's business.
        .env_remove("PYTHONHOME")
        .env_remove("PYTHONPATH")
        .env("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        .current_dir(&plan.desk.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| KernelError::Run(PathBuf::from(program), error.to_string()))?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    let Some(group) = group else { return Err(KernelError::Start("it ended at once".to_owned())) };
    let watcher = watch(group).inspect_err(|_| {
        // Without its watcher the kernel could outlive the backend.
        let _ = killpg(group, Signal::SIGKILL);
    })?;
    let tail = Arc::new(Mutex::new(VecDeque::new()));
    let mut readers: Vec<JoinHandle<()>> =
        child.stdout.take().into_iter().map(|pipe| keep_tail(pipe, tail.clone())).collect();
    readers.extend(child.stderr.take().map(|pipe| keep_tail(pipe, tail.clone())));
    Ok(Process { child, group, info, tail, readers, connection_file, memory_kills, watcher })
}

/// The process that kills the group when our end of its standard input closes.
fn watch(group: Pid) -> Result<Child, KernelError> {
    Command::new("/bin/sh")
        .args(["-c", r#"read -r _; kill -KILL "-$1" 2>/dev/null"#, "atelier-kernel-watch", &group.to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| KernelError::Run(PathBuf::from("/bin/sh"), error.to_string()))
}

fn keep_tail(pipe: impl AsyncRead + Unpin + Send + 'static, tail: Arc<Mutex<VecDeque<String>>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let mut tail = tail.lock();
            if tail.len() == TAIL_LINES {
                tail.pop_front();
            }
            let end = line.len().min(500);
            tail.push_back(String::from_utf8_lossy(&line[..end]).into_owned());
        }
    })
}

impl Process {
    /// All its sockets are there.
    pub fn is_listening(&self) -> bool {
        sockets(&self.info).all(|socket| socket.exists())
    }

    /// Kills what is left of it and waits for what it said last.
    pub async fn last_words(&mut self) -> String {
        self.kill();
        let read = futures::future::join_all(self.readers.drain(..));
        // A process that left the group may hold the pipe open for ever.
        let _ = tokio::time::timeout(LAST_WORDS_LIMIT, read).await;
        self.last_lines()
    }

    pub fn last_lines(&self) -> String {
        self.tail.lock().iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Kills the kernel with everything that it started.
    pub fn kill(&mut self) {
        // No such process: it is gone already.
        let _ = killpg(self.group, Signal::SIGKILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        // Its pipe closes with it; it must not kill a group that gets the same number later.
        let _ = self.watcher.start_kill();
        for path in sockets(&self.info).chain([self.connection_file.clone()]) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Interrupts what the kernel computes, as Ctrl+C in a terminal would.
pub fn interrupt(group: Pid) {
    let _ = killpg(group, Signal::SIGINT);
}

/// Resident memory of a process and of those that it started, 0 where it cannot be told.
pub fn memory_bytes(pid: Pid) -> u64 {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{pid}/status")) else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let own = line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) * 1024;
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    own + children
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .map(|child| memory_bytes(Pid::from_raw(child)))
        .sum::<u64>()
}
