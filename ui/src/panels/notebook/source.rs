//! The source of a cell: shown in colours until somebody types, then in an editor of its own. An editor costs about as
//! much as fifty cells that are only shown.

use super::cell::kind_word;
use super::cell_state::CellState;
use super::session::Session;
use super::{ask, attach, tools};
use crate::kit::editor::{Answer, EditorEvent, EditorOptions, TakeFiles, paint};
use atelier_wire::studio::notebook::CellKind;
use leptos::{ev, prelude::*};
use std::rc::Rc;

pub fn view(session: Session, cell: CellState, hover: RwSignal<bool>) -> impl IntoView {
    let state = StoredValue::new(cell.clone());
    let language = Memo::new(move |_| state.with_value(|cell| session.language_of(cell)));
    let painted = cell.clone();
    let html = move || {
        let language = if painted.near.get() { language.get() } else { "" };
        painted.source.with(|source| {
            let marks = marks(&painted, source);
            paint(
                source,
                language,
                &marks.iter().map(|(from, to, class)| (*from, *to, class.as_str())).collect::<Vec<_>>(),
            )
        })
    };
    let (run, source, editor, host) = (cell.run, cell.source, cell.editor, cell.host);
    Effect::new(move |before: Option<&'static str>| {
        let language = language.get();
        if before.is_some_and(|before| before != language) {
            editor.set_language(language);
        }
        language
    });
    Effect::new(move |_| {
        let problems =
            run.with(|run| source.with_untracked(|source| super::diagnostics::spans(source, &run.diagnostics)));
        editor.set_problems(&problems);
    });
    Effect::new(move |_| editor.set_line_numbers(session.line_numbers.get()));
    // A text cell that was just opened is drawn for this.
    Effect::new(move |_| {
        if host.get().is_some() {
            state.with_value(|cell| session.drawn_now(cell));
        }
    });
    let has_editor = cell.has_editor;
    on_cleanup(move || {
        editor.destroy();
        has_editor.try_set(false);
    });
    let wraps = move || cell.kind.get() != CellKind::Code;
    view! {
        <div class="cell-in">
            {tools::view(session, state, hover)}
            <div class="editor" node_ref=host on:mousedown=move |event| state.with_value(|cell| press(session, cell, &event))>
                {move || (!has_editor.get()).then(|| {
                    let numbers = session.line_numbers.get().then(|| line_numbers(source.with(|source| source.split('\n').count())));
                    view! { <div class="src-box">{numbers.map(|numbers| view! { <pre class="src-lines" aria-hidden="true">{numbers}</pre> })}<pre class="src code" class:is-wrap=wraps inner_html=html.clone()></pre></div> }
                })}
            </div>
            {move || super::diagnostics::list(session, run)}
        </div>
    }
}

fn line_numbers(count: usize) -> String {
    (1..=count).map(|line| line.to_string()).collect::<Vec<_>>().join("\n")
}

/// What is marked in the shown source. Where places found and problems overlap, what was found is shown.
fn marks(cell: &CellState, source: &str) -> Vec<(usize, usize, String)> {
    let mut marks: Vec<(usize, usize, String)> = cell.found.with(|found| {
        found
            .iter()
            .map(|(from, to, on)| (*from, *to, if *on { "is-found is-found-on" } else { "is-found" }.to_owned()))
            .collect()
    });
    if marks.is_empty() {
        marks = cell
            .run
            .with(|run| super::diagnostics::spans(source, &run.diagnostics))
            .into_iter()
            .map(|(from, to, level, _)| (from, to, format!("is-{level}")))
            .collect();
        marks.sort();
    }
    let mut end = 0;
    marks.retain(|(from, to, _)| {
        let keep = *from >= end;
        if keep {
            end = *to;
        }
        keep
    });
    marks
}

/// The first press makes the editor, and the press is its.
fn press(session: Session, cell: &CellState, event: &ev::MouseEvent) {
    if event.button() != 0 || event.shift_key() || cell.editor.is_there() {
        return;
    }
    event.prevent_default();
    session.anchor.set(None);
    if session.ensure_editor(cell) {
        cell.editor.press(event);
    }
}

impl Session {
    /// Makes the cell's editor if it has none. False if the cell's source is not in the page.
    pub(super) fn ensure_editor(&self, cell: &CellState) -> bool {
        if cell.editor.is_there() {
            return true;
        }
        let Some(host) = cell.host.get_untracked().filter(|host| host.is_connected()) else { return false };
        let kind = cell.kind.get_untracked();
        let session = *self;
        let options = EditorOptions {
            language: untrack(|| self.language_of(cell)),
            label: format!("Source of the {} cell", kind_word(kind)),
            cell: true,
            asks: kind == CellKind::Code,
            wrap: kind != CellKind::Code,
            line_numbers: self.line_numbers.get_untracked(),
            hint: if kind == CellKind::Markdown { "Text, as Markdown".into() } else { String::new() },
            ..EditorOptions::default()
        };
        let (heard, asked, given) = (cell.id.clone(), cell.clone(), cell.id.clone());
        let answer: Answer = Rc::new(move |question| ask::answer(session, &asked, question));
        let files: TakeFiles = Rc::new(move |files| attach::files(session, &given, files));
        let tell = self.keep(|| Callback::new(move |event| hear(session, &heard, event)));
        cell.source
            .with_untracked(|source| cell.editor.build(&host, source, &options, tell, Some(answer), Some(files)));
        cell.found.with_untracked(|found| cell.editor.set_found(found));
        let problems = cell.source.with_untracked(|source| {
            cell.run.with_untracked(|run| super::diagnostics::spans(source, &run.diagnostics))
        });
        cell.editor.set_problems(&problems);
        cell.has_editor.set(true);
        true
    }
}

fn hear(session: Session, id: &str, event: EditorEvent) {
    match event {
        EditorEvent::Change(source) => session.typed(id, source),
        EditorEvent::Focus => {
            if session.selected.with_untracked(|on| on.as_deref() != Some(id)) {
                session.selected.set(Some(id.to_owned()));
            }
            session.anchor.set(None);
            session.editing.set(true);
        }
        EditorEvent::Blur => {
            if session.selected.with_untracked(|on| on.as_deref() == Some(id)) {
                session.editing.set(false);
            }
        }
        EditorEvent::Split(offset) => session.split(id, offset),
        EditorEvent::Key(key) => match key.as_str() {
            "run" => session.run_chosen(false),
            "run-advance" => session.run_chosen(true),
            "run-insert" => session.run_and_insert(),
            "escape" => session.select(id, false),
            "up" => _ = session.step(-1, true),
            "down" => _ = session.step(1, true),
            _ => {}
        },
    }
}
