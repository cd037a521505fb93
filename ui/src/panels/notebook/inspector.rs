//! Beside the notebook: its outline, and the kernel.

use super::session::Session;
use crate::kit::format;
use atelier_wire::studio::notebook::{CellKind, KernelState, RunState};
use leptos::prelude::*;

/// A heading of a text cell: level, words, cell.
type Heading = (usize, String, String);

fn headings(source: &str, cell: &str) -> Vec<Heading> {
    let mut fenced = false;
    let mut out = Vec::new();
    for line in source.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if !fenced && (1..=4).contains(&level) && line[level..].starts_with(' ') {
            let words = line[level..].trim().replace(['*', '`', '_'], "");
            out.push((level, words, cell.to_owned()));
        }
    }
    out
}

pub fn view(session: Session) -> impl IntoView {
    let outline = Memo::new(move |_| {
        session.cells.with(|cells| {
            let text = cells.iter().filter(|cell| cell.kind.get() == CellKind::Markdown);
            text.flat_map(|cell| cell.source.with(|source| headings(source, &cell.id))).collect::<Vec<Heading>>()
        })
    });
    view! {
        <aside class="inspector" aria-label="Outline and kernel">
            <div class="inspector-head"><h2>"Outline"</h2></div>
            <div class="scroll">
                <div class="section">
                    {move || {
                        let outline = outline.get();
                        if outline.is_empty() {
                            return view! { <p class="hint small">"Headings of text cells stand here. Write one as # Heading"</p> }.into_any();
                        }
                        let top = outline.iter().map(|(level, ..)| *level).min().unwrap_or(1);
                        view! { <ul class="list nb-outline">{outline.into_iter().map(|(level, words, cell)| {
                            let here = cell.clone();
                            let on = move || session.selected.with(|on| on.as_deref() == Some(&here));
                            view! { <li class:is-on=on><button type="button" class="cut" style:padding-left=format!("{}px", (level - top) * 14) class:strong={level == top} on:click=move |_| session.select(&cell, false)>{words}</button></li> }
                        }).collect_view()}</ul> }.into_any()
                    }}
                </div>
                {move || cell_facts(session)}
                {move || kernel_facts(session)}
            </div>
        </aside>
    }
}

fn cell_facts(session: Session) -> Option<AnyView> {
    let id = session.selected.get()?;
    let (at, cell) = session.cells.with(|cells| cells.iter().position(|cell| cell.id == id).map(|at| (at, cells[at].clone())))?;
    let run = cell.run.get();
    let lines = cell.source.with(|source| source.lines().count().max(1));
    let state = match run.state {
        RunState::Idle => "not run",
        RunState::Queued => "queued",
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Failed => "failed",
    };
    let code = cell.kind.get() == CellKind::Code;
    Some(
        view! {
            <div class="section">
                <div class="section-head"><h3>{format!("Cell {}", at + 1)}</h3><span class="grow hint small">{format::counted(lines as u64, "line", "lines")}</span></div>
                {code.then(|| view! {
                    <dl class="kv">
                        <dt>"State"</dt><dd>{state}</dd>
                        {run.started_at.map(|at| view! { <dt>"Started"</dt><dd>{format::clock(at)}</dd> })}
                        {run.started_at.zip(run.ended_at).map(|(from, to)| view! { <dt>"Took"</dt><dd>{format::duration(to - from)}</dd> })}
                    </dl>
                })}
            </div>
        }
        .into_any(),
    )
}

fn kernel_facts(session: Session) -> AnyView {
    let Some(kernel) = session.kernel.get() else {
        return view! {
            <div class="section">
                <div class="section-head"><h3>"Kernel"</h3></div>
                <p class="hint small">"Starts with the first cell that runs, and goes on when the window closes"</p>
            </div>
        }
        .into_any();
    };
    let state = match kernel.state {
        KernelState::Starting => "starting",
        KernelState::Idle => "idle",
        KernelState::Busy => "busy",
        KernelState::Dead => "died",
    };
    view! {
        <div class="section">
            <div class="section-head"><h3>"Kernel"</h3><span class="grow"></span>
                <button type="button" class="btn btn-s btn-bare" on:click=move |_| session.stop()>"Stop"</button></div>
            <dl class="kv">
                <dt>"Name"</dt><dd>{kernel.display_name}</dd>
                <dt>"State"</dt><dd>{state}</dd>
                {(kernel.memory_bytes > 0).then(|| view! { <dt>"Memory"</dt><dd>{format::bytes(kernel.memory_bytes)}</dd> })}
            </dl>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::headings;

    fn check(source: &str, expected: &[(usize, &str)]) {
        let found: Vec<(usize, String)> = headings(source, "c").into_iter().map(|(level, words, _)| (level, words)).collect();
        assert_eq!(found, expected.iter().map(|(level, words)| (*level, (*words).to_owned())).collect::<Vec<_>>());
    }

    #[test]
    fn outline() {
        check("# A\ntext\n## B *c*", &[(1, "A"), (2, "B c")]);
        check("```\n# no\n```\n# yes", &[(1, "yes")]);
        check("#no\n####### no", &[]);
    }
}
