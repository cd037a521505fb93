//! The thread that runs the cells, and how what happens there becomes messages.

use super::channels::Outgoing;
use super::message::Message;
use crate::compile::{Session, Toolchain};
use crate::evaluate::{Client, Evaluator, Failure};
use crate::worker::{Asked, Event};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// A cell to run; the reply goes back through `done`.
pub struct Job {
    pub request: Message,
    pub count: u64,
    pub done: oneshot::Sender<Value>,
}

/// What the two sides share.
#[derive(Default)]
pub struct Shared {
    pub interrupted: AtomicBool,
    /// As the last cell left it.
    pub session: Mutex<Session>,
    pub answers: Mutex<Option<Sender<String>>>,
}

/// The thread ends, and tidies up, when nobody can send jobs any more.
pub fn start(out: Outgoing, shared: Arc<Shared>) -> (Sender<Job>, std::thread::JoinHandle<()>) {
    let (jobs, waiting) = channel();
    (jobs, std::thread::spawn(move || work(&out, &shared, &waiting)))
}

fn work(out: &Outgoing, shared: &Shared, jobs: &Receiver<Job>) {
    let mut parent = Message { header: json!({}), ..Message::default() };
    let mut evaluator = Toolchain::find().map_err(|missing| missing.to_string()).and_then(|toolchain| {
        Evaluator::new(Arc::new(toolchain)).map_err(|error| format!("the kernel's folders cannot be used: {error}"))
    });
    if let Ok(evaluator) = &mut evaluator {
        evaluator.warm_up(&Messages::new(out, shared, &parent));
        prepare_meanwhile();
    }
    loop {
        match jobs.recv_timeout(Duration::from_millis(200)) {
            Ok(job) => {
                parent = job.request.clone();
                let reply = run(out, shared, &mut evaluator, &job);
                let _ = job.done.send(reply);
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Ok(evaluator) = &mut evaluator {
                    evaluator.idle(&Messages::new(out, shared, &parent));
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Makes polars and plotters ready in a process of its own, which steps aside for everybody else and goes on when
/// this kernel ends. Where they are ready it ends at once.
fn prepare_meanwhile() {
    let started = std::env::current_exe().and_then(|own| {
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(own).arg("--prepare");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()
    });
    match started {
        Ok(mut child) => drop(std::thread::spawn(move || child.wait())),
        Err(error) => tracing::debug!("the crates of Rust cells are not prepared ahead: {error}"),
    }
}

fn run(out: &Outgoing, shared: &Shared, evaluator: &mut Result<Evaluator, String>, job: &Job) -> Value {
    shared.interrupted.store(false, Ordering::SeqCst);
    let mut client = Messages::new(out, shared, &job.request);
    client.count = job.count;
    client.is_silent = job.request.flag("silent", false);
    client.may_ask = job.request.flag("allow_stdin", true);
    let result = match evaluator {
        Err(problem) => Err(Failure::plain("NoCompiler", problem.clone())),
        Ok(evaluator) => {
            let code = job.request.text("code").to_owned();
            let result = evaluator.run(job.count, &code, &client);
            if let Ok(mut session) = shared.session.lock() {
                session.clone_from(evaluator.session());
            }
            result
        }
    };
    let said = client.said.borrow().clone();
    match result {
        Ok(()) => {
            let expressions = expressions(evaluator, &job.request, &client);
            json!({"status": "ok", "execution_count": job.count, "payload": [], "user_expressions": expressions})
        }
        Err(failure) => {
            let failure = failure.with_text(&said);
            let content = json!({"ename": failure.ename, "evalue": failure.evalue, "traceback": failure.traceback, "diagnostics": failure.diagnostics});
            if !client.is_silent {
                out.publish("error", &job.request, content.clone());
            }
            let mut reply = content;
            reply["status"] = "error".into();
            reply["execution_count"] = job.count.into();
            reply["user_expressions"] = json!({});
            reply["payload"] = json!([]);
            reply
        }
    }
}

fn expressions(evaluator: &mut Result<Evaluator, String>, request: &Message, client: &Messages) -> Value {
    let wanted = request.content["user_expressions"].as_object().cloned().unwrap_or_default();
    let answers = wanted.into_iter().map(|(name, expression)| {
        let asked = match evaluator {
            Ok(evaluator) => evaluator.ask(expression.as_str().unwrap_or_default(), client),
            Err(problem) => Err(Failure::plain("NoCompiler", problem.clone())),
        };
        let answer = match asked {
            Ok((mime, value)) => json!({"status": "ok", "data": {mime: value}, "metadata": {}}),
            Err(failure) => {
                let failure = failure.with_text(&client.said.borrow());
                json!({"status": "error", "ename": failure.ename, "evalue": failure.evalue, "traceback": failure.traceback})
            }
        };
        (name, answer)
    });
    Value::Object(answers.collect::<Map<_, _>>())
}

/// Turns events into messages.
struct Messages<'a> {
    out: &'a Outgoing,
    shared: &'a Shared,
    request: &'a Message,
    count: u64,
    is_silent: bool,
    may_ask: bool,
    /// What it panicked with, what `?` returned.
    said: RefCell<String>,
}

impl<'a> Messages<'a> {
    fn new(out: &'a Outgoing, shared: &'a Shared, request: &'a Message) -> Self {
        Self { out, shared, request, count: 0, is_silent: false, may_ask: false, said: RefCell::default() }
    }

    fn publish(&self, kind: &str, content: Value) {
        if !self.is_silent {
            self.out.publish(kind, self.request, content);
        }
    }

    /// Text is sent as it comes: the pipe has already joined what was printed together.
    fn stream(&self, name: &str, text: &str) {
        self.publish("stream", json!({"name": name, "text": text}));
    }
}

impl Client for Messages<'_> {
    fn emit(&self, event: Event) {
        let transient = |id: Option<String>| id.map_or_else(|| json!({}), |id| json!({"display_id": id}));
        match event {
            Event::Display { data, display_id } => {
                self.publish("display_data", json!({"data": data, "metadata": {}, "transient": transient(display_id)}));
            }
            Event::Update { data, display_id } => {
                self.publish(
                    "update_display_data",
                    json!({"data": data, "metadata": {}, "transient": transient(Some(display_id))}),
                );
            }
            Event::Result { data } => {
                self.publish("execute_result", json!({"execution_count": self.count, "data": data, "metadata": {}}));
            }
            Event::Clear { wait } => self.publish("clear_output", json!({"wait": wait})),
            Event::Panic(text) | Event::UserError(text) => *self.said.borrow_mut() = text,
            Event::Stdout(text) => self.stream("stdout", &text),
            Event::Stderr(text) => self.stream("stderr", &text),
            Event::Input { .. } => {}
        }
    }

    fn ask(&self, prompt: String, password: bool) -> Asked {
        if !self.may_ask {
            return Asked::Nobody;
        }
        let (sender, answers) = channel();
        if let Ok(mut waiting) = self.shared.answers.lock() {
            *waiting = Some(sender);
        }
        self.out.ask(self.out.signer.answer(
            "input_request",
            self.request,
            json!({"prompt": prompt, "password": password}),
        ));
        loop {
            match answers.recv_timeout(Duration::from_millis(50)) {
                Ok(answer) => return Asked::Answer(answer),
                Err(RecvTimeoutError::Timeout) if !self.is_interrupted() => {}
                Err(_) => return Asked::Interrupted,
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        self.shared.interrupted.load(Ordering::SeqCst)
    }
}
