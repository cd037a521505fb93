//! Atelier's window: Leptos, rendered on the client. It sees only `wire`, holds no second copy of the platform's
//! state, and reads again what a change event names.
//!
//! * [`api`] is the only file that knows the transport.
//! * [`app`] is the frame: rail, tabs, palette, status bar, in parts under [`frame`].
//! * [`kit`] holds the parts that panels are made of; they never call the door and see no platform types.
//! * [`panels`] has a folder or file per panel, and the table of them.

pub mod api;
pub mod app;
pub mod frame;
pub mod kit;
pub mod live;
pub mod panels;

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `boot.js` when the wasm is ready.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    api::take_token();
    api::connect_events();
    leptos::mount::mount_to_body(app::App);
}
