//! Signing keys. A key is derived from the secret by four HMACs over date, region and service, so it serves a whole
//! day: the last few are kept, ready keyed, and read without a lock.

use arc_swap::ArcSwap;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::Arc;

pub type Key = Hmac<Sha256>;

/// More scopes than a client uses; only proven ones are kept, so that a stranger cannot push them out.
const MAX_KEPT: usize = 16;

pub struct SigningKeys {
    secret: Vec<u8>,
    kept: ArcSwap<Vec<Kept>>,
}

#[derive(Clone)]
struct Kept {
    date: String,
    region: String,
    service: String,
    key: Key,
}

impl SigningKeys {
    pub fn new(secret_key: &str) -> SigningKeys {
        SigningKeys { secret: format!("AWS4{secret_key}").into_bytes(), kept: ArcSwap::default() }
    }

    /// The key of a scope, and whether it was kept from before.
    pub fn get(&self, date: &str, region: &str, service: &str) -> (Key, bool) {
        let kept = self.kept.load();
        if let Some(found) =
            kept.iter().find(|kept| kept.service == service && kept.date == date && kept.region == region)
        {
            return (found.key.clone(), true);
        }
        let key = [date, region, service, "aws4_request"].iter().fold(keyed(&self.secret), |mut key, part| {
            key.update(part.as_bytes());
            keyed(&key.finalize().into_bytes())
        });
        (key, false)
    }

    /// Keeps a key that has proven right.
    pub fn keep(&self, date: &str, region: &str, service: &str, key: Key) {
        let new = Kept { date: date.to_owned(), region: region.to_owned(), service: service.to_owned(), key };
        self.kept.rcu(|kept| {
            let skip = (kept.len() + 1).saturating_sub(MAX_KEPT);
            Arc::new(kept.iter().skip(skip).cloned().chain([new.clone()]).collect::<Vec<_>>())
        });
    }
}

fn keyed(secret: &[u8]) -> Key {
    Key::new_from_slice(secret).expect("HMAC takes keys of any length")
}
