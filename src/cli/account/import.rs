//! `postern account import`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;

use super::super::desk::Desk;
use super::super::print::counted;
use super::super::read;
use super::say;
use crate::actions::account::batch::{self, Done};
use crate::actions::account::import::{Candidate, Imported, import};
use crate::actions::account::{BadLine, Registration};

/// Bring in refresh tokens that another program got with the same OAuth client
///
/// Google is asked whose token it is before anything is stored. A table has
/// the columns email and refresh_token, and may have crm_user and aliases
/// (separated by blanks). When a line of it is wrong, every wrong line is
/// named and nothing is imported; a line that Google refuses leaves nothing
/// behind, and the table can be given again.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(group = ArgGroup::new("what").required(true).args(["address", "csv"]))]
#[command(after_help = "Examples:\n  \
    postern account import anna@example.com --refresh-token-file token.txt\n  \
    postern account import --csv mailboxes.csv")]
pub(in crate::cli) struct Import {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL", requires = "refresh_token_file")]
    address: Option<Address>,
    /// File that holds the refresh token; - is stdin
    #[arg(long, value_name = "FILE", requires = "address")]
    refresh_token_file: Option<PathBuf>,
    /// Scopes that the grant must have beside mail, separated by blanks or commas
    #[arg(long, value_name = "SCOPES", num_args = 1.., requires = "address")]
    scopes: Vec<String>,
    /// Table of mailboxes; - is stdin
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Import {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        match (self.csv, self.address, self.refresh_token_file) {
            (Some(csv), ..) => table(desk, &csv).await,
            (None, Some(address), Some(file)) => {
                let registration = Registration { address, crm_user: None, aliases: Vec::new() };
                let scopes = ScopeSet::parse(&self.scopes.join(" ").replace(',', " "));
                let candidate = Candidate { registration, refresh_token: read::word(&file)?, scopes };
                let store = &desk.parts.store;
                let done = import(store, &desk.by, &desk.reach(), desk.allowed_domains(), &candidate).await?;
                say(&sentence(&done));
                Ok(ExitCode::SUCCESS)
            }
            // clap has refused it
            (None, _, _) => Ok(ExitCode::FAILURE),
        }
    }
}

async fn table(desk: &Desk, csv: &std::path::Path) -> anyhow::Result<ExitCode> {
    let text = read::text(csv)?;
    let store = &desk.parts.store;
    let domains = desk.allowed_domains();
    let lines = match batch::examine(store, domains, &text).await {
        Ok(lines) => lines,
        Err(wrong) => return Ok(refused(&wrong)),
    };
    let done = batch::import(store, &desk.by, &desk.reach(), domains, &lines, |done| say(&told(done))).await;
    let failed = done.iter().filter(|done| done.outcome.is_err()).count();
    let good = counted(done.len() - failed, "account");
    if failed == 0 {
        say(&format!("{good} imported."));
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!("{good} imported, {failed} refused; give the table again when their lines are mended."));
    Ok(ExitCode::FAILURE)
}

fn refused(wrong: &[BadLine]) -> ExitCode {
    for line in wrong {
        say(&line.to_string());
    }
    say(&format!("{} wrong; nothing was imported.", counted(wrong.len(), "line")));
    ExitCode::FAILURE
}

fn told(done: &Done) -> String {
    match &done.outcome {
        Ok(imported) => format!("line {}: {}", done.line, sentence(imported)),
        Err(error) => format!("line {}: {error}", done.line),
    }
}

fn sentence(imported: &Imported) -> String {
    let Imported { account, known, .. } = imported;
    let how = if *known { "was registered before and has a new grant" } else { "is imported" };
    format!("{} {how}; its state is {}.", account.address, account.state)
}
