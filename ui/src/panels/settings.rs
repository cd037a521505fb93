//! Settings: how the window looks, where the platform is, what a terminal needs to use it, keys, and stopping it all.

use crate::api;
use crate::frame::keymap::Keymap;
use crate::frame::theme::Theme;
use crate::frame::{Address, Frame, use_frame};
use crate::kit::dialog::Question;
use crate::kit::toast::use_toasts;
use crate::kit::{Bones, Choice, Code, CopyButton, ErrorNote, format};
use atelier_wire::studio::home::{StopStudio, StudioInfo};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What to press for what, in groups.
const KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Window",
        &[
            ("Commands", "Ctrl Shift P"),
            ("Open anything", "Ctrl P"),
            ("Close tab", "Alt W"),
            ("Reopen closed tab", "Ctrl Shift T"),
            ("Next and previous tab", "Alt ] ["),
        ],
    ),
    (
        "Notebook, anywhere",
        &[
            ("Run and move on", "Shift Enter"),
            ("Run", "Ctrl Enter"),
            ("Run and insert below", "Alt Enter"),
            ("Save", "Ctrl S"),
        ],
    ),
    (
        "Notebook, command mode",
        &[
            ("Edit, leave", "Enter Esc"),
            ("Insert above, below", "A B"),
            ("Delete, undo", "DD Z"),
            ("Text, code", "M Y"),
            ("Cut, copy, paste", "X C V"),
            ("Interrupt, restart", "II 00"),
            ("Move the cell", "Ctrl Shift ↑↓"),
        ],
    ),
];

pub fn open(_address: Address) -> AnyView {
    view! { <Settings/> }.into_any()
}

#[component]
fn Settings() -> impl IntoView {
    let frame = use_frame();
    let theme = choice(frame.theme, Theme::id, Theme::from_id);
    let keymap = choice(frame.keymap, Keymap::id, Keymap::from_id);
    let keymaps = Keymap::ALL.map(|keymap| (keymap.id(), keymap.name())).to_vec();
    view! {
        <main class="work"><div class="scroll"><div class="settings">
            <h1 class="title">"Settings"</h1>
            <section aria-label="Appearance">
                <div class="hd"><h2>"Appearance"</h2></div>
                <div class="form"><div class="form-line"><span class="quiet">"Theme"</span>
                    <span><Choice value=theme name="Theme" options=vec![("system", "As the system"), ("light", "Light"), ("dark", "Dark")]/></span></div>
                    <div class="form-line"><span class="quiet">"Editor keys"</span>
                    <span><Choice value=keymap name="Editor keys" options=keymaps/></span></div></div>
            </section>
            {move || frame.studio.error.get().map(|error| view! { <ErrorNote tried="The platform's settings could not be read" code=error.code message=error.message/> })}
            {move || frame.studio.waiting().then(|| view! { <Bones lines=6/> })}
            {move || frame.studio.get().map(|studio| view! { {terminal(&studio)} {platform(frame, &studio)} })}
            <section aria-label="Python environments">
                <div class="hd"><h2>"Python environments"</h2></div>
                <p class="quiet">"What notebooks and jobs run in, and the packages of each."</p>
                <p><button type="button" class="btn" data-action="packages" on:click=move |_| frame.open("packages")>"Packages and environments"</button></p>
            </section>
            {keys()}
            {stop(frame)}
        </div></div></main>
    }
}

/// What a choice shows: each follows the other, and only when it differs, else they would set each other for ever.
fn choice<T: Copy + PartialEq + Send + Sync + 'static>(
    of: RwSignal<T>,
    id: fn(T) -> &'static str,
    from_id: fn(&str) -> T,
) -> RwSignal<String> {
    let shown = RwSignal::new(id(of.get_untracked()).to_owned());
    Effect::new(move |_| {
        let chosen = from_id(&shown.get());
        if of.get_untracked() != chosen {
            of.set(chosen);
        }
    });
    Effect::new(move |_| {
        let id = id(of.get());
        if shown.with_untracked(|shown| shown != id) {
            shown.set(id.to_owned());
        }
    });
    shown
}

