//! Finding and replacing in the sources of all cells. The search itself is pure.

use super::cell_state::put;
use super::session::Session;
use atelier_wire::studio::notebook::Edit;
use leptos::prelude::*;
use regex_lite::{Regex, RegexBuilder};

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub text: String,
    pub match_case: bool,
    pub whole_word: bool,
    pub regex: bool,
}

/// A place in the source of the cell with this number: bytes from and to.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub cell: usize,
    pub from: usize,
    pub to: usize,
}

impl Query {
    /// `None` when nothing is looked for; the error says what is wrong with the expression.
    pub fn compile(&self) -> Option<Result<Regex, String>> {
        if self.text.is_empty() {
            return None;
        }
        let mut pattern = if self.regex { self.text.clone() } else { regex_lite::escape(&self.text) };
        if self.whole_word {
            pattern = format!(r"\b(?:{pattern})\b");
        }
        Some(
            RegexBuilder::new(&pattern)
                .case_insensitive(!self.match_case)
                .multi_line(true)
                .build()
                .map_err(|error| error.to_string()),
        )
    }
}

/// All places in order. Empty matches are none.
pub fn places(pattern: &Regex, sources: &[(usize, String)]) -> Vec<Place> {
    sources
        .iter()
        .flat_map(|(cell, source)| {
            pattern
                .find_iter(source)
                .filter(|found| !found.is_empty())
                .map(|found| Place { cell: *cell, from: found.start(), to: found.end() })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What stands at the place afterwards: in an expression `$1` and `${name}` stand for its groups.
fn replacement(pattern: &Regex, query: &Query, source: &str, place: &Place, with: &str) -> String {
    if !query.regex {
        return with.to_owned();
    }
    let mut out = String::new();
    if let Some(groups) = pattern.captures_at(source, place.from) {
        groups.expand(with, &mut out);
    }
    out
}

/// The source with all its places replaced.
pub fn replaced(pattern: &Regex, query: &Query, source: &str, places: &[Place], with: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut last = 0;
    for place in places {
        out.push_str(&source[last..place.from]);
        out.push_str(&replacement(pattern, query, source, place, with));
        last = place.to;
    }
    out.push_str(&source[last..]);
    out
}

/// Bytes to UTF-16 units.
fn units(source: &str, byte: usize) -> usize {
    source[..byte].encode_utf16().count()
}

/// The find bar of a notebook.
#[derive(Clone, Copy)]
pub struct Find {
    pub open: RwSignal<bool>,
    pub replacing: RwSignal<bool>,
    pub query: RwSignal<Query>,
    pub with: RwSignal<String>,
    /// Only in the cells that were chosen when the bar was asked for it.
    pub within: RwSignal<Option<Vec<String>>>,
    pub places: RwSignal<Vec<(String, Place)>>,
    pub at: RwSignal<usize>,
    pub problem: RwSignal<Option<String>>,
    /// Text cells whose source was opened to show a place in it.
    pub opened: RwSignal<Vec<String>>,
}

impl Default for Find {
    fn default() -> Self {
        Self {
            open: RwSignal::new(false),
            replacing: RwSignal::new(false),
            query: RwSignal::new(Query::default()),
            with: RwSignal::new(String::new()),
            within: RwSignal::new(None),
            places: RwSignal::new(Vec::new()),
            at: RwSignal::new(0),
            problem: RwSignal::new(None),
            opened: RwSignal::new(Vec::new()),
        }
    }
}

impl Session {
    /// Keeps the places found, and the marks in the cells, as query and sources say.
    pub(super) fn follow_found(self) {
        Effect::new(move |_| {
            let find = self.find;
            if !find.open.get() {
                self.mark_found(&[]);
                return;
            }
            let pattern = match find.query.with(Query::compile) {
                Some(Ok(pattern)) => {
                    put(find.problem, None);
                    pattern
                }
                other => {
                    put(find.problem, other.and_then(Result::err));
                    put(find.places, Vec::new());
                    self.mark_found(&[]);
                    return;
                }
            };
            let within = find.within.get();
            let found = self.cells.with(|cells| {
                let inside = |id: &String| within.as_ref().is_none_or(|within| within.contains(id));
                let sources: Vec<(usize, String)> = cells
                    .iter()
                    .enumerate()
                    .filter(|(_, cell)| inside(&cell.id))
                    .map(|(at, cell)| (at, cell.source.get()))
                    .collect();
                places(&pattern, &sources)
                    .into_iter()
                    .map(|place| (cells[place.cell].id.clone(), place))
                    .collect::<Vec<_>>()
            });
            if find.at.get_untracked() >= found.len() {
                put(find.at, 0);
            }
            self.mark_found(&found);
            put(find.places, found);
        });
        Effect::new(move |_| {
            self.find.at.track();
            let found = self.find.places.get_untracked();
            self.mark_found(&found);
        });
    }

    fn mark_found(&self, found: &[(String, Place)]) {
        let at = self.find.at.get_untracked();
        self.cells.with_untracked(|cells| {
            let mut marks: Vec<Vec<(usize, usize, bool)>> = vec![Vec::new(); cells.len()];
            for (index, (_, place)) in found.iter().enumerate() {
                if let Some(cell) = cells.get(place.cell) {
                    let span = cell.source.with_untracked(|source| {
                        source
                            .get(place.from..place.to)
                            .map(|_| (units(source, place.from), units(source, place.to), index == at))
                    });
                    marks[place.cell].extend(span);
                }
            }
            for (cell, marks) in cells.iter().zip(marks) {
                if put(cell.found, marks) {
                    cell.found.with_untracked(|found| cell.editor.set_found(found));
                }
            }
        });
    }

    /// Goes to the next place, or the one before, around the ends.
    pub fn find_step(&self, by: i64) {
        let count = self.find.places.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let at = self.find.at.get_untracked() as i64;
        self.find.at.set((at + by).rem_euclid(count as i64) as usize);
        self.find_show();
    }

    /// Brings the place that is on to the screen.
    pub fn find_show(&self) {
        let Some((id, _)) = self.find.places.with_untracked(|places| places.get(self.find.at.get_untracked()).cloned())
        else {
            return;
        };
        self.unfold_to(&id);
        self.draw_all();
        if let Some(state) = self.cell(&id) {
            state.near.set(true);
            put(state.source_hidden, false);
            if put(state.set, false) {
                self.find.opened.update(|opened| opened.push(id.clone()));
            }
            put(self.selected, Some(id.clone()));
            put(self.anchor, None);
        }
        // The mark is drawn after this turn.
        gloo_timers::callback::Timeout::new(0, move || {
            let Some(element) = super::select::element_of(&id) else { return };
            let mark = element.query_selector(".is-found-on").ok().flatten();
            super::select::reveal(mark.as_ref().unwrap_or(&element));
        })
        .forget();
    }

    /// Replaces the place that is on and goes to the next.
    pub fn replace_one(&self) {
        let at = self.find.at.get_untracked();
        let Some((_, place)) = self.find.places.with_untracked(|places| places.get(at).cloned()) else { return };
        self.replace(&[place]);
        self.find_show();
    }

    /// Replaces all places, as one step of undo. Returns how many.
    pub fn replace_all(&self) -> usize {
        let places: Vec<Place> =
            self.find.places.with_untracked(|places| places.iter().map(|(_, place)| place.clone()).collect());
        self.replace(&places);
        places.len()
    }

    fn replace(&self, places: &[Place]) {
        let query = self.find.query.get_untracked();
        let with = self.find.with.get_untracked();
        let Some(Ok(pattern)) = query.compile() else { return };
        let mut edits = Vec::new();
        for group in places.chunk_by(|a, b| a.cell == b.cell) {
            let Some(state) = self.at(group[0].cell) else { continue };
            let source = state.source.with_untracked(|source| replaced(&pattern, &query, source, group, &with));
            state.take_source(source.clone());
            edits.push(Edit::SetSource { cell: state.id, source });
        }
        self.push(edits);
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Query, places, replaced};

    fn query(text: &str, flags: &str) -> Query {
        Query {
            text: text.into(),
            match_case: flags.contains('c'),
            whole_word: flags.contains('w'),
            regex: flags.contains('r'),
        }
    }

    fn found(query: &Query, source: &str) -> Vec<Place> {
        places(&query.compile().expect("a query").expect("a pattern"), &[(0, source.to_owned())])
    }

    fn check(text: &str, flags: &str, source: &str, expected: &[(usize, usize)]) {
        let spans: Vec<(usize, usize)> =
            found(&query(text, flags), source).into_iter().map(|place| (place.from, place.to)).collect();
        assert_eq!(spans, expected, "{text} {flags} in {source}");
    }

    #[test]
    fn places_in_a_source() {
        check("a", "", "aAb", &[(0, 1), (1, 2)]);
        check("a", "c", "aAb", &[(0, 1)]);
        check("a.b", "", "a.b axb", &[(0, 3)]);
        check("a.b", "r", "a.b axb", &[(0, 3), (4, 7)]);
        check("in", "w", "in print in", &[(0, 2), (9, 11)]);
        check("^x", "r", "x\nx", &[(0, 1), (2, 3)]);
        check("x*", "r", "ab", &[]);
    }

    fn check_replaced(text: &str, flags: &str, with: &str, source: &str, expected: &str) {
        let query = query(text, flags);
        let pattern = query.compile().expect("a query").expect("a pattern");
        assert_eq!(replaced(&pattern, &query, source, &found(&query, source), with), expected);
    }

    #[test]
    fn replacing() {
        check_replaced("a", "", "$0", "a b a", "$0 b $0");
        check_replaced(r"(\w+)=(\w+)", "r", "$2=$1", "a=b c=d", "b=a d=c");
        check_replaced("ä", "", "ae", "xäy", "xaey");
        check_replaced(r"\bx\b", "r", "y", "x xx x", "y xx y");
    }

    #[test]
    fn a_broken_expression_says_so() {
        assert!(query("(", "r").compile().expect("a query").is_err());
        assert!(query("", "r").compile().is_none());
    }
}
