//! What a cell's code printed and showed.
//!
//! Text, pictures, JSON, Markdown and formulas are drawn in the window by our own code, with no markup of the output.
//! Everything that could run scripts is drawn in a frame of no origin ([`frame`]). Which of an output's representations
//! is shown, [`mime`] decides, and a person may choose another.

mod display;
mod error;
mod frame;
mod install;
mod json;
mod mime;
pub mod page;
mod save;
mod table;
mod text;
mod trace;
pub mod widgets;

use super::cell_state::{CellState, OutputSlot};
use super::session::Session;
use atelier_wire::studio::notebook::Output;
use leptos::prelude::*;
use widgets::Relay;

/// Where an output stands, for what it asks of its notebook.
#[derive(Clone, Copy)]
pub struct Spot {
    pub path: StoredValue<String>,
    pub cell: StoredValue<String>,
    /// The slot's number, or for a page of its own the output's place in the cell.
    pub number: u64,
    /// The notebook's panel; `None` on a page that shows the output by itself.
    pub session: Option<Session>,
    pub relay: Relay,
}

impl Spot {
    /// Path, cell, and the output's place in it now.
    pub fn place(&self) -> Option<(String, String, usize)> {
        let cell = self.cell.try_get_value()?;
        let index = match self.session {
            Some(session) => session
                .cell(&cell)?
                .outputs
                .with_untracked(|slots| slots.iter().position(|slot| slot.number == self.number))?,
            None => self.number as usize,
        };
        Some((self.path.try_get_value()?, cell, index))
    }

    /// The cell, where the notebook is there.
    pub fn state(&self) -> Option<CellState> {
        self.session.and_then(|session| session.cell(&self.cell.try_get_value()?))
    }
}

/// The outputs of a cell, once it has come near the screen.
#[component]
pub fn CellOutputs(session: Session, cell: CellState) -> impl IntoView {
    let relay = Relay::of(&session.path());
    let path = StoredValue::new(session.path());
    let id = StoredValue::new(cell.id.clone());
    let (near, outputs) = (cell.near, cell.outputs);
    let any = Memo::new(move |_| near.get() && outputs.with(|slots| !slots.is_empty()));
    view! {
        {move || any.get().then(|| view! {
            <div class="cell-out" data-outputs="">
                <For each=move || outputs.get() key=|slot| slot.number children=move |slot| {
                    let spot = Spot { path, cell: id, number: slot.number, session: Some(session), relay };
                    output(spot, slot)
                }/>
            </div>
        })}
    }
}

/// One output. It keeps its elements while it stays what it is: a growing stream, a chart that gets new data.
pub fn output(spot: Spot, slot: OutputSlot) -> impl IntoView {
    let kind = Memo::new({
        let output = slot.output.clone();
        move |_| {
            output.with(|output| match output {
                Output::Stream { stderr, .. } => Kind::Stream(*stderr),
                Output::Display { .. } => Kind::Display,
                Output::Error { .. } => Kind::Error,
            })
        }
    });
    move || {
        let output = slot.output.clone();
        match kind.get() {
            Kind::Stream(_) => text::stream(spot, output).into_any(),
            Kind::Display => display::view(spot, output).into_any(),
            Kind::Error => view! { {move || error::view(spot, output.get())} }.into_any(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Whether it is stderr.
    Stream(bool),
    Display,
    Error,
}
