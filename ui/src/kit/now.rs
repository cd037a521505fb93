//! The time, for durations that grow while one looks.

use super::format;
use gloo_timers::callback::Interval;
use leptos::prelude::*;

/// Seconds since the epoch; moves every `every_ms` while `running` says so.
pub fn use_now(running: impl Fn() -> bool + Send + Sync + 'static, every_ms: u32) -> Signal<f64> {
    let now = RwSignal::new(format::now());
    let ticking = Memo::new(move |_| running());
    let held = StoredValue::new_local(None::<Interval>);
    Effect::new(move |_| {
        now.set(format::now());
        held.set_value(ticking.get().then(|| {
            Interval::new(every_ms, move || {
                now.try_set(format::now());
            })
        }));
    });
    now.into()
}
