//! The studio in headless Chromium over HTTP, used as a person uses it.

#[path = "../scenes/mod.rs"]
mod scenes;

mod panels;

/// Where the scenes are played.
const PLACE: atelier_tests::studio::Place = atelier_tests::studio::Place::Browser;
