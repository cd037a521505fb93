//! The keys of the notebook, on one page.

use super::session::Session;
use crate::kit::Dialog;
use leptos::prelude::*;

const KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Run",
        &[
            ("Ctrl Enter", "Run the cell"),
            ("Shift Enter", "Run and go on"),
            ("Alt Enter", "Run and insert below"),
            ("I I", "Interrupt the kernel"),
            ("0 0", "Restart the kernel"),
        ],
    ),
    (
        "Move",
        &[
            ("Enter", "Edit the cell"),
            ("Esc", "Leave the cell"),
            ("J / K", "Next, previous cell"),
            ("Shift J / K", "Choose more cells"),
            ("Ctrl A", "Choose all cells"),
            ("Ctrl Shift ↑ / ↓", "Move cells"),
            ("Space", "Scroll down, with Shift up"),
            ("← / →", "Fold, open the section"),
        ],
    ),
    (
        "Change",
        &[
            ("A / B", "Insert above, below"),
            ("D D", "Delete"),
            ("X / C / V", "Cut, copy, paste below"),
            ("Shift V", "Paste above"),
            ("Z / Shift Z", "Undo, do again"),
            ("Y / M / R", "Code, Markdown, raw"),
            ("1 … 6", "Heading of this level"),
            ("Shift M", "Join cells"),
            ("Ctrl Shift -", "Split at the cursor"),
        ],
    ),
    (
        "See",
        &[
            ("O / Shift O", "Hide, scroll the outputs"),
            ("L", "Line numbers"),
            ("Ctrl F / H", "Find, replace"),
            ("F3 / Shift F3", "Next, previous place"),
            ("Shift Tab", "Signature and documentation"),
            ("Tab", "Complete, or indent"),
            ("Ctrl S", "Save"),
            ("Ctrl Shift P", "All commands"),
        ],
    ),
];

pub fn view(session: Session) -> impl IntoView {
    view! {
        <Dialog open=session.help title="Keys of the notebook">
            <div class="dialog-body nb-keys" data-help="">
                {KEYS.iter().map(|(title, keys)| view! {
                    <section><h3 class="strong">{*title}</h3><dl>
                        {keys.iter().map(|(keys, words)| view! { <dt class="kbd">{keys.split(' ').map(|key| if matches!(key, "/" | "…") { view! { <span>{key}</span> }.into_any() } else { view! { <b>{key}</b> }.into_any() }).collect_view()}</dt><dd>{*words}</dd> }).collect_view()}
                    </dl></section>
                }).collect_view()}
            </div>
            <div class="dialog-foot"><span class="hint small">"Single keys work while no editor has the cursor"</span><span class="grow"></span><button type="button" class="btn btn-main" autofocus on:click=move |_| session.help.set(false)>"Close"</button></div>
        </Dialog>
    }
}
