//! The notebook in other forms, written beside it.

use super::session::Session;
use crate::api;
use crate::frame::{Address, use_frame};
use crate::kit::{MenuItem, Toast, Tone};
use atelier_wire::studio::notebook::{ExportForm, ExportNotebook};
use wasm_bindgen_futures::spawn_local;

pub const FORMS: [(ExportForm, &str, &str); 4] = [
    (ExportForm::Html, "HTML", "html"),
    (ExportForm::Pdf, "PDF", "pdf"),
    (ExportForm::Py, "Python", "py"),
    (ExportForm::Rs, "Rust", "rs"),
];

pub(super) fn items(session: Session) -> Vec<MenuItem> {
    FORMS
        .iter()
        .map(|(form, name, _)| MenuItem::new("file", format!("Export as {name}"), move || export(session, *form)))
        .collect()
}

pub(super) fn export(session: Session, to: ExportForm) {
    let frame = session.frame.unwrap_or_else(use_frame);
    spawn_local(async move {
        session.settled().await;
        match api::call(ExportNotebook { path: session.path(), to }).await {
            Ok(exported) => {
                let address = Address::file(exported.path.clone());
                session.toasts.show(
                    Toast::new(Tone::Ok, "The notebook was exported")
                        .text(exported.path)
                        .offer("Open", move || frame.open(address.clone())),
                );
            }
            Err(error) => session.toasts.fail("The notebook could not be exported", error.message),
        }
    });
}
