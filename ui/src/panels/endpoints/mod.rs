//! Endpoints: a list, and a page each with state, activity, a request tester and the code that calls it.

mod activity;
mod code;
mod facts;
mod list;
mod page;
mod tester;

use crate::frame::Address;
use leptos::prelude::*;

pub fn open(address: Address) -> AnyView {
    if address.is_thing() {
        view! { <page::EndpointPage name=address.name/> }.into_any()
    } else {
        view! { <list::EndpointList/> }.into_any()
    }
}
