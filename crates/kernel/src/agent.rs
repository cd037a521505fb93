//! The one task that looks after one kernel, from its start to its end. Whether it is to end, and whether it has
//! ended, is looked at before anything that it says.

use crate::connection::{Channel, Heard, Speaking, new_request};
use crate::kernelspec::Launcher;
use crate::launch::{self, Desk, Plan, Process};
use crate::obituary::obituary;
use crate::session::{Inner, Live, Session, comm_content, evaluate, now, update};
use crate::{KernelError, comms, environment, language};
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{CommKind, InputRequest, KernelState};
use bytes::Bytes;
use jupyter_protocol::{ExecuteRequest, JupyterMessageContent, ShutdownRequest};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

/// What the notebook asks of its kernel's agent.
pub enum Order {
    Execute {
        request: String,
        code: String,
    },
    /// Anything that is answered with one reply.
    Ask {
        request: String,
        content: JupyterMessageContent,
        answer: oneshot::Sender<Value>,
    },
    Comm {
        content: JupyterMessageContent,
        metadata: Value,
        buffers: Vec<Bytes>,
    },
}

/// The agent's end of its channels. To end the kernel is a channel of its own, so that it waits behind nothing.
pub struct Mailbox {
    pub orders: mpsc::UnboundedReceiver<Order>,
    pub stop: oneshot::Receiver<()>,
    pub gone: watch::Sender<bool>,
}

/// Windows hear of new output at most this often.
const FLUSH_EVERY: Duration = Duration::from_millis(30);
/// How many messages are taken in under one lock.
const BATCH: usize = 256;
/// How long a kernel may take to end by itself.
const END_LIMIT: Duration = Duration::from_millis(1500);
/// How long a process may live on that has closed all its connections.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);
/// How long what a dead kernel said last may be under way.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);

pub(crate) async fn drive(session: Arc<Session>, id: String, launcher: Launcher, mut mailbox: Mailbox) {
    let started = tokio::select! {
        biased;
        _ = &mut mailbox.stop => None,
        started = begin(&session, &id, &launcher) => Some(started),
    };
    match started {
        None => {}
        Some(Err(error)) => dead(&session, &id, error.to_string()),
        Some(Ok((process, speaking))) => {
            let mut agent =
                Agent { session, id, process, speaking, waiting: HashMap::new(), flush_at: None, flushed_at: None };
            agent.ready();
            match agent.work(&mut mailbox).await {
                End::Asked => agent.end().await,
                End::Died(why) => {
                    agent.drain().await;
                    let last = agent.process.last_words().await;
                    let problem = if last.is_empty() { why } else { format!("{why}\n{last}") };
                    dead(&agent.session, &agent.id, problem);
                }
            }
        }
    }
    mailbox.gone.send_replace(true);
}

/// Takes the spare kernel, or makes the environment if need be, starts the process and waits until it answers.
async fn begin(session: &Arc<Session>, id: &str, launcher: &Launcher) -> Result<(Process, Speaking), KernelError> {
    let shared = session.shared.clone();
    let tell = {
        let (session, id) = (session.clone(), id.to_owned());
        move |line: &str| {
            session.with_kernel(&id, |inner| {
                if let Some(kernel) = inner.kernel_by_id(&id) {
                    kernel.info.problem = Some(line.to_owned());
                }
                Vec::new()
            });
        }
    };
    let envs_dir = shared.options.envs_dir.clone();
    let variables = shared.environment.lock().clone();
    let plan = {
        let (launcher, runtime_dir) = (launcher.clone(), shared.options.runtime_dir.clone());
        let desk = Desk::of(&session.stands_for());
        let make = move || plan(&launcher, variables, &envs_dir, desk, runtime_dir, &tell);
        tokio::task::spawn_blocking(make).await.map_err(|panic| KernelError::Start(panic.to_string()))??
    };
    let language = language::of(&launcher.spec.language);
    if let Some(language) = language
        && let Some((process, speaking)) = shared.spares.take(&plan).await
    {
        // What it answers is of no interest: a folder that is gone shows at the first relative path.
        speaking.shell.say(&new_request(), evaluate((language.enter)(&plan.desk)));
        shared.spares.refill(plan);
        return Ok((process, speaking));
    }
    let mut process = launch::start(&plan)?;
    let speaking = Speaking::open(&mut process).await?;
    if launcher.is_spared() {
        shared.spares.refill(plan);
    }
    Ok((process, speaking))
}

