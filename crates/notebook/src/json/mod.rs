//! JSON whose text is kept: a value that nobody changes is written with the very characters it was read from.
//!
//! Reading checks the whole text once and then keeps it; objects and arrays are taken apart level by level, and only
//! where somebody looks. Beyond the standard it takes what Python writes: `NaN`, `Infinity`, halves of surrogate pairs.

mod decode;
mod node;
mod scan;
mod style;
mod write;

pub use decode::{decode, decode_string};
pub use node::{Array, Item, Node, Object};
pub use scan::{Fault, check};
pub use style::Style;
pub use write::Writer;

use std::sync::Arc;

/// A piece of a text that is shared with all its other pieces.
#[derive(Clone)]
pub struct Text {
    whole: Arc<str>,
    start: u32,
    end: u32,
}

impl Text {
    pub fn new(text: impl Into<Arc<str>>) -> Text {
        let whole = text.into();
        let end = u32::try_from(whole.len()).expect("texts are bounded far below 4 GiB");
        Text { whole, start: 0, end }
    }

    pub fn as_str(&self) -> &str {
        &self.whole[self.start as usize..self.end as usize]
    }

    /// Where it begins in the text it is a piece of.
    pub fn start(&self) -> usize {
        self.start as usize
    }

    pub(crate) fn piece(&self, start: usize, end: usize) -> Text {
        Text { whole: self.whole.clone(), start: self.start + start as u32, end: self.start + end as u32 }
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_str() == other.as_str()
    }
}
