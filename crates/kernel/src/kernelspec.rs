//! Which kernels can be started: ours on the data-science environment, and those that Jupyter's folders name.

use atelier_wire::studio::kernel::KernelSpec;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The kernel on the data-science environment. A notebook from elsewhere that asks for some other Python gets it too.
pub const PYTHON: &str = "python3";

/// A kernel and how to start it.
#[derive(Clone, Debug, PartialEq)]
pub struct Launcher {
    pub spec: KernelSpec,
    /// The command, `{connection_file}` standing for the connection file; `None`: the data-science environment.
    pub argv: Option<Vec<String>>,
    pub env: BTreeMap<String, String>,
}

fn python() -> Launcher {
    let spec = KernelSpec {
        name: PYTHON.to_owned(),
        display_name: "Python 3 (data science)".to_owned(),
        language: "python".to_owned(),
        environment: "data science".to_owned(),
        origin: "shipped with the studio".to_owned(),
    };
    Launcher { spec, argv: None, env: BTreeMap::new() }
}

/// Ours first, then the installed ones by name.
pub fn available() -> Vec<Launcher> {
    let mut found = vec![python()];
    for folder in folders() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut here: Vec<Launcher> = entries.flatten().filter_map(|entry| read(&entry.path())).collect();
        here.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        for launcher in here {
            if !found.iter().any(|known| known.spec.name == launcher.spec.name) {
                found.push(launcher);
            }
        }
    }
    found
}

/// The kernel for a notebook that asks for `name` in `language`.
pub fn choose(name: &str, language: &str) -> Option<Launcher> {
    if name == PYTHON {
        return Some(python());
    }
    let installed = available().into_iter().find(|launcher| launcher.spec.name == name);
    installed.or_else(|| language.eq_ignore_ascii_case("python").then(python))
}

/// Where Jupyter looks for kernels, in its order.
fn folders() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = std::env::var_os("JUPYTER_PATH").map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default();
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        let own = if cfg!(target_os = "macos") { "Library/Jupyter" } else { ".local/share/jupyter" };
        roots.push(home.join(own));
    }
    roots.extend(["/usr/local/share/jupyter", "/usr/share/jupyter"].map(PathBuf::from));
    roots.into_iter().map(|root| root.join("kernels")).collect()
}

/// A kernelspec folder; `None` when it holds none that can be started.
fn read(folder: &Path) -> Option<Launcher> {
    let name = folder.file_name()?.to_str()?.to_owned();
    let spec: Value = serde_json::from_slice(&std::fs::read(folder.join("kernel.json")).ok()?).ok()?;
    let word = |key: &str| spec.get(key).and_then(Value::as_str).map(str::to_owned);
    let argv: Vec<String> = serde_json::from_value(spec.get("argv")?.clone()).ok()?;
    // A relative program would be looked up in PATH, which is what Jupyter does too.
    let starts = argv.first().is_some_and(|program| which::which(program).is_ok());
    let resources = folder.to_string_lossy();
    let argv = argv.into_iter().map(|part| part.replace("{resource_dir}", &resources)).collect();
    let display_name = word("display_name").unwrap_or_else(|| name.clone());
    let spec_out = KernelSpec {
        environment: display_name.clone(),
        display_name,
        language: word("language").unwrap_or_default(),
        origin: folder.to_string_lossy().into_owned(),
        name,
    };
    let env = spec.get("env").and_then(|env| serde_json::from_value(env.clone()).ok()).unwrap_or_default();
    starts.then_some(Launcher { spec: spec_out, argv: Some(argv), env })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_read_as_jupyter_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("shell");
        std::fs::create_dir(&folder).unwrap();
        let json = r#"{"argv": ["sh", "{resource_dir}/k", "{connection_file}"], "display_name": "Shell", "language": "sh", "env": {"A": "1"}}"#;
        std::fs::write(folder.join("kernel.json"), json).unwrap();
        let launcher = read(&folder).unwrap();
        assert_eq!((launcher.spec.name.as_str(), launcher.spec.display_name.as_str(), launcher.spec.language.as_str()), ("shell", "Shell", "sh"));
        assert_eq!(launcher.argv.unwrap()[1], folder.join("k").to_string_lossy());
        assert_eq!(launcher.env["A"], "1");
    }

    #[test]
    fn program_that_is_not_there_is_no_kernel() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("kernel.json"), r#"{"argv": ["no-such-program"]}"#).unwrap();
        assert_eq!(read(dir.path()), None);
    }

    #[test]
    fn other_pythons_get_ours() {
        assert_eq!(choose("conda_python3", "python").unwrap().spec.name, PYTHON);
        assert_eq!(choose("no-such-kernel", "cobol"), None);
    }
}