/// Everything that a start needs. Blocks while an environment is made.
pub(crate) fn plan(
    launcher: &Launcher,
    variables: Vec<(String, String)>,
    envs_dir: &Path,
    desk: Desk,
    runtime_dir: std::path::PathBuf,
    tell: &dyn Fn(&str),
) -> Result<Plan, KernelError> {
    let mut env = variables;
    let argv = match &launcher.argv {
        Some(argv) => argv.clone(),
        None => {
            let made = environment::ensure(envs_dir, tell)?;
            env.extend(made.variables());
            let python = made.python.to_string_lossy().into_owned();
            // Completion from the live objects: quicker than reading sources, and without jedi's cache on disk, which
            // a killed kernel leaves torn so that no later kernel completes anything.
            let arguments =
                [&python, "-m", "ipykernel_launcher", "--IPCompleter.use_jedi=False", "-f", "{connection_file}"];
            arguments.map(str::to_owned).to_vec()
        }
    };
    env.extend(launcher.env.clone());
    Ok(Plan { argv, env, runtime_dir, desk })
}

fn dead(session: &Arc<Session>, id: &str, problem: String) {
    tracing::warn!(path = session.path(), problem, "a kernel died");
    session.with_kernel(id, |inner| {
        if let Some(kernel) = inner.kernel_by_id(id) {
            kernel.info.state = KernelState::Dead;
            kernel.info.problem = Some(problem);
        }
        inner.kernel_ended(id)
    });
    session.announce_kernel();
    go_on(session);
}

/// Sends the next cell to its kernel.
pub(crate) fn go_on(session: &Arc<Session>) {
    if let Err(error) = session.go_on() {
        // The window sees it as a dead kernel.
        tracing::info!(path = session.path(), %error, "the next cell's kernel cannot be started");
    }
}

enum End {
    Asked,
    Died(String),
}

struct Agent {
    session: Arc<Session>,
    id: String,
    process: Process,
    speaking: Speaking,
    waiting: HashMap<String, oneshot::Sender<Value>>,
    flush_at: Option<Instant>,
    flushed_at: Option<Instant>,
}

impl Agent {
    fn ready(&mut self) {
        let language = self.speaking.language_info.clone();
        let live = Live {
            group: self.process.group,
            control: self.speaking.control.clone(),
            stdin: self.speaking.stdin.clone(),
        };
        self.session.with_kernel(&self.id, |inner| {
            let Some(kernel) = inner.kernel_by_id(&self.id) else { return Vec::new() };
            kernel.info.state = KernelState::Idle;
            kernel.info.problem = None;
            kernel.live = Some(live);
            let is_own = inner.kernel(None).is_some_and(|own| own.info.id == self.id);
            if is_own && language.is_object() && inner.book.document().language_info().as_ref() != Some(&language) {
                inner.book.document_mut().set_language_info(language);
            }
            Vec::new()
        });
        self.session.announce_kernel();
        go_on(&self.session);
    }

