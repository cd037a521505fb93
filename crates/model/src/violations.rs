//! What is wrong with a request, in AWS's words.

use std::fmt;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violations {
    /// Every violated constraint, a sentence without the head each. Never empty.
    Constraints { service: &'static str, sentences: Vec<String> },
    /// A value has a JSON type that its shape cannot hold. AWS stops at the first.
    WrongType(String),
}

impl Violations {
    /// The error class that the operation's service uses for it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongType(_) => "SerializationException",
            Self::Constraints { service: "sagemaker", .. } => "ValidationException",
            Self::Constraints { service: "logs", .. } => "InvalidParameterException",
            Self::Constraints { .. } => "ValidationError",
        }
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType(text) => f.write_str(text),
            Self::Constraints { sentences, .. } => {
                let errors = if sentences.len() == 1 { "error" } else { "errors" };
                write!(f, "{} validation {errors} detected: {}", sentences.len(), sentences.join("; "))
            }
        }
    }
}

impl std::error::Error for Violations {}
