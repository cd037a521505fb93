//! State: a shape, a word, then a colour. Each is readable in grey.

use super::Icon;
use leptos::prelude::*;

/// What kind of state a word is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Live,
    #[default]
    Wait,
    Warn,
    Bad,
    /// Ended by a person's wish: neither good nor bad.
    Stopped,
}

impl Tone {
    /// The tone of a status word as the platform spells it.
    pub fn of(status: &str) -> Self {
        match status {
            "Completed" | "InService" | "Succeeded" | "Idle" | "idle" | "Done" => Self::Ok,
            "InProgress" | "Creating" | "Updating" | "SystemUpdating" | "Starting" | "Downloading" | "Training"
            | "Uploading" | "Running" | "Busy" | "busy" | "Deleting" | "RollingBack" => Self::Live,
            "Stopping" | "OutOfService" | "UpdateRollbackFailed" => Self::Warn,
            "Failed" | "Dead" => Self::Bad,
            "Stopped" => Self::Stopped,
            _ => Self::Wait,
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "state-ok",
            Self::Live => "state-live",
            Self::Wait | Self::Stopped => "state-wait",
            Self::Warn => "state-warn",
            Self::Bad => "state-bad",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Live => "live",
            Self::Wait => "wait",
            Self::Warn => "warn",
            Self::Bad => "fail",
            Self::Stopped => "stopped",
        }
    }

    pub fn spin(self) -> &'static str {
        if self == Self::Live { "spin" } else { "" }
    }
}

/// `InService` as a person says it: `In service`.
pub fn word(status: &str) -> String {
    let mut out = String::with_capacity(status.len() + 2);
    for (index, letter) in status.chars().enumerate() {
        if index > 0 && letter.is_uppercase() {
            out.push(' ');
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}

/// A state in a line of text. `data-state` holds the word for tests and styles.
#[component]
pub fn State(#[prop(into)] tone: Signal<Tone>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! {
        <span class=move || format!("state {}", tone.get().class()) data-state=move || label.get()>
            <Icon name=Signal::derive(move || tone.get().icon()) class=Signal::derive(move || tone.get().spin())/>
            {move || label.get()}
        </span>
    }
}

/// A state beside a headline.
#[component]
pub fn StateChip(#[prop(into)] tone: Signal<Tone>, #[prop(into)] label: Signal<String>) -> impl IntoView {
    view! {
        <span class=move || format!("state state-chip {}", tone.get().class()) data-state=move || label.get()>
            <Icon name=Signal::derive(move || tone.get().icon()) class=Signal::derive(move || tone.get().spin())/>
            {move || label.get()}
        </span>
    }
}
