//! What can go wrong on the bridge, said so that the next step is plain.

use std::fmt;
use std::io;
use std::path::PathBuf;

#[derive(Debug)]
pub enum BridgeError {
    /// `ATELIER_BRIDGE` is not set.
    NoFolder,
    /// The folder is not one that only this user can reach.
    Folder {
        folder: PathBuf,
        why: String,
    },
    Name {
        name: String,
        why: &'static str,
    },
    /// Nothing has this name; `near` are those that look like it, else all.
    Unknown {
        name: String,
        near: Vec<String>,
    },
    /// It was dropped to make room.
    Dropped {
        name: String,
        for_name: String,
    },
    /// Its data was cut, changed or removed behind the bridge's back. `producer`: who could put it again.
    Stale {
        name: String,
        why: String,
        producer: String,
    },
    /// Written by a later version of this program.
    Newer {
        name: String,
        version: u32,
    },
    /// It is something else than was asked for.
    Kind {
        name: String,
        found: String,
        wanted: String,
    },
    /// A column whose type this side does not have.
    Type {
        name: String,
        column: String,
        found: String,
        hint: String,
    },
    /// Larger than the whole bridge may be.
    TooLarge {
        name: String,
        bytes: u64,
        budget: u64,
    },
    Full {
        name: String,
        bytes: u64,
        free: u64,
        folder: PathBuf,
    },
    Value {
        name: String,
        why: String,
    },
    Table {
        name: String,
        why: String,
    },
    Io {
        what: String,
        source: io::Error,
    },
}

impl BridgeError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| BridgeError::Io { what: what.into(), source }
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder => f.write_str(
                "ATELIER_BRIDGE is not set: this program was not started by the studio. In a terminal, \
                 run eval \"$(atelier env)\" first.",
            ),
            Self::Folder { folder, why } => {
                write!(f, "The bridge's folder {} cannot be used: {why}.", folder.display())
            }
            Self::Name { name, why } => write!(
                f,
                "{name:?} cannot be a name on the bridge: {why}. Names are like those of variables, with dots between parts, \
                 as in flights or model.weights."
            ),
            Self::Unknown { name, near } if near.is_empty() => {
                write!(f, "Nothing on the bridge is named {name}. The bridge is empty: put it first.")
            }
            Self::Unknown { name, near } => {
                write!(f, "Nothing on the bridge is named {name}. There is {}.", near.join(", "))
            }
            Self::Dropped { name, for_name } => write!(
                f,
                "{name} was dropped from the bridge to make room for {for_name}, because it was not read for longest. \
                 Put it again, or delete what is no longer needed first."
            ),
            Self::Stale { name, why, producer } => write!(f, "{name} on the bridge is stale: {why}. {producer}"),
            Self::Newer { name, version } => write!(
                f,
                "{name} was put by a newer version of Atelier (format {version}; this one reads up to {}). Restart this \
                 kernel, or update its environment.",
                crate::VERSION
            ),
            Self::Kind { name, found, wanted } => write!(f, "{name} is {found}, not {wanted}."),
            Self::Type { name, column, found, hint } => {
                write!(f, "Column {column:?} of {name} has the type {found}, which does not exist here. {hint}")
            }
            Self::TooLarge { name, bytes, budget } => write!(
                f,
                "{name} takes {}, more than the bridge may hold ({}). Write it to a Parquet file instead, or set \
                 ATELIER_BRIDGE_BUDGET to more bytes.",
                size(*bytes),
                size(*budget)
            ),
            Self::Full { name, bytes, free, folder } => write!(
                f,
                "{name} takes {}, but only {} are free in {}. Delete what is no longer needed.",
                size(*bytes),
                size(*free),
                folder.display()
            ),
            Self::Value { name, why } => write!(f, "{name} cannot cross the bridge as a plain value: {why}."),
            Self::Table { name, why } => write!(f, "{name} cannot cross the bridge as a table: {why}."),
            Self::Io { what, source } => write!(f, "{what} failed: {source}"),
        }
    }
}

impl std::error::Error for BridgeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Bytes for people: `3.2 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = "bytes";
    for next in UNITS {
        if value < 1000.0 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    if unit == "bytes" { format!("{bytes} bytes") } else { format!("{value:.1} {unit}") }
}
