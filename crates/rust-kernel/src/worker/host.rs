//! The kernel's side of the process that runs the cells.

use super::child::{CONTROL, FLAG, Reply, Request};
use super::output::{Event, Output, unfinished};
use nix::libc;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// How a cell ended, as the process saw it.
#[derive(Debug)]
pub enum Ended {
    Done {
        code: i32,
        new: Vec<String>,
        have: Vec<String>,
        place: String,
    },
    /// The library could not be loaded.
    Failed(String),
    /// `kept`: the variables are as they were before the cell.
    Interrupted {
        kept: bool,
    },
    Died {
        reason: String,
        kept: bool,
    },
}

/// What the cell asked a person.
pub enum Asked {
    Answer(String),
    /// Nobody can answer.
    Nobody,
    Interrupted,
}

/// What a run needs of the kernel.
pub struct Around<'a> {
    pub emit: &'a mut dyn FnMut(Event),
    pub ask: &'a dyn Fn(String, bool) -> Asked,
    pub is_interrupted: &'a dyn Fn() -> bool,
}

pub struct Worker {
    pid: i32,
    /// `None` once a copy of the first process has taken over.
    child: Option<Child>,
    end: OwnedFd,
    control: UnixStream,
    heard: Vec<u8>,
    stdin: ChildStdin,
    stdout: Pipe,
    stderr: Pipe,
    output: Output,
    /// Bytes of standard error that are no character yet.
    half: Vec<u8>,
}

struct Pipe(std::fs::File);

impl Pipe {
    fn new(end: OwnedFd) -> std::io::Result<Self> {
        set_nonblocking(end.as_raw_fd())?;
        Ok(Self(end.into()))
    }

