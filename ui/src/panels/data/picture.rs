//! A chart as a file: the SVG with its colours written out, or a PNG of it at twice its size.

use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url, window};

/// Pixels of the file for one of the drawing.
const SCALE: f64 = 2.0;

/// Offers `text` as a file.
pub fn save_text(name: &str, kind: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save_blob(name, &blob);
    }
}

fn save_blob(name: &str, blob: &Blob) {
    let Some(document) = window().and_then(|window| window.document()) else { return };
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) = document.create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser has taken the content by then; an address that is not taken back would hold its memory.
    gloo_timers::callback::Timeout::new(10_000, move || drop(Url::revoke_object_url(&address))).forget();
}

/// A file's name from a title.
pub fn file_name(title: &str, ending: &str) -> String {
    let plain: String =
        title.chars().map(|letter| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}.{ending}", if words.is_empty() { "chart".to_owned() } else { words.join("-") })
}

pub fn save_svg(title: &str, svg: &str) {
    save_text(&file_name(title, "svg"), "image/svg+xml", svg);
}

/// Draws the SVG on a canvas of the colour of the page.
pub fn save_png(title: String, svg: String) {
    let Ok(image) = HtmlImageElement::new() else { return };
    let drawn = image.clone();
    let done = Closure::once_into_js(move || {
        let Some(document) = window().and_then(|window| window.document()) else { return };
        let Some(canvas) =
            document.create_element("canvas").ok().and_then(|canvas| canvas.dyn_into::<HtmlCanvasElement>().ok())
        else {
            return;
        };
        let (width, height) =
            (f64::from(drawn.natural_width()).max(1.0) * SCALE, f64::from(drawn.natural_height()).max(1.0) * SCALE);
        canvas.set_width(width as u32);
        canvas.set_height(height as u32);
        let Some(brush) = canvas.get_context("2d").ok().flatten() else { return };
        let _ = js_sys::Reflect::set(&brush, &"fillStyle".into(), &"#ffffff".into());
        let size = [0.0, 0.0, width, height].map(JsValue::from_f64);
        let picture = js_sys::Array::from_iter(std::iter::once(JsValue::from(drawn)).chain(size.clone()));
        if paint(&brush, "fillRect", &js_sys::Array::from_iter(size))
            .and_then(|_| paint(&brush, "drawImage", &picture))
            .is_err()
        {
            return;
        }
        let name = file_name(&title, "png");
        let save = Closure::once_into_js(move |blob: JsValue| {
            if let Ok(blob) = blob.dyn_into::<Blob>() {
                save_blob(&name, &blob)
            }
        });
        // Refused only for a picture of another origin, which this is not.
        let _ = canvas.to_blob(save.unchecked_ref());
    });
    image.set_onload(Some(done.unchecked_ref()));
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{}", String::from(js_sys::encode_uri_component(&svg))));
}

/// Calls a method of a canvas's brush by name: two calls are not worth a larger binding.
fn paint(brush: &js_sys::Object, method: &str, arguments: &js_sys::Array) -> Result<JsValue, JsValue> {
    js_sys::Reflect::get(brush, &method.into())?.dyn_into::<js_sys::Function>()?.apply(brush, arguments)
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn titles_become_names() {
        assert_eq!(file_name("Mean price / rooms (2024)", "svg"), "mean-price-rooms-2024.svg");
        assert_eq!(file_name("…", "png"), "chart.png");
    }
}
