//! What the notebook's kernels have in their memory by name: a pane beside the notebook.

use super::session::Session;
use crate::api;
use crate::frame::{Address, use_frame};
use crate::kit::{Bones, ErrorNote, Icon, Search, format};
use crate::live::{Live, live_where};
use atelier_wire::studio::kernel::{ListVariables, OpenVariable, Variable, Variables};
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;

thread_local! {
    /// One reading for each notebook that is shown, for the pane and for all its outputs.
    static KNOWN: RefCell<HashMap<String, Live<Variables>>> = RefCell::new(HashMap::new());
}

/// Starts to read the variables of a notebook, until its panel closes.
fn follow(session: Session) {
    let path = session.path();
    let asked = path.clone();
    let known = live_where(move || Some(ListVariables { path: asked.clone() }), {
        let path = path.clone();
        move |tag, id| tag == "variable" && (id == path || id.is_empty())
    });
    KNOWN.with(|all| _ = all.borrow_mut().insert(path.clone(), known.clone()));
    on_cleanup(move || KNOWN.with(|all| _ = all.borrow_mut().remove(&path)));
}

/// The variables of a notebook, read from the first time that something asks for them.
pub fn of(session: Session) -> Live<Variables> {
    let path = session.path();
    if let Some(known) = KNOWN.with(|all| all.borrow().get(&path).cloned()) {
        return known;
    }
    session.keep(|| follow(session));
    KNOWN.with(|all| all.borrow()[&path].clone())
}

/// Shows a table of the kernel in the data explorer.
pub fn open_table(session: Session, table: &Variable) {
    let window = use_frame();
    let request = OpenVariable { path: session.path(), kernel: Some(table.kernel.clone()), name: table.name.clone() };
    let toasts = session.toasts;
    let name = table.name.clone();
    spawn_local(async move {
        match api::call(request).await {
            Ok(opened) => window.open(Address::new("table", opened.source)),
            Err(error) => toasts.fail(format!("{name} could not be opened"), error.message),
        }
    });
}

/// By what the list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Name,
    Kind,
    Size,
}

/// The variables that `wanted` finds, in order, by kernel. The order of kernels is that in which they come.
fn arranged(all: &[Variable], wanted: &str, order: Order, turned: bool) -> Vec<(String, Vec<Variable>)> {
    let wanted = wanted.trim().to_lowercase();
    let mut out: Vec<(String, Vec<Variable>)> = Vec::new();
    let found = all.iter().filter(|variable| {
        wanted.is_empty()
            || variable.name.to_lowercase().contains(&wanted)
            || variable.kind.to_lowercase().contains(&wanted)
    });
    for variable in found {
        match out.iter_mut().find(|(kernel, _)| *kernel == variable.kernel) {
            Some((_, list)) => list.push(variable.clone()),
            None => out.push((variable.kernel.clone(), vec![variable.clone()])),
        }
    }
    for (_, list) in &mut out {
        match order {
            Order::Name => list.sort_by_key(|variable| variable.name.to_lowercase()),
            Order::Kind => list.sort_by_key(|variable| (variable.kind.to_lowercase(), variable.name.to_lowercase())),
            Order::Size => {
                list.sort_by_key(|variable| (std::cmp::Reverse(variable.num_bytes), variable.name.to_lowercase()))
            }
        }
        if turned {
            list.reverse();
        }
    }
    out
}

/// The pane's inside. Stands in the inspector.
pub fn view(session: Session) -> impl IntoView {
    let known = of(session);
    let wanted = RwSignal::new(String::new());
    let order = RwSignal::new((Order::Name, false));
    let picked = RwSignal::new(None::<(String, String)>);
    let count = move || known.value.with(|known| known.as_ref().map_or(0, |known| known.variables.len()));
    let by = move |to: Order| {
        order.update(|(order, turned)| if *order == to { *turned = !*turned } else { (*order, *turned) = (to, false) })
    };
    let head = move |to: Order, word: &'static str, class: &'static str| {
        view! {
            <button type="button" class=format!("var-sort {class}") aria-pressed=move || (order.get().0 == to).to_string() title=format!("Sort by {}", word.to_lowercase()) on:click=move |_| by(to)>
                {word}{move || (order.get().0 == to).then(|| if order.get().1 { " ↑" } else { " ↓" })}
            </button>
        }
    };
    view! {
        <div class="var-head"><Search value=wanted name=Signal::derive(move || format!("Filter {}", format::counted(count() as u64, "variable", "variables")))/></div>
        <div class="scroll" data-variables="">
            {move || known.waiting().then(|| view! { <div class="section"><Bones lines=4/></div> })}
            {move || known.error.get().map(|error| view! { <div class="section"><ErrorNote tried="The variables could not be read" code=error.code.clone() message=error.message.clone()/></div> })}
            {move || known.value.with(|value| value.as_ref().map(|known| {
                if known.variables.is_empty() {
                    return view! { <div class="section"><p class="hint small">"What cells name stands here: its type, its shape, its size. Run a cell to fill the list"</p></div> }.into_any();
                }
                let groups = wanted.with(|wanted| arranged(&known.variables, wanted, order.get().0, order.get().1));
                let old = known.is_old.then(|| view! { <p class="hint small var-old">"A kernel is busy: this is what it said last"</p> });
                let none = groups.is_empty().then(|| view! { <div class="section"><p class="hint small">"Nothing of that name"</p></div> });
                let groups = groups.into_iter().map(|(kernel, list)| group(session, &kernel, list, picked)).collect_view();
                view! {
                    {old}
                    <div class="var-sorts">{head(Order::Name, "Name", "grow")}{head(Order::Kind, "Type", "")}{head(Order::Size, "Size", "")}</div>
                    {groups}{none}
                }.into_any()
            }))}
            {move || picked.get().and_then(|(kernel, name)| {
                let variable = known.value.with(|known| known.as_ref()?.variables.iter().find(|variable| variable.kernel == kernel && variable.name == name).cloned())?;
                Some(detail(session, variable))
            })}
        </div>
    }
}

