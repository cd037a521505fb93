//! The recipe: every change as a step that can be edited, moved, switched off and undone, and taken away as code.

use super::export::export_items;
use super::state::OpenedTable;
use super::step::{Editing, StepDialog};
use crate::kit::{Empty, Icon, Menu, MenuItem, Switch, format};
use crate::live::live;
use atelier_wire::studio::data::recipe::{ListTransforms, Param, Step, Transform};
use leptos::{ev, prelude::*};

/// A parameter in a few words.
pub fn brief(param: &Param) -> String {
    match param {
        Param::Null => "none".into(),
        Param::Bool(on) => on.to_string(),
        Param::Integer(number) => number.to_string(),
        Param::Number(number) => number.to_string(),
        Param::Text(text) if text.chars().count() > 40 => format!("{}…", text.chars().take(39).collect::<String>()),
        Param::Text(text) => text.clone(),
        Param::List(list) if list.len() > 3 => {
            format!("{} and {} more", list.iter().take(3).map(brief).collect::<Vec<_>>().join(", "), list.len() - 3)
        }
        Param::List(list) => list.iter().map(brief).collect::<Vec<_>>().join(", "),
        Param::Map(map) => {
            map.iter().map(|(key, value)| format!("{key}: {}", brief(value))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A step in one line: its note, or its parameters.
pub fn said(step: &Step) -> String {
    step.note.clone().filter(|note| !note.is_empty()).unwrap_or_else(|| {
        step.params
            .values()
            .filter(|param| !matches!(param, Param::Null | Param::Bool(false)))
            .map(brief)
            .collect::<Vec<_>>()
            .join(" · ")
    })
}

#[component]
pub fn RecipePane(table: OpenedTable) -> impl IntoView {
    let catalogue = live(|| Some(ListTransforms {}), &[]);
    let editing = RwSignal::new(None::<Editing>);
    let transforms = Signal::derive(move || {
        catalogue.value.with(|all| all.as_ref().map(|all| all.transforms.clone()).unwrap_or_default())
    });
    let title = move |op: &str| {
        transforms.with(|all: &Vec<Transform>| {
            all.iter().find(|known| known.op == op).map_or_else(|| op.to_owned(), |known| known.title.clone())
        })
    };
    let dragged = RwSignal::new(None::<usize>);
    let items = export_items(table);
    view! {
        <section class="section" data-section="recipe">
            <div class="section-head"><h3>"Recipe"</h3>
                <span class="hint small num">{move || table.plan.with(|plan| (!plan.steps.is_empty()).then(|| format::counted(plan.steps.len() as u64, "step", "steps")))}</span>
                <span class="grow"></span>
                <button type="button" class="btn btn-bare btn-icon btn-s" data-action="undo-step" title="Undo (Ctrl Z)" aria-label="Undo" disabled=move || !table.plan.with(|plan| plan.can_undo()) on:click=move |_| table.plan.update(|plan| plan.undo())><Icon name="undo"/></button>
                <button type="button" class="btn btn-bare btn-icon btn-s mirrored" data-action="redo-step" title="Redo (Ctrl Shift Z)" aria-label="Redo" disabled=move || !table.plan.with(|plan| plan.can_redo()) on:click=move |_| table.plan.update(|plan| plan.redo())><Icon name="undo"/></button>
                <Menu name="Export the recipe" items class="btn btn-bare btn-s">"Export"<Icon name="down" class="i-s"/></Menu>
            </div>
            {move || table.plan.with(|plan| plan.steps.is_empty()).then(|| view! { <p class="hint small">"No step yet: the table is shown as it was read."</p> })}
            <ol class="recipe">{move || table.plan.with(|plan| plan.steps.clone()).into_iter().enumerate().map(|(at, step)| {
                let name = title(&step.op);
                let on = RwSignal::new(!step.disabled);
                let disabled = step.disabled;
                Effect::new(move |_| if on.get() == disabled { table.plan.update(|plan| plan.toggle(at)) });
                let edit = step.clone();
                let menu = step_menu(table, at);
                let drop = move |event: ev::DragEvent| {
                    event.prevent_default();
                    if let Some(from) = dragged.get_untracked().filter(|from| *from != at) {
                        table.plan.update(|plan| plan.move_to(from, at));
                    }
                };
                view! {
                    <li data-step=at.to_string() data-op=step.op.clone() class:is-off=disabled draggable="true"
                        on:dragstart=move |_| dragged.set(Some(at)) on:dragend=move |_| dragged.set(None)
                        on:dragover=move |event: ev::DragEvent| if dragged.with_untracked(Option::is_some) { event.prevent_default() } on:drop=drop>
                        <Icon name="drag"/><span class="no">{at + 1}</span>
                        <button type="button" class="recipe-step" title="Edit this step" on:click=move |_| editing.set(Some(Editing { at: Some(at), step: edit.clone() }))>
                            <span class="cut">{name}</span><span class="hint small cut">{said(&step)}</span></button>
                        <span class="row"><Switch value=on name="Whether this step counts"/><Menu name="What to do with this step" items=menu><Icon name="more"/></Menu></span>
                    </li>
                }
            }).collect_view()}</ol>
            <button type="button" class="btn btn-s" data-action="add-step" on:click=move |_| editing.set(Some(Editing { at: None, step: Step::default() }))><Icon name="plus"/>"Add step"</button>
            {move || catalogue.error.get().map(|error| view! { <p class="err small">{error.message}</p> })}
            {move || (catalogue.error.with(Option::is_none) && transforms.with(Vec::is_empty) && !catalogue.waiting()).then(|| view! { <Empty icon="data" title="No transform" text="The backend knows none."/> })}
        </section>
        <StepDialog table transforms editing/>
    }
}

fn step_menu(table: OpenedTable, at: usize) -> Signal<Vec<MenuItem>> {
    let last = table.plan.with_untracked(|plan| plan.steps.len().saturating_sub(1));
    let mut items = Vec::new();
    if at > 0 {
        items.push(MenuItem::new("up", "Move up", move || table.plan.update(|plan| plan.move_to(at, at - 1))));
    }
    if at < last {
        items
            .push(MenuItem::new("arrow-down", "Move down", move || table.plan.update(|plan| plan.move_to(at, at + 1))));
    }
    items.push(MenuItem::new("clone", "Copy below", move || {
        table.plan.update(|plan| {
            if let Some(step) = plan.steps.get(at).cloned() {
                plan.insert(at + 1, step);
            }
        })
    }));
    items.push(MenuItem::new("trash", "Remove", move || table.plan.update(|plan| plan.remove(at))).bad());
    Signal::stored(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_said_in_a_line() {
        let text = |text: &str| Param::Text(text.into());
        let params = [
            ("columns", Param::List(["a", "b", "c", "d"].map(text).to_vec())),
            ("flag", Param::Bool(false)),
            ("value", Param::Integer(3)),
        ];
        let step = Step {
            op: "fill".into(),
            params: params.into_iter().map(|(name, param)| (name.to_owned(), param)).collect(),
            ..Step::default()
        };
        assert_eq!(said(&step), "a, b, c and 1 more · 3");
        assert_eq!(said(&Step { note: Some("why".into()), ..step }), "why");
    }
}
