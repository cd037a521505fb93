//! Everything a job finds below `/opt/ml` when it starts: configuration and input data. Doing it again from the start
//! is always right. Every error is a failure reason in AWS's words.

use crate::drive::Control;
use crate::run_dir::{Run, RunDir};
use crate::spec::{Input, JobSpec, Source};
use crate::{process, s3_uri};
use atelier_store::buckets::ListObjects;
use atelier_store::{Buckets, StoreError, files};
use flate2::read::MultiGzDecoder;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// An object and the relative path that it gets.
struct Wanted {
    bucket: String,
    key: String,
    path: String,
}

/// Makes the run directory anew.
pub fn prepare(buckets: &Buckets, spec: &JobSpec, dir: &RunDir, control: &Control) -> Result<(), String> {
    let hosts: Vec<String> = spec.hosts().collect();
    // What a deleted job of this name left, or a download that a crash interrupted.
    files::remove(dir.path()).map_err(|error| format!("InternalServerError: {error}"))?;
    for host in &hosts {
        make(spec, dir, host).map_err(internal)?;
    }
    let run = Run {
        boot_id: process::boot_id(),
        command: spec.command.clone(),
        env: spec.env.clone(),
        hosts: hosts.clone(),
        max_runtime_s: spec.max_runtime_s,
        stop_grace_s: spec.stop_grace_s,
    };
    dir.write_run(&run).map_err(|error| format!("InternalServerError: {error}"))?;
    for input in &spec.inputs {
        let wanted = select(buckets, input).map_err(|reason| format!("ClientError: Data download failed:{reason}"))?;
        for (index, object) in wanted.iter().enumerate() {
            for (number, host) in hosts.iter().enumerate() {
                if control.interrupted() {
                    return Err("ClientError: the job was stopped".into());
                }
                if !input.sharded || index % hosts.len() == number {
                    let target = dir.opt_ml(host).join(&input.dir);
                    fetch(buckets, input, object, &target)
                        .map_err(|reason| format!("ClientError: Data download failed:{reason}"))?;
                }
            }
        }
    }
    Ok(())
}

fn internal(error: io::Error) -> String {
    format!("InternalServerError: the run directory could not be made: {error}")
}

/// The directories of AWS's contract and the configuration files of one host.
fn make(spec: &JobSpec, dir: &RunDir, host: &str) -> io::Result<()> {
    let opt_ml = dir.opt_ml(host);
    for name in ["input/config", "input/data", "model", "code", "output/data", "checkpoints"] {
        fs::create_dir_all(opt_ml.join(name))?;
    }
    fs::create_dir_all(dir.log_dir())?;
    private(dir.path())?;
    for named in spec.inputs.iter().map(|input| &input.dir).chain(spec.outputs.iter().map(|output| &output.dir)) {
        fs::create_dir_all(opt_ml.join(relative(named).map_err(io::Error::other)?))?;
    }
    for (name, content) in &spec.config {
        let path = opt_ml.join(relative(name).map_err(io::Error::other)?);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut content = content.clone();
        if let Some(current) = content.get_mut("current_host") {
            *current = host.into();
        }
        fs::write(path, serde_json::to_vec(&content)?)?;
    }
    Ok(())
}

/// `run.json` holds the job's environment, and with it credentials.
fn private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

/// A path that stays below where it is put: empty segments vanish, `..` is refused.
fn relative(name: &str) -> Result<PathBuf, String> {
    let segments = name.split('/').filter(|segment| !segment.is_empty() && *segment != ".");
    let mut path = PathBuf::new();
    for segment in segments {
        if segment == ".." || segment.contains('\0') {
            return Err(format!("{name:?} is no path below /opt/ml"));
        }
        path.push(segment);
    }
    if path.as_os_str().is_empty() { Err(format!("{name:?} is no path below /opt/ml")) } else { Ok(path) }
}

fn select(buckets: &Buckets, input: &Input) -> Result<Vec<Wanted>, String> {
    let wanted = match &input.source {
        Source::S3Prefix(uri) => below(buckets, uri)?,
        Source::Manifest(uri) => listed(buckets, uri)?,
    };
    if wanted.is_empty() {
        let (Source::S3Prefix(uri) | Source::Manifest(uri)) = &input.source;
        return Err(none_found(uri));
    }
    Ok(wanted)
}

fn none_found(uri: &str) -> String {
    format!(
        "No S3 objects found under S3 URL \"{uri}\" given in input data source. Please ensure that the bucket exists, \
         and that objects exist under that S3 prefix."
    )
}