fn group(session: Session, kernel: &str, list: Vec<Variable>, picked: RwSignal<Option<(String, String)>>) -> AnyView {
    let total: u64 = list.iter().filter_map(|variable| variable.num_bytes).sum();
    let several = session.kernels.with(|kernels| kernels.len() > 1);
    let name = session.kernels.with(|kernels| {
        kernels.iter().find(|known| known.name == kernel).map_or_else(
            || kernel.to_owned(),
            |known| if several { known.display_name.clone() } else { known.language.clone() },
        )
    });
    let count = list.len();
    let rows = list.into_iter().map(|variable| row(session, variable, picked)).collect_view();
    view! {
        <div class="section" data-kernel=kernel.to_owned()>
            <div class="section-head"><h3>{capital(&name)}</h3><span class="grow hint small num">{count}</span>{(total > 0).then(|| view! { <span class="hint small num">{format::bytes(total)}</span> })}</div>
            <ul class="list var-list">{rows}</ul>
        </div>
    }
    .into_any()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn row(session: Session, variable: Variable, picked: RwSignal<Option<(String, String)>>) -> impl IntoView {
    let key = (variable.kernel.clone(), variable.name.clone());
    let (on, to) = (key.clone(), key);
    let icon = icon_of(&variable);
    let shown = if variable.shape.is_empty() { variable.preview.clone() } else { variable.shape.clone() };
    let size = variable.num_bytes.map(format::bytes).unwrap_or_default();
    let (name, kind, preview) = (variable.name.clone(), variable.kind.clone(), variable.preview.clone());
    let opens = variable.clone();
    let id = variable.name;
    view! {
        <li class:is-on=move || picked.with(|picked| picked.as_ref() == Some(&on)) data-variable=id>
            <button type="button" class="var-row" title=preview
                on:click=move |_| picked.set(Some(to.clone()))
                on:dblclick=move |_| if opens.is_table { open_table(session, &opens) }>
                <Icon name=icon/>
                <span class="code-s cut var-name">{name}</span>
                <span class="small hint cut var-kind">{kind}</span>
                <span class="small cut num var-shape">{shown}</span>
                <span class="small hint num var-size">{size}</span>
            </button>
        </li>
    }
}

fn icon_of(variable: &Variable) -> &'static str {
    let kind = variable.kind.to_lowercase();
    match () {
        () if variable.is_table => "data",
        () if ["array", "series", "tensor", "matrix"].iter().any(|word| kind.contains(word)) => "columns",
        () if ["int", "bool", "usize", "i64", "i32", "u64", "u32"].contains(&kind.as_str()) => "int",
        () if ["float", "f64", "f32", "complex"].contains(&kind.as_str()) => "float",
        () if ["str", "string", "&str"].contains(&kind.as_str()) => "text",
        () if ["list", "dict", "tuple", "set"].contains(&kind.as_str())
            || kind.starts_with("vec<")
            || kind.starts_with("hashmap") =>
        {
            "group"
        }
        () => "box",
    }
}

/// What is known of the variable that is picked.
fn detail(session: Session, variable: Variable) -> AnyView {
    let table = variable.clone();
    view! {
        <div class="section" data-picked=variable.name.clone()>
            <div class="section-head"><h3 class="code-s">{variable.name.clone()}</h3><span class="chip">{variable.kind.clone()}</span></div>
            <dl class="kv">
                {(!variable.shape.is_empty()).then(|| view! { <dt>"Shape"</dt><dd class="num">{variable.shape.clone()}</dd> })}
                {variable.num_bytes.map(|bytes| view! { <dt>"Memory"</dt><dd class="num">{format::bytes(bytes)}</dd> })}
            </dl>
            {(!variable.preview.is_empty()).then(|| view! { <pre class="var-preview code">{variable.preview.clone()}</pre> })}
            {variable.is_table.then(|| view! { <div class="var-acts"><button type="button" class="btn btn-s" data-action="open-variable" on:click=move |_| open_table(session, &table)>"Open in data explorer"</button></div> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{Order, arranged};
    use atelier_wire::studio::kernel::Variable;

    fn variable(kernel: &str, name: &str, kind: &str, num_bytes: u64) -> Variable {
        Variable {
            kernel: kernel.into(),
            name: name.into(),
            kind: kind.into(),
            shape: String::new(),
            num_bytes: Some(num_bytes),
            preview: String::new(),
            is_table: false,
        }
    }

    fn check(wanted: &str, order: Order, turned: bool, expected: &str) {
        let all = [
            variable("python3", "b", "int", 28),
            variable("python3", "A", "DataFrame", 4000),
            variable("rust", "a", "Vec<f64>", 80),
        ];
        let shown: Vec<String> = arranged(&all, wanted, order, turned)
            .iter()
            .map(|(kernel, list)| {
                format!(
                    "{kernel}: {}",
                    list.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>().join(" ")
                )
            })
            .collect();
        assert_eq!(shown.join(", "), expected);
    }

    #[test]
    fn order_and_filter() {
        check("", Order::Name, false, "python3: A b, rust: a");
        check("", Order::Name, true, "python3: b A, rust: a");
        check("", Order::Size, false, "python3: A b, rust: a");
        check("a", Order::Kind, false, "python3: A, rust: a");
        check("vec", Order::Name, false, "rust: a");
        check("zzz", Order::Name, false, "");
    }
}
