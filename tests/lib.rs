//! What the tests that cross crates share: a real backend on a home of its own, and a browser driven through WebDriver.
//! Each folder beside this file is one suite.

pub mod backend;
pub mod driver;
pub mod page;
pub mod studio;

use std::path::PathBuf;

/// A path that `cargo xtask test` sets.
///
/// # Panics
/// Without it: these tests run the built programs, not the crates.
pub fn built(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("{variable} is not set: these tests are run by `cargo xtask test browser window`"),
    }
}

/// Where screenshots and logs are kept.
pub fn output() -> PathBuf {
    let folder = built("ATELIER_TEST_OUTPUT");
    std::fs::create_dir_all(&folder).expect("the folder for test output can be made");
    folder
}
