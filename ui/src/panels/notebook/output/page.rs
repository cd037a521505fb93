//! An output in a tab of its own, as large as the window: `atelier://output/PATH/CELL/INDEX`.

use super::widgets::Relay;
use super::{Spot, output};
use crate::api;
use crate::frame::Address;
use crate::kit::{Bones, ErrorNote};
use crate::panels::notebook::cell_state::OutputSlot;
use crate::panels::notebook::order::{Heard, Order};
use atelier_wire as wire;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wire::event::NotebookChange;
use wire::studio::notebook::{GetOutput, Output};

/// Path, cell and place of an address's name.
fn parts(name: &str) -> Option<(String, String, usize)> {
    let (rest, index) = name.rsplit_once('/')?;
    let (path, cell) = rest.rsplit_once('/')?;
    Some((path.to_owned(), cell.to_owned(), index.parse().ok()?))
}

/// `Output of price-model`
pub fn title(name: &str) -> String {
    let path = parts(name).map(|(path, ..)| path).unwrap_or_default();
    let leaf = path.rsplit('/').next().unwrap_or_default();
    format!("Output of {}", leaf.strip_suffix(".ipynb").unwrap_or(leaf))
}

pub fn open(address: Address) -> AnyView {
    match parts(&address.name) {
        Some((path, cell, index)) => view! { <Page path cell index/> }.into_any(),
        None => view! { <main class="work"><ErrorNote tried="The output could not be opened" code="NotFound" message=format!("{address} is no output's address")/></main> }.into_any(),
    }
}

#[component]
fn Page(path: String, cell: String, index: usize) -> impl IntoView {
    let shown = RwSignal::new(None::<OutputSlot>);
    let error = RwSignal::new(None::<wire::Error>);
    let spot = Spot {
        path: StoredValue::new(path.clone()),
        cell: StoredValue::new(cell.clone()),
        number: index as u64,
        session: None,
        relay: Relay::of(&path),
    };
    Relay::follow(&path);
    let put = move |output: Output| match shown.get_untracked() {
        Some(slot) => slot.output.set(output),
        None => shown.set(Some(OutputSlot { number: 0, output: ArcRwSignal::new(output) })),
    };
    let order = StoredValue::new(Order::<NotebookChange>::of_all());
    let its = StoredValue::new(cell.clone());
    let take = move |change: NotebookChange| match change {
        NotebookChange::Output { cell, index: at, output } if its.with_value(|its| *its == cell) && at == index => {
            put(output)
        }
        NotebookChange::Append { cell, index: at, text } if its.with_value(|its| *its == cell) && at == index => {
            if let Some(slot) = shown.get_untracked() {
                slot.output.update(|output| {
                    if let Output::Stream { text: held, .. } = output {
                        held.push_str(&text);
                    }
                });
            }
        }
        _ => {}
    };
    // True if all is to be read again.
    let hear = move |number, change| match order.try_update_value(|order| order.hear(number, change)) {
        Some(Heard::Next(change)) => {
            take(change);
            false
        }
        heard => heard == Some(Heard::Gap),
    };
    let asked = path.clone();
    let load = move || {
        order.update_value(Order::read);
        let request = GetOutput { path: asked.clone(), cell: cell.clone(), index };
        spawn_local(async move {
            match api::call(request).await {
                Ok(whole) => {
                    let told_since = order.try_update_value(|order| order.answer(whole.number)).flatten();
                    let Some(told_since) = told_since else { return };
                    put(whole.output);
                    for (number, change) in told_since {
                        hear(number, change);
                    }
                }
                Err(problem) => {
                    order.try_update_value(Order::fail);
                    error.try_set(Some(problem));
                }
            }
        });
    };
    load();
    api::on_event(move |event| match event {
        wire::Event::Lagged => load(),
        wire::Event::Notebook { path: of, number, change } if *of == path => {
            if hear(*number, change.clone()) {
                load();
            }
        }
        _ => {}
    });
    view! {
        <main class="work" data-output-page=""><div class="scroll out-page">
            {move || error.get().map(|error| view! { <ErrorNote tried="The output could not be read" code=error.code message=error.message/> })}
            {move || match shown.get() {
                Some(slot) => output(spot, slot).into_any(),
                None => error.with(Option::is_none).then(|| view! { <Bones lines=4/> }).into_any(),
            }}
        </div></main>
    }
}

#[cfg(test)]
mod tests {
    use super::{parts, title};

    #[test]
    fn addresses() {
        assert_eq!(parts("a/b c.ipynb/3f2a/12"), Some(("a/b c.ipynb".into(), "3f2a".into(), 12)));
        assert_eq!(parts("a.ipynb/3f2a/x"), None);
        assert_eq!(parts("a"), None);
        assert_eq!(title("a/b c.ipynb/3f2a/12"), "Output of b c");
    }
}
