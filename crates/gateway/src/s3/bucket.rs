//! Making, finding and removing buckets, and the few settings that SDKs ask for.

use super::Objects;
use super::describe::instant;
use super::error::from_store;
use atelier_studio::store::StoreError;
use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
    GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
    ListBucketsOutput, Owner,
};
use s3s::{S3Request, S3Response, S3Result};

/// AWS's first region, where making one's own bucket again succeeds and the location has no name.
const FIRST_REGION: &str = "us-east-1";

impl Objects {
    fn region(&self) -> &str {
        &self.studio.settings().region
    }

    pub async fn make_bucket(&self, request: S3Request<CreateBucketInput>) -> S3Result<S3Response<CreateBucketOutput>> {
        let bucket = request.input.bucket;
        let name = bucket.clone();
        let made = {
            let buckets = self.buckets.clone();
            tokio::task::spawn_blocking(move || buckets.create(&name)).await.map_err(super::error::internal)?
        };
        match made {
            Ok(()) => self.studio.announce("bucket", &bucket),
            Err(StoreError::BucketExists(_)) if self.region() == FIRST_REGION => {}
            Err(error) => return Err(from_store(error)),
        }
        Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{bucket}")) }))
    }

    pub async fn remove_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.check_owner(request.input.expected_bucket_owner.as_deref())?;
        let bucket = request.input.bucket;
        let name = bucket.clone();
        self.run(move |buckets| buckets.delete(&name)).await?;
        self.studio.announce("bucket", &bucket);
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    /// Fails with S3's own error if there is no such bucket of the expected owner.
    pub async fn require_bucket(&self, bucket: String, owner: Option<&str>) -> S3Result<()> {
        let found = self.run(move |buckets| buckets.head(&bucket)?.ok_or(StoreError::NoSuchBucket(bucket))).await;
        found?;
        self.check_owner(owner)
    }

    pub async fn head_one_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.require_bucket(request.input.bucket, request.input.expected_bucket_owner.as_deref()).await?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(self.region().to_owned()),
            ..HeadBucketOutput::default()
        }))
    }

    pub async fn all_buckets(&self, request: S3Request<ListBucketsInput>) -> S3Result<S3Response<ListBucketsOutput>> {
        let prefix = request.input.prefix.unwrap_or_default();
        let found = self.run(|buckets| buckets.list()).await?;
        let buckets = found.into_iter().filter(|bucket| bucket.name.starts_with(&prefix)).map(|bucket| Bucket {
            name: Some(bucket.name),
            creation_date: Some(instant(bucket.created_ms)),
            bucket_region: None,
        });
        let owner = Owner { id: Some(self.studio.settings().account.clone()), display_name: None };
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            owner: Some(owner),
            ..ListBucketsOutput::default()
        }))
    }

    pub async fn location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.require_bucket(request.input.bucket, request.input.expected_bucket_owner.as_deref()).await?;
        let region = self.region();
        let named = (region != FIRST_REGION).then(|| BucketLocationConstraint::from(region.to_owned()));
        Ok(S3Response::new(GetBucketLocationOutput { location_constraint: named }))
    }
}
