//! Dovecot twice: as a login proxy, which is a peer, and as a Gmail that takes
//! only XOAUTH2, which is an upstream with the work of a real server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::{Gateway, Peer, Site, Upstream, text};
use crate::process::{Process, fill, port};
use crate::token;

const PASSWORD: &str = "bench-password";

pub(super) fn proxy(site: &Site, upstream: Upstream) -> anyhow::Result<Gateway> {
    let dir = site.folder("proxy")?;
    let (imap, smtp) = (port()?, port()?);
    let values = [
        ("DIR", text(&dir)),
        ("CERT", text(&site.certificate.cert)),
        ("KEY", text(&site.certificate.key)),
        ("CA", text(&site.certificate.ca)),
        ("IMAP", imap.to_string()),
        ("SMTP", smtp.to_string()),
        ("UPSTREAM_IMAP", upstream.imap.to_string()),
        ("UPSTREAM_SMTP", upstream.smtp.to_string()),
        ("PASSWORD", PASSWORD.to_owned()),
        ("ACCESS_TOKEN", token::access("%u")),
    ];
    let process = start(&dir, &fill(include_str!("proxy.conf.in"), &values), imap)?;
    let users = (0..site.accounts).map(token::mailbox);
    Ok(Gateway {
        peer: Peer::Dovecot,
        imap: site.place(imap),
        smtp: site.place(smtp),
        process: Some(process),
        secrets: users.map(|user| (user, PASSWORD.to_owned())).collect(),
    })
}

/// Starts the upstream; the stand-in tells it whose an access token is, and has
/// the SMTP that this one lacks.
pub fn gmail(site: &Site, light: Upstream) -> anyhow::Result<(Process, Upstream)> {
    let dir = site.folder("gmail")?;
    let mail = dir.join("mail");
    fs::create_dir(&mail)?;
    fs::set_permissions(&mail, fs::Permissions::from_mode(0o1777))?;
    let imap = port()?;
    let values = [
        ("DIR", text(&dir)),
        ("CERT", text(&site.certificate.cert)),
        ("KEY", text(&site.certificate.key)),
        ("IMAP", imap.to_string()),
        ("TOKENINFO", format!("http://127.0.0.1:{}/tokeninfo?access_token=", light.http)),
    ];
    fs::write(dir.join("oauth2.conf"), fill(include_str!("oauth2.conf.in"), &values))?;
    let process = start(&dir, &fill(include_str!("gmail.conf.in"), &values), imap)?;
    Ok((process, Upstream { imap, ..light }))
}

fn start(dir: &Path, config: &str, port: u16) -> anyhow::Result<Process> {
    // Dovecot's own users must pass, whatever the umask.
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    let file = dir.join("dovecot.conf");
    fs::write(&file, config)?;
    let mut command = Command::new("dovecot");
    command.arg("-F").arg("-c").arg(&file);
    Process::serve(command, &dir.join("out"), port)
}
