//! Buckets at the left, one level of the chosen one at the right.

use super::is_table;
use crate::frame::{Address, use_frame};
use crate::kit::code::Code;
use crate::kit::table::Sort;
use crate::kit::{Bones, Column, CopyButton, DataTable, Empty, ErrorNote, Icon, Search, format};
use crate::live::{live, live_where};
use atelier_wire::studio::data::{BrowseBucket, ListStores, StoreObject};
use leptos::prelude::*;

/// A line of a level: a prefix below, or an object.
#[derive(Clone, PartialEq)]
enum Entry {
    Prefix(String),
    Object(StoreObject),
}

impl Entry {
    fn key(&self) -> String {
        match self {
            Self::Prefix(prefix) => prefix.clone(),
            Self::Object(object) => object.key.clone(),
        }
    }

    fn leaf(&self) -> String {
        let key = self.key();
        key.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// Prefixes stand before objects, each by name.
    fn rank(&self) -> (bool, String) {
        (matches!(self, Self::Object(_)), self.key())
    }

    fn size(&self) -> u64 {
        if let Self::Object(object) = self { object.size_bytes } else { 0 }
    }

    fn modified(&self) -> f64 {
        if let Self::Object(object) = self { object.modified_at } else { 0.0 }
    }
}

#[component]
pub fn Browse(bucket: Option<String>, prefix: String) -> impl IntoView {
    let frame = use_frame();
    let place = RwSignal::new((bucket, prefix));
    let stores = live(|| Some(ListStores {}), &["bucket", "object"]);
    // The bucket of the SDK's session is the one people look for.
    Effect::new(move |_| {
        let wanted = frame.studio.value.with(|studio| studio.as_ref().map(|studio| studio.default_bucket.clone()));
        let first = stores.value.with(|stores| {
            stores.as_ref().and_then(|stores| {
                stores
                    .buckets
                    .iter()
                    .find(|bucket| Some(&bucket.name) == wanted.as_ref())
                    .or(stores.buckets.first())
                    .map(|bucket| bucket.name.clone())
            })
        });
        if let (None, Some(first)) = (place.with_untracked(|place| place.0.clone()), first) {
            place.set((Some(first), String::new()));
        }
    });
    let level = live_where(
        move || {
            place.with(|(bucket, prefix)| bucket.clone().map(|bucket| BrowseBucket { bucket, prefix: prefix.clone() }))
        },
        move |tag, id| {
            matches!(tag, "object" | "bucket")
                && place.with_untracked(|(bucket, _)| {
                    bucket.as_ref().is_none_or(|bucket| id.is_empty() || id.starts_with(bucket.as_str()))
                })
        },
    );
    let query = RwSignal::new(String::new());
    let selected = RwSignal::new(None::<String>);
    let go = move |bucket: String, prefix: String| {
        selected.set(None);
        query.set(String::new());
        place.set((Some(bucket), prefix));
    };
    let entries = Memo::new(move |_| {
        let prefix = place.with(|place| place.1.clone());
        level.value.with(|level| {
            let Some(level) = level else { return Vec::new() };
            // The answer to the level before stays until the new one is here: show nothing of it.
            let here = level
                .prefixes
                .iter()
                .map(String::as_str)
                .chain(level.objects.iter().map(|object| object.key.as_str()))
                .all(|key| key.starts_with(&prefix));
            if !here {
                return Vec::new();
            }
            let objects = level.objects.iter().filter(|object| object.key != prefix).cloned().map(Entry::Object);
            level.prefixes.iter().cloned().map(Entry::Prefix).chain(objects).collect()
        })
    });
    let rows = Signal::derive(move || {
        let query = query.get().to_lowercase();
        let mut rows = entries.get();
        rows.retain(|entry| entry.leaf().to_lowercase().contains(&query));
        rows
    });
    let sort = RwSignal::new(Sort { column: "name", descending: false });
    let open = move |key: String| {
        let Some(bucket) = place.with_untracked(|place| place.0.clone()) else { return };
        if key.ends_with('/') {
            go(bucket, key);
        } else if is_table(&key) {
            frame.open(Address::new("table", format!("s3://{bucket}/{key}")));
        } else {
            selected.set(Some(key));
        }
    };
    let no_buckets =
        move || stores.value.with(|stores| stores.as_ref().is_some_and(|stores| stores.buckets.is_empty()));
    view! {
        <main class="work" data-view="data">
            {move || stores.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="The buckets could not be listed" code=error.code message=error.message/></div> })}
            {move || stores.waiting().then(|| view! { <div class="pane"><Bones lines=5/></div> })}
            {move || no_buckets().then(|| view! {
                <Empty icon="data" title="No bucket yet" text="A bucket holds what jobs read and write. session.upload_data() in a notebook makes the default one; the tables of the workspace open from Files.">
                    <button type="button" class="btn btn-main" data-action="open-quickstart" on:click=move |_| {
                        if let Some(path) = frame.studio.value.with_untracked(|studio| studio.as_ref().map(|studio| studio.quickstart.clone())) { frame.open(Address::file(path)) }
                    }><Icon name="notebook"/>"Open the quickstart"</button>
                    <button type="button" class="btn" on:click=move |_| frame.open("files")><Icon name="files"/>"Go to the files"</button>
                </Empty>
            })}
            <div class="cols data-cols" class:is-none=no_buckets>
                <nav class="sidebar data-buckets" aria-label="Buckets">
                    <span class="label">"Buckets"</span>
                    <ul class="list">{move || stores.value.with(|stores| stores.as_ref().map(|stores| stores.buckets.clone()).unwrap_or_default()).into_iter().map(|bucket| {
                        let (name, mine, id) = (bucket.name.clone(), bucket.name.clone(), bucket.name.clone());
                        let on = move || place.with(|place| place.0.as_ref() == Some(&mine));
                        let title = format!("{} · {} · {}", bucket.name, format::counted(bucket.num_objects, "object", "objects"), format::bytes(bucket.size_bytes));
                        view! { <li class:is-on=on><button type="button" class="line data-bucket" data-bucket=id title=title on:click=move |_| go(name.clone(), String::new())>
                            <Icon name="data"/><span class="cut grow">{bucket.name.clone()}</span><span class="hint small num">{format::bytes(bucket.size_bytes)}</span></button></li> }
                    }).collect_view()}</ul>
                </nav>
                <div class="data-level">
                    <div class="toolbar">{crumbs(place, go)}<span class="grow"></span>
                        <span class="hint num">{move || format::counted(entries.with(Vec::len) as u64, "entry", "entries")}</span>
                        <Search value=query name="Find in this folder"/>
                    </div>
                    {move || level.error.get().map(|error| view! { <div class="pane-tight"><ErrorNote tried="This folder could not be read" code=error.code message=error.message/></div> })}
                    <DataTable name="Objects" rows columns=columns(open) key=Entry::key selected sort open=Callback::new(open)/>
                    {move || (level.value.with(Option::is_some) && rows.with(Vec::is_empty)).then(|| view! { <Empty icon="box" title="Nothing here" text="No object has a key that begins like this."/> })}
                </div>
            </div>
        </main>
        <aside class="inspector" aria-label="About the selection">{move || {
            let bucket = place.with(|place| place.0.clone())?;
            let key = selected.get()?;
            let entry = entries.with(|entries| entries.iter().find(|entry| entry.key() == key).cloned())?;
            Some(about(bucket, entry, open))
        }}
        {move || selected.get().is_none().then(|| view! { <div class="inspector-head"><h2>"Details"</h2></div><p class="section hint">"Select an object to see what it is. Double click opens it."</p> })}
        </aside>
    }
}

