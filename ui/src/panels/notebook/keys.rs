//! Keys in command mode, as in JupyterLab. In edit mode the editor has them.

use super::session::Session;
use atelier_wire::studio::notebook::CellKind;
use leptos::{ev, prelude::*};
use std::cell::RefCell;
use wasm_bindgen::JsCast;

/// Two presses of the same key count as one command within this time.
const TWICE_MS: f64 = 800.0;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Edit,
    Run,
    RunAdvance,
    RunInsert,
    Step(i64),
    Extend(i64),
    First,
    Last,
    SelectAll,
    InsertAbove,
    InsertBelow,
    Cut,
    Copy,
    Paste,
    PasteAbove,
    Delete,
    Undo,
    Redo,
    Kind(CellKind),
    Heading(usize),
    Join,
    MoveUp,
    MoveDown,
    ToggleOutputs,
    ScrollOutputs,
    LineNumbers,
    Fold,
    Unfold,
    Scroll(i64),
    Save,
    Find,
    Replace,
    FindNext,
    FindPrevious,
    Restart,
    Interrupt,
    Help,
}

/// Keys that mean the same while somebody types.
pub fn always(ctrl: bool, shift: bool, key: &str) -> Option<Action> {
    Some(match (ctrl, shift, key.to_lowercase().as_str()) {
        (true, false, "s") => Action::Save,
        (true, false, "f") => Action::Find,
        (true, false, "h") => Action::Replace,
        (false, false, "f3") | (true, false, "g") => Action::FindNext,
        (false, true, "f3") | (true, true, "g") => Action::FindPrevious,
        _ => return None,
    })
}

/// What a key means in command mode; those of [`TWICE`] count from their second press on.
pub fn command(ctrl: bool, alt: bool, shift: bool, key: &str) -> Option<Action> {
    Some(match (ctrl, alt, shift, key) {
        (false, false, false, "Enter") => Action::Edit,
        (false, false, true, "Enter") => Action::RunAdvance,
        (true, false, false, "Enter") => Action::Run,
        (false, true, false, "Enter") => Action::RunInsert,
        (false, false, false, "ArrowDown" | "j") => Action::Step(1),
        (false, false, false, "ArrowUp" | "k") => Action::Step(-1),
        (false, false, true, "ArrowDown" | "J") => Action::Extend(1),
        (false, false, true, "ArrowUp" | "K") => Action::Extend(-1),
        (false, false, false, "Home") | (true, false, false, "Home") => Action::First,
        (false, false, false, "End") | (true, false, false, "End") => Action::Last,
        (true, false, false, "a") => Action::SelectAll,
        (true, false, true, "ArrowUp") => Action::MoveUp,
        (true, false, true, "ArrowDown") => Action::MoveDown,
        (false, false, false, "ArrowLeft") => Action::Fold,
        (false, false, false, "ArrowRight") => Action::Unfold,
        (true, false, false, "z") => Action::Undo,
        (true, false, true, "Z") | (true, false, false, "y") => Action::Redo,
        (true, false, false, "x") => Action::Cut,
        (true, false, false, "c") => Action::Copy,
        (true, false, false, "v") => Action::Paste,
        (false, false, true, "M") => Action::Join,
        (false, false, true, "V") => Action::PasteAbove,
        (false, false, true, "Z") => Action::Redo,
        (false, false, true, "O") => Action::ScrollOutputs,
        (false, false, true, "L") => Action::LineNumbers,
        (false, false, true, " ") => Action::Scroll(-1),
        (false, false, false, plain) => return letter(plain),
        _ => return None,
    })
}

fn letter(key: &str) -> Option<Action> {
    Some(match key {
        "a" => Action::InsertAbove,
        "b" => Action::InsertBelow,
        "x" => Action::Cut,
        "c" => Action::Copy,
        "v" => Action::Paste,
        "d" => Action::Delete,
        "z" => Action::Undo,
        "m" => Action::Kind(CellKind::Markdown),
        "y" => Action::Kind(CellKind::Code),
        "r" => Action::Kind(CellKind::Raw),
        "1" | "2" | "3" | "4" | "5" | "6" => Action::Heading(key.parse().unwrap_or(1)),
        "o" => Action::ToggleOutputs,
        "l" => Action::LineNumbers,
        "h" | "?" => Action::Help,
        "0" => Action::Restart,
        "i" => Action::Interrupt,
        " " => Action::Scroll(1),
        _ => return None,
    })
}

/// What takes two presses, so that one slip of the finger does no harm.
const TWICE: [Action; 3] = [Action::Delete, Action::Restart, Action::Interrupt];

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
    let key = event.key();
    let shared = always(ctrl, event.shift_key(), &key).filter(|_| !event.alt_key());
    let action = match shared {
        Some(action) => Some(action),
        None if session.editing.get_untracked() || in_a_field(event) => None,
        None => command(ctrl, event.alt_key(), event.shift_key(), &key),
    };
    let Some(action) = action else { return };
    // What a person marked in an output is copied as text.
    if ctrl && action == Action::Copy && has_marked_text() {
        return;
    }
    event.prevent_default();
    event.stop_propagation();
    if event.repeat() && TWICE.contains(&action) || TWICE.contains(&action) && !twice(&key) {
        return;
    }
    act(session, action);
}

