//! Named points at which a test makes the process die, to prove that what was acknowledged is there afterwards.
//!
//! `ATELIER_CRASH_AT=bucket:after-rename` dies when that point is first reached, `bucket:after-rename#3` the third
//! time. Only builds with debug assertions contain this.

/// The points inside the store, in the order in which a write passes them.
pub const STORE: &[&str] = &[
    "store:before-commit",
    "store:after-commit",
    "bucket:after-write",
    "bucket:after-index",
    "bucket:after-rename",
    "bucket:after-remove-index",
    "bucket:after-remove",
    "bucket:after-part",
    "bucket:after-join",
];

/// The points of an endpoint's life, for the platform's operations.
pub const ENDPOINT: &[&str] = &[
    "endpoint:after-insert",
    "endpoint:after-extract",
    "endpoint:after-deploy",
    "endpoint:after-in-service",
    "endpoint:after-update",
    "endpoint:after-delete",
];

/// Dies here, as by `kill -9`, if `ATELIER_CRASH_AT` names this point.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    static PLAN: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static REACHED: AtomicU32 = AtomicU32::new(0);
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