/// The way from the bucket to here, each part a link.
fn crumbs(
    place: RwSignal<(Option<String>, String)>,
    go: impl Fn(String, String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    move || {
        let (bucket, prefix) = place.get();
        let bucket = bucket?;
        let mut parts = vec![(bucket.clone(), String::new())];
        let mut so_far = String::new();
        for part in prefix.split_terminator('/') {
            so_far.push_str(part);
            so_far.push('/');
            parts.push((part.to_owned(), so_far.clone()));
        }
        let last = parts.len() - 1;
        Some(view! {
            <nav class="row crumbs cut" aria-label="Folder">{parts.into_iter().enumerate().map(|(i, (name, prefix))| {
                let bucket = bucket.clone();
                let id = prefix.clone();
                view! {
                    {(i > 0).then(|| view! { <span class="hint">"/"</span> })}
                    {if i == last { view! { <h1 class="strong cut">{name}</h1> }.into_any() } else { view! { <a href="#" data-crumb=id on:click=move |event| { event.prevent_default(); go(bucket.clone(), prefix.clone()) }>{name}</a> }.into_any() }}
                }
            }).collect_view()}</nav>
        })
    }
}

fn columns(open: impl Fn(String) + Copy + Send + Sync + 'static) -> Vec<Column<Entry>> {
    vec![
        Column::new("name", "Name", move |entry: &Entry| {
            let (key, id) = (entry.key(), entry.key());
            let icon = match entry {
                Entry::Prefix(_) => "files",
                Entry::Object(object) if is_table(&object.key) => "data",
                Entry::Object(_) => "file",
            };
            let opens = matches!(entry, Entry::Prefix(_)) || is_table(&key);
            let leaf = entry.leaf();
            view! { <span class="row"><Icon name=icon class="hint"/>{if opens {
                view! { <a href="#" class="job-link cut" data-key=id on:click=move |event| { event.prevent_default(); event.stop_propagation(); open(key.clone()) }>{leaf}</a> }.into_any()
            } else { view! { <span class="cut" data-key=id>{leaf}</span> }.into_any() }}</span> }.into_any()
        })
        .order(|a, b| a.rank().cmp(&b.rank())),
        Column::new("size", "Size", |entry: &Entry| match entry {
            Entry::Prefix(_) => "".into_any(),
            Entry::Object(object) => format::bytes(object.size_bytes).into_any(),
        })
        .number()
        .order(|a, b| a.size().cmp(&b.size())),
        Column::new("modified", "Changed", |entry: &Entry| match entry {
            Entry::Prefix(_) => "".into_any(),
            Entry::Object(object) => format::date_time(object.modified_at).into_any(),
        })
        .number()
        .order(|a, b| a.modified().total_cmp(&b.modified())),
    ]
}

fn about(bucket: String, entry: Entry, open: impl Fn(String) + Copy + Send + Sync + 'static) -> impl IntoView {
    let (key, leaf) = (entry.key(), entry.leaf());
    let uri = format!("s3://{bucket}/{key}");
    let opens = matches!(entry, Entry::Prefix(_)) || is_table(&key);
    let code = if is_table(&key) {
        format!("import pandas\n\ntable = pandas.read_csv(\n    {uri:?}\n)\n")
    } else {
        format!(
            "import boto3\n\nboto3.client(\"s3\").download_file(\n    {bucket:?},\n    {key:?},\n    {leaf:?},\n)\n"
        )
    };
    let code = if matches!(entry, Entry::Prefix(_)) { String::new() } else { code };
    let (shown, whole, wanted) = (uri.clone(), uri.clone(), key);
    view! {
        <div class="inspector-head"><h2 class="cut grow">{leaf}</h2></div>
        <div class="scroll">
            <section class="section"><dl class="kv">
                {if let Entry::Object(object) = &entry { Some(view! { <dt>"Size"</dt><dd>{format::bytes(object.size_bytes)}</dd><dt>"Changed"</dt><dd>{format::date_time(object.modified_at)}</dd> }) } else { None }}
            </dl>
            <div class="row"><span class="code-s cut grow" title=whole>{shown}</span><CopyButton text=uri name="Copy the URI"/></div></section>
            {(!code.is_empty()).then(|| view! { <section class="section"><Code text=code/></section> })}
        </div>
        {opens.then(|| view! { <div class="inspector-foot"><button type="button" class="btn" data-action="open-object" on:click=move |_| open(wanted.clone())><Icon name="arrow"/>"Open"</button></div> })}
    }
}
