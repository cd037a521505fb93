//! A grid of cells that scrolls ten million rows like a hundred and two thousand columns like twenty: only what is in
//! view exists, and the scroll bar stands for a height that browsers can still hold.
//!
//! The window onto the rows stands still while the bars scroll; what it shows is moved below the pixel by hand. Were it
//! each row's number and each pinned cell that stood still, a browser would make a layer of every one of them.
//!
//! New rows are written as text of markup, which browsers parse several times faster than elements made one by one, and
//! [`painter`] changes those in the page that are not as they were.

mod body;
mod head;
mod keys;
mod painter;
pub mod select;
mod window;

use super::size::size_of;
use leptos::{ev, html, prelude::*};
use painter::Painter;
pub use select::Selection;
use std::sync::Arc;
use wasm_bindgen::JsCast;
use window::{ROW, columns_in_view, first_row, space};

#[derive(Clone, Debug, PartialEq)]
pub struct GridColumn {
    /// The column's name, by which everything here speaks of it.
    pub name: String,
    /// Icon of the type, and its name.
    pub icon: &'static str,
    pub kind: String,
    /// Figures stand right.
    pub number: bool,
    pub width: f64,
    /// Stays at the left while the others scroll. Pinned columns come first in the list.
    pub pinned: bool,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Not here yet.
    Waits,
    /// There is no value.
    Missing,
    Text(String),
}

/// Row and place of the column in the list.
pub type CellAt = Arc<dyn Fn(u64, usize) -> Shown + Send + Sync>;

/// What the head shows below a column's name. Called once the column comes into view.
pub type Head = Arc<dyn Fn(&str) -> AnyView + Send + Sync>;

/// Rows and columns in view, each `from..to`; pinned columns come on top.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InView {
    pub rows: (u64, u64),
    pub columns: (usize, usize),
}

/// A press of the secondary button, or of the menu key, on a cell: row, column, and where in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellPress {
    pub row: u64,
    pub column: usize,
    pub at: (f64, f64),
}

/// What a person did to the grid.
#[derive(Clone, Copy)]
pub struct GridActs {
    /// What came into view, so that it can be fetched.
    pub seen: Callback<InView>,
    /// A column, and whether its order comes after those that there are.
    pub sort: Callback<(String, bool)>,
    pub resize: Callback<(String, f64)>,
    /// A column is to stand before another, or at the end.
    pub reorder: Callback<(String, Option<String>)>,
    pub menu: Callback<CellPress>,
    /// The cells that are selected are to be copied.
    pub copy: Callback<()>,
    /// A row is to be shown by itself.
    pub row: Callback<u64>,
}

