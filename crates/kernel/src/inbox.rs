//! What a kernel said and nobody has taken in yet. Writing never waits: a kernel's publishing socket throws messages
//! away when its reader is slow, so everything is read at once and bounded here.
//!
//! Text printed in a row becomes one message. Past [`MAX_BYTES`] outputs are counted and dropped, while replies,
//! states and prompts are always kept: a flood costs its own text and nothing else.

use crate::connection::{Channel, Heard};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// Outputs that wait. The reader's thread would have to stand still for seconds to get here.
const MAX_BYTES: usize = 64 << 20;
/// A message joined from smaller ones stops growing here, so that none takes long.
const MAX_JOINED: usize = 1 << 20;

/// Cheap to clone; all clones are one box.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Notify,
    abandoned: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<(Heard, usize)>,
    bytes: usize,
    dropped: u64,
    writers: usize,
    /// Nobody reads any more.
    abandoned: bool,
    max_bytes: Option<usize>,
}

/// The writing end of one channel; the box is over when all are dropped.
pub struct Writer(Inbox);

impl Inbox {
    #[cfg(test)]
    fn with_limit(max_bytes: usize) -> Inbox {
        let inbox = Inbox::default();
        inbox.0.state.lock().max_bytes = Some(max_bytes);
        inbox
    }

    pub fn writer(&self) -> Writer {
        self.0.state.lock().writers += 1;
        Writer(self.clone())
    }

    /// Lets the writers go: nobody reads any more.
    pub fn close(&self) {
        self.0.state.lock().abandoned = true;
        self.0.abandoned.notify_waiters();
    }

    /// What has come, at most `limit` messages, in the order in which each channel said it. Waits for the first;
    /// `None` once all writers are gone and everything was taken.
    pub async fn next(&self, limit: usize) -> Option<Vec<Heard>> {
        loop {
            let arrived = self.0.arrived.notified();
            {
                let mut state = self.0.state.lock();
                if !state.queue.is_empty() {
                    return Some(state.take(limit));
                }
                if state.writers == 0 {
                    return None;
                }
            }
            arrived.await;
        }
    }
}

impl State {
    fn take(&mut self, limit: usize) -> Vec<Heard> {
        let count = limit.min(self.queue.len());
        let taken: Vec<Heard> = self
            .queue
            .drain(..count)
            .map(|(heard, size)| {
                self.bytes -= size;
                heard
            })
            .collect();
        taken
    }

    fn push(&mut self, heard: Heard, size: usize) {
        let droppable = heard.channel == Channel::Output
            && matches!(heard.kind.as_str(), "stream" | "display_data" | "execute_result" | "update_display_data");
        if droppable && self.bytes + size > self.max_bytes.unwrap_or(MAX_BYTES) {
            self.dropped += 1;
            return;
        }
        if self.dropped > 0 {
            let note =
                format!("\n[{} messages left out: the kernel printed faster than they could be kept]\n", self.dropped);
            let content = json!({ "name": "stderr", "text": note });
            self.dropped = 0;
            self.bytes += note.len();
            self.queue.push_back((Heard { content, kind: "stream".to_owned(), ..heard.bare() }, note.len()));
        }
        if let Some((last, last_size)) = self.queue.back_mut()
            && *last_size + size <= MAX_JOINED
            && joins(last, &heard)
            && let (Some(Value::String(so_far)), Some(more)) =
                (last.content.get_mut("text"), heard.content.get("text").and_then(Value::as_str))
        {
            so_far.push_str(more);
            *last_size += size;
            self.bytes += size;
            return;
        }
        self.bytes += size;
        self.queue.push_back((heard, size));
    }
}

/// Whether both are text of the same stream of the same request.
fn joins(last: &Heard, next: &Heard) -> bool {
    let is_stream = |heard: &Heard| heard.channel == Channel::Output && heard.kind == "stream";
    is_stream(last)
        && is_stream(next)
        && last.request == next.request
        && last.content.get("name") == next.content.get("name")
}

impl Writer {
    /// Resolves when nobody reads any more.
    pub async fn abandoned(&self) {
        let notified = self.0.0.abandoned.notified();
        if !self.0.0.state.lock().abandoned {
            notified.await;
        }
    }

    /// Puts a message in; `size` is what it weighs.
    pub fn push(&self, heard: Heard, size: usize) {
        self.0.0.state.lock().push(heard, size);
        self.0.0.arrived.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.0.state.lock().writers -= 1;
        self.0.0.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(kind: &str, request: &str, content: Value) -> Heard {
        let bare = Heard::new(Channel::Output, kind, request);
        Heard { content, ..bare }
    }

    fn print(text: &str) -> Heard {
        output("stream", "r", json!({ "name": "stdout", "text": text }))
    }

    async fn kinds(inbox: &Inbox) -> Vec<String> {
        let taken = inbox.next(100).await.unwrap();
        taken
            .iter()
            .map(|heard| {
                format!("{}{}", heard.kind, heard.content.get("text").and_then(Value::as_str).unwrap_or_default())
            })
            .collect()
    }

    #[tokio::test]
    async fn text_in_a_row_is_one_message_and_order_stays() {
        let inbox = Inbox::default();
        let writer = inbox.writer();
        for heard in [
            print("a"),
            print("b"),
            output("display_data", "r", json!({})),
            print("c"),
            output("stream", "s", json!({"name": "stdout", "text": "d"})),
        ] {
            writer.push(heard, 1);
        }
        assert_eq!(kinds(&inbox).await, ["streamab", "display_data", "streamc", "streamd"]);
    }

    #[tokio::test]
    async fn flood_costs_its_own_text_only() {
        let inbox = Inbox::with_limit(10);
        let writer = inbox.writer();
        for _ in 0..100 {
            writer.push(print("12345"), 5);
        }
        writer.push(output("status", "r", json!({"execution_state": "idle"})), 40);
        let taken = kinds(&inbox).await;
        assert_eq!(taken[0], "stream1234512345");
        assert!(taken[1].contains("98 messages left out"), "{taken:?}");
        assert_eq!(taken[2], "status");
        writer.push(print("on"), 2);
        assert_eq!(kinds(&inbox).await, ["streamon"]);
    }

    #[tokio::test]
    async fn box_ends_with_its_writers() {
        let inbox = Inbox::default();
        let (one, other) = (inbox.writer(), inbox.writer());
        drop(one);
        other.push(print("x"), 1);
        drop(other);
        assert_eq!(kinds(&inbox).await, ["streamx"]);
        assert!(inbox.next(1).await.is_none());
    }
}
