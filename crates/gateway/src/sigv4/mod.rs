//! AWS Signature Version 4, verified: the caller proves that it knows the secret key without sending it, and the
//! signature covers method, path, query, signed headers and body. Written from AWS's published description
//! ("Signature Version 4 signing process"); S3 requests are verified by s3s, whose path rules and chunked bodies differ.

mod canonical;
mod keys;
mod time;

use canonical::canonical_request;
use hmac::Mac;
use http::request::Parts;
use http::{HeaderMap, header};
use keys::SigningKeys;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How far the clocks may be apart, in seconds.
const MAX_SKEW_S: i64 = 15 * 60;

/// Why a request is not believed. Each protocol words it in its own error codes, see `aws::auth_error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// No Authorization header.
    Missing,
    /// A header that cannot be read, or lacks a part; the text says which.
    Incomplete(String),
    /// An access key that is not ours.
    UnknownKey,
    /// Made with another secret, or for another request.
    Mismatch,
    /// The body is not the one that was signed.
    Payload,
    /// The clocks are too far apart, or the request was captured and sent again.
    Skewed { signed: String, now: String, limit: String, late: bool },
}

/// The parts of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    pub access_key: &'a str,
    /// `DATE/REGION/SERVICE/aws4_request`
    pub scope: &'a str,
    pub date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    pub signed_headers: &'a str,
    pub signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads the Authorization header.
    pub fn read(headers: &'a HeaderMap) -> Result<Authorization<'a>, AuthError> {
        let value = headers.get(header::AUTHORIZATION).ok_or(AuthError::Missing)?;
        let text = value.to_str().map_err(|_| incomplete("Authorization header is not ASCII."))?;
        Self::parse(text)
    }

    fn parse(text: &'a str) -> Result<Authorization<'a>, AuthError> {
        let rest = text
            .strip_prefix("AWS4-HMAC-SHA256")
            .ok_or_else(|| incomplete("Authorization header requires the algorithm AWS4-HMAC-SHA256."))?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => {}
            }
        }
        let missing = |name: &str| incomplete(&format!("Authorization header requires '{name}' parameter."));
        let credential = credential.ok_or_else(|| missing("Credential"))?;
        let (access_key, scope) = credential.split_once('/').ok_or_else(|| missing("Credential"))?;
        let mut parts = scope.split('/');
        let (Some(date), Some(region), Some(service), Some("aws4_request"), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(incomplete("Credential should be scoped as KEY/DATE/REGION/SERVICE/aws4_request."));
        };
        Ok(Authorization {
            access_key,
            scope,
            date,
            region,
            service,
            signed_headers: signed_headers.ok_or_else(|| missing("SignedHeaders"))?,
            signature: signature.ok_or_else(|| missing("Signature"))?,
        })
    }
}

fn incomplete(text: &str) -> AuthError {
    AuthError::Incomplete(text.to_owned())
}

/// Knows the key pair and verifies requests.
pub struct Verifier {
    access_key: String,
    keys: SigningKeys,
}

impl Verifier {
    pub fn new(access_key: &str, secret_key: &str) -> Verifier {
        Verifier { access_key: access_key.to_owned(), keys: SigningKeys::new(secret_key) }
    }

    /// Verifies a whole request. `now_s` is the time in seconds since the epoch.
    pub fn verify(&self, parts: &Parts, auth: &Authorization<'_>, body: &[u8], now_s: i64) -> Result<(), AuthError> {
        if !bool::from(auth.access_key.as_bytes().ct_eq(self.access_key.as_bytes())) {
            return Err(AuthError::UnknownKey);
        }
        let date = date_header(&parts.headers)?;
        check_time(date, auth.date, now_s)?;

        let mut payload = [0; 64];
        hex_into(&Sha256::digest(body), &mut payload);
        if let Some(claimed) = parts.headers.get("x-amz-content-sha256")
            && claimed.as_bytes() != payload
        {
            return Err(AuthError::Payload);
        }
        let canonical = canonical_request(parts, auth.signed_headers, &payload)?;
        let mut digest = [0; 64];
        hex_into(&Sha256::digest(&canonical), &mut digest);

        let mut signature = [0; 32];
        hex::decode_to_slice(auth.signature, &mut signature).map_err(|_| AuthError::Mismatch)?;
        let (key, known) = self.keys.get(auth.date, auth.region, auth.service);
        let mut mac = key.clone();
        mac.update(b"AWS4-HMAC-SHA256\n");
        mac.update(date.as_bytes());
        mac.update(b"\n");
        mac.update(auth.scope.as_bytes());
        mac.update(b"\n");
        mac.update(&digest);
        // Compares in constant time.
        mac.verify_slice(&signature).map_err(|_| AuthError::Mismatch)?;
        if !known {
            self.keys.keep(auth.date, auth.region, auth.service, key);
        }
        Ok(())
    }
}

fn hex_into(digest: &[u8], out: &mut [u8; 64]) {
    // The lengths are 32 and 64 by type, so this cannot fail.
    let _ = hex::encode_to_slice(digest, out);
}

fn date_header(headers: &HeaderMap) -> Result<&str, AuthError> {
    headers
        .get("x-amz-date")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| incomplete("Authorization header requires existence of an 'X-Amz-Date' header."))
}

fn check_time(date: &str, scope_date: &str, now_s: i64) -> Result<(), AuthError> {
    let signed_s = time::parse(date).ok_or_else(|| incomplete("X-Amz-Date must be in ISO-8601 'basic format'."))?;
    if date.get(..8) != Some(scope_date) {
        return Err(incomplete(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
        ));
    }
    let late = signed_s < now_s;
    if (now_s - signed_s).abs() <= MAX_SKEW_S {
        return Ok(());
    }
    let limit_s = if late { now_s - MAX_SKEW_S } else { now_s + MAX_SKEW_S };
    Err(AuthError::Skewed { signed: date.to_owned(), now: time::format(now_s), limit: time::format(limit_s), late })
}

/// Seconds since the epoch, now.
pub fn now_s() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

#[cfg(test)]
mod tests;
