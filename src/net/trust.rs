//! Whom this process trusts: one set of roots for mail and HTTP alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::judge::Judge;

/// The one provider of cryptography, named wherever TLS is set up, so that no
/// process-wide default has to be installed first.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// TLS that is spoken on both legs.
pub(super) const VERSIONS: &[&rustls::SupportedProtocolVersion] =
    &[&rustls::version::TLS13, &rustls::version::TLS12];

/// The roots, and a client configuration made of them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trust(Arc<ClientConfig>);

/// Why nobody can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The system has no roots and no file was named.
    #[error(
        "no trusted certificate authority was found: install the package ca-certificates, \
         or set SSL_CERT_FILE, or name a PEM file as google.extra_ca_file ({why})"
    )]
    NoRoots {
        /// What the search said.
        why: String,
    },
    /// The file of further authorities cannot be read.
    #[error("{} cannot be read: {source}; google.extra_ca_file takes a PEM file of authorities", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The further authorities are not PEM certificates.
    #[error("{origin} holds no usable certificate: it takes PEM blocks BEGIN CERTIFICATE ({why})")]
    NoCertificate {
        /// The file, or what stands for it.
        origin: String,
        /// What is wrong.
        why: String,
    },
    /// The TLS library refuses the set-up.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// The TLS library refuses the roots.
    #[error("TLS cannot be set up: {0}")]
    Roots(#[from] rustls::client::VerifierBuilderError),
}

impl Trust {
    /// The system's roots (`SSL_CERT_FILE` and `SSL_CERT_DIR` stand in for them)
    /// and those of `extra_ca_file`.
    ///
    /// # Errors
    /// When the file is unusable, or no root at all is found.
    pub fn load(extra_ca_file: Option<&Path>) -> Result<Self, TrustError> {
        let Some(file) = extra_ca_file else {
            return Self::build(Vec::new());
        };
        let pem =
            fs::read(file).map_err(|source| TrustError::Unreadable { file: file.to_owned(), source })?;
        Self::build(certificates(&pem, &file.display().to_string())?)
    }

    /// The system's roots and those of a PEM text.
    ///
    /// # Errors
    /// When the text holds no usable certificate.
    pub fn with_pem(extra: &[u8]) -> Result<Self, TrustError> {
        Self::build(certificates(extra, "the given text")?)
    }

    fn build(extra: Vec<CertificateDer<'static>>) -> Result<Self, TrustError> {
        let mut roots = RootCertStore::empty();
        for root in extra {
            roots.add(root)?;
        }
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let said: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
            let why =
                if said.is_empty() { "nothing in the usual places".to_owned() } else { said.join("; ") };
            return Err(TrustError::NoRoots { why });
        }
        let judge = Judge(WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build()?);
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(judge))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// A client configuration that offers `alpn`, with a resumption cache of
    /// its own: a session of one protocol is not resumed for another.
    #[must_use]
    pub fn client_config(&self, alpn: &[&[u8]]) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.0);
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        config.resumption = Resumption::default();
        Arc::new(config)
    }
}

fn certificates(pem: &[u8], origin: &str) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let fault = |why: String| TrustError::NoCertificate { origin: origin.to_owned(), why };
    let mut scratch = RootCertStore::empty();
    let mut found = Vec::new();
    for block in CertificateDer::pem_slice_iter(pem) {
        let certificate = block.map_err(|error| fault(error.to_string()))?;
        scratch.add(certificate.clone()).map_err(|error| fault(error.to_string()))?;
        found.push(certificate);
    }
    if found.is_empty() {
        return Err(fault("no such block".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Trust, TrustError};
    use crate::net::trial;

    #[test]
    fn an_extra_authority_is_added_and_protocols_are_offered() {
        let issued = trial::issued();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, &issued.ca).unwrap();
        let config = Trust::load(Some(&file)).unwrap().client_config(&[b"h2", b"http/1.1"]);
        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }

    #[test]
    fn a_bad_file_is_named_with_what_belongs_there() {
        let dir = tempfile::tempdir().unwrap();
        let missing = Trust::load(Some(&dir.path().join("missing.pem"))).unwrap_err();
        assert!(missing.to_string().contains("missing.pem cannot be read"), "{missing}");
        let file = dir.path().join("key.pem");
        std::fs::write(&file, &*trial::issued().key).unwrap();
        let wrong = Trust::load(Some(&file)).unwrap_err();
        assert!(matches!(wrong, TrustError::NoCertificate { .. }));
        assert!(wrong.to_string().contains("BEGIN CERTIFICATE"), "{wrong}");
    }

    #[test]
    fn no_root_at_all_names_the_package_to_install() {
        let error = TrustError::NoRoots { why: "nothing".to_owned() };
        assert!(error.to_string().contains("ca-certificates"));
    }
}
