//! The filter: a chip per test in the toolbar, and the dialog in which tests are written.

use super::state::{OpenedTable, is_number, is_time};
use super::words;
use crate::kit::{Choice, Dialog, Icon, Select};
use atelier_wire::studio::data::filter::{Filter, Test};
use atelier_wire::studio::data::view::{ColumnKind, ViewColumn};
use leptos::prelude::*;

/// A chip for each test; its cross takes it away, the chip itself opens the dialog.
#[component]
pub fn FilterChips(table: OpenedTable, open: RwSignal<bool>) -> impl IntoView {
    view! {
        {move || table.tests.get().into_iter().enumerate().map(|(at, filter)| {
            let text = words::filter(&filter);
            let title = text.clone();
            view! {
                <span class="chip chip-filter" data-filter=at.to_string() title=title><button type="button" class="chip-text cut" on:click=move |_| open.set(true)>{text}</button>
                    <button type="button" class="chip-x" aria-label="Take this filter away" title="Take this filter away" on:click=move |_| table.tests.update(|tests| { tests.remove(at); })><Icon name="x"/></button></span>
            }
        }).collect_view()}
    }
}

/// A line of the dialog: one test of one column, its values as typed.
#[derive(Clone, Copy)]
struct Line {
    id: u64,
    column: RwSignal<String>,
    op: RwSignal<String>,
    value: RwSignal<String>,
    other: RwSignal<String>,
    ignore_case: RwSignal<bool>,
}

/// What a test is called in the dialog, by the kind of the column.
fn operators(kind: ColumnKind) -> Vec<(String, String)> {
    let order = [
        ("equals", "is"),
        ("not_equals", "is not"),
        ("between", "is between"),
        ("less", "is less than"),
        ("at_most", "is at most"),
        ("more", "is more than"),
        ("at_least", "is at least"),
    ];
    let text = [
        ("contains", "contains"),
        ("equals", "is"),
        ("not_equals", "is not"),
        ("starts_with", "starts with"),
        ("ends_with", "ends with"),
        ("matches", "matches the expression"),
    ];
    let both = [("in", "is one of"), ("not_in", "is none of"), ("null", "is missing"), ("not_null", "is there")];
    let own: &[(&str, &str)] = match kind {
        kind if is_number(kind) || is_time(kind) => &order,
        ColumnKind::Text | ColumnKind::Category => &text,
        ColumnKind::Boolean => &order[..2],
        _ => return own_words(&both[2..]),
    };
    own.iter().chain(&both).map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
}

fn own_words(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect()
}

/// The operator and the one or two texts that stand for a test.
fn take_apart(test: &Test) -> (&'static str, String, String, bool) {
    let list = |values: &[Option<String>]| {
        values.iter().map(|value| value.clone().unwrap_or_default()).collect::<Vec<_>>().join("\n")
    };
    match test {
        Test::Null => ("null", String::new(), String::new(), false),
        Test::NotNull => ("not_null", String::new(), String::new(), false),
        Test::Equals { value } => ("equals", value.clone(), String::new(), false),
        Test::NotEquals { value } => ("not_equals", value.clone(), String::new(), false),
        Test::Less { value } => ("less", value.clone(), String::new(), false),
        Test::AtMost { value } => ("at_most", value.clone(), String::new(), false),
        Test::More { value } => ("more", value.clone(), String::new(), false),
        Test::AtLeast { value } => ("at_least", value.clone(), String::new(), false),
        Test::Between { low, high } => {
            ("between", low.clone().unwrap_or_default(), high.clone().unwrap_or_default(), false)
        }
        Test::In { values } => ("in", list(values), String::new(), false),
        Test::NotIn { values } => ("not_in", list(values), String::new(), false),
        Test::Contains { text, ignore_case } => ("contains", text.clone(), String::new(), *ignore_case),
        Test::StartsWith { text, ignore_case } => ("starts_with", text.clone(), String::new(), *ignore_case),
        Test::EndsWith { text, ignore_case } => ("ends_with", text.clone(), String::new(), *ignore_case),
        Test::Matches { regex } => ("matches", regex.clone(), String::new(), false),
    }
}

