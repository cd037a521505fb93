//! From `model.tar.gz` in a bucket to a directory that a scorer can be loaded from.

use crate::ops::model::{ModelRecord, model_data};
use crate::{Context, s3_uri};
use atelier_store::StoreError;
use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use tar::{Archive, EntryType};

/// Unpacks a model into `$ATELIER_HOME/models/NAME-HASH`, or finds it there. The error is a failure reason for a person.
pub(crate) fn unpack(ctx: &Context, model: &ModelRecord) -> Result<PathBuf, String> {
    let name = &model.request.model_name;
    let container = model.container().ok_or_else(|| {
        format!("Model {name} is a pipeline of several containers, which this platform cannot serve yet. Use a model with one container.")
    })?;
    let url = model_data(container)
        .ok_or_else(|| format!("Model {name} has no model data. Set ModelDataUrl to a model.tar.gz."))?;
    if url.ends_with('/') {
        return Err(format!(
            "Model {name} has model data without compression at {url}, which this platform cannot serve yet. Use a model.tar.gz."
        ));
    }
    let gone = || {
        format!(
            "Failed to download model data for container \"{}\" from URL: \"{url}\". Please ensure that there is an object located at \
             the URL and that the role passed to CreateModel has permissions to download the object.",
            container.container_hostname.as_deref().unwrap_or("container_1")
        )
    };
    let (bucket, key) = s3_uri::split(url).ok_or_else(gone)?;
    let object = ctx.store.buckets().get(bucket, key).map_err(|problem| match problem {
        StoreError::NoSuchBucket(_)
        | StoreError::NoSuchKey { .. }
        | StoreError::FileGone { .. }
        | StoreError::BadKey(_) => gone(),
        other => crate::error::sentence(&other.to_string()),
    })?;
    let hash: String = object.meta.etag.chars().filter(char::is_ascii_hexdigit).take(16).collect();
    let models = ctx.store.home().join("models");
    let dir = models.join(format!("{name}-{hash}"));
    if dir.is_dir() {
        return Ok(dir);
    }
    let failed = |problem: io::Error| format!("Failed to extract model data archive from URL \"{url}\": {problem}.");
    fs::create_dir_all(&models).map_err(failed)?;
    // Each attempt has a directory of its own, so that what a crash leaves is never taken for a model.
    let draft = models.join(format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let placed = extract(object.file, &draft).and_then(|()| place(&draft, &dir));
    if placed.is_err() {
        // The draft is worthless; that it cannot be removed would only hide why.
        let _ = fs::remove_dir_all(&draft);
    }
    placed.map_err(failed)?;
    Ok(dir)
}

fn place(draft: &Path, dir: &Path) -> io::Result<()> {
    match fs::rename(draft, dir) {
        // Somebody else unpacked the same model meanwhile.
        Err(_) if dir.is_dir() => fs::remove_dir_all(draft),
        Err(problem) => Err(problem),
        Ok(()) => dir.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all()),
    }
}

/// Extracts plain files and directories. Anything that could reach outside of `dir` (an absolute path, `..`, a link)
/// refuses the whole archive: a model made by accident or by malice must not write elsewhere.
fn extract(archive: impl Read, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let mut archive = Archive::new(GzDecoder::new(archive));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, format!("entry {} {why}", path.display()));
        if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(refused("leads out of the archive"));
        }
        let target = dir.join(&path);
        match entry.header().entry_type() {
            EntryType::Directory => fs::create_dir_all(&target)?,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                if let Some(parent) = target.parent() {
                    fs::create_dir_all(parent)?;
                }
                let mut file = File::create(&target)?;
                io::copy(&mut entry, &mut file)?;
                file.sync_all()?;
            }
            EntryType::XGlobalHeader | EntryType::XHeader => {}
            _ => return Err(refused("is neither a file nor a directory")),
        }
    }
    Ok(())
}

/// Removes unpacked models that no endpoint in `used` needs, and drafts that a crash left.
pub(crate) fn sweep(home: &Path, used: &BTreeSet<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(home.join("models")) {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let path = entry?.path();
        if !used.contains(&path) {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn archive(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (name, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            // The builder itself refuses such names, so they are written past it.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            if kind.is_symlink() {
                header.set_link_name("/etc").unwrap();
            }
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    fn check(entries: &[(&str, EntryType, &[u8])], expected: Result<&str, &str>) {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("model");
        let got = extract(&archive(entries)[..], &dir);
        match expected {
            Ok(file) => {
                got.unwrap();
                assert_eq!(fs::read(dir.join(file)).unwrap(), b"x");
            }
            Err(text) => assert!(got.unwrap_err().to_string().contains(text)),
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing beside the model's directory");
    }

    #[test]
    fn only_files_below_the_directory_are_written() {
        check(&[("xgboost-model", EntryType::Regular, b"x")], Ok("xgboost-model"));
        check(&[("./", EntryType::Directory, b""), ("./code/a.py", EntryType::Regular, b"x")], Ok("code/a.py"));
        check(&[("../evil", EntryType::Regular, b"x")], Err("leads out"));
        check(&[("a/../../evil", EntryType::Regular, b"x")], Err("leads out"));
        check(&[("/tmp/evil", EntryType::Regular, b"x")], Err("leads out"));
        check(&[("link", EntryType::Symlink, b""), ("link/evil", EntryType::Regular, b"x")], Err("neither"));
        check(&[("hard", EntryType::Link, b"")], Err("neither"));
    }

    #[test]
    fn what_no_endpoint_uses_is_swept() {
        let home = tempfile::tempdir().unwrap();
        let models = home.path().join("models");
        for name in ["kept-1", "old-2", ".draft.new"] {
            fs::create_dir_all(models.join(name)).unwrap();
        }
        sweep(home.path(), &BTreeSet::from([models.join("kept-1")])).unwrap();
        let left: Vec<_> = fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept-1"]);
    }
}
