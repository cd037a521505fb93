//! Objects that arrive in parts.

use super::Objects;
use super::checksum::{Announced, typed};
use super::describe::{Described, etag, instant};
use super::error::from_store;
use super::object::source_of;
use super::write::{Expected, on_disk, receive};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CopyPartResult, CreateMultipartUploadInput, CreateMultipartUploadOutput, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, ListPartsInput, ListPartsOutput, MultipartUpload, Part, Range, UploadPartCopyInput,
    UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use std::io::{Read, Seek, SeekFrom};

impl Objects {
    pub async fn start(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let options = Described {
            content_type: input.content_type,
            metadata: input.metadata,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
        }
        .options();
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let id = self.run(move |buckets| buckets.create_multipart(&bucket, &key, options)).await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type: input.checksum_type,
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub async fn part(&self, request: S3Request<UploadPartInput>) -> S3Result<S3Response<UploadPartOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let announced = [
            input.checksum_crc32,
            input.checksum_crc32c,
            input.checksum_crc64nvme,
            input.checksum_sha1,
            input.checksum_sha256,
        ];
        let algorithm = input.checksum_algorithm.as_ref().map(|algorithm| algorithm.as_str());
        let checksums = Announced::new(announced, algorithm, &request.headers, request.trailing_headers);
        let expected = Expected { length: input.content_length, md5: input.content_md5, checksums };
        let (bucket, upload, number, body) = (input.bucket, input.upload_id, number_of(input.part_number)?, input.body);
        let buckets = self.buckets.clone();
        let (part, checksums) = on_disk(move |handle| {
            let mut writer = buckets.put_part(&bucket, &upload, number).map_err(from_store)?;
            let checksums = receive(handle, body, &mut writer, expected)?;
            Ok((writer.finish().map_err(from_store)?, checksums))
        })
        .await?;
        let checksum = typed(&checksums);
        Ok(S3Response::new(UploadPartOutput {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            e_tag: Some(etag(&part.etag)),
            ..UploadPartOutput::default()
        }))
    }

    pub async fn part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let (from_bucket, from_key) = source_of(&input.copy_source)?;
        let range = input.copy_source_range.as_deref().map(Range::parse).transpose();
        let range = range.map_err(|_| {
            s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last")
        })?;
        let (bucket, upload, number) = (input.bucket, input.upload_id, number_of(input.part_number)?);
        let buckets = self.buckets.clone();
        let part = on_disk(move |_| {
            let mut source = buckets.get(&from_bucket, &from_key).map_err(from_store)?;
            let span = match range {
                Some(range) => range.check(source.meta.size).map_err(|_| s3_error!(InvalidRange))?,
                None => 0..source.meta.size,
            };
            let mut writer = buckets.put_part(&bucket, &upload, number).map_err(from_store)?;
            let failed = |error| from_store(atelier_studio::store::StoreError::io(&source.path, error));
            source.file.seek(SeekFrom::Start(span.start)).map_err(failed)?;
            std::io::copy(&mut source.file.take(span.end - span.start), &mut writer).map_err(failed)?;
            writer.finish().map_err(from_store)
        })
        .await?;
        let result = CopyPartResult {
            e_tag: Some(etag(&part.etag)),
            last_modified: Some(instant(part.modified_ms)),
            ..CopyPartResult::default()
        };
        Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
    }

    pub async fn complete(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let named = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let mut parts = Vec::with_capacity(named.len());
        for part in named {
            let (Some(number), Some(etag)) = (part.part_number, part.e_tag) else {
                return Err(s3_error!(MalformedXML, "Each part needs its number and its ETag."));
            };
            parts.push((number_of(number)?, etag.into_value()));
        }
        let (bucket, key, upload) = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let meta = self.run(move |buckets| buckets.complete_multipart(&bucket, &key, &upload, &parts)).await?;
        self.announce_object(&input.bucket, &input.key);
        Ok(S3Response::new(CompleteMultipartUploadOutput {
            location: Some(format!("{}/{}/{}", self.studio.address(), input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag(&meta.etag)),
            ..CompleteMultipartUploadOutput::default()
        }))
    }

    pub async fn abort(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        self.run(move |buckets| buckets.abort_multipart(&input.bucket, &input.upload_id)).await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub async fn parts(&self, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let after = input.part_number_marker.unwrap_or(0).max(0);
        let max = input.max_parts.unwrap_or(1_000).clamp(1, 1_000);
        let (bucket, upload) = (input.bucket.clone(), input.upload_id.clone());
        let mut found =
            self.run(move |buckets| buckets.list_parts(&bucket, &upload, after as u32, max as usize + 1)).await?;
        let truncated = found.len() > max as usize;
        found.truncate(max as usize);
        let last = found.last().map(|part| part.number as i32);
        let parts = found.into_iter().map(|part| Part {
            part_number: Some(part.number as i32),
            e_tag: Some(etag(&part.etag)),
            size: Some(part.size as i64),
            last_modified: Some(instant(part.modified_ms)),
            ..Part::default()
        });
        Ok(S3Response::new(ListPartsOutput {
            parts: Some(parts.collect()),
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            part_number_marker: Some(after),
            next_part_number_marker: last.filter(|_| truncated),
            max_parts: Some(max),
            is_truncated: Some(truncated),
            ..ListPartsOutput::default()
        }))
    }

    /// All unfinished uploads at once: there are few on one machine.
    pub async fn uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone().unwrap_or_default());
        let found = self.run(move |buckets| buckets.list_uploads(&bucket, &prefix)).await?;
        let uploads = found.into_iter().map(|upload| MultipartUpload {
            key: Some(upload.key),
            upload_id: Some(upload.id),
            initiated: Some(instant(upload.created_ms)),
            ..MultipartUpload::default()
        });
        Ok(S3Response::new(ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            bucket: Some(input.bucket),
            prefix: input.prefix,
            is_truncated: Some(false),
            ..ListMultipartUploadsOutput::default()
        }))
    }
}

fn number_of(part: i32) -> S3Result<u32> {
    u32::try_from(part)
        .ok()
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"))
}
