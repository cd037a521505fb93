//! Files of the workspace: folders, and what can be done to them. Notebooks and tables open in their own panels;
//! [`text`] edits the rest.

mod text;

use crate::api;
use crate::frame::{Address, Frame, use_frame};
use crate::kit::dialog::Question;
use crate::kit::table::Sort;
use crate::kit::toast::{Toasts, use_toasts};
use crate::kit::{
    Bones, Column, DataTable, Dialog, Empty, ErrorNote, Icon, Menu, MenuItem, Search, TextField, Toast, Tone, format,
};
use crate::live::{Live, live};
use crate::panels::icon_of;
use atelier_wire::studio::files::{
    DeleteFile, FileEntry, FileList, ListFiles, MakeFolder, MakeNotebook, RenameFile, WriteTextFile,
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub fn open(address: Address) -> AnyView {
    if address.is_thing() { text::open(address) } else { view! { <Files/> }.into_any() }
}

/// Makes an untitled Python notebook and opens it.
pub fn new_notebook(frame: Frame) {
    new_notebook_of(frame, "python3");
}

pub fn new_notebook_of(frame: Frame, kernel: &str) {
    make_notebook(frame, String::new(), kernel.to_owned());
}

fn make_notebook(frame: Frame, folder: String, kernel: String) {
    let toasts: Option<Toasts> = use_context();
    spawn_local(async move {
        match api::call(MakeNotebook { path: join(&folder, "untitled.ipynb"), kernel }).await {
            Ok(made) => frame.open(Address::file(made.path)),
            Err(error) => match toasts {
                Some(toasts) => toasts.fail("The notebook could not be made", error.message),
                None => leptos::logging::error!("the notebook could not be made: {error}"),
            },
        }
    });
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What is asked for a name in the dialog.
#[derive(Clone, PartialEq)]
enum Naming {
    Folder,
    File,
    Rename(FileEntry),
}

#[derive(Clone, Copy)]
struct State {
    frame: Frame,
    toasts: Toasts,
    folder: RwSignal<String>,
    list: Live<FileList>,
    selected: RwSignal<Option<String>>,
    naming: RwSignal<Option<Naming>>,
}

#[component]
fn Files() -> impl IntoView {
    let folder = RwSignal::new(String::new());
    let state = State {
        frame: use_frame(),
        toasts: use_toasts(),
        folder,
        list: live(move || Some(ListFiles { path: folder.get() }), &["file"]),
        selected: RwSignal::new(None),
        naming: RwSignal::new(None),
    };
    let query = RwSignal::new(String::new());
    let rows = Signal::derive(move || {
        let query = query.get().to_lowercase();
        let mut entries =
            state.list.value.with(|list| list.as_ref().map(|list| list.entries.clone()).unwrap_or_default());
        entries.retain(|entry| query.is_empty() || entry.name.to_lowercase().contains(&query));
        entries
    });
    let sort = RwSignal::new(Sort { column: "name", descending: false });
    let open = Callback::new(move |path: String| state.open(&path));
    let frame = state.frame;
    view! {
        <main class="work">
            <div class="toolbar" role="toolbar" aria-label="Files">
                {move || crumbs(state)}
                <span class="grow"></span>
                <Search value=query name="Find a file" small=true/>
                <button type="button" class="btn btn-bare" data-action="new-folder" on:click=move |_| state.naming.set(Some(Naming::Folder))><Icon name="files"/>"New folder"</button>
                <button type="button" class="btn btn-bare if-wide" data-action="new-file" on:click=move |_| state.naming.set(Some(Naming::File))><Icon name="file"/>"New file"</button>
                <button type="button" class="btn btn-main" data-action="new-notebook" on:click=move |_| make_notebook(frame, folder.get_untracked(), "python3".into())><Icon name="plus"/>"Notebook"</button>
            </div>
            {move || state.list.error.get().map(|error| view! { <div class="pane"><ErrorNote tried="The folder could not be read" code=error.code message=error.message>
                <button type="button" class="btn btn-s" on:click=move |_| folder.set(String::new())>"To the workspace"</button></ErrorNote></div> })}
            {move || state.list.waiting().then(|| view! { <div class="pane"><Bones lines=6/></div> })}
            {move || state.list.value.with(|list| list.as_ref().map(|list| list.entries.is_empty())).unwrap_or(false).then(|| view! {
                <Empty icon="files" title="This folder is empty" text="Notebooks, tables and any other files stand here">
                    <button type="button" class="btn btn-main" on:click=move |_| make_notebook(frame, folder.get_untracked(), "python3".into())>"New notebook"</button>
                </Empty>
            })}
            <div class="files-table" hidden=move || state.list.value.with(|list| list.as_ref().is_none_or(|list| list.entries.is_empty()))>
                <DataTable name="Files" rows columns=columns(state) key=|entry: &FileEntry| entry.path.clone() selected=state.selected sort open/>
            </div>
            {naming_dialog(state)}
        </main>
    }
}

fn columns(state: State) -> Vec<Column<FileEntry>> {
    let folders_first = |a: &FileEntry, b: &FileEntry| b.folder.cmp(&a.folder);
    vec![
        Column::new("name", "Name", move |entry: &FileEntry| {
            let icon = if entry.folder { "files" } else { icon_of(&Address::file(entry.path.clone())) };
            let path = entry.path.clone();
            view! { <button type="button" class="cell-name cell-open" data-file=entry.path.clone() on:click=move |_| state.open(&path)><Icon name=icon/><span class="cut">{entry.name.clone()}</span></button> }.into_any()
        })
        .order(move |a, b| folders_first(a, b).then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase()))),
        Column::new("kind", "Kind", |entry: &FileEntry| view! { <span class="quiet">{kind(entry)}</span> }.into_any()).if_wide().order(|a, b| kind(a).cmp(&kind(b))),
        Column::new("size", "Size", |entry: &FileEntry| if entry.folder { "".into_any() } else { format::bytes(entry.size_bytes).into_any() }).number().order(|a, b| a.size_bytes.cmp(&b.size_bytes)),
        Column::new("modified", "Modified", |entry: &FileEntry| view! { <span class="quiet" title=format::date_time(entry.modified_at)>{format::ago(entry.modified_at, format::now())}</span> }.into_any())
            .number()
            .order(|a, b| a.modified_at.total_cmp(&b.modified_at)),
        Column::new("tools", "", move |entry: &FileEntry| tools(state, entry.clone()).into_any()).number(),
    ]
}

