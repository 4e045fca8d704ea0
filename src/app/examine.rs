//! The examination: which probes run and beside which. It opens by itself what
//! it can, because what is to be found out may keep [`super::Parts`] from
//! opening.

use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::finding::Finding;

use super::{Outside, Parts, descriptors, serve};
use crate::actions::account::named;
use crate::clock::Clock;
use crate::config::Config;
use crate::dice::Dice;
use crate::doctor::account::{self, Gmail, Submit};

use crate::doctor::{
    self, accounts, certificate, client, crm, files, listeners, live, network, nodes, redirect, store, time,
};
use crate::google::broker::{self, Broker};
use crate::metrics::Registry;
use crate::net::target::Target;
use crate::store::accounts::Account;
use crate::store::sync::{calendar_users, calendars};
use crate::store::{Store, StoreError};
use crate::tasks::Tasks;

/// Time for the mailbox that is tried.
const MAILBOX: Duration = Duration::from_secs(14);

/// Looks at everything; `address` names the mailbox that is tried in place of
/// the first active one. Ends within half a minute.
pub async fn examine(config: &Config, address: Option<&Address>) -> Vec<Finding> {
    let (clock, dice) = (Clock::system(), Dice::default());
    let mut findings = files::look(config);
    let (most, limits) = (descriptors::most(), &config.limits);
    let carried = descriptors::connections(limits, most);
    findings.push(live::descriptors(most, carried, limits.connections, descriptors::needed(limits)));
    let outside = match Outside::of(config) {
        Ok(outside) => outside,
        Err(error) => {
            findings.push(Finding::fault(
                "trust",
                format!("{error:#}"),
                "correct it first: nothing else was tried",
            ));
            return findings;
        }
    };
    findings.extend(certificate::look(config, &clock));
    findings.push(redirect::look(&config.http, &outside.redirect_uri));
    let (imap, smtp) = (target(&config.google.imap), target(&config.google.smtp));
    let (listeners, live, (mut stored, store), network, time) = tokio::join!(
        listeners::look(config),
        live::look(config),
        store::look(config, &clock, &dice),
        network::look(&outside.dialer, &imap, &smtp, &outside.endpoints.token_url),
        time::look(&*outside.exchange, &outside.endpoints.token_url, &clock),
    );
    findings.append(&mut stored);
    findings.extend(listeners);
    findings.push(live);
    let reached = network.iter().all(|finding| finding.id != "network.imap" || !finding.is_fault());
    findings.extend(network);
    findings.push(time);
    if let Some(store) = store {
        let opened = Opened { config, outside: &outside, store: &store, imap, smtp };
        findings.extend(opened.look(address, reached).await);
        store::close(&store).await;
    }
    findings
}

/// Tries what is assumed about Google Calendar on a calendar of the mailbox that nobody uses here.
///
/// # Errors
/// When the database does not answer.
pub async fn assumed(parts: &Parts, address: &Address, calendar: &str) -> Result<Vec<Finding>, StoreError> {
    let mut read = parts.store.read().await?;
    let account = match named(&mut read, address).await {
        Ok(account) => account,
        Err(error) => {
            let remedy = "`postern account list` shows every account";
            return Ok(vec![Finding::fault("account", error.to_string(), remedy)]);
        }
    };
    let known = calendars::of_account(&parts.store, &mut read, account.id).await?;
    if let Some(known) = known.iter().find(|known| known.google_id == calendar)
        && !calendar_users::of_calendar(&mut read, known.id).await?.is_empty()
    {
        let remedy = "make one in Google that is only for this";
        let seen = "the calendar is kept in step with the CRM";
        return Ok(vec![Finding::fault("assumed.calendar", seen, remedy)]);
    }
    drop(read);
    Ok(doctor::assumed::look(&parts.calendar, parts.store.dice(), account.id, calendar).await)
}

fn target(at: &crate::config::HostPort) -> Target {
    Target { host: at.host.clone(), port: at.port }
}

/// What can be looked at once the store is open.
struct Opened<'a> {
    config: &'a Config,
    outside: &'a Outside,
    store: &'a Store,
    imap: Target,
    smtp: Target,
}

impl Opened<'_> {
    async fn look(&self, address: Option<&Address>, reached: bool) -> Vec<Finding> {
        let outside = self.outside;
        let client = client::look(&*outside.exchange, &outside.endpoints, &outside.redirect_uri, self.store);
        let house = serve::crm_of(&self.config.crm, &outside.trust);
        let crm = crm::look(house.as_ref(), self.store);
        let (nodes, client, crm, mailbox) =
            tokio::join!(nodes::look(self.store), client, crm, self.mailbox(address, reached));
        let crm = crm.unwrap_or_else(|error| vec![unread(&error)]);
        let nodes = nodes.unwrap_or_else(|error| vec![unread(&error)]);
        let client = client.unwrap_or_else(|error| vec![unread(&error)]);
        [nodes, client, crm, mailbox].concat()
    }

    async fn mailbox(&self, address: Option<&Address>, reached: bool) -> Vec<Finding> {
        let (mut findings, mut tried) = match accounts::look(self.store).await {
            Ok(found) => found,
            Err(error) => return vec![unread(&error)],
        };
        if let Some(address) = address {
            match self.named(address).await {
                Ok(account) => tried = Some(account),
                Err(finding) => {
                    findings.push(finding);
                    return findings;
                }
            }
        }
        if let Some(account) = tried.filter(|_| reached) {
            findings.extend(self.check(&account).await);
        }
        findings
    }

    async fn named(&self, address: &Address) -> Result<Account, Finding> {
        let mut read = self.store.read().await.map_err(|error| unread(&error))?;
        let unknown = "`postern account list` shows every account";
        named(&mut read, address).await.map_err(|error| Finding::fault("account", error.to_string(), unknown))
    }

    async fn check(&self, account: &Account) -> Vec<Finding> {
        let outside = self.outside;
        let broker = Broker::new(
            self.store.clone(),
            outside.exchange.clone(),
            outside.endpoints.clone(),
            outside.redirect_uri.clone(),
            Tasks::default(),
            broker::metrics::Metrics::register(&Registry::default()),
        );
        let gmail = Gmail {
            broker: &broker,
            dialer: &outside.dialer,
            imap: &self.imap,
            smtp: &self.smtp,
            hostname: &self.config.smtp.hostname,
        };
        let whole = account::check(gmail, account, Submit::LogIn);
        tokio::time::timeout(MAILBOX, whole).await.unwrap_or_else(|_| {
            let seen = format!("{} could not be tried within {} s", account.address, MAILBOX.as_secs());
            let remedy = format!("try it alone: postern account check {}", account.address);
            vec![Finding::fault("account", seen, remedy)]
        })
    }
}

fn unread(error: &crate::store::StoreError) -> Finding {
    Finding::fault("store.read", error.to_string(), "look at the log and at the database server's own")
}
