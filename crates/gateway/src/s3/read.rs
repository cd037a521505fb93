//! GET and HEAD of an object: conditions, ranges, and a body that streams from the file.

use super::Objects;
use super::checksum::typed;
use super::describe::{content_type, etag, header, instant, user_metadata};
use super::error::{internal, precondition_failed};
use atelier_studio::store::ObjectMeta;
use atelier_studio::store::buckets::Object;
use bytes::Bytes;
use s3s::dto::{
    ETag, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Range, StreamingBlob,
    Timestamp,
};
use s3s::{Body, S3Request, S3Response, S3Result, s3_error};
use std::fs::File;
use std::os::unix::fs::FileExt;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

/// Up to this size an object is read at once, in the same step that opens it.
const SMALL: u64 = 256 << 10;
/// How much of a larger one is read at a time.
const PIECE: usize = 512 << 10;

/// The conditions of RFC 9110, 13.2.2, on what is stored now.
pub struct Conditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

impl Conditions {
    pub fn check(&self, meta: &ObjectMeta) -> S3Result<()> {
        let current = etag(&meta.etag);
        // HTTP dates have whole seconds.
        let modified = instant(meta.modified_ms / 1000 * 1000);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !holds(condition, &current) => return Err(precondition_failed()),
            (None, Some(since)) if modified > *since => return Err(precondition_failed()),
            _ => {}
        }
        let unchanged = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => holds(condition, &current),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        if unchanged { Err(s3_error!(NotModified)) } else { Ok(()) }
    }
}

fn holds(condition: &ETagCondition, current: &ETag) -> bool {
    condition.as_etag().is_none_or(|wanted| wanted.weak_cmp(current))
}

/// First byte, length, and the `Content-Range` to answer with.
fn span(range: Option<Range>, size: u64) -> S3Result<(u64, u64, Option<String>)> {
    let Some(range) = range else { return Ok((0, size, None)) };
    let range = range.check(size).map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
    let (start, end) = (range.start, range.end);
    Ok((start, end - start, Some(format!("bytes {start}-{}/{size}", end.saturating_sub(1)))))
}

impl Objects {
    pub async fn get(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let (bucket, key, range) = (input.bucket, input.key, input.range);
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        // Opening and, for most objects, reading is one visit to the disk's thread.
        let (object, small) = self
            .run(move |buckets| {
                let object = buckets.get(&bucket, &key)?;
                let at = span(range, object.meta.size).ok().filter(|(_, length, _)| *length <= SMALL);
                let small = at.and_then(|(start, length, _)| read_at(&object.file, start, length).ok());
                Ok((object, small))
            })
            .await?;
        let Object { meta, file, .. } = object;
        conditions.check(&meta)?;
        let (start, length, content_range) = span(range, meta.size)?;
        let body = match small {
            Some(bytes) => StreamingBlob::from(Body::from(bytes)),
            None => stream(file, start, length).await?,
        };
        // The checksum is of the whole: with a part of it a client would find a difference.
        let whole = content_range.is_none();
        let checksum = typed(if whole { &meta.checksums } else { EMPTY });
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(body),
            cache_control: header(&meta, "cache-control"),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            content_disposition: header(&meta, "content-disposition"),
            content_encoding: header(&meta, "content-encoding"),
            content_language: header(&meta, "content-language"),
            content_length: Some(length as i64),
            content_range,
            content_type: Some(content_type(&meta)),
            e_tag: Some(etag(&meta.etag)),
            last_modified: Some(instant(meta.modified_ms)),
            metadata: user_metadata(&meta),
            ..GetObjectOutput::default()
        }))
    }

    pub async fn head(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let (bucket, key) = (input.bucket, input.key);
        let meta = self.run(move |buckets| buckets.head_object(&bucket, &key)).await?;
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        conditions.check(&meta)?;
        let (_, length, content_range) = span(input.range, meta.size)?;
        let checksum = typed(&meta.checksums);
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: header(&meta, "cache-control"),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            content_disposition: header(&meta, "content-disposition"),
            content_encoding: header(&meta, "content-encoding"),
            content_language: header(&meta, "content-language"),
            content_length: Some(length as i64),
            content_range,
            content_type: Some(content_type(&meta)),
            e_tag: Some(etag(&meta.etag)),
            last_modified: Some(instant(meta.modified_ms)),
            metadata: user_metadata(&meta),
            ..HeadObjectOutput::default()
        }))
    }
}

static EMPTY: &std::collections::BTreeMap<String, String> = &std::collections::BTreeMap::new();

fn read_at(file: &File, start: u64, length: u64) -> std::io::Result<Bytes> {
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes.into())
}

async fn stream(file: File, start: u64, length: u64) -> S3Result<StreamingBlob> {
    use tokio::io::AsyncSeekExt;
    let mut file = tokio::fs::File::from_std(file);
    file.set_max_buf_size(PIECE);
    file.seek(std::io::SeekFrom::Start(start)).await.map_err(internal)?;
    Ok(StreamingBlob::wrap(ReaderStream::with_capacity(file.take(length), PIECE)))
}
