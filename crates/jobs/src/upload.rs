//! What a job leaves in its output directories becomes objects. Doing it again from the start is always right, since
//! an object is replaced as a whole.

use crate::drive::Control;
use crate::run_dir::RunDir;
use crate::s3_uri;
use crate::spec::{Form, JobSpec, Output};
use crate::state::Verdict;
use atelier_store::{Buckets, PutOptions, StoreError};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Uploads all outputs that this verdict allows. The error is a failure reason.
pub fn outputs(
    buckets: &Buckets,
    spec: &JobSpec,
    dir: &RunDir,
    verdict: Verdict,
    control: &Control,
) -> Result<(), String> {
    if spec.discard_on_stop && matches!(verdict, Verdict::Stopped | Verdict::MaxRuntimeExceeded) {
        return Ok(());
    }
    for output in &spec.outputs {
        if output.only_on_success && verdict == Verdict::Failed {
            continue;
        }
        let files = collect(spec, dir, output);
        let uploaded = match output.form {
            Form::TarGz if files.is_empty() && !output.required => Ok(()),
            Form::TarGz => archive(buckets, output, &files),
            Form::Objects => objects(buckets, output, &files, control),
        };
        uploaded.map_err(|error| match error {
            StoreError::NoSuchBucket(_) => format!(
                "ClientError: Artifact upload failed:NoSuchBucket (404): The specified bucket does not exist: {}",
                output.to
            ),
            other => format!("InternalServerError: Artifact upload failed: {other}"),
        })?;
    }
    Ok(())
}

/// The files of an output directory by relative path; of the same path on several hosts the first host's.
fn collect(spec: &JobSpec, dir: &RunDir, output: &Output) -> BTreeMap<PathBuf, PathBuf> {
    let mut files = BTreeMap::new();
    for host in spec.hosts() {
        let root = dir.opt_ml(&host).join(&output.dir);
        for entry in walkdir::WalkDir::new(&root).follow_root_links(false).min_depth(1).into_iter().flatten() {
            // Links may point out of the directory, pipes and sockets are no data, directories come with their files.
            if entry.file_type().is_file()
                && let Ok(name) = entry.path().strip_prefix(&root)
            {
                files.entry(name.to_owned()).or_insert_with(|| entry.path().to_owned());
            }
        }
    }
    files
}

fn target(output: &Output) -> Result<(&str, &str), StoreError> {
    s3_uri::split(&output.to).ok_or_else(|| StoreError::NoSuchBucket(output.to.clone()))
}

fn archive(buckets: &Buckets, output: &Output, files: &BTreeMap<PathBuf, PathBuf>) -> Result<(), StoreError> {
    let (bucket, key) = target(output)?;
    let options = PutOptions { content_type: Some("application/x-tar".into()), ..PutOptions::default() };
    let writer = io::BufWriter::with_capacity(1 << 18, buckets.put(bucket, key, options)?);
    // Models are read far more often than written, but nobody waits for the last per cent either.
    let mut tar = tar::Builder::new(GzEncoder::new(writer, Compression::fast()));
    for (name, path) in files {
        tar.append_path_with_name(path, name).map_err(|error| StoreError::io(path, error))?;
    }
    let here = Path::new(&output.to);
    let finished = tar.into_inner().and_then(GzEncoder::finish).and_then(|mut writer| {
        writer.flush()?;
        writer.into_inner().map_err(io::IntoInnerError::into_error)
    });
    finished.map_err(|error| StoreError::io(here, error))?.finish()?;
    Ok(())
}

fn objects(
    buckets: &Buckets,
    output: &Output,
    files: &BTreeMap<PathBuf, PathBuf>,
    control: &Control,
) -> Result<(), StoreError> {
    let (bucket, prefix) = target(output)?;
    let prefix = prefix.trim_end_matches('/');
    for (name, path) in files {
        if control.detached() {
            return Err(StoreError::Closed);
        }
        let name = name.to_string_lossy();
        let key = if prefix.is_empty() { name.into_owned() } else { format!("{prefix}/{name}") };
        let mut file = File::open(path).map_err(|error| StoreError::io(path, error))?;
        buckets.put_from(bucket, &key, &mut file, PutOptions::default())?;
    }
    Ok(())
}
