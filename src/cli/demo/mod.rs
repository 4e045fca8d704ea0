//! `postern demo`: everything on this machine, with a stand-in Google and CRM.
//!
//! No file and no variable of this machine is read; loopback only; all data in
//! a temporary folder that is removed at the end. What runs is the gateway as
//! `serve` runs it: the configuration merely points at the sandbox.

mod browser;
mod calendar;
mod contacts;
mod crm;
mod home;
mod show;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::role::Role;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocols;
use postern_sandbox::{Crm, CrmOptions, Desk, Options, Sandbox};

use self::home::Home;
use self::show::Steps;
use crate::actions::account::Registration;
use crate::actions::account::add::{Rules, Way, add};
use crate::actions::token::{self, Terms};
use crate::actions::{By, admin, client};
use crate::app::{self, Listeners, Parts};
use crate::config::Config;
use crate::lifecycle::{self, Signals};

const CLIENT_ID: &str = "demo.apps.googleusercontent.com";
const CLIENT_SECRET: &str = "GOCSPX-demo";
const ANNA: &str = "anna@example.com";
const BEN: &str = "ben@example.com";
/// Known at Google, and left for whoever tries the pages.
const CARLA: &str = "carla@example.com";

/// A mailbox of the demo.
struct Mailbox {
    address: Address,
    token: Secret,
}

/// Runs the demo; with `once` it ends after the steps.
///
/// # Errors
/// When a step fails: the demo is the proof that the thing works.
pub async fn run(once: bool) -> anyhow::Result<()> {
    let home = Home::make()?;
    let mut steps = Steps::default();
    let sandbox = Sandbox::start(Options::default()).await.context("the stand-in Google cannot start")?;
    sandbox.google().add_demo_people();
    steps.done("a stand-in Google runs", &sandbox.oauth_url());
    let clock = sandbox.google().clock().clone();
    let crm = Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await;
    let crm = Arc::new(crm.context("the stand-in CRM cannot start")?);
    crm.add_person(calendar::ANNA_ID, ("Anna", "Nova"), &[ANNA]);
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let desk = Desk::start(any, sandbox.google().clone(), crm.clone(), ANNA, calendar::ANNA_ID).await?;
    steps.done("a stand-in CRM runs", crm.url());

    let (parts, ports) = gateway(&home, &sandbox, &crm).await?;
    steps.done("Postern runs", &format!("IMAP {}, SMTP {}, pages {}", ports.imap, ports.smtp, ports.http));
    let drain = parts.config.limits.drain;
    let outcome = story(&parts, (&sandbox, &crm), &ports, &mut steps).await;
    if let Ok(mailboxes) = &outcome
        && !once
    {
        let by = By::new(Actor::CommandLine("demo".to_owned()), parts.store.dice())?;
        let admin = admin::add(&parts.store, &by, "demo", Role::Admin, &parts.config.http.public_url).await?;
        show::both_calendars(desk.url());
        show::invitation(mailboxes, &ports, home.path(), &admin);
        let mut signals = Signals::listen()?;
        signals.asked_to_stop().await;
        lifecycle::stop_or_cut(signals, &parts.tasks, &parts.store, drain).await;
    } else {
        lifecycle::stop(&parts.tasks, &parts.store, drain).await;
    }
    home.remove()?;
    outcome?;
    if once {
        println!("\nAll steps succeeded.");
    }
    Ok(())
}

