//! What can be typed. The words here are the manual: `atelier --help`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The exit codes, as `--help` prints them; [`crate::exit`] has the same numbers.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something else went wrong; for `run`: a cell of the notebook failed;
     for `notebook diff`: the notebooks differ
  2  the command line cannot be understood
  3  the port is in use, or may not be used
  4  another backend runs on this home already
  5  the data directory cannot be read or written, or is from a newer version
  6  the disk is full
  7  no backend runs on this home
  8  the notebook cannot be read
  9  a cell took longer than --timeout
  10 the kernel died, or there is none for the notebook
  11 a table or recipe cannot be read, or not computed

Environment:
  ATELIER_HOME    the data directory (--home)
  ATELIER_UI_DIR  the folder with the window's files (--ui)
  ATELIER_LOG     what is logged, for instance debug or warn,atelier=debug";

/// SageMaker Studio on your own machine.
#[derive(Debug, Parser)]
#[command(name = "atelier", version, after_long_help = EXIT_CODES, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the backend: one port on this machine for the window, the AWS services and S3
    Serve(ServeArgs),
    /// Run a notebook to its end, its results in the terminal
    Run(RunArgs),
    /// Save, compare and export notebooks
    #[command(subcommand)]
    Notebook(NotebookCommand),
    /// Look at tables, query them, and change them by recipes
    Data(crate::data::DataArgs),
    /// Print what to export so that boto3, the AWS CLI and the SageMaker SDK use the local platform
    Env(EnvArgs),
    /// Ask the backend of a home to end; jobs go on and endpoints come back at the next start
    Stop(StopArgs),
    /// Make the Python environment of the notebooks now, if it is missing
    Prepare(PrepareArgs),
    /// Supervise one job; the backend starts this itself
    #[command(hide = true)]
    JobRunner { run_dir: PathBuf },
}

#[derive(Args, Clone, Debug)]
pub struct HomeArg {
    /// The data directory; made when missing. Default: atelier in the user's data folder
    #[arg(long, env = "ATELIER_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    pub home: HomeArg,
    /// The port on 127.0.0.1; 0 takes the one of the last time if it is free, else any
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub port: u16,
    /// The folder that the Files panel shows. Default: workspace in the data directory
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// The folder with the window's files. Default: ui beside this program
    #[arg(long, env = "ATELIER_UI_DIR", value_name = "DIR")]
    pub ui: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct RunArgs {
    /// The notebook; it stays as it is
    pub notebook: PathBuf,
    #[command(flatten)]
    pub home: HomeArg,
    /// The kernel to run it on, instead of the one that it names
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
    /// Where to write the notebook with its results, whether or not every cell succeeds
    #[arg(long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// How many seconds a cell may take; without it, as long as it wants
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub timeout: Option<std::time::Duration>,
    /// Go on after a cell that failed
    #[arg(long)]
    pub allow_errors: bool,
}

/// A number of seconds above 0, with or without a fraction.
fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let number: f64 = text.parse().map_err(|_| "it is not a number of seconds".to_owned())?;
    let duration = std::time::Duration::try_from_secs_f64(number).map_err(|problem| problem.to_string())?;
    if duration.is_zero() { Err("it must be above 0".to_owned()) } else { Ok(duration) }
}

#[derive(Debug, Subcommand)]
pub enum NotebookCommand {
    /// Write what a save without an edit writes: the very same bytes, or format 4.5 for a file of format 2 or 3
    Save {
        file: PathBuf,
        #[arg(long, value_name = "OUT")]
        to: PathBuf,
    },
    /// Show what differs from A to B; exit code 0 when nothing does, 1 when something does
    Diff { a: PathBuf, b: PathBuf },
    /// Write the notebook in another form
    Export {
        file: PathBuf,
        #[arg(long, value_enum)]
        to: ExportTo,
        /// Default: beside the notebook
        #[arg(long, value_name = "OUT")]
        output: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportTo {
    /// One file that needs no other
    Html,
    /// Printed by an installed Chromium, Chrome or Edge
    Pdf,
    /// Python in the percent format
    Py,
    /// Rust, the rest as comments
    Rs,
}

impl ExportTo {
    pub fn extension(self) -> &'static str {
        match self {
            ExportTo::Html => "html",
            ExportTo::Pdf => "pdf",
            ExportTo::Py => "py",
            ExportTo::Rs => "rs",
        }
    }
}

#[derive(Args, Debug)]
pub struct EnvArgs {
    #[command(flatten)]
    pub home: HomeArg,
    /// In which language: eval "$(atelier env)", atelier env --format fish | source ...
    #[arg(long, value_enum, default_value_t = Format::Shell)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Shell,
    Fish,
    Powershell,
    Dotenv,
    Json,
}

#[derive(Args, Debug)]
pub struct PrepareArgs {
    /// Say where Python, its XGBoost library and uv are, for scripts
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct StopArgs {
    #[command(flatten)]
    pub home: HomeArg,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
