//! Addresses: everything that has a name can be opened by `atelier://KIND/NAME`, and `atelier://PANEL` opens a panel.

use std::fmt;

/// `atelier://training-job/xgb-1`: kind `training-job`, name `xgb-1`. A panel's own address has an empty name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    pub kind: String,
    pub name: String,
}

impl Address {
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
    }

    /// A panel's own page.
    pub fn panel(id: impl Into<String>) -> Self {
        Self::new(id, "")
    }

    pub fn home() -> Self {
        Self::panel("home")
    }

    pub fn file(path: impl Into<String>) -> Self {
        Self::new("file", path)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("atelier://")?;
        let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
        (!kind.is_empty()).then(|| Self::new(kind, name))
    }

    /// Whether this is the address of something with a name, rather than of a panel.
    pub fn is_thing(&self) -> bool {
        !self.name.is_empty()
    }

    /// The last part of the name: a file without its folders.
    pub fn leaf(&self) -> &str {
        self.name.trim_end_matches('/').rsplit('/').next().unwrap_or(&self.name)
    }

    /// What follows the last dot of the name, in small letters.
    pub fn extension(&self) -> String {
        self.leaf().rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "atelier://{}", self.kind)?;
        if self.is_thing() { write!(f, "/{}", self.name) } else { Ok(()) }
    }
}

impl From<&str> for Address {
    /// An address, or a panel's id.
    fn from(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::panel(text))
    }
}

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}
