//! The studio in headless Chromium over HTTP, used as a person uses it.

mod data;
mod notebook;
mod notebook_kernels;
mod notebook_versions;
mod panels;
