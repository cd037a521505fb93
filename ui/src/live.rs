//! What a panel shows: read when it opens, read again when what it depends on changes. No polling.

use crate::api;
use atelier_wire as wire;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use wire::{Call, Event};

/// The answer to a request, kept up to date.
pub struct Live<T: Send + Sync + 'static> {
    /// The last good answer; `None` until the first.
    pub value: RwSignal<Option<T>>,
    /// Why the last attempt failed, if it did. The last good answer stays.
    pub error: RwSignal<Option<wire::Error>>,
    again: StoredValue<Rc<dyn Fn()>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

impl<T: Send + Sync + 'static> Live<T> {
    /// Reads again. Events do this by themselves; for the moments that no event announces.
    pub fn reload(&self) {
        self.again.with_value(|again| again());
    }

    /// True until there is an answer or an error.
    pub fn waiting(&self) -> bool {
        self.value.with(Option::is_none) && self.error.with(Option::is_none)
    }
}

impl<T: Clone + Send + Sync + 'static> Live<T> {
    pub fn get(&self) -> Option<T> {
        self.value.get()
    }
}

/// Reads `request()` now, whenever a signal that it reads changes, and whenever something of kind `tags` changes.
/// `None` asks for nothing. Bursts of changes become one read at a time, 80 ms apart at the closest.
pub fn live<C>(request: impl Fn() -> Option<C> + 'static, tags: &'static [&'static str]) -> Live<C::Response>
where
    C: Call + 'static,
    C::Response: Clone + PartialEq + Send + Sync + 'static,
{
    live_where(request, move |tag, _| tags.contains(&tag))
}

/// As [`live`], but `concerns(tag, id)` decides which changes matter.
pub fn live_where<C>(
    request: impl Fn() -> Option<C> + 'static,
    concerns: impl Fn(&str, &str) -> bool + 'static,
) -> Live<C::Response>
where
    C: Call + 'static,
    C::Response: Clone + PartialEq + Send + Sync + 'static,
{
    let value = RwSignal::new(None);
    let error = RwSignal::new(None);
    let request = Rc::new(request);
    let round = Rc::new(Cell::new(0_u64)); // counts reasons to read
    let question = Rc::new(Cell::new(0_u64)); // counts requests that differ: the answer to an old one is not shown
    let busy = Rc::new(Cell::new(false));
    let alive = Rc::new(Cell::new(true));
    let held = StoredValue::new_local(alive.clone());
    on_cleanup(move || {
        held.try_with_value(|alive| alive.set(false));
    });

    let again: Rc<dyn Fn()> = Rc::new({
        let (request, round, busy, question) = (request.clone(), round.clone(), busy.clone(), question.clone());
        move || {
            round.set(round.get() + 1);
            if busy.replace(true) {
                return;
            }
            let (request, round, busy, alive, question) =
                (request.clone(), round.clone(), busy.clone(), alive.clone(), question.clone());
            spawn_local(async move {
                let mut served = 0;
                while alive.get() && served != round.get() {
                    served = round.get();
                    let Some(asked) = untrack(|| request()) else { break };
                    let number = question.get();
                    let answer = api::call(asked).await;
                    if !alive.get() {
                        break;
                    }
                    if number == question.get() {
                        show(answer, value, error);
                    }
                    TimeoutFuture::new(80).await;
                }
                busy.set(false);
            });
        }
    });
    Effect::new({
        let again = again.clone();
        move |_| {
            // Tracks what the request reads. The answer to the one before stays until the new one comes, so that
            // nothing flickers.
            let _ = request();
            question.set(question.get() + 1);
            again();
        }
    });
    api::on_event({
        let again = again.clone();
        move |event| match event {
            Event::Changed { tag, id } if concerns(tag, id) => again(),
            Event::Lagged => again(),
            _ => {}
        }
    });
    Live { value, error, again: StoredValue::new_local(again) }
}

fn show<T: PartialEq + Send + Sync + 'static>(
    answer: Result<T, wire::Error>,
    value: RwSignal<Option<T>>,
    error: RwSignal<Option<wire::Error>>,
) {
    match answer {
        Ok(new) => {
            let same = value.try_with_untracked(|old| old.as_ref() == Some(&new)).unwrap_or(true);
            if !same {
                value.try_set(Some(new));
            }
            if error.try_with_untracked(Option::is_some).unwrap_or(false) {
                error.try_set(None);
            }
        }
        Err(new) => {
            error.try_set(Some(new));
        }
    }
}
