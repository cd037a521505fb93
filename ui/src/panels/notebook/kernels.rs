//! The kernels of the notebook: a chip each with name, environment and state, and what can be done to them.

use super::session::Session;
use crate::api;
use crate::frame::{Address, use_frame};
use crate::kit::{Callout, Icon, Tone, format};
use atelier_wire::studio::kernel::{KernelInfo, KernelSpec, KernelState, ListKernels};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

pub fn view(session: Session) -> impl IntoView {
    move || {
        let kernels = session.kernels.get();
        session.language.track();
        if kernels.is_empty() {
            return view! { <Chip session kernel=None first=true/> }.into_any();
        }
        kernels
            .into_iter()
            .enumerate()
            .map(|(at, kernel)| view! { <Chip session kernel=Some(kernel) first=at == 0/> })
            .collect_view()
            .into_any()
    }
}

pub(super) fn state_of(kernel: Option<&KernelInfo>) -> (Tone, &'static str) {
    match kernel.map(|kernel| kernel.state) {
        None => (Tone::Wait, "no kernel yet"),
        Some(KernelState::Starting) => (Tone::Live, "starting"),
        Some(KernelState::Idle) => (Tone::Ok, "idle"),
        Some(KernelState::Busy) => (Tone::Live, "busy"),
        Some(KernelState::Dead) => (Tone::Bad, "died"),
    }
}

