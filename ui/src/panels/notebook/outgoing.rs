//! What a person did, on its way to the backend: one thing after the other, in the order in which it was done.

use super::session::Session;
use crate::api;
use atelier_wire as wire;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wire::studio::kernel::RunCells;
use wire::studio::notebook::{Edit, EditNotebook, SaveNotebook, UndoNotebook};

/// Typing is sent this long after the last key.
const TYPING_MS: u32 = 300;

/// Something to be done by the backend.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// One step of undo.
    Edit(Vec<Edit>),
    /// One step of undo, or another one where the backend knows the cells no more.
    Paste {
        edits: Vec<Edit>,
        anew: Vec<Edit>,
    },
    Run(Vec<String>),
    Undo {
        redo: bool,
    },
    Save,
}

impl Order {
    fn tried(&self) -> &'static str {
        match self {
            Self::Edit(_) | Self::Paste { .. } => "The edit was not taken; the notebook is read again",
            Self::Run(_) => "The cells could not be run",
            Self::Undo { .. } => "It could not be undone",
            Self::Save => "The notebook could not be saved",
        }
    }
}

#[derive(Default)]
pub struct Outgoing {
    orders: VecDeque<Order>,
    /// The order that is with the backend now.
    sent: Option<Order>,
    later: RefCell<Option<Timeout>>,
    /// Those who wait until nothing is on its way.
    waiting: Vec<js_sys::Function>,
}

impl Outgoing {
    /// Adds an order. Typing goes on where the last order was typing in the same cell; runs join.
    fn add(&mut self, order: Order) {
        match (self.orders.back_mut(), order) {
            (Some(Order::Edit(last)), Order::Edit(new)) if is_typing_on(last, &new) => *last = new,
            (Some(Order::Run(last)), Order::Run(new)) => last.extend(new),
            (_, order) => self.orders.push_back(order),
        }
    }

    fn touches(&self, cell: &str) -> bool {
        let of = |order: &Order| matches!(order, Order::Edit(edits) | Order::Paste { edits, .. } if edits.iter().any(|edit| mentions(edit, cell)));
        self.orders.iter().any(of) || self.sent.as_ref().is_some_and(of)
    }

    fn is_idle(&self) -> bool {
        self.orders.is_empty() && self.sent.is_none()
    }
}

fn is_typing_on(last: &[Edit], new: &[Edit]) -> bool {
    matches!((last, new), ([Edit::SetSource { cell: a, .. }], [Edit::SetSource { cell: b, .. }]) if a == b)
}

/// Whether an edit changes this cell.
fn mentions(edit: &Edit, id: &str) -> bool {
    match edit {
        Edit::SetSource { cell, .. }
        | Edit::Delete { cell }
        | Edit::Move { cell, .. }
        | Edit::SetKind { cell, .. }
        | Edit::SetTags { cell, .. }
        | Edit::SetHidden { cell, .. }
        | Edit::SetCollapsed { cell, .. }
        | Edit::SetCellKernel { cell, .. }
        | Edit::SetMetadata { cell, .. }
        | Edit::Attach { cell, .. }
        | Edit::Detach { cell, .. } => cell == id,
        Edit::Insert { id: new, .. } => new == id,
        Edit::Split { cell, new_id, .. } => cell == id || new_id == id,
        Edit::Merge { cells } => cells.iter().any(|cell| cell == id),
        Edit::Paste { new_ids, .. } => new_ids.iter().any(|new| new == id),
        Edit::ClearOutputs { cell } => cell.as_deref().is_none_or(|cell| cell == id),
    }
}

impl Session {
    /// Whether something that changes this cell is still on its way.
    pub(super) fn waits_for(&self, cell: &str) -> bool {
        self.outgoing.try_with_value(|out| out.touches(cell)).unwrap_or(false)
    }

    /// Sends edits that belong together.
    pub(super) fn push(&self, edits: Vec<Edit>) {
        if !edits.is_empty() {
            self.dirty.set(true);
            self.order(Order::Edit(edits));
        }
    }

    pub(super) fn order(&self, order: Order) {
        self.outgoing.try_update_value(|out| out.add(order));
        self.send();
    }

    /// Called with each change in an editor.
    pub fn typed(&self, id: &str, source: String) {
        let Some(state) = self.cell(id) else { return };
        let was_run = state.count.with_untracked(Option::is_some);
        if was_run && !state.run.with_untracked(|run| run.stale) {
            state.run.update(|run| run.stale = true);
        }
        state.source.set(source.clone());
        if !self.dirty.get_untracked() {
            self.dirty.set(true);
        }
        self.outgoing
            .try_update_value(|out| out.add(Order::Edit(vec![Edit::SetSource { cell: id.to_owned(), source }])));
        let this = *self;
        self.outgoing.with_value(|out| *out.later.borrow_mut() = Some(Timeout::new(TYPING_MS, move || this.send())));
    }

