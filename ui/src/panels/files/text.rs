//! A text file: edited, saved by Ctrl+S, never written over what somebody else wrote meanwhile.

use crate::api;
use crate::frame::{Address, TabMark, use_tab};
use crate::kit::editor::{Editor, EditorEvent, EditorHandle, EditorOptions};
use crate::kit::toast::use_toasts;
use crate::kit::{Bones, Callout, ErrorNote, format};
use atelier_wire::Error;
use atelier_wire::studio::files::{ReadTextFile, TextFile, WriteTextFile};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub fn open(address: Address) -> AnyView {
    view! { <TextPanel address/> }.into_any()
}

fn language(extension: &str) -> &'static str {
    match extension {
        "py" => "python",
        "md" | "markdown" => "markdown",
        "json" => "json",
        _ => "",
    }
}

#[component]
fn TextPanel(address: Address) -> impl IntoView {
    let path = StoredValue::new(address.name.clone());
    let label = format!("Text of {}", address.leaf());
    let language = language(&address.extension());
    let (tab, toasts) = (use_tab(), use_toasts());
    let file = RwSignal::new(None::<TextFile>);
    let problem = RwSignal::new(None::<Error>);
    let clash = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let dirty = RwSignal::new(false);
    let handle = EditorHandle::default();
    let load = move || {
        spawn_local(async move {
            match api::call(ReadTextFile { path: path.get_value() }).await {
                Ok(read) => {
                    text.set(read.text.clone());
                    handle.set_text(&read.text);
                    file.set(Some(read));
                    problem.set(None);
                    dirty.set(false);
                    clash.set(false);
                }
                Err(error) => problem.set(Some(error)),
            }
        });
    };
    load();
    let write = move |version: Option<String>| {
        spawn_local(async move {
            let sent = text.get_untracked();
            match api::call(WriteTextFile { path: path.get_value(), text: sent.clone(), version }).await {
                Ok(written) => {
                    file.update(|file| {
                        if let Some(file) = file {
                            file.version = written.version
                        }
                    });
                    dirty.set(text.with_untracked(|text| *text != sent));
                    clash.set(false);
                }
                Err(error) if error.code == "ResourceInUse" => clash.set(true),
                Err(error) => toasts.fail("The file could not be saved", error.message),
            }
        });
    };
    let save = move || write(file.with_untracked(|file| file.as_ref().map(|file| file.version.clone())));
    // Takes the version that lies on disk now, then writes over it.
    let overwrite = move || {
        spawn_local(async move {
            match api::call(ReadTextFile { path: path.get_value() }).await {
                Ok(read) => write(Some(read.version)),
                Err(error) => toasts.fail("The file could not be saved", error.message),
            }
        });
    };
    Effect::new(move |_| tab.mark.set(if dirty.get() { TabMark::Unsaved } else { TabMark::None }));
    let tell = Callback::new(move |event| {
        if let EditorEvent::Change(new) = event {
            text.set(new);
            dirty.set(true);
        }
    });
    let loaded = Memo::new(move |_| file.with(Option::is_some));
    view! {
        <main class="work" on:keydown=move |event| if (event.ctrl_key() || event.meta_key()) && event.key() == "s" { event.prevent_default(); save() }>
            <div class="toolbar" role="toolbar" aria-label="Text file">
                <span class="strong cut">{address.leaf().to_owned()}</span>
                <span class="hint small cut">{address.name.rsplit_once('/').map(|(folder, _)| folder.to_owned())}</span>
                <span class="grow"></span>
                <span class="hint small num">{move || format::counted(text.with(|text| text.lines().count()) as u64, "line", "lines")}</span>
                <span class="hint small" data-saved=move || (!dirty.get()).to_string()>{move || if dirty.get() { "not saved yet" } else { "saved" }}</span>
                <button type="button" class="btn" data-action="save" title="Save  Ctrl+S" prop:disabled=move || !dirty.get() on:click=move |_| save()>"Save"</button>
            </div>
            {move || clash.get().then(|| view! { <div class="pane"><Callout kind="warn" title="The file changed on disk since it was opened" text="What you typed is still here. Nothing has been written.">
                <button type="button" class="btn btn-s" on:click=move |_| overwrite()>"Keep mine"</button>
                <button type="button" class="btn btn-s btn-bare" on:click=move |_| load()>"Take theirs"</button>
            </Callout></div> })}
            {move || problem.get().map(|error| view! { <div class="pane"><ErrorNote tried="The file could not be read" code=error.code message=error.message>
                <button type="button" class="btn btn-s" on:click=move |_| load()>"Try again"</button></ErrorNote></div> })}
            {move || (!loaded.get() && problem.with(Option::is_none)).then(|| view! { <div class="pane"><Bones lines=5/></div> })}
            {move || loaded.get().then(|| {
                let options = EditorOptions { language, label: label.clone(), line_numbers: true, wrap: language == "markdown", ..EditorOptions::default() };
                view! { <div class="scroll text-editor"><Editor text=text.get_untracked() options handle tell/></div> }
            })}
        </main>
    }
}
