//! What differs between the notebook and another version of it: the last save, the file on disk, the last commit,
//! another notebook. Old on the left, new on the right, or one under the other.

use super::diff_rows::{Row, Side, rows};
use super::session::Session;
use crate::api;
use crate::kit::{Empty, ErrorNote, Icon, format};
use atelier_wire as wire;
use atelier_wire::studio::notebook::{Against, CellChange, CellDiff, DiffNotebook, NotebookDiff};
use leptos::{ev, prelude::*};
use wasm_bindgen_futures::spawn_local;

pub fn view(session: Session) -> impl IntoView {
    move || session.diff.with(Option::is_some).then(|| panel(session))
}

type Read = Option<Result<NotebookDiff, wire::Error>>;

fn panel(session: Session) -> impl IntoView {
    let read = RwSignal::new(None::<Result<NotebookDiff, wire::Error>>);
    let beside = RwSignal::new(true);
    let same_too = RwSignal::new(false);
    let other = RwSignal::new(String::new());
    Effect::new(move |_| {
        let Some(against) = session.diff.get() else { return };
        if matches!(&against, Against::File(path) if path.is_empty()) {
            read.set(None);
            return;
        }
        spawn_local(async move {
            session.settled().await;
            let answer = api::call(DiffNotebook { path: session.path(), against }).await;
            read.try_set(Some(answer));
        });
    });
    let choice = move |word: &'static str, action: &'static str, against: Against| {
        let wanted = against.clone();
        let on = move || session.diff.with(|diff| diff.as_ref() == Some(&wanted));
        view! { <button type="button" class:is-on=on data-action=action on:click=move |_| session.diff.set(Some(against.clone()))>{word}</button> }
    };
    let of_file = move || session.diff.with(|diff| matches!(diff, Some(Against::File(_))));
    let close = move || session.diff.set(None);
    view! {
        <section class="nb-diff" data-diff="" aria-label="Compare" tabindex="-1" on:keydown=move |event: ev::KeyboardEvent| if event.key() == "Escape" { close() }>
            <div class="nb-diff-head">
                <h2 class="strong">"Compare with"</h2>
                <span class="seg" role="group" aria-label="Version">
                    {choice("Last save", "diff-save", Against::LastSave)}
                    {choice("File on disk", "diff-disk", Against::Disk)}
                    {choice("Last commit", "diff-commit", Against::LastCommit)}
                    <button type="button" class:is-on=of_file data-action="diff-file" on:click=move |_| session.diff.set(Some(Against::File(other.get_untracked())))>"Another notebook"</button>
                </span>
                {move || of_file().then(|| view! {
                    <span class="field field-s nb-diff-path"><input type="text" aria-label="Path of the other notebook" placeholder="folder/other.ipynb" prop:value=move || other.get()
                        on:change=move |event| { other.set(event_target_value(&event)); session.diff.set(Some(Against::File(other.get_untracked().trim().to_owned()))) }/></span>
                })}
                <span class="grow"></span>
                <span class="seg" role="group" aria-label="Arrangement">
                    <button type="button" class:is-on=move || beside.get() data-action="diff-beside" on:click=move |_| beside.set(true)>"Side by side"</button>
                    <button type="button" class:is-on=move || !beside.get() data-action="diff-unified" on:click=move |_| beside.set(false)>"One column"</button>
                </span>
                <button type="button" class="btn btn-s btn-bare" aria-pressed=move || same_too.get().to_string() on:click=move |_| same_too.update(|on| *on = !*on)>{move || if same_too.get() { "Hide what is the same" } else { "Show what is the same" }}</button>
                <button type="button" class="btn btn-bare btn-icon" data-action="diff-close" aria-label="Close" title="Close  Esc" on:click=move |_| close()><Icon name="x"/></button>
            </div>
            <div class="scroll nb-diff-body">{move || body(session, read.get(), beside.get(), same_too.get())}</div>
        </section>
    }
}

