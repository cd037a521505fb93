//! The lines of a difference as rows of two sides. Pure.

use atelier_wire::studio::notebook::{CellChange, DiffLine};

#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// From 1.
    pub number: usize,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub same: bool,
    pub old: Option<Side>,
    pub new: Option<Side>,
}

/// Puts the lines that went beside those that came in their place.
pub fn rows(lines: &[DiffLine]) -> Vec<Row> {
    let (mut old, mut new) = (0, 0);
    let mut out = Vec::new();
    let is_same = |line: &DiffLine| matches!(line.change, CellChange::Same | CellChange::Moved);
    for group in lines.chunk_by(|a, b| is_same(a) == is_same(b)) {
        if is_same(&group[0]) {
            for line in group {
                (old, new) = (old + 1, new + 1);
                out.push(Row {
                    same: true,
                    old: Some(Side { number: old, text: line.text.clone() }),
                    new: Some(Side { number: new, text: line.text.clone() }),
                });
            }
            continue;
        }
        let mut gone = group.iter().filter(|line| line.change == CellChange::Removed);
        let mut come = group.iter().filter(|line| line.change != CellChange::Removed);
        loop {
            let (before, after) = (gone.next(), come.next());
            if before.is_none() && after.is_none() {
                break;
            }
            let side = |line: Option<&DiffLine>, count: &mut usize| {
                line.map(|line| {
                    *count += 1;
                    Side { number: *count, text: line.text.clone() }
                })
            };
            out.push(Row { same: false, old: side(before, &mut old), new: side(after, &mut new) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::rows;
    use atelier_wire::studio::notebook::{CellChange, DiffLine};

    /// Lines as ` same`, `-removed`, `+added`; rows as `old|new`.
    fn check(lines: &[&str], expected: &[&str]) {
        let lines: Vec<DiffLine> = lines
            .iter()
            .map(|line| {
                let change = match &line[..1] {
                    "-" => CellChange::Removed,
                    "+" => CellChange::Added,
                    _ => CellChange::Same,
                };
                DiffLine { change, text: line[1..].to_owned() }
            })
            .collect();
        let side = |side: &Option<super::Side>| {
            side.as_ref().map_or(String::new(), |side| format!("{}{}", side.number, side.text))
        };
        let found: Vec<String> =
            rows(&lines).iter().map(|row| format!("{}|{}", side(&row.old), side(&row.new))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_sides() {
        check(&[" a", "-b", "+c", "+d", " e"], &["1a|1a", "2b|2c", "|3d", "3e|4e"]);
        check(&["-a", "-b"], &["1a|", "2b|"]);
        check(&["+a"], &["|1a"]);
        check(&["-a", "+x", "-b", "+y"], &["1a|1x", "2b|2y"]);
    }
}
