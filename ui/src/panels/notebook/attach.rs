//! Pictures pasted or dropped into a text cell become its attachments.

use super::session::Session;
use atelier_wire::studio::notebook::{CellKind, Edit};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// As much as the backend takes.
const LARGEST_BYTES: f64 = 16.0 * 1024.0 * 1024.0;

/// Takes pictures for a text cell. False if the cell is not one: then they are pasted as whatever else they are.
pub(super) fn files(session: Session, cell: &str, files: Vec<web_sys::File>) -> bool {
    let Some(state) = session.cell(cell).filter(|state| state.kind.get_untracked() == CellKind::Markdown) else {
        return false;
    };
    spawn_local(async move {
        for file in files {
            if file.size() > LARGEST_BYTES {
                session.toasts.fail("The picture was not attached", format!("{} is larger than 16 MiB", file.name()));
                continue;
            }
            let taken = state.attachments.with_untracked(|all| all.keys().cloned().collect::<Vec<_>>());
            let name = free_name(&file.name(), &taken);
            let Some(base64) = base64_of(&file).await else {
                session.toasts.fail("The picture was not attached", format!("{} could not be read", file.name()));
                continue;
            };
            let link = format!("![{name}](attachment:{})", name.replace(' ', "%20"));
            let source = state.source.get_untracked();
            let at = super::edit::chars_before(&source, state.editor.cursor().unwrap_or(usize::MAX));
            let byte = source.char_indices().nth(at).map_or(source.len(), |(byte, _)| byte);
            let source = format!("{}{link}{}", &source[..byte], &source[byte..]);
            state.take_source(source.clone());
            session.push(vec![
                Edit::Attach { cell: state.id.clone(), name, mime: file.type_(), base64 },
                Edit::SetSource { cell: state.id.clone(), source },
            ]);
        }
    });
    true
}

async fn base64_of(file: &web_sys::File) -> Option<String> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
    Some(base64(&bytes))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let word = (u32::from(part[0]) << 16)
            | (u32::from(*part.get(1).unwrap_or(&0)) << 8)
            | u32::from(*part.get(2).unwrap_or(&0));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place)) as usize & 63] as char;
            out.push(if place <= part.len() { letter } else { '=' });
        }
    }
    out
}

/// A name that is free: `image.png`, `image-1.png`, ...
fn free_name(wanted: &str, taken: &[String]) -> String {
    let wanted = if wanted.is_empty() { "image.png" } else { wanted };
    let wanted: String = wanted
        .chars()
        .filter(|letter| !matches!(letter, '(' | ')' | '[' | ']' | '"' | '<' | '>' | '/' | '\\'))
        .collect();
    let (stem, end) =
        wanted.rsplit_once('.').map_or((wanted.as_str(), String::new()), |(stem, end)| (stem, format!(".{end}")));
    let mut name = wanted.clone();
    let mut number = 0;
    while taken.contains(&name) {
        number += 1;
        name = format!("{stem}-{number}{end}");
    }
    name
}

/// The pictures of a drop or a paste outside of an editor.
pub(super) fn pictures(transfer: Option<web_sys::DataTransfer>) -> Vec<web_sys::File> {
    let Some(files) = transfer.and_then(|transfer| transfer.files()) else { return Vec::new() };
    (0..files.length())
        .filter_map(|at| files.get(at))
        .filter(|file| file.unchecked_ref::<web_sys::Blob>().type_().starts_with("image/"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{base64, free_name};

    #[test]
    fn base64_of_bytes() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
    }

    #[test]
    fn names_that_are_free() {
        let taken = ["a.png".to_owned(), "a-1.png".to_owned()];
        assert_eq!(free_name("a.png", &taken), "a-2.png");
        assert_eq!(free_name("b(1).png", &taken), "b1.png");
        assert_eq!(free_name("", &taken), "image.png");
    }
}
