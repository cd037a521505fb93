//! The key pair that signs AWS requests and the token that opens the window's transport. Made at first start,
//! kept in `$ATELIER_HOME/credentials.json`, readable by its owner only, never logged.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Secrets of one home.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// 20 characters, as AWS's look.
    pub access_key: String,
    /// 40 characters.
    pub secret_key: String,
    /// 43 URL-safe characters; the bearer token of the window's transport.
    pub token: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Reads the home's credentials, or makes and stores them.
    pub fn open(home: &Path) -> std::io::Result<Credentials> {
        if let Some(found) = Self::read(home)? {
            return Ok(found);
        }
        let made = Self::make()?;
        let path = home.join("credentials.json");
        let draft = home.join("credentials.json.new");
        // A draft left by a crash may have any mode: it is made anew.
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec_pretty(&made).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        std::fs::File::open(home)?.sync_all()?;
        Ok(made)
    }

    /// Reads the home's credentials; `None` before the first start.
    pub fn read(home: &Path) -> std::io::Result<Option<Credentials>> {
        match std::fs::read(home.join("credentials.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                std::io::Error::new(std::io::ErrorKind::InvalidData, format!("credentials.json: {error}"))
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stands in the addresses of notebooks' binary outputs, where no header can: who has it may read those, given
    /// their hashes, and nothing else. The token cannot be told from it.
    pub fn blob_key(&self) -> String {
        use sha2::Digest as _;
        hex::encode(&sha2::Sha256::digest(format!("atelier blob key\0{}", self.token))[..16])
    }

    fn make() -> std::io::Result<Credentials> {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let key: String = random::<16>()?.iter().map(|byte| ALPHABET[usize::from(byte % 32)] as char).collect();
        Ok(Credentials {
            access_key: format!("AKIA{key}"),
            // Slashes and pluses are legal in AWS secrets, yet a nuisance in a shell.
            secret_key: STANDARD.encode(random::<30>()?).replace('/', "x").replace('+', "y"),
            token: URL_SAFE_NO_PAD.encode(random::<32>()?),
        })
    }
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|problem| std::io::Error::other(problem.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn made_once_and_for_the_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let made = Credentials::open(home.path()).unwrap();
        assert_eq!(made, Credentials::open(home.path()).unwrap());
        assert_eq!((made.access_key.len(), made.secret_key.len(), made.token.len()), (20, 40, 43));
        let mode = std::fs::metadata(home.path().join("credentials.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{made:?}").contains(&made.secret_key));
        assert!(made.blob_key().len() == 32 && made.blob_key() != Credentials::make().unwrap().blob_key());
    }
}