/// All objects whose key starts with the address, except the markers of empty folders.
fn below(buckets: &Buckets, uri: &str) -> Result<Vec<Wanted>, String> {
    let (bucket, prefix) = s3_uri::split(uri).ok_or_else(|| format!("{uri} is no S3 address"))?;
    let mut wanted = Vec::new();
    let mut after = None::<String>;
    loop {
        let query = ListObjects { prefix, after: after.as_deref(), max: 10_000, ..ListObjects::default() };
        let page = buckets.list_objects(bucket, &query).map_err(|error| reason(&error, uri))?;
        for object in page.objects {
            if !object.key.ends_with('/') {
                let path = path_below(prefix, &object.key).to_owned();
                wanted.push(Wanted { bucket: bucket.to_owned(), key: object.key, path });
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(wanted),
        }
    }
}

/// Where an object of a prefix lands: below the folder that the prefix names, or beside the file that it begins.
fn path_below<'a>(prefix: &str, key: &'a str) -> &'a str {
    let rest = &key[prefix.len()..];
    if prefix.is_empty() || prefix.ends_with('/') {
        return rest;
    }
    match rest.strip_prefix('/') {
        Some(rest) => rest,
        None => &key[prefix.rfind('/').map_or(0, |at| at + 1)..],
    }
}

/// The objects that a manifest names, in its order.
fn listed(buckets: &Buckets, uri: &str) -> Result<Vec<Wanted>, String> {
    let (bucket, key) = s3_uri::split(uri).ok_or_else(|| format!("{uri} is no S3 address"))?;
    let mut object = buckets.get(bucket, key).map_err(|error| reason(&error, uri))?;
    let mut text = Vec::new();
    object.file.read_to_end(&mut text).map_err(|error| error.to_string())?;
    let malformed = |what: &str| format!("The manifest {uri} is malformed: {what}");
    let entries: Vec<serde_json::Value> =
        serde_json::from_slice(&text).map_err(|error| malformed(&error.to_string()))?;
    let (first, rest) = entries.split_first().ok_or_else(|| malformed("it is empty"))?;
    let prefix = first.get("prefix").and_then(|prefix| prefix.as_str());
    let prefix = prefix.ok_or_else(|| malformed("its first entry has no prefix"))?;
    let (bucket, start) = s3_uri::split(prefix).ok_or_else(|| malformed("its prefix is no S3 address"))?;
    rest.iter()
        .map(|entry| {
            let path = entry.as_str().ok_or_else(|| malformed("an entry is no text"))?;
            Ok(Wanted { bucket: bucket.to_owned(), key: format!("{start}{path}"), path: path.to_owned() })
        })
        .collect()
}

fn fetch(buckets: &Buckets, input: &Input, object: &Wanted, dir: &Path) -> Result<(), String> {
    let uri = format!("s3://{}/{}", object.bucket, object.key);
    let opened = buckets.get(&object.bucket, &object.key).map_err(|error| reason(&error, &uri))?;
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        // The same name is an object and a folder of others: no directory can hold that.
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("{uri} clashes with another object whose key starts with it")
        }
        _ => format!("{uri}: {error}"),
    };
    if input.extract_tar_gz {
        return tar::Archive::new(MultiGzDecoder::new(opened.file)).unpack(dir).map_err(failed);
    }
    let mut path = relative(&object.path)?;
    if input.gunzip && path.extension().is_some_and(|extension| extension == "gz") {
        path.set_extension("");
    }
    let target = dir.join(path);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    if input.gunzip {
        let mut plain = MultiGzDecoder::new(io::BufReader::new(opened.file));
        let mut file = File::create(target).map_err(failed)?;
        io::copy(&mut plain, &mut file).map_err(failed)?;
    } else {
        files::copy(&opened.path, &target).map_err(failed)?;
    }
    Ok(())
}

fn reason(error: &StoreError, uri: &str) -> String {
    match error {
        StoreError::NoSuchKey { .. } => format!("NoSuchKey (404): The specified key does not exist: {uri}"),
        StoreError::NoSuchBucket(_) => none_found(uri),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_below_a_prefix() {
        let check = |prefix: &str, key: &str, path: &str| assert_eq!(path_below(prefix, key), path, "{prefix} {key}");
        check("data/train", "data/train/a.csv", "a.csv");
        check("data/train/", "data/train/b/a.csv", "b/a.csv");
        check("data/train.csv", "data/train.csv", "train.csv");
        check("data/tra", "data/train/a.csv", "train/a.csv");
        check("data/part-", "data/part-1.csv", "part-1.csv");
        check("", "a/b.csv", "a/b.csv");
        check("train.csv", "train.csv", "train.csv");
    }

    #[test]
    fn relative_paths() {
        let check =
            |name: &str, path: Option<&str>| assert_eq!(relative(name).ok().as_deref(), path.map(Path::new), "{name}");
        check("input/data/train", Some("input/data/train"));
        check("/a//b/./c", Some("a/b/c"));
        check("../a", None);
        check("a/../../b", None);
        check("", None);
        check("/", None);
    }
}
