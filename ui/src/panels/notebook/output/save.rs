//! Copies of outputs for the person: on the clipboard, or as files.

use super::mime;
use crate::api;
use crate::kit::Tone;
use crate::kit::copy::copy_text;
use crate::kit::toast::{Toast, Toasts};
use atelier_wire::studio::notebook::Content;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, Url};

/// From where the window reads a picture.
pub fn address_of(content: &Content, mime: &str) -> String {
    match content {
        Content::Blob { path, .. } => path.clone(),
        // SVG is text in the bundle, all other pictures are base64.
        Content::Text(text) if mime == "image/svg+xml" => {
            format!("data:image/svg+xml;charset=utf-8,{}", String::from(js_sys::encode_uri_component(text)))
        }
        Content::Text(text) => format!("data:{mime};base64,{}", text.replace(['\n', '\r'], "")),
    }
}

fn is_binary(mime: &str) -> bool {
    mime == "application/pdf" || (mime.starts_with("image/") && mime != "image/svg+xml")
}

/// Offers a file to the person, as a download.
fn download(name: &str, address: &str) {
    let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    // Attributes with these names are always taken.
    let _ = link.set_attribute("href", address);
    let _ = link.set_attribute("download", name);
    link.click();
}

/// Saves a text as a file.
pub fn text(name: &str, mime: &str, text: &str) {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    if let Ok(address) = Url::create_object_url_with_blob(&blob) {
        download(name, &address);
        // The browser has begun to read it by then.
        gloo_timers::callback::Timeout::new(10_000, move || _ = Url::revoke_object_url(&address)).forget();
    }
}

/// Saves a representation as it is.
pub fn content(content: Option<Content>, mime: &str, stem: &str) {
    let Some(content) = content else { return };
    let name = format!("{stem}.{}", mime::extension(mime));
    match content {
        Content::Text(held) if !is_binary(mime) => text(&name, mime, &held),
        other => download(&name, &address_of(&other, mime)),
    }
}

/// Saves what a frame hands over: a data address of a picture, nothing else.
pub fn address(name: &str, data: &str, toasts: Toasts) {
    let safe = ["data:image/png;base64,", "data:image/svg+xml"].iter().any(|start| data.starts_with(start));
    let name: String =
        name.chars().filter(|letter| letter.is_alphanumeric() || "._- ".contains(*letter)).take(80).collect();
    if safe && !name.is_empty() {
        download(&name, data);
    } else {
        toasts.fail("The picture could not be saved", "The output handed over something that is no picture.");
    }
}

/// What a frame answered to a wish for `png`, `svg` or `csv`.
pub fn answered(what: &str, found: Option<String>, toasts: Toasts) {
    match (what, found) {
        (_, None) => toasts.fail(
            "Nothing could be saved",
            if what == "csv" { "There is no table in this output." } else { "This output gives no picture of itself." },
        ),
        ("csv", Some(table)) => text("table.csv", "text/csv", &table),
        ("svg", Some(svg)) if svg.trim_start().starts_with('<') => text("output.svg", "image/svg+xml", &svg),
        (kind, Some(data)) => address(&format!("output.{kind}"), &data, toasts),
    }
}

/// Puts a representation on the clipboard: pictures as pictures where the browser can, all else as text.
pub fn copy(mime: &str, content: Option<Content>, toasts: Toasts) {
    let Some(content) = content else { return };
    let mime = mime.to_owned();
    spawn_local(async move {
        let done = match (&content, mime.as_str()) {
            (_, "image/png") => copy_picture(&address_of(&content, &mime)).await.is_ok(),
            (Content::Text(text), _) => copy_text(text).await,
            (Content::Blob { path, .. }, mime) if !is_binary(mime) => match api::read_blob(path).await {
                Ok(text) => copy_text(&text).await,
                Err(_) => false,
            },
            _ => false,
        };
        if done {
            toasts.show(Toast::new(Tone::Ok, "Copied"));
        } else {
            toasts.fail("The output could not be copied", "The browser refused. Save it instead.");
        }
    });
}

/// `navigator.clipboard.write([new ClipboardItem({"image/png": blob})])`, by name: not every browser has it.
async fn copy_picture(address: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let answer: web_sys::Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    let blob = JsFuture::from(answer.blob()?).await?;
    let item: js_sys::Function = js_sys::Reflect::get(&window, &"ClipboardItem".into())?.dyn_into()?;
    let parts = js_sys::Object::new();
    js_sys::Reflect::set(&parts, &"image/png".into(), &blob)?;
    let item = js_sys::Reflect::construct(&item, &js_sys::Array::of1(&parts))?;
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into())?;
    let write: js_sys::Function = js_sys::Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    JsFuture::from(js_sys::Promise::from(write.call1(&clipboard, &js_sys::Array::of1(&item))?)).await?;
    Ok(())
}
