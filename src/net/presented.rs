//! What a listener presents, as a client would judge it.

use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;

use super::identity::Identity;

/// Whether a client that entered `host` (a name, or an address without
/// brackets) takes the certificate for it.
#[must_use]
pub fn is_for(identity: &Identity, host: &str) -> bool {
    let judged = || {
        let leaf = ParsedCertificate::try_from(identity.0.cert.first()?).ok()?;
        verify_server_name(&leaf, &ServerName::try_from(host).ok()?).ok()
    };
    judged().is_some()
}

#[cfg(test)]
mod tests {
    use super::is_for;
    use crate::net::trial;

    #[test]
    fn a_certificate_is_for_its_names_and_addresses_only() {
        let identity = trial::identity(&trial::issued());
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(is_for(&identity, host), "{host}");
        }
        for host in ["mail.example.com", "127.0.0.2", "", "[::1]"] {
            assert!(!is_for(&identity, host), "{host}");
        }
    }
}
