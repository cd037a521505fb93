//! HTML of a notebook is hostile: it is drawn in a frame of no origin, which can reach neither this window nor the
//! door, and tells nothing but how tall it came out.

use crate::frame::use_frame;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsValue;

/// Taller outputs scroll inside.
const TALLEST: f64 = 900.0;

#[component]
pub fn HtmlFrame(html: String) -> impl IntoView {
    let frame = use_frame();
    let node = NodeRef::<html::Iframe>::new();
    let height = RwSignal::new(24.0_f64);
    let ready = RwSignal::new(false);
    let listener = window_event_listener(ev::message, move |event| {
        let own = node.get_untracked().and_then(|frame| frame.content_window());
        let from = event.source();
        if own.is_none() || !js_sys::Object::is(&own.into(), &from.map_or(JsValue::NULL, JsValue::from)) {
            return;
        }
        let field = |name: &str| js_sys::Reflect::get(&event.data(), &name.into()).unwrap_or(JsValue::NULL);
        match field("atelier").as_string().as_deref() {
            Some("ready") => ready.set(true),
            Some("height") => {
                if let Some(tall) = field("height").as_f64().filter(|tall| tall.is_finite()) {
                    height.set(tall.clamp(0.0, 100_000.0));
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
    Effect::new(move |_| {
        let theme = frame.theme.get();
        if !ready.get() {
            return;
        }
        let Some(inside) = node.get_untracked().and_then(|frame| frame.content_window()) else { return };
        let message = js_sys::Object::new();
        let dark = if theme.is_dark() { "dark" } else { "light" };
        // Plain objects take any field, and a frame of this page any message.
        let _ = js_sys::Reflect::set(&message, &"html".into(), &html.as_str().into());
        let _ = js_sys::Reflect::set(&message, &"theme".into(), &dark.into());
        let _ = inside.post_message(&message, "*");
    });
    view! {
        <iframe node_ref=node class="out-frame" sandbox="allow-scripts" src="output.html" title="Output of the cell" data-output="html" referrerpolicy="no-referrer"
            style:height=move || format!("{}px", height.get().min(TALLEST))></iframe>
    }
}
