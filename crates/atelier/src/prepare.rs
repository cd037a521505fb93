//! `atelier prepare`: the Python environment now, rather than when the first notebook asks for it.

use crate::cli::PrepareArgs;
use atelier_studio::kernel::environment;
use std::process::ExitCode;

/// Progress goes to stderr, what was made to stdout.
pub fn run(args: &PrepareArgs) -> anyhow::Result<ExitCode> {
    let progress = |line: &str| eprintln!("{line}");
    let made = environment::ensure(&environment::default_dir(), &progress)?;
    if args.json {
        let uv = environment::uv(&progress)?;
        println!("{}", serde_json::json!({ "python": made.python, "xgboost_library": made.xgboost_library, "uv": uv }));
    } else {
        println!("Python for notebooks: {}", made.python.display());
    }
    Ok(ExitCode::SUCCESS)
}