    pub(super) fn send(self) {
        let next = self.outgoing.try_update_value(|out| {
            if out.sent.is_none() {
                out.sent = out.orders.pop_front();
                return out.sent.clone();
            }
            None
        });
        let Some(order) = next.flatten() else { return };
        spawn_local(async move {
            let answer = self.carry_out(order.clone()).await;
            if self.cells.is_disposed() {
                return;
            }
            self.outgoing.try_update_value(|out| out.sent = None);
            match answer {
                Ok(()) => {}
                Err(error) if error.code == "BackendUnreachable" => {
                    // Nothing typed is lost: it goes again, before what came after it.
                    self.outgoing.try_update_value(|out| out.orders.push_front(order));
                    TimeoutFuture::new(1_000).await;
                }
                Err(error) => {
                    self.toasts.fail(order.tried(), error.message);
                    self.load();
                }
            }
            self.send();
            let done = self
                .outgoing
                .try_update_value(|out| if out.is_idle() { std::mem::take(&mut out.waiting) } else { Vec::new() });
            for resolve in done.unwrap_or_default() {
                // A promise's resolver does not throw.
                let _ = resolve.call0(&wasm_bindgen::JsValue::NULL);
            }
        });
    }

    async fn carry_out(self, order: Order) -> Result<(), wire::Error> {
        let path = self.path();
        match order {
            Order::Edit(edits) => self.send_edits(edits).await,
            Order::Paste { edits, anew } => match self.send_edits(edits).await {
                Err(error) if error.code == "ValidationException" => self.send_edits(anew).await,
                answer => answer,
            },
            Order::Run(cells) => api::call(RunCells { path, cells }).await.map(|_| ()),
            Order::Save => api::call(SaveNotebook { path }).await.map(|_| ()),
            Order::Undo { redo } => {
                let undone = api::call(UndoNotebook { path, redo }).await?;
                if let Some(cell) = undone.cell {
                    self.go_when_there(cell);
                }
                Ok(())
            }
        }
    }

    async fn send_edits(&self, edits: Vec<Edit>) -> Result<(), wire::Error> {
        let window = self.window.try_get_value().unwrap_or_default();
        api::call(EditNotebook { path: self.path(), window, edits }).await.map(|_| ())
    }

    /// Waits until the backend has everything that was done here.
    pub(super) async fn settled(self) {
        self.send();
        if self.outgoing.try_with_value(Outgoing::is_idle).unwrap_or(true) {
            return;
        }
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            self.outgoing.try_update_value(|out| out.waiting.push(resolve));
        });
        // It is never broken.
        let _ = JsFuture::from(promise).await;
    }

    pub fn save(self) {
        self.order(Order::Save);
    }

    /// Takes back the last step, or does it again.
    pub fn undo(&self, redo: bool) {
        self.order(Order::Undo { redo });
    }
}

/// Eight letters and digits, as nbformat asks.
pub(super) fn new_id() -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    (0..8).map(|_| LETTERS[(js_sys::Math::random() * LETTERS.len() as f64) as usize % LETTERS.len()] as char).collect()
}

#[cfg(test)]
mod tests {
    use super::{Order, Outgoing};
    use atelier_wire::studio::notebook::Edit;

    fn typed(cell: &str, source: &str) -> Order {
        Order::Edit(vec![Edit::SetSource { cell: cell.into(), source: source.into() }])
    }

    fn check(orders: &[Order], expected: &[Order]) {
        let mut out = Outgoing::default();
        for order in orders {
            out.add(order.clone());
        }
        assert_eq!(out.orders, expected);
    }

    #[test]
    fn typing_goes_on_and_runs_join_but_nothing_passes_another() {
        check(&[typed("a", "1"), typed("a", "12")], &[typed("a", "12")]);
        check(
            &[typed("a", "1"), typed("b", "2"), typed("a", "13")],
            &[typed("a", "1"), typed("b", "2"), typed("a", "13")],
        );
        let run = |cell: &str| Order::Run(vec![cell.into()]);
        check(&[run("a"), run("b")], &[Order::Run(vec!["a".into(), "b".into()])]);
        check(&[run("a"), typed("a", "1"), run("a")], &[run("a"), typed("a", "1"), run("a")]);
    }
}
