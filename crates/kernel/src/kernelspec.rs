//! Which kernels can be started: ours on the data-science environment, the Rust kernel, those of the Python
//! environments found, and those that Jupyter's folders name.

use atelier_wire::studio::kernel::KernelSpec;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The kernel on the data-science environment. A notebook from elsewhere that asks for some other Python gets it too.
pub const PYTHON: &str = "python3";
/// Our own Rust kernel.
pub const RUST: &str = "rust";
/// Between the name of a kernelspec and the image it runs in, as a managed service writes both into a notebook.
const IMAGE_MARK: &str = "__SAGEMAKER_INTERNAL__";

/// A kernel and how to start it.
#[derive(Clone, Debug, PartialEq)]
pub struct Launcher {
    pub spec: KernelSpec,
    /// The command, `{connection_file}` standing for the connection file; `None`: the data-science environment.
    pub argv: Option<Vec<String>>,
    pub env: BTreeMap<String, String>,
    pub interrupt: Interrupt,
}

impl Launcher {
    /// Whether a started one is kept ready for the next who asks: our own ones.
    pub fn is_spared(&self) -> bool {
        matches!(self.spec.name.as_str(), PYTHON | RUST) && self.spec.origin == SHIPPED
    }
}

const SHIPPED: &str = "shipped with the studio";

/// How a kernel is interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interrupt {
    #[default]
    Signal,
    Message,
}

fn python() -> Launcher {
    let spec = KernelSpec {
        name: PYTHON.to_owned(),
        display_name: "Python 3 (data science)".to_owned(),
        language: "python".to_owned(),
        environment: "data science".to_owned(),
        origin: SHIPPED.to_owned(),
    };
    Launcher { spec, argv: None, env: BTreeMap::new(), interrupt: Interrupt::Signal }
}

/// `$ATELIER_RUST_KERNEL`, or the program beside the running one.
pub fn rust_program() -> Option<PathBuf> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("atelier-rust-kernel"));
    std::env::var_os("ATELIER_RUST_KERNEL").map(PathBuf::from).or_else(beside).filter(|program| program.is_file())
}

fn rust() -> Option<Launcher> {
    let program = rust_program()?;
    let spec = KernelSpec {
        name: RUST.to_owned(),
        display_name: "Rust".to_owned(),
        language: "rust".to_owned(),
        environment: "Rust".to_owned(),
        origin: SHIPPED.to_owned(),
    };
    let argv = [&program.to_string_lossy(), "--connection-file", "{connection_file}"].map(str::to_owned).to_vec();
    Some(Launcher { spec, argv: Some(argv), env: BTreeMap::new(), interrupt: Interrupt::Message })
}

/// One of our own by its name.
pub fn ours(name: &str) -> Option<Launcher> {
    match name {
        PYTHON => Some(python()),
        RUST => rust(),
        _ => None,
    }
}

/// Ours first, then those of environments (`others`), then the installed ones by name.
pub fn available(others: Vec<Launcher>) -> Vec<Launcher> {
    let mut found = vec![python()];
    found.extend(rust());
    let installed = folders().into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut here: Vec<Launcher> = entries.filter_map(|entry| read(&entry.path())).collect();
        here.sort_by(|a, b| a.spec.name.cmp(&b.spec.name));
        here
    });
    for launcher in others.into_iter().chain(installed) {
        if !found.iter().any(|known| known.spec.name == launcher.spec.name) {
            found.push(launcher);
        }
    }
    found
}

/// The kernel for a notebook that asks for `name` in `language`, out of those that there are. A name from elsewhere
/// is looked up without the image that a managed service wrote behind it, then goes by its language.
pub fn choose(name: &str, language: &str, available: &[Launcher]) -> Option<Launcher> {
    let named = |name: &str| available.iter().find(|launcher| launcher.spec.name == name).cloned();
    let spoken = |language: &str| {
        available.iter().find(|launcher| launcher.spec.language.eq_ignore_ascii_case(language)).cloned()
    };
    let plain = name.split(IMAGE_MARK).next().unwrap_or(name);
    named(name)
        .or_else(|| named(plain))
        .or_else(|| spoken(if language.is_empty() { language_of(plain)? } else { language }))
}

