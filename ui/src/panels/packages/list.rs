//! What is in one environment: a list to search, a field to install by, a button to remove.

use super::{Follow, about, progress};
use crate::frame::use_frame;
use crate::kit::dialog::Question;
use crate::kit::{Bones, ErrorNote, Icon, Search, TextField, format};
use crate::live::live;
use atelier_wire::event::TaskState;
use atelier_wire::studio::environment::{ChangePackages, Environment, ListPackages, Package};
use leptos::prelude::*;

/// Lists longer than this show the rest once they are narrowed down.
const SHOWN: usize = 400;

/// What a person typed, as separate requirements: parted by commas or spaces, but `numpy >= 2` is one.
fn requirements(typed: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut joins = false;
    for word in typed.split([' ', '\n', '\t']).filter(|word| !word.is_empty()) {
        let word_starts = word.starts_with(['<', '>', '=', '!', '~', '[']);
        match out.last_mut() {
            Some(last) if joins || word_starts => last.push_str(word),
            _ => out.push(word.to_owned()),
        }
        joins = word.ends_with(['<', '>', '=', '~', '[']);
    }
    let parted = out.iter().flat_map(|item| {
        if item.contains(['<', '>', '=', '~', '[']) {
            vec![item.trim_end_matches(',').to_owned()]
        } else {
            item.split(',').map(str::to_owned).collect()
        }
    });
    parted.filter(|item| !item.is_empty()).collect()
}

pub fn view(environment: Environment) -> impl IntoView {
    let kernel = StoredValue::new(environment.kernel.clone());
    let packages = live(move || Some(ListPackages { kernel: kernel.get_value() }), &["environment"]);
    let wanted = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let follow = Follow::new();
    let busy = move || follow.state() == Some(TaskState::Running);
    let change = move |install: Vec<String>, remove: Vec<String>| {
        follow.start(ChangePackages { kernel: kernel.get_value(), install, remove })
    };
    let install = move || {
        let list = requirements(&typed.get_untracked());
        if !list.is_empty() && !busy() {
            change(list, Vec::new());
            typed.set(String::new());
        }
    };
    Effect::new(move |_| {
        if follow.state() == Some(TaskState::Done) {
            packages.reload();
        }
    });
    let found = Memo::new(move |_| {
        let wanted = wanted.with(|wanted| wanted.trim().to_lowercase());
        packages
            .get()
            .map(|all| {
                all.packages
                    .into_iter()
                    .filter(|package| package.name.to_lowercase().contains(&wanted))
                    .collect::<Vec<Package>>()
            })
            .unwrap_or_default()
    });
    let count = move || packages.value.with(|value| value.as_ref().map_or(0, |all| all.packages.len()));
    let is_ready = environment.is_ready;
    view! {
        <div class="pkg-main">
            <header class="pkg-head">
                <h1 class="title">{environment.name.clone()}</h1>
                <p class="quiet">{about(&environment)}</p>
                <p class="small hint code-s cut" title=environment.origin.clone()>{environment.origin.clone()}</p>
            </header>
            {(!is_ready).then(|| view! {
                <div class="pkg-make"><p class="quiet">"It has not been made yet. Making it installs what its file asks for."</p>
                    <button type="button" class="btn btn-main" data-action="make-environment" disabled=busy on:click=move |_| change(Vec::new(), Vec::new())>"Make it"</button></div>
            })}
            <form class="pkg-add" on:submit=move |event| { event.prevent_default(); install() }>
                <TextField value=typed name="Packages to install" hint="Packages, as pip writes them: lightgbm, numpy>=2" code=true/>
                <button type="submit" class="btn btn-main" data-action="install-packages" disabled=move || busy() || typed.with(|typed| typed.trim().is_empty())><Icon name="download"/>"Install"</button>
            </form>
            {progress(follow)}
            <div class="pkg-find"><Search value=wanted name=Signal::derive(move || format!("Filter {}", format::counted(count() as u64, "package", "packages")))/></div>
            {move || packages.waiting().then(|| view! { <Bones lines=8/> })}
            {move || packages.error.get().filter(|_| is_ready).map(|error| view! { <ErrorNote tried="The packages could not be listed" code=error.code.clone() message=error.message.clone()/> })}
            <div class="scroll pkg-scroll"><table class="table" aria-label="Packages">
                <thead><tr><th>"Package"</th><th>"Version"</th><th></th></tr></thead>
                <tbody><For each=move || found.with(|found| found.iter().take(SHOWN).cloned().collect::<Vec<_>>()) key=|package| (package.name.clone(), package.version.clone()) children=move |package| row(package, busy, change)/></tbody>
            </table>
            {move || (found.with(Vec::len) > SHOWN).then(|| view! { <p class="hint small">{format!("{} more: filter to see them", found.with(Vec::len) - SHOWN)}</p> })}</div>
        </div>
    }
}

fn row(
    package: Package,
    busy: impl Fn() -> bool + Copy + Send + Sync + 'static,
    change: impl Fn(Vec<String>, Vec<String>) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let window = use_frame();
    let name = package.name.clone();
    let ask = move |_| {
        let gone = name.clone();
        let question =
            Question::new(format!("Remove {gone}?"), "Remove", move || change(Vec::new(), vec![gone.clone()])).text(
                "Kernels that have imported it keep it until they are restarted. Packages that need it stop working.",
            );
        window.question.set(Some(question));
    };
    view! {
        <tr data-package=package.name.clone()>
            <td class="code-s">{package.name.clone()}</td><td class="code-s num">{package.version}</td>
            <td class="n"><button type="button" class="btn btn-s btn-bare btn-icon" aria-label=format!("Remove {}", package.name) title="Remove" disabled=busy on:click=ask><Icon name="trash"/></button></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::requirements;

    fn check(typed: &str, expected: &[&str]) {
        assert_eq!(requirements(typed), expected, "{typed:?}");
    }

    #[test]
    fn what_was_typed() {
        check("lightgbm", &["lightgbm"]);
        check("a, b c", &["a", "b", "c"]);
        check("numpy >= 2", &["numpy>=2"]);
        check("numpy>=2,<3 pandas", &["numpy>=2,<3", "pandas"]);
        check("ray[tune] x", &["ray[tune]", "x"]);
        check("a==1, b", &["a==1", "b"]);
        check("  ", &[]);
    }
}