async fn story(
    parts: &Parts,
    (sandbox, office): (&Sandbox, &Crm),
    ports: &Ports,
    steps: &mut Steps,
) -> anyhow::Result<Vec<Mailbox>> {
    let by = By::new(Actor::CommandLine("demo".to_owned()), parts.store.dice())?;
    client::set(&parts.store, &by, CLIENT_ID, &Secret::new(CLIENT_SECRET)).await?;
    sandbox.google().add_client(CLIENT_ID, CLIENT_SECRET, &[parts.redirect_uri.as_str()]);
    steps.done("the OAuth client is set", CLIENT_ID);

    let mut mailboxes = Vec::new();
    for address in [ANNA, BEN] {
        mailboxes.push(connect(parts, sandbox, &by, address, steps).await?);
    }
    let [anna, ben] = mailboxes.as_slice() else { bail!("two mailboxes were to be connected") };

    let read = crm::read_newest(ports.imap, anna).await.context("reading over IMAP")?;
    steps.done("a CRM logs in over IMAP with its token and reads a message", &read);
    let subject = format!("Hello from the CRM {}", parts.store.dice().reference()?);
    crm::send(ports.smtp, anna, &ben.address, &subject).await.context("sending over SMTP")?;
    steps.done("the CRM sends a message over SMTP", &subject);
    crm::find(ports.imap, ben, &subject).await.context("finding the message that was sent")?;
    steps.done("it arrived", &format!("in the inbox of {}", ben.address));
    let refused = crm::wrong_token(ports.imap, anna).await?;
    steps.done("a wrong token is refused", &refused);
    calendar::both_ways(parts, &by, sandbox, office, steps).await.context("keeping calendars in step")?;
    contacts::both_ways(parts, &by, (sandbox, office), steps).await.context("keeping contacts in step")?;
    let report = crate::audit::verify::verify(&parts.store, &[]).await?;
    if !report.broken.is_empty() {
        bail!("the journal does not hold: {}", report.broken.join("; "));
    }
    steps.done("the journal holds", &format!("{} rows, every link verified", report.rows));
    Ok(mailboxes)
}

async fn connect(
    parts: &Parts,
    sandbox: &Sandbox,
    by: &By,
    address: &str,
    steps: &mut Steps,
) -> anyhow::Result<Mailbox> {
    let address = Address::parse(address)?;
    let rules = Rules { allowed_domains: &[], public_url: &parts.config.http.public_url, binds: true };
    let crm_user = (address.as_str() == ANNA).then(|| calendar::ANNA_ID.to_owned());
    let wanted = Registration { address: address.clone(), crm_user, aliases: Vec::new() };
    let added = add(&parts.store, by, rules, &wanted).await?;
    let Way::Link { link, .. } = added.way else { bail!("a consent link was expected") };
    browser::consent(parts, sandbox, link.url.reveal(), &address).await?;
    steps.done("an account is registered, and its owner consents in the browser", address.as_str());
    let terms = Terms { name: "demo CRM".to_owned(), protocols: Protocols::Both, expires_at: None };
    let issued = token::issue(&parts.store, by, &address, &terms).await?;
    steps.done("a CRM token is issued", &format!("for {address}"));
    Ok(Mailbox { address, token: issued.token })
}

/// Where the demo listens.
struct Ports {
    imap: std::net::SocketAddr,
    smtp: std::net::SocketAddr,
    http: std::net::SocketAddr,
}

// Another demo, or a Postern that runs, has the usual ports: the next free ones.
async fn gateway(home: &Home, sandbox: &Sandbox, crm: &Crm) -> anyhow::Result<(Parts, Ports)> {
    let (mut imap, mut smtp, mut http) = (1143, 1587, 8025);
    for _ in 0..200 {
        let text = home.configuration(sandbox, crm, [imap, smtp, http])?;
        let config = Config::from_str(&text, &BTreeMap::new())?;
        let listeners = match Listeners::bind(&config) {
            Ok(listeners) => listeners,
            Err(_) => {
                (imap, smtp, http) = (imap + 1, smtp + 1, http + 1);
                continue;
            }
        };
        let ports = Ports {
            imap: listeners.imap_addrs().first().copied().context("no IMAP listener")?,
            smtp: listeners.smtp_addrs().first().copied().context("no SMTP listener")?,
            http: listeners.http_addr().context("no page listener")?,
        };
        let parts = Parts::open_or_found(config).await?;
        app::serve(&parts, listeners).await?;
        return Ok((parts, ports));
    }
    bail!("no free ports found from 1143, 1587 and 8025 on")
}
