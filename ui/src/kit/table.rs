//! A table of things: search, sortable columns, keyboard, drawn only where it is seen above 200 rows.

use super::Icon;
use leptos::{ev, html, prelude::*};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// Height of a row in pixels; the token `--row`.
const ROW: f64 = 28.0;
/// Above this many rows only those in view are drawn.
const VIRTUAL_ABOVE: usize = 200;

/// A column of a table of `T`.
pub struct Column<T> {
    pub id: &'static str,
    pub title: &'static str,
    /// Right-aligned figures.
    pub number: bool,
    pub cell: Arc<dyn Fn(&T) -> AnyView + Send + Sync>,
    pub order: Option<Arc<dyn Fn(&T, &T) -> Ordering + Send + Sync>>,
    pub class: &'static str,
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            title: self.title,
            number: self.number,
            cell: self.cell.clone(),
            order: self.order.clone(),
            class: self.class,
        }
    }
}

impl<T: 'static> Column<T> {
    pub fn new(id: &'static str, title: &'static str, cell: impl Fn(&T) -> AnyView + Send + Sync + 'static) -> Self {
        Self { id, title, number: false, cell: Arc::new(cell), order: None, class: "" }
    }

    pub fn number(mut self) -> Self {
        self.number = true;
        self
    }

    /// Gives way in narrow windows.
    pub fn if_wide(mut self) -> Self {
        self.class = "if-wide";
        self
    }

    pub fn order(mut self, order: impl Fn(&T, &T) -> Ordering + Send + Sync + 'static) -> Self {
        self.order = Some(Arc::new(order));
        self
    }
}

/// How a table is sorted: the column's id, and whether the greatest comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    pub column: &'static str,
    pub descending: bool,
}

