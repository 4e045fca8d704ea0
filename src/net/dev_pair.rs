//! Certificates made here: for loopback listeners without a certificate, for
//! `cert new`, and for tests.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use zeroize::Zeroizing;

use super::identity::Identity;
use super::trust::provider;
use crate::clock::Clock;

/// Names of the pair that loopback listeners use.
pub const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const DAY: Duration = Duration::from_secs(86_400);
/// Below the 825 days that Apple's clients accept.
const LIFE: u32 = 800;
/// A pair with fewer days left is made anew.
const RESERVE: u32 = 30;

/// PEM texts of an authority and of a leaf that it signed. The authority's key
/// is gone: nobody can sign a second leaf with it.
pub struct Issued {
    /// The authority's certificate, to be trusted by clients.
    pub ca: String,
    /// The leaf's certificate.
    pub cert: String,
    /// The leaf's key.
    pub key: Zeroizing<String>,
}

impl Issued {
    /// A new authority and a leaf for `names` (host names and addresses).
    ///
    /// # Errors
    /// When a name cannot stand in a certificate, or there is no randomness.
    pub fn new(names: &[&str], clock: &Clock) -> Result<Self, rcgen::Error> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Self::under(authority(clock), names, clock)
    }

    /// The same with an authority that may sign for `names` only.
    ///
    /// # Errors
    /// See [`Issued::new`].
    pub(super) fn constrained(names: &[String], clock: &Clock) -> Result<Self, rcgen::Error> {
        let mut params = authority(clock);
        let only = |name: &String| match name.parse::<IpAddr>() {
            Ok(address) => {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, bits))
            }
            Err(_) => GeneralSubtree::DnsName(name.clone()),
        };
        let permitted_subtrees = names.iter().map(only).collect();
        params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
        Self::under(params, names.to_vec(), clock)
    }

    fn under(authority: CertificateParams, names: Vec<String>, clock: &Clock) -> Result<Self, rcgen::Error> {
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = leaf(names, clock)?.signed_by(&key, &authority)?;
        Ok(Self { ca: authority.pem(), cert: leaf.pem(), key: Zeroizing::new(key.serialize_pem()) })
    }
}

fn authority(clock: &Clock) -> CertificateParams {
    let mut params = lasting(CertificateParams::default(), clock);
    params.distinguished_name = named("Postern local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf(names: Vec<String>, clock: &Clock) -> Result<CertificateParams, rcgen::Error> {
    let title = names.first().cloned().unwrap_or_default();
    let mut params = lasting(CertificateParams::new(names)?, clock);
    params.distinguished_name = named(&title);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut title = DistinguishedName::new();
    title.push(DnType::CommonName, name);
    title
}

/// Valid from yesterday on: the clocks of two machines differ.
fn lasting(mut params: CertificateParams, clock: &Clock) -> CertificateParams {
    let now = rcgen::date_time_ymd(1970, 1, 1) + since_1970(clock);
    params.not_before = now - DAY;
    params.not_after = now + DAY * LIFE;
    params
}

/// Within the years that a certificate can name, whatever the clock says.
fn since_1970(clock: &Clock) -> Duration {
    const YEAR_9000: i64 = 221_845_392_000;
    Duration::from_secs(clock.seconds().clamp(0, YEAR_9000).unsigned_abs())
}

/// The files of the pair for loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevPair {
    /// `dev-ca.pem`, to be trusted by clients.
    pub ca: PathBuf,
    /// `dev-cert.pem`.
    pub cert: PathBuf,
    /// `dev-key.pem`, readable by its owner only.
    pub key: PathBuf,
    /// Whether the pair was made just now; then clients have to trust it anew.
    pub made: bool,
}

/// Why there is no pair.
#[derive(Debug, thiserror::Error)]
pub enum DevPairError {
    /// A file cannot be written.
    #[error("{} cannot be written: {source}; make the directory writable, or set tls.cert and tls.key", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Issue(#[from] rcgen::Error),
}

