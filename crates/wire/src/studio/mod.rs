//! Calls of the studio itself: what a window needs beside the AWS operations. A file per panel.

pub mod data;
pub mod deploy;
pub mod environment;
pub mod files;
pub mod home;
pub mod job;
pub mod kernel;
pub mod notebook;

/// Every studio call, a slice per file.
pub const NAMES: &[&[&str]] = &[
    data::NAMES,
    deploy::NAMES,
    environment::NAMES,
    files::NAMES,
    home::NAMES,
    job::NAMES,
    kernel::NAMES,
    notebook::NAMES,
];
