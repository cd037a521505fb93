//! The size of a part in pixels, as it stands now.

use leptos::{html, prelude::*};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

/// Width and height of `node` without its padding; zero until it is laid out.
pub fn size_of(node: NodeRef<html::Div>) -> Signal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    type Held = Rc<RefCell<Option<(ResizeObserver, Closure<dyn FnMut()>)>>>;
    let held: Held = Rc::default();
    let kept = StoredValue::new_local(held.clone());
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let watched = element.clone();
        let measure = move || {
            let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
            if size.try_get_untracked().is_some_and(|old| old != now) {
                size.try_set(now);
            }
        };
        measure();
        let changed = Closure::<dyn FnMut()>::new(measure);
        // Without an observer the part keeps the size it had at first.
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&element);
            if let Some((old, _)) = held.borrow_mut().replace((observer, changed)) {
                old.disconnect();
            }
        }
    });
    on_cleanup(move || {
        kept.try_with_value(|held| held.borrow_mut().take().map(|(observer, _)| observer.disconnect()));
    });
    size.into()
}
