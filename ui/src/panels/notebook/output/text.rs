//! Text that programs write: the rows of a terminal, of which the first and the last are shown until a person wants
//! all. A stream is read on from where it was; what is drawn again is only what changed.

use super::Spot;
use crate::api;
use crate::kit::format;
use crate::kit::terminal::{Span, Style, Terminal};
use atelier_wire::studio::notebook::{GetOutput, Output};
use leptos::{ev, html, prelude::*};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Texts with more rows than this show their head and their end.
const WHOLE: usize = 60;
const HEAD: usize = 12;
const TAIL: usize = 28;
/// Rows of a stream that stay here while it is not unfolded.
const KEPT: usize = 5_000;
/// Height of a row in pixels: `--lh-code`.
const ROW: f64 = 20.0;
/// A row shows this many bytes of its text.
const ROW_BYTES: usize = 16 * 1024;
/// Rows that a browser can hold in one scrolling box.
const ROWS: usize = 800_000;

/// A terminal and how far its text was read.
struct Reader {
    terminal: Terminal,
    /// Bytes read since the start of the stream.
    read: u64,
    /// The end of what was read: tells whether a text goes on with it.
    last: String,
    /// Bytes before what the terminal holds.
    num_left_out: u64,
    /// The text was fetched as a whole: what the window holds of it may be older.
    is_ahead: bool,
}

impl Reader {
    fn new(keep: usize) -> Self {
        Self { terminal: Terminal::keeping(keep), read: 0, last: String::new(), num_left_out: 0, is_ahead: false }
    }