/// What a kernelspec's name says about its language, as managed services and Jupyter name them.
fn language_of(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["rust", "evcxr"]) {
        return Some("rust");
    }
    if name == "ir" || name.starts_with("conda_r") || name.starts_with("r-") {
        return Some("r");
    }
    if has(&["scala", "spark"]) && !has(&["pyspark"]) {
        return Some("scala");
    }
    has(&["python", "conda_", "pytorch", "tensorflow", "mxnet", "pyspark", "sagemaker", "datascience"])
        .then_some("python")
}

/// Where Jupyter looks for kernels, in its order.
fn folders() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> =
        std::env::var_os("JUPYTER_PATH").map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default();
    let own = std::env::var_os("JUPYTER_DATA_DIR").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME").map(PathBuf::from)?;
        Some(home.join(if cfg!(target_os = "macos") { "Library/Jupyter" } else { ".local/share/jupyter" }))
    });
    roots.extend(own);
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
    let program = argv.first().and_then(|program| which::which(program).ok())?;
    let resources = folder.to_string_lossy();
    let argv = argv.into_iter().map(|part| part.replace("{resource_dir}", &resources)).collect();
    let display_name = word("display_name").unwrap_or_else(|| name.clone());
    let spec_out = KernelSpec {
        environment: program
            .parent()
            .and_then(Path::parent)
            .map_or_else(|| display_name.clone(), |prefix| prefix.to_string_lossy().into_owned()),
        display_name,
        language: word("language").unwrap_or_default(),
        origin: folder.to_string_lossy().into_owned(),
        name,
    };
    let env = spec.get("env").and_then(|env| serde_json::from_value(env.clone()).ok()).unwrap_or_default();
    let interrupt =
        if word("interrupt_mode").as_deref() == Some("message") { Interrupt::Message } else { Interrupt::Signal };
    Some(Launcher { spec: spec_out, argv: Some(argv), env, interrupt })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_read_as_jupyter_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("shell");
        std::fs::create_dir(&folder).unwrap();
        let json = r#"{"argv": ["sh", "{resource_dir}/k", "{connection_file}"], "display_name": "Shell", "language": "sh",
            "env": {"A": "1"}, "interrupt_mode": "message"}"#;
        std::fs::write(folder.join("kernel.json"), json).unwrap();
        let launcher = read(&folder).unwrap();
        assert_eq!(
            (launcher.spec.name.as_str(), launcher.spec.display_name.as_str(), launcher.spec.language.as_str()),
            ("shell", "Shell", "sh")
        );
        assert_eq!(launcher.argv.unwrap()[1], folder.join("k").to_string_lossy());
        assert_eq!((launcher.env["A"].as_str(), launcher.interrupt), ("1", Interrupt::Message));
        assert!(!launcher.spec.environment.is_empty());
    }

    #[test]
    fn program_that_is_not_there_is_no_kernel() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("kernel.json"), r#"{"argv": ["no-such-program"]}"#).unwrap();
        assert_eq!(read(dir.path()), None);
    }

    fn check(name: &str, language: &str, expected: Option<&str>) {
        let mut rust = python();
        rust.spec.name = RUST.to_owned();
        rust.spec.language = "rust".to_owned();
        let chosen = choose(name, language, &[python(), rust]);
        assert_eq!(chosen.as_ref().map(|launcher| launcher.spec.name.as_str()), expected, "{name} {language}");
    }

    #[test]
    fn names_from_elsewhere_get_a_kernel_of_their_language() {
        let image = "__SAGEMAKER_INTERNAL__arn:aws:sagemaker:us-east-1:081325390199:image/datascience-1.0";
        check("python3", "", Some(PYTHON));
        check("conda_python3", "python", Some(PYTHON));
        check("conda_pytorch_p310", "", Some(PYTHON));
        check(&format!("python3{image}"), "python", Some(PYTHON));
        check(&format!("conda-env-sm-py{image}"), "python", Some(PYTHON));
        check(&format!("python3{image}"), "", Some(PYTHON));
        check("evcxr", "Rust", Some(RUST));
        check("rust", "", Some(RUST));
        check("no-such-kernel", "cobol", None);
        check("ir", "", None);
    }
}
