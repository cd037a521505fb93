//! The process that runs the cells, and the kernel's side of it.
//!
//! Variables live in that process. Before a cell runs it makes a copy of itself, which waits: when the cell is
//! interrupted or brings its process down, the copy goes on with the variables as they were before the cell.

mod child;
mod host;
mod output;

pub use child::{FLAG, run_cells};
pub use host::{Around, Asked, Ended, Worker};
pub use output::Event;
