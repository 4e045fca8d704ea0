//! Postern between the two, set up by its own commands and its REST API.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::Site;
use super::rest::Door;
use super::sides::Sides;
use super::world::CLIENT;
use crate::kernel;
use crate::process::{Process, fill, output, port};

/// What it is to do.
#[derive(Debug, Clone, Copy)]
pub struct Duty {
    /// What owners are asked for, beside their mail.
    pub product: &'static str,
    /// More of its configuration.
    pub more: &'static str,
}

/// A running gateway.
pub struct Gateway {
    binary: PathBuf,
    dir: PathBuf,
    imap: u16,
    door: Door,
    process: Option<Process>,
}

impl Gateway {
    /// One that knows nobody yet.
    pub fn start(site: &Site, sides: &Sides, duty: Duty) -> anyhow::Result<Self> {
        let (imap, smtp, http) = (port()?, port()?, port()?);
        let dir = site.dir.join(format!("gateway-{http}"));
        fs::create_dir(&dir)?;
        let path = |path: &std::path::Path| path.display().to_string();
        let values = [
            ("DIR", path(&dir)),
            ("CERT", path(&site.certificate.cert)),
            ("KEY", path(&site.certificate.key)),
            ("IMAP", imap.to_string()),
            ("SMTP", smtp.to_string()),
            ("HTTP", http.to_string()),
            ("GOOGLE", sides.google.clone()),
            ("CRM", sides.crm.clone()),
            ("API_KEY", sides.key.clone()),
            ("PRODUCT", duty.product.to_owned()),
            ("MORE", duty.more.to_owned()),
        ];
        fs::write(dir.join("postern.toml"), fill(include_str!("postern.toml.in"), &values))?;
        let door = Door { port: http, key: String::new() };
        let mut gateway = Self { binary: site.postern.clone(), dir, imap, door, process: None };
        gateway.serve()?;
        let secret = gateway.dir.join("client");
        fs::write(&secret, CLIENT.1)?;
        gateway.command(&[
            "client",
            "set",
            "--client-id",
            CLIENT.0,
            "--client-secret-file",
            &path(&secret),
        ])?;
        gateway.door.key = gateway.api_key()?;
        Ok(gateway)
    }

    fn api_key(&self) -> anyhow::Result<String> {
        let scopes = ["account:read", "account:link", "sync:run"].map(|scope| ["--scope", scope]);
        let words = [&["api-key", "add", "bench", "--rate", "100000"][..], scopes.as_flattened()].concat();
        let said = self.command(&words)?;
        let key = said.split_whitespace().find(|word| word.len() >= 32).context("no key was printed")?;
        Ok(key.to_owned())
    }

    /// Starts it, or starts it anew.
    pub fn serve(&mut self) -> anyhow::Result<()> {
        self.process = None;
        let mut serve = Command::new(&self.binary);
        serve.env_clear().arg("--config").arg(self.dir.join("postern.toml")).arg("serve");
        self.process = Some(Process::serve(serve, &self.dir.join("log"), self.imap)?);
        Ok(())
    }

    /// Registers everybody in the table.
    pub fn import(&self, sides: &Sides) -> anyhow::Result<()> {
        self.command(&["account", "import", "--csv", &sides.people.display().to_string()]).map(drop)
    }

    /// Where its REST API is asked.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The identity of everybody, by address.
    pub async fn known(&self) -> anyhow::Result<BTreeMap<String, String>> {
        const PAGE: usize = 100;
        let mut rest = self.door.open().await?;
        let mut known = BTreeMap::new();
        loop {
            let path = format!("ExternalAccount?maxSize={PAGE}&offset={}", known.len());
            let page = rest.ask("GET", &path, &Value::Null).await?;
            let all = page["list"].as_array().context("no list")?;
            for account in all {
                let word = |key: &str| account[key].as_str().unwrap_or_default().to_owned();
                known.insert(word("emailAddress"), word("id"));
            }
            if all.len() < PAGE {
                return Ok(known);
            }
        }
    }

    /// Processor seconds so far.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        kernel::cpu(self.process.as_ref().context("it does not run")?.id())
    }

    /// Memory now, in KiB.
    pub fn pss(&self) -> anyhow::Result<f64> {
        kernel::pss(self.process.as_ref().context("it does not run")?.id())
    }

    /// What it has said of runs that ended early, and of what it could not do.
    pub fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let log = fs::read_to_string(self.dir.join("log"))?;
        let wrong = |line: &&str| line.contains("WARN") || line.contains("ERROR");
        Ok(log.lines().filter(wrong).map(str::to_owned).collect())
    }

    fn command(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.binary);
        command.env_clear().arg("--config").arg(self.dir.join("postern.toml")).args(words);
        output(command)
    }
}
