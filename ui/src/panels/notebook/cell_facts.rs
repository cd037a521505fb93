//! The cell that is on: what it is, how its last run went, its tags and its metadata.

use super::cell_state::CellState;
use super::outline;
use super::session::Session;
use crate::kit::editor::{Editor, EditorEvent, EditorHandle, EditorOptions};
use crate::kit::{Icon, format};
use atelier_wire::studio::kernel::RunState;
use atelier_wire::studio::notebook::{CellKind, Edit};
use leptos::{ev, prelude::*};

pub fn view(session: Session) -> impl IntoView {
    let cell = Memo::new_with_compare(
        move |_| {
            session.cells.track();
            session.selected.get().and_then(|id| session.cell(&id))
        },
        |old: Option<&Option<CellState>>, new: Option<&Option<CellState>>| {
            let id = |held: Option<&Option<CellState>>| held.and_then(|cell| cell.as_ref().map(|cell| cell.id.clone()));
            id(old) != id(new)
        },
    );
    move || match cell.get() {
        None => view! { <div class="section"><p class="hint small">"No cell is on"</p></div> }.into_any(),
        Some(cell) => view! {
            {facts(session, &cell)}
            {tags(session, &cell)}
            {attachments(session, &cell)}
            {metadata(session, &cell)}
        }
        .into_any(),
    }
}

fn facts(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (run, source, kind, place) = (cell.run, cell.source, cell.kind, cell.place);
    let ids = StoredValue::new(vec![cell.id.clone()]);
    let (source_hidden, outputs_hidden) = (cell.source_hidden, cell.outputs_hidden);
    let state = move || {
        run.with(|run| match run.state {
            RunState::Idle if run.stale => "changed since it ran",
            RunState::Idle => "not run",
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Done if run.stale => "done, changed since",
            RunState::Done => "done",
            RunState::Failed => "failed",
        })
    };
    view! {
        <div class="section">
            <div class="section-head"><h3>{move || format!("Cell {} of {}", place.get() + 1, outline::counted(session))}</h3><span class="grow hint small">{move || format::counted(source.with(|source| source.lines().count().max(1)) as u64, "line", "lines")}</span></div>
            {move || (kind.get() == CellKind::Code).then(|| view! {
                <dl class="kv">
                    <dt>"State"</dt><dd>{state}</dd>
                    {run.with(|run| run.started_at.map(|at| view! { <dt>"Started"</dt><dd>{format::clock(at)}</dd> }))}
                    {run.with(|run| run.started_at.zip(run.ended_at).map(|(from, to)| view! { <dt>"Took"</dt><dd>{format::duration(to - from)}</dd> }))}
                </dl>
            })}
            <div class="nb-checks">
                <label><input type="checkbox" data-setting="hide-source" prop:checked=move || source_hidden.get() on:change=move |_| session.toggle_hidden(&ids.get_value(), false)/>"Hide the source"</label>
                <label><input type="checkbox" data-setting="hide-outputs" prop:checked=move || outputs_hidden.get() on:change=move |_| session.toggle_hidden(&ids.get_value(), true)/>"Hide the outputs"</label>
            </div>
        </div>
    }
}

