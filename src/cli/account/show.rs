//! `postern account list` and `show`.

use clap::Args;
use postern_core::model::address::Address;
use postern_core::model::scope::Product;

use super::super::desk::Desk;
use super::super::print::{Form, facts, table};
use crate::actions::account::view::{self, Granted, Leave, View};

/// Show one account
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// Address of the mailbox
    #[arg(value_name = "EMAIL")]
    address: Address,
    #[command(flatten)]
    form: Form,
}

impl Show {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let pages = desk.parts.config.http.address_of("/r/");
        let account = view::sheet(&desk.parts.store, &self.address, &pages).await?;
        self.form.print(&account, sheet)
    }
}

pub(super) async fn list(desk: &Desk, form: Form) -> anyhow::Result<()> {
    let accounts = view::all(&desk.parts.store).await?;
    form.print(&accounts, |accounts| {
        if accounts.is_empty() {
            return "No account yet; `postern account add EMAIL` registers one.".to_owned();
        }
        let rows: Vec<_> = accounts.iter().map(row).collect();
        table(["ADDRESS", "STATE", "GMAIL", "BY", "TOKENS", "CRM USER", "NOTE"], &rows)
    })
}

fn row(account: &View) -> [String; 7] {
    [
        account.address.to_string(),
        account.state.to_string(),
        standing(account, Product::Gmail).to_owned(),
        leave(account.connected_by).to_owned(),
        account.tokens.to_string(),
        account.crm_user.clone().unwrap_or_else(|| "-".to_owned()),
        note(account),
    ]
}

// What an admin has to know or to do first.
fn note(account: &View) -> String {
    if let Some(address) = &account.proposed_address {
        return format!("Google shows {address}; confirm with `account rename`");
    }
    if account.former_client {
        return "grant of a former OAuth client".to_owned();
    }
    account.noted.clone().unwrap_or_default()
}

fn standing(account: &View, product: Product) -> &'static str {
    match account.granted(product) {
        Granted::Granted if account.switched_off.contains(&product) => "granted, off",
        Granted::Granted => "granted",
        Granted::Missing => "missing",
    }
}

fn leave(leave: Leave) -> &'static str {
    match leave {
        Leave::Consent => "consent",
        Leave::ServiceAccount => "service account",
        Leave::None => "-",
    }
}

fn sheet(account: &View) -> String {
    let aliases: Vec<String> = account.aliases.iter().map(ToString::to_string).collect();
    let mut lines = vec![
        ("address", account.address.to_string()),
        ("state", account.state.to_string()),
        ("gmail", standing(account, Product::Gmail).to_owned()),
        ("connected by", leave(account.connected_by).to_owned()),
        ("live tokens", account.tokens.to_string()),
    ];
    let listed = account.listed(&[]);
    let given = |product| listed.contains(&product).then(|| standing(account, product).to_owned());
    let further = [
        ("aliases", (!aliases.is_empty()).then(|| aliases.join(", "))),
        ("crm user", account.crm_user.clone()),
        ("proposed crm user", account.proposed_crm_user.clone()),
        ("calendar", given(Product::Calendar)),
        ("contacts", given(Product::Contacts)),
        ("granted at", account.granted_at.clone()),
        ("new address", account.proposed_address.as_ref().map(ToString::to_string)),
        ("gmail said", account.noted.clone()),
        ("reconnect at", account.reconnect_at.clone()),
        ("throttled until", account.throttled_until.clone()),
        ("former client", account.former_client.then(|| "yes, the owner has to reconnect".to_owned())),
        ("registered", Some(account.created_at.clone())),
        ("changed", Some(account.changed_at.clone())),
        ("id", Some(account.id.to_string())),
    ];
    lines.extend(further.into_iter().filter_map(|(name, value)| Some((name, value?))));
    facts(&lines)
}
