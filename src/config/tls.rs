//! `[tls]`: the certificate that listeners present.

use std::path::PathBuf;

use super::section::Section;

/// Certificate of the listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The pair to present. Default: none, a pair for loopback is generated.
    pub pair: Option<TlsPair>,
    /// Where the generated pair is kept. Default `certs`.
    pub dir: PathBuf,
}

/// PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsPair {
    /// Certificate, then its chain.
    pub cert: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

pub(super) fn read(section: &Section<'_>) -> Tls {
    for (key, twin) in [("cert", "key"), ("key", "cert")] {
        if !section.has(key) && section.has(twin) {
            section.fault(key, format!("is missing beside {}", section.full(twin)), "set both or none");
        }
    }
    let pair = section.path("cert").zip(section.path("key")).map(|(cert, key)| TlsPair { cert, key });
    Tls { pair, dir: section.path("dir").unwrap_or_else(|| PathBuf::from("certs")) }
}