fn body(session: Session, read: Read, beside: bool, same_too: bool) -> AnyView {
    let diff = match read {
        None => return view! { <p class="hint nb-diff-words">"Choose what to compare with"</p> }.into_any(),
        Some(Err(error)) => return view! { <div class="nb-note"><ErrorNote tried="The versions could not be compared" code=error.code message=error.message/></div> }.into_any(),
        Some(Ok(diff)) => diff,
    };
    let differs = |cell: &CellDiff| cell.change != CellChange::Same || cell.outputs_differ || cell.metadata_differs;
    let count = diff.cells.iter().filter(|cell| differs(cell)).count();
    if count == 0 && diff.metadata.is_empty() && !same_too {
        return view! { <Empty icon="check" title="No difference" text=format!("The notebook is the same as {}", diff.against)/> }.into_any();
    }
    let mut skipped = 0;
    let mut parts: Vec<AnyView> = Vec::new();
    for cell in diff.cells {
        if !differs(&cell) && !same_too {
            skipped += 1;
            continue;
        }
        if skipped > 0 {
            parts.push(skip(skipped));
            skipped = 0;
        }
        parts.push(of_cell(session, cell, beside));
    }
    if skipped > 0 {
        parts.push(skip(skipped));
    }
    view! {
        <p class="hint small nb-diff-words" data-differs=count.to_string()>{format!("{} in comparison with {}", format::counted(count as u64, "cell differs", "cells differ"), diff.against)}</p>
        {parts}
        {(!diff.metadata.is_empty()).then(|| view! {
            <div class="nb-diff-cell"><div class="nb-diff-title"><Icon name="settings" class="i-s"/><b class="medium">"Notebook's metadata"</b></div>
            <table class="table table-s"><thead><tr><th>"Where"</th><th>"Before"</th><th>"Now"</th></tr></thead><tbody>
                {diff.metadata.into_iter().map(|(path, old, new)| view! { <tr><td class="code-s">{path}</td><td class="code-s">{old.unwrap_or_else(|| "none".into())}</td><td class="code-s">{new.unwrap_or_else(|| "none".into())}</td></tr> }).collect_view()}
            </tbody></table></div>
        })}
    }
    .into_any()
}

fn skip(count: usize) -> AnyView {
    view! { <p class="nb-diff-skip hint small">{format!("{} the same", format::counted(count as u64, "cell is", "cells are"))}</p> }.into_any()
}

fn of_cell(session: Session, cell: CellDiff, beside: bool) -> AnyView {
    let (word, icon, class) = match cell.change {
        CellChange::Added => ("Added", "plus", "is-added"),
        CellChange::Removed => ("Removed", "trash", "is-removed"),
        CellChange::Changed => ("Changed", "text", "is-changed"),
        CellChange::Moved => ("Moved", "sort", "is-moved"),
        CellChange::Same => ("Same source", "check", ""),
    };
    let mut also = Vec::new();
    if cell.outputs_differ {
        also.push("outputs differ");
    }
    if cell.metadata_differs {
        also.push("metadata differs");
    }
    let go = cell.new.clone().map(|id| {
        view! { <button type="button" class="link" on:click=move |_| { session.diff.set(None); session.jump(&id) }>"Go to the cell"</button> }
    });
    let rows = rows(&cell.lines);
    let text = if beside { side_by_side(&rows).into_any() } else { unified(&rows).into_any() };
    view! {
        <div class=format!("nb-diff-cell {class}") data-change=word.to_lowercase()>
            <div class="nb-diff-title"><Icon name=icon class="i-s"/><b class="medium">{word}</b><span class="hint small">{super::cell::kind_word(cell.kind)}</span><span class="hint small">{also.join(", ")}</span><span class="grow"></span>{go}</div>
            {(!rows.is_empty()).then_some(text)}
        </div>
    }
    .into_any()
}

fn line(side: Option<&Side>, sign: &'static str, class: &'static str) -> impl IntoView + use<> {
    match side {
        Some(side) => {
            let number = side.number.to_string();
            view! { <span class="nb-diff-no">{number}</span><span class=format!("nb-diff-line {class}")><i>{sign}</i>{side.text.clone()}</span> }.into_any()
        }
        None => view! { <span class="nb-diff-no"></span><span class="nb-diff-line is-none"></span> }.into_any(),
    }
}

fn side_by_side(rows: &[Row]) -> impl IntoView + use<> {
    let lines = rows
        .iter()
        .map(|row| {
            let same = row.same;
            view! {
                {line(row.old.as_ref(), if same { " " } else { "−" }, if same { "" } else { "is-removed" })}
                {line(row.new.as_ref(), if same { " " } else { "+" }, if same { "" } else { "is-added" })}
            }
        })
        .collect_view();
    view! { <div class="nb-diff-text is-beside code">{lines}</div> }
}

fn unified(rows: &[Row]) -> impl IntoView + use<> {
    let mut lines: Vec<AnyView> = Vec::new();
    for group in rows.chunk_by(|a, b| a.same == b.same) {
        if group[0].same {
            lines.extend(group.iter().map(|row| line(row.new.as_ref(), " ", "").into_any()));
        } else {
            lines.extend(
                group
                    .iter()
                    .filter(|row| row.old.is_some())
                    .map(|row| line(row.old.as_ref(), "−", "is-removed").into_any()),
            );
            lines.extend(
                group
                    .iter()
                    .filter(|row| row.new.is_some())
                    .map(|row| line(row.new.as_ref(), "+", "is-added").into_any()),
            );
        }
    }
    view! { <div class="nb-diff-text code">{lines}</div> }
}