    /// All that is there now, up to a bound. Text that is written bit by bit gets a moment to become whole.
    fn read(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut bytes = [0; 1 << 14];
        loop {
            match self.0.read(&mut bytes) {
                Ok(0) => return all,
                Ok(length) => all.extend_from_slice(&bytes[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) if all.is_empty() || !self.has_more() => return all,
                Err(_) => {}
            }
            if all.len() > 1 << 16 {
                return all;
            }
        }
    }

    fn has_more(&self) -> bool {
        let mut end = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        unsafe { libc::poll(&mut end, 1, 2) > 0 && end.revents & libc::POLLIN != 0 }
    }
}

const TICK: Duration = Duration::from_millis(40);

impl Worker {
    pub fn start(folder: &Path, environment: &[(String, String)]) -> std::io::Result<Self> {
        // Copies of the first process are adopted when it ends, so that one learns how they end.
        #[cfg(target_os = "linux")]
        unsafe {
            libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
        }
        let (control, theirs) = UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(FLAG).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command.env("ATELIER_CELLS", folder).envs(environment.iter().map(|(name, value)| (name, value)));
        let socket = theirs.as_raw_fd();
        // SAFETY: only calls that are allowed between fork and exec.
        unsafe {
            command.pre_exec(move || {
                let result = if socket == CONTROL {
                    libc::fcntl(CONTROL, libc::F_SETFD, 0)
                } else {
                    libc::dup2(socket, CONTROL)
                };
                if result < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
            });
        }
        let mut child = command.spawn()?;
        let missing = || std::io::Error::other("a pipe is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = Pipe::new(child.stdout.take().ok_or_else(missing)?.into())?;
        let stderr = Pipe::new(child.stderr.take().ok_or_else(missing)?.into())?;
        let pid = child.id().cast_signed();
        let end = watch(pid)?;
        Ok(Self {
            pid,
            child: Some(child),
            end,
            control,
            heard: Vec::new(),
            stdin,
            stdout,
            stderr,
            output: Output::default(),
            half: Vec::new(),
        })
    }

    /// Runs a cell's library to its end.
    pub fn run(&mut self, library: &Path, around: &mut Around) -> std::io::Result<Ended> {
        self.send(&Request::Run { library: library.to_string_lossy().into_owned() })?;
        let mut copy: Option<Option<i32>> = None;
        let mut reads_stdin = false;
        loop {
            self.wait(TICK);
            let is_over = self.has_ended();
            for reply in self.replies() {
                match reply {
                    Reply::Started { copy: pid } => copy = Some(pid),
                    Reply::Done { code, new, have, place } => {
                        self.drain(around)?;
                        return Ok(Ended::Done { code, new, have, place });
                    }
                    Reply::Failed { reason } => return Ok(Ended::Failed(reason)),
                    Reply::Peeked { .. } => {}
                }
            }
            let asked = self.pump(around)?;
            if is_over {
                self.drain(around)?;
                let reason = self.reason();
                return Ok(Ended::Died { reason, kept: self.promote(copy.flatten())? });
            }
            let is_reading = copy.is_some() && self.waits_for_stdin();
            let unanswered = asked.is_none() && is_reading && reads_stdin;
            reads_stdin = is_reading;
            let stopped = match asked {
                Some(false) => true,
                Some(true) => false,
                // Twice in a row, since the answer to a request may not have arrived yet.
                None if unanswered => {
                    reads_stdin = false;
                    !self.answer((around.ask)(String::new(), false), around)?
                }
                None => false,
            };
            if copy.is_some() && (stopped || (around.is_interrupted)()) {
                self.kill();
                self.drain(around)?;
                return Ok(Ended::Interrupted { kept: self.promote(copy.flatten())? });
            }
        }
    }

    /// What threads of earlier cells print between the cells.
    pub fn idle(&mut self, emit: &mut dyn FnMut(Event)) -> bool {
        let nobody = |_: String, _: bool| Asked::Nobody;
        let mut around = Around { emit, ask: &nobody, is_interrupted: &|| false };
        let _ = self.pump(&mut around);
        !self.has_ended()
    }

    /// The values' text, up to `room` bytes each.
    pub fn peek(&mut self, room: usize) -> BTreeMap<String, String> {
        if self.send(&Request::Peek { room }).is_err() {
            return BTreeMap::new();
        }
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && !self.has_ended() {
            self.wait(TICK);
            for reply in self.replies() {
                if let Reply::Peeked { values } = reply {
                    return values;
                }
            }
        }
        BTreeMap::new()
    }

    /// Where the process is gone, the next one starts there.
    pub fn enter(&mut self, folder: &Path, env: Vec<(String, String)>) {
        let _ = self.send(&Request::Enter { folder: folder.to_owned(), env });
    }

    pub fn drop_variables(&mut self, names: Vec<String>) {
        // Where the process is gone, so are they.
        let _ = self.send(&Request::Drop { names });
    }

    fn send(&mut self, request: &Request) -> std::io::Result<()> {
        let mut line = serde_json::to_string(request)?;
        line.push('\n');
        self.control.set_nonblocking(false)?;
        let sent = self.control.write_all(line.as_bytes());
        self.control.set_nonblocking(true)?;
        sent
    }

    fn wait(&self, time: Duration) {
        let mut ends =
            [self.control.as_raw_fd(), self.stdout.0.as_raw_fd(), self.stderr.0.as_raw_fd(), self.end.as_raw_fd()]
                .map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
        unsafe { libc::poll(ends.as_mut_ptr(), ends.len() as libc::nfds_t, time.as_millis() as i32) };
    }

    fn replies(&mut self) -> Vec<Reply> {
        let mut bytes = [0; 1 << 14];
        loop {
            match self.control.read(&mut bytes) {
                Ok(0) => break,
                Ok(length) => self.heard.extend_from_slice(&bytes[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let mut replies = Vec::new();
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            replies.extend(serde_json::from_slice::<Reply>(&line).ok());
        }
        replies
    }

    /// Passes on what was printed. `Some(true)`: a question was answered; `Some(false)`: it cannot be.
    fn pump(&mut self, around: &mut Around) -> std::io::Result<Option<bool>> {
        let mut answered = None;
        let bytes = self.stdout.read();
        for event in self.output.read(&bytes) {
            match event {
                Event::Input { prompt, password } => {
                    let asked = (around.ask)(prompt, password);
                    answered = Some(self.answer(asked, around)?);
                }
                event => (around.emit)(event),
            }
        }
        let bytes = self.stderr.read();
        self.emit_stderr(&bytes, around);
        Ok(answered)
    }

    fn answer(&mut self, asked: Asked, around: &mut Around) -> std::io::Result<bool> {
        match asked {
            Asked::Answer(text) => {
                let line = text.replace(['\n', '\r'], " ") + "\n";
                self.stdin.write_all(line.as_bytes())?;
                self.stdin.flush()?;
                Ok(true)
            }
            Asked::Nobody => {
                (around.emit)(Event::Stderr("The cell asks for input, and this client gives none.\n".to_owned()));
                Ok(false)
            }
            Asked::Interrupted => Ok(false),
        }
    }

    fn drain(&mut self, around: &mut Around) -> std::io::Result<()> {
        // A process that floods its output without end is cut off at some point.
        for _ in 0..1 << 14 {
            let (out, err) = (self.stdout.read(), self.stderr.read());
            if out.is_empty() && err.is_empty() {
                break;
            }
            self.output.read(&out).into_iter().for_each(|event| (around.emit)(event));
            self.emit_stderr(&err, around);
        }
        let rest = std::mem::take(&mut self.half);
        if !rest.is_empty() {
            (around.emit)(Event::Stderr(String::from_utf8_lossy(&rest).into_owned()));
        }
        self.output.end().into_iter().for_each(|event| (around.emit)(event));
        Ok(())
    }

    /// Holds back the first half of a character whose second half is still to come.
    fn emit_stderr(&mut self, bytes: &[u8], around: &mut Around) {
        self.half.extend_from_slice(bytes);
        let held = unfinished(&self.half);
        let rest = self.half.split_off(self.half.len() - held);
        let whole = std::mem::replace(&mut self.half, rest);
        if !whole.is_empty() {
            (around.emit)(Event::Stderr(String::from_utf8_lossy(&whole).into_owned()));
        }
    }

    fn has_ended(&self) -> bool {
        let mut end = libc::pollfd { fd: self.end.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        unsafe { libc::poll(&mut end, 1, 0) > 0 }
    }

    /// Ends the process and what it started, and waits for that.
    pub fn kill(&mut self) {
        unsafe {
            libc::kill(-self.pid, libc::SIGKILL);
            libc::kill(self.pid, libc::SIGKILL);
        }
        let mut end = libc::pollfd { fd: self.end.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        unsafe { libc::poll(&mut end, 1, 5000) };
    }

    /// Lets the copy go on in place of the process that is no more.
    fn promote(&mut self, copy: Option<i32>) -> std::io::Result<bool> {
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
        self.child = None;
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), libc::WNOHANG) };
        let Some(pid) = copy else { return Ok(false) };
        let Ok(end) = watch(pid) else { return Ok(false) };
        self.pid = pid;
        self.end = end;
        self.heard.clear();
        self.output = Output::default();
        Ok(unsafe { libc::kill(pid, libc::SIGUSR1) } == 0)
    }

    fn reason(&mut self) -> String {
        use std::os::unix::process::ExitStatusExt;
        let status = match self.child.as_mut() {
            Some(child) => child.try_wait().ok().flatten(),
            // A copy became a child of this process when the one that made it ended.
            None => {
                let mut raw = 0;
                let ended = unsafe { libc::waitpid(self.pid, &mut raw, libc::WNOHANG) } == self.pid;
                ended.then(|| std::process::ExitStatus::from_raw(raw))
            }
        };
        let Some(status) = status else { return "The process that runs the cells ended.".to_owned() };
        match (status.signal(), status.code()) {
            (Some(libc::SIGSEGV | libc::SIGBUS), _) => {
                "The cell reached memory that is not its own (segmentation fault).".to_owned()
            }
            (Some(libc::SIGABRT), _) => {
                "The cell aborted the process (a stack overflow, a panic in a panic, or `abort`).".to_owned()
            }
            (Some(libc::SIGKILL), _) => {
                "The process that runs the cells was killed, perhaps because memory ran out.".to_owned()
            }
            (Some(signal), _) => format!("The process that runs the cells ended by signal {signal}."),
            (None, Some(code)) => format!("The cell ended its process with exit code {code}."),
            (None, None) => "The process that runs the cells ended.".to_owned(),
        }
    }

    /// Whether its main thread waits in a read of standard input.
    fn waits_for_stdin(&self) -> bool {
        let call = std::fs::read_to_string(format!("/proc/{}/syscall", self.pid)).unwrap_or_default();
        let read = format!("{} 0x0 ", libc::SYS_read);
        call.starts_with(&read)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        if let Some(child) = &mut self.child {
            let _ = child.wait();
        }
    }
}

/// Becomes readable when the process ends, whoever its parent is.
fn watch(pid: i32) -> std::io::Result<OwnedFd> {
    let end = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if end < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(unsafe { OwnedFd::from_raw_fd(end as i32) })
}

fn set_nonblocking(fd: i32) -> std::io::Result<()> {
    let result = unsafe { libc::fcntl(fd, libc::F_SETFL, libc::fcntl(fd, libc::F_GETFL) | libc::O_NONBLOCK) };
    if result < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}
