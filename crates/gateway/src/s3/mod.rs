//! S3 over the studio's buckets. s3s reads the protocol and verifies signatures; what each operation does is in
//! [`bucket`], [`object`], [`read`], [`list`] and [`upload`], and [`operations`] says which answers which.

mod answer;
mod bucket;
mod checksum;
mod describe;
mod error;
mod list;
mod object;
mod operations;
mod read;
mod upload;
mod write;

pub use answer::answer;

use atelier_studio::Studio;
use atelier_studio::store::{Buckets, StoreError};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};
use subtle::ConstantTimeEq;

/// The service, with the studio's key pair and buckets.
pub fn service(studio: &Studio) -> S3Service {
    let credentials = studio.credentials();
    let mut builder = S3ServiceBuilder::new(Objects { buckets: studio.buckets(), studio: studio.clone() });
    builder.set_auth(KeyPair {
        access_key: credentials.access_key.clone(),
        secret_key: credentials.secret_key.as_str().into(),
    });
    builder.set_host(Localhost);
    builder.build()
}

/// The operations' state.
pub struct Objects {
    studio: Studio,
    buckets: Buckets,
}

impl Objects {
    /// Runs work on the store where it may wait for the disk.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Buckets) -> Result<T, StoreError> + Send + 'static,
    ) -> S3Result<T> {
        let buckets = self.buckets.clone();
        match tokio::task::spawn_blocking(move || work(&buckets)).await {
            Ok(done) => done.map_err(error::from_store),
            Err(panicked) => Err(error::internal(panicked)),
        }
    }

    /// `x-amz-expected-bucket-owner`: whoever expects another account's bucket must not get ours.
    fn check_owner(&self, expected: Option<&str>) -> S3Result<()> {
        match expected {
            Some(account) if account != self.studio.settings().account => Err(s3_error!(AccessDenied, "Access Denied")),
            _ => Ok(()),
        }
    }

    fn announce_object(&self, bucket: &str, key: &str) {
        self.studio.announce("object", &format!("{bucket}/{key}"));
    }
}

/// The one key pair there is.
struct KeyPair {
    access_key: String,
    secret_key: SecretKey,
}

#[async_trait::async_trait]
impl S3Auth for KeyPair {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match bool::from(access_key.as_bytes().ct_eq(self.access_key.as_bytes())) {
            true => Ok(self.secret_key.clone()),
            false => {
                Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
            }
        }
    }
}

/// Virtual-host style, `BUCKET.localhost:PORT`; at a bare address or name the bucket stands in the path.
struct Localhost;

impl S3Host for Localhost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let virtual_host = VirtualHost::new("localhost");
        Ok(match name.strip_suffix(".localhost") {
            Some(bucket) => virtual_host.with_bucket(bucket),
            None => virtual_host,
        })
    }
}
