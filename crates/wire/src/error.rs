//! The one error shape of the door. `code` is what clients match on, `message` is for a person.

use serde::{Deserialize, Serialize};

/// An error as the door answers it. AWS operations use AWS's own codes and texts
/// (`ValidationException`, `ResourceInUse`, `ResourceNotFound`, `UnknownOperationException` ...).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The error class, AWS's spelling.
    #[serde(rename = "__type")]
    pub code: String,
    /// One or two sentences: what was attempted, what went wrong, what to do next.
    pub message: String,
    /// The HTTP status to answer with.
    #[serde(default = "bad_request")]
    pub status: u16,
}

fn bad_request() -> u16 {
    400
}

impl Error {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400 }
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}
