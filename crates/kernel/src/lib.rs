//! Notebooks and their kernels: documents kept losslessly, Python started and spoken to over the Jupyter protocol.
//!
//! [`Kernels`] owns every open notebook, so that cells go on running when a window closes and their output is
//! there when one opens again. [`environment`] makes the Python that the kernels and the jobs run on.
//!
//! **Invariants:** only this crate knows ZeroMQ. A notebook's file is only ever replaced whole (write, fsync,
//! rename), and never over a change that another program made. A kernel never outlives the backend.

mod agent;
mod blobs;
mod book;
mod comms;
mod connection;
mod disk;
pub mod environment;
mod error;
mod function;
mod inbox;
mod kernels;
mod kernelspec;
mod language;
mod launch;
mod obituary;
mod session;
mod spare;

pub use blobs::Blobs;
pub use environment::Environment;
pub use error::KernelError;
pub use function::Functions;
pub use kernels::{Events, Kernels, KernelsOptions};
