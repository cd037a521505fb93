//! Python environments: the bundled one, those that uv makes for the projects of a workspace, and those that are found.
//!
//! Finding looks at files and starts no program: opening a folder must not run what lies in it. What a person chooses
//! to make, change or start does run, through uv, in child processes that can be stopped.
//!
//! An environment goes by the name of its kernelspec: `python3` for the bundled one, `env-<hash of its folder>` for the
//! others, the same after a restart.

mod bundled;
mod change;
mod discover;
mod own_modules;
mod package_of;
mod packages;
mod project;
mod python;
mod requirement;
mod specs;
mod task;
mod uv;

pub use bundled::{Environment, data_dir, default_dir, ensure, find};
pub use change::{Change, change, ensure_project};
pub use discover::{Found, found, list, of_folder};
pub use package_of::find_package;
pub use packages::packages;
pub use python::package_folders;
pub use specs::{Spec, specs};
pub use task::Stop;
pub use uv::uv;
