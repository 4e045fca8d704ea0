//! `PUT` and `PATCH ExternalAccount/{id}`: settings, of which only those that
//! are named change, as the CRM has it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use postern_core::model::address::Address;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fields::{aliases, user};
use super::record;
use crate::actions::account::amend::{Amendment, amend};
use crate::actions::account::view::{self, View};
use crate::actions::binding::Word;
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::site::Site;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    // Nothing there is another word than null.
    #[serde(default, deserialize_with = "there")]
    user_id: Option<Option<String>>,
    email_address_aliases: Option<Vec<String>>,
    enabled: Option<bool>,
}

fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

pub(in crate::http::api) async fn answer(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Json<Value>, Fault> {
    let address = caller.known(&site, &id).await?;
    let Wanted { user_id, email_address_aliases, enabled } = sent.value;
    let had = view::one(&site.store, &address).await?;
    let aliases = email_address_aliases.map(|texts| aliases(&texts)).transpose()?;
    // What is there already is no question of the key's domains.
    let new = |alias: &&Address| !had.aliases.contains(alias) && **alias != had.address;
    if !aliases.iter().flatten().filter(new).all(|alias| caller.key.terms.reach.covers(alias)) {
        return Err(Fault::DomainNotAllowed);
    }
    let crm_user = match user_id {
        None => None,
        Some(wanted) => Some(word(&site, &had, user(wanted)?).await),
    };
    let wanted = Amendment { crm_user, aliases, enabled };
    amend(&site.store, &caller.by(&site)?, &address, &wanted).await?;
    record(&site, &address).await.map(Json)
}

// The CRM is asked about a change only.
async fn word(site: &Site, had: &View, wanted: Option<String>) -> Word {
    match wanted {
        None => Word::Nobody,
        Some(user) if had.crm_user.as_ref() == Some(&user) => Word::Confirmed(user),
        Some(user) => site.whose.weigh(&had.address, user).await,
    }
}
