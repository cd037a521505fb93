//! Moving cells with the mouse: grabbed by the gutter, a line shows where they would go.

use super::cell_state::CellState;
use super::session::Session;
use gloo_timers::callback::Interval;
use leptos::{ev, prelude::*};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

/// A press becomes a drag after this many pixels.
const SLACK: i32 = 5;
/// The page scrolls while the pointer is this close to its edge.
const EDGE: f64 = 48.0;

struct Drag {
    ids: Vec<String>,
    from: (i32, i32),
    moving: bool,
    /// Where the pointer was last.
    y: f64,
    _scroll: Option<Interval>,
}

/// Begins with a press on the gutter.
pub(super) fn begin(session: Session, cell: &CellState, event: &ev::PointerEvent) {
    if event.button() != 0 {
        return;
    }
    let chosen = session.chosen();
    let ids = if chosen.contains(&cell.id) && chosen.len() > 1 { chosen } else { with_section(session, &cell.id) };
    let drag = Rc::new(RefCell::new(Drag {
        ids,
        from: (event.client_x(), event.client_y()),
        moving: false,
        y: 0.0,
        _scroll: None,
    }));
    let ended: Rc<RefCell<Vec<WindowListenerHandle>>> = Rc::default();
    let end = {
        let ended = ended.clone();
        move || {
            session.drop.set(None);
            for listener in ended.borrow_mut().drain(..) {
                listener.remove();
            }
        }
    };
    let moved = {
        let drag = drag.clone();
        window_event_listener(ev::pointermove, move |event| follow(session, &drag, &event))
    };
    let let_go = {
        let (drag, end) = (drag.clone(), end.clone());
        window_event_listener(ev::pointerup, move |_| {
            let target = session.drop.get_untracked();
            let (ids, moving) = {
                let mut drag = drag.borrow_mut();
                drag._scroll = None;
                (drag.ids.clone(), drag.moving)
            };
            end();
            if let (true, Some(after)) = (moving, target) {
                put_down(session, &ids, after);
            }
        })
    };
    let escaped = {
        let (drag, end) = (drag, end);
        window_event_listener(ev::keydown, move |event| {
            if event.key() == "Escape" {
                drag.borrow_mut()._scroll = None;
                drag.borrow_mut().moving = false;
                end();
            }
        })
    };
    ended.borrow_mut().extend([moved, let_go, escaped]);
}

/// A heading that is folded takes its section with it.
fn with_section(session: Session, id: &str) -> Vec<String> {
    let Some(at) = session.position(id) else { return Vec::new() };
    session.cells.with_untracked(|cells| {
        let hidden = cells[at + 1..].iter().take_while(|cell| cell.folded.get_untracked()).count();
        cells[at..=at + hidden].iter().map(|cell| cell.id.clone()).collect()
    })
}

fn follow(session: Session, drag: &Rc<RefCell<Drag>>, event: &PointerEvent) {
    {
        let mut held = drag.borrow_mut();
        if !held.moving {
            let (x, y) = held.from;
            if (event.client_x() - x).abs().max((event.client_y() - y).abs()) < SLACK {
                return;
            }
            held.moving = true;
            let this = drag.clone();
            held._scroll = Some(Interval::new(30, move || scroll(session, this.borrow().y)));
        }
        held.y = f64::from(event.client_y());
    }
    event.prevent_default();
    aim(session, f64::from(event.client_y()), &drag.borrow().ids);
}

fn scroll(session: Session, y: f64) {
    let Some(root) = session.root.get_untracked() else { return };
    let bounds = root.get_bounding_client_rect();
    let by = if y < bounds.top() + EDGE {
        -14.0
    } else if y > bounds.bottom() - EDGE {
        14.0
    } else {
        return;
    };
    root.scroll_by_with_x_and_y(0.0, by);
}

/// Shows where the cells would go: before or behind the cell under the pointer.
fn aim(session: Session, y: f64, ids: &[String]) {
    let Some(root) = session.root.get_untracked() else { return };
    let bounds = root.get_bounding_client_rect();
    let inside = y.clamp(bounds.top() + 2.0, bounds.bottom() - 2.0);
    let under = document()
        .element_from_point((bounds.left() + 90.0) as f32, inside as f32)
        .and_then(|element: Element| element.closest("[data-cell]").ok().flatten());
    let Some(under) = under else { return };
    let Some(id) = under.get_attribute("data-cell") else { return };
    let place = under.unchecked_ref::<Element>().get_bounding_client_rect();
    let behind = inside > place.top() + place.height() / 2.0;
    // Behind a heading that is folded means behind its section.
    let after = if behind { with_section(session, &id).pop() } else { session.before(&id) };
    // What is dragged does not go behind itself.
    let own = after.as_ref().is_some_and(|after| ids.contains(after));
    session.drop.set(if own { None } else { Some(after) });
}

fn put_down(session: Session, ids: &[String], after: Option<String>) {
    let above = ids.first().and_then(|first| session.before(first));
    if above != after {
        session.relocate_all(ids, after);
    }
}