    /// Takes in the text that stands `num_left_out` bytes behind the start of its stream.
    fn take(&mut self, text: &str, num_left_out: u64, keep: usize) {
        if self.is_ahead && num_left_out + text.len() as u64 <= self.read {
            return;
        }
        let from = self.read.checked_sub(num_left_out).map(|from| from as usize).filter(|from| {
            let known = text.get(..*from).map(|before| before.ends_with(&self.last) || self.last.ends_with(before));
            self.read > 0 && known == Some(true)
        });
        let new = match from {
            Some(from) => &text[from..],
            None => {
                *self = Self { num_left_out, ..Self::new(keep) };
                text
            }
        };
        self.terminal.feed(new);
        self.read = num_left_out + text.len() as u64;
        let tail = (text.len().saturating_sub(256)..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.last = text[tail..].to_owned();
    }
}

type Held = StoredValue<Rc<RefCell<Reader>>, LocalStorage>;

/// A stream. `spot`: where the rest of it can be had.
pub fn stream(spot: Spot, output: ArcRwSignal<Output>) -> impl IntoView {
    let held: Held = StoredValue::new_local(Rc::new(RefCell::new(Reader::new(KEPT))));
    let drawn = RwSignal::new(0_u32);
    let all = RwSignal::new(false);
    let waiting = StoredValue::new(false);
    let kind = output.with_untracked(|output| matches!(output, Output::Stream { stderr: true, .. }));
    Effect::new(move |before: Option<()>| {
        output.with(|output| {
            if let Output::Stream { text, num_left_out, .. } = output {
                let keep = if all.get_untracked() { usize::MAX } else { KEPT };
                held.with_value(|held| held.borrow_mut().take(text, *num_left_out, keep));
            }
        });
        // Drawn at once when new, then once a frame however often it grows.
        if before.is_none() {
            drawn.update(|drawn| *drawn += 1);
        } else if !waiting.get_value() {
            waiting.set_value(true);
            request_animation_frame(move || {
                waiting.try_set_value(false);
                drawn.try_update(|drawn| *drawn += 1);
            });
        }
    });
    let show_all = Callback::new(move |()| {
        let missing =
            held.with_value(|held| held.borrow().num_left_out > 0 || held.borrow().terminal.num_dropped() > 0);
        if !missing {
            all.set(true);
            return;
        }
        let Some((path, cell, index)) = spot.place() else { return };
        spawn_local(async move {
            if let Ok(whole) = api::call(GetOutput { path, cell, index }).await
                && let Output::Stream { text, .. } = whole.output
            {
                held.try_with_value(|held| {
                    let mut reader = Reader::new(usize::MAX);
                    reader.take(&text, 0, usize::MAX);
                    reader.is_ahead = true;
                    *held.borrow_mut() = reader;
                });
                all.try_set(true);
                drawn.try_update(|drawn| *drawn += 1);
            }
        });
    });
    rows(held, drawn, all, show_all, if kind { "stderr" } else { "stdout" })
}

/// A text that is there as a whole.
pub fn block(text: &str, kind: &'static str) -> impl IntoView + use<> {
    let mut reader = Reader::new(usize::MAX);
    reader.take(text.trim_end_matches('\n'), 0, usize::MAX);
    let all = RwSignal::new(false);
    let held = StoredValue::new_local(Rc::new(RefCell::new(reader)));
    rows(held, RwSignal::new(1), all, Callback::new(move |()| all.set(true)), kind)
}

fn rows(
    held: Held,
    drawn: RwSignal<u32>,
    all: RwSignal<bool>,
    show_all: Callback<()>,
    kind: &'static str,
) -> impl IntoView {
    let count = Memo::new(move |_| {
        drawn.track();
        held.with_value(|held| held.borrow().terminal.num_rows())
    });
    let cut = Memo::new(move |_| count.get() > WHOLE && !all.get());
    view! {
        <div class="out-text" class:is-err={kind == "stderr"} data-output=kind>
            {move || {
                if !cut.get() {
                    return if all.get() && count.get() > WHOLE { whole(held, drawn, count, all).into_any() } else { span_of(held, drawn, count, |_| 0, |count| count).into_any() };
                }
                view! {
                    {span_of(held, drawn, count, |count| (count < HEAD).into(), |count| if count > WHOLE { HEAD } else { count })}
                    <button type="button" class="btn btn-s btn-bare out-more" data-action="show-all" on:click=move |_| show_all.run(())>{move || more(held, count.get())}</button>
                    {span_of(held, drawn, count, |count| count.saturating_sub(TAIL), |count| count)}
                }.into_any()
            }}
        </div>
    }
}

/// What the button says: how much there is, where that is known.
fn more(held: Held, count: usize) -> String {
    held.with_value(|held| match held.borrow() {
        reader if reader.num_left_out > 0 => format!("Show all {}", format::bytes(reader.read)),
        _ => format!("Show all {} lines", format::count(count as u64)),
    })
}

/// The rows between two places, each made anew only when it changed.
fn span_of(
    held: Held,
    drawn: RwSignal<u32>,
    count: Memo<usize>,
    from: fn(usize) -> usize,
    to: fn(usize) -> usize,
) -> impl IntoView {
    let shown = move || {
        drawn.track();
        let count = count.get();
        held.with_value(|held| {
            let terminal = &held.borrow().terminal;
            let from = from(count).max(terminal.num_dropped());
            (from..to(count)).map(|at| (at, terminal.version(at))).collect::<Vec<_>>()
        })
    };
    view! { <For each=shown key=|row| *row children=move |(at, _)| row(held, at)/> }
}

/// All rows in a box that scrolls: only those in view exist.
fn whole(held: Held, drawn: RwSignal<u32>, count: Memo<usize>, all: RwSignal<bool>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0_f64);
    let rows = move || count.get().min(ROWS);
    let shown = move || {
        drawn.track();
        let hidden = count.get() - rows();
        let from = ((top.get() / ROW) as usize).saturating_sub(10);
        held.with_value(|held| {
            let terminal = &held.borrow().terminal;
            (from..(from + 60).min(rows())).map(|at| (at, terminal.version(at + hidden))).collect::<Vec<_>>()
        })
    };
    // Whoever reads the end goes on reading the end.
    Effect::new(move |_| {
        drawn.track();
        let Some(node) = node.get() else { return };
        let left = f64::from(node.scroll_height()) - f64::from(node.scroll_top()) - f64::from(node.client_height());
        if left < 2.0 * ROW {
            request_animation_frame(move || node.set_scroll_top(node.scroll_height()));
        }
    });
    view! {
        <button type="button" class="btn btn-s btn-bare out-more" data-action="show-less" on:click=move |_| all.set(false)>"Show less"</button>
        <div class="out-scroll" node_ref=node tabindex="0" on:scroll=move |event: ev::Event| top.set(scroll_of(&event))>
            <div class="out-space" style:height=move || format!("{}px", rows() as f64 * ROW)>
                <For each=shown key=|row| *row children=move |(at, _)| {
                    let hidden = count.get_untracked() - count.get_untracked().min(ROWS);
                    view! { <div class="out-at" style:top=format!("{}px", at as f64 * ROW)>{row(held, at + hidden)}</div> }
                }/>
            </div>
        </div>
    }
}