fn tags(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (id, tags) = (StoredValue::new(cell.id.clone()), cell.tags);
    let text = RwSignal::new(String::new());
    let known = move || {
        session.cells.with_untracked(|cells| {
            let mut all: Vec<String> = cells.iter().flat_map(|cell| cell.tags.get_untracked()).collect();
            all.extend(["parameters", "skip-execution", "hide-input", "raises-exception"].map(String::from));
            all.sort();
            all.dedup();
            all
        })
    };
    let add = move || {
        let mut all = tags.get_untracked();
        for tag in text.get_untracked().split([',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()) {
            if !all.iter().any(|old| old == tag) {
                all.push(tag.to_owned());
            }
        }
        text.set(String::new());
        session.set_tags(&id.get_value(), all);
    };
    let drop = move |tag: &str| {
        session.set_tags(&id.get_value(), tags.get_untracked().into_iter().filter(|old| old != tag).collect())
    };
    view! {
        <div class="section" data-tags="">
            <div class="section-head"><h3>"Tags"</h3></div>
            <div class="nb-tags">
                {move || tags.get().into_iter().map(|tag| {
                    let gone = tag.clone();
                    view! { <span class="chip chip-filter" data-tag=tag.clone()>{tag.clone()}<button type="button" class="btn btn-bare nb-tag-x" aria-label=format!("Remove the tag {tag}") on:click=move |_| drop(&gone)><Icon name="x"/></button></span> }
                }).collect_view()}
                <span class="field field-s"><input type="text" list="nb-known-tags" aria-label="Add a tag" placeholder="Add a tag" data-action="add-tag" prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=move |event: ev::KeyboardEvent| if matches!(event.key().as_str(), "Enter" | ",") { event.prevent_default(); add() } on:blur=move |_| add()/></span>
                <datalist id="nb-known-tags">{move || known().into_iter().map(|tag| view! { <option value=tag></option> }).collect_view()}</datalist>
            </div>
        </div>
    }
}

fn attachments(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (id, attachments) = (StoredValue::new(cell.id.clone()), cell.attachments);
    move || {
        let names: Vec<String> = attachments.with(|all| all.keys().cloned().collect());
        (!names.is_empty()).then(|| view! {
            <div class="section"><div class="section-head"><h3>"Attachments"</h3></div><ul class="list">
                {names.into_iter().map(|name| {
                    let gone = name.clone();
                    let detach = move |_| {
                        attachments.update(|all| _ = all.remove(&gone));
                        session.push(vec![Edit::Detach { cell: id.get_value(), name: gone.clone() }]);
                    };
                    view! { <li><Icon name="file"/><span class="cut grow">{name.clone()}</span><button type="button" class="btn btn-s btn-bare btn-icon" aria-label=format!("Remove {name}") title="Remove" on:click=detach><Icon name="x"/></button></li> }
                }).collect_view()}
            </ul></div>
        })
    }
}

fn metadata(session: Session, cell: &CellState) -> impl IntoView + use<> {
    let (id, metadata) = (StoredValue::new(cell.id.clone()), cell.metadata);
    let open = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let problem = Memo::new(move |_| text.with(|text| checked(text).err()));
    let handle = EditorHandle::default();
    let show = move |_| {
        text.set(pretty(&metadata.get_untracked()));
        open.update(|open| *open = !*open);
    };
    let save = move |_| {
        let Ok(value) = checked(&text.get_untracked()) else { return };
        metadata.set(value.clone());
        session.push(vec![Edit::SetMetadata { cell: id.get_value(), metadata: value }]);
        open.set(false);
    };
    view! {
        <div class="section" data-metadata="">
            <div class="section-head"><h3>"Metadata"</h3><span class="grow"></span><button type="button" class="btn btn-s btn-bare" data-action="edit-metadata" on:click=show>{move || if open.get() { "Cancel" } else { "Edit…" }}</button></div>
            {move || if open.get() {
                let options = EditorOptions { language: "json", label: "Metadata of the cell as JSON".into(), wrap: true, ..EditorOptions::default() };
                view! {
                    <div class="nb-metadata"><Editor text=text.get_untracked() options handle tell=Callback::new(move |event| if let EditorEvent::Change(new) = event { text.set(new) })/></div>
                    {move || problem.get().map(|problem| view! { <p class="err small wrap" data-error="metadata">{problem}</p> })}
                    <button type="button" class="btn btn-s btn-main" data-action="save-metadata" prop:disabled=move || problem.with(Option::is_some) on:click=save>"Apply"</button>
                }.into_any()
            } else {
                view! { <pre class="src code nb-metadata" inner_html=move || crate::kit::editor::paint(&pretty(&metadata.get()), "json", &[])></pre> }.into_any()
            }}
        </div>
    }
}

fn pretty(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| json.to_owned())
}

/// The text as the backend takes it, or what is wrong with it.
fn checked(text: &str) -> Result<String, String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value @ serde_json::Value::Object(_)) => serde_json::to_string(&value).map_err(|error| error.to_string()),
        Ok(_) => Err("Metadata is a JSON object: it stands in braces".into()),
        Err(error) => Err(format!("Line {}, column {}: {error}", error.line(), error.column())),
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn metadata_is_an_object() {
        assert_eq!(checked("{ \"a\": 1 }"), Ok("{\"a\":1}".into()));
        assert!(checked("[1]").is_err());
        assert!(checked("{").is_err());
    }
}
