//! The panel of settings.

use crate::frame::Address;
use leptos::prelude::*;

pub fn open(address: Address) -> AnyView {
    view! { <main class="work"><p class="pane">{address.to_string()}</p></main> }.into_any()
}