    async fn work(&mut self, mailbox: &mut Mailbox) -> End {
        loop {
            let flush_at = self.flush_at;
            let pause = async move {
                match flush_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut mailbox.stop => return End::Asked,
                status = self.process.child.wait() => return End::Died(obituary(status, self.process.memory_kills)),
                order = mailbox.orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return End::Died("Its notebook was closed.".to_owned()),
                },
                () = pause => self.flush(),
                heard = self.speaking.heard.next(BATCH) => match heard {
                    Some(heard) => self.hear(heard),
                    None => return self.silent().await,
                },
            }
        }
    }

    /// All channels ended: the process is about to.
    async fn silent(&mut self) -> End {
        match timeout(SILENCE_LIMIT, self.process.child.wait()).await {
            Ok(status) => End::Died(obituary(status, self.process.memory_kills)),
            Err(_) => End::Died("The kernel's connection ended.".to_owned()),
        }
    }

    fn obey(&mut self, order: Order) {
        let shell = &self.speaking.shell;
        match order {
            Order::Execute { request, code } => {
                let allow_stdin = self.session.shared.options.allow_stdin;
                let stop_on_error = !self.session.shared.options.allow_errors;
                let content = ExecuteRequest {
                    code,
                    silent: false,
                    store_history: true,
                    user_expressions: None,
                    allow_stdin,
                    stop_on_error,
                };
                shell.say(&request, content);
            }
            Order::Ask { request, content, answer } => {
                self.waiting.retain(|_, waiting| !waiting.is_closed());
                shell.say(&request, content);
                self.waiting.insert(request, answer);
            }
            Order::Comm { content, metadata, buffers } => shell.say_with(&new_request(), content, metadata, buffers),
        }
    }

    /// Takes in messages under one lock, then sends the next cell if one has ended.
    fn hear(&mut self, batch: Vec<Heard>) {
        let (waiting, id) = (&mut self.waiting, &self.id);
        let shell = &self.speaking.shell;
        let mut unsent = false;
        self.session.with_kernel(id, |inner| {
            let mut changes = Vec::new();
            for heard in batch {
                changes.extend(match heard.channel {
                    Channel::Shell => match waiting.remove(&heard.request) {
                        Some(answer) => {
                            // Nobody waits any more: fine.
                            let _ = answer.send(heard.content);
                            Vec::new()
                        }
                        None if heard.kind == "execute_reply" => {
                            inner.book.reply(&heard.request, &heard.content, now())
                        }
                        None => Vec::new(),
                    },
                    Channel::Stdin => ask(inner, id, &heard),
                    Channel::Output => published(inner, id, heard, shell),
                });
            }
            if inner.input.is_some() && !inner.book.is_running() {
                inner.input = None;
                changes.push(NotebookChange::Input { input: None });
            }
            unsent = inner.book.has_unsent_output();
            changes
        });
        if !unsent {
            self.flush_at = None;
        } else if self.flushed_at.is_none_or(|at| at.elapsed() >= FLUSH_EVERY) {
            self.flush();
        } else if self.flush_at.is_none() {
            self.flush_at = Some(Instant::now() + FLUSH_EVERY);
        }
        go_on(&self.session);
    }

    fn flush(&mut self) {
        self.flush_at = None;
        self.flushed_at = Some(Instant::now());
        self.session.with_kernel(&self.id, |inner| inner.book.flush());
    }

    /// What the kernel said before it died may still be under way; its sockets end with it.
    async fn drain(&mut self) {
        let deadline = Instant::now() + DRAIN_LIMIT;
        while let Ok(Some(heard)) =
            timeout(deadline.saturating_duration_since(Instant::now()), self.speaking.heard.next(BATCH)).await
        {
            self.hear(heard);
        }
    }

    async fn end(&mut self) {
        self.speaking.control.say(&new_request(), ShutdownRequest { restart: false });
        if timeout(END_LIMIT, self.process.child.wait()).await.is_err() {
            tracing::debug!(id = self.id, "a kernel did not end by itself and is killed");
        }
        self.process.kill();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.speaking.heard.close();
    }
}

/// A message of the output channel.
fn published(inner: &mut Inner, id: &str, heard: Heard, shell: &crate::connection::Voice) -> Vec<NotebookChange> {
    let kind = match heard.kind.as_str() {
        "comm_open" => CommKind::Open,
        "comm_msg" => CommKind::Message,
        "comm_close" => CommKind::Close,
        kind => {
            let Some(kernel) = inner.kernel_by_id(id) else { return Vec::new() };
            if let Some((comm, outputs)) = kernel.comms.capture(&heard.request, kind, &heard.content) {
                let update = update(&kernel.info.name, &comm, "outputs", outputs.clone());
                let data = json!({ "method": "update", "state": { "outputs": outputs }, "buffer_paths": [] });
                if let Value::Object(data) = data {
                    shell.say(&new_request(), comm_content(&update, data));
                }
                return vec![NotebookChange::Comm(update)];
            }
            return inner.book.hear(&heard.request, kind, &heard.content, now());
        }
    };
    let Some(kernel) = inner.kernel_by_id(id) else { return Vec::new() };
    kernel.comms.hear(kind, &heard.content, &heard.metadata, &heard.buffers);
    comms::to_wire(&kernel.info.name, kind, &heard.content, &heard.metadata, &heard.buffers)
        .map(NotebookChange::Comm)
        .into_iter()
        .collect()
}

/// The kernel asks a person.
fn ask(inner: &mut Inner, id: &str, heard: &Heard) -> Vec<NotebookChange> {
    if heard.kind != "input_request" {
        return Vec::new();
    }
    let Some(cell) = inner.book.running_cell(&heard.request).map(str::to_owned) else { return Vec::new() };
    let Some(kernel) = inner.kernel_by_id(id) else { return Vec::new() };
    let input = InputRequest {
        kernel: kernel.info.name.clone(),
        cell,
        prompt: heard.content.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
        password: heard.content.get("password").and_then(Value::as_bool).unwrap_or(false),
    };
    inner.input = Some(input.clone());
    vec![NotebookChange::Input { input: Some(input) }]
}
