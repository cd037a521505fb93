//! `s3://bucket/key`, taken apart.

use crate::{Context, error};
use atelier_store::buckets::ListObjects;
use atelier_wire::Error;

/// Bucket and key of an S3 address; the key may be empty. `None` when it is no such address.
pub fn split(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("s3://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

/// `base/relative`, with one slash between.
pub fn join(base: &str, relative: &str) -> String {
    format!("{}/{relative}", base.trim_end_matches('/'))
}

/// Refuses an input that has no object, in AWS's words, before anything is made.
pub fn check_input(ctx: &Context, uri: &str, role_arn: &str) -> Result<(), Error> {
    let Some((bucket, prefix)) = split(uri) else {
        return Err(error::validation(format!("Invalid S3 URI: {uri}. It must have the form s3://bucket/prefix.")));
    };
    let query = ListObjects { prefix, delimiter: None, after: None, max: 1 };
    let reason = match ctx.store.buckets().list_objects(bucket, &query) {
        Ok(found) if !found.objects.is_empty() => return Ok(()),
        Ok(_) => "",
        Err(atelier_store::StoreError::NoSuchBucket(_) | atelier_store::StoreError::BadBucketName(_)) => {
            " Error message from S3: The specified bucket does not exist"
        }
        Err(other) => return Err(error::store(other)),
    };
    Err(error::validation(format!(
        "No S3 objects found under S3 URL \"{uri}\" given in input data source. Please ensure that the bucket exists in \
         the selected region ({region}), that objects exist under that S3 prefix, and that the role \"{role_arn}\" has \
         \"s3:ListBucket\" permissions on bucket \"{bucket}\".{reason}",
        region = ctx.settings.region,
    )))
}

/// Refuses an output address whose bucket does not exist, as AWS does.
pub fn check_output(ctx: &Context, uri: &str) -> Result<(), Error> {
    let Some((bucket, _)) = split(uri) else {
        return Err(error::validation(format!("Invalid S3 URI: {uri}. It must have the form s3://bucket/prefix.")));
    };
    match ctx.store.buckets().head(bucket) {
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(atelier_store::StoreError::BadBucketName(_)) => {
            Err(error::validation(format!("S3 bucket {bucket} does not exist. Create it first, then try again.")))
        }
        Err(other) => Err(error::store(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_apart() {
        assert_eq!(split("s3://b/k/x.csv"), Some(("b", "k/x.csv")));
        assert_eq!(split("s3://b"), Some(("b", "")));
        assert_eq!(split("s3:///k"), None);
        assert_eq!(split("https://b/k"), None);
        assert_eq!(join("s3://b/p/", "x"), "s3://b/p/x");
    }
}
