//! Listing a bucket: versions 1 and 2 of the operation, and versions of objects, of which each has one.

use super::Objects;
use super::describe::{etag, instant};
use atelier_studio::store::ObjectMeta;
use atelier_studio::store::buckets::{ListObjects, Listing};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    CommonPrefix, EncodingType, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput,
    ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass, ObjectVersion, ObjectVersionStorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b'*');

/// Keys as they are, or percent-encoded because XML 1.0 cannot hold every character of a key.
struct Names(bool);

impl Names {
    fn of(encoding: Option<&EncodingType>) -> Names {
        Names(encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL))
    }

    fn write(&self, name: &str) -> String {
        if self.0 { utf8_percent_encode(name, PLAIN).to_string() } else { name.to_owned() }
    }

    fn prefixes(&self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        let all = prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.write(prefix)) });
        (!prefixes.is_empty()).then(|| all.collect())
    }

    fn object(&self, meta: ObjectMeta) -> Object {
        Object {
            key: Some(self.write(&meta.key)),
            e_tag: Some(etag(&meta.etag)),
            last_modified: Some(instant(meta.modified_ms)),
            size: Some(meta.size as i64),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            ..Object::default()
        }
    }
}

/// At most 1,000, as S3 has it.
fn page_size(max_keys: Option<i32>) -> S3Result<i32> {
    match max_keys.unwrap_or(1_000) {
        ..0 => Err(s3_error!(InvalidArgument, "max-keys must not be negative")),
        max => Ok(max.min(1_000)),
    }
}

impl Objects {
    async fn page(
        &self,
        bucket: &str,
        prefix: Option<&String>,
        delimiter: Option<&String>,
        after: Option<String>,
        max: i32,
    ) -> S3Result<Listing> {
        let (bucket, prefix, delimiter) = (bucket.to_owned(), prefix.cloned().unwrap_or_default(), delimiter.cloned());
        if max == 0 {
            self.require_bucket(bucket, None).await?;
            return Ok(Listing::default());
        }
        self.run(move |buckets| {
            let query = ListObjects {
                prefix: &prefix,
                delimiter: delimiter.as_deref(),
                after: after.as_deref().filter(|after| !after.is_empty()),
                max: max as usize,
            };
            buckets.list_objects(&bucket, &query)
        })
        .await
    }

    pub async fn list_v1(&self, request: S3Request<ListObjectsInput>) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let max = page_size(input.max_keys)?;
        let found = self
            .page(&input.bucket, input.prefix.as_ref(), input.delimiter.as_ref(), input.marker.clone(), max)
            .await?;
        let names = Names::of(input.encoding_type.as_ref());
        Ok(S3Response::new(ListObjectsOutput {
            common_prefixes: names.prefixes(&found.prefixes),
            is_truncated: Some(found.next.is_some()),
            next_marker: found.next.map(|next| names.write(&next)),
            contents: Some(found.objects.into_iter().map(|meta| names.object(meta)).collect()),
            marker: Some(names.write(&input.marker.unwrap_or_default())),
            prefix: Some(names.write(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
            encoding_type: input.encoding_type,
            max_keys: Some(max),
            name: Some(input.bucket),
            ..ListObjectsOutput::default()
        }))
    }

    pub async fn list_v2(&self, request: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let max = page_size(input.max_keys)?;
        let after = match &input.continuation_token {
            Some(token) => Some(from_token(token)?),
            None => input.start_after.clone(),
        };
        let found = self.page(&input.bucket, input.prefix.as_ref(), input.delimiter.as_ref(), after, max).await?;
        let names = Names::of(input.encoding_type.as_ref());
        Ok(S3Response::new(ListObjectsV2Output {
            common_prefixes: names.prefixes(&found.prefixes),
            key_count: Some((found.objects.len() + found.prefixes.len()) as i32),
            is_truncated: Some(found.next.is_some()),
            next_continuation_token: found.next.map(|next| URL_SAFE_NO_PAD.encode(next)),
            contents: Some(found.objects.into_iter().map(|meta| names.object(meta)).collect()),
            continuation_token: input.continuation_token,
            prefix: Some(names.write(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
            start_after: input.start_after.map(|after| names.write(&after)),
            encoding_type: input.encoding_type,
            max_keys: Some(max),
            name: Some(input.bucket),
            ..ListObjectsV2Output::default()
        }))
    }

    /// Buckets without versioning, as all are here, list each object as its version `null`: clean-up code relies on it.
    pub async fn list_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let max = page_size(input.max_keys)?;
        let after = input.key_marker.clone();
        let found = self.page(&input.bucket, input.prefix.as_ref(), input.delimiter.as_ref(), after, max).await?;
        let names = Names::of(input.encoding_type.as_ref());
        let versions = found.objects.into_iter().map(|meta| ObjectVersion {
            key: Some(names.write(&meta.key)),
            version_id: Some("null".to_owned()),
            is_latest: Some(true),
            e_tag: Some(etag(&meta.etag)),
            last_modified: Some(instant(meta.modified_ms)),
            size: Some(meta.size as i64),
            storage_class: Some(ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD)),
            ..ObjectVersion::default()
        });
        Ok(S3Response::new(ListObjectVersionsOutput {
            versions: Some(versions.collect()),
            common_prefixes: names.prefixes(&found.prefixes),
            is_truncated: Some(found.next.is_some()),
            next_version_id_marker: found.next.is_some().then(|| "null".to_owned()),
            next_key_marker: found.next.map(|next| names.write(&next)),
            key_marker: Some(names.write(&input.key_marker.unwrap_or_default())),
            prefix: Some(names.write(&input.prefix.unwrap_or_default())),
            delimiter: input.delimiter.map(|delimiter| names.write(&delimiter)),
            encoding_type: input.encoding_type,
            max_keys: Some(max),
            name: Some(input.bucket),
            ..ListObjectVersionsOutput::default()
        }))
    }
}

fn from_token(token: &str) -> S3Result<String> {
    let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}
