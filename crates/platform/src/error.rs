//! Error codes and texts. The SDK's control flow matches parts of these texts ("Could not find", "already exists",
//! "Cannot create already existing"), so they are AWS's own, and boto3 tests pin them.

use atelier_store::StoreError;
use atelier_wire::Error;

/// SageMaker's answer to almost everything that is wrong with a request.
pub fn validation(message: impl Into<String>) -> Error {
    Error::new("ValidationException", message)
}

/// A training job that does not exist. Unlike other resources it is not named.
pub fn not_found() -> Error {
    validation("Requested resource not found.")
}

/// `what` as AWS calls it: `model`, `endpoint`, `endpoint configuration`.
pub fn could_not_find(what: &str, arn: &str) -> Error {
    validation(format!("Could not find {what} \"{arn}\"."))
}

/// As [`could_not_find`].
pub fn exists(what: &str, arn: &str) -> Error {
    validation(format!("Cannot create already existing {what} \"{arn}\"."))
}

pub fn in_use(message: impl Into<String>) -> Error {
    Error::new("ResourceInUse", message)
}

/// The data directory's fault, not the caller's: a full disk, a damaged row.
pub fn store(error: StoreError) -> Error {
    if let StoreError::BadCursor(_) = error {
        return validation("The value of NextToken is not one that this list gave out.");
    }
    tracing::error!(%error, "the store failed");
    Error::new("InternalFailure", sentence(&error.to_string())).with_status(500)
}

/// With a capital at the start and a full stop at the end.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut out: String = chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}
