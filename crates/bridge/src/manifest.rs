//! What stands beside the data of a name: what it is, how much, and who put it.

use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// The format's version. A reader refuses a later one, and ignores fields that it does not know.
pub const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub version: u32,
    pub kind: Kind,
    /// The file with the data, in the same folder.
    pub data: String,
    /// Its length; another one means that it was tampered with.
    pub num_bytes: u64,
    pub created_ms: u64,
    pub producer: Producer,
    /// What it was: `pandas.DataFrame`, `polars.Series`, `numpy.ndarray`, `rust.Vec` ... What a reader gets unless it asks
    /// for something else.
    pub made_by: String,
    #[serde(default)]
    pub rows: Option<u64>,
    #[serde(default)]
    pub columns: Vec<Column>,
    /// The columns that are the index of a pandas table.
    #[serde(default)]
    pub index: Vec<String>,
    /// For an array: its dimensions, in C order unless `fortran` says otherwise.
    #[serde(default)]
    pub shape: Vec<u64>,
    #[serde(default)]
    pub fortran: bool,
    /// For an array: numpy's name of its type (`<f8`). The column holds the same bytes, perhaps under another type.
    #[serde(default)]
    pub dtype: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An Arrow IPC file.
    Table,
    /// An Arrow IPC file with one column.
    Array,
    /// JSON.
    Value,
    /// Bytes as they are.
    Bytes,
}

impl Kind {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Kind::Table | Kind::Array => "arrow",
            Kind::Value => "value",
            Kind::Bytes => "bin",
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Kind::Table => "a table",
            Kind::Array => "an array",
            Kind::Value => "a plain value",
            Kind::Bytes => "bytes",
        }
    }
}

/// A summary, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}

/// The process that put something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Producer {
    pub pid: u32,
    /// When the process started, in the kernel's ticks since boot; tells it from a later one with the same number.
    /// 0 where the system does not say.
    pub started: u64,
    pub language: String,
    /// The notebook or the job that it works for; empty where nobody said.
    pub notebook: String,
}

impl Producer {
    pub(crate) fn this(language: &str) -> Self {
        let pid = std::process::id();
        let word = |name: &str| std::env::var(name).ok().filter(|word| !word.is_empty());
        let notebook = word("JPY_SESSION_NAME").or_else(|| word("TRAINING_JOB_NAME")).unwrap_or_default();
        Producer { pid, started: started(pid).unwrap_or(0), language: language.to_owned(), notebook }
    }

    /// Whether the process still runs; `true` where that cannot be told.
    pub fn is_alive(&self) -> bool {
        !std::path::Path::new("/proc/self/stat").exists()
            || started(self.pid).is_some_and(|found| found == self.started)
    }

    /// What to do about data that is gone.
    pub(crate) fn advice(&self) -> String {
        let place = if self.notebook.is_empty() { String::new() } else { format!(" in {}", self.notebook) };
        if self.is_alive() {
            format!("Put it again{place}.")
        } else {
            format!("The {} process that put it has ended: run the cell that puts it{place} again.", self.language)
        }
    }
}

/// Field 22 of `/proc/<pid>/stat`, counted after the name, which may hold anything. A zombie has ended.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_is_not_taken_for_it() {
        let this = Producer::this("rust");
        assert!(this.is_alive());
        assert!(!Producer { started: this.started + 1, ..this }.is_alive());
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let text = r#"{"version":1,"kind":"value","data":"a~1.value","num_bytes":1,"created_ms":0,"made_by":"int","more":true,
            "producer":{"pid":1,"started":2,"language":"python","notebook":"","more":1}}"#;
        assert_eq!(serde_json::from_str::<Manifest>(text).unwrap().kind, Kind::Value);
    }
}
