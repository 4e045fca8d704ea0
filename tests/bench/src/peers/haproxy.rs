//! haproxy as a relay that takes TLS off and puts it on again.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::{Gateway, Peer, Site, Upstream, text};
use crate::process::{Process, fill, port};

pub(super) fn start(site: &Site, upstream: Upstream) -> anyhow::Result<Gateway> {
    let dir = site.folder("haproxy")?;
    let (imap, smtp) = (port()?, port()?);
    let values = [
        ("BOTH", text(&site.certificate.both)),
        ("CA", text(&site.certificate.ca)),
        ("IMAP", imap.to_string()),
        ("SMTP", smtp.to_string()),
        ("UPSTREAM_IMAP", upstream.imap.to_string()),
        ("UPSTREAM_SMTP", upstream.smtp.to_string()),
    ];
    let config = dir.join("haproxy.cfg");
    fs::write(&config, fill(include_str!("haproxy.cfg.in"), &values))?;
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(&config);
    let process = Process::serve(command, &dir.join("log"), imap)?;
    Ok(Gateway {
        peer: Peer::Haproxy,
        imap: site.place(imap),
        smtp: site.place(smtp),
        process: Some(process),
        secrets: BTreeMap::new(),
    })
}