/// The grid. `revision` changes when cells do; `sorted` names the columns that decide the order, first to last, and
/// whether each descends.
#[component]
pub fn Grid(
    #[prop(into)] name: Signal<String>,
    #[prop(into)] columns: Signal<Vec<GridColumn>>,
    #[prop(into)] num_rows: Signal<u64>,
    cell: CellAt,
    #[prop(into)] revision: Signal<u64>,
    picked: RwSignal<Option<String>>,
    selection: RwSignal<Option<Selection>>,
    #[prop(into)] sorted: Signal<Vec<(String, bool)>>,
    acts: GridActs,
    head: Head,
    /// Height of the head in pixels.
    #[prop(default = 94.0)]
    head_height: f64,
    /// Set it to bring a row, or a column, into view.
    reveal: RwSignal<(Option<u64>, Option<usize>)>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let size = size_of(node);
    let scroll = RwSignal::new((0.0_f64, 0.0_f64));
    let view_height = move || (size.get().1 - head_height).max(ROW);
    let index_width = move || 24.0 + 8.0 * num_rows.get().to_string().len() as f64;
    let rows = Memo::new(move |_| {
        let first = first_row(scroll.get().1, num_rows.get(), view_height());
        let from = first.floor().max(0.0) as u64;
        (from, (from + (view_height() / ROW) as u64 + 2).min(num_rows.get()))
    });
    let shift = Memo::new(move |_| first_row(scroll.get().1, num_rows.get(), view_height()).fract() * ROW);
    let num_pinned =
        Memo::new(move |_| columns.with(|columns| columns.iter().take_while(|column| column.pinned).count()));
    let edges = Memo::new(move |_| {
        columns.with(|columns| {
            columns
                .iter()
                .scan(0.0, |x, column| {
                    *x += column.width;
                    Some(*x)
                })
                .collect::<Vec<f64>>()
        })
    });
    let pinned_width = Memo::new(move |_| {
        num_pinned.get().checked_sub(1).and_then(|last| edges.with(|edges| edges.get(last).copied())).unwrap_or(0.0)
    });
    let shown = Memo::new(move |_| {
        let (from, to) = edges.with(|edges| {
            columns_in_view(edges, scroll.get().0 + pinned_width.get(), size.get().0 - pinned_width.get())
        });
        (from.max(num_pinned.get()), to)
    });
    // Pinned columns, then those in view.
    let drawn = Memo::new(move |_| {
        let (from, to) = shown.get();
        (0..num_pinned.get()).chain(from..to.max(from)).collect::<Vec<usize>>()
    });
    let total = move || edges.with(|edges| edges.last().copied().unwrap_or(0.0)) + index_width();
    // How far the columns in view stand left of where the pinned ones end.
    let lead = Memo::new(move |_| {
        let from = shown.get().0;
        let left = edges.with(|edges| from.checked_sub(1).and_then(|last| edges.get(last).copied()).unwrap_or(0.0));
        left - pinned_width.get() - scroll.get().0
    });
    Effect::new(move |_| acts.seen.run(InView { rows: rows.get(), columns: shown.get() }));
    let scrolled = move || {
        if let Some(node) = node.get_untracked() {
            scroll.set((f64::from(node.scroll_left()), f64::from(node.scroll_top())));
        }
    };
    Effect::new(move |_| {
        let (row, column) = reveal.get();
        let Some(node) = node.get() else { return };
        if let Some(row) = row {
            let (from, to) = rows.get_untracked();
            if row < from || row + 2 >= to {
                let view = untrack(view_height);
                node.set_scroll_top(window::scroll_to(row, num_rows.get_untracked(), view) as i32);
                // The event comes a frame later only, and the rows could be here by then.
                scrolled();
            }
        }
        if let Some(column) = column {
            let (left, right) = edges.with_untracked(|edges| {
                (
                    column.checked_sub(1).and_then(|before| edges.get(before).copied()).unwrap_or(0.0),
                    edges.get(column).copied().unwrap_or(0.0),
                )
            });
            let (from, width) = (
                f64::from(node.scroll_left()) + pinned_width.get_untracked(),
                f64::from(node.client_width()) - untrack(index_width) - pinned_width.get_untracked(),
            );
            if column >= num_pinned.get_untracked() && (left < from || right > from + width) {
                node.set_scroll_left((left - pinned_width.get_untracked()) as i32);
            }
        }
    });
    let reach = keys::Reach { columns, num_rows, selection, picked, reveal, acts };
    let body = NodeRef::<html::Tbody>::new();
    let cell = StoredValue::new(cell);
    let painter = StoredValue::new_local(Painter::default());
    Effect::new(move |_| {
        let Some(body) = body.get() else { return };
        revision.track();
        let rows = columns.with(|columns| {
            let plan = body::Plan {
                columns,
                drawn: &drawn.get(),
                rows: rows.get(),
                selection: selection.get(),
                picked: picked.get(),
            };
            cell.with_value(|cell| body::Rows::new(&plan, cell))
        });
        painter.update_value(|painter| painter.draw(body, rows));
    });
    let at = move |event: &web_sys::MouseEvent| body::cell_of(event.target()?.dyn_into::<web_sys::Element>().ok()?);
    let down = move |event: ev::MouseEvent| {
        let Some((row, column)) = at(&event) else { return };
        let Some(column) = column else {
            return if event.button() == 0 {
                acts.row.run(row)
            };
        };
        if event.button() != 0 {
            return;
        }
        let extend = event.shift_key();
        selection.update(|selection| {
            *selection = Some(match selection.filter(|_| extend) {
                Some(old) => old.to(row, column),
                None => Selection::cell(row, column),
            })
        });
        picked.set(columns.with_untracked(|columns| columns.get(column).map(|column| column.name.clone())));
    };
    let drag = move |event: ev::MouseEvent| {
        if event.buttons() & 1 == 1
            && let Some((row, Some(column))) = at(&event)
            && let Some(old) = selection.get_untracked()
            && old.end() != (row, column)
        {
            selection.set(Some(old.to(row, column)));
        }
    };
    let menu = move |event: ev::MouseEvent| {
        let Some((row, Some(column))) = at(&event) else { return };
        event.prevent_default();
        if selection.with_untracked(|selection| selection.is_none_or(|selection| !selection.holds(row, column))) {
            selection.set(Some(Selection::cell(row, column)));
        }
        acts.menu.run(CellPress { row, column, at: (f64::from(event.client_x()), f64::from(event.client_y())) });
    };
    let heads = head::Heads { columns, drawn, picked, sorted, acts, head: StoredValue::new(head) };
    view! {
        <div class="scroll grid-scroll" node_ref=node tabindex="0" role="region" aria-label=move || name.get() on:keydown=move |event| keys::press(&event, reach, untrack(view_height), node)
            on:scroll=move |_| scrolled()>
            <div class="grid-space" style:height=move || format!("{}px", space(num_rows.get(), view_height()) + size.get().1) style:width=move || format!("{}px", total())>
                <div class="grid-window" style:height=move || format!("{}px", size.get().1) style:width=move || format!("min(100%, {}px)", size.get().0)>
                    <table class="grid" role="grid" aria-rowcount=move || num_rows.get().to_string() aria-colcount=move || columns.with(Vec::len).to_string() style=("--grid-x", move || format!("{}px", lead.get()))>
                        <colgroup>
                            <col style:width=move || format!("{}px", index_width())/>
                            {move || columns.with(|columns| columns.iter().take(num_pinned.get()).map(|column| view! { <col style:width=format!("{}px", column.width)/> }).collect_view())}
                            {move || { let (from, to) = shown.get(); columns.with(|columns| columns.iter().take(to).skip(from).map(|column| view! { <col style:width=format!("{}px", column.width)/> }).collect_view()) }}
                            <col/>
                        </colgroup>
                        <thead><tr style:height=format!("{head_height}px")>{heads.view(num_pinned)}</tr></thead>
                        <tbody node_ref=body on:mousedown=down on:mousemove=drag on:contextmenu=menu style:transform=move || format!("translateY(-{:.1}px)", shift.get())></tbody>
                    </table>
                </div>
            </div>
        </div>
    }
}
