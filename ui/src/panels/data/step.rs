//! The dialog of a step: choose a transform, fill its form, see what it would change.

use super::form::StepForm;
use super::state::OpenedTable;
use crate::api;
use crate::kit::{Bones, Dialog, ErrorNote, Icon, Search, format};
use crate::live::{Live, live_where};
use atelier_wire::studio::data::recipe::{Param, PreviewStep, Step, StepPreview, Transform};
use atelier_wire::studio::data::view::{CancelRequest, OpenView, ViewColumn};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The step that is being written: a new one at the end, or number `at`.
#[derive(Clone, PartialEq)]
pub struct Editing {
    pub at: Option<usize>,
    pub step: Step,
}

/// The form asks for a preview when nobody has typed for this long.
const QUIET_MS: u32 = 300;

#[component]
pub fn StepDialog(
    table: OpenedTable,
    transforms: Signal<Vec<Transform>>,
    editing: RwSignal<Option<Editing>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(editing.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && editing.with_untracked(Option::is_some) {
            editing.set(None)
        }
    });
    let chosen = Memo::new(move |_| {
        editing.with(|editing| editing.as_ref().map(|editing| editing.step.op.clone())).unwrap_or_default()
    });
    let transform =
        Memo::new(move |_| transforms.with(|all| all.iter().find(|known| known.op == chosen.get()).cloned()));
    let title = Signal::derive(move || {
        transform.with(|known| known.as_ref().map_or_else(|| "Add a step".to_owned(), |known| known.title.clone()))
    });
    let text = Signal::derive(move || {
        transform.with(|known| known.as_ref().map(|known| known.summary.clone()).unwrap_or_default())
    });
    view! {
        <Dialog open title text>
            {move || match transform.get() {
                Some(transform) => view! { <Write table transform editing/> }.into_any(),
                None => view! { <Catalogue transforms editing/> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Catalogue(transforms: Signal<Vec<Transform>>, editing: RwSignal<Option<Editing>>) -> impl IntoView {
    let find = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let words: Vec<String> = find.get().to_lowercase().split_whitespace().map(str::to_owned).collect();
        let fits = |known: &Transform| {
            let text = format!("{} {} {} {}", known.title, known.group, known.summary, known.op).to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        let mut groups: Vec<(String, Vec<Transform>)> = Vec::new();
        transforms.with(|all| {
            for known in all.iter().filter(|known| fits(known)) {
                match groups.iter_mut().find(|(group, _)| *group == known.group) {
                    Some((_, list)) => list.push(known.clone()),
                    None => groups.push((known.group.clone(), vec![known.clone()])),
                }
            }
        });
        groups
    });
    let choose = move |transform: &Transform| {
        let params = transform
            .fields
            .iter()
            .filter_map(|field| field.default.clone().map(|default| (field.name.clone(), default)))
            .collect();
        editing.update(|editing| {
            if let Some(editing) = editing {
                editing.step = Step { op: transform.op.clone(), params, ..Step::default() }
            }
        });
    };
    view! {
        <div class="dialog-body">
            <Search value=find name="Find a transform"/>
            <div class="catalogue" data-catalogue="">{move || found.get().into_iter().map(|(group, list)| view! {
                <h3 class="label">{group}</h3>
                <div class="catalogue-group">{list.into_iter().map(|transform| { let (title, summary, op) = (transform.title.clone(), transform.summary.clone(), transform.op.clone()); view! {
                    <button type="button" class="catalogue-item" data-transform=op on:click=move |_| choose(&transform)><span class="medium">{title}</span><span class="hint small">{summary}</span></button>
                } }).collect_view()}</div>
            }).collect_view()}</div>
            {move || found.with(Vec::is_empty).then(|| view! { <p class="hint">"No transform fits these words."</p> })}
        </div>
    }
}

#[component]
fn Write(table: OpenedTable, transform: Transform, editing: RwSignal<Option<Editing>>) -> impl IntoView {
    let Some(start) = editing.get_untracked() else { return ().into_any() };
    let at = start.at;
    let before = move || table.plan.with_untracked(|plan| plan.applied_before(at.unwrap_or(plan.steps.len())));
    // What the step finds: the columns of the steps before it.
    let found = live_where(
        move || {
            Some(OpenView {
                source: table.source.get_value(),
                options: table.options.get_untracked(),
                steps: before(),
                ..OpenView::default()
            })
        },
        |_, _| false,
    );
    let columns =
        Memo::new(move |_| found.value.with(|view| view.as_ref().map(|view| view.columns.clone()).unwrap_or_default()));
    let params = RwSignal::new(start.step.params.clone());
    let note = RwSignal::new(start.step.note.clone().unwrap_or_default());
    let (op, id, disabled) =
        (StoredValue::new(transform.op.clone()), StoredValue::new(start.step.id.clone()), start.step.disabled);
    let step = move || Step {
        id: id.get_value(),
        op: op.get_value(),
        params: params.get(),
        disabled,
        note: Some(note.get()).filter(|note| !note.is_empty()),
    };
    // Typing settles before the whole table is computed.
    let settled = RwSignal::new(untrack(step));
    let later = StoredValue::new_local(None::<Timeout>);
    let name = StoredValue::new(format!("preview-{:.0}", js_sys::Math::random() * 1e15));
    Effect::new(move |_| {
        let now = step();
        later.set_value(Some(Timeout::new(QUIET_MS, move || {
            if settled.try_with_untracked(|settled| *settled != now) == Some(true) {
                end_preview(name);
                settled.try_set(now);
            }
        })));
    });
    on_cleanup(move || end_preview(name));
    let required: Vec<String> =
        transform.fields.iter().filter(|field| field.required).map(|field| field.name.clone()).collect();
    let complete = move |step: &Step| {
        required.iter().all(|name| {
            !matches!(step.params.get(name), None | Some(Param::Null))
                && step.params.get(name).is_none_or(|param| {
                    !matches!(param, Param::Text(text) if text.is_empty())
                        && !matches!(param, Param::List(list) if list.is_empty())
                })
        })
    };
    let complete = StoredValue::new(complete);
    let ready = move |step: &Step| complete.with_value(|complete| complete(step));
    let preview = live_where(
        move || {
            let step = settled.get();
            ready(&step).then(|| PreviewStep {
                source: table.source.get_value(),
                options: table.options.get_untracked(),
                steps: before().into_iter().chain([Step { disabled: false, ..step }]).collect(),
                request: name.get_value(),
            })
        },
        |_, _| false,
    );
    let add = move || {
        let step = untrack(step);
        table.plan.update(|plan| match at {
            Some(at) => plan.replace(at, step),
            None => plan.push(step),
        });
        editing.set(None);
    };
    view! {
        <form class="dialog-form" on:submit=move |event| { event.prevent_default(); add() }>
            <div class="dialog-body step-body">
                {move || found.error.get().map(|error| view! { <ErrorNote tried="The steps before this one do not work" code=error.code message=error.message/> })}
                <StepForm fields=transform.fields.clone() params columns/>
                <label class="form-line"><span class="quiet">"Note"</span><span class="field"><input type="text" name="note" aria-label="Note" placeholder="why, in your words" prop:value=move || note.get() on:input=move |event| note.set(event_target_value(&event))/></span></label>
                <Preview preview ready=Signal::derive(move || ready(&settled.get()))/>
            </div>
            <div class="dialog-foot">
                {at.is_none().then(|| view! { <button type="button" class="btn btn-bare" on:click=move |_| editing.update(|editing| if let Some(editing) = editing { editing.step = Step::default() })>"Another transform"</button> })}
                <span class="grow"></span>
                <button type="button" class="btn" on:click=move |_| editing.set(None)>"Cancel"</button>
                <button type="submit" class="btn btn-main" data-action="apply-step" disabled=move || !ready(&step())>{if at.is_some() { "Change step" } else { "Add step" }}</button>
            </div>
        </form>
    }
    .into_any()
}

/// Ends the preview under way, whose answer nobody waits for any more: a function of a person's own may take minutes.
fn end_preview(name: StoredValue<String>) {
    let Some(request) = name.try_get_value() else { return };
    spawn_local(async move {
        // One that has just ended is ended all the same.
        let _ = api::call(CancelRequest { request }).await;
    });
}

/// What the step changes, in numbers and in a few rows.
#[component]
fn Preview(preview: Live<StepPreview>, #[prop(into)] ready: Signal<bool>) -> impl IntoView {
    view! {
        <div class="preview" data-preview="">
            {move || (!ready.get()).then(|| view! { <p class="hint small">"Fill the form to see what the step would change."</p> })}
            {move || (ready.get() && preview.waiting()).then(|| view! { <Bones lines=3/> })}
            {move || preview.error.get().filter(|_| ready.get()).map(|error| view! { <ErrorNote tried="This step does not work yet" code=error.code message=error.message/> })}
            {move || preview.value.get().filter(|_| ready.get() && preview.error.with(Option::is_none)).map(|preview| view! {
                <p class="row small" data-preview-rows=preview.rows_after.to_string()><Icon name="spark"/><span class="wrap">{summary(&preview)}</span></p>
                {sample(&preview)}
            })}
        </div>
    }
}

fn summary(preview: &StepPreview) -> String {
    let mut words = Vec::new();
    let (before, after) = (preview.rows_before, preview.rows_after);
    words.push(match after.cmp(&before) {
        std::cmp::Ordering::Less => format!(
            "{} fewer ({} of {})",
            format::counted(before - after, "row", "rows"),
            format::count(after),
            format::count(before)
        ),
        std::cmp::Ordering::Greater => format!(
            "{} more ({} instead of {})",
            format::counted(after - before, "row", "rows"),
            format::count(after),
            format::count(before)
        ),
        std::cmp::Ordering::Equal => format!("{} as before", format::counted(after, "row", "rows")),
    });
    let list = |names: &[String]| {
        if names.len() > 4 {
            format!("{} and {} more", names[..3].join(", "), names.len() - 3)
        } else {
            names.join(", ")
        }
    };
    if !preview.columns_added.is_empty() {
        words.push(format!("adds {}", list(&preview.columns_added)));
    }
    if !preview.columns_removed.is_empty() {
        words.push(format!("removes {}", list(&preview.columns_removed)));
    }
    words.extend(preview.columns_cast.iter().take(3).map(|(name, from, to)| format!("{name} from {from} to {to}")));
    if let Some(cells) = &preview.cells_changed {
        let changed: u64 = cells.iter().map(|(_, count)| count).sum();
        let of: Vec<String> = cells.iter().filter(|(_, count)| *count > 0).map(|(name, _)| name.clone()).collect();
        if changed > 0 {
            words.push(format!("changes {} in {}", format::counted(changed, "cell", "cells"), list(&of)));
        } else if preview.columns_added.is_empty() && preview.columns_removed.is_empty() && before == after {
            words.push("changes no cell".into());
        }
    }
    words.join(" · ")
}

/// A few rows of the table afterwards; what the step changed or made is marked.
fn sample(preview: &StepPreview) -> impl IntoView + use<> {
    let shown: Vec<(usize, ViewColumn)> = preview
        .sample
        .columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| preview.columns.get(*column).map(|column| (at, column.clone())))
        .collect();
    // Columns with changes first, so that they are seen.
    let mut shown = shown;
    shown.sort_by_key(|(at, _)| !preview.changed.iter().any(|(_, column)| *column as usize == *at));
    shown.truncate(8);
    let changed: std::collections::HashSet<(u32, u32)> = preview.changed.iter().copied().collect();
    let rows = preview
        .sample
        .cells
        .iter()
        .take(8)
        .enumerate()
        .map(|(row, cells)| {
            let cells = shown.iter().map(|(at, _)| {
                let text = cells.get(*at).cloned().flatten();
                let marked = changed.contains(&(row as u32, *at as u32));
                let missing = text.is_none();
                view! { <td class:is-changed=marked class:none=missing>{text.unwrap_or_else(|| "missing".into())}</td> }
            });
            view! { <tr>{cells.collect_view()}</tr> }
        })
        .collect_view();
    view! {
        <div class="preview-table"><table class="frame"><thead><tr>{shown.iter().map(|(_, column)| view! { <th>{column.name.clone()}<small>{column.dtype.clone()}</small></th> }).collect_view()}</tr></thead><tbody>{rows}</tbody></table></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_said_in_a_line() {
        let preview = StepPreview {
            rows_before: 1_000,
            rows_after: 900,
            columns_added: vec!["x".into()],
            cells_changed: Some(vec![("a".into(), 3), ("b".into(), 0)]),
            ..StepPreview::default()
        };
        assert_eq!(summary(&preview), "100 rows fewer (900 of 1,000) · adds x · changes 3 cells in a");
        let same =
            StepPreview { rows_before: 5, rows_after: 5, cells_changed: Some(Vec::new()), ..StepPreview::default() };
        assert_eq!(summary(&same), "5 rows as before · changes no cell");
    }
}
