//! `postern key lost`.

use clap::Args;
use serde::Serialize;

use super::Outside;
use super::ask;
use super::desk::{author, configuration, place};
use super::failure::Usage;
use super::print::{Form, counted, say};
use crate::actions::key_lost::{self, KeyLost};
use crate::clock::Clock;
use crate::dice::Dice;

const WORD: &str = "the key is lost";

/// Go on after the key file is lost for good
///
/// Everything that was sealed with it is removed: consents, the OAuth client's
/// secret, service accounts, second factors, signing API keys, webhooks, and
/// what was read of calendars and contacts. Accounts, choices, links and CRM
/// tokens stay; every account has to be connected anew, and then goes on where
/// it stood. Stop every `postern serve` first. A backup of the key file is
/// better: put it back, and nothing is lost.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Lost {
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    form: Form,
}

#[derive(Serialize)]
struct Report {
    key_file: String,
    accounts_to_connect: usize,
    clients: u64,
    service_accounts: u64,
    admins_to_reset: u64,
    api_keys_revoked: u64,
    webhooks: u64,
    links: u64,
    journal_rows: i64,
}

impl Lost {
    pub(super) async fn run(self, outside: &Outside) -> anyhow::Result<()> {
        let config = configuration(outside)?;
        let (place, by) = (place(&config), author(&outside.env)?);
        if !self.yes && key_lost::missing(&place).is_ok() {
            confirm(&config.database.shown().to_string())?;
        }
        let file = config.database.sqlite_path();
        let done =
            key_lost::give_up(&place, file.as_ref(), &by, (&Clock::system(), &Dice::default())).await?;
        let report = report(&done, config.secrets.key_file.display().to_string());
        self.form.print(&report, text)
    }
}

fn confirm(database: &str) -> anyhow::Result<()> {
    if !ask::somebody() {
        return Err(Usage("nobody is there to confirm; add --yes".to_owned()).into());
    }
    say(&format!("Everything sealed in {database} is removed; nothing brings it back."));
    let answer = ask::line(&format!("Write \"{WORD}\" to confirm"), "")?;
    if answer == WORD { Ok(()) } else { anyhow::bail!("not confirmed; nothing was changed") }
}

fn report(done: &KeyLost, key_file: String) -> Report {
    let KeyLost { accounts, lost, rows } = done;
    Report {
        key_file,
        accounts_to_connect: *accounts,
        clients: lost.clients,
        service_accounts: lost.service_accounts,
        admins_to_reset: lost.admins,
        api_keys_revoked: lost.api_keys,
        webhooks: lost.hooks,
        links: lost.links,
        journal_rows: *rows,
    }
}

fn text(report: &Report) -> String {
    let count = |count: u64, noun: &str| counted(usize::try_from(count).unwrap_or(usize::MAX), noun);
    let key = format!(
        "{} was made. Back it up apart from the database, and copy it to every node.",
        report.key_file
    );
    let service_accounts = count(report.service_accounts, "service account");
    let (accounts, admins) =
        (counted(report.accounts_to_connect, "account"), count(report.admins_to_reset, "admin"));
    let next = [
        (true, key),
        (report.clients > 0, "Enter the OAuth client again: postern client set".to_owned()),
        (
            report.service_accounts > 0,
            format!("Import again: {service_accounts} (postern service-account import)"),
        ),
        (report.accounts_to_connect > 0, connect(&accounts)),
        (
            report.admins_to_reset > 0,
            format!("Without their second factor nobody lets them in: {admins} (postern admin reset NAME)"),
        ),
        (
            report.api_keys_revoked > 0,
            format!("Revoked, since they sign: {}", count(report.api_keys_revoked, "API key")),
        ),
        (report.webhooks > 0, hooks(report.webhooks)),
        (report.links > 0, kept(&count(report.links, "link"))),
        (
            report.journal_rows > 0,
            format!("Rows of the journal that nobody can check any more: {}.", report.journal_rows),
        ),
    ];
    next.into_iter().filter(|(wanted, _)| *wanted).map(|(_, line)| line + "\n").collect()
}

fn connect(accounts: &str) -> String {
    format!(
        "To be connected anew: {accounts}; their owners sign in once (postern account show EMAIL prints the link). \
         Those of a service account come back with postern account check EMAIL."
    )
}

fn hooks(count: u64) -> String {
    format!(
        "The gateway makes its webhooks again. Remove the old ones in the CRM (Administration, Webhooks): {count}."
    )
}

fn kept(links: &str) -> String {
    format!("Kept: {links}. What both sides show is taken as agreed when they are seen again.")
}
