//! From a cell to a library: the source that is compiled, the compiler, and what it says.

mod base;
mod diagnostics;
mod lost;
mod rustc;
mod session;
mod source;
mod toolchain;

pub use base::base;
pub use diagnostics::{Diagnostic, Message, place, render};
pub use lost::affected;
pub use rustc::{Compiled, Error, Flags, Library, compile};
pub use session::{Plan, Session, Variable};
pub use source::{Origin, Source};
pub use toolchain::{Toolchain, clean_environment, forget_foreign_environment};
