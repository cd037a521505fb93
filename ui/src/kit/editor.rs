//! CodeMirror, wrapped thinly: text in, changes and keys out; and the colours of code that is only shown.

use leptos::{html, prelude::*};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./late.js")]
extern "C" {
    #[wasm_bindgen(js_name = Editor)]
    #[derive(Clone)]
    type JsEditor;
    #[wasm_bindgen(constructor, js_class = "Editor")]
    fn new(parent: &web_sys::Element, doc: &str, options: &JsValue, tell: &JsValue) -> JsEditor;
    #[wasm_bindgen(method)]
    fn text(this: &JsEditor) -> String;
    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &JsEditor, text: &str);
    #[wasm_bindgen(method, js_name = setLanguage)]
    fn set_language(this: &JsEditor, name: &str);
    #[wasm_bindgen(method, js_name = setLines)]
    fn set_lines(this: &JsEditor, on: bool);
    #[wasm_bindgen(method, js_name = setFound)]
    fn set_found(this: &JsEditor, list: &js_sys::Array);
    #[wasm_bindgen(method, js_name = setProblems)]
    fn set_problems(this: &JsEditor, list: &js_sys::Array);
    #[wasm_bindgen(method)]
    fn focus(this: &JsEditor);
    #[wasm_bindgen(method, js_name = focusAt)]
    fn focus_at(this: &JsEditor, end: bool);
    #[wasm_bindgen(method)]
    fn line(this: &JsEditor, number: u32);
    #[wasm_bindgen(method)]
    fn cursor(this: &JsEditor) -> usize;
    #[wasm_bindgen(method)]
    fn press(this: &JsEditor, event: &web_sys::MouseEvent);
    #[wasm_bindgen(method)]
    fn blur(this: &JsEditor);
    #[wasm_bindgen(method)]
    fn destroy(this: &JsEditor);

    /// Gives every editor, open or not yet, the keys of `default`, `vim` or `emacs`.
    #[wasm_bindgen(js_name = setKeymap)]
    pub fn set_keymap(name: &str);
}

#[wasm_bindgen(raw_module = "./paint.js")]
extern "C" {
    #[wasm_bindgen(js_name = paint)]
    fn js_paint(text: &str, language: &str, marks: &js_sys::Array) -> String;
}

/// HTML of code in colours, every letter of it escaped. `marks`: from, to in UTF-16 units, in order, and a class.
pub fn paint(text: &str, language: &str, marks: &[(usize, usize, &str)]) -> String {
    let list = js_sys::Array::new();
    for (from, to, class) in marks {
        list.push(&(*from as f64).into());
        list.push(&(*to as f64).into());
        list.push(&(*class).into());
    }
    js_paint(text, language, &list)
}

/// How an editor looks and behaves.
#[derive(Clone, Debug, Default)]
pub struct EditorOptions {
    /// `python`, `rust`, `sql`, `markdown`, `json`; anything else is plain.
    pub language: &'static str,
    /// The accessible name.
    pub label: String,
    /// A notebook's cell: Shift+Enter and its like are told, arrows leave at the edges.
    pub cell: bool,
    /// Whether completion and documentation are asked for.
    pub asks: bool,
    pub line_numbers: bool,
    pub wrap: bool,
    pub read_only: bool,
    pub hint: String,
}

/// What an editor tells.
#[derive(Clone, Debug, PartialEq)]
pub enum EditorEvent {
    Change(String),
    Focus,
    Blur,
    /// `run`, `run-advance`, `run-insert`, `escape`, `up`, `down`.
    Key(String),
    /// Part the cell in two at this offset in UTF-16 units.
    Split(usize),
}

/// A question of the editor: code and cursor, in characters.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Answered by `{ matches: [[text, kind, detail]], start, end }`, or null.
    Complete { code: String, cursor: usize },
    /// Answered by HTML, or null. `detail` 1: the source too.
    Inspect { code: String, cursor: usize, detail: u8 },
}

/// Answers the questions of an editor.
pub type Answer = Rc<dyn Fn(Question) -> js_sys::Promise>;
/// Takes pictures that were pasted or dropped; false if they are not wanted.
pub type TakeFiles = Rc<dyn Fn(Vec<web_sys::File>) -> bool>;

type Hear = Closure<dyn Fn(String, JsValue) -> JsValue>;

/// Holds an editor. Empty before it is in the page and after it is gone.
#[derive(Clone, Copy)]
pub struct EditorHandle(StoredValue<Option<(JsEditor, Rc<Hear>)>, LocalStorage>);

impl Default for EditorHandle {
    fn default() -> Self {
        Self(StoredValue::new_local(None))
    }
}

impl EditorHandle {
    fn with<T>(&self, act: impl FnOnce(&JsEditor) -> T) -> Option<T> {
        // A handle may outlive its component; then there is nothing to act on. What is done to an editor may be told
        // by it before it returns: the handle is not held meanwhile.
        let editor = self.0.try_with_value(|held| held.as_ref().map(|(editor, _)| editor.clone())).flatten()?;
        Some(act(&editor))
    }

