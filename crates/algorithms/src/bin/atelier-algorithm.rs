//! The child process in which a built-in algorithm trains or transforms.
//!
//! `atelier-algorithm train` (the algorithm's name in `ATELIER_ALGORITHM`) and `atelier-algorithm transform` (the plan
//! in `ATELIER_TRANSFORM`) work under `/opt/ml`. Exit code 0 is success, 2 a failure that the user can mend, 1 any other;
//! the reason is in `output/failure`.

use atelier_algorithms::{
    linear_learner,
    opt_ml::{JobError, OptMl},
    transform::{Plan, transform},
    xgboost,
};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(version, about = "Trains a built-in algorithm or runs a batch transform under /opt/ml")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trains the algorithm named by ATELIER_ALGORITHM
    Train,
    /// Transforms the input channel by the plan in ATELIER_TRANSFORM
    Transform,
}

fn main() -> ExitCode {
    // Before any thread and before libgomp is loaded: threads that spin while they wait would take the processor from
    // the notebook and the endpoints beside this job.
    if std::env::var_os("OMP_WAIT_POLICY").is_none() {
        // SAFETY: the process has one thread yet.
        unsafe { std::env::set_var("OMP_WAIT_POLICY", "passive") };
    }
    let opt_ml = OptMl::from_env();
    let result = match Arguments::parse().command {
        Command::Train => train(&opt_ml),
        Command::Transform => run_transform(&opt_ml),
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("[ERROR] {error}");
    if let Err(e) = opt_ml.fail(&error) {
        eprintln!("[ERROR] cannot write the failure file: {e}");
    }
    ExitCode::from(error.exit_code())
}

fn train(opt_ml: &OptMl) -> Result<(), JobError> {
    match std::env::var("ATELIER_ALGORITHM").as_deref() {
        Ok("xgboost") => {
            let library = std::env::var_os("ATELIER_XGBOOST_LIB").map(PathBuf::from);
            let missing = || {
                JobError::Algorithm(
                    "ATELIER_XGBOOST_LIB does not name XGBoost's library; the Python environment has it".into(),
                )
            };
            xgboost::train(opt_ml, &library.ok_or_else(missing)?)
        }
        Ok("linear-learner") => linear_learner::train(opt_ml),
        other => {
            Err(JobError::Algorithm(format!("no algorithm named {:?} (ATELIER_ALGORITHM)", other.unwrap_or_default())))
        }
    }
}

fn run_transform(opt_ml: &OptMl) -> Result<(), JobError> {
    let plan = std::env::var("ATELIER_TRANSFORM").unwrap_or_else(|_| "{}".into());
    let plan: Plan = serde_json::from_str(&plan).map_err(|e| JobError::Algorithm(format!("ATELIER_TRANSFORM: {e}")))?;
    let env =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    transform(opt_ml, &plan, &env.collect())
}
