//! The kernelspecs of environments.

use super::discover::{Found, found};
use super::own_modules;
use atelier_wire::studio::environment::EnvironmentKind;
use atelier_wire::studio::kernel::KernelSpec;
use std::collections::BTreeMap;
use std::path::Path;

/// A kernelspec and how its kernel starts: the command, `{connection_file}` standing for the connection file, and what is
/// set in its environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub spec: KernelSpec,
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
}

/// The kernelspecs of all environments but the bundled one in which a kernel can start now.
pub fn specs(workspace: &Path, envs_dir: &Path) -> Vec<Spec> {
    let usable = |found: &Found| found.kind != EnvironmentKind::Bundled && found.is_ready && found.has_kernel;
    found(workspace, envs_dir).into_iter().filter(usable).filter_map(|found| spec(&found, envs_dir)).collect()
}

fn spec(found: &Found, envs_dir: &Path) -> Option<Spec> {
    let start = match own_modules::beside(envs_dir) {
        Ok(folder) => folder.join("start_kernel.py"),
        Err(error) => {
            tracing::warn!("{} cannot be used for kernels: {error}", found.name);
            return None;
        }
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let programs = found.python.parent().unwrap_or(&found.dir);
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths([programs.to_owned()].into_iter().chain(std::env::split_paths(&rest))).unwrap_or(rest);
    let mut env = BTreeMap::from([("PATH".to_owned(), path.to_string_lossy().into_owned())]);
    match found.kind {
        EnvironmentKind::Conda => {
            env.insert("CONDA_PREFIX".to_owned(), text(&found.dir));
        }
        EnvironmentKind::System => {}
        _ => {
            env.insert("VIRTUAL_ENV".to_owned(), text(&found.dir));
        }
    }
    Some(Spec {
        spec: KernelSpec {
            name: found.kernel.clone(),
            display_name: format!("Python: {}", found.name),
            language: "python".to_owned(),
            environment: found.name.clone(),
            origin: text(&found.origin),
        },
        argv: vec![text(&found.python), text(&start), "-f".to_owned(), "{connection_file}".to_owned()],
        env,
    })
}