    /// Makes the editor inside `parent`.
    pub fn build(
        &self,
        parent: &web_sys::Element,
        text: &str,
        options: &EditorOptions,
        tell: Callback<EditorEvent>,
        answer: Option<Answer>,
        files: Option<TakeFiles>,
    ) {
        let hear = Closure::<dyn Fn(String, JsValue) -> JsValue>::new(move |what: String, value: JsValue| {
            let event = match what.as_str() {
                "change" => EditorEvent::Change(value.as_string().unwrap_or_default()),
                "focus" => EditorEvent::Focus,
                "blur" => EditorEvent::Blur,
                "split" => EditorEvent::Split(value.as_f64().unwrap_or_default() as usize),
                "complete" | "inspect" => return ask(answer.as_ref(), &what, &value),
                "files" => return files.as_ref().is_some_and(|take| take(files_of(&value))).into(),
                key => EditorEvent::Key(key.to_owned()),
            };
            tell.try_run(event);
            JsValue::UNDEFINED
        });
        let made = JsEditor::new(parent, text, &options.to_js(), hear.as_ref());
        self.0.try_set_value(Some((made, Rc::new(hear))));
    }

    /// Takes the editor out of the page.
    pub fn destroy(&self) {
        // What hears it is dropped after its last word.
        let held = self.0.try_update_value(Option::take).flatten();
        if let Some((editor, _hear)) = &held {
            editor.destroy();
        }
    }

    pub fn is_there(&self) -> bool {
        self.0.try_with_value(Option::is_some).unwrap_or(false)
    }

    pub fn set_text(&self, text: &str) {
        self.with(|editor| editor.set_text(text));
    }

    pub fn text(&self) -> Option<String> {
        self.with(JsEditor::text)
    }

    pub fn set_language(&self, name: &str) {
        self.with(|editor| editor.set_language(name));
    }

    pub fn set_line_numbers(&self, on: bool) {
        self.with(|editor| editor.set_lines(on));
    }

    /// Marks what was found: UTF-16 offsets, and whether it is the place gone to.
    pub fn set_found(&self, found: &[(usize, usize, bool)]) {
        let list = js_sys::Array::new();
        for (from, to, on) in found {
            list.push(&(*from as f64).into());
            list.push(&(*to as f64).into());
            list.push(&(*on).into());
        }
        self.with(|editor| editor.set_found(&list));
    }

    /// Marks what a compiler said: UTF-16 offsets, level, message.
    pub fn set_problems(&self, problems: &[(usize, usize, String, String)]) {
        let list = js_sys::Array::new();
        for (from, to, level, message) in problems {
            list.push(&(*from as f64).into());
            list.push(&(*to as f64).into());
            list.push(&level.as_str().into());
            list.push(&message.as_str().into());
        }
        self.with(|editor| editor.set_problems(&list));
    }

    pub fn focus(&self) {
        self.with(JsEditor::focus);
    }

    /// Focuses with the cursor at the start or the end.
    pub fn focus_at(&self, end: bool) {
        self.with(|editor| editor.focus_at(end));
    }

    /// Focuses with a line selected; lines count from 1.
    pub fn focus_line(&self, line: u32) {
        self.with(|editor| editor.line(line));
    }

    /// Where the cursor is, in UTF-16 units.
    pub fn cursor(&self) -> Option<usize> {
        self.with(JsEditor::cursor)
    }

    /// Begins a selection where the mouse was pressed.
    pub fn press(&self, event: &web_sys::MouseEvent) {
        self.with(|editor| editor.press(event));
    }

    pub fn blur(&self) {
        self.with(JsEditor::blur);
    }
}

/// An editor with `text` in it at first. Later texts are set through `handle`.
#[component]
pub fn Editor(
    text: String,
    options: EditorOptions,
    handle: EditorHandle,
    #[prop(into)] tell: Callback<EditorEvent>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let first = RefCell::new(Some((text, options)));
    Effect::new(move |_| {
        let Some(parent) = node.get() else { return };
        let Some((text, options)) = first.borrow_mut().take() else { return };
        handle.build(&parent, &text, &options, tell, None, None);
    });
    on_cleanup(move || handle.destroy());
    view! { <div class="editor" node_ref=node></div> }
}

fn files_of(value: &JsValue) -> Vec<web_sys::File> {
    js_sys::Array::from(value).iter().filter_map(|file| file.dyn_into().ok()).collect()
}

fn ask(answer: Option<&Answer>, what: &str, value: &JsValue) -> JsValue {
    let Some(answer) = answer else { return JsValue::NULL };
    let field = |name: &str| js_sys::Reflect::get(value, &name.into()).unwrap_or(JsValue::NULL);
    let code = field("code").as_string().unwrap_or_default();
    let cursor = field("cursor").as_f64().unwrap_or_default() as usize;
    let question = match what {
        "inspect" => Question::Inspect { code, cursor, detail: field("detail").as_f64().unwrap_or_default() as u8 },
        _ => Question::Complete { code, cursor },
    };
    answer(question).into()
}

impl EditorOptions {
    fn to_js(&self) -> JsValue {
        let out = js_sys::Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a field of a plain object cannot fail.
            let _ = js_sys::Reflect::set(&out, &name.into(), &value);
        };
        set("language", self.language.into());
        set("label", self.label.as_str().into());
        set("cell", self.cell.into());
        set("asks", self.asks.into());
        set("lines", self.line_numbers.into());
        set("wrap", self.wrap.into());
        set("readOnly", self.read_only.into());
        set("hint", self.hint.as_str().into());
        out.into()
    }
}
