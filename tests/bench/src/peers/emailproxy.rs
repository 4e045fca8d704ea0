//! email-oauth2-proxy. Its accounts are written by a script in its own Python,
//! because the refresh tokens are sealed under the login password.

use std::fs;
use std::process::Command;

use super::{Gateway, Peer, Site, Upstream, text};
use crate::process::{Process, output, port};
use crate::token;

/// Accounts that it has.
pub(super) const ACCOUNTS: usize = 20;
const PASSWORD: &str = "bench-password";

pub(super) fn start(site: &Site, upstream: Upstream) -> anyhow::Result<Gateway> {
    let dir = site.folder("emailproxy")?;
    let (imap, smtp) = (port()?, port()?);
    let script = dir.join("accounts.py");
    fs::write(&script, include_str!("emailproxy.py"))?;
    let config = dir.join("emailproxy.config");
    let users: Vec<String> = (0..ACCOUNTS).map(token::mailbox).collect();
    let mut write = Command::new(&site.python);
    write
        .arg(&script)
        .arg(&config)
        .arg(PASSWORD)
        .args([text(&site.certificate.cert), text(&site.certificate.key)]);
    write.args([imap, upstream.imap, smtp, upstream.smtp, upstream.http].map(|port| port.to_string()));
    output({
        write.args(&users);
        write
    })?;
    let mut command = Command::new(&site.python);
    command.args(["-m", "emailproxy", "--no-gui", "--config-file"]).arg(&config);
    command.env("SSL_CERT_FILE", &site.certificate.ca);
    let process = Process::serve(command, &dir.join("log"), imap)?;
    Ok(Gateway {
        peer: Peer::Emailproxy,
        imap: site.place(imap),
        smtp: site.place(smtp),
        process: Some(process),
        secrets: users.into_iter().map(|user| (user, PASSWORD.to_owned())).collect(),
    })
}
