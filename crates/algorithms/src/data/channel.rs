//! Reading a training channel: all its files, in the format that its content type names.

use super::{Features, Rows, Table, csv, libsvm, recordio};
use std::path::{Path, PathBuf};

/// What a channel's files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Libsvm,
    RecordIo,
}

/// What a user can mend in a channel.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ChannelError(pub String);

/// The format that a content type names, in XGBoost's terms: none means libsvm, and CSV's label is its first column.
pub fn format(content_type: Option<&str>) -> Result<Format, ChannelError> {
    let Some(given) = content_type.filter(|t| !t.trim().is_empty()) else { return Ok(Format::Libsvm) };
    let lower = given.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    match parts.next().unwrap_or_default() {
        "csv" | "text/csv" => {
            let label_size = parts.find_map(|p| p.strip_prefix("label_size=").map(|v| v.trim_matches('"').to_string()));
            match label_size.is_none_or(|size| size == "1") {
                true => Ok(Format::Csv),
                false => Err(ChannelError(format!(
                    "{given} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
                ))),
            }
        }
        "libsvm" | "text/libsvm" | "text/x-libsvm" => Ok(Format::Libsvm),
        "recordio-protobuf" | "application/x-recordio-protobuf" => Ok(Format::RecordIo),
        _ => Err(ChannelError(format!(
            "{given} is not an accepted ContentType: csv, libsvm, recordio-protobuf, text/csv, text/libsvm, text/x-libsvm, application/x-recordio-protobuf."
        ))),
    }
}

/// The files under a channel, sorted, but for those whose names begin with one of `hidden`.
pub fn files(dir: &Path, hidden: &[char]) -> Result<Vec<PathBuf>, ChannelError> {
    let unreadable = |path: &Path, e: std::io::Error| ChannelError(format!("cannot read {}: {e}", path.display()));
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, e))? {
            let entry = entry.map_err(|e| unreadable(&folder, e))?;
            let hidden = entry.file_name().to_string_lossy().starts_with(hidden);
            let kind = entry.file_type().map_err(|e| unreadable(&folder, e))?;
            match kind.is_dir() {
                true => folders.push(entry.path()),
                false if !hidden => found.push(entry.path()),
                false => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a channel; None when it holds no file.
pub fn read(dir: &Path, format: Format, weights: bool) -> Result<Option<Table>, ChannelError> {
    // A name that begins with a dot or an underline is not data: a mark of Spark's or Hadoop's, a manifest.
    let files = files(dir, &['.', '_'])?;
    if files.is_empty() {
        return Ok(None);
    }
    let mut bodies = Vec::with_capacity(files.len());
    for file in &files {
        bodies.push(std::fs::read(file).map_err(|e| ChannelError(format!("cannot read {}: {e}", file.display())))?);
    }
    let name = |i: usize| files[i].file_name().unwrap_or_default().to_string_lossy().into_owned();
    let table = match format {
        Format::Csv => csv_table(&bodies, weights, &name)?,
        Format::Libsvm => {
            let mut all = libsvm::SparseTable::default();
            for (i, body) in bodies.iter().enumerate() {
                let failed = |e| not_libsvm(&name(i), body, &e);
                libsvm::append(csv::text(body).map_err(failed)?, &mut all).map_err(failed)?;
            }
            all.finish(0)
        }
        Format::RecordIo => recordio::table(&bodies)
            .map_err(|e| ChannelError(format!("Failed to load recordio-protobuf data with exception:\n{e}")))?,
    };
    Ok((table.num_rows() > 0).then_some(table))
}

/// The container looks at the first line before it reads a file, and has words of its own for it: mostly the file is CSV
/// and the channel has no content type.
fn not_libsvm(name: &str, body: &[u8], error: &super::RowError) -> ChannelError {
    if error.row > 1 {
        return ChannelError(format!("Failed to load libsvm data with exception:\n{name}: {error}"));
    }
    let line = String::from_utf8_lossy(&body[..body.len().min(200)]);
    let line: String = line.lines().next().unwrap_or_default().chars().take(50).collect();
    ChannelError(format!(
        "First line '{line}...' of file '{name}' is not 'LIBSVM' format. Please ensure the file is in 'LIBSVM' format."
    ))
}

fn csv_table(bodies: &[Vec<u8>], weighted: bool, name: &dyn Fn(usize) -> String) -> Result<Table, ChannelError> {
    let mut all = Rows::default();
    for (i, body) in bodies.iter().enumerate().filter(|(_, body)| !body.trim_ascii().is_empty()) {
        let failed =
            |e: super::RowError| ChannelError(format!("Failed to load csv data with exception:\n{}: {e}", name(i)));
        let text = csv::text(body).map_err(failed)?;
        let delimiter = csv::delimiter(text).ok_or_else(|| {
            let line: String = text.lines().next().unwrap_or_default().chars().take(50).collect();
            ChannelError(format!("Could not determine delimiter on line {line}:\nCould not determine delimiter"))
        })?;
        if i == 0 {
            crate::log::info(&format!("Determined delimiter of CSV input is '{}'", delimiter as char));
        }
        let rows = csv::rows(text, delimiter).map_err(failed)?;
        if all.width != 0 && rows.width != all.width {
            let reason = format!("{} columns where the first file has {}", rows.width, all.width);
            return Err(failed(super::RowError::new(1, reason)));
        }
        all.width = rows.width;
        all.values.extend(rows.values);
    }
    let skip = 1 + usize::from(weighted);
    if !all.is_empty() && all.width <= skip {
        return Err(ChannelError("Got input data without features. Please check the input data set.".into()));
    }
    if let Some(row) = all.iter().position(|row| row[0].is_nan()) {
        return Err(ChannelError(format!(
            "Failed to load csv data with exception:\nrow {}: the label is missing",
            row + 1
        )));
    }
    Ok(Table {
        num_columns: all.width.saturating_sub(skip),
        labels: all.iter().map(|row| row[0]).collect(),
        weights: if weighted { all.iter().map(|row| row[1]).collect() } else { Vec::new() },
        features: Features::Dense(all.iter().flat_map(|row| &row[skip..]).copied().collect()),
    })
}
