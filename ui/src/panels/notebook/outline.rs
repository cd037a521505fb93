//! The outline: headings of text cells, with what runs, waits or failed in their sections. It follows the page.

use super::cell_state::CellState;
use super::headings::{headings, section};
use super::session::Session;
use crate::kit::{Icon, Tone, format};
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::CellKind;
use leptos::prelude::*;

/// A line of the outline.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    level: usize,
    words: String,
    cell: String,
    /// Places of the cells from this heading to the next of any level.
    from: usize,
    to: usize,
    collapsed: bool,
}

fn entries(cells: &[CellState]) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if cell.kind.get() == CellKind::Markdown {
            let found = cell.source.with(|source| headings(source));
            for (level, words) in found {
                if let Some(last) = out.last_mut() {
                    last.to = at;
                }
                out.push(Entry {
                    level,
                    words,
                    cell: cell.id.clone(),
                    from: at,
                    to: cells.len(),
                    collapsed: cell.collapsed.get(),
                });
            }
        }
    }
    // A heading that is folded speaks for all below it.
    let levels: Vec<Option<usize>> = out.iter().map(|entry| Some(entry.level)).collect();
    for at in 0..out.len() {
        if out[at].collapsed {
            let last = section(&levels, at).end - 1;
            out[at].to = out[last].to;
        }
    }
    out
}

/// What a person should know of several cells: one that runs before one that failed before one that waits.
fn worst(states: impl Iterator<Item = RunState>) -> RunState {
    let rank = |state: &RunState| match state {
        RunState::Running => 4,
        RunState::Failed => 3,
        RunState::Queued => 2,
        RunState::Done => 1,
        RunState::Idle => 0,
    };
    states.max_by_key(rank).unwrap_or_default()
}

pub fn view(session: Session) -> impl IntoView {
    let outline = Memo::new(move |_| session.cells.with(|cells| entries(cells)));
    // The heading above what is on the screen.
    let here = Memo::new(move |_| {
        let top = session.top.get().or_else(|| session.selected.get());
        let at = session.cells.with(|cells| top.and_then(|top| cells.iter().position(|cell| cell.id == top)))?;
        outline.with(|outline| outline.iter().rposition(|entry| entry.from <= at))
    });
    view! {
        <div class="section" data-outline="">
            {move || {
                let outline = outline.get();
                if outline.is_empty() {
                    return view! { <p class="hint small">"Headings of text cells stand here. Write one as # Heading"</p> }.into_any();
                }
                let top = outline.iter().map(|entry| entry.level).min().unwrap_or(1);
                view! { <ul class="list nb-outline">{outline.into_iter().enumerate().map(|(at, entry)| line(session, entry, at, top, here)).collect_view()}</ul> }.into_any()
            }}
        </div>
    }
}

fn line(session: Session, entry: Entry, at: usize, top: usize, here: Memo<Option<usize>>) -> impl IntoView {
    let Entry { level, words, cell, from, to, collapsed } = entry;
    let state = Memo::new(move |_| {
        session.ran.track();
        session.cells.with_untracked(|cells| {
            worst(
                cells[from.min(cells.len())..to.min(cells.len())]
                    .iter()
                    .map(|cell| cell.run.with_untracked(|run| run.state)),
            )
        })
    });
    let mark = move || {
        let (tone, word) = match state.get() {
            RunState::Running => (Tone::Live, "A cell of the section runs"),
            RunState::Failed => (Tone::Bad, "A cell of the section failed"),
            RunState::Queued => (Tone::Wait, "Cells of the section wait"),
            RunState::Done => (Tone::Ok, "All that ran of the section is done"),
            RunState::Idle => return None,
        };
        Some(
            view! { <span class=format!("state {}", tone.class()) title=word data-section-state=word><Icon name=tone.icon() class=tone.spin()/></span> },
        )
    };
    view! {
        <li class:is-on=move || here.get() == Some(at)>
            <button type="button" class="line" style:padding-left=format!("{}px", 8 + (level - top) * 14) class:strong={level == top} aria-current=move || (here.get() == Some(at)).then_some("location") on:click=move |_| session.jump(&cell)>
                <span class="cut grow">{words}</span>
                {collapsed.then(|| view! { <span class="hint small" title="Folded"><Icon name="right" class="i-s"/></span> })}
                {mark}
            </button>
        </li>
    }
}

pub(super) fn counted(session: Session) -> String {
    format::counted(session.cells.with(Vec::len) as u64, "cell", "cells")
}

#[cfg(test)]
mod tests {
    use super::worst;
    use atelier_wire::studio::kernel::RunState::{Done, Failed, Idle, Queued, Running};

    #[test]
    fn what_a_section_says() {
        assert_eq!(worst([Idle, Done, Queued].into_iter()), Queued);
        assert_eq!(worst([Failed, Running, Done].into_iter()), Running);
        assert_eq!(worst([Failed, Queued].into_iter()), Failed);
        assert_eq!(worst([].into_iter()), Idle);
    }
}
