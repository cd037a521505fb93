//! A change of packages on its way: what it says, and how it ended.

use crate::api;
use crate::kit::Icon;
use atelier_wire as wire;
use leptos::prelude::*;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;
use wire::event::{Task, TaskState};
use wire::studio::environment::ChangePackages;

/// Starts changes and follows the last one.
#[derive(Clone, Copy)]
pub struct Follow {
    id: RwSignal<Option<String>>,
    /// Tasks that were told of, by id: the first word of a task may come before its name does.
    told: RwSignal<HashMap<String, Task>>,
    refused: RwSignal<Option<wire::Error>>,
    asking: RwSignal<bool>,
}

impl Follow {
    pub fn new() -> Self {
        let follow = Self {
            id: RwSignal::new(None),
            told: RwSignal::new(HashMap::new()),
            refused: RwSignal::new(None),
            asking: RwSignal::new(false),
        };
        api::on_event(move |event| {
            if let wire::Event::Task(task) = event {
                let concerns =
                    follow.asking.get_untracked() || follow.id.with_untracked(|id| id.as_ref() == Some(&task.id));
                if concerns {
                    follow.told.update(|told| _ = told.insert(task.id.clone(), task.clone()));
                }
            }
        });
        follow
    }

    pub fn start(self, change: ChangePackages) {
        self.told.set(HashMap::new());
        self.refused.set(None);
        self.id.set(None);
        self.asking.set(true);
        spawn_local(async move {
            match api::call(change).await {
                Ok(started) => _ = self.id.try_set(Some(started.task)),
                Err(error) => _ = self.refused.try_set(Some(error)),
            }
            self.asking.try_set(false);
        });
    }

    pub fn task(&self) -> Option<Task> {
        let id = self.id.get()?;
        self.told.with(|told| told.get(&id).cloned())
    }

    /// `None` before the first start.
    pub fn state(&self) -> Option<TaskState> {
        if self.refused.with(Option::is_some) {
            return Some(TaskState::Failed);
        }
        if self.asking.get() {
            return Some(TaskState::Running);
        }
        self.id.with(Option::is_some).then(|| self.task().map_or(TaskState::Running, |task| task.state))
    }

    /// Why it failed.
    fn problem(&self) -> Option<String> {
        let refused = self.refused.with(|refused| refused.as_ref().map(|error| error.message.clone()));
        refused.or_else(|| self.task().and_then(|task| task.problem))
    }
}

/// What it does now, or why it failed.
pub fn progress(follow: Follow) -> impl IntoView {
    move || {
        match follow.state() {
        Some(TaskState::Running) => {
            let task = follow.task();
            let words = task.as_ref().map_or_else(|| "Starting".to_owned(), |task| if task.line.is_empty() { task.title.clone() } else { task.line.clone() });
            let fraction = task.as_ref().and_then(|task| task.fraction).map(|fraction| f64::from(fraction).clamp(0.0, 1.0));
            view! {
                <span class="pkg-run" role="status" data-task="running">
                    <span class="state is-live"><Icon name="live" class="spin"/>{task.map(|task| task.title).unwrap_or_default()}</span>
                    {fraction.map(|fraction| view! { <span class="progress"><i style:width=format!("{:.0}%", fraction * 100.0)></i></span><span class="num small">{format!("{:.0} %", fraction * 100.0)}</span> })}
                    <span class="small hint cut code-s">{words}</span>
                </span>
            }
            .into_any()
        }
        Some(TaskState::Failed) => view! { <span class="pkg-run" role="alert" data-task="failed"><span class="state is-bad"><Icon name="fail"/>"Failed"</span><span class="small wrap">{follow.problem().unwrap_or_default()}</span></span> }.into_any(),
        Some(TaskState::Done) => view! { <span class="pkg-run" role="status" data-task="done"><span class="state is-ok"><Icon name="done"/>{follow.task().map(|task| task.title).unwrap_or_default()}</span></span> }.into_any(),
        None => ().into_any(),
    }
    }
}
