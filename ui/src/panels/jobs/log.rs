//! A job's log: follows what is written, searched and narrowed by level, drawn only where it is seen.

use crate::api;
use crate::kit::size::size_of;
use crate::kit::{Choice, CopyButton, Icon, Search, format, use_toasts};
use atelier_wire::Event;
use atelier_wire::studio::job::{GetJobLog, LogLine};
use gloo_timers::future::TimeoutFuture;
use leptos::{html, prelude::*};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Height of a line in pixels; the token `--lh-code`.
const LINE: f64 = 20.0;
/// Lines asked for at once.
const CHUNK: usize = 5_000;

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    fn of(text: &str) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["ERROR", "Error:", "Exception", "Traceback", "CRITICAL", "FATAL"]) {
            Self::Error
        } else if has(&["WARN", "Warning", "warning:"]) {
            Self::Warn
        } else {
            Self::Info
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// The lines read so far; reads on whenever the log grows.
fn follow(job: String) -> (RwSignal<Vec<LogLine>>, RwSignal<bool>) {
    let lines = RwSignal::new(Vec::new());
    let read = RwSignal::new(false);
    let toasts = use_toasts();
    let after = Rc::new(Cell::new(0_u64));
    let (busy, again) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let asked = job.clone();
    let read_on = Rc::new(move || {
        again.set(true);
        if busy.replace(true) {
            return;
        }
        let (job, after, busy, again) = (asked.clone(), after.clone(), busy.clone(), again.clone());
        spawn_local(async move {
            while again.replace(false) {
                match api::call(GetJobLog { job: job.clone(), after: after.get(), limit: CHUNK }).await {
                    Ok(log) => {
                        again.set(again.get() || log.lines.len() == CHUNK);
                        after.set(log.next);
                        // `None` when the page is gone: then nobody reads on.
                        if lines.try_update(|lines| lines.extend(log.lines)).is_none() {
                            return;
                        }
                    }
                    Err(error) if error.code == "ResourceNotFound" => {}
                    Err(error) => toasts.fail(format!("The log of {job} could not be read"), error.message),
                }
                read.try_set(true);
                TimeoutFuture::new(120).await;
            }
            busy.set(false);
        });
    });
    read_on();
    api::on_event(move |event| match event {
        Event::Changed { tag, id } if tag == "log" && *id == job => read_on(),
        // The last lines may come with the last state.
        Event::Changed { tag, id }
            if job.strip_prefix(tag.as_str()).is_some_and(|rest| rest.strip_prefix('/') == Some(id)) =>
        {
            read_on()
        }
        Event::Lagged => read_on(),
        _ => {}
    });
    (lines, read)
}

/// The log of `job`, which is `training-job/NAME` or `transform-job/NAME`.
#[component]
pub fn JobLogView(job: String, #[prop(into)] runs: Signal<bool>) -> impl IntoView {
    let (lines, read) = follow(job);
    let (query, level, following) =
        (RwSignal::new(String::new()), RwSignal::new("all".to_owned()), RwSignal::new(true));
    let wanted = Memo::new(move |_| {
        let (query, level) = (query.get().to_lowercase(), level.get());
        let fits = |line: &LogLine| {
            (level == "all" || Level::of(&line.text).word() == level)
                && (query.is_empty() || line.text.to_lowercase().contains(&query))
        };
        lines.with(|lines| {
            let plain = query.is_empty() && level == "all";
            if plain {
                (0..lines.len()).collect::<Vec<usize>>()
            } else {
                (0..lines.len()).filter(|i| fits(&lines[*i])).collect()
            }
        })
    });
    let num_loud =
        move |level: Level| lines.with(|lines| lines.iter().filter(|line| Level::of(&line.text) == level).count());
    let node = NodeRef::<html::Div>::new();
    let size = size_of(node);
    let top = RwSignal::new(0.0_f64);
    let window = Memo::new(move |_| {
        let from = ((top.get() / LINE) as usize).saturating_sub(8);
        (from, from + (size.get().1 / LINE) as usize + 20)
    });
    Effect::new(move |_| {
        let rows = wanted.with(Vec::len);
        size.track();
        if let (true, Some(node)) = (following.get(), node.get()) {
            // After the new lines stand in the page.
            request_animation_frame(move || node.set_scroll_top((rows as f64 * LINE) as i32));
        }
    });
    let on_scroll = move |_| {
        let Some(node) = node.get_untracked() else { return };
        let now = f64::from(node.scroll_top());
        let at_end = now + f64::from(node.client_height()) >= f64::from(node.scroll_height()) - LINE * 1.5;
        if at_end {
            following.set(true);
        } else if now < top.get_untracked() {
            // Scrolling up looks back: the log stops following.
            following.set(false);
        }
        top.set(now);
    };
    let text = Signal::derive(move || {
        lines.with(|lines| lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"))
    });
    view! {
        <section class="job-log" aria-label="Log" data-log="">
            <div class="bottom-head">
                <h2 class="strong">"Log"</h2>
                <span class="hint small num">{move || { let (all, shown) = (lines.with(Vec::len), wanted.with(Vec::len)); if all == shown { format::counted(all as u64, "line", "lines") } else { format!("{} of {} lines", format::count(shown as u64), format::count(all as u64)) } }}</span>
                <span class="grow"></span>
                <Search value=query name="Search the log" small=true/>
                {move || {
                    let (warn, error) = (num_loud(Level::Warn), num_loud(Level::Error));
                    (warn + error > 0).then(|| view! { <Choice value=level name="Level" options=vec![("all", "All"), ("info", "Info"), ("warn", "Warn"), ("error", "Error")]/> })
                }}
                <button type="button" class="btn btn-s" class:is-on=move || following.get() aria-pressed=move || following.get().to_string() data-action="follow-log" title="Keep the newest line in view"
                    on:click=move |_| following.update(|on| *on = !*on)><Icon name="follow" class="i-s"/>{move || if following.get() { "Following" } else { "Follow" }}</button>
                <CopyButton text name="Copy the whole log"/>
            </div>
            <div class="scroll" node_ref=node tabindex="0" role="log" aria-label="Lines of the log" on:scroll=on_scroll>
                <div class="log" style:height=move || format!("{}px", wanted.with(Vec::len) as f64 * LINE + 8.0)>
                    <div class="log-lead" style:height=move || format!("{}px", window.get().0.min(wanted.with(Vec::len)) as f64 * LINE)></div>
                    <For each=move || { let (from, to) = window.get(); wanted.with(|wanted| wanted[from.min(wanted.len())..to.min(wanted.len())].to_vec()) } key=|i| *i children=move |i| {
                        let line = lines.with_untracked(|lines| lines[i].clone());
                        let level = Level::of(&line.text);
                        let class = match level { Level::Info => "lv", Level::Warn => "lv lv-w", Level::Error => "lv lv-e" };
                        let host = (line.host != "algo-1" && !line.host.is_empty()).then(|| format!("{}  ", line.host));
                        let whole = line.text.clone();
                        view! { <div class="log-line"><span class="at">{format::clock_ms(line.at_ms)}</span><span class=class>{level.word()}</span><span title=whole>{host}{move || hits(&line.text, &query.get())}</span></div> }
                    }/>
                </div>
                {move || lines.with(Vec::is_empty).then(|| view! { <p class="hint log-none">{move || match (read.get(), runs.get()) { (false, _) => "Reading the log…", (true, true) => "The first lines come when the job's program starts", (true, false) => "This job wrote no log" }}</p> })}
            </div>
        </section>
    }
}

/// The text with what was searched for marked.
fn hits(text: &str, query: &str) -> AnyView {
    let (small, query) = (text.to_ascii_lowercase(), query.to_ascii_lowercase());
    if query.is_empty() {
        return text.to_owned().into_any();
    }
    let mut parts = Vec::new();
    let mut done = 0;
    for (at, hit) in small.match_indices(&query) {
        parts.push(text[done..at].to_owned().into_any());
        parts.push(view! { <mark>{text[at..at + hit.len()].to_owned()}</mark> }.into_any());
        done = at + hit.len();
    }
    parts.push(text[done..].to_owned().into_any());
    parts.collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn levels() {
        assert_eq!(Level::of("[2026-11-21:06:00:00:INFO] Determined delimiter"), Level::Info);
        assert_eq!(Level::of("UserWarning: old model"), Level::Warn);
        assert_eq!(Level::of("Traceback (most recent call last):"), Level::Error);
        assert_eq!(Level::of("[12]#011train-error:0.1"), Level::Info);
    }
}