/// Rows of `T`, each with a unique `key`. `selected` holds the key of the row that is on; Enter and double click
/// call `open`. Rows are replaced when `rows` changes, so cells show what they were given.
#[component]
pub fn DataTable<T: Clone + PartialEq + Send + Sync + 'static>(
    #[prop(into)] name: String,
    #[prop(into)] rows: Signal<Vec<T>>,
    columns: Vec<Column<T>>,
    key: fn(&T) -> String,
    selected: RwSignal<Option<String>>,
    sort: RwSignal<Sort>,
    #[prop(into)] open: Callback<String>,
) -> impl IntoView {
    let columns = StoredValue::new(columns);
    let sorted = Memo::new(move |_| {
        let mut rows = rows.get();
        let sort = sort.get();
        columns.with_value(|columns| {
            if let Some(order) =
                columns.iter().find(|column| column.id == sort.column).and_then(|column| column.order.as_ref())
            {
                rows.sort_by(|a, b| if sort.descending { order(b, a) } else { order(a, b) });
            }
        });
        rows
    });
    let scroll = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0_f64);
    let window = Memo::new(move |_| {
        let count = sorted.with(Vec::len);
        if count <= VIRTUAL_ABOVE {
            return (0, count);
        }
        let height = scroll.get().map_or(800.0, |node| f64::from(node.client_height()));
        let first = ((top.get() / ROW) as usize).saturating_sub(12).min(count);
        (first, (first + (height / ROW) as usize + 26).min(count))
    });
    let seen = StoredValue::new(HashMap::new());
    let shown_rows = move |from: usize, to: usize| {
        let rows = sorted.with(|rows| rows[from.min(rows.len())..to.min(rows.len())].to_vec());
        seen.try_update_value(|seen| keyed(&rows, key, seen)).unwrap_or_default()
    };
    let step = move |by: i64| {
        sorted.with_untracked(|rows| {
            let at = selected.with_untracked(|on| rows.iter().position(|row| Some(key(row)) == *on));
            let next = at.map_or(0, |at| (at as i64 + by).clamp(0, rows.len() as i64 - 1) as usize);
            if let (Some(row), Some(node)) = (rows.get(next), scroll.get_untracked()) {
                selected.set(Some(key(row)));
                let (y, height) = (next as f64 * ROW, f64::from(node.client_height()) - ROW);
                if y < f64::from(node.scroll_top()) {
                    node.set_scroll_top(y as i32);
                } else if y + ROW > f64::from(node.scroll_top()) + height {
                    node.set_scroll_top((y + ROW - height) as i32);
                }
            }
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" | "j" => 1,
            "ArrowUp" | "k" => -1,
            "PageDown" => 15,
            "PageUp" => -15,
            "Home" => i64::MIN / 2,
            "End" => i64::MAX / 2,
            "Enter" => {
                if let Some(on) = selected.get_untracked() {
                    open.run(on);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        step(by);
    };
    view! {
        <div class="scroll" node_ref=scroll tabindex="0" on:keydown=on_key on:scroll=move |_| if let Some(node) = scroll.get_untracked() { top.set(f64::from(node.scroll_top())) }>
            <table class="table" aria-label=name aria-rowcount=move || sorted.with(Vec::len).to_string()>
                <thead><tr>{columns.with_value(|columns| columns.iter().map(|column| head(column, sort)).collect_view())}</tr></thead>
                <tbody>
                    {move || (window.get().0 > 0).then(|| view! { <tr aria-hidden="true"><td style:height=format!("{}px", window.get().0 as f64 * ROW)></td></tr> })}
                    <For each=move || { let (from, to) = window.get(); shown_rows(from, to) } key=|(key, version, _)| (key.clone(), *version) children=move |(id, _, row)| {
                        let (on, click, double) = (id.clone(), id.clone(), id.clone());
                        view! {
                            <tr data-row=id.clone() class:is-on=move || selected.with(|selected| selected.as_deref() == Some(&on))
                                on:click=move |_| selected.set(Some(click.clone())) on:dblclick=move |_| open.run(double.clone())>
                                {columns.with_value(|columns| columns.iter().map(|column| {
                                    let class = format!("{} {}", if column.number { "n" } else { "" }, column.class);
                                    view! { <td class=class data-column=column.id>{(column.cell)(&row)}</td> }
                                }).collect_view())}
                            </tr>
                        }
                    }/>
                    {move || { let left = sorted.with(Vec::len) - window.get().1.min(sorted.with(Vec::len)); (left > 0).then(|| view! { <tr aria-hidden="true"><td style:height=format!("{}px", left as f64 * ROW)></td></tr> }) }}
                </tbody>
            </table>
        </div>
    }
}

/// Gives each row a version that changes with its content, so that only changed rows are drawn anew.
fn keyed<T: Clone + PartialEq>(
    rows: &[T],
    key: fn(&T) -> String,
    seen: &mut HashMap<String, (u64, T)>,
) -> Vec<(String, u64, T)> {
    let before = std::mem::take(seen);
    rows.iter()
        .map(|row| {
            let id = key(row);
            let version = match before.get(&id) {
                Some((version, old)) if old == row => *version,
                Some((version, _)) => version + 1,
                None => 0,
            };
            seen.insert(id.clone(), (version, row.clone()));
            (id, version, row.clone())
        })
        .collect()
}

fn head<T: 'static>(column: &Column<T>, sort: RwSignal<Sort>) -> AnyView {
    let (id, title) = (column.id, column.title);
    let class = format!("{} {}", if column.number { "n" } else { "" }, column.class);
    if column.order.is_none() {
        return view! { <th scope="col" class=class>{title}</th> }.into_any();
    }
    let on = move || sort.with(|sort| sort.column == id);
    let down = move || sort.with(|sort| sort.descending);
    let order = move || {
        if !on() {
            "none"
        } else if down() {
            "descending"
        } else {
            "ascending"
        }
    };
    view! {
        <th scope="col" class=class class:is-sorted=on aria-sort=order>
            <button type="button" class="th-sort" on:click=move |_| sort.update(|sort| *sort = Sort { column: id, descending: sort.column == id && !sort.descending })>
                {title}{move || on().then(|| view! { <Icon name=if down() { "arrow-down" } else { "up" }/> })}
            </button>
        </th>
    }
    .into_any()
}
