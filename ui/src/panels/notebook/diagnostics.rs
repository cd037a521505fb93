//! What a compiler said of a cell: marked where it said it, and listed below the source with a way there.

use super::session::Session;
use crate::kit::Icon;
use atelier_wire::studio::kernel::{CellRun, Diagnostic};
use leptos::prelude::*;

/// Spans in UTF-16 units with level and message. What lies outside the source, because it was edited since, is left
/// out.
pub fn spans(source: &str, diagnostics: &[Diagnostic]) -> Vec<(usize, usize, String, String)> {
    diagnostics
        .iter()
        .filter_map(|one| {
            let from = offset(source, one.line, one.column)?;
            let to =
                offset(source, one.end_line.max(one.line), one.end_column).filter(|to| *to > from).unwrap_or(from + 1);
            let code = one.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
            let level = match one.level.as_str() {
                "error" => "error",
                "warning" => "warning",
                _ => "help",
            };
            Some((from, to, level.to_owned(), format!("{}{code}", one.message)))
        })
        .collect()
}

/// A line and a column, both from 1, columns in characters, as UTF-16 units from the start.
fn offset(source: &str, line: u32, column: u32) -> Option<usize> {
    let mut start = 0;
    for (number, text) in source.split('\n').enumerate() {
        if number + 1 == line as usize {
            let within: usize = text.chars().take((column as usize).saturating_sub(1)).map(char::len_utf16).sum();
            return Some(start + within);
        }
        start += text.encode_utf16().count() + 1;
    }
    None
}

pub(super) fn list(session: Session, run: RwSignal<CellRun>) -> Option<AnyView> {
    let all = run.with(|run| (!run.stale && !run.diagnostics.is_empty()).then(|| run.diagnostics.clone()))?;
    let lines = all.into_iter().take(8).map(|one| {
        let (icon, class) = match one.level.as_str() { "error" => ("fail", "is-bad"), "warning" => ("warn", "is-warn"), _ => ("info", "") };
        let line = one.line;
        let go = move |_| {
            if let Some(cell) = session.cells.with_untracked(|cells| cells.iter().find(|cell| cell.run == run).cloned()) {
                session.select(&cell.id, true);
                cell.editor.focus_line(line);
            }
        };
        view! {
            <li class=class>
                <Icon name=icon class="i-s"/>
                <button type="button" class="link num" title="Go to the line" on:click=go>{format!("Line {line}")}</button>
                <span class="cut" title=one.message.clone()>{one.message.clone()}</span>
                {one.code.map(|code| view! { <span class="hint code-s">{code}</span> })}
            </li>
        }
    });
    Some(view! { <ul class="cell-problems" data-problems="">{lines.collect_view()}</ul> }.into_any())
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn offsets_of_lines_and_columns() {
        assert_eq!(offset("ab\ncd", 1, 1), Some(0));
        assert_eq!(offset("ab\ncd", 2, 2), Some(4));
        assert_eq!(offset("😀b\nc", 1, 2), Some(2));
        assert_eq!(offset("a", 3, 1), None);
    }
}
