//! The find bar over the cells.

use super::find::Query;
use super::session::Session;
use crate::kit::{Icon, format};
use leptos::{ev, html, prelude::*};

impl Session {
    /// Opens the bar, with what is marked in the editor as what is looked for.
    pub fn find_open(&self, replacing: bool) {
        let find = self.find;
        find.replacing.update(|on| *on |= replacing);
        find.within.set(None);
        find.open.set(true);
        self.draw_all();
        if let Some(field) = document()
            .get_element_by_id("nb-find")
            .and_then(|field| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlInputElement>(field).ok())
        {
            // It is in the page.
            let _ = field.focus();
            field.select();
        }
    }

    fn find_close(&self) {
        self.find.open.set(false);
        for cell in
            self.find.opened.try_update(std::mem::take).unwrap_or_default().iter().filter_map(|id| self.cell(id))
        {
            if cell.kind.get_untracked() == atelier_wire::studio::notebook::CellKind::Markdown
                && !cell.editor.is_there()
            {
                cell.set.set(true);
            }
        }
        if let Some(id) = self.selected.get_untracked() {
            self.select(&id, false);
        }
    }
}

pub fn view(session: Session) -> impl IntoView {
    let find = session.find;
    move || find.open.get().then(|| bar(session))
}

fn bar(session: Session) -> impl IntoView {
    let find = session.find;
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus(); // it was just drawn
            field.select();
        }
    });
    let key = move |event: ev::KeyboardEvent| {
        match (event.key().as_str(), event.shift_key()) {
            ("Enter", false) | ("F3", false) => session.find_step(1),
            ("Enter", true) | ("F3", true) => session.find_step(-1),
            ("Escape", _) => session.find_close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let replace_key = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.alt_key() => _ = session.replace_all(),
            "Enter" => session.replace_one(),
            "Escape" => session.find_close(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let count = move || {
        let count = find.places.with(Vec::len);
        if let Some(problem) = find.problem.get() {
            return view! { <span class="err small cut" title=problem>"Not an expression"</span> }.into_any();
        }
        let words = match (find.query.with(|query| query.text.is_empty()), count) {
            (true, _) => String::new(),
            (_, 0) => "No results".into(),
            (_, count) => format!("{} of {}", find.at.get() + 1, format::count(count as u64)),
        };
        view! { <span class="hint small num" data-found=count.to_string()>{words}</span> }.into_any()
    };
    let typed = move |event: ev::Event| {
        find.query.update(|query| query.text = event_target_value(&event));
        find.at.set(first_below(session));
        gloo_timers::callback::Timeout::new(0, move || {
            if find.open.get_untracked() {
                session.find_show()
            }
        })
        .forget();
    };
    let toggle = move |name: &'static str, word: &'static str, get: fn(&Query) -> bool, set: fn(&mut Query)| {
        view! {
            <button type="button" class="btn btn-s btn-bare nb-find-opt" class:is-on=move || find.query.with(get) data-action=name aria-pressed=move || find.query.with(get).to_string() title=word
                on:click=move |_| find.query.update(set)>{match name { "match-case" => "Aa", "whole-word" => "ab|", _ => ".*" }}</button>
        }
    };
    let within = move |_| {
        let chosen = session.chosen();
        find.within.update(|within| *within = if within.is_some() { None } else { Some(chosen) });
    };
    view! {
        <div class="nb-find" role="search" data-find="">
            <div class="nb-find-row">
                <button type="button" class="btn btn-s btn-bare btn-icon" data-action="toggle-replace" aria-label="Replace" title="Replace  Ctrl+H" aria-expanded=move || find.replacing.get().to_string() on:click=move |_| find.replacing.update(|on| *on = !*on)>
                    <Icon name=Signal::derive(move || if find.replacing.get() { "down" } else { "right" }) class="i-s"/></button>
                <span class="field field-s"><Icon name="search" class="i-s"/><input node_ref=field id="nb-find" type="text" aria-label="Find in the notebook" placeholder="Find" autocomplete="off" spellcheck="false"
                    prop:value=move || find.query.with(|query| query.text.clone()) on:input=typed on:keydown=key/></span>
                {toggle("match-case", "Match case", |query| query.match_case, |query| query.match_case = !query.match_case)}
                {toggle("whole-word", "Whole word", |query| query.whole_word, |query| query.whole_word = !query.whole_word)}
                {toggle("regex", "Regular expression", |query| query.regex, |query| query.regex = !query.regex)}
                <button type="button" class="btn btn-s btn-bare nb-find-opt" class:is-on=move || find.within.with(Option::is_some) data-action="find-within" aria-pressed=move || find.within.with(Option::is_some).to_string() title="Only in the chosen cells" on:click=within><Icon name="filter" class="i-s"/></button>
                <span class="nb-find-count">{count}</span>
                <button type="button" class="btn btn-s btn-bare btn-icon" data-action="find-previous" aria-label="Previous" title="Previous  Shift+F3" on:click=move |_| session.find_step(-1)><Icon name="up"/></button>
                <button type="button" class="btn btn-s btn-bare btn-icon" data-action="find-next" aria-label="Next" title="Next  F3" on:click=move |_| session.find_step(1)><Icon name="arrow-down"/></button>
                <button type="button" class="btn btn-s btn-bare btn-icon" data-action="find-close" aria-label="Close" title="Close  Esc" on:click=move |_| session.find_close()><Icon name="x"/></button>
            </div>
            {move || find.replacing.get().then(|| view! {
                <div class="nb-find-row nb-find-replace">
                    <span class="field field-s"><input type="text" id="nb-replace" aria-label="Replace with" placeholder="Replace" autocomplete="off" spellcheck="false"
                        prop:value=move || find.with.get() on:input=move |event| find.with.set(event_target_value(&event)) on:keydown=replace_key/></span>
                    <button type="button" class="btn btn-s" data-action="replace-one" prop:disabled=move || find.places.with(Vec::is_empty) on:click=move |_| session.replace_one()>"Replace"</button>
                    <button type="button" class="btn btn-s" data-action="replace-all" prop:disabled=move || find.places.with(Vec::is_empty) on:click=move |_| {
                        let count = session.replace_all();
                        session.toasts.show(crate::kit::Toast::new(crate::kit::Tone::Ok, format!("Replaced {}", format::counted(count as u64, "place", "places"))).offer("Undo", move || session.undo(false)));
                    }>"Replace all"</button>
                </div>
            })}
        </div>
    }
}

/// The first place in or below the cell that is on.
fn first_below(session: Session) -> usize {
    let Some(at) = session.selected.get_untracked().and_then(|id| session.position(&id)) else { return 0 };
    session.find.places.with_untracked(|places| places.iter().position(|(_, place)| place.cell >= at).unwrap_or(0))
}
