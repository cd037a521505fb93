//! `atelier-rust-kernel`: Rust cells for Jupyter's protocol, in the studio and in JupyterLab.
//!
//! A cell becomes a dynamic library, compiled by one run of the compiler, which a child process loads and calls
//! (`compile`, `worker`, `evaluate`). evcxr serves completion and documentation (`language`). See `docs/decisions/0007-rust-cells.md`.

mod cell;
mod compile;
mod evaluate;
mod function;
mod install;
mod language;
mod packages;
mod protocol;
mod worker;

use anyhow::Context as _;
use clap::Parser;
use std::path::PathBuf;

/// Runs Rust cells for a Jupyter client
#[derive(Parser)]
#[command(name = "atelier-rust-kernel", version)]
struct Options {
    /// The file in which a client says where it listens
    connection: Option<PathBuf>,
    #[arg(long = "connection-file", short = 'f', value_name = "FILE", conflicts_with = "connection")]
    connection_file: Option<PathBuf>,
    /// Make this kernel known to Jupyter
    #[arg(long)]
    install: bool,
    /// With --install: under this folder instead of the user's own
    #[arg(long, value_name = "DIR", conflicts_with = "user")]
    prefix: Option<PathBuf>,
    /// With --install: for this user, as by default
    #[arg(long)]
    user: bool,
    /// Compile polars, plotters and atelier, once per machine and compiler
    #[arg(long)]
    prepare: bool,
    /// Compile a file with `fn transform(df: DataFrame) -> PolarsResult<DataFrame>` to a program over Arrow files
    #[arg(long, value_name = "FILE", requires = "to")]
    compile_function: Option<PathBuf>,
    /// With --compile-function: the program
    #[arg(long, value_name = "PROGRAM")]
    to: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    // SAFETY: no other thread runs yet.
    unsafe { compile::forget_foreign_environment() };
    // First what this program is started as by itself and by evcxr.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == worker::FLAG) {
        worker::run_cells();
    }
    evcxr::runtime_hook();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ATELIER_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Options::parse();
    if options.install {
        println!("{}", install::install(options.prefix.as_deref())?.display());
        return Ok(());
    }
    if options.prepare {
        let toolchain = compile::Toolchain::find()?;
        packages::prepare(&toolchain, &packages::Folder::find()?, &mut |step| println!("{step}"), &|| false)?;
        println!("polars, plotters and atelier are ready for Rust cells");
        return Ok(());
    }
    if let (Some(source), Some(program)) = (&options.compile_function, &options.to) {
        return function::compile(source, program);
    }
    let file =
        options.connection_file.or(options.connection).context("name the connection file: --connection-file FILE")?;
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let connection =
        serde_json::from_str(&text).with_context(|| format!("{} is no connection file", file.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(protocol::serve(&connection));
    // The thread that runs the cells may be in the middle of one.
    std::process::exit(i32::from(result.map_err(|error| eprintln!("{error:#}")).is_err()))
}
