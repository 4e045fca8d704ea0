//! Postern, set up by its own commands as an admin would.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::{Gateway, Peer, Site, Upstream, text};
use crate::process::{Process, fill, output, port};
use crate::token;

/// The mailbox whose access token is past its time when the run begins.
pub const EXPIRED: usize = 90_000;

/// `budget` is the number of sessions that one account may have; with another
/// one than the default there is the mailbox [`EXPIRED`].
pub(super) fn start(site: &Site, upstream: Upstream, budget: usize) -> anyhow::Result<Gateway> {
    let dir = site.folder("postern")?;
    let (imap, smtp, http) = (port()?, port()?, port()?);
    let values = [
        ("DIR", text(&dir)),
        ("CERT", text(&site.certificate.cert)),
        ("KEY", text(&site.certificate.key)),
        ("CA", text(&site.certificate.ca)),
        ("IMAP", imap.to_string()),
        ("SMTP", smtp.to_string()),
        ("HTTP", http.to_string()),
        ("BUDGET", budget.to_string()),
        ("UPSTREAM_IMAP", upstream.imap.to_string()),
        ("UPSTREAM_SMTP", upstream.smtp.to_string()),
        ("ENDPOINT", format!("http://127.0.0.1:{}", upstream.http)),
    ];
    let config = dir.join("postern.toml");
    fs::write(&config, fill(include_str!("postern.toml.in"), &values))?;
    let mut serve = command(site, &config);
    serve.arg("serve");
    let process = Process::serve(serve, &dir.join("log"), imap)?;
    let secrets = register(site, &dir, &config, budget != super::BUDGET)?;
    let gateway = Gateway {
        peer: Peer::Postern,
        imap: site.place(imap),
        smtp: site.place(smtp),
        process: Some(process),
        secrets,
    };
    Ok(gateway)
}

fn register(
    site: &Site,
    dir: &Path,
    config: &Path,
    expired: bool,
) -> anyhow::Result<BTreeMap<String, String>> {
    let secret = dir.join("client");
    fs::write(&secret, "bench-secret")?;
    let mut client = command(site, config);
    client.args(["client", "set", "--client-id", "bench-client", "--client-secret-file"]).arg(&secret);
    output(client)?;
    let mut table = "email,refresh_token\n".to_owned();
    for user in (0..site.accounts).map(token::mailbox) {
        table.push_str(&format!("{user},rt.{user}\n"));
    }
    if expired {
        let late = token::mailbox(EXPIRED);
        table.push_str(&format!("{late},rt-short.{late}\n"));
    }
    let csv = dir.join("accounts.csv");
    fs::write(&csv, table)?;
    let mut import = command(site, config);
    import.args(["account", "import", "--csv"]).arg(&csv);
    output(import)?;
    let mut issue = command(site, config);
    issue.args(["token", "issue", "--all"]);
    let issued = output(issue)?;
    let secrets: Option<BTreeMap<_, _>> =
        issued.lines().map(|line| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()))).collect();
    let secrets = secrets.context("token issue --all printed something else")?;
    anyhow::ensure!(
        secrets.len() == site.accounts + usize::from(expired),
        "{} tokens were issued",
        secrets.len()
    );
    Ok(secrets)
}

fn command(site: &Site, config: &Path) -> Command {
    let mut command = Command::new(&site.postern);
    command.env_clear().arg("--config").arg(config);
    command
}
