//! Studio calls: what a window needs beside the AWS operations. A file per panel, a line per call here.

mod data;
mod deploy;
mod files;
mod home;
mod job;

use crate::Studio;
use crate::door::{blocking, broken};
use atelier_wire::{Call, Error, studio};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// Whether a name is a studio call's.
pub(crate) fn is_known(name: &str) -> bool {
    studio::NAMES.iter().any(|names| names.contains(&name))
}

/// Handles a studio call.
pub(crate) async fn call(studio: &Studio, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
    let guarded = AssertUnwindSafe(dispatch(studio, name, body)).catch_unwind().await;
    guarded.unwrap_or_else(|_| Err(broken(name, "see the panic's own message")))
}

async fn dispatch(studio: &Studio, name: &str, body: &[u8]) -> Result<Vec<u8>, Error> {
    let kernels = &studio.inner.kernels;
    match name {
        "ListStores" => work(studio, body, data::list_stores).await,
        "BrowseBucket" => work(studio, body, data::browse_bucket).await,
        "OpenView" => work(studio, body, data::open_view).await,
        "GetView" => work(studio, body, data::get_view).await,
        "DropView" => work(studio, body, data::drop_view).await,
        "GetRows" => work(studio, body, data::get_rows).await,
        "GetCell" => work(studio, body, data::get_cell).await,
        "GetStats" => work(studio, body, data::get_stats).await,
        "ListValues" => work(studio, body, data::list_values).await,
        "FindInView" => work(studio, body, data::find_in_view).await,
        "ExportView" => work(studio, body, data::export_view).await,
        "CancelRequest" => work(studio, body, data::cancel_request).await,
        "BuildChart" => work(studio, body, data::build_chart).await,
        "QualityReport" => work(studio, body, data::quality_report).await,
        "ListTransforms" => work(studio, body, data::list_transforms).await,
        "PreviewStep" => work(studio, body, data::preview_step).await,
        "ExportRecipe" => work(studio, body, data::export_recipe).await,

        "TestEndpoint" => answer(body, |request| deploy::test_endpoint(studio, request)).await,
        "GetEndpointActivity" => work(studio, body, deploy::get_endpoint_activity).await,

        "ListFiles" => work(studio, body, files::list_files).await,
        "ReadTextFile" => work(studio, body, files::read_text_file).await,
        "WriteTextFile" => work(studio, body, files::write_text_file).await,
        "MakeFolder" => work(studio, body, files::make_folder).await,
        "MakeNotebook" => work(studio, body, files::make_notebook).await,
        "RenameFile" => work(studio, body, files::rename_file).await,
        "DeleteFile" => work(studio, body, files::delete_file).await,

        "GetStudio" => work(studio, body, home::get_studio).await,
        "GetMachine" => work(studio, body, home::get_machine).await,
        "GetWindowState" => work(studio, body, home::get_window_state).await,
        "PutWindowState" => work(studio, body, home::put_window_state).await,
        "FindResources" => work(studio, body, home::find_resources).await,
        "StopStudio" => work(studio, body, home::stop_studio).await,

        "GetJobLog" => work(studio, body, job::get_job_log).await,
        "GetJobMetrics" => work(studio, body, job::get_job_metrics).await,

        "ListEnvironments" => answer(body, |request| kernels.list_environments(request)).await,
        "ListPackages" => answer(body, |request| kernels.list_packages(request)).await,
        "ChangePackages" => answer(body, |request| kernels.change_packages(request)).await,
        "CancelTask" => answer(body, |request| kernels.cancel_task(request)).await,
        "FindPackage" => answer(body, |request| kernels.find_package(request)).await,

        "RunCells" => answer(body, |request| kernels.run(request)).await,
        "CancelCells" => answer(body, |request| kernels.cancel(request)).await,
        "InterruptKernel" => answer(body, |request| kernels.interrupt(request)).await,
        "RestartKernel" => answer(body, |request| kernels.restart(request)).await,
        "StopKernel" => answer(body, |request| kernels.stop(request)).await,
        "ChooseKernel" => answer(body, |request| kernels.choose(request)).await,
        "CompleteCode" => answer(body, |request| kernels.complete(request)).await,
        "InspectCode" => answer(body, |request| kernels.inspect(request)).await,
        "AnswerInput" => answer(body, |request| kernels.answer_input(request)).await,
        "SendComm" => answer(body, |request| kernels.send_comm(request)).await,
        "GetComms" => answer(body, |request| kernels.get_comms(request)).await,
        "ListKernels" => answer(body, |request| kernels.list(request)).await,
        "ListVariables" => answer(body, |request| kernels.variables(request)).await,
        "OpenVariable" => answer(body, |request| kernels.open_variable(request)).await,

        "OpenNotebook" => answer(body, |request| kernels.open_notebook(request)).await,
        "EditNotebook" => answer(body, |request| kernels.edit(request)).await,
        "GetCells" => answer(body, |request| kernels.get_cells(request)).await,
        "GetOutput" => answer(body, |request| kernels.get_output(request)).await,
        "UndoNotebook" => answer(body, |request| kernels.undo(request)).await,
        "SaveNotebook" => answer(body, |request| kernels.save(request)).await,
        "DiffNotebook" => answer(body, |request| kernels.diff(request)).await,
        "ExportNotebook" => answer(body, |request| kernels.export(request)).await,
        "ResolveConflict" => answer(body, |request| kernels.resolve_conflict(request)).await,
        _ => Err(Error::new("UnknownOperationException", format!("There is no call named {name}."))),
    }
}

fn decode<Q: Call>(body: &[u8]) -> Result<Q, Error> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|problem| Error::new("SerializationException", format!("{} cannot be read: {problem}.", Q::NAME)))
}

fn encode<R: serde::Serialize>(response: &R) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(response).map_err(|problem| Error::new("InternalFailure", problem.to_string()).with_status(500))
}

/// A call that blocks.
async fn work<Q: Call + Send + 'static>(
    studio: &Studio,
    body: &[u8],
    work: fn(&Studio, Q) -> Result<Q::Response, Error>,
) -> Result<Vec<u8>, Error> {
    let request = decode::<Q>(body)?;
    let studio = studio.clone();
    blocking(Q::NAME, move || encode(&work(&studio, request)?)).await
}

/// A call that does not block.
async fn answer<Q: Call, F: Future<Output = Result<Q::Response, Error>>>(
    body: &[u8],
    work: impl FnOnce(Q) -> F,
) -> Result<Vec<u8>, Error> {
    encode(&work(decode::<Q>(body)?).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that is declared in `wire` and forgotten here would answer that it does not exist.
    #[tokio::test]
    async fn every_declared_call_is_handled() {
        let home = tempfile::tempdir().unwrap();
        let studio = Studio::open(crate::StudioOptions::new(home.path())).await.unwrap();
        for name in studio::NAMES.iter().copied().flatten() {
            assert!(is_known(name));
            // No call accepts a list, so none does anything here.
            let refused = call(&studio, name, b"[[]]").await.unwrap_err();
            assert_eq!(refused.code, "SerializationException", "{name}");
        }
    }
}
