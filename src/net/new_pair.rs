//! `cert new`: an authority, a leaf that it signed, and three files.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustls::pki_types::ServerName;

use super::dev_pair::Issued;
use super::identity::Identity;
use crate::clock::Clock;

/// The files, and until when the certificate holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPair {
    /// `ca.pem`, to be trusted by clients.
    pub ca: PathBuf,
    /// `cert.pem`.
    pub cert: PathBuf,
    /// `key.pem`, readable by its owner only.
    pub key: PathBuf,
    /// Last second, since 1970.
    pub until: i64,
}

/// Why there is no pair.
#[derive(Debug, thiserror::Error)]
pub enum NewPairError {
    /// A name that clients cannot ask for.
    #[error("{0:?} is not a host name or an IP address; write it as clients do, without port and *")]
    Name(String),
    /// Nothing is written over.
    #[error("{} is there already and stays as it is; name another folder with --dir", .0.display())]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{} cannot be written: {source}", file.display())]
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

impl NewPair {
    /// Makes a pair for `names` (host names and addresses) in `dir`. The
    /// authority may sign for these names only, and its key is gone when this
    /// returns.
    ///
    /// # Errors
    /// Says which name or file is at fault; no file that was there is touched.
    pub fn make(dir: &Path, names: &[String], clock: &Clock) -> Result<Self, NewPairError> {
        for name in names {
            ServerName::try_from(name.as_str()).map_err(|_| NewPairError::Name(name.clone()))?;
        }
        let file = |name: &str| dir.join(name);
        let (ca, cert, key) = (file("ca.pem"), file("cert.pem"), file("key.pem"));
        if let Some(there) = [&ca, &cert, &key].into_iter().find(|file| file.symlink_metadata().is_ok()) {
            return Err(NewPairError::Exists(there.clone()));
        }
        let issued = Issued::constrained(names, clock)?;
        let life = Identity::from_pem(issued.cert.as_bytes(), issued.key.as_bytes()).ok();
        let until = life.and_then(|pair| pair.life()).map_or(0, |(_, end)| end);
        folder(dir).map_err(|source| NewPairError::Unwritable { file: dir.to_owned(), source })?;
        for (file, text, mode) in
            [(&key, &*issued.key, 0o600), (&cert, &issued.cert, 0o644), (&ca, &issued.ca, 0o644)]
        {
            write(file, text.as_bytes(), mode).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => NewPairError::Exists(file.clone()),
                _ => NewPairError::Unwritable { file: file.clone(), source },
            })?;
        }
        Ok(Self { ca, cert, key, until })
    }
}

// The CRM's user reads the authority there, whatever the umask says.
fn folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o755))
}

fn write(file: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    out.write_all(text)?;
    out.set_permissions(Permissions::from_mode(mode))?;
    out.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{NewPair, NewPairError};
    use crate::clock::Clock;
    use crate::net::identity::Identity;
    use crate::net::tls::ServerTls;
    use crate::net::trial;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn a_client_that_trusts_the_authority_is_served() {
        let dir = tempfile::tempdir().unwrap();
        let wanted = names(&["mail.example.com", "localhost", "10.0.0.5", "::1"]);
        let made = NewPair::make(&dir.path().join("new"), &wanted, &Clock::system()).unwrap();
        let tls = ServerTls::new(Identity::load(&made.cert, &made.key).unwrap()).unwrap();
        let ca = fs::read_to_string(&made.ca).unwrap();
        let (client, accepted) = trial::tcp_pair().await;
        let (client, served) = tokio::join!(trial::tls_client(client, &ca, &[]), tls.accept(accepted));
        assert!(client.is_ok() && served.is_ok());
        for (file, mode) in [(&made.key, 0o600), (&made.cert, 0o644), (&made.ca, 0o644)] {
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, mode, "{file:?}");
        }
        assert_eq!(
            fs::read_dir(dir.path().join("new")).unwrap().count(),
            3,
            "the authority's key is nowhere"
        );
        assert!(made.until > Clock::system().seconds() + 700 * 86_400);
    }

    #[test]
    fn nothing_is_written_over_and_bad_names_are_told() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("cert.pem"), "mine").unwrap();
        let error = NewPair::make(dir.path(), &names(&["a.example"]), &Clock::system()).unwrap_err();
        assert!(matches!(&error, NewPairError::Exists(file) if file.ends_with("cert.pem")), "{error}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no key without its certificate");
        for name in ["", "*.example.com", "a b", "mail.example.com:993", "https://a.example"] {
            let error = NewPair::make(dir.path(), &names(&["a.example", name]), &Clock::system());
            assert!(matches!(error, Err(NewPairError::Name(_))), "{name:?}");
        }
    }
}
