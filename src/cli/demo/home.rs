//! The temporary folder of a demo.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use postern_sandbox::{Crm, Sandbox};

use crate::dice::Dice;

/// A folder that goes with the demo.
pub(super) struct Home(PathBuf);

impl Home {
    pub(super) fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("postern-demo-{}", Dice::default().reference()?));
        fs::DirBuilder::new().mode(0o700).create(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration with these ports for IMAP, SMTP and pages.
    pub(super) fn configuration(
        &self,
        sandbox: &Sandbox,
        crm: &Crm,
        ports: [u16; 3],
    ) -> anyhow::Result<String> {
        let [imap, smtp, http] = ports;
        let ca = self.0.join("google-ca.pem");
        fs::write(&ca, sandbox.ca_pem())?;
        Ok(format!(
            r#"
[database]
url = "sqlite://{home}/postern.db"
[secrets]
key_file = "{home}/postern.key"
[tls]
dir = "{home}/certs"
[[imap.listen]]
addr = "127.0.0.1:{imap}"
tls = "none"
[[smtp.listen]]
addr = "127.0.0.1:{smtp}"
tls = "none"
[http]
listen = "127.0.0.1:{http}"
public_url = "http://localhost:{http}"
[google]
imap = "localhost:{google_imap}"
smtp = "localhost:{google_smtp}"
auth_url = "{auth}"
token_url = "{token}"
revoke_url = "{revoke}"
tokeninfo_url = "{tokeninfo}"
calendar_url = "{calendar}"
people_url = "{people}"
products = ["gmail", "calendar", "contacts"]
jwks_url = "{jwks}"
extra_ca_file = "{ca}"
[crm]
url = "{crm}"
api_key = "{crm_key}"
[sync]
calendar_interval = "3s"
contacts_interval = "5s"
"#,
            home = self.0.display(),
            google_imap = sandbox.imap_addr().port(),
            google_smtp = sandbox.smtp_addr().port(),
            auth = sandbox.auth_url(),
            token = sandbox.token_url(),
            revoke = sandbox.revoke_url(),
            tokeninfo = sandbox.tokeninfo_url(),
            calendar = sandbox.calendar_url(),
            people = sandbox.contacts_url(),
            crm = crm.url(),
            crm_key = crm.key(),
            jwks = sandbox.jwks_url(),
            ca = ca.display(),
        ))
    }

    pub(super) fn remove(&self) -> anyhow::Result<()> {
        fs::remove_dir_all(&self.0).with_context(|| self.0.display().to_string())
    }
}

impl Drop for Home {
    // A demo that fails half-way leaves nothing behind either.
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}
