//! The frame: what this backend is, what the machine does, what a window kept, what the palette reaches.

mod find;
mod machine;

use super::files;
use crate::Studio;
use atelier_store::{ListQuery, StoreError};
use atelier_wire::Error;
use atelier_wire::studio::home::{
    Done, FindResources, GetMachine, GetStudio, GetWindowState, Machine, PutWindowState, Resources, StopStudio,
    StudioInfo, WindowState,
};
use serde::de::IgnoredAny;

/// The kind of document that holds what a window kept; its name is the window's key.
const WINDOW_STATE: &str = "window-state";
const MAX_KEY_BYTES: usize = 200;
const MAX_VALUE_BYTES: usize = 256 << 10;

/// Where the quickstart lies in the workspace, and what it holds when it is put there.
const QUICKSTART: &str = "quickstart.ipynb";
const QUICKSTART_TEXT: &str = include_str!("../../../../notebooks/quickstart.ipynb");

pub(super) fn get_studio(studio: &Studio, _: GetStudio) -> Result<StudioInfo, Error> {
    let inner = &studio.inner;
    place_quickstart(studio);
    let environment = studio
        .environment()
        .into_iter()
        .map(|(name, value)| if is_secret(&name) { (name, "•".repeat(12)) } else { (name, value) });
    Ok(StudioInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        address: studio.address(),
        home: inner.home.to_string_lossy().into_owned(),
        workspace: inner.workspace.to_string_lossy().into_owned(),
        region: inner.settings.region.clone(),
        account: inner.settings.account.clone(),
        default_bucket: inner.settings.default_bucket(),
        role_arn: inner.settings.role_arn(),
        environment: environment.collect(),
        started_at: inner.started_at,
        quickstart: QUICKSTART.to_owned(),
    })
}

pub(super) fn get_machine(studio: &Studio, _: GetMachine) -> Result<Machine, Error> {
    let inner = &studio.inner;
    Ok(Machine {
        jobs_running: count(studio, &["training-job", "transform-job"], &["InProgress", "Stopping"])?,
        endpoints_in_service: count(studio, &["endpoint"], &["InService", "Updating"])?,
        kernels_running: inner.kernels.num_running(),
        ..machine::read(&inner.machine, &inner.home)
    })
}

pub(super) fn get_window_state(studio: &Studio, request: GetWindowState) -> Result<WindowState, Error> {
    let found = studio.inner.platform.store.get::<String>(WINDOW_STATE, &request.key).map_err(failed)?;
    Ok(WindowState { value: found.map(|doc| doc.body) })
}

pub(super) fn put_window_state(studio: &Studio, request: PutWindowState) -> Result<Done, Error> {
    let PutWindowState { key, value } = request;
    if key.is_empty() || key.len() > MAX_KEY_BYTES || value.len() > MAX_VALUE_BYTES {
        let text = format!(
            "A window keeps values of up to {} KiB under keys of 1 to {MAX_KEY_BYTES} bytes.",
            MAX_VALUE_BYTES >> 10
        );
        return Err(Error::new("ValidationException", text));
    }
    let store = &studio.inner.platform.store;
    let replace = |key: &str, value: String| store.update::<String, ()>(WINDOW_STATE, key, move |doc| doc.body = value);
    if replace(&key, value.clone()).map_err(failed)?.is_some() {
        return Ok(Done {});
    }
    match store.insert(WINDOW_STATE, &key, "", &value) {
        // Another window was first: the later word stands.
        Err(StoreError::Exists { .. }) => replace(&key, value).map(drop),
        other => other,
    }
    .map_err(failed)?;
    Ok(Done {})
}

pub(super) fn find_resources(studio: &Studio, request: FindResources) -> Result<Resources, Error> {
    let workspace = files::workspace(studio)?;
    let found = find::find(&studio.inner.platform.store, &workspace, &request.query, request.limit);
    Ok(Resources { resources: found.map_err(failed)? })
}

pub(super) fn stop_studio(studio: &Studio, _: StopStudio) -> Result<Done, Error> {
    studio.inner.stopping.send_replace(true);
    Ok(Done {})
}

/// Puts the quickstart into the workspace if it is not there, so that Home's first card always opens. A user's own
/// edits of it are never touched.
fn place_quickstart(studio: &Studio) {
    let placed = files::workspace(studio).and_then(|workspace| workspace.write(QUICKSTART, QUICKSTART_TEXT, None));
    match placed {
        Ok(_) => studio.announce("file", QUICKSTART),
        Err(taken) if taken.code == "ResourceInUse" => {}
        Err(problem) => tracing::warn!(%problem, "the quickstart cannot be put into the workspace"),
    }
}