fn scroll_of(event: &ev::Event) -> f64 {
    use wasm_bindgen::JsCast;
    let node = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    node.map_or(0.0, |node| f64::from(node.scroll_top()))
}

fn row(held: Held, at: usize) -> AnyView {
    held.with_value(|held| {
        let reader = held.borrow();
        drawn_row(&reader.terminal, &reader.terminal.row(at))
    })
}

/// A row as elements. Its text never becomes markup.
pub fn drawn_row(terminal: &Terminal, spans: &[Span]) -> AnyView {
    if spans.is_empty() {
        return view! { <div>"\u{200b}"</div> }.into_any();
    }
    let mut left = ROW_BYTES;
    let mut out = Vec::new();
    for span in spans {
        let text = cut(&span.text, left);
        left -= text.len();
        out.push(drawn_span(terminal, span.style, text.to_owned()));
        if text.len() < span.text.len() {
            out.push(view! { <span class="hint">"…"</span> }.into_any());
            break;
        }
    }
    view! { <div>{out}</div> }.into_any()
}

fn drawn_span(terminal: &Terminal, style: Style, text: String) -> AnyView {
    let (class, css) = (style.class(), style.css());
    if let Some(address) = terminal.link(style.link) {
        return view! { <a class=class style=css href=address.to_owned() target="_blank" rel="noopener noreferrer">{text}</a> }.into_any();
    }
    match (class.is_empty(), css.is_empty()) {
        (true, true) => text.into_any(),
        (_, true) => view! { <span class=class>{text}</span> }.into_any(),
        _ => view! { <span class=class style=css>{text}</span> }.into_any(),
    }
}

fn cut(text: &str, length: usize) -> &str {
    let at = (0..=length.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..at]
}

#[cfg(test)]
mod tests {
    use super::Reader;

    /// Texts as the window holds them one after the other: bytes left out, text. What stands in the end, and whether the
    /// reader went on rather than start anew.
    fn check(texts: &[(u64, &str)], expected: &str) {
        let mut reader = Reader::new(usize::MAX);
        for (num_left_out, text) in texts {
            reader.take(text, *num_left_out, usize::MAX);
        }
        assert_eq!(reader.terminal.text(), expected);
    }

    #[test]
    fn a_stream_is_read_on() {
        check(&[(0, "a\nb"), (0, "a\nbc\n")], "a\nbc");
        check(&[(0, "10%\r"), (0, "10%\r20%\r")], "20%");
        check(&[(0, "one\ntwo\n"), (4, "two\nthree\n")], "one\ntwo\nthree");
        check(&[(0, "one\ntwo\n"), (9, "three\n")], "three");
        check(&[(0, "one\ntwo\n"), (0, "uno\n")], "uno");
        check(&[(0, "one\n"), (0, "uno\nduo\n")], "uno\nduo");
        check(&[(0, "äö"), (0, "äöü")], "äöü");
        check(&[(0, "äö"), (0, "ääöü")], "ääöü");
    }
}
