//! Comparing notebooks and writing them in other forms.

use super::Kernels;
use super::environments::blocking;
use crate::KernelError;
use atelier_notebook::{Document, diff, export, file};
use atelier_wire::studio::notebook::{Against, DiffNotebook, ExportForm, ExportNotebook, Exported, NotebookDiff};
use atelier_wire::{Error, Event};
use std::path::Path;

impl Kernels {
    pub async fn diff(&self, request: DiffNotebook) -> Result<NotebookDiff, Error> {
        let (document, last_saved, file) = self.session(&request.path).await?.versions();
        let other = match &request.against {
            // One that is open is compared as it stands.
            Against::File(path) => {
                let path = self.canonical(path)?;
                let open = self.open.lock().get(&path).cloned();
                open.map(|session| session.versions().0)
            }
            _ => None,
        };
        let workspace = self.shared.options.workspace.clone();
        blocking(move || {
            let (against, old) = match request.against {
                Against::LastSave => (
                    "the last save".to_owned(),
                    last_saved.ok_or_else(|| unreadable("the last save", "it could not be read"))?,
                ),
                Against::Disk => ("the file".to_owned(), read(&file, "the file")?),
                Against::LastCommit => {
                    let bytes = diff::last_commit(&file)
                        .map_err(|error| unreadable("comparing with the last commit", &error.to_string()))?;
                    ("the last commit".to_owned(), parse(&bytes, "the last commit")?)
                }
                Against::File(path) => {
                    let old = match other {
                        Some(open) => open,
                        None => read(&file::resolve(&workspace, &path)?, &path)?,
                    };
                    (path, old)
                }
            };
            Ok(diff::diff(&old, &document, &against))
        })
        .await
    }

    /// Writes the notebook in another form beside it. What is there under that name is replaced.
    pub async fn export(&self, request: ExportNotebook) -> Result<Exported, Error> {
        let session = self.session(&request.path).await?;
        let (document, _, file) = session.versions();
        let own = session.path();
        let ending = match request.to {
            ExportForm::Html => "html",
            ExportForm::Pdf => "pdf",
            ExportForm::Py => "py",
            ExportForm::Rs => "rs",
        };
        let target = file.with_extension(ending);
        let path = Path::new(&own).with_extension(ending).to_string_lossy().into_owned();
        let work = move || -> Result<(), KernelError> {
            let title = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = match request.to {
                ExportForm::Py => export::to_python(&document).into_bytes(),
                ExportForm::Rs => export::to_rust(&document).into_bytes(),
                ExportForm::Html => export::to_html(&document, &title).into_bytes(),
                ExportForm::Pdf => {
                    let page = export::to_html(&document, &title);
                    export::to_pdf(&page, file.parent()).map_err(|error| unreadable("exporting", &error.to_string()))?
                }
            };
            if target.is_symlink() {
                return Err(unreadable("exporting", "a link stands where the file would be written"));
            }
            crate::disk::replace(&target, &bytes)
        };
        let events = self.shared.events.clone();
        let exported = path.clone();
        if request.to == ExportForm::Pdf {
            // Takes seconds: windows follow it.
            let (done, outcome) = tokio::sync::oneshot::channel();
            self.start_task(format!("Exporting {path}"), move |_, _| {
                let worked = work();
                let told = worked.as_ref().map(|()| ()).map_err(ToString::to_string);
                // Whoever asked may have gone.
                let _ = done.send(worked);
                told
            });
            outcome.await.map_err(|gone| KernelError::Defect(gone.to_string()))??;
        } else {
            blocking(work).await?;
        }
        events(Event::Changed { tag: "file".to_owned(), id: exported.clone() });
        Ok(Exported { path: exported })
    }
}

fn unreadable(what: &str, why: &str) -> KernelError {
    KernelError::Document { what: what.to_owned(), why: why.to_owned() }
}

fn parse(bytes: &[u8], what: &str) -> Result<Document, KernelError> {
    Document::parse(bytes).map_err(|error| unreadable(&format!("reading {what}"), &error.to_string()))
}

fn read(file: &Path, what: &str) -> Result<Document, KernelError> {
    let bytes = std::fs::read(file).map_err(KernelError::io(format!("reading {what}")))?;
    parse(&bytes, what)
}