/// The other way. An empty line among the values of a set is the missing value.
fn put_together(op: &str, value: String, other: String, ignore_case: bool) -> Test {
    let end = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let list = |text: &str| text.split('\n').map(|line| (!line.is_empty()).then(|| line.to_owned())).collect();
    match op {
        "null" => Test::Null,
        "not_null" => Test::NotNull,
        "not_equals" => Test::NotEquals { value },
        "less" => Test::Less { value },
        "at_most" => Test::AtMost { value },
        "more" => Test::More { value },
        "at_least" => Test::AtLeast { value },
        "between" => Test::Between { low: end(value), high: end(other) },
        "in" => Test::In { values: list(&value) },
        "not_in" => Test::NotIn { values: list(&value) },
        "contains" => Test::Contains { text: value, ignore_case },
        "starts_with" => Test::StartsWith { text: value, ignore_case },
        "ends_with" => Test::EndsWith { text: value, ignore_case },
        "matches" => Test::Matches { regex: value },
        _ => Test::Equals { value },
    }
}

/// The dialog. All tests hold, or one of them at least; groups that were made elsewhere stay as they are.
#[component]
pub fn FilterDialog(table: OpenedTable, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="Show rows where" text="Text is compared as it stands; values of a column are read as its type.">
            <FilterForm table open/>
        </Dialog>
    }
}

#[component]
fn FilterForm(table: OpenedTable, open: RwSignal<bool>) -> impl IntoView {
    let columns = StoredValue::new(table.columns());
    let next = StoredValue::new(0_u64);
    let line = move |column: &str, test: Option<&Test>| {
        next.update_value(|next| *next += 1);
        let kind = columns.with_value(|columns| {
            columns.iter().find(|known| known.name == column).map_or(ColumnKind::Text, |column| column.kind)
        });
        let first = operators(kind).first().map_or("equals".to_owned(), |(key, _)| key.clone());
        let (op, value, other, ignore_case) = test.map_or((first, String::new(), String::new(), false), |test| {
            let (op, value, other, case) = take_apart(test);
            (op.to_owned(), value, other, case)
        });
        Line {
            id: next.get_value(),
            column: RwSignal::new(column.to_owned()),
            op: RwSignal::new(op),
            value: RwSignal::new(value),
            other: RwSignal::new(other),
            ignore_case: RwSignal::new(ignore_case),
        }
    };
    let tests = table.tests.get_untracked();
    // "One of these" is one group that stands alone.
    let (together, parts) = match tests.as_slice() {
        [Filter::Any { of }] => ("any", of.clone()),
        _ => ("all", tests),
    };
    let together = RwSignal::new(together.to_owned());
    let groups: Vec<Filter> = parts.iter().filter(|part| !matches!(part, Filter::Column { .. })).cloned().collect();
    let groups = RwSignal::new(groups);
    let lines: Vec<Line> = parts
        .iter()
        .filter_map(
            |part| if let Filter::Column { column, test } = part { Some(line(column, Some(test))) } else { None },
        )
        .collect();
    let lines = RwSignal::new(lines);
    let start = table
        .picked
        .get_untracked()
        .or_else(|| columns.with_value(|columns| columns.first().map(|column| column.name.clone())))
        .unwrap_or_default();
    if lines.with_untracked(Vec::is_empty) {
        lines.update(|lines| lines.push(line(&start, None)));
    }
    let apply = move || {
        let own = lines.get_untracked().into_iter().map(|line| Filter::Column {
            column: line.column.get_untracked(),
            test: put_together(
                &line.op.get_untracked(),
                line.value.get_untracked(),
                line.other.get_untracked(),
                line.ignore_case.get_untracked(),
            ),
        });
        let all: Vec<Filter> = own.chain(groups.get_untracked()).collect();
        table.tests.set(if together.with_untracked(|word| word == "any") && all.len() > 1 {
            vec![Filter::Any { of: all }]
        } else {
            all
        });
        open.set(false);
    };
    view! {
        <form class="dialog-form" on:submit=move |event| { event.prevent_default(); apply() }>
            <div class="dialog-body filter-lines">
                <div class="row"><Choice value=together name="How the tests stand together" options=vec![("all", "All of these"), ("any", "One of these")]/></div>
                <For each=move || lines.get() key=|line| line.id children=move |line| view! { <TestLine line columns=columns.get_value() remove=Callback::new(move |()| lines.update(|lines| lines.retain(|other| other.id != line.id)))/> }/>
                {move || groups.get().into_iter().enumerate().map(|(at, group)| view! {
                    <div class="row"><span class="grow cut">{words::filter(&group)}</span><button type="button" class="btn btn-bare btn-icon" aria-label="Take this group away" on:click=move |_| groups.update(|groups| { groups.remove(at); })><Icon name="x"/></button></div>
                }).collect_view()}
                <button type="button" class="btn btn-s" data-action="add-test" on:click=move |_| { let new = line(&start, None); lines.update(|lines| lines.push(new)) }><Icon name="plus"/>"Another test"</button>
            </div>
            <div class="dialog-foot">
                <button type="button" class="btn btn-bare" on:click=move |_| { table.tests.set(Vec::new()); open.set(false) }>"Show all rows"</button>
                <span class="grow"></span>
                <button type="button" class="btn" on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="submit" class="btn btn-main" data-action="apply-filter">"Show these rows"</button>
            </div>
        </form>
    }
}

