//! Headings of text cells and the sections below them. Pure.

use std::ops::Range;

/// A heading: its level from 1 to 6 and its words.
pub type Heading = (usize, String);

/// The headings of a Markdown text. What stands in a fenced block is none.
pub fn headings(source: &str) -> Vec<Heading> {
    let mut fence: Option<&str> = None;
    let mut out = Vec::new();
    for line in source.lines() {
        let start = line.trim_start();
        for mark in ["```", "~~~"] {
            if start.starts_with(mark) && fence.is_none_or(|open| open == mark) {
                fence = if fence.is_some() { None } else { Some(mark) };
                break;
            }
        }
        if fence.is_none()
            && let Some(level) = level_of(line)
        {
            let words = line[level..].trim().trim_end_matches('#').trim_end().replace(['*', '`'], "");
            out.push((level, words));
        }
    }
    out
}

fn level_of(line: &str) -> Option<usize> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    ((1..=6).contains(&level) && line[level..].starts_with(' ')).then_some(level)
}

/// The level of the heading that a text cell opens with: such a cell is the head of a section.
pub fn level(source: &str) -> Option<usize> {
    source.lines().find(|line| !line.trim().is_empty()).and_then(level_of)
}

/// The text with its first line as a heading of this level.
pub fn with_level(source: &str, level: usize) -> String {
    let marks = "#".repeat(level);
    let body = source.trim_start_matches(['\n', ' ']);
    let first = body.lines().next().unwrap_or_default();
    let words = level_of(first).map_or(first, |old| &first[old..]).trim_start();
    format!("{marks} {words}{}", &body[first.len()..])
}

/// Which cells lie in a section that is folded away. Each cell has its level, if it heads a section, and whether that
/// is folded.
pub fn folded(cells: &[(Option<usize>, bool)]) -> Vec<bool> {
    let mut shut: Option<usize> = None;
    cells
        .iter()
        .map(|(level, collapsed)| {
            if let (Some(level), Some(above)) = (level, shut)
                && *level <= above
            {
                shut = None;
            }
            let hidden = shut.is_some();
            if let (Some(level), true, false) = (level, *collapsed, hidden) {
                shut = Some(*level);
            }
            hidden
        })
        .collect()
}

/// The section whose head is the cell `at`: the head and what follows up to the next head of its level or above.
pub fn section(levels: &[Option<usize>], at: usize) -> Range<usize> {
    let Some(own) = levels.get(at).copied().flatten() else { return at..levels.len().min(at + 1) };
    let end = levels[at + 1..]
        .iter()
        .position(|level| level.is_some_and(|level| level <= own))
        .map_or(levels.len(), |by| at + 1 + by);
    at..end
}

/// The section that the cell `at` stands in; before the first head, all up to it.
pub fn section_around(levels: &[Option<usize>], at: usize) -> Range<usize> {
    match (0..=at.min(levels.len().saturating_sub(1))).rev().find(|&at| levels.get(at).is_some_and(Option::is_some)) {
        Some(head) => section(levels, head),
        None => 0..levels.iter().position(Option::is_some).unwrap_or(levels.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{folded, headings, level, section_around, with_level};

    fn check(source: &str, expected: &[(usize, &str)]) {
        assert_eq!(
            headings(source),
            expected.iter().map(|(level, words)| (*level, (*words).to_owned())).collect::<Vec<_>>()
        );
    }

    #[test]
    fn headings_of_a_text() {
        check("# A\ntext\n## B *c* ##", &[(1, "A"), (2, "B c")]);
        check("```\n# no\n```\n# yes", &[(1, "yes")]);
        check("~~~\n```\n# no\n~~~\n# yes", &[(1, "yes")]);
        check("#no\n####### no", &[]);
        assert_eq!((level("\n## a"), level("text\n# a"), level("")), (Some(2), None, None));
    }

    #[test]
    fn levels_are_set() {
        assert_eq!(with_level("text\nmore", 2), "## text\nmore");
        assert_eq!(with_level("### text", 1), "# text");
        assert_eq!(with_level("", 3), "### ");
    }

    #[test]
    fn folded_sections() {
        let cells = [
            (Some(1), false),
            (Some(2), true),
            (None, false),
            (Some(3), true),
            (None, false),
            (Some(2), false),
            (None, false),
        ];
        assert_eq!(folded(&cells), [false, false, true, true, true, false, false]);
        assert_eq!(
            folded(&[(Some(1), true), (None, false), (Some(1), false), (None, false)]),
            [false, true, false, false]
        );
    }

    #[test]
    fn sections() {
        let levels = [None, Some(1), None, Some(2), None, Some(1)];
        assert_eq!(section_around(&levels, 0), 0..1);
        assert_eq!(section_around(&levels, 2), 1..5);
        assert_eq!(section_around(&levels, 4), 3..5);
        assert_eq!(section_around(&levels, 5), 5..6);
        assert_eq!(section_around(&[None, None], 1), 0..2);
    }
}
