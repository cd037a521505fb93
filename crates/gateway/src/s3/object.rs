//! Putting, deleting and copying objects.

use super::Objects;
use super::checksum::{Announced, typed};
use super::describe::{Described, etag, instant};
use super::error::from_store;
use super::read::Conditions;
use super::write::{Expected, on_disk, receive};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition, Error, MetadataDirective, PutObjectInput,
    PutObjectOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

impl Objects {
    pub async fn put(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
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
        let mut options = Described {
            content_type: input.content_type,
            metadata: input.metadata,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding,
            content_language: input.content_language,
        }
        .options();
        match input.if_none_match {
            Some(ETagCondition::Any) => options.only_if_absent = true,
            Some(_) => return Err(s3_error!(NotImplemented, "If-None-Match takes only * when an object is put.")),
            None => {}
        }
        options.only_if_etag = etag_of(input.if_match);
        let (bucket, key, body) = (input.bucket, input.key, input.body);
        let address = (bucket.clone(), key.clone());
        let buckets = self.buckets.clone();
        let meta = on_disk(move |handle| {
            let mut writer = buckets.put(&bucket, &key, options).map_err(from_store)?;
            writer.options.checksums = receive(handle, body, &mut writer, expected)?;
            writer.finish().map_err(from_store)
        })
        .await?;
        self.announce_object(&address.0, &address.1);
        let checksum = typed(&meta.checksums);
        Ok(S3Response::new(PutObjectOutput {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            e_tag: Some(etag(&meta.etag)),
            ..PutObjectOutput::default()
        }))
    }

    pub async fn delete(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        if self.run(move |buckets| buckets.remove(&bucket, &key)).await? {
            self.announce_object(&input.bucket, &input.key);
        }
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    pub async fn delete_many(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        if input.delete.objects.is_empty() || input.delete.objects.len() > 1_000 {
            return Err(s3_error!(MalformedXML, "A batch holds 1 to 1,000 keys."));
        }
        let bucket = input.bucket.clone();
        let quiet = input.delete.quiet.unwrap_or(false);
        let results = self
            .run(move |buckets| {
                // A bucket that is missing fails the request; a key that is missing counts as deleted.
                if buckets.head(&bucket)?.is_none() {
                    return Err(atelier_studio::store::StoreError::NoSuchBucket(bucket));
                }
                let remove = |key: String| (buckets.remove(&bucket, &key), key);
                Ok(input.delete.objects.into_iter().map(|object| remove(object.key)).collect::<Vec<_>>())
            })
            .await?;
        let mut output = DeleteObjectsOutput::default();
        for (result, key) in results {
            match result {
                Ok(removed) => {
                    if removed {
                        self.announce_object(&input.bucket, &key);
                    }
                    if !quiet {
                        let deleted = DeletedObject { key: Some(key), ..DeletedObject::default() };
                        output.deleted.get_or_insert_default().push(deleted);
                    }
                }
                Err(error) => {
                    let error = from_store(error);
                    output.errors.get_or_insert_default().push(Error {
                        code: Some(error.code().as_str().to_owned()),
                        key: Some(key),
                        message: error.message().map(str::to_owned),
                        version_id: None,
                    });
                }
            }
        }
        Ok(S3Response::new(output))
    }

    pub async fn copy(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        self.check_owner(input.expected_bucket_owner.as_deref())?;
        self.check_owner(input.expected_source_bucket_owner.as_deref())?;
        let (from_bucket, from_key) = source_of(&input.copy_source)?;
        let replace =
            input.metadata_directive.as_ref().is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if !replace && (from_bucket.as_str(), from_key.as_str()) == (input.bucket.as_str(), input.key.as_str()) {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
                 metadata, storage class, website redirect location or encryption attributes."
            ));
        }
        let options = replace.then(|| {
            Described {
                content_type: input.content_type,
                metadata: input.metadata,
                cache_control: input.cache_control,
                content_disposition: input.content_disposition,
                content_encoding: input.content_encoding,
                content_language: input.content_language,
            }
            .options()
        });
        let conditions = Conditions {
            if_match: input.copy_source_if_match,
            if_none_match: input.copy_source_if_none_match,
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let buckets = self.buckets.clone();
        let meta = on_disk(move |_| {
            let source = buckets.head_object(&from_bucket, &from_key).map_err(from_store)?;
            // What GET answers with "not modified" is a failed condition of a copy.
            conditions.check(&source).map_err(|_| super::error::precondition_failed())?;
            let options =
                options.map(|options| atelier_studio::store::PutOptions { checksums: source.checksums, ..options });
            buckets.copy((&from_bucket, &from_key), (&bucket, &key), options).map_err(from_store)
        })
        .await?;
        self.announce_object(&input.bucket, &input.key);
        let checksum = typed(&meta.checksums);
        let result = CopyObjectResult {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            e_tag: Some(etag(&meta.etag)),
            last_modified: Some(instant(meta.modified_ms)),
            ..CopyObjectResult::default()
        };
        Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
    }
}

/// The one ETag of an `If-Match`; `*` asks nothing that putting an object would not.
pub fn etag_of(condition: Option<ETagCondition>) -> Option<String> {
    Some(condition?.into_etag()?.into_value())
}

pub fn source_of(source: &CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket { bucket, key, .. } => Ok((bucket.to_string(), key.to_string())),
        _ => Err(s3_error!(NotImplemented, "Access points are not implemented: name the source as bucket/key.")),
    }
}