fn terminal(studio: &StudioInfo) -> AnyView {
    let home = studio.home.clone();
    let lines = studio.environment.clone();
    let shell = format!("eval \"$(atelier env --home {})\"", quoted(&home));
    view! {
        <section aria-label="Use it from a terminal">
            <div class="hd"><h2>"Use it from a terminal"</h2></div>
            <p class="quiet">"Any script of boto3, the SageMaker SDK or the AWS CLI on this machine uses the platform with these variables. Notebooks and jobs have them set. In a shell:"</p>
            <Code text=shell language="text"/>
            <table class="table env" aria-label="Environment">
                <tbody>{lines.into_iter().map(|(name, value)| {
                    let secret = value.contains('•') || value.contains("...") || value.chars().all(|letter| letter == '*' || letter == '.');
                    let copy = format!("export {name}={}", quoted(&value));
                    let (key, title) = (name.clone(), value.clone());
                    view! { <tr data-variable=key><td class="code-s">{name}</td><td class="code-s env-value" title=title>{value}</td>
                        <td class="n">{if secret { view! { <span class="hint small">"see atelier env"</span> }.into_any() } else { view! { <CopyButton text=copy name="Copy as export"/> }.into_any() }}</td></tr> }
                }).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/_-.:@%+,=".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn platform(frame: Frame, studio: &StudioInfo) -> AnyView {
    let line = |name: &'static str, value: String| {
        let copy = value.clone();
        view! { <dt>{name}</dt><dd class="code-s" data-setting=name><span class="cut">{value}</span><CopyButton text=copy name=format!("Copy {name}")/></dd> }
    };
    let started = studio.started_at;
    view! {
        <section aria-label="Platform">
            <div class="hd"><h2>"Platform"</h2><span class="count">{format!("version {}", studio.version)}</span></div>
            <dl class="kv settings-kv">
                {line("Address", studio.address.clone())}
                {line("Home", studio.home.clone())}
                {line("Workspace", studio.workspace.clone())}
                {line("Region", studio.region.clone())}
                {line("Account", studio.account.clone())}
                {line("Default bucket", studio.default_bucket.clone())}
                {line("Role", studio.role_arn.clone())}
            </dl>
            <p class="hint small num">{move || {
                let machine = frame.machine.value.with(|machine| machine.as_ref().map(|machine| format::bytes(machine.backend_memory_bytes)));
                let memory = machine.map(|memory| format!(" · backend uses {memory}")).unwrap_or_default();
                format!("running since {}{memory}", format::date_time(started))
            }}</p>
        </section>
    }
    .into_any()
}

fn keys() -> impl IntoView {
    view! {
        <section aria-label="Keys">
            <div class="hd"><h2>"Keys"</h2></div>
            <div class="settings-keys">{KEYS.iter().map(|(group, keys)| view! {
                <div><h3 class="label">{*group}</h3><dl class="kv">{keys.iter().map(|(what, keys)| view! {
                    <dt>{*what}</dt><dd><span class="kbd">{keys.split(' ').map(|key| view! { <b>{key}</b> }).collect_view()}</span></dd>
                }).collect_view()}</dl></div>
            }).collect_view()}</div>
        </section>
    }
}

fn stop(frame: Frame) -> impl IntoView {
    let toasts = use_toasts();
    let act = move || {
        spawn_local(async move {
            if let Err(error) = api::call(StopStudio {}).await
                && error.code != "BackendUnreachable"
            {
                toasts.fail("The platform could not be stopped", error.message);
            }
        });
    };
    let ask = move |_| {
        let machine = frame.machine.value.get_untracked().unwrap_or_default();
        let question = Question::new("Stop the platform?", "Stop everything", act)
            .text("The window stays empty until the platform is started again.")
            .depends(
                "notebook",
                format::counted(machine.kernels_running as u64, "kernel", "kernels"),
                "stopped; their variables are lost",
            )
            .depends(
                "jobs",
                format::counted(machine.jobs_running as u64, "running job", "running jobs"),
                "go on, and are taken up at the next start",
            )
            .depends(
                "endpoints",
                format::counted(machine.endpoints_in_service as u64, "endpoint", "endpoints"),
                "serve again at the next start",
            )
            .depends("box", "buckets, models, logs", "kept");
        frame.question.set(Some(question));
    };
    view! {
        <section aria-label="Stop">
            <div class="hd"><h2>"Stop"</h2></div>
            <p class="quiet">"The platform goes on when this window closes: kernels, jobs and endpoints live in it."</p>
            <button type="button" class="btn btn-stop" data-action="stop-platform" on:click=ask>"Stop the platform…"</button>
        </section>
    }
}
