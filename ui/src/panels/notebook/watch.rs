//! Which cells are near the screen, and which is the first on it: the browser tells.

use super::cell_state::put;
use super::session::Session;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./near.js")]
extern "C" {
    type Watch;
    #[wasm_bindgen(constructor)]
    fn new(root: &web_sys::Element, tell: &JsValue) -> Watch;
    #[wasm_bindgen(method)]
    fn add(this: &Watch, element: &web_sys::Element);
    #[wasm_bindgen(method)]
    fn stop(this: &Watch);
}

pub struct Watched {
    watch: Watch,
    _tell: Closure<dyn Fn(String, String)>,
}

impl Session {
    /// Begins to watch when the page is there; the cells that came before it are added then.
    pub(super) fn follow_screen(self) {
        Effect::new(move |_| {
            let Some(root) = self.root.get() else { return };
            let tell = Closure::<dyn Fn(String, String)>::new(move |what: String, id: String| {
                if what == "top" {
                    self.top.try_set(Some(id));
                } else if let Some(cell) = self.cell(&id) {
                    put(cell.near, true);
                }
            });
            let watch = Watch::new(&root, tell.as_ref());
            if let Ok(all) = root.query_selector_all(".cell") {
                for at in 0..all.length() {
                    if let Some(cell) = all.get(at).and_then(|cell| cell.dyn_into::<web_sys::Element>().ok()) {
                        watch.add(&cell);
                    }
                }
            }
            self.watch.set_value(Some(Watched { watch, _tell: tell }));
        });
        on_cleanup(move || {
            if let Some(held) = self.watch.try_update_value(Option::take).flatten() {
                held.watch.stop();
            }
        });
    }

    pub(super) fn watch(&self, element: &web_sys::Element) {
        // Before there is something that watches, the element is found by it when it begins.
        let _ = self.watch.try_with_value(|held| held.as_ref().map(|held| held.watch.add(element)));
    }
}
