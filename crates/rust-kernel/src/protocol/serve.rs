//! Requests and their answers. Shell requests are answered one after the other; control requests at once.

use super::channels::{Channels, Outgoing};
use super::execute::{self, Job, Shared};
use super::message::Message;
use crate::cell::{Completeness, completeness};
use crate::language::{Analyser, History, complete, inspect, tidy};
use jupyter_protocol::ConnectionInfo;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{mpsc, oneshot};

/// Serves one client file until it is told to shut down, or the kernel's parent is gone.
pub async fn serve(connection: &ConnectionInfo) -> anyhow::Result<()> {
    let channels = Channels::bind(connection).await?;
    let shared = Arc::new(Shared::default());
    let out = channels.out;
    let start = Message { header: json!({}), ..Message::default() };
    out.publish("status", &start, json!({"execution_state": "starting"}));
    let (jobs, cells) = execute::start(out.clone(), Arc::clone(&shared));
    let mut stdin = channels.stdin;
    let answered = Arc::clone(&shared);
    tokio::spawn(async move {
        while let Some(message) = stdin.recv().await {
            let waiting = answered.answers.lock().ok().and_then(|mut waiting| waiting.take());
            if let Some(waiting) = waiting.filter(|_| message.kind() == "input_reply") {
                let _ = waiting.send(message.text("value").to_owned());
            }
        }
    });
    let (ended, mut end) = mpsc::unbounded_channel();
    let shell = Shell {
        out: out.clone(),
        shared: Arc::clone(&shared),
        jobs,
        count: 0,
        history: History::open(),
        analyser: Analyser::default(),
        ended: ended.clone(),
    };
    let shell = tokio::spawn(shell.serve(channels.shell));
    tokio::spawn(control(channels.control, out, shared, ended));
    end.recv().await;
    // The last messages are on their way, and the cells' process and files are to go.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    shell.abort();
    let tidied = tokio::task::spawn_blocking(move || cells.join());
    let _ = tokio::time::timeout(std::time::Duration::from_secs(3), tidied).await;
    tidy();
    Ok(())
}

async fn control(
    mut requests: UnboundedReceiver<Message>,
    out: Outgoing,
    shared: Arc<Shared>,
    ended: mpsc::UnboundedSender<()>,
) {
    while let Some(request) = requests.recv().await {
        let busy = Busy::new(&out, &request);
        let reply = match request.kind() {
            "interrupt_request" => {
                shared.interrupted.store(true, Ordering::SeqCst);
                json!({"status": "ok"})
            }
            "shutdown_request" => {
                shared.interrupted.store(true, Ordering::SeqCst);
                shutdown(&out, &request, &ended)
            }
            "kernel_info_request" => kernel_info(),
            _ => continue,
        };
        out.reply(true, out.signer.answer(&reply_kind(request.kind()), &request, reply));
        drop(busy);
    }
}

fn shutdown(out: &Outgoing, request: &Message, ended: &mpsc::UnboundedSender<()>) -> Value {
    let content = json!({"status": "ok", "restart": request.flag("restart", false)});
    out.publish("shutdown_reply", request, content.clone());
    let _ = ended.send(());
    content
}

fn reply_kind(request: &str) -> String {
    request.replace("_request", "_reply")
}

/// Says busy now, and idle when it is dropped.
struct Busy<'a>(&'a Outgoing, &'a Message);

impl<'a> Busy<'a> {
    fn new(out: &'a Outgoing, request: &'a Message) -> Self {
        out.publish("status", request, json!({"execution_state": "busy"}));
        Self(out, request)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.publish("status", self.1, json!({"execution_state": "idle"}));
    }
}

struct Shell {
    out: Outgoing,
    shared: Arc<Shared>,
    jobs: Sender<Job>,
    count: u64,
    history: History,
    analyser: Analyser,
    ended: mpsc::UnboundedSender<()>,
}

impl Shell {
    async fn serve(mut self, mut requests: UnboundedReceiver<Message>) {
        while let Some(request) = requests.recv().await {
            let failed = self.answer(&request).await;
            if failed {
                self.abort_waiting(&mut requests).await;
            }
        }
    }

