//! The keys themselves: one `id:purpose:base64` a line, comments after `#`.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::ring::{Pair, RingFault};

/// The keys of a ring at one moment.
#[derive(Default)]
pub(super) struct Held {
    seal: Vec<SealKey>,
    audit: Vec<AuditKey>,
}

pub(super) struct SealKey {
    pub(super) id: String,
    pub(super) key: RandomizedNonceKey,
}

struct AuditKey {
    id: String,
    key: hmac::Key,
}

impl Held {
    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, RingFault> {
        let mut held = Self::default();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            held.add(line).map_err(|why| RingFault::Line { path: path.into(), line: n + 1, why })?;
        }
        if held.seal.is_empty() {
            return Err(RingFault::NoKey(path.into(), "seal"));
        }
        if held.audit.is_empty() {
            return Err(RingFault::NoKey(path.into(), "audit"));
        }
        Ok(held)
    }

    pub(super) fn ids(&self) -> Vec<String> {
        let seal = self.seal.iter().map(|k| format!("seal/{}", k.id));
        seal.chain(self.audit.iter().map(|k| format!("audit/{}", k.id))).collect()
    }

    pub(super) fn first(&self) -> Option<Pair> {
        Some(Pair { seal: self.seal.first()?.id.clone(), audit: self.audit.first()?.id.clone() })
    }

    pub(super) fn last(&self) -> Option<Pair> {
        Some(Pair { seal: self.seal.last()?.id.clone(), audit: self.audit.last()?.id.clone() })
    }

    /// The key of that identity, or the first.
    pub(super) fn sealing(&self, id: Option<&str>) -> Option<&SealKey> {
        id.map_or_else(|| self.seal.first(), |id| self.seal_key(id))
    }

    pub(super) fn seal_key(&self, id: &str) -> Option<&SealKey> {
        self.seal.iter().find(|k| k.id == id)
    }

    pub(super) fn audit_key(&self, id: &str) -> Option<&hmac::Key> {
        self.audit.iter().find(|k| k.id == id).map(|k| &k.key)
    }

    /// The key of that identity, or the first.
    pub(super) fn chaining(&self, id: Option<&str>) -> Option<&hmac::Key> {
        id.map_or_else(|| self.audit.first().map(|k| &k.key), |id| self.audit_key(id))
    }

    pub(super) fn audit_keys(&self) -> impl Iterator<Item = &hmac::Key> {
        self.audit.iter().map(|k| &k.key)
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let mut parts = line.splitn(3, ':');
        let (Some(id), Some(purpose), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("expected id:purpose:base64");
        };
        if id.is_empty() || id.len() > 32 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("an id has 1 to 32 letters and digits");
        }
        let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| "the key is not base64")?);
        if bytes.len() != 32 {
            return Err("a key has 32 octets");
        }
        match purpose {
            "seal" if self.seal.iter().any(|k| k.id == id) => Err("this id stands twice"),
            "audit" if self.audit.iter().any(|k| k.id == id) => Err("this id stands twice"),
            "seal" => {
                let key =
                    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| "the key cannot be used")?;
                self.seal.push(SealKey { id: id.to_owned(), key });
                Ok(())
            }
            "audit" => {
                self.audit
                    .push(AuditKey { id: id.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) });
                Ok(())
            }
            _ => Err("the purpose is seal or audit"),
        }
    }
}
