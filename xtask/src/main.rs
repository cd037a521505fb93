//! The project's own commands: `cargo xtask <command>`.

mod bench;
mod codegen;
mod console;
mod fuzz;
mod machine;
mod notices;
mod programs;
mod run;
mod suites;
mod test;
mod tidy;
mod ui;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests Atelier", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs or names what is missing, builds everything, and opens the studio
    Run(run::Options),
    /// Does all set-up and runs every test
    Test(test::Options),
    /// Measures the product beside its peers, in one run
    Bench(bench::Options),
    /// Searches for inputs that make a parser panic
    Fuzz(fuzz::Options),
    /// Builds the window's code into <target>/ui
    Ui(ui::Options),
    /// Checks layers, licences, file lengths and generated code
    Tidy,
    /// Generates types, dispatch and constraints from the public service model
    Codegen,
    /// Writes the notices of third-party licences
    Notices,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Ui(options) => ui::build(options).map(|folder| println!("{}", folder.display())),
        Command::Tidy => tidy::run(),
        Command::Codegen => codegen::run(),
        Command::Notices => notices::run(),
    }
}
