//! The one task that looks after one kernel, from its start to its end.

use crate::connection::{Channel, Heard, Speaking};
use crate::environment;
use crate::kernelspec::Launcher;
use crate::launch::{self, Plan, Process};
use crate::session::{Inner, Session, now};
use crate::KernelError;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{Completion, Completions, KernelState};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

/// What the notebook asks of its kernel's task.
pub enum Order {
    /// There may be cells to run.
    Work,
    Complete { code: String, cursor: usize, answer: oneshot::Sender<Completions> },
    Stop(oneshot::Sender<()>),
}

/// Windows hear of new output at most this often ...
const FLUSH_EVERY: Duration = Duration::from_millis(30);
/// ... and long outputs, which are told whole, more seldom: this many bytes a second.
const FLUSH_BYTES_PER_S: f64 = 10e6;
/// How long a kernel may take to end by itself.
const END_LIMIT: Duration = Duration::from_millis(1500);

pub(crate) async fn drive(session: Arc<Session>, id: String, launcher: Launcher, mut orders: mpsc::UnboundedReceiver<Order>) {
    let started = {
        let begin = begin(&session, &id, &launcher);
        tokio::pin!(begin);
        loop {
            tokio::select! {
                started = &mut begin => break started,
                order = orders.recv() => match order {
                    Some(Order::Work) => {}
                    Some(Order::Complete { answer, .. }) => drop(answer.send(Completions::default())),
                    Some(Order::Stop(done)) => {
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
            }
        }
    };
    let (process, speaking) = match started {
        Ok(started) => started,
        Err(error) => return dead(&session, &id, error.to_string()),
    };
    let mut driver = Driver { session, id, process, speaking, completions: HashMap::new(), flush_at: None };
    driver.ready();
    match driver.work(&mut orders).await {
        End::Asked(done) => {
            driver.end().await;
            drop(driver.process);
            // An error means that nobody waits any more.
            let _ = done.send(());
        }
        End::Died(why) => {
            driver.drain().await;
            driver.process.kill();
            let last = driver.process.last_lines();
            let problem = if last.is_empty() { why } else { format!("{why}\n{last}") };
            dead(&driver.session, &driver.id, problem);
        }
    }
}

/// Makes the environment if need be, starts the process, waits until it answers.
async fn begin(session: &Arc<Session>, id: &str, launcher: &Launcher) -> Result<(Process, Speaking), KernelError> {
    let options = session.shared.options.clone();
    let mut env = session.shared.environment.lock().clone();
    let argv = match &launcher.argv {
        Some(argv) => argv.clone(),
        None => {
            let (session, id) = (session.clone(), id.to_owned());
            let make = move || {
                environment::ensure(&options.envs_dir, &|line| {
                    session.update_kernel(&id, |info| info.problem = Some(line.to_owned()));
                })
            };
            let made = tokio::task::spawn_blocking(make).await.map_err(|panic| KernelError::Start(panic.to_string()))??;
            env.extend(made.variables());
            let python = made.python.to_string_lossy().into_owned();
            // Completion from the live objects: quicker than reading sources, and without jedi's cache on disk, which
            // a killed kernel leaves torn so that no later kernel completes anything.
            let arguments = [&python, "-m", "ipykernel_launcher", "--IPCompleter.use_jedi=False", "-f", "{connection_file}"];
            arguments.map(str::to_owned).to_vec()
        }
    };
    env.extend(launcher.env.clone());
    let folder = session.working_dir();
    let mut process = launch::start(&Plan { argv, env, folder, runtime_dir: session.shared.options.runtime_dir.clone() })?;
    let group = process.group;
    session.with_kernel(id, |inner| {
        if let Some(kernel) = &mut inner.kernel {
            kernel.group = Some(group);
        }
        Vec::new()
    });
    let speaking = Speaking::open(&mut process).await?;
    Ok((process, speaking))
}

fn dead(session: &Session, id: &str, problem: String) {
    tracing::warn!(path = session.path(), problem, "a kernel died");
    session.with_kernel(id, |inner| {
        let mut changes = inner.book.kernel_ended(now());
        if let Some(kernel) = &mut inner.kernel {
            kernel.group = None;
            kernel.info.state = KernelState::Dead;
            kernel.info.problem = Some(problem);
        }
        changes.push(inner.kernels());
        changes
    });
    session.announce_kernel();
}

enum End {
    Asked(oneshot::Sender<()>),
    Died(String),
}

struct Driver {
    session: Arc<Session>,
    id: String,
    process: Process,
    speaking: Speaking,
    completions: HashMap<String, oneshot::Sender<Completions>>,
    flush_at: Option<Instant>,
}

impl Driver {
    fn ready(&mut self) {
        let language = self.speaking.language_info.clone();
        self.session.with_kernel(&self.id, |inner| {
            let document = &mut inner.book.document;
            if language.is_object() && document.language_info() != Some(&language) {
                // Written with the next save; not a change that would need one.
                document.set_language_info(language);
            }
            Vec::new()
        });
        self.session.update_kernel(&self.id, |info| {
            info.state = KernelState::Idle;
            info.problem = None;
        });
        self.session.announce_kernel();
    }

    async fn work(&mut self, orders: &mut mpsc::UnboundedReceiver<Order>) -> End {
        loop {
            if let Err(error) = self.start_next().await {
                return End::Died(error.to_string());
            }
            let flush_at = self.flush_at;
            let pause = async move {
                match flush_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Work) => {}
                    Some(Order::Complete { code, cursor, answer }) => {
                        let request = uuid::Uuid::new_v4().to_string();
                        // An error shows when the process ends, right after.
                        let _ = self.speaking.complete(&request, code, cursor).await;
                        self.completions.retain(|_, waiting| !waiting.is_closed());
                        self.completions.insert(request, answer);
                    }
                    Some(Order::Stop(done)) => return End::Asked(done),
                    None => return End::Died("its notebook was closed".to_owned()),
                },
                heard = self.speaking.heard.recv() => match heard {
                    Some(heard) => self.hear_all(heard),
                    None => return End::Died("The kernel's connection ended.".to_owned()),
                },
                status = self.process.child.wait() => return End::Died(obituary(status)),
                () = pause => self.flush(),
            }
        }
    }

    /// Sends the next cell when the kernel is free.
    async fn start_next(&mut self) -> Result<(), KernelError> {
        let request = uuid::Uuid::new_v4().to_string();
        let mut code = None;
        self.session.with_kernel(&self.id, |inner| {
            let Some((start, mut changes)) = inner.book.start(&request, now()) else {
                return set_state(inner);
            };
            code = Some(start.code);
            changes.extend(set_state(inner));
            changes
        });
        match code {
            Some(code) => self.speaking.execute(&request, code).await,
            None => Ok(()),
        }
    }

    /// Takes in a message and those that wait behind it, under one lock.
    fn hear_all(&mut self, first: Heard) {
        let mut batch = vec![first];
        while batch.len() < 256
            && let Ok(next) = self.speaking.heard.try_recv()
        {
            batch.push(next);
        }
        let completions = &mut self.completions;
        let mut unsent = None;
        self.session.with_kernel(&self.id, |inner| {
            let mut changes = Vec::new();
            for heard in batch {
                changes.extend(match (heard.channel, heard.kind.as_str()) {
                    (Channel::Shell, "execute_reply") => inner.book.reply(&heard.request, &heard.content, now()),
                    (Channel::Shell, "complete_reply") => {
                        if let Some(answer) = completions.remove(&heard.request) {
                            let _ = answer.send(read_completions(&heard.content));
                        }
                        Vec::new()
                    }
                    (Channel::Shell, _) => Vec::new(),
                    (Channel::Output, kind) => inner.book.hear(&heard.request, kind, &heard.content, now()),
                });
            }
            if inner.book.has_unsent_output() {
                unsent = Some(inner.book.unsent_bytes());
            }
            changes
        });
        match unsent {
            Some(bytes) if self.flush_at.is_none() => {
                let slow = Duration::from_secs_f64(bytes as f64 / FLUSH_BYTES_PER_S);
                self.flush_at = Some(Instant::now() + FLUSH_EVERY.max(slow));
            }
            Some(_) => {}
            None => self.flush_at = None,
        }
    }

    fn flush(&mut self) {
        self.flush_at = None;
        self.session.with_kernel(&self.id, |inner| inner.book.flush());
    }

    /// What the kernel said before it died may still be under way.
    async fn drain(&mut self) {
        while let Ok(Some(heard)) = timeout(Duration::from_millis(100), self.speaking.heard.recv()).await {
            self.hear_all(heard);
        }
    }

    async fn end(&mut self) {
        self.speaking.ask_to_end().await;
        if timeout(END_LIMIT, self.process.child.wait()).await.is_err() {
            tracing::debug!(id = self.id, "a kernel did not end by itself and is killed");
        }
        self.process.kill();
    }
}

/// Busy or idle, as the book has it; told only when it changed.
fn set_state(inner: &mut Inner) -> Vec<NotebookChange> {
    let state = if inner.book.is_running() { KernelState::Busy } else { KernelState::Idle };
    match &mut inner.kernel {
        Some(kernel) if kernel.info.state != state => {
            kernel.info.state = state;
            vec![inner.kernels()]
        }
        _ => Vec::new(),
    }
}

fn obituary(status: std::io::Result<std::process::ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Ok(status) if status.signal() == Some(9) => "The kernel was killed. The machine may have run out of memory.".to_owned(),
        Ok(status) => format!("The kernel ended with {status}."),
        Err(error) => format!("The kernel was lost: {error}"),
    }
}

fn read_completions(content: &Value) -> Completions {
    let position = |key: &str| content.get(key).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    Completions {
        matches: content.get("matches").and_then(Value::as_array).map(|list| list.iter().filter_map(Value::as_str).map(|text| Completion { text: text.to_owned(), ..Completion::default() }).collect()).unwrap_or_default(),
        start: position("cursor_start"),
        end: position("cursor_end"),
    }
}