/// `python` as a person writes it.
fn language_name(language: &str) -> String {
    let mut letters = language.chars();
    letters.next().map_or_else(|| "Kernel".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

#[component]
fn Chip(session: Session, kernel: Option<KernelInfo>, first: bool) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Span>::new();
    let away = window_event_listener(ev::pointerdown, move |event| {
        let inside =
            root.get_untracked().zip(event.target()).is_some_and(|(root, target)| root.contains(target.dyn_ref()));
        if !inside && open.get_untracked() {
            open.set(false);
        }
    });
    on_cleanup(move || away.remove());
    let (tone, word) = state_of(kernel.as_ref());
    let name = kernel
        .as_ref()
        .map_or_else(|| language_name(&session.language.get_untracked()), |kernel| kernel.display_name.clone());
    let environment = kernel
        .as_ref()
        .map(|kernel| kernel.environment.clone())
        .filter(|environment| !environment.is_empty() && *environment != name);
    let says = kernel.as_ref().and_then(|kernel| kernel.problem.clone()).filter(|_| word == "starting");
    let title = match &kernel {
        None => format!("{name}: {word}. It starts with the first cell that runs"),
        Some(kernel) => format!("{name} ({}): {word}", kernel.environment),
    };
    let held = StoredValue::new(kernel);
    let shown = name.clone();
    view! {
        <span class="menu-root" node_ref=root on:keydown=move |event: ev::KeyboardEvent| if event.key() == "Escape" && open.get_untracked() { event.stop_propagation(); open.set(false) }>
            <button type="button" class=format!("btn btn-bare state nb-kernel {}", tone.class()) data-kernel=word data-kernel-name=shown.clone() title=title aria-haspopup="menu" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                <Icon name=tone.icon() class=tone.spin()/>
                <span>{name}</span>
                {environment.map(|environment| view! { <span class="hint small nb-env">{environment}</span> })}
                <span class="hint small">{word}</span>
                {says.map(|says| view! { <span class="hint small cut nb-says" title=says.clone()>{says.clone()}</span> })}
            </button>
            {move || open.get().then(|| held.with_value(|kernel| menu(session, kernel.clone(), first, open)))}
        </span>
    }
}

fn menu(session: Session, kernel: Option<KernelInfo>, first: bool, open: RwSignal<bool>) -> AnyView {
    let own = session.kernel_name.get_untracked();
    let which = kernel.as_ref().map(|kernel| kernel.name.clone()).filter(|name| *name != own);
    let line = move |icon: &'static str,
                     label: &'static str,
                     keys: &'static str,
                     action: &'static str,
                     bad: bool,
                     act: Box<dyn Fn()>| {
        view! { <button type="button" role="menuitem" class="menu-item" class:is-bad=bad data-action=action on:click=move |_| { open.set(false); act() }><Icon name=icon/><span class="grow">{label}</span><span class="kbd">{keys}</span></button> }
    };
    let (a, b, c, d) = (which.clone(), which.clone(), which.clone(), which);
    let acts = kernel.as_ref().map(|kernel| {
        let dead = kernel.state == KernelState::Dead;
        view! {
            {(!dead).then(|| line("stop", "Interrupt", "I I", "kernel-interrupt", false, Box::new(move || session.interrupt(a.clone()))))}
            {line("restart", "Restart", "0 0", "kernel-restart", false, Box::new(move || session.restart(b.clone(), false)))}
            {line("skip", "Restart and run all", "", "kernel-restart-run-all", false, Box::new(move || session.restart(c.clone(), true)))}
            {(!dead).then(|| line("stopped", "Stop", "", "kernel-stop", true, Box::new(move || session.stop(d.clone()))))}
        }
    });
    let window = use_frame();
    let in_python = kernel
        .as_ref()
        .map_or_else(|| session.language.get_untracked() == "python", |kernel| kernel.language == "python");
    let packages = in_python.then(|| {
        let of = kernel.as_ref().map_or(own, |kernel| kernel.name.clone());
        line(
            "box",
            "Packages…",
            "",
            "packages",
            false,
            Box::new(move || window.open(Address::new("packages", of.clone()))),
        )
    });
    let facts = kernel.map(|kernel| {
        view! {
            <p class="nb-kernel-facts hint small">{[kernel.environment, if kernel.memory_bytes > 0 { format::bytes(kernel.memory_bytes) } else { String::new() }].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ")}</p>
        }
    });
    view! {
        <div class="menu nb-kernel-menu" role="menu">
            {facts}
            {acts}
            {packages}
            {first.then(|| view! { <Choices session open/> })}
        </div>
    }
    .into_any()
}

/// The kernelspecs of the machine, to run the notebook with.
#[component]
fn Choices(session: Session, open: RwSignal<bool>) -> impl IntoView {
    let specs = RwSignal::new(None::<Result<Vec<KernelSpec>, String>>);
    spawn_local(async move {
        let answer = api::call(ListKernels {}).await.map(|kernels| kernels.available).map_err(|error| error.message);
        specs.try_set(Some(answer));
    });
    let own = session.kernel_name.get_untracked();
    view! {
        <span class="label">"Run this notebook with"</span>
        {move || match specs.get() {
            None => view! { <p class="hint small nb-kernel-facts">"Looking for kernels…"</p> }.into_any(),
            Some(Err(problem)) => view! { <p class="err small nb-kernel-facts">{problem}</p> }.into_any(),
            Some(Ok(specs)) => specs.into_iter().map(|spec| {
                let on = spec.name == own;
                let name = spec.name.clone();
                view! {
                    <button type="button" role="menuitemradio" aria-checked=on.to_string() class="menu-item" data-kernelspec=spec.name.clone() title=spec.origin on:click=move |_| {
                        open.set(false);
                        if !on { session.choose_kernel(name.clone()) }
                    }>
                        <Icon name=if on { "check" } else { "box" }/><span>{spec.display_name.clone()}</span><span class="grow"></span>
                        <span class="hint small">{if spec.environment == spec.display_name { spec.language } else { spec.environment }}</span>
                    </button>
                }
            }).collect_view().into_any(),
        }}
    }
}

/// Kernels that died: why, with their last words, and the way on. Kernels that start say what they do.
pub fn notes(session: Session) -> impl IntoView {
    move || {
        let own = session.kernel_name.get();
        session.kernels.get().into_iter().filter(|kernel| kernel.state == KernelState::Dead).map(|kernel| {
            let which = (kernel.name != own).then(|| kernel.name.clone());
            let again = which.clone();
            let problem = kernel.problem.clone().unwrap_or_else(|| "It ended without a word.".into());
            let (reason, words) = problem.split_once('\n').map_or((problem.clone(), String::new()), |(reason, words)| (reason.to_owned(), words.trim_end().to_owned()));
            view! {
                <div class="nb-note" data-dead=kernel.name.clone()><Callout kind="bad" title=format!("{} has died", kernel.display_name) text=reason>
                    <button type="button" class="btn btn-s" data-action="restart" on:click=move |_| session.restart(which.clone(), false)>"Restart the kernel"</button>
                    <button type="button" class="btn btn-s btn-bare" data-action="restart-run-all" on:click=move |_| session.restart(again.clone(), true)>"Restart and run all"</button>
                </Callout>
                {(!words.is_empty()).then(|| view! { <pre class="nb-last-words code-s" aria-label="Its last lines">{words}</pre> })}</div>
            }
        }).collect_view()
    }
}
