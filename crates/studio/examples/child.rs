//! The processes that a studio starts, in one program for the tests: the supervisor of jobs (`child job-runner RUN_DIR`)
//! and the built-in algorithms (`child train`, `child transform`).

use atelier_algorithms::opt_ml::{JobError, OptMl};
use atelier_algorithms::{linear_learner, transform, xgboost};
use std::path::{Path, PathBuf};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let opt_ml = OptMl::from_env();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["job-runner", dir] => std::process::exit(atelier_jobs::runner::main(Path::new(dir))),
        ["train"] => match std::env::var("ATELIER_ALGORITHM").as_deref() {
            Ok("linear-learner") => linear_learner::train(&opt_ml),
            _ => {
                xgboost::train(&opt_ml, &std::env::var_os("ATELIER_XGBOOST_LIB").map(PathBuf::from).unwrap_or_default())
            }
        },
        ["transform"] => {
            let plan = std::env::var("ATELIER_TRANSFORM").unwrap_or_default();
            let plan = serde_json::from_str(&plan).map_err(|problem| JobError::Algorithm(problem.to_string()));
            plan.and_then(|plan| transform::transform(&opt_ml, &plan, &std::env::vars().collect()))
        }
        other => panic!("{other:?}: write job-runner RUN_DIR, train or transform"),
    };
    if let Err(error) = result {
        eprintln!("[ERROR] {error}");
        opt_ml.fail(&error).expect("a failure file");
        std::process::exit(i32::from(error.exit_code()));
    }
}
