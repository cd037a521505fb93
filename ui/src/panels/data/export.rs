//! The recipe as code or as a file, the rows as a file, and recipes read back.

use super::picture::save_text;
use super::plan::Plan;
use super::state::OpenedTable;
use crate::api;
use crate::frame::use_frame;
use crate::kit::code::Code;
use crate::kit::{Dialog, Icon, MenuItem, Toast, Tone, format};
use atelier_wire::studio::data::recipe::{ExportRecipe, Step};
use atelier_wire::studio::data::view::ExportView;
use atelier_wire::studio::files::{ReadTextFile, WriteTextFile};
use leptos::prelude::*;
use serde::Deserialize;
use wasm_bindgen_futures::spawn_local;

const FORMS: [(&str, &str, &str); 6] = [
    ("python", "file", "Python (Polars)"),
    ("pandas", "file", "Python (pandas)"),
    ("rust", "file", "Rust"),
    ("notebook", "notebook", "Notebook"),
    ("script", "jobs", "Processing script"),
    ("recipe", "download", "Recipe file"),
];

/// What is shown of an export: its file's name and its text.
#[derive(Clone, Copy)]
pub struct Exporting(pub RwSignal<Option<(String, String)>>);

/// The menu. The text opens in a dialog that [`ExportDialog`] shows.
pub fn export_items(table: OpenedTable) -> Signal<Vec<MenuItem>> {
    let Exporting(shown) = expect_context();
    let items = FORMS.iter().map(|(to, icon, word)| {
        MenuItem::new(icon, *word, move || {
            let request = ExportRecipe {
                source: table.source.get_value(),
                options: table.options.get_untracked(),
                steps: table.plan.with_untracked(|plan| plan.steps.clone()),
                to: (*to).to_owned(),
            };
            spawn_local(async move {
                match api::call(request).await {
                    Ok(exported) => shown.set(Some((exported.file_name, exported.text))),
                    Err(error) => table.toasts.fail("The recipe could not be exported", error.message),
                }
            });
        })
    });
    Signal::stored(items.collect())
}

#[component]
pub fn ExportDialog(table: OpenedTable) -> impl IntoView {
    let Exporting(shown) = expect_context();
    let frame = use_frame();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(shown.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && shown.with_untracked(Option::is_some) {
            shown.set(None)
        }
    });
    let title =
        Signal::derive(move || shown.with(|shown| shown.as_ref().map(|(name, _)| name.clone()).unwrap_or_default()));
    let keep = move |name: String, text: String| {
        spawn_local(async move {
            match api::call(WriteTextFile { path: name.clone(), text, version: None }).await {
                Ok(_) => {
                    let address = crate::frame::Address::file(name.clone());
                    table.toasts.show(
                        Toast::new(Tone::Ok, format!("{name} is in your workspace"))
                            .offer("Open", move || frame.open(address.clone())),
                    );
                }
                Err(error) => table.toasts.fail(format!("{name} could not be written"), error.message),
            }
        });
        open.set(false);
    };
    view! {
        <Dialog open title text="The code gives the table that is shown, without the filter and the order of the grid.">
            {move || shown.get().map(|(name, text)| {
                let (saved, kept) = (text.clone(), text.clone());
                let (file, path) = (name.clone(), name.clone());
                let language = if name.ends_with(".py") { "python" } else { "text" };
                view! {
                    <div class="dialog-body"><div class="export-text" data-export=name.clone()><Code text language/></div></div>
                    <div class="dialog-foot">
                        <button type="button" class="btn" on:click=move |_| save_text(&file, "text/plain", &saved)><Icon name="download"/>"Download"</button>
                        <span class="grow"></span>
                        <button type="button" class="btn btn-main" data-action="keep-export" on:click=move |_| keep(path.clone(), kept.clone())>"Put into the workspace"</button>
                    </div>
                }
            })}
        </Dialog>
    }
}

/// Writes the rows as shown into the workspace, under a name of their own.
pub fn export_rows(table: OpenedTable, ending: &'static str) {
    let Some(view) = untrack(|| table.view_key()) else { return };
    let source = table.source.get_value();
    let leaf = source.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or("table");
    let stem = leaf.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("table");
    let path = format!("{stem}-shown.{ending}");
    spawn_local(async move {
        match api::call(ExportView { view, path: path.clone(), request: String::new() }).await {
            Ok(done) => table.toasts.show(Toast::new(Tone::Ok, format!("{path} is written")).text(format!(
                "{}, {}",
                format::counted(done.num_rows, "row", "rows"),
                format::bytes(done.size_bytes)
            ))),
            Err(error) => table.toasts.fail(format!("{path} could not be written"), error.message),
        }
    });
}

/// Puts the steps of a recipe file of the workspace in the place of those there are.
pub fn load_recipe(table: OpenedTable, path: String) {
    /// What of the file matters here; the backend judges the steps.
    #[derive(Deserialize)]
    struct File {
        steps: Vec<Step>,
    }
    spawn_local(async move {
        let read = api::call(ReadTextFile { path: path.clone() }).await.map_err(|error| error.message);
        match read.and_then(|file| {
            serde_json::from_str::<File>(&file.text).map_err(|why| format!("It is not a recipe: {why}."))
        }) {
            Ok(mut file) => {
                // Code from a file runs once somebody has looked at it.
                let code = file.steps.iter_mut().filter(|step| step.op.starts_with("custom_") && !step.disabled);
                let held = code.map(|step| step.disabled = true).count();
                if held > 0 {
                    let text = format!(
                        "{} switched off. Look at the code, then switch it on.",
                        if held == 1 { "It is" } else { "They are" }
                    );
                    table.toasts.show(
                        Toast::new(
                            Tone::Warn,
                            format!("The recipe brings {}", format::counted(held as u64, "function", "functions")),
                        )
                        .text(text),
                    );
                }
                let none = table.plan.with_untracked(|plan| plan.steps.is_empty() && !plan.can_undo());
                table.plan.update(|plan| if none { *plan = Plan::of(file.steps) } else { plan.put(file.steps) });
            }
            Err(why) => table.toasts.fail(format!("{path} could not be read"), why),
        }
    });
}