    /// Returns whether a cell failed whose followers must not run.
    async fn answer(&mut self, request: &Message) -> bool {
        let out = self.out.clone();
        let _busy = Busy::new(&out, request);
        let mut failed = false;
        let reply = match request.kind() {
            "execute_request" => {
                let reply = self.execute(request).await;
                failed = reply["status"] != "ok" && request.flag("stop_on_error", true);
                reply
            }
            "kernel_info_request" => kernel_info(),
            "is_complete_request" => match completeness(request.text("code")) {
                Completeness::Complete => json!({"status": "complete"}),
                Completeness::Incomplete { indent } => json!({"status": "incomplete", "indent": indent}),
                Completeness::Invalid => json!({"status": "invalid"}),
            },
            "complete_request" => {
                let session = self.session();
                complete(&self.analyser, &session, request.text("code"), cursor(request)).await
            }
            "inspect_request" => {
                let session = self.session();
                inspect(&self.analyser, &session, request.text("code"), cursor(request)).await
            }
            "history_request" => self.history.answer(&request.content),
            "comm_info_request" => json!({"status": "ok", "comms": {}}),
            "shutdown_request" => shutdown(&self.out, request, &self.ended),
            // There is no comm on this side.
            "comm_open" => {
                let id = request.content["comm_id"].clone();
                self.out.publish("comm_close", request, json!({"comm_id": id, "data": {}}));
                return false;
            }
            _ => return false,
        };
        self.out.reply(false, self.out.signer.answer(&reply_kind(request.kind()), request, reply));
        failed
    }

    fn session(&self) -> crate::compile::Session {
        self.shared.session.lock().map(|session| session.clone()).unwrap_or_default()
    }

    async fn execute(&mut self, request: &Message) -> Value {
        let is_silent = request.flag("silent", false);
        let code = request.text("code");
        if !is_silent {
            self.count += u64::from(request.flag("store_history", true));
            self.out.publish("execute_input", request, json!({"code": code, "execution_count": self.count}));
            if request.flag("store_history", true) {
                self.history.add(self.count, code);
            }
        }
        let (done, reply) = oneshot::channel();
        let lost = || json!({"status": "error", "ename": "KernelError", "evalue": "the thread that runs the cells is gone; restart the kernel", "traceback": [], "execution_count": 0});
        if self.jobs.send(Job { request: request.clone(), count: self.count, done }).is_err() {
            return lost();
        }
        reply.await.unwrap_or_else(|_| lost())
    }

    /// Cells that were queued behind one that failed do not run.
    async fn abort_waiting(&mut self, requests: &mut UnboundedReceiver<Message>) {
        while let Ok(request) = requests.try_recv() {
            if request.kind() != "execute_request" {
                self.answer(&request).await;
                continue;
            }
            let busy = Busy::new(&self.out, &request);
            self.out.reply(false, self.out.signer.answer("execute_reply", &request, json!({"status": "aborted"})));
            drop(busy);
        }
    }
}

/// Where the cursor stands, in characters.
fn cursor(request: &Message) -> usize {
    request.content["cursor_pos"].as_u64().map_or(usize::MAX, |at| usize::try_from(at).unwrap_or(usize::MAX))
}

fn kernel_info() -> Value {
    json!({
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": "atelier-rust",
        "implementation_version": env!("CARGO_PKG_VERSION"),
        "banner": "Rust (Atelier): variables stay from cell to cell; `:help` lists the commands.",
        "debugger": false,
        "language_info": {
            "name": "rust",
            "version": "2024",
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygments_lexer": "rust",
            "codemirror_mode": "rust",
            "nbconvert_exporter": "script",
        },
        "help_links": [
            {"text": "The Rust Book", "url": "https://doc.rust-lang.org/book/"},
            {"text": "Standard library", "url": "https://doc.rust-lang.org/std/"},
            {"text": "polars", "url": "https://docs.rs/polars"},
        ],
    })
}
