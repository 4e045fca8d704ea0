//! The command line: one file a noun. Each reads its arguments, calls the act
//! and prints what it returned.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1
//! failed, 64 bad usage or configuration.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod account;
mod admin;
mod api_key;
mod ask;
mod audit;
mod backup;
mod cert;
mod check;
mod client;
mod contacts;
pub mod demo;
mod desk;
mod doctor;
mod failure;
mod findings;
mod key;
mod key_lost;
mod migrate;
mod person;
mod print;
mod read;
pub mod serve;
mod service_account;
mod setup;
mod span;
mod sync;
#[cfg(test)]
mod tests;
mod token;

use desk::{Desk, configuration};

/// Mail gateway for CRMs whose users live in Gmail.
#[derive(Debug, Parser)]
#[command(name = "postern", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "New here? `postern demo` shows everything on this machine with a stand-in Google.\n\
    To begin for real: postern setup, postern client set, postern account add, postern token issue, \
    postern serve.\n\
    Exit codes: 0 done, 1 failed, 64 bad usage or configuration.")]
struct Cli {
    /// Configuration file [default: ./config/postern.toml, then /etc/postern/postern.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything on this machine with a stand-in Google and CRM
    ///
    /// Ignores any configuration and environment, listens on loopback only and
    /// keeps nothing: the temporary folder is removed at the end.
    #[command(verbatim_doc_comment)]
    Demo {
        /// Exit after the steps instead of staying up for your own mail client
        #[arg(long)]
        once: bool,
    },
    /// Run the gateway until it is told to stop
    Serve,
    Setup(setup::Setup),
    Check(check::Check),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Adopt(backup::Adopt),
    Doctor(doctor::Doctor),
    Migrate(migrate::Migrate),
    /// The OAuth client of this installation
    #[command(subcommand)]
    Client(client::Client),
    /// Service accounts with domain-wide delegation
    #[command(subcommand)]
    ServiceAccount(service_account::ServiceAccount),
    /// Gmail mailboxes
    #[command(subcommand)]
    Account(account::Account),
    /// CRM tokens: what a mail client logs in with
    #[command(subcommand)]
    Token(token::Token),
    /// Those who may sign in at the pages
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Keys by which programs use the REST API
    #[command(subcommand)]
    ApiKey(api_key::ApiKey),
    #[command(subcommand)]
    Cert(cert::Cert),
    /// Google and the CRM, kept in step
    #[command(subcommand)]
    Sync(sync::Sync),
    /// Contacts and leads of the CRM, and groups of people at Google
    #[command(subcommand)]
    Contacts(contacts::Contacts),
    /// What is known of a person, and forgetting it
    #[command(subcommand)]
    Person(person::Person),
    /// The journal of what happened
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The keys that seal what is stored
    #[command(subcommand)]
    Key(key::Key),
}

/// What every command is told from outside.
struct Outside {
    config: Option<PathBuf>,
    env: BTreeMap<String, String>,
}

/// Runs one command. `args` begins with the name of the program.
pub async fn run(args: impl IntoIterator<Item = OsString>, env: BTreeMap<String, String>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return failure::of_usage(&error),
    };
    let outside = Outside { config: cli.config, env };
    match obey(cli.command, &outside).await {
        Ok(code) => code,
        Err(error) => failure::told(&error),
    }
}

async fn obey(command: Command, outside: &Outside) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo { once } => demo::run(once).await.map(|()| ExitCode::SUCCESS),
        Command::Serve => {
            serve::run(configuration(outside)?, outside.env.clone()).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Setup(setup) => setup.run(outside).await.map(|()| ExitCode::SUCCESS),
        Command::Check(check) => check.run(outside),
        Command::Doctor(doctor) => doctor.run(outside).await,
        Command::Backup(backup) => {
            at_desk(outside, async |desk| backup.run(desk).await.map(|()| ExitCode::SUCCESS)).await
        }
        Command::Restore(restore) => restore.run(outside).await.map(|()| ExitCode::SUCCESS),
        Command::Adopt(adopt) => {
            at_desk(outside, async |desk| adopt.run(desk).await.map(|()| ExitCode::SUCCESS)).await
        }
        Command::Migrate(migrate) => migrate.run(outside).await.map(|()| ExitCode::SUCCESS),
        Command::Client(client) => at_desk(outside, async |desk| client.run(desk).await).await,
        Command::ServiceAccount(service) => at_desk(outside, async |desk| service.run(desk).await).await,
        Command::Account(account) => at_desk(outside, async |desk| account.run(desk).await).await,
        Command::Token(token) => at_desk(outside, async |desk| token.run(desk).await).await,
        Command::Admin(admin) => at_desk(outside, async |desk| admin.run(desk).await).await,
        Command::ApiKey(key) => at_desk(outside, async |desk| key.run(desk).await).await,
        Command::Key(key::Key::Lost(lost)) => lost.run(outside).await.map(|()| ExitCode::SUCCESS),
        Command::Key(key::Key::Rotate(rotate)) => {
            at_desk(outside, async |desk| rotate.run(desk).await.map(|()| ExitCode::SUCCESS)).await
        }
        Command::Cert(cert) => cert.run().map(|()| ExitCode::SUCCESS),
        Command::Sync(sync) => {
            at_desk(outside, async |desk| sync.run(desk).await.map(|()| ExitCode::SUCCESS)).await
        }
        Command::Contacts(contacts) => at_desk(outside, async |desk| contacts.run(desk).await).await,
        Command::Person(person) => {
            at_desk(outside, async |desk| person.run(desk).await.map(|()| ExitCode::SUCCESS)).await
        }
        Command::Audit(audit) => at_desk(outside, async |desk| audit.run(desk).await).await,
    }
}

async fn at_desk(
    outside: &Outside,
    work: impl AsyncFnOnce(&Desk) -> anyhow::Result<ExitCode>,
) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(outside).await?;
    let done = work(&desk).await;
    desk.close().await;
    done
}
