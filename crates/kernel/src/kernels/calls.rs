//! The studio's calls about notebooks and kernels, one method each.

use super::Kernels;
use crate::KernelError;
use crate::session::Session;
use atelier_wire::Error;
use atelier_wire::studio::home::Done;
use atelier_wire::studio::kernel::{self, Completions, Inspection, OpenedVariable, Variables};
use atelier_wire::studio::notebook::{self, Cells, Edit, Notebook, Undone, WholeOutput};
use std::collections::HashMap;
use std::sync::Arc;

/// Documents.
impl Kernels {
    pub async fn open_notebook(&self, request: notebook::OpenNotebook) -> Result<Notebook, Error> {
        let known = self.canonical(&request.path).is_ok_and(|path| self.open.lock().contains_key(&path));
        let session = self.session(&request.path).await?;
        // One that was opened just now was read just now.
        if known && let Err(error) = session.refresh().await {
            // What is open stays usable; the file's trouble is for the log and the next save.
            tracing::warn!(path = session.path(), %error, "the file cannot be looked at");
        }
        snapshot(session, Session::snapshot).await
    }

    pub async fn get_cells(&self, request: notebook::GetCells) -> Result<Cells, Error> {
        let session = self.session(&request.path).await?;
        snapshot(session, move |session| session.cells(&request.cells)).await
    }

    pub async fn get_output(&self, request: notebook::GetOutput) -> Result<WholeOutput, Error> {
        let session = self.session(&request.path).await?;
        Ok(session.whole_output(&request.cell, request.index)?)
    }

    pub async fn edit(&self, request: notebook::EditNotebook) -> Result<Done, Error> {
        let session = self.session(&request.path).await?;
        // Cells are pasted from notebooks that are open; they are looked up before this one is locked.
        let mut others: HashMap<String, Arc<Session>> = HashMap::new();
        for edit in &request.edits {
            let Edit::Paste { from, .. } = edit else { continue };
            let open = self.canonical(from).ok().and_then(|path| self.open.lock().get(&path).cloned());
            if let Some(other) = open.filter(|other| !Arc::ptr_eq(other, &session)) {
                others.insert(from.clone(), other);
            }
        }
        let mut cells = HashMap::new();
        for edit in &request.edits {
            let Edit::Paste { from, cells: ids, .. } = edit else { continue };
            let Some(other) = others.get(from) else { continue };
            cells.extend(ids.iter().filter_map(|id| Some(((from.clone(), id.clone()), other.cell_ever(id)?))));
        }
        session
            .edit(&request.window, &request.edits, &|path, id| cells.get(&(path.to_owned(), id.to_owned())).cloned())?;
        Ok(Done {})
    }

    pub async fn undo(&self, request: notebook::UndoNotebook) -> Result<Undone, Error> {
        Ok(Undone { cell: self.session(&request.path).await?.undo(request.redo) })
    }

    pub async fn save(&self, request: notebook::SaveNotebook) -> Result<Done, Error> {
        self.session(&request.path).await?.save(true).await?;
        Ok(Done {})
    }

    pub async fn resolve_conflict(&self, request: notebook::ResolveConflict) -> Result<Done, Error> {
        self.session(&request.path).await?.resolve(request.keep).await?;
        Ok(Done {})
    }
}

/// Kernels.
impl Kernels {
    pub async fn run(&self, request: kernel::RunCells) -> Result<Done, Error> {
        self.session(&request.path).await?.run(&request.cells)?;
        Ok(Done {})
    }

    pub async fn cancel(&self, request: kernel::CancelCells) -> Result<Done, Error> {
        self.session(&request.path).await?.cancel(&request.cells);
        Ok(Done {})
    }

    pub async fn interrupt(&self, request: kernel::InterruptKernel) -> Result<Done, Error> {
        self.session(&request.path).await?.interrupt(request.kernel.as_deref())?;
        Ok(Done {})
    }

    pub async fn restart(&self, request: kernel::RestartKernel) -> Result<Done, Error> {
        self.session(&request.path).await?.restart(request.kernel.as_deref()).await?;
        Ok(Done {})
    }

    pub async fn stop(&self, request: kernel::StopKernel) -> Result<Done, Error> {
        self.session(&request.path).await?.stop(request.kernel.as_deref()).await;
        Ok(Done {})
    }

    pub async fn choose(&self, request: kernel::ChooseKernel) -> Result<Done, Error> {
        self.session(&request.path).await?.choose_kernel(&request.name).await?;
        Ok(Done {})
    }

    pub async fn complete(&self, request: kernel::CompleteCode) -> Result<Completions, Error> {
        let kernel::CompleteCode { path, kernel, code, cursor } = request;
        Ok(self.session(&path).await?.complete(kernel.as_deref(), code, cursor).await)
    }

    pub async fn inspect(&self, request: kernel::InspectCode) -> Result<Inspection, Error> {
        let kernel::InspectCode { path, kernel, code, cursor, detail } = request;
        Ok(self.session(&path).await?.inspect(kernel.as_deref(), code, cursor, detail).await)
    }

    pub async fn answer_input(&self, request: kernel::AnswerInput) -> Result<Done, Error> {
        self.session(&request.path).await?.answer(request.kernel.as_deref(), request.text)?;
        Ok(Done {})
    }

    pub async fn send_comm(&self, request: kernel::SendComm) -> Result<Done, Error> {
        self.session(&request.path).await?.send_comm(request.comm)?;
        Ok(Done {})
    }

    pub async fn get_comms(&self, request: kernel::GetComms) -> Result<kernel::Comms, Error> {
        Ok(self.session(&request.path).await?.comms())
    }

    pub async fn list(&self, _request: kernel::ListKernels) -> Result<kernel::Kernels, Error> {
        let shared = self.shared.clone();
        let launchers = tokio::task::spawn_blocking(move || shared.launchers()).await;
        let available = launchers
            .map_err(|panic| KernelError::Defect(panic.to_string()))?
            .into_iter()
            .map(|launcher| launcher.spec)
            .collect();
        let with_path = |session: Arc<Session>| {
            let path = session.path();
            session.kernel_infos().into_iter().map(move |info| (path.clone(), info)).collect::<Vec<_>>()
        };
        let mut running: Vec<_> = self.sessions().into_iter().flat_map(with_path).collect();
        running.sort_by(|a, b| (&a.0, &a.1.name).cmp(&(&b.0, &b.1.name)));
        Ok(kernel::Kernels { available, running })
    }

    pub async fn variables(&self, request: kernel::ListVariables) -> Result<Variables, Error> {
        Ok(self.session(&request.path).await?.variables().await)
    }

    pub async fn open_variable(&self, request: kernel::OpenVariable) -> Result<OpenedVariable, Error> {
        Ok(self.session(&request.path).await?.open_variable(request.kernel.as_deref(), &request.name).await?)
    }
}

/// Large notebooks take a while to show, binary outputs are written meanwhile.
async fn snapshot<R: Send + 'static>(
    session: Arc<Session>,
    show: impl FnOnce(&Session) -> R + Send + 'static,
) -> Result<R, Error> {
    let shown = tokio::task::spawn_blocking(move || show(&session)).await;
    Ok(shown.map_err(|panic| KernelError::Defect(panic.to_string()))?)
}
