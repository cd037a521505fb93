//! The store's errors in S3's codes and words, which SDKs match on.

use atelier_studio::store::StoreError;
use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, s3_error};

pub fn from_store(error: StoreError) -> S3Error {
    use StoreError as E;
    match error {
        E::NoSuchBucket(_) => s3_error!(NoSuchBucket, "The specified bucket does not exist"),
        E::NoSuchKey { .. } => s3_error!(NoSuchKey, "The specified key does not exist."),
        E::BucketExists(_) => s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ),
        E::BucketNotEmpty(_) => s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"),
        E::BadBucketName(_) => s3_error!(InvalidBucketName, "The specified bucket is not valid."),
        E::BadKey(1025..) => s3_error!(KeyTooLongError, "Your key is too long"),
        E::BadKey(_) => S3Error::with_message(S3ErrorCode::InvalidRequest, error.to_string()),
        E::KeyExists { .. } | E::EtagDiffers { .. } => precondition_failed(),
        E::NoSuchUpload(_) => s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
        ),
        E::BadPart(_) => s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified \
             entity tag may not match the part's entity tag."
        ),
        E::BadPartOrder => s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ),
        E::PartTooSmall { .. } => {
            s3_error!(EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size")
        }
        E::DiskFull { .. } => {
            let mut full = S3Error::with_message(S3ErrorCode::Custom("InsufficientStorage".into()), error.to_string());
            full.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
            full
        }
        other => {
            tracing::error!(error = %other, "the store failed");
            S3Error::with_message(S3ErrorCode::InternalError, "We encountered an internal error. Please try again.")
        }
    }
}

pub fn internal(error: impl std::fmt::Display) -> S3Error {
    tracing::error!(%error, "an S3 operation failed");
    S3Error::with_message(S3ErrorCode::InternalError, "We encountered an internal error. Please try again.")
}

pub fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}
