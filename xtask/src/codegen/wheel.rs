//! The public service model, out of the botocore wheel that the project pins. pip fetches it, through whatever index
//! the user has set up; a digest pins its content.

use super::service_model::ServiceModel;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

pub const VERSION: &str = "1.44.5";
const SHA256: &str = "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921";

/// Prints, as one JSON object, the newest model of each service named after the wheel's path and digest.
const EXTRACT: &str = "
import gzip, hashlib, json, re, sys, zipfile
wheel, digest, services = sys.argv[1], sys.argv[2], sys.argv[3:]
found = hashlib.sha256(open(wheel, 'rb').read()).hexdigest()
if found != digest:
    sys.exit(f'{wheel} has the digest {found}, not the pinned {digest}')
files = zipfile.ZipFile(wheel)
models = {}
for service in services:
    names = [n for n in files.namelist() if re.fullmatch(f'botocore/data/{service}/[^/]+/service-2.json(.gz)?', n)]
    data = files.read(max(names))
    models[service] = json.loads(gzip.decompress(data) if max(names).endswith('.gz') else data)
json.dump(models, sys.stdout)
";

/// The wheel, if an earlier run fetched it.
pub fn cached(root: &Path) -> Option<PathBuf> {
    Some(folder(root).join(format!("botocore-{VERSION}-py3-none-any.whl"))).filter(|wheel| wheel.is_file())
}

/// The wheel, fetched once.
pub fn fetch(root: &Path) -> Result<PathBuf> {
    if let Some(wheel) = cached(root) {
        return Ok(wheel);
    }
    let folder = folder(root);
    std::fs::create_dir_all(&folder)?;
    let status = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(&folder)
        .arg(format!("botocore=={VERSION}"))
        .status()
        .context("python3 with pip is needed to fetch the service model")?;
    match cached(root) {
        Some(wheel) if status.success() => Ok(wheel),
        _ => bail!("pip could not download botocore {VERSION}"),
    }
}

/// The models of `services`, in that order.
pub fn models(wheel: &Path, services: Vec<&str>) -> Result<Vec<ServiceModel>> {
    let output = Command::new("python3")
        .args(["-c", EXTRACT])
        .arg(wheel)
        .arg(SHA256)
        .args(&services)
        .output()
        .context("python3 is needed to read the service model")?;
    if !output.status.success() {
        bail!("reading the wheel: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut all: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&output.stdout)?;
    services
        .into_iter()
        .map(|name| ServiceModel::new(name, all.remove(name).with_context(|| format!("no service {name}"))?))
        .collect()
}

fn folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("codegen")
}