/// How many documents of `kinds` are in one of `states`, over all pages.
fn count(studio: &Studio, kinds: &[&str], states: &[&str]) -> Result<usize, Error> {
    let mut count = 0;
    for kind in kinds {
        for state in states {
            let mut query = ListQuery { status: Some((*state).to_owned()), limit: 1000, ..ListQuery::default() };
            loop {
                let page = studio.inner.platform.store.list::<IgnoredAny>(kind, &query).map_err(failed)?;
                count += page.docs.len();
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
    }
    Ok(count)
}

fn is_secret(name: &str) -> bool {
    ["SECRET", "TOKEN", "PASSWORD"].iter().any(|word| name.contains(word))
}

fn failed(error: StoreError) -> Error {
    let status = if matches!(error, StoreError::DiskFull { .. }) { 507 } else { 500 };
    Error::new("InternalFailure", format!("The studio's store failed: {error}.")).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn studio() -> (tempfile::TempDir, Studio) {
        let home = tempfile::tempdir().unwrap();
        let studio = Studio::open(crate::StudioOptions::new(home.path())).await.unwrap();
        (home, studio)
    }

    #[tokio::test]
    async fn a_window_reads_back_what_it_kept() {
        let (_home, studio) = studio().await;
        let get = |key: &str| get_window_state(&studio, GetWindowState { key: key.into() }).unwrap().value;
        let put =
            |key: &str, value: &str| put_window_state(&studio, PutWindowState { key: key.into(), value: value.into() });
        assert_eq!(get("tabs"), None);
        put("tabs", "[1]").unwrap();
        put("tabs", "[1,2]").unwrap();
        assert_eq!(get("tabs").as_deref(), Some("[1,2]"));
        for (key, value) in
            [("", "x".to_owned()), ("tabs", "x".repeat(MAX_VALUE_BYTES + 1)), (&"k".repeat(201), "x".to_owned())]
        {
            assert_eq!(put(key, &value).unwrap_err().code, "ValidationException");
        }
    }

    #[tokio::test]
    async fn no_secret_is_shown() {
        let (_home, studio) = studio().await;
        let info = get_studio(&studio, GetStudio {}).unwrap();
        let shown = serde_json::to_string(&info).unwrap();
        assert!(!shown.contains(&studio.credentials().secret_key), "{shown}");
        assert!(info.environment.iter().any(|(name, value)| name == "AWS_SECRET_ACCESS_KEY" && value.starts_with('•')));
        assert_eq!(info.role_arn, studio.settings().role_arn());
        let quickstart = atelier_wire::studio::files::ReadTextFile { path: info.quickstart };
        assert_eq!(files::read_text_file(&studio, quickstart).unwrap().text, QUICKSTART_TEXT);
    }

    #[tokio::test]
    async fn what_runs_is_counted() {
        let (_home, studio) = studio().await;
        let store = &studio.inner.platform.store;
        store.insert("endpoint", "a", "InService", &1).unwrap();
        store.insert("endpoint", "b", "Failed", &1).unwrap();
        let machine = get_machine(&studio, GetMachine {}).unwrap();
        assert_eq!((machine.jobs_running, machine.endpoints_in_service, machine.kernels_running), (0, 1, 0));
        assert!(machine.memory_total_bytes > 0);
    }

    #[tokio::test]
    async fn files_are_made_moved_and_found_through_the_door() {
        let (home, studio) = studio().await;
        let made = files::make_notebook(
            &studio,
            atelier_wire::studio::files::MakeNotebook { path: "note".into(), kernel: "python3".into() },
        )
        .unwrap();
        let rename = atelier_wire::studio::files::RenameFile { path: made.path, to: "study.ipynb".into() };
        files::rename_file(&studio, rename).unwrap();
        let found = find_resources(&studio, FindResources { query: "study".into(), limit: 5 }).unwrap().resources;
        assert_eq!(found[0].address, "atelier://file/study.ipynb");
        files::delete_file(&studio, atelier_wire::studio::files::DeleteFile { path: "study.ipynb".into() }).unwrap();
        assert_eq!(std::fs::read_dir(home.path().join("trash")).unwrap().count(), 1);
        let bad = atelier_wire::studio::files::MakeNotebook { path: "x".into(), kernel: "../evil".into() };
        assert_eq!(files::make_notebook(&studio, bad).unwrap_err().code, "ValidationException");
    }

    #[tokio::test]
    async fn a_stop_is_heard() {
        let (_home, studio) = studio().await;
        stop_studio(&studio, StopStudio {}).unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(5), studio.stop_requested()).await.unwrap();
    }
}
