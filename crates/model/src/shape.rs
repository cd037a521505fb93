//! The rows of the generated tables.

pub(crate) struct Operation {
    pub name: &'static str,
    pub service: &'static str,
    /// Rows of `SHAPES`; `None` where the operation takes or answers nothing.
    pub input: Option<u16>,
    pub output: Option<u16>,
}

/// Bounds, both inclusive. They count characters, items or entries, or compare a number.
pub(crate) struct Range {
    pub min: Option<i64>,
    pub max: Option<i64>,
}

pub(crate) struct Member {
    pub name: &'static str,
    pub shape: u16,
    pub required: bool,
}

/// Kinds of values; `member`, `key` and `value` are rows of `SHAPES`.
pub(crate) enum Shape {
    Structure { name: &'static str, members: &'static [Member] },
    List { member: u16, range: Range },
    Map { key: u16, value: u16, range: Range },
    Text { range: Range, pattern: Option<&'static str>, values: &'static [&'static str] },
    Integer { long: bool, range: Range },
    Float { range: Range },
    Boolean,
    Timestamp,
}

impl Range {
    pub fn admits(&self, count: usize) -> bool {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.min.is_none_or(|min| count >= min) && self.max.is_none_or(|max| count <= max)
    }
}
