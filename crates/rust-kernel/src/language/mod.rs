//! What helps while a cell is written: completion, documentation, history.

mod analyser;
mod complete;
mod history;
mod inspect;

pub use analyser::{Analyser, tidy};
pub use complete::complete;
pub use history::History;
pub use inspect::inspect;

/// The byte offset of a position in characters.
fn byte_offset(code: &str, characters: usize) -> usize {
    code.char_indices().nth(characters).map_or(code.len(), |(at, _)| at)
}

fn characters(code: &str, bytes: usize) -> usize {
    code.get(..bytes).map_or(0, |before| before.chars().count())
}
