//! Anna's address book, as a program sees it over the REST API.
//!
//! Whatever is waited for ends when neither side has been asked anything for a minute.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::DUTY;
use super::count::Spent;
use super::world::{ANNA, GROUP};
use crate::between::Site;
use crate::between::gateway::Gateway;
use crate::between::rest::Rest;
use crate::between::sides::Sides;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(200);
/// How long nothing may happen.
const SILENT: Duration = Duration::from_secs(60);

/// The book, the gateway that keeps it in step, and both sides.
pub struct Book {
    /// Google and the CRM.
    pub sides: Sides,
    /// The gateway.
    pub gateway: Gateway,
    rest: Rest,
    id: String,
}

impl Book {
    /// One that is connected, and in which nothing was chosen yet.
    pub async fn open(site: &Site, mut sides: Sides) -> anyhow::Result<Self> {
        let gateway = Gateway::start(site, &sides, DUTY)?;
        gateway.import(&sides)?;
        let id = gateway.known().await?.remove(ANNA).context("Anna is not known")?;
        sides.tell("latency 0")?;
        let rest = gateway.door().open().await?;
        Ok(Self { sides, gateway, rest, id })
    }

    /// Chooses the group, and what else is wanted.
    pub async fn choose(&mut self, mut choices: Value) -> anyhow::Result<()> {
        let shown = self.ask("POST", "/refresh", &json!({})).await?;
        let groups = shown["groups"].as_array().context("no groups")?;
        let group = groups.iter().find(|group| group["name"] == GROUP).context("the group is not listed")?;
        choices["group"] = group["resourceName"].clone();
        self.ask("PUT", "", &json!({ "version": shown["version"], "choices": choices })).await.map(drop)
    }

    /// Pushes contacts, and waits until it is known what came of each; how many ended with each word.
    pub async fn push(&mut self, ids: &[&str]) -> anyhow::Result<Value> {
        let wanted = json!({ "account": ANNA, "entityType": "Contact", "ids": ids });
        let taken = self.rest.ask("POST", "GoogleContacts/action/push", &wanted).await?;
        let path = format!("GoogleContacts/push/{}?maxSize=1", taken["id"].as_str().context("no push")?);
        let mut patience = Patience::new();
        loop {
            let push = self.rest.ask("GET", &path, &Value::Null).await?;
            if !push["endedAt"].is_null() {
                return Ok(push["words"].clone());
            }
            patience.look(self, &push).await?;
        }
    }

    /// Waits until a run has ended that began after so many lists, and nothing waits to be pushed;
    /// what is told of the book then.
    pub async fn ran(&mut self, lists: usize) -> anyhow::Result<Value> {
        let mut patience = Patience::new();
        loop {
            let shown = self.shown().await?;
            let begun = Spent::so_far(&mut self.sides)?.lists > lists;
            let ended = !shown["lastRun"].is_null() && shown["lastRun"]["status"] != "running";
            // The run is told to have ended right before the book is.
            let stands = shown["status"] != "new";
            if begun && ended && stands && shown["pushed"] == 0 {
                anyhow::ensure!(shown["status"] == "ok", "a run ended early: {}", shown["lastRun"]);
                return Ok(shown);
            }
            patience.look(self, &shown["lastRun"]).await?;
        }
    }

    /// Has it run now, and waits until it has.
    pub async fn run(&mut self) -> anyhow::Result<Value> {
        let lists = Spent::so_far(&mut self.sides)?.lists;
        self.ask("POST", "/run", &json!({})).await?;
        self.ran(lists).await
    }

    /// Approves the only hold, which is about so many.
    pub async fn approve(&mut self, many: usize) -> anyhow::Result<()> {
        let waiting = self.ask("GET", "/waiting", &Value::Null).await?;
        let holds = waiting["holds"].as_array().context("no holds")?;
        let [hold] = &holds[..] else { anyhow::bail!("{} holds wait", holds.len()) };
        let of = (hold["class"].as_str(), hold["count"].as_u64());
        anyhow::ensure!(of == (Some("create"), Some(many as u64)), "another hold waits: {hold}");
        let path = format!("Hold/{}/approve", hold["id"].as_str().context("a hold without a name")?);
        self.rest.ask("POST", &path, &json!({})).await.map(drop)
    }

    /// Starts the gateway anew: it knows no more than its database.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.gateway.serve()?;
        self.rest = self.gateway.door().open().await?;
        Ok(())
    }

    /// Fails when there was anything to be warned of, or anything waits for a person.
    pub async fn quiet(&mut self) -> anyhow::Result<()> {
        let complaints = self.gateway.complaints()?;
        anyhow::ensure!(complaints.is_empty(), "it was warned:\n{}", complaints.join("\n"));
        let shown = self.shown().await?;
        let waits = ["questions", "holds", "deadLetters", "pushed"].map(|of| shown[of].as_u64());
        anyhow::ensure!(waits == [Some(0); 4], "something waits: {shown}");
        Ok(())
    }

    async fn shown(&mut self) -> anyhow::Result<Value> {
        self.ask("GET", "", &Value::Null).await
    }

    async fn ask(&mut self, method: &str, what: &str, body: &Value) -> anyhow::Result<Value> {
        let path = format!("ExternalAccount/{}/contacts{what}", self.id);
        self.rest.ask(method, &path, body).await
    }
}

/// Ends what makes no progress.
struct Patience {
    asked: usize,
    at: Instant,
}

impl Patience {
    fn new() -> Self {
        Self { asked: 0, at: Instant::now() }
    }

    async fn look(&mut self, book: &mut Book, stands: &Value) -> anyhow::Result<()> {
        tokio::time::sleep(LOOK).await;
        let spent = Spent::so_far(&mut book.sides)?;
        if spent.google + spent.crm > self.asked {
            (self.asked, self.at) = (spent.google + spent.crm, Instant::now());
        }
        let complaints = || book.gateway.complaints().unwrap_or_default().join("\n");
        anyhow::ensure!(self.at.elapsed() < SILENT, "nothing happens: {stands}\n{}", complaints());
        Ok(())
    }
}
