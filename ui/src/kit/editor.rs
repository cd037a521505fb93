//! CodeMirror, wrapped thinly: text in, changes and keys out.

use leptos::{html, prelude::*};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./editor.js")]
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
    #[wasm_bindgen(method)]
    fn focus(this: &JsEditor);
    #[wasm_bindgen(method, js_name = focusAt)]
    fn focus_at(this: &JsEditor, end: bool);
    #[wasm_bindgen(method)]
    fn blur(this: &JsEditor);
    #[wasm_bindgen(method)]
    fn destroy(this: &JsEditor);
}

/// How an editor looks and behaves.
#[derive(Clone, Debug, Default)]
pub struct EditorOptions {
    /// `python`, `markdown`, `json`; anything else is plain.
    pub language: &'static str,
    /// The accessible name.
    pub label: String,
    /// A notebook's cell: Shift+Enter and its like are told, arrows leave at the edges.
    pub cell: bool,
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

/// A question of completion: code and cursor in; the matches and the range they replace out, in characters.
pub type Complete = Rc<dyn Fn(String, usize) -> js_sys::Promise>;

/// Holds the editor that [`Editor`] made. Empty before it is in the page and after it is gone.
#[derive(Clone, Copy)]
pub struct EditorHandle(StoredValue<Option<JsEditor>, LocalStorage>);

impl Default for EditorHandle {
    fn default() -> Self {
        Self(StoredValue::new_local(None))
    }
}

impl EditorHandle {
    fn with(&self, act: impl FnOnce(&JsEditor)) {
        // A handle may outlive its component; then there is nothing to act on.
        let _ = self.0.try_with_value(|editor| editor.as_ref().map(act));
    }

    pub fn set_text(&self, text: &str) {
        self.with(|editor| editor.set_text(text));
    }

    pub fn text(&self) -> Option<String> {
        self.0.try_with_value(|editor| editor.as_ref().map(JsEditor::text)).flatten()
    }

    pub fn set_language(&self, name: &str) {
        self.with(|editor| editor.set_language(name));
    }

    pub fn focus(&self) {
        self.with(JsEditor::focus);
    }

    /// Focuses with the cursor at the start or the end.
    pub fn focus_at(&self, end: bool) {
        self.with(|editor| editor.focus_at(end));
    }

    pub fn blur(&self) {
        self.with(JsEditor::blur);
    }
}

/// An editor with `text` in it at first. Later texts are set through `handle`.
#[component]
pub fn Editor(text: String, options: EditorOptions, handle: EditorHandle, #[prop(into)] tell: Callback<EditorEvent>, #[prop(optional)] complete: Option<Complete>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let kept = Rc::new(RefCell::new(None));
    let complete = RefCell::new(complete);
    let options = RefCell::new(Some((text, options)));
    Effect::new(move |_| {
        let Some(parent) = node.get() else { return };
        let Some((text, options)) = options.borrow_mut().take() else { return };
        let complete = complete.borrow_mut().take();
        let hear = Closure::<dyn Fn(String, JsValue) -> JsValue>::new(move |what: String, value: JsValue| {
            let event = match what.as_str() {
                "change" => EditorEvent::Change(value.as_string().unwrap_or_default()),
                "focus" => EditorEvent::Focus,
                "blur" => EditorEvent::Blur,
                "split" => EditorEvent::Split(value.as_f64().unwrap_or_default() as usize),
                "complete" => return ask(&complete, &value),
                key => EditorEvent::Key(key.to_owned()),
            };
            tell.try_run(event);
            JsValue::UNDEFINED
        });
        let made = JsEditor::new(&parent, &text, &options.to_js(), hear.as_ref());
        handle.0.try_set_value(Some(made.clone()));
        kept.borrow_mut().replace((made, hear));
    });
    on_cleanup(move || {
        handle.with(JsEditor::destroy);
        handle.0.try_set_value(None);
    });
    view! { <div class="editor" node_ref=node></div> }
}

fn ask(complete: &Option<Complete>, value: &JsValue) -> JsValue {
    let Some(complete) = complete else { return JsValue::NULL };
    let field = |name: &str| js_sys::Reflect::get(value, &name.into()).unwrap_or(JsValue::NULL);
    complete(field("code").as_string().unwrap_or_default(), field("cursor").as_f64().unwrap_or_default() as usize).into()
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
        set("lines", self.line_numbers.into());
        set("wrap", self.wrap.into());
        set("readOnly", self.read_only.into());
        set("hint", self.hint.as_str().into());
        out.into()
    }
}
