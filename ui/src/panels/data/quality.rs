//! The quality report: what is wrong with the table, each finding with the step that mends it.

use super::picture::save_text;
use super::state::{OpenedTable, is_number};
use crate::kit::{Bones, Dialog, Empty, ErrorNote, Icon, Select, State, Tone, format};
use crate::live::live_where;
use atelier_wire::studio::data::quality::{Finding, Quality, QualityReport, Severity};
use atelier_wire::studio::data::view::ColumnKind;
use leptos::prelude::*;

#[component]
pub fn QualityDialog(table: OpenedTable, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="Quality report" text="Computed over the table as it is shown. Choose what is to be predicted to look for leakage and for what a quick model reaches.">
            <Report table open/>
        </Dialog>
    }
}

#[component]
fn Report(table: OpenedTable, open: RwSignal<bool>) -> impl IntoView {
    let target = RwSignal::new(String::new());
    let report = live_where(
        move || {
            table.view_key().map(|view| QualityReport {
                view,
                target: Some(target.get()).filter(|name| !name.is_empty()),
                request: "quality".into(),
            })
        },
        |_, _| false,
    );
    let targets = Signal::derive(move || {
        let names = table.columns().into_iter().filter(|column| {
            is_number(column.kind)
                || matches!(column.kind, ColumnKind::Text | ColumnKind::Category | ColumnKind::Boolean)
        });
        [(String::new(), "nothing".to_owned())]
            .into_iter()
            .chain(names.map(|column| (column.name.clone(), column.name)))
            .collect::<Vec<_>>()
    });
    let save = move |_| {
        if let Some(html) = report.value.with_untracked(|report| report.as_ref().map(|report| report.html.clone())) {
            save_text("quality-report.html", "text/html", &html)
        }
    };
    view! {
        <div class="dialog-body quality" data-quality="">
            <div class="row"><span class="quiet">"To be predicted"</span><Select value=target name="Target" options=targets/>
                <span class="grow"></span><span class="hint small num">{move || report.value.with(|report| report.as_ref().map(|report| format!("{} × {}", format::counted(report.num_rows, "row", "rows"), format::counted(report.num_columns, "column", "columns"))))}</span></div>
            {move || report.waiting().then(|| view! { <Bones lines=6/> })}
            {move || report.error.get().map(|error| view! { <ErrorNote tried="The report could not be made" code=error.code message=error.message/> })}
            {move || report.value.with(|report| report.as_ref().map(|report| findings(table, report, open)))}
        </div>
        <div class="dialog-foot"><button type="button" class="btn" data-action="save-report" disabled=move || report.value.with(Option::is_none) on:click=save><Icon name="download"/>"Save as HTML"</button>
            <span class="grow"></span><button type="button" class="btn btn-main" on:click=move |_| open.set(false)>"Close"</button></div>
    }
}

fn findings(table: OpenedTable, report: &Quality, open: RwSignal<bool>) -> impl IntoView + use<> {
    let model = report.model.clone().map(|model| view! {
        <section class="quality-model" data-model=""><h3 class="strong">"A quick model"</h3>
            <p>{format!("{} {:.3}, where guessing reaches {:.3}. A small tree, three-fold cross-validated on {}.", model.metric, model.score, model.baseline, format::counted(model.num_rows, "row", "rows"))}</p>
            <dl class="kv kv-bar">{model.importance.iter().take(6).map(|(name, share)| view! { <dt>{name.clone()}</dt><dd><span class="meter"><i style:width=format!("{:.0}%", share * 100.0)></i></span>{format!("{:.0} %", share * 100.0)}</dd> }).collect_view()}</dl>
        </section>
    });
    view! {
        {report.findings.is_empty().then(|| view! { <Empty icon="done" title="Nothing found" text="No column is constant, mostly missing, duplicated or suspicious."/> })}
        <ul class="quality-list">{report.findings.iter().map(|finding| view! { <FindingLine table finding=finding.clone() open/> }).collect_view()}</ul>
        {model}
        {report.notes.iter().map(|note| view! { <p class="hint small wrap">{note.clone()}</p> }).collect_view()}
    }
}

#[component]
fn FindingLine(table: OpenedTable, finding: Finding, open: RwSignal<bool>) -> impl IntoView {
    let (tone, word) = match finding.severity {
        Severity::High => (Tone::Bad, "serious"),
        Severity::Medium => (Tone::Warn, "look at it"),
        Severity::Low => (Tone::Wait, "for the record"),
    };
    let column = finding.column.clone();
    let step = finding.step.clone();
    let mended = RwSignal::new(false);
    view! {
        <li data-finding=finding.kind.clone() data-column=finding.column.clone().unwrap_or_default()>
            <State tone label=word/>
            <div class="grow"><p class="wrap">{finding.message.clone()}</p>
                {(!finding.remedy.is_empty()).then(|| view! { <p class="hint small wrap">{finding.remedy.clone()}</p> })}</div>
            {column.map(|column| view! { <button type="button" class="btn btn-bare btn-s" title="Look at the column" on:click=move |_| { table.picked.set(Some(column.clone())); open.set(false) }><Icon name="data"/>"Show"</button> })}
            {step.map(|step| view! { <button type="button" class="btn btn-s" data-action="mend" disabled=move || mended.get() on:click=move |_| { let step = step.clone(); mended.set(true); table.plan.update(|plan| plan.push(step)) }><Icon name="spark"/>{move || if mended.get() { "Added" } else { "Add step" }}</button> })}
        </li>
    }
}