#[component]
fn TestLine(line: Line, columns: Vec<ViewColumn>, remove: Callback<()>) -> impl IntoView {
    let names: Vec<(String, String)> =
        columns.iter().map(|column| (column.name.clone(), column.name.clone())).collect();
    let kind = Memo::new(move |_| {
        line.column.with(|name| {
            columns.iter().find(|column| column.name == *name).map_or(ColumnKind::Text, |column| column.kind)
        })
    });
    let ops = Signal::derive(move || operators(kind.get()));
    Effect::new(move |_| {
        // Another kind of column may not know the operator.
        let known = ops.with(|ops| ops.iter().any(|(key, _)| line.op.with_untracked(|op| op == key)));
        if let (false, Some((first, _))) = (known, ops.with_untracked(|ops| ops.first().cloned())) {
            line.op.set(first);
        }
    });
    let hint = move || match kind.get() {
        ColumnKind::Date => "2024-05-01",
        ColumnKind::Datetime => "2024-05-01 12:30:00",
        ColumnKind::Time => "12:30:00",
        ColumnKind::Boolean => "true or false",
        _ => "value",
    };
    let field = move |value: RwSignal<String>, name: &'static str| {
        view! {
            <span class="field"><input type="text" aria-label=name name=name placeholder=hint prop:value=move || value.get() autocomplete="off" spellcheck="false" on:input=move |event| value.set(event_target_value(&event))/></span>
        }
    };
    view! {
        <div class="filter-line" data-test="">
            <Select value=line.column name="Column" options=names/>
            <Select value=line.op name="Test" options=ops/>
            {move || match line.op.get().as_str() {
                "null" | "not_null" => view! { <span class="grow"></span> }.into_any(),
                "between" => view! { <span class="row grow">{field(line.value, "from")}<span class="quiet">"to"</span>{field(line.other, "to")}</span> }.into_any(),
                "in" | "not_in" => view! { <textarea class="field grow" rows="3" aria-label="Values, one a line" placeholder="one value a line" prop:value=move || line.value.get() on:input=move |event| line.value.set(event_target_value(&event))></textarea> }.into_any(),
                "contains" | "starts_with" | "ends_with" => view! { <span class="row grow">{field(line.value, "text")}<label class="row small quiet"><input type="checkbox" prop:checked=move || line.ignore_case.get() on:change=move |event| line.ignore_case.set(event_target_checked(&event))/>"any case"</label></span> }.into_any(),
                _ => field(line.value, "value").into_any(),
            }}
            <button type="button" class="btn btn-bare btn-icon" aria-label="Take this test away" title="Take this test away" on:click=move |_| remove.run(())><Icon name="x"/></button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_survives_the_dialog() {
        let some = |text: &str| Some(text.to_owned());
        for test in [
            Test::Null,
            Test::Between { low: some("1"), high: None },
            Test::In { values: vec![some("a"), None, some("b c")] },
            Test::NotIn { values: vec![some("a")] },
            Test::Contains { text: "x".into(), ignore_case: true },
            Test::Matches { regex: "^a+$".into() },
            Test::AtLeast { value: "2024-05-01".into() },
        ] {
            let (op, value, other, case) = take_apart(&test);
            assert_eq!(put_together(op, value, other, case), test);
        }
    }

    #[test]
    fn every_kind_of_column_can_be_tested() {
        for kind in [ColumnKind::Integer, ColumnKind::Text, ColumnKind::Boolean, ColumnKind::List, ColumnKind::Datetime]
        {
            assert!(operators(kind).iter().any(|(key, _)| key == "null"), "{kind:?}");
        }
    }
}
