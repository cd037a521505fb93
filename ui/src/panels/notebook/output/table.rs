//! Below a table that a cell shows: the way into the data explorer, where the cell ends with a table's name.

use super::Spot;
use crate::panels::notebook::variables;
use leptos::prelude::*;

/// The variable that a cell's last line shows: `df`, or a part of it such as `df.head(3)` or `df[cols]`.
pub fn shown_name(source: &str) -> Option<String> {
    let last = source.trim_end().lines().next_back()?;
    if last.starts_with(char::is_whitespace) {
        return None;
    }
    let last = last.split('#').next()?.trim();
    let length = last.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(last.len());
    let (name, rest) = last.split_at(length);
    let starts = name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    let part = [".head(", ".tail(", ".sample(", ".limit(", ".slice(", "["].iter().any(|start| rest.starts_with(start))
        && rest.ends_with([')', ']']);
    (starts && (rest.is_empty() || part)).then(|| name.to_owned())
}

pub fn offer(spot: Spot) -> impl IntoView {
    let session = spot.session;
    let table = Memo::new(move |_| {
        let state = spot.state()?;
        let name = state.source.with(|source| shown_name(source))?;
        let known = variables::of(session?);
        known.value.with(|known| {
            known.as_ref()?.variables.iter().find(|variable| variable.is_table && variable.name == name).cloned()
        })
    });
    view! {
        {move || table.get().zip(session).map(|(table, session)| {
            let shape = table.shape.clone();
            view! {
                <p class="out-table small hint">
                    {(!shape.is_empty()).then(|| view! { <span class="num">{format!("{} {shape}", table.name)}</span> })}
                    <button type="button" class="link" data-action="open-table" on:click=move |_| variables::open_table(session, &table)>"Open in data explorer"</button>
                </p>
            }
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::shown_name;

    fn check(source: &str, expected: Option<&str>) {
        assert_eq!(shown_name(source).as_deref(), expected, "{source:?}");
    }

    #[test]
    fn names_at_the_end() {
        check("df", Some("df"));
        check("import x\ndf  # look\n", Some("df"));
        check("df.head(3)", Some("df"));
        check("df[['a', 'b']]", Some("df"));
        check("df.describe()", None);
        check("f(df)", None);
        check("df = 1", None);
        check("if x:\n    df", None);
        check("3", None);
        check("", None);
    }
}
