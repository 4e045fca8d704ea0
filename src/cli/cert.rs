//! `postern cert`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::print::{Form, facts};
use crate::clock::{Clock, written};
use crate::net::new_pair::NewPair;

/// Certificates of this gateway
#[derive(Debug, Subcommand)]
pub(super) enum Cert {
    New(New),
}

/// Make a local authority and a certificate that it signs
///
/// For a CRM that reaches Postern under a name for which no public authority
/// issues. Writes ca.pem, cert.pem and key.pem and says where they belong.
/// Nothing is written over, and the authority's own key is not kept: it can
/// never sign anything else. Valid for 800 days; then make a new pair.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  postern cert new --name mail.example.com --name 10.0.0.9")]
pub(super) struct New {
    /// Host name or IP address that clients connect to; may be given again
    #[arg(long = "name", value_name = "HOST", required = true)]
    names: Vec<String>,
    /// Folder for the files
    #[arg(long, value_name = "DIR", default_value = "certs")]
    dir: PathBuf,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Made {
    ca: PathBuf,
    cert: PathBuf,
    key: PathBuf,
    names: Vec<String>,
    expires_at: String,
}

impl Cert {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::New(new) = self;
        new.run()
    }
}

impl New {
    fn run(self) -> anyhow::Result<()> {
        let mut names: Vec<String> = self.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.dedup();
        let pair = NewPair::make(&self.dir, &names, &Clock::system())?;
        let whole = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let made = Made {
            ca: whole(&pair.ca),
            cert: whole(&pair.cert),
            key: whole(&pair.key),
            names,
            expires_at: written(pair.until.saturating_mul(1_000_000)),
        };
        self.form.print(&made, text)
    }
}

fn text(made: &Made) -> String {
    let (ca, cert, key) = (made.ca.display(), made.cert.display(), made.key.display());
    let files = facts(&[
        ("authority", format!("{ca}, which clients have to trust")),
        ("certificate", format!("{cert}, for {}", made.names.join(", "))),
        ("key", format!("{key}, for Postern's user only")),
        ("valid until", made.expires_at.clone()),
    ]);
    format!(
        "{files}\n\
         In postern.toml:\n\
         \x20 [tls]\n\
         \x20 cert = {:?}\n\
         \x20 key = {:?}\n\n\
         On the machine of the CRM, whose PHP verifies certificates for IMAP and SMTP alike:\n\
         \x20 Debian, Ubuntu  copy the authority to /usr/local/share/ca-certificates/postern.crt\n\
         \x20                 and run update-ca-certificates\n\
         \x20 Red Hat         copy it to /etc/pki/ca-trust/source/anchors/ and run update-ca-trust\n\
         \x20 PHP alone       openssl.cafile in php.ini names one file for everything: put the authority\n\
         \x20                 behind the system's list in a copy of it (php -r 'print_r(openssl_get_cert_locations());')\n\
         Then restart PHP (php-fpm or the web server) and the CRM's daemon or cron.\n",
        cert.to_string(),
        key.to_string(),
    )
}