fn kind(entry: &FileEntry) -> String {
    if entry.folder {
        return "folder".into();
    }
    match Address::file(entry.path.clone()).extension().as_str() {
        "ipynb" => "notebook".into(),
        "csv" | "tsv" | "parquet" | "arrow" | "feather" => "table".into(),
        "py" => "Python".into(),
        "rs" => "Rust".into(),
        "md" => "Markdown".into(),
        "" => "file".into(),
        other => other.to_uppercase(),
    }
}

fn tools(state: State, entry: FileEntry) -> impl IntoView {
    let (path, entry) = (StoredValue::new(entry.path.clone()), StoredValue::new(entry));
    let items = Signal::derive(move || {
        vec![
            MenuItem::new("arrow", "Open", move || state.open(&path.get_value())),
            MenuItem::new("text", "Rename…", move || state.naming.set(Some(Naming::Rename(entry.get_value())))),
            MenuItem::new("trash", "Delete…", move || state.ask_delete(entry.get_value())).bad(),
        ]
    });
    view! { <span class="row-tools"><Menu name="More" items><Icon name="more"/></Menu></span> }
}

fn crumbs(state: State) -> AnyView {
    let folder = state.folder.get();
    let root = state
        .frame
        .studio
        .value
        .with(|studio| studio.as_ref().map(|studio| Address::file(studio.workspace.clone()).leaf().to_owned()))
        .unwrap_or_else(|| "workspace".into());
    let mut path = String::new();
    let parts: Vec<(String, String)> = folder
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| {
            path = join(&path, part);
            (part.to_owned(), path.clone())
        })
        .collect();
    view! {
        <nav class="crumbs" aria-label="Folder">
            <button type="button" class="crumb" on:click=move |_| state.go("")><Icon name="files"/>{root}</button>
            {parts.into_iter().map(|(part, path)| view! { <Icon name="right" class="i-s"/><button type="button" class="crumb" on:click=move |_| state.go(&path)>{part}</button> }).collect_view()}
        </nav>
    }
    .into_any()
}

