//! Keys in command mode, as in JupyterLab. In edit mode the editor has them.

use super::session::Session;
use atelier_wire::studio::notebook::CellKind;
use leptos::{ev, prelude::*};
use std::cell::RefCell;

/// Two presses of the same key count as one command within this time.
const TWICE_MS: f64 = 600.0;

thread_local! {
    static LAST: RefCell<(String, f64)> = const { RefCell::new((String::new(), 0.0)) };
}

/// True on the second press.
fn twice(key: &str) -> bool {
    let now = js_sys::Date::now();
    LAST.with(|last| {
        let mut last = last.borrow_mut();
        let hit = last.0 == key && now - last.1 < TWICE_MS;
        *last = if hit { (String::new(), 0.0) } else { (key.to_owned(), now) };
        hit
    })
}

pub fn on_key(session: Session, event: &ev::KeyboardEvent) {
    let ctrl = event.ctrl_key() || event.meta_key();
    if ctrl && !event.shift_key() && event.key().eq_ignore_ascii_case("s") {
        session.save();
        return taken(event);
    }
    if session.editing.get_untracked() || in_a_field(event) {
        return;
    }
    let Some(id) = session.selected.get_untracked() else { return };
    let key = event.key();
    let done = match (ctrl, event.alt_key(), event.shift_key(), key.as_str()) {
        (false, false, true, "Enter") => run(|| session.run_selected(true)),
        (true, false, false, "Enter") => run(|| session.run_selected(false)),
        (false, true, false, "Enter") => run(|| {
            session.run(vec![id.clone()]);
            session.insert(Some(id.clone()), CellKind::Code, String::new(), true);
        }),
        (false, false, false, "Enter") => run(|| session.select(&id, true)),
        (true, false, true, "ArrowUp") => run(|| session.shift(&id, -1)),
        (true, false, true, "ArrowDown") => run(|| session.shift(&id, 1)),
        (false, false, true, "M") => run(|| session.merge_below(&id)),
        (false, false, false, plain) => plain_key(session, &id, plain),
        _ => false,
    };
    if done {
        taken(event);
    }
}

fn plain_key(session: Session, id: &str, key: &str) -> bool {
    match key {
        "ArrowDown" | "j" => run(|| _ = session.step(1, false)),
        "ArrowUp" | "k" => run(|| _ = session.step(-1, false)),
        "a" => run(|| session.insert_near(false, CellKind::Code, String::new(), false)),
        "b" => run(|| session.insert_near(true, CellKind::Code, String::new(), false)),
        "m" => run(|| session.set_kind(id, CellKind::Markdown)),
        "y" => run(|| session.set_kind(id, CellKind::Code)),
        "r" => run(|| session.set_kind(id, CellKind::Raw)),
        "z" => run(|| session.undelete()),
        "c" => run(|| copy(session)),
        "x" => run(|| {
            copy(session);
            session.delete(id);
        }),
        "v" => run(|| {
            for (kind, source) in session.clipboard.get_untracked() {
                session.insert_near(true, kind, source, false);
            }
        }),
        "d" => run(|| if twice("d") { session.delete(id) }),
        "i" => run(|| if twice("i") { session.interrupt() }),
        "0" => run(|| if twice("0") { session.restart(false) }),
        _ => false,
    }
}

fn copy(session: Session) {
    if let Some(cell) = session.current() {
        session.clipboard.set(vec![(cell.kind.get_untracked(), cell.source.get_untracked())]);
    }
}

fn run(act: impl FnOnce()) -> bool {
    act();
    true
}

fn taken(event: &ev::KeyboardEvent) {
    event.prevent_default();
    event.stop_propagation();
}

fn in_a_field(event: &ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest("input, select, textarea, .editor, .menu, button").ok().flatten().is_some())
}
