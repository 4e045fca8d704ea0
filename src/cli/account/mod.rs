//! `postern account`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use postern_core::model::address::Address;

mod add;
mod check;
mod connect;
mod import;
mod offboard;
mod provision;
pub(super) mod remove;
mod show;
mod switch;

use super::desk::Desk;
use super::print::{Form, out, say};
use crate::actions::account::approve::approve;
use crate::actions::account::rename::rename;

#[derive(Debug, Subcommand)]
pub(super) enum Account {
    Add(add::Add),
    Import(import::Import),
    Connect(connect::Connect),
    /// List every account
    List(Form),
    Show(show::Show),
    Check(check::Check),
    /// Let in a mailbox that waits for approval
    Approve(Named),
    /// Confirm the new address that Google shows for the same person
    ///
    /// The old address stays as an alias, so the CRM goes on logging in by it.
    Rename(Named),
    /// Bar every login; running sessions end within seconds
    ///
    /// The consent stays: `enable` lets the mailbox in again.
    Disable(Named),
    /// Let a disabled account in again
    Enable(Named),
    Provision(provision::Provision),
    Offboard(offboard::Offboard),
    Remove(remove::Remove),
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
}

impl Account {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let store = &desk.parts.store;
        match self {
            Self::Add(add) => add.run(desk).await?,
            Self::Import(import) => return import.run(desk).await,
            Self::Connect(connect) => connect.run(desk).await?,
            Self::List(form) => show::list(desk, form).await?,
            Self::Show(show) => show.run(desk).await?,
            Self::Check(check) => return check.run(desk).await,
            Self::Approve(named) => {
                let account = approve(store, &desk.by, &named.address).await?;
                say(&format!("{} is approved; its state is {}.", account.address, account.state));
            }
            Self::Rename(named) => {
                let renamed = rename(store, &desk.by, &named.address).await?;
                say(&format!("{} is {} now; the old address stays as an alias.", renamed.from, renamed.to));
            }
            Self::Disable(named) => switch::disable(desk, &named.address).await?,
            Self::Enable(named) => switch::enable(desk, &named.address).await?,
            Self::Provision(provision) => return provision.run(desk).await,
            Self::Offboard(offboard) => offboard.run(desk).await?,
            Self::Remove(remove) => remove.run(desk).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
