//! Files of the workspace.

use crate::frame::{Address, Frame};
use leptos::prelude::*;

pub fn open(address: Address) -> AnyView {
    view! { <main class="work"><p class="pane">{address.to_string()}</p></main> }.into_any()
}

pub fn new_notebook(_frame: Frame) {}
