//! How a file is read: what was decided by looking at it, and what a person says instead; what a reader must know.

use super::state::OpenedTable;
use crate::kit::{Callout, Icon, Select, format};
use atelier_wire::studio::data::view::ViewInfo;
use leptos::prelude::*;

/// A bar while the file is being read, and the choices for text files and workbooks; SQL is written here too.
#[component]
pub fn Reading(table: OpenedTable) -> impl IntoView {
    let progress = Memo::new(move |_| {
        table
            .view
            .value
            .with(|view| view.as_ref().filter(|view| !view.complete).map(|view| (view.fraction, view.estimated_rows)))
    });
    let form = Memo::new(move |_| {
        table.view.value.with(|view| view.as_ref().map(|view| (view.format.clone(), view.sheets.clone())))
    });
    let delimited =
        move || form.get().is_some_and(|(format, _)| matches!(format.split('.').next(), Some("csv" | "tsv")));
    view! {
        {table.source.with_value(|source| source.starts_with("sql:")).then(|| view! { <Query table/> })}
        {move || progress.get().map(|(fraction, rows)| view! {
            <div class="reading" role="status" data-reading=""><div class="progress"><i style:width=format!("{:.1}%", fraction * 100.0)></i></div>
                <span class="hint small num">{format!("reading, {:.0} % of about {}", fraction * 100.0, format::counted(rows, "row", "rows"))}</span></div>
        })}
        {move || delimited().then(|| view! { <details class="reading-options"><summary class="small quiet">"How it is read"{move || table.view.value.with(|view| view.as_ref().map(decided))}</summary><Options table/></details> })}
        {move || form.get().filter(|(_, sheets)| sheets.len() > 1).map(|(_, sheets)| view! { <Sheets table sheets/> })}
    }
}

fn decided(view: &ViewInfo) -> String {
    let options = &view.options;
    let delimiter = match options.delimiter.as_deref() {
        Some("\t") => "tabs".to_owned(),
        Some(text) => format!("“{text}”"),
        None => "one column".to_owned(),
    };
    let header = if options.header == Some(true) { "names in the first row" } else { "no names" };
    format!(": {delimiter}, {header}, {}", options.encoding.as_deref().unwrap_or("utf-8"))
}

#[component]
fn Options(table: OpenedTable) -> impl IntoView {
    let pairs = |pairs: &[(&str, &str)]| {
        Signal::stored(pairs.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect::<Vec<_>>())
    };
    let options = table.options;
    let field = move |label: &'static str,
                      choices: Signal<Vec<(String, String)>>,
                      now: String,
                      set: fn(&mut atelier_wire::studio::data::view::ReadOptions, Option<String>)| {
        let value = RwSignal::new(now);
        Effect::new(move |old: Option<String>| {
            let chosen = value.get();
            if old.is_some_and(|old| old != chosen) {
                options.update(|options| set(options, (!chosen.is_empty()).then(|| chosen.clone())));
            }
            chosen
        });
        view! { <label class="chart-field"><span class="quiet small">{label}</span><Select value name=label options=choices/></label> }
    };
    let flag = |flag: Option<bool>| flag.map_or_else(String::new, |on| if on { "yes" } else { "no" }.to_owned());
    let now = options.get_untracked();
    view! {
        <div class="chart-form">
            {field("First row", pairs(&[("", "found"), ("yes", "names"), ("no", "values")]), flag(now.header), |options, value| options.header = value.map(|value| value == "yes"))}
            {field("Between values", pairs(&[("", "found"), (",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar"), (" ", "space")]), now.delimiter.clone().unwrap_or_default(), |options, value| options.delimiter = value)}
            {field("Encoding", pairs(&[("", "found"), ("utf-8", "UTF-8"), ("windows-1252", "Western"), ("utf-16le", "UTF-16"), ("shift_jis", "Shift JIS"), ("gbk", "GBK"), ("iso-8859-2", "Central European"), ("windows-1251", "Cyrillic")]), now.encoding.clone().unwrap_or_default(), |options, value| options.encoding = value)}
            {field("Decimals", pairs(&[("", "found"), ("no", "1.5"), ("yes", "1,5")]), flag(now.decimal_comma), |options, value| options.decimal_comma = value.map(|value| value == "yes"))}
            {field("Comments", pairs(&[("", "none"), ("#", "lines with #"), ("//", "lines with //"), (";", "lines with ;")]), now.comment.clone().unwrap_or_default(), |options, value| options.comment = value)}
        </div>
    }
}

#[component]
fn Sheets(table: OpenedTable, sheets: Vec<String>) -> impl IntoView {
    let value = RwSignal::new(
        table.options.with_untracked(|options| options.sheet.clone()).unwrap_or_else(|| sheets[0].clone()),
    );
    Effect::new(move |old: Option<String>| {
        let chosen = value.get();
        if old.is_some_and(|old| old != chosen) {
            table.options.update(|options| options.sheet = Some(chosen.clone()));
        }
        chosen
    });
    let options: Vec<(String, String)> = sheets.into_iter().map(|sheet| (sheet.clone(), sheet)).collect();
    view! { <div class="toolbar"><span class="quiet small">"Sheet"</span><Select value name="Sheet" options/></div> }
}

/// A query over files, typed and asked anew.
#[component]
fn Query(table: OpenedTable) -> impl IntoView {
    let frame = crate::frame::use_frame();
    let text = RwSignal::new(table.source.with_value(|source| source.trim_start_matches("sql:").to_owned()));
    let ask = move || {
        let (old, new) = (table.source.get_value(), format!("sql:{}", text.get_untracked().trim()));
        if old != new {
            frame.readdress(&crate::frame::Address::new("table", old), crate::frame::Address::new("table", new));
        }
    };
    view! {
        <form class="query" on:submit=move |event| { event.prevent_default(); ask() }>
            <textarea class="field code-s" rows="2" name="sql" aria-label="SQL" spellcheck="false" prop:value=move || text.get() on:input=move |event| text.set(event_target_value(&event))
                on:keydown=move |event: leptos::ev::KeyboardEvent| if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) { event.prevent_default(); ask() }></textarea>
            <button type="submit" class="btn" title="Ctrl Enter"><Icon name="play"/>"Ask"</button>
        </form>
    }
}

/// What was noticed about the file, each with what to do.
#[component]
pub fn Notices(table: OpenedTable) -> impl IntoView {
    let seen = RwSignal::new(Vec::<String>::new());
    let shown = Memo::new(move |_| {
        table
            .view
            .value
            .with(|view| view.as_ref().map(|view| view.notices.clone()).unwrap_or_default())
            .into_iter()
            .filter(|notice| seen.with(|seen| !seen.contains(&notice.text)))
            .take(3)
            .collect::<Vec<_>>()
    });
    view! {
        {move || shown.get().into_iter().map(|notice| {
            let text = notice.text.clone();
            view! { <div class="notice" data-notice=notice.kind><Callout kind="warn" title=notice.text text=notice.remedy><button type="button" class="btn btn-bare btn-icon btn-s" aria-label="Dismiss" title="Dismiss" on:click=move |_| seen.update(|seen| seen.push(text.clone()))><Icon name="x"/></button></Callout></div> }
        }).collect_view()}
    }
}
