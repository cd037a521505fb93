//! A kernel that the studio started ahead, for nobody, is given its notebook's folder and variables.

use super::{Evaluator, Failure};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Desk {
    folder: PathBuf,
    env: Vec<(String, String)>,
}

impl Evaluator {
    /// `desk` is JSON: `{"folder": "/a", "env": [["NAME", "value"]]}`. For this process only the folder changes: other
    /// threads read its variables.
    pub fn enter(&mut self, desk: &str) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::plain("KernelError", error.to_string());
        let desk: Desk = serde_json::from_str(desk).map_err(|error| failed(&error))?;
        if let Some(worker) = &mut self.worker {
            worker.enter(&desk.folder, desk.env.clone());
        }
        self.environment.extend(desk.env);
        std::env::set_current_dir(&desk.folder)
            .map_err(|error| failed(&format_args!("{}: {error}", desk.folder.display())))
    }
}
