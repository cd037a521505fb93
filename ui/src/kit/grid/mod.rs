//! A grid of cells that scrolls ten million rows like a hundred: only the rows and columns in view exist, and the
//! scroll bar stands for a height that browsers can still hold.

mod window;

use super::Icon;
use super::size::size_of;
use leptos::{ev, html, prelude::*};
use std::sync::Arc;
use window::{ROW, columns_in_view, first_row, space};

/// A row as text; `None` in it is a missing value.
pub type Cells = Vec<Option<String>>;

#[derive(Clone, PartialEq)]
pub struct GridColumn {
    pub name: String,
    /// Icon of the type, and its name.
    pub icon: &'static str,
    pub kind: String,
    /// Figures stand right.
    pub number: bool,
    pub width: f64,
}

/// What the head shows below a column's name, by the column's place. Called once the column comes into view.
pub type Head = Arc<dyn Fn(usize) -> AnyView + Send + Sync>;

/// The grid. `row(i)` gives the cells of a row if they are here already; `seen(from, to)` is told what is in view, so
/// that the missing ones can be fetched. `picked` is the column that is selected.
#[component]
pub fn Grid(
    #[prop(into)] name: Signal<String>,
    #[prop(into)] columns: Signal<Vec<GridColumn>>,
    #[prop(into)] num_rows: Signal<u64>,
    row: Arc<dyn Fn(u64) -> Option<Cells> + Send + Sync>,
    #[prop(into)] seen: Callback<(u64, u64)>,
    picked: RwSignal<Option<usize>>,
    /// `(column, descending)`.
    #[prop(into)]
    sorted: Signal<Option<(usize, bool)>>,
    #[prop(into)] sort: Callback<usize>,
    head: Head,
    /// Height of the head in pixels.
    #[prop(default = 94.0)]
    head_height: f64,
    /// Set it to bring a column into view.
    #[prop(optional, into)]
    reveal: Signal<Option<usize>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let size = size_of(node);
    let scroll = RwSignal::new((0.0_f64, 0.0_f64));
    let view_height = move || (size.get().1 - head_height).max(ROW);
    let rows = Memo::new(move |_| {
        let first = first_row(scroll.get().1, num_rows.get(), view_height());
        let from = first.floor().max(0.0) as u64;
        let to = (from + (view_height() / ROW) as u64 + 2).min(num_rows.get());
        (from, to)
    });
    let shift = Memo::new(move |_| first_row(scroll.get().1, num_rows.get(), view_height()).fract() * ROW);
    let edges = Memo::new(move |_| columns.with(|columns| columns.iter().scan(0.0, |x, column| { *x += column.width; Some(*x) }).collect::<Vec<f64>>()));
    let shown = Memo::new(move |_| edges.with(|edges| columns_in_view(edges, scroll.get().0, size.get().0)));
    let index_width = move || 24.0 + 8.0 * num_rows.get().to_string().len() as f64;
    let total = move || edges.with(|edges| edges.last().copied().unwrap_or(0.0)) + index_width();
    Effect::new(move |_| seen.run(rows.get()));
    Effect::new(move |_| {
        let (Some(column), Some(node)) = (reveal.get(), node.get()) else { return };
        edges.with_untracked(|edges| {
            let (from, to) = (if column == 0 { 0.0 } else { edges.get(column - 1).copied().unwrap_or(0.0) }, edges.get(column).copied().unwrap_or(0.0));
            let (left, width) = (f64::from(node.scroll_left()), f64::from(node.client_width()) - index_width());
            if from < left || to > left + width {
                node.set_scroll_left(from as i32);
            }
        });
    });
    let key = move |event: ev::KeyboardEvent| {
        let Some(node) = node.get_untracked() else { return };
        let page = view_height() - ROW;
        let limit = space(num_rows.get_untracked(), view_height());
        let top = f64::from(node.scroll_top());
        let top = match event.key().as_str() {
            "ArrowDown" => top + ROW,
            "ArrowUp" => top - ROW,
            "PageDown" => top + page,
            "PageUp" => top - page,
            "Home" => 0.0,
            "End" => limit,
            side @ ("ArrowLeft" | "ArrowRight") => {
                event.prevent_default();
                let last = columns.with_untracked(Vec::len).saturating_sub(1);
                let now = picked.get_untracked().unwrap_or(0);
                return picked.set(Some(if side == "ArrowLeft" { now.saturating_sub(1) } else { (now + 1).min(last) }));
            }
            _ => return,
        };
        event.prevent_default();
        node.set_scroll_top(top.max(0.0) as i32);
    };
    let heads = Memo::new(move |_| {
        let (from, to) = shown.get();
        columns.with(|columns| (from..to.min(columns.len())).map(|i| (i, columns[i].clone())).collect::<Vec<_>>())
    });
    let row = StoredValue::new(row);
    let head = StoredValue::new(head);
    let lead = move || { let from = shown.get().0; if from == 0 { 0.0 } else { edges.with(|edges| edges.get(from - 1).copied().unwrap_or(0.0)) } };
    let cells = move |number: u64| {
        let values = row.with_value(|row| row(number));
        heads.with(|heads| heads.iter().map(|(i, column)| {
            let i = *i;
            let on = move || picked.get() == Some(i);
            let text = values.as_ref().map(|values| values.get(i).cloned().flatten());
            let class = match &text {
                Some(None) => "none",
                None => "waits",
                Some(_) if column.number => "",
                Some(_) => "l",
            };
            let text = match text {
                Some(Some(text)) => text,
                Some(None) => "missing".to_owned(),
                None => "·".to_owned(),
            };
            let whole = if text.len() > 11 { text.clone() } else { String::new() };
            let text = if column.number && !whole.is_empty() { window::shortened(text) } else { text };
            view! { <td role="gridcell" class=class class:is-on=on title=whole on:click=move |_| picked.set(Some(i))>{text}</td> }
        }).collect_view())
    };
    view! {
        <div class="scroll grid-scroll" node_ref=node tabindex="0" role="region" aria-label=move || name.get() on:keydown=key
            on:scroll=move |_| if let Some(node) = node.get_untracked() { scroll.set((f64::from(node.scroll_left()), f64::from(node.scroll_top()))) }>
            <div class="grid-space" style:height=move || format!("{}px", space(num_rows.get(), view_height()) + size.get().1) style:width=move || format!("{}px", total())>
                <div class="grid-window" style:height=move || format!("{}px", size.get().1)>
                    <table class="grid" role="grid" aria-rowcount=move || num_rows.get().to_string() aria-colcount=move || columns.with(Vec::len).to_string()>
                        <colgroup>
                            <col style:width=move || format!("{}px", index_width())/>
                            <col style:width=move || format!("{}px", lead())/>
                            {move || heads.get().into_iter().map(|(_, column)| view! { <col style:width=format!("{}px", column.width)/> }).collect_view()}
                            <col/>
                        </colgroup>
                        <thead><tr style:height=format!("{head_height}px")>
                            <th class="idx" scope="col"><span class="grid-hidden">"Row"</span></th><th class="grid-lead" aria-hidden="true"></th>
                            <For each=move || heads.get() key=|(i, column)| (*i, column.name.clone(), column.kind.clone()) children=move |(i, column)| {
                                let on = move || picked.get() == Some(i);
                                let order = move || match sorted.get() { Some((by, down)) if by == i => if down { "descending" } else { "ascending" }, _ => "none" };
                                view! {
                                    <th scope="col" class:is-on=on data-column=column.name.clone() aria-sort=order on:click=move |_| picked.set(Some(i))>
                                        <div class="col-name">
                                            <Icon name=column.icon/>
                                            <button type="button" class="cut grid-pick" title=format!("Profile of {}", column.name) aria-label=format!("Profile of {}", column.name) on:click=move |_| picked.set(Some(i))>{column.name.clone()}</button>
                                            <button type="button" class="grid-sort" class:is-on=move || order() != "none" data-action="sort" aria-label=format!("Sort by {}", column.name) title=format!("Sort by {}", column.name)
                                                on:click=move |event| { event.stop_propagation(); sort.run(i) }>
                                                <Icon name=Signal::derive(move || match order() { "descending" => "arrow-down", "ascending" => "up", _ => "sort" }) class="i-s"/>
                                            </button>
                                        </div>
                                        {head.with_value(|head| head(i))}
                                    </th>
                                }
                            }/>
                            <th class="grid-rest" aria-hidden="true"></th>
                        </tr></thead>
                        <tbody style:transform=move || format!("translateY(-{:.1}px)", shift.get())>
                            {move || { let (from, to) = rows.get(); (from..to).map(|number| view! {
                                <tr data-row=number.to_string() aria-rowindex=(number + 1).to_string()><td class="idx">{(number + 1).to_string()}</td><td class="grid-lead"></td>{cells(number)}<td class="grid-rest"></td></tr>
                            }).collect_view() }}
                        </tbody>
                    </table>
                </div>
            </div>
        </div>
    }
}