impl DevPair {
    /// The pair in `dir`; a new one when files are missing, do not belong
    /// together, or have fewer than 30 days left.
    ///
    /// # Errors
    /// When a new pair cannot be made or written.
    pub fn ensure(dir: &Path, clock: &Clock) -> Result<Self, DevPairError> {
        let mut pair = Self {
            ca: dir.join("dev-ca.pem"),
            cert: dir.join("dev-cert.pem"),
            key: dir.join("dev-key.pem"),
            made: false,
        };
        if pair.is_good(clock).is_none() {
            pair.make(dir, clock)?;
            pair.made = true;
        }
        Ok(pair)
    }

    /// `Some` when a client that trusts `ca` accepts the leaf now and for a
    /// while, and the key is the leaf's.
    fn is_good(&self, clock: &Clock) -> Option<()> {
        Identity::load(&self.cert, &self.key).ok()?;
        let leaf = CertificateDer::from_pem_file(&self.cert).ok()?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.ca).ok()?).ok()?;
        let judge = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build().ok()?;
        for at in [since_1970(clock), since_1970(clock) + DAY * RESERVE] {
            for name in LOOPBACK {
                let name = ServerName::try_from(name).ok()?;
                judge.verify_server_cert(&leaf, &[], &name, &[], UnixTime::since_unix_epoch(at)).ok()?;
            }
        }
        Some(())
    }

    fn make(&self, dir: &Path, clock: &Clock) -> Result<(), DevPairError> {
        let issued = Issued::new(&LOOPBACK, clock)?;
        fs::create_dir_all(dir)
            .map_err(|source| DevPairError::Unwritable { file: dir.to_owned(), source })?;
        let files = [
            (&self.key, &*issued.key, 0o600),
            (&self.cert, &issued.cert, 0o644),
            (&self.ca, &issued.ca, 0o644),
        ];
        for (file, text, mode) in files {
            write(file, text.as_bytes(), mode)
                .map_err(|source| DevPairError::Unwritable { file: file.clone(), source })?;
        }
        Ok(())
    }
}

/// Whole or not at all: a reader never sees half a file, and the mode holds
/// from the first octet on.
fn write(file: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let fresh = file.with_extension("pem.new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(&fresh)?;
    out.write_all(text)?;
    out.sync_all()?;
    fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::{DAY, DevPair, LIFE};
    use crate::clock::Clock;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    fn manual() -> Clock {
        Clock::manual(1_800_000_000_000_000)
    }

    #[test]
    fn the_pair_is_kept_and_its_key_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("new");
        let first = DevPair::ensure(&place, &manual()).unwrap();
        let text = fs::read(&first.cert).unwrap();
        assert!(first.made);
        assert_eq!(fs::metadata(&first.key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 3, "no key of the authority, no temporary file");
        let second = DevPair::ensure(&place, &manual()).unwrap();
        assert!(!second.made);
        assert_eq!(fs::read(&second.cert).unwrap(), text);
    }

    #[test]
    fn a_pair_that_ends_soon_or_is_torn_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let clock = manual();
        let pair = DevPair::ensure(dir.path(), &clock).unwrap();
        clock.advance(DAY * (LIFE - 31));
        assert!(!DevPair::ensure(dir.path(), &clock).unwrap().made);
        clock.advance(DAY * 2);
        assert!(DevPair::ensure(dir.path(), &clock).unwrap().made);
        fs::remove_file(&pair.ca).unwrap();
        assert!(DevPair::ensure(dir.path(), &clock).unwrap().made);
        fs::write(&pair.key, &*crate::net::trial::issued().key).unwrap();
        assert!(DevPair::ensure(dir.path(), &clock).unwrap().made);
        assert!(!DevPair::ensure(dir.path(), &clock).unwrap().made);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let error = DevPair::ensure(std::path::Path::new("/proc/none"), &manual()).unwrap_err();
        assert!(error.to_string().starts_with("/proc/none"), "{error}");
    }
}
