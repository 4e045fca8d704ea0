//! Who this server is: a certificate chain and its key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use postern_core::wire::x509;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::trust::provider;
use crate::clock::{Clock, written};

/// A certificate chain, the server's own certificate first, and its key.
#[derive(Debug, Clone)]
pub struct Identity(pub(super) Arc<CertifiedKey>);

/// Why a certificate and its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A file cannot be read.
    #[error("{} cannot be read: {source}; check tls.cert and tls.key, and who may read the files", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificate in it.
    #[error("{origin} holds no certificate: tls.cert takes the full chain as PEM blocks BEGIN CERTIFICATE")]
    NoCertificate {
        /// The file.
        origin: String,
    },
    /// No key in it.
    #[error("{origin} holds no private key: tls.key takes a PEM block BEGIN PRIVATE KEY")]
    NoKey {
        /// The file.
        origin: String,
    },
    /// The key has a pass phrase.
    #[error("{origin} has a pass phrase: write it without one, openssl pkey -in OLD -out NEW")]
    Encrypted {
        /// The file.
        origin: String,
    },
    /// Certificate and key do not belong together.
    #[error(
        "{cert} and {key} do not belong together: the first certificate in the file must be the server's own ({why})"
    )]
    Mismatch {
        /// Certificate file.
        cert: String,
        /// Key file.
        key: String,
        /// What the TLS library said.
        why: rustls::Error,
    },
    /// Its time is over, or has not come.
    #[error("{} {what}: the certificate that is presented now is better", cert.display())]
    NotInForce {
        /// Certificate file.
        cert: PathBuf,
        /// Since or until when.
        what: String,
    },
}

impl Identity {
    /// Reads the chain from `cert` and the key from `key`; one file may hold both.
    ///
    /// # Errors
    /// Names the file and what to do about it.
    pub fn load(cert: &Path, key: &Path) -> Result<Self, IdentityError> {
        let chain = read(cert)?;
        let secret = read(key)?;
        Self::parse((&chain, &cert.display().to_string()), (&secret, &key.display().to_string()))
    }

    /// Reads a pair that is to take the place of one that is served.
    ///
    /// # Errors
    /// See [`Identity::load`]; also when no client would take it today.
    pub fn in_force(cert: &Path, key: &Path, clock: &Clock) -> Result<Self, IdentityError> {
        let pair = Self::load(cert, key)?;
        let (now, shown) = (clock.seconds(), |at: i64| written(at.saturating_mul(1_000_000)));
        let what = match pair.life() {
            Some((start, _)) if now < start => format!("is not valid before {}", shown(start)),
            Some((_, end)) if end <= now => format!("expired on {}", shown(end)),
            _ => return Ok(pair),
        };
        Err(IdentityError::NotInForce { cert: cert.to_owned(), what })
    }

    /// First and last second of the server's own certificate, since 1970.
    #[must_use]
    pub fn life(&self) -> Option<(i64, i64)> {
        let facts = x509::read(self.0.cert.first()?)?;
        Some((facts.not_before, facts.not_after))
    }

    /// The same from PEM texts in memory.
    ///
    /// # Errors
    /// See [`Identity::load`].
    pub fn from_pem(cert: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        Self::parse((cert, "the certificate"), (key, "the key"))
    }

    fn parse(cert: (&[u8], &str), key: (&[u8], &str)) -> Result<Self, IdentityError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(cert.0)
            .collect::<Result<_, _>>()
            .ok()
            .filter(|chain: &Vec<_>| !chain.is_empty())
            .ok_or_else(|| IdentityError::NoCertificate { origin: cert.1.to_owned() })?;
        let secret = PrivateKeyDer::from_pem_slice(key.0).map_err(|_| no_key(key.0, key.1))?;
        CertifiedKey::from_der(chain, secret, &provider())
            .map(|pair| Self(Arc::new(pair)))
            .map_err(|why| IdentityError::Mismatch { cert: cert.1.to_owned(), key: key.1.to_owned(), why })
    }
}

fn read(file: &Path) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
    let text =
        fs::read(file).map_err(|source| IdentityError::Unreadable { file: file.to_owned(), source })?;
    Ok(Zeroizing::new(text))
}

fn no_key(pem: &[u8], origin: &str) -> IdentityError {
    let has = |mark: &[u8]| pem.windows(mark.len()).any(|part| part == mark);
    let origin = origin.to_owned();
    if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") {
        IdentityError::Encrypted { origin }
    } else {
        IdentityError::NoKey { origin }
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, IdentityError};
    use crate::net::trial;

    #[test]
    fn a_pair_loads_and_a_foreign_key_is_told_apart() {
        let (one, other) = (trial::issued(), trial::issued());
        Identity::from_pem(one.cert.as_bytes(), one.key.as_bytes()).unwrap();
        let foreign = Identity::from_pem(one.cert.as_bytes(), other.key.as_bytes()).unwrap_err();
        assert!(matches!(foreign, IdentityError::Mismatch { .. }), "{foreign}");
    }

    #[test]
    fn every_fault_names_the_file_and_the_remedy() {
        let issued = trial::issued();
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
        std::fs::write(&cert, &issued.cert).unwrap();
        let said = |cert: &std::path::Path, key: &std::path::Path| {
            Identity::load(cert, key).unwrap_err().to_string()
        };
        assert!(said(&cert, &key).contains("k.pem cannot be read"));
        std::fs::write(
            &key,
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        )
        .unwrap();
        assert!(said(&cert, &key).contains("openssl pkey"));
        assert!(said(&cert, &cert).contains("holds no private key"));
        std::fs::write(&key, &*issued.key).unwrap();
        assert!(said(&key, &key).contains("holds no certificate"));
        Identity::load(&cert, &key).unwrap();
    }
}
