//! Which operation is answered by which function. What is not named here is answered with `NotImplemented`.

use super::Objects;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

/// `s3s operation(Input) -> Output => our function`
macro_rules! operations {
    ($($operation:ident($input:ty) -> $output:ty => $function:ident),+ $(,)?) => {
        #[async_trait::async_trait]
        impl S3 for Objects {
            $(async fn $operation(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                self.$function(request).await
            })+
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput => make_bucket,
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput => remove_bucket,
    head_bucket(HeadBucketInput) -> HeadBucketOutput => head_one_bucket,
    list_buckets(ListBucketsInput) -> ListBucketsOutput => all_buckets,
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput => location,
    get_object(GetObjectInput) -> GetObjectOutput => get,
    head_object(HeadObjectInput) -> HeadObjectOutput => head,
    put_object(PutObjectInput) -> PutObjectOutput => put,
    delete_object(DeleteObjectInput) -> DeleteObjectOutput => delete,
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput => delete_many,
    copy_object(CopyObjectInput) -> CopyObjectOutput => copy,
    list_objects(ListObjectsInput) -> ListObjectsOutput => list_v1,
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output => list_v2,
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput => list_versions,
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput => start,
    upload_part(UploadPartInput) -> UploadPartOutput => part,
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput => part_copy,
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput => complete,
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput => abort,
    list_parts(ListPartsInput) -> ListPartsOutput => parts,
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput => uploads,
}
