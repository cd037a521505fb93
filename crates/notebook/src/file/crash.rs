//! Named points of a save at which a test lets the process die; see the store's points, which work alike.

/// In the order in which a save passes them.
pub const POINTS: &[&str] = &[
    "notebook:before-journal",
    "notebook:after-journal",
    "notebook:after-intent",
    "notebook:after-draft",
    "notebook:after-sync",
    "notebook:after-rename",
    "notebook:after-folder",
    "notebook:after-commit",
];

/// Dies here, as by `kill -9`, if `ATELIER_CRASH_AT` names this point, or the point and `#` and which time.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static REACHED: AtomicU32 = AtomicU32::new(0);
    static PLAN: std::sync::OnceLock<Option<(String, u32)>> = std::sync::OnceLock::new();
    let plan = PLAN.get_or_init(|| {
        let wanted = std::env::var("ATELIER_CRASH_AT").ok()?;
        Some(match wanted.split_once('#') {
            Some((name, nth)) => (name.to_owned(), nth.parse().unwrap_or(1)),
            None => (wanted, 1),
        })
    });
    if let Some((wanted, nth)) = plan
        && wanted == name
        && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *nth
    {
        eprintln!("crash point {name} reached");
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &str) {}
