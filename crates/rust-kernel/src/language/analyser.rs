//! rust-analyzer, through evcxr, on a thread of its own: it starts with the first question and needs a while to read the
//! standard library. Nobody waits for that: what is asked meanwhile has no answer from here.

use crate::compile::Toolchain;
use evcxr::CommandContext;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot;

/// A client that asked has gone on by then.
const PATIENCE: Duration = Duration::from_millis(2500);

#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub text: String,
    pub kind: String,
}

/// Byte offsets are into the code that was asked about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Completions {
    pub found: Vec<Found>,
    pub start: usize,
    pub end: usize,
}

enum Question {
    Complete {
        code: String,
        at: usize,
        answer: oneshot::Sender<Completions>,
    },
    /// The documentation as text and as HTML.
    Explain {
        code: String,
        at: usize,
        answer: oneshot::Sender<Option<(String, String)>>,
    },
}

#[derive(Default)]
pub struct Analyser {
    questions: OnceLock<Mutex<Sender<Question>>>,
    /// It has read the standard library.
    is_ready: Arc<AtomicBool>,
}

impl Analyser {
    /// `code` with the cursor at byte `at`; nothing where the analyser is not ready.
    pub async fn complete(&self, code: String, at: usize) -> Option<Completions> {
        let (answer, found) = oneshot::channel();
        self.ask(Question::Complete { code, at, answer });
        tokio::time::timeout(PATIENCE, found).await.ok()?.ok()
    }

    pub async fn explain(&self, code: String, at: usize) -> Option<(String, String)> {
        let (answer, found) = oneshot::channel();
        self.ask(Question::Explain { code, at, answer });
        tokio::time::timeout(PATIENCE, found).await.ok()?.ok()?
    }

    /// A question that is dropped unanswered ends its client's waiting.
    fn ask(&self, question: Question) {
        let questions = self.questions.get_or_init(|| {
            let (sender, questions) = channel();
            let is_ready = self.is_ready.clone();
            std::thread::spawn(move || answer(&questions, &is_ready));
            Mutex::new(sender)
        });
        if !self.is_ready.load(Ordering::Acquire) {
            return;
        }
        if let Ok(questions) = questions.lock() {
            // Where the analyser could not start, its thread is gone.
            let _ = questions.send(question);
        }
    }
}

fn scratch() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("atelier-rust-analyser-{}", std::process::id()))
}

/// Removes what the analyser keeps on the disk; for the end of the process.
pub fn tidy() {
    let folder = scratch();
    if folder.exists()
        && let Err(error) = std::fs::remove_dir_all(&folder)
    {
        tracing::debug!("{} stays: {error}", folder.display());
    }
}

fn answer(questions: &Receiver<Question>, is_ready: &AtomicBool) {
    let source = Toolchain::find().ok().and_then(|toolchain| toolchain.library_source());
    if let Some(source) = source {
        // SAFETY: nothing else in this process reads or writes this variable.
        unsafe { std::env::set_var("RUST_SRC_PATH", source) };
    }
    // evcxr keeps its project where it is told, and would not remove it when this process exits.
    let folder = scratch();
    // SAFETY: as above.
    unsafe { std::env::set_var("EVCXR_TMPDIR", &folder) };
    let mut context = match CommandContext::new() {
        Ok((context, _)) => context,
        Err(error) => return tracing::warn!("rust-analyzer could not be started: {error}"),
    };
    // The first question reads the standard library: better this one than a person's.
    let _ = guarded(|| context.completions("String::new().len", 17).ok());
    is_ready.store(true, Ordering::Release);
    // It may panic over code that is half written; then it has no answer.
    while let Ok(question) = questions.recv() {
        match question {
            // Its client has gone on.
            Question::Complete { answer, .. } if answer.is_closed() => {}
            Question::Explain { answer, .. } if answer.is_closed() => {}
            Question::Complete { code, at, answer } => {
                let found = guarded(|| context.completions(&code, at).ok()).unwrap_or_default();
                let pieces =
                    found.completions.into_iter().map(|one| Found { text: one.code, kind: one.kind.to_owned() });
                let _ = answer.send(Completions {
                    found: pieces.collect(),
                    start: found.start_offset,
                    end: found.end_offset,
                });
            }
            Question::Explain { code, at, answer } => {
                let found = guarded(|| context.hover_at(&code, at).ok());
                let _ = answer.send(found.filter(|(text, _)| text != "No documentation found"));
            }
        }
    }
}

fn guarded<R>(work: impl FnOnce() -> Option<R>) -> Option<R> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok().flatten()
}