pub fn act(session: Session, action: Action) {
    let chosen = session.chosen();
    match action {
        Action::Edit => {
            if let Some(id) = session.selected.get_untracked() {
                session.select(&id, true);
            }
        }
        Action::Run => session.run_chosen(false),
        Action::RunAdvance => session.run_chosen(true),
        Action::RunInsert => session.run_and_insert(),
        Action::Step(by) => _ = session.step(by, false),
        Action::Extend(by) => session.extend(by),
        Action::First | Action::Last => {
            let cell = session.cells.with_untracked(|cells| {
                if action == Action::First {
                    cells.first().cloned()
                } else {
                    cells.iter().rfind(|cell| !cell.folded.get_untracked()).cloned()
                }
            });
            if let Some(cell) = cell {
                session.select(&cell.id, false);
            }
        }
        Action::SelectAll => session.select_all(),
        Action::InsertAbove => session.insert_near(false, CellKind::Code, false),
        Action::InsertBelow => session.insert_near(true, CellKind::Code, false),
        Action::Cut => session.cut(&chosen),
        Action::Copy => session.copy(&chosen),
        Action::Paste => session.paste(true),
        Action::PasteAbove => session.paste(false),
        Action::Delete => session.delete(&chosen),
        Action::Undo => session.undo(false),
        Action::Redo => session.undo(true),
        Action::Kind(kind) => session.set_kind(&chosen, kind),
        Action::Heading(level) => session.set_heading(&chosen, level),
        Action::Join => session.join(&chosen),
        Action::MoveUp => session.shift(&chosen, -1),
        Action::MoveDown => session.shift(&chosen, 1),
        Action::ToggleOutputs => session.toggle_hidden(&chosen, true),
        Action::ScrollOutputs => session.toggle_scrolled(&chosen),
        Action::LineNumbers => session.line_numbers.update(|on| *on = !*on),
        Action::Fold => session.fold_here(true),
        Action::Unfold => session.fold_here(false),
        Action::Scroll(by) => scroll(session, by),
        Action::Save => session.save(),
        Action::Find => session.find_open(false),
        Action::Replace => session.find_open(true),
        Action::FindNext => session.find_step(1),
        Action::FindPrevious => session.find_step(-1),
        Action::Restart => session.restart(session.current().and_then(|cell| cell.kernel.get_untracked()), false),
        Action::Interrupt => session.interrupt_here(),
        Action::Help => session.help.set(true),
    }
}

fn scroll(session: Session, by: i64) {
    if let Some(root) = session.root.get_untracked() {
        root.scroll_by_with_x_and_y(0.0, f64::from(root.client_height()) * 0.85 * by as f64);
    }
}

/// Whether some text in the page is marked.
fn has_marked_text() -> bool {
    let get = js_sys::Reflect::get(&js_sys::global(), &"getSelection".into())
        .ok()
        .and_then(|get| get.dyn_into::<js_sys::Function>().ok());
    let selection = get.and_then(|get| get.call0(&js_sys::global()).ok());
    selection
        .and_then(|selection| js_sys::Reflect::get(&selection, &"isCollapsed".into()).ok())
        .and_then(|collapsed| collapsed.as_bool())
        == Some(false)
}

fn in_a_field(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| {
        target.closest("input, select, textarea, .cm-editor, .menu, button, dialog").ok().flatten().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::{Action, always, command};
    use atelier_wire::studio::notebook::CellKind;

    fn check(keys: &str, expected: Option<Action>) {
        let has = |name: &str| keys.split(' ').any(|part| part == name);
        let key = keys.rsplit(' ').next().map(|key| if key == "Space" { " " } else { key }).unwrap_or_default();
        let found =
            always(has("Ctrl"), has("Shift"), key).or_else(|| command(has("Ctrl"), has("Alt"), has("Shift"), key));
        assert_eq!(found, expected, "{keys}");
    }

    #[test]
    fn keys_of_jupyter() {
        check("Shift Enter", Some(Action::RunAdvance));
        check("Ctrl Enter", Some(Action::Run));
        check("Alt Enter", Some(Action::RunInsert));
        check("Shift J", Some(Action::Extend(1)));
        check("j", Some(Action::Step(1)));
        check("3", Some(Action::Heading(3)));
        check("7", None);
        check("Shift M", Some(Action::Join));
        check("m", Some(Action::Kind(CellKind::Markdown)));
        check("Shift Z", Some(Action::Redo));
        check("Space", Some(Action::Scroll(1)));
        check("Shift Space", Some(Action::Scroll(-1)));
        check("Ctrl s", Some(Action::Save));
        check("Ctrl a", Some(Action::SelectAll));
        check("Shift F3", Some(Action::FindPrevious));
        check("Alt x", None);
    }
}
