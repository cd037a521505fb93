//! Functions of a person's own as steps of a recipe: the explorer's tables, run by the kernels' environments.

use atelier_explorer::{Functions, Language};
use std::path::{Path, PathBuf};
use std::sync::Arc;

struct Runner(atelier_kernel::Functions);

impl Functions for Runner {
    fn run(
        &self,
        language: Language,
        code: &str,
        input: &Path,
        output: &Path,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<(), String> {
        match language {
            Language::Python => self.0.run_python(code, input, output, is_cancelled),
            Language::Rust => self.0.run_rust(code, input, output, is_cancelled),
        }
    }
}

/// For functions that may import the modules of `workspace`; `envs` are the folders of Python environments, `None` the
/// usual ones.
pub fn functions(workspace: &Path, envs: Option<PathBuf>) -> Arc<dyn Functions> {
    let envs = envs.unwrap_or_else(atelier_kernel::environment::default_dir);
    Arc::new(Runner(atelier_kernel::Functions::new(workspace, envs)))
}
