//! Postern between the two, set up by its own commands and its REST API.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::Site;
use super::rest::Rest;
use super::sides::Sides;
use super::world::{CLIENT, address};
use crate::kernel;
use crate::process::{Process, fill, output, port};

/// Questions that are asked at a time while people are set up.
const WIDTH: usize = 4;

/// A running gateway.
pub struct Gateway {
    binary: PathBuf,
    dir: PathBuf,
    imap: u16,
    http: u16,
    key: String,
    process: Option<Process>,
}

impl Gateway {
    /// One that knows nobody yet.
    pub fn start(site: &Site, sides: &Sides) -> anyhow::Result<Self> {
        let (imap, http) = (port()?, port()?);
        let dir = site.dir.join(format!("gateway-{http}"));
        fs::create_dir(&dir)?;
        let path = |path: &std::path::Path| path.display().to_string();
        let values = [
            ("DIR", path(&dir)),
            ("CERT", path(&site.certificate.cert)),
            ("KEY", path(&site.certificate.key)),
            ("IMAP", imap.to_string()),
            ("HTTP", http.to_string()),
            ("GOOGLE", sides.google.clone()),
            ("CRM", sides.crm.clone()),
            ("API_KEY", sides.key.clone()),
        ];
        fs::write(dir.join("postern.toml"), fill(include_str!("postern.toml.in"), &values))?;
        let mut gateway =
            Self { binary: site.postern.clone(), dir, imap, http, key: String::new(), process: None };
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
        let scopes = ["--scope", "account:read", "--scope", "account:link", "--rate", "100000"];
        let said = gateway.command(&[&["api-key", "add", "bench"][..], &scopes[..]].concat())?;
        let key = said.split_whitespace().find(|word| word.len() >= 32).context("no key was printed")?;
        key.clone_into(&mut gateway.key);
        Ok(gateway)
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

    /// Has the people of these numbers use all their calendars, the first as their main one.
    pub async fn choose(&self, people: std::ops::Range<usize>) -> anyhow::Result<()> {
        let (http, key, first) = (self.http, self.key.clone(), people.start);
        let known = Arc::new(self.known().await?);
        crate::phases::crowd(people.len(), WIDTH, move |n| {
            let (key, known) = (key.clone(), known.clone());
            async move {
                let mut rest = Rest::connect(http, key).await?;
                let person = address(first + n);
                let id = known.get(&person).context("nobody by that address")?;
                let path = format!("ExternalAccount/{id}/calendar");
                let shown = rest.ask("POST", &format!("{path}/refresh"), &json!({})).await?;
                let ids: Vec<&Value> = shown["calendars"]
                    .as_array()
                    .context("no calendars")?
                    .iter()
                    .map(|calendar| &calendar["id"])
                    .collect();
                let main = shown["calendars"].as_array().into_iter().flatten();
                let main =
                    main.clone().find(|it| it["calendarId"] == person.as_str()).context("no main one")?;
                let others: Vec<_> = ids.into_iter().filter(|id| **id != main["id"]).collect();
                let wanted = json!({
                    "version": shown["version"], "mainCalendarId": main["id"], "monitoredCalendarIds": others,
                });
                rest.ask("PUT", &path, &wanted).await.map(drop)
            }
        })
        .await
        .map(drop)
    }

    /// The identity of everybody, by address.
    async fn known(&self) -> anyhow::Result<BTreeMap<String, String>> {
        const PAGE: usize = 100;
        let mut rest = Rest::connect(self.http, self.key.clone()).await?;
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

/// Waits until so many events are records of the CRM, each once.
pub async fn settled(sides: &mut Sides, gateway: &Gateway, events: usize) -> anyhow::Result<()> {
    let (mut had, mut at) = (0, Instant::now());
    loop {
        let records = sides.count()?.records;
        anyhow::ensure!(records <= events, "{records} records of {events} events");
        if records == events {
            return Ok(());
        }
        if records > had {
            (had, at) = (records, Instant::now());
        }
        let silent = at.elapsed() > SILENT;
        anyhow::ensure!(!silent, "{records} of {events} events came in:\n{:?}", gateway.complaints()?);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// How long an import may make no progress.
const SILENT: Duration = Duration::from_secs(60);
