//! Crates that cells use: those of `:dep` lines, and the ones compiled ahead for every session.

mod dependencies;
mod folder;
mod prelude;

pub use dependencies::{Dependencies, Specification};
pub use folder::Folder;
pub use prelude::{Prelude, prepare, wanted};

/// What the compiler needs to use some crates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crates {
    pub arguments: Vec<String>,
    pub run_paths: Vec<std::path::PathBuf>,
}

/// Told about each step of work that takes time.
pub type Progress<'a> = &'a mut dyn FnMut(&str);

#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error(
        "`:dep {0}` is not understood. It is `:dep NAME`, `:dep NAME = \"VERSION\"`, `:dep NAME = {{ ... }}` as in Cargo.toml, or `:dep ./PATH`."
    )]
    Specification(String),
    #[error(
        "there is no `cargo` beside the compiler; install it (https://rustup.rs, or Debian: apt-get install cargo)"
    )]
    NoCargo,
    #[error("{0}")]
    Cargo(String),
    #[error("the kernel's folder of crates cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    #[error("polars, plotters and atelier could not be linked:\n{0}")]
    Link(String),
    #[error("interrupted")]
    Interrupted,
}
