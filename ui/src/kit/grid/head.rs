//! The heads of the columns: name, order, width by dragging the edge, place by dragging the name.

use super::super::Icon;
use super::{GridActs, GridColumn, Head};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// Columns are never narrower, nor made wider by dragging.
const WIDTHS: (f64, f64) = (48.0, 1_200.0);

#[derive(Clone, Copy)]
pub struct Heads {
    pub columns: Signal<Vec<GridColumn>>,
    pub drawn: Memo<Vec<usize>>,
    pub picked: RwSignal<Option<String>>,
    pub sorted: Signal<Vec<(String, bool)>>,
    pub acts: GridActs,
    pub head: StoredValue<Head>,
}

impl Heads {
    pub fn view(self, num_pinned: Memo<usize>) -> impl IntoView {
        let dragged = RwSignal::new(None::<String>);
        let part = move |pinned: bool| {
            self.columns.with(|columns| {
                self.drawn.with(|drawn| {
                    drawn
                        .iter()
                        .filter(|at| (**at < num_pinned.get()) == pinned)
                        .filter_map(|at| columns.get(*at))
                        .map(|column| (column.name.clone(), column.kind.clone(), column.icon))
                        .collect::<Vec<_>>()
                })
            })
        };
        view! {
            <th class="idx" scope="col"><span class="grid-hidden">"Row"</span></th>
            <For each=move || part(true) key=Clone::clone children=move |(name, _, icon)| self.one(name, icon, dragged)/>
            <For each=move || part(false) key=Clone::clone children=move |(name, _, icon)| self.one(name, icon, dragged)/>
            <th class="grid-rest" aria-hidden="true"></th>
        }
    }

    fn one(self, name: String, icon: &'static str, dragged: RwSignal<Option<String>>) -> impl IntoView {
        let Self { picked, sorted, acts, head, columns, .. } = self;
        let held = StoredValue::new(name.clone());
        let own = move || held.get_value();
        let order = Memo::new(move |_| {
            sorted.with(|sorted| {
                sorted
                    .iter()
                    .position(|(column, _)| held.with_value(|name| name == column))
                    .map(|at| (at, sorted[at].1, sorted.len()))
            })
        });
        let order_word = move || match order.get() {
            Some((_, true, _)) => "descending",
            Some(_) => "ascending",
            None => "none",
        };
        let on = move || picked.with(|picked| picked.as_deref() == Some(own().as_str()));
        let is_pinned = move || {
            columns.with(|columns| {
                columns.iter().any(|column| column.pinned && held.with_value(|name| *name == column.name))
            })
        };
        let target = RwSignal::new(false);
        let drop = move |event: ev::DragEvent| {
            event.prevent_default();
            target.set(false);
            if let Some(from) = dragged.get_untracked().filter(|from| *from != own()) {
                acts.reorder.run((from, Some(own())));
            }
        };
        view! {
            <th scope="col" class:is-on=on class:is-pinned=is_pinned class:is-target=move || target.get() data-column=name.clone() aria-sort=order_word
                on:click=move |_| picked.set(Some(own()))
                on:dragover=move |event: ev::DragEvent| if dragged.with_untracked(Option::is_some) { event.prevent_default(); target.set(true) }
                on:dragleave=move |_| target.set(false) on:drop=drop>
                <div class="col-name" draggable="true" on:dragstart=move |_| dragged.set(Some(own())) on:dragend=move |_| dragged.set(None)>
                    <Icon name=icon/>
                    <button type="button" class="cut grid-pick" title=format!("{name} (drag to move)") aria-label=format!("Look at {name}") on:click=move |_| picked.set(Some(own()))>{name.clone()}</button>
                    <button type="button" class="grid-sort" class:is-on=move || order.get().is_some() data-action="sort" aria-label=format!("Sort by {name}") title=format!("Sort by {name}; with Shift after the others")
                        on:click=move |event: ev::MouseEvent| { event.stop_propagation(); acts.sort.run((own(), event.shift_key())) }>
                        <Icon name=Signal::derive(move || match order_word() { "descending" => "arrow-down", "ascending" => "up", _ => "sort" }) class="i-s"/>
                        {move || order.get().filter(|(_, _, count)| *count > 1).map(|(at, _, _)| view! { <span class="small num">{at + 1}</span> })}
                    </button>
                </div>
                {head.with_value(|head| head(&name))}
                <span class="grid-edge" role="separator" aria-orientation="vertical" title="Drag to change the width; double click to fit" data-edge=name.clone()
                    on:pointerdown=move |event| start_resize(&event, own(), columns, acts.resize)
                    on:dblclick=move |event| { event.stop_propagation(); acts.resize.run((own(), 0.0)) } on:click=move |event| event.stop_propagation()></span>
            </th>
        }
    }
}

/// Follows the pointer until it is let go.
fn start_resize(
    event: &ev::PointerEvent,
    name: String,
    columns: Signal<Vec<GridColumn>>,
    resize: Callback<(String, f64)>,
) {
    event.prevent_default();
    event.stop_propagation();
    let Some(width) =
        columns.with_untracked(|columns| columns.iter().find(|column| column.name == name).map(|column| column.width))
    else {
        return;
    };
    let Some(edge) = event.current_target().and_then(|edge| edge.dyn_into::<web_sys::Element>().ok()) else { return };
    // Without capture the drag ends at the edge's own border, which is no harm.
    let _ = edge.set_pointer_capture(event.pointer_id());
    let start = f64::from(event.client_x());
    let held = StoredValue::new(None::<WindowListenerHandle>);
    let moved = window_event_listener(ev::pointermove, move |event| {
        if event.buttons() & 1 == 1 {
            resize.run((name.clone(), (width + f64::from(event.client_x()) - start).clamp(WIDTHS.0, WIDTHS.1)));
        } else if let Some(handle) = held.try_update_value(Option::take).flatten() {
            handle.remove();
        }
    });
    held.set_value(Some(moved));
}
