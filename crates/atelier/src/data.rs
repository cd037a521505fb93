//! `atelier data`: the data explorer without a window. Works on files, needs no backend.

use crate::exit::Failure;
use crate::home::Home;
use anyhow::Context as _;
use atelier_explorer::{ExploreError, Explorer, Sources, apply_recipe, export_recipe_file, write_frame};
use atelier_studio::bridge::Bridge;
use atelier_wire::studio::data::view::{ColumnStats, GetRows, GetStats, OpenView, ReadOptions, ViewColumn, ViewInfo};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Look at tables, and change them by recipes.
#[derive(Args, Debug)]
pub struct DataArgs {
    #[command(subcommand)]
    command: Command,
    /// The data directory whose buckets and bridge are meant by s3:// and bridge:
    #[arg(long, env = "ATELIER_HOME", value_name = "DIR", global = true)]
    home: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print rows. With --json: {"num_rows", "offset", "columns": [{"name", "dtype", "kind"}], "rows": [[text or null]]}
    Page {
        #[command(flatten)]
        file: FileArgs,
        /// The first row, from 0
        #[arg(long, default_value_t = 0, value_name = "N")]
        offset: u64,
        /// How many rows
        #[arg(long, default_value_t = 20, value_name = "M")]
        rows: u64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print exact statistics of every column. With --json: {"num_rows", "columns": [{"column", "dtype", "num_missing",
    /// "num_distinct", "min", "max", "mean", "std", "quantiles" (5, 25, 50, 75, 95 %), "bins", "low", "high", "top", ...}]}
    Profile {
        #[command(flatten)]
        file: FileArgs,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Apply a recipe (.recipe.json) to a file and write the table
    Apply {
        recipe: PathBuf,
        file: PathBuf,
        /// Where to; the ending decides: csv, tsv, parquet, json, jsonl, arrow
        #[arg(long, value_name = "OUT")]
        to: PathBuf,
    },
    /// Print a recipe as code
    Export {
        recipe: PathBuf,
        #[arg(long, value_enum)]
        to: To,
        /// The table that the code reads. Where it is there, the code reads it as this program would: separator,
        /// encoding, missing values, types
        #[arg(long, default_value = "data.csv", value_name = "FILE")]
        source: String,
    },
    /// Run a query over files; each is a table named by its stem, a folder or prefix by its last name. With --json: {"num_rows", "columns", "rows"}
    Sql {
        query: String,
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
struct FileArgs {
    /// A file (csv, tsv, parquet, json, jsonl, arrow, xlsx, ods; text also as .gz or .zst), a folder of them, a pattern
    /// such as 'data/2024-*.csv', s3://bucket/key, s3://bucket/prefix/ or bridge:NAME, a kernel's variable
    file: PathBuf,
    /// The sheet of a workbook
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    Python,
    Pandas,
    Rust,
    Notebook,
    Script,
}

#[derive(Serialize)]
struct PageJson {
    num_rows: u64,
    offset: u64,
    columns: Vec<ViewColumn>,
    rows: Vec<Vec<Option<String>>>,
}

#[derive(Serialize)]
struct ProfileJson {
    num_rows: u64,
    columns: Vec<TypedStats>,
}

#[derive(Serialize)]
struct TypedStats {
    dtype: String,
    #[serde(flatten)]
    stats: ColumnStats,
}

/// Paths as they are typed, and what a data directory holds: its objects are plain files, so that no backend is needed
/// to look at them. What a kernel put on the bridge is there as long as a backend runs.
struct Places {
    home: Option<PathBuf>,
}

impl Places {
    fn home(&self) -> anyhow::Result<Home> {
        Home::find(self.home.clone())
    }
}

impl Sources for Places {
    fn locate(&self, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
        let refused = |reason: String| ExploreError::Refused { source_name: source.to_owned(), reason };
        let home = || self.home().map_err(|error| refused(error.to_string()));
        if let Some(name) = source.strip_prefix("bridge:") {
            let entry = Bridge::at(atelier_studio::bridge::folder(home()?.path())).entry(name);
            return Ok(vec![entry.map_err(|error| refused(error.to_string()))?.path]);
        }
        if let Some(object) = source.strip_prefix("s3://") {
            return objects(&home()?, object, source);
        }
        let path = Path::new(source);
        match source.find(['*', '?']) {
            Some(wild) if !path.exists() => {
                let (root, pattern) =
                    source[..wild].rfind('/').map_or((".", source), |slash| (&source[..=slash], &source[slash + 1..]));
                atelier_explorer::matching(Path::new(root), pattern, source)
            }
            _ if path.is_dir() => atelier_explorer::folder(path, source),
            _ => Ok(vec![path.to_owned()]),
        }
    }
}

/// The file of an object, or those of all objects below a prefix that ends in `/`.
fn objects(home: &Home, object: &str, source: &str) -> Result<Vec<PathBuf>, ExploreError> {
    let is_inside = Path::new(object).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let path = home.path().join("buckets").join(object);
    match () {
        () if !is_inside || !path.exists() => Err(ExploreError::Missing { source_name: source.to_owned() }),
        () if path.is_dir() => atelier_explorer::folder(&path, source),
        () => Ok(vec![path]),
    }
}

pub fn run(args: DataArgs) -> anyhow::Result<ExitCode> {
    match done(args) {
        // `| head` closes the pipe: that is no fault.
        Err(error)
            if error.chain().any(|cause| {
                cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
            }) =>
        {
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => match error.downcast::<ExploreError>() {
            Ok(error) => Err(Failure::Table(error.to_string()).into()),
            Err(error) => Err(error),
        },
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn done(args: DataArgs) -> anyhow::Result<()> {
    let here = std::env::current_dir().context("the current folder cannot be found")?;
    let explorer = Explorer::new().with_functions(atelier_studio::functions(&here, None));
    let places = Places { home: args.home };
    match args.command {
        Command::Page { file, offset, rows, json } => {
            let info = open(&explorer, &file, &places)?;
            let mut page = Vec::new();
            while (page.len() as u64) < rows {
                let limit = (rows - page.len() as u64).min(1000) as usize;
                let more = part(&explorer, &info, offset + page.len() as u64, limit)?;
                if more.is_empty() {
                    break;
                }
                page.extend(more);
            }
            show(info.num_rows.unwrap_or_default(), offset, info.columns, page, json)
        }
        Command::Profile { file, json } => profile(&explorer, &open(&explorer, &file, &places)?, json),
        Command::Apply { recipe, file, to } => {
            let mut frame = apply_recipe(&explorer, &text(&recipe)?, &file.to_string_lossy(), &places)?;
            write_frame(&mut frame, &to)?;
            eprintln!("{} rows, {} columns written to {}", frame.height(), frame.width(), to.display());
            Ok(())
        }
        Command::Export { recipe, to, source } => {
            let word = match to {
                To::Python => "python",
                To::Pandas => "pandas",
                To::Rust => "rust",
                To::Notebook => "notebook",
                To::Script => "script",
            };
            let code = export_recipe_file(&explorer, &text(&recipe)?, &source, word, &places)?;
            Ok(std::io::stdout().lock().write_all(code.as_bytes())?)
        }
        Command::Sql { query, files, json } => {
            let named = |file: &PathBuf| {
                let source = file.to_string_lossy();
                let stem = source
                    .trim_end_matches('/')
                    .rsplit(['/', ':'])
                    .next()
                    .and_then(|name| name.split('.').next())
                    .filter(|stem| !stem.is_empty());
                Ok((stem.unwrap_or("table").to_owned(), places.locate(&source)?))
            };
            let tables: Result<Vec<_>, ExploreError> = files.iter().map(named).collect();
            let table = explorer.sql(&query, tables?)?;
            let (columns, rows) = atelier_explorer::texts(&table);
            show(table.height() as u64, 0, columns, rows, json)
        }
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Opens a file and waits until it has been read.
fn open(explorer: &Explorer, file: &FileArgs, places: &Places) -> Result<ViewInfo, ExploreError> {
    let options = ReadOptions { sheet: file.sheet.clone(), ..ReadOptions::default() };
    let request = OpenView { source: file.file.to_string_lossy().into_owned(), options, ..OpenView::default() };
    let view = explorer.open_view(request, places)?.view;
    explorer.wait(&view)?;
    let info = explorer.info(&view)?;
    for notice in &info.notices {
        eprintln!("note: {} {}", notice.text, notice.remedy);
    }
    Ok(info)
}

/// Rows with all their columns, which come in windows of 300.
fn part(
    explorer: &Explorer,
    info: &ViewInfo,
    offset: u64,
    limit: usize,
) -> Result<Vec<Vec<Option<String>>>, ExploreError> {
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    for first in (0..info.columns.len().max(1)).step_by(300) {
        let window = explorer.rows(&GetRows {
            view: info.view.clone(),
            offset,
            limit,
            columns: Some((first, 300)),
            names: Vec::new(),
        })?;
        if first == 0 {
            rows = window.cells;
        } else {
            rows.iter_mut().zip(window.cells).for_each(|(row, more)| row.extend(more));
        }
    }
    Ok(rows)
}

fn profile(explorer: &Explorer, info: &ViewInfo, json: bool) -> anyhow::Result<()> {
    let mut columns = Vec::new();
    for column in &info.columns {
        let stats = explorer.stats(&GetStats {
            view: info.view.clone(),
            column: column.name.clone(),
            ..GetStats::default()
        })?;
        columns.push(TypedStats { dtype: column.dtype.clone(), stats });
    }
    if json {
        return print_json(&ProfileJson { num_rows: info.num_rows.unwrap_or_default(), columns });
    }
    let head = ["column", "type", "missing", "distinct", "min", "max", "mean", "median"].map(str::to_owned).to_vec();
    let number = |value: Option<f64>| {
        value
            .map(|value| format!("{value:.6}").trim_end_matches('0').trim_end_matches('.').to_owned())
            .unwrap_or_default()
    };
    let line = |typed: TypedStats| {
        let stats = typed.stats;
        let distinct = stats.num_distinct.map(|count| count.to_string()).unwrap_or_default();
        let median = number(stats.quantiles.get(2).copied());
        vec![
            stats.column,
            typed.dtype,
            stats.num_missing.to_string(),
            distinct,
            stats.min.unwrap_or_default(),
            stats.max.unwrap_or_default(),
            number(stats.mean),
            median,
        ]
    };
    table(head, columns.into_iter().map(line).collect())
}

fn show(
    num_rows: u64,
    offset: u64,
    columns: Vec<ViewColumn>,
    rows: Vec<Vec<Option<String>>>,
    json: bool,
) -> anyhow::Result<()> {
    if json {
        return print_json(&PageJson { num_rows, offset, columns, rows });
    }
    let head = columns.into_iter().map(|column| column.name).collect();
    table(head, rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}

fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    Ok(writeln!(out)?)
}

/// Columns as wide as what is in them, 40 characters at most.
fn table(head: Vec<String>, rows: Vec<Vec<String>>) -> anyhow::Result<()> {
    let cut = |text: &str| -> String {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if line.chars().count() > 40 { line.chars().take(39).chain(['…']).collect() } else { line }
    };
    let lines: Vec<Vec<String>> =
        std::iter::once(head).chain(rows).map(|row| row.iter().map(|text| cut(text)).collect()).collect();
    let width =
        |i: usize| lines.iter().filter_map(|line| line.get(i)).map(|text| text.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut out = std::io::stdout().lock();
    for line in &lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}