fn naming_dialog(state: State) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let naming = state.naming.get();
        name.set(match &naming {
            Some(Naming::Rename(entry)) => entry.name.clone(),
            _ => String::new(),
        });
        problem.set(None);
        open.set(naming.is_some());
    });
    Effect::new(move |_| {
        if !open.get() && state.naming.with_untracked(Option::is_some) {
            state.naming.set(None);
        }
    });
    let title = Signal::derive(move || match state.naming.get() {
        Some(Naming::Folder) => "New folder".to_owned(),
        Some(Naming::File) => "New file".to_owned(),
        Some(Naming::Rename(entry)) => format!("Rename {}", entry.name),
        None => String::new(),
    });
    let submit = move || {
        let (wish, Some(naming)) = (name.get_untracked().trim().to_owned(), state.naming.get_untracked()) else {
            return;
        };
        if wish.is_empty() || wish.contains('/') {
            return problem.set(Some("A name has at least one letter and no /".into()));
        }
        spawn_local(async move {
            match state.give_name(naming, wish).await {
                Ok(()) => open.set(false),
                Err(message) => problem.set(Some(message)),
            }
        });
    };
    view! {
        <Dialog open title>
            <form on:submit=move |event| { event.prevent_default(); submit() }>
                <div class="dialog-body">
                    <TextField value=name name="Name" hint=Signal::derive(move || if matches!(state.naming.get(), Some(Naming::File)) { "Name, such as notes.py" } else { "Name" }.to_owned()) bad=Signal::derive(move || problem.with(Option::is_some))/>
                    {move || problem.get().map(|problem| view! { <span class="err small" role="alert"><Icon name="warn" class="i-s"/>{problem}</span> })}
                </div>
                <div class="dialog-foot"><span class="grow"></span>
                    <button type="button" class="btn" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="submit" class="btn btn-main" data-action="name-it">{move || if matches!(state.naming.get(), Some(Naming::Rename(_))) { "Rename" } else { "Make it" }}</button>
                </div>
            </form>
        </Dialog>
    }
}

impl State {
    fn go(&self, folder: &str) {
        self.selected.set(None);
        self.folder.set(folder.to_owned());
    }

    fn entry(&self, path: &str) -> Option<FileEntry> {
        self.list.value.with_untracked(|list| {
            list.as_ref().and_then(|list| list.entries.iter().find(|entry| entry.path == path).cloned())
        })
    }

    fn open(&self, path: &str) {
        match self.entry(path) {
            Some(entry) if entry.folder => self.go(&entry.path),
            _ => self.frame.open(Address::file(path)),
        }
    }

    async fn give_name(self, naming: Naming, name: String) -> Result<(), String> {
        let folder = self.folder.get_untracked();
        let done = match naming {
            Naming::Folder => api::call(MakeFolder { path: join(&folder, &name) }).await.map(|_| ()),
            Naming::File => {
                let path = join(&folder, &name);
                let made = api::call(WriteTextFile { path: path.clone(), text: String::new(), version: None }).await;
                made.map(|_| self.frame.open(Address::file(path)))
            }
            Naming::Rename(entry) => {
                let to = join(parent(&entry.path), &name);
                let renamed = api::call(RenameFile { path: entry.path.clone(), to: to.clone() }).await;
                renamed.map(|_| self.frame.readdress(&Address::file(entry.path), Address::file(to)))
            }
        };
        self.list.reload();
        done.map_err(|error| error.message)
    }

    fn ask_delete(self, entry: FileEntry) {
        let what = if entry.folder { "folder" } else { "file" };
        let asked = entry.clone();
        let question =
            Question::new(format!("Delete {what} {}?", entry.name), "Delete", move || self.delete(asked.clone())).text(
                if entry.folder {
                    "With everything in it. It goes to the trash in Atelier's home, from where it can be taken back."
                } else {
                    "It goes to the trash in Atelier's home, from where it can be taken back."
                },
            );
        self.frame.question.set(Some(question));
    }

    fn delete(self, entry: FileEntry) {
        spawn_local(async move {
            match api::call(DeleteFile { path: entry.path.clone() }).await {
                Ok(_) => {
                    self.frame.close(&Address::file(entry.path));
                    self.toasts.show(Toast::new(Tone::Ok, format!("{} is in the trash", entry.name)));
                    self.list.reload();
                }
                Err(error) => self.toasts.fail(format!("{} could not be deleted", entry.name), error.message),
            }
        });
    }
}
