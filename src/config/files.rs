//! What `check` finds out about the files that the configuration names.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::fault::{Fault, Faults};
use super::{Config, TlsPair};

impl Config {
    /// Files that are missing, cannot be read, or can be read by whom they
    /// should not. A key ring that is not there yet is no fault: `setup` makes
    /// it.
    #[must_use]
    pub fn file_faults(&self) -> Faults {
        let mut faults = Vec::new();
        let mut note = |key: &str, trouble: Option<(String, String)>| {
            faults.extend(trouble.map(|(what, remedy)| Fault {
                origin: self.origin(),
                key: key.to_owned(),
                what,
                remedy,
            }));
        };
        if let Some(TlsPair { cert, key }) = &self.tls.pair {
            note("tls.cert", unreadable(cert));
            // a group such as ssl-cert may read it, as Debian has it
            note("tls.key", unreadable(key).or_else(|| open_to(key, 0o007)));
        }
        if let Some(file) = &self.google.extra_ca_file {
            note("google.extra_ca_file", unreadable(file));
        }
        let ring = &self.secrets.key_file;
        if ring.exists() {
            note("secrets.key_file", unreadable(ring));
            if !self.secrets.from_credentials {
                note("secrets.key_file", open_to(ring, 0o077));
            }
        }
        Faults(faults)
    }
}

fn unreadable(path: &Path) -> Option<(String, String)> {
    let error = match File::open(path).and_then(|file| file.metadata()) {
        Ok(meta) if meta.is_file() => return None,
        Ok(_) => "it is not a file".to_owned(),
        Err(error) => error.to_string(),
    };
    let what = format!("{} cannot be read: {error}", path.display());
    Some((what, "name a file that this user may read".to_owned()))
}

fn open_to(path: &Path, others: u32) -> Option<(String, String)> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & others != 0).then(|| {
        let path = path.display();
        (format!("{path} is open to other users (mode {mode:04o})"), format!("run: chmod 600 {path}"))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use std::collections::BTreeMap;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn missing_files_and_open_keys_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let ring = dir.path().join("postern.key");
        fs::write(&ring, "k").unwrap();
        let text = format!("[tls]\ncert = \"/no/c\"\nkey = \"/no/k\"\n[secrets]\nkey_file = {ring:?}");
        let faults = |mode: u32, env: &BTreeMap<String, String>| {
            fs::set_permissions(&ring, Permissions::from_mode(mode)).unwrap();
            let faults = Config::from_str(&text, env).unwrap().file_faults();
            faults.0.into_iter().map(|fault| fault.key).collect::<Vec<_>>()
        };
        let none = BTreeMap::new();
        assert_eq!(faults(0o600, &none), ["tls.cert", "tls.key"]);
        assert_eq!(faults(0o640, &none), ["tls.cert", "tls.key", "secrets.key_file"]);
        let credentials =
            BTreeMap::from([("CREDENTIALS_DIRECTORY".to_owned(), dir.path().to_str().unwrap().to_owned())]);
        assert_eq!(faults(0o440, &credentials), ["tls.cert", "tls.key"]);
    }
}
