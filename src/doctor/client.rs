//! The Google client and the service accounts: whether Google takes them.
//!
//! A code that was never given is shown to the token endpoint. Google judges
//! the client first: `invalid_client` is the client's fault, `invalid_grant`
//! the code's, and then the client is good.

use postern_core::model::finding::Finding;
use postern_core::model::secret::Secret;
use url::Url;

use super::remedy;
use crate::google::endpoints::Endpoints;
use crate::google::fault::{ClientCode, Fault};
use crate::google::oauth::{self, Client};
use crate::net::exchange::Exchange;
use crate::store::{Store, StoreError, clients, service_accounts};

/// Asks Google about the client that is set, and tells what it last said about
/// the service accounts.
pub async fn look(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    redirect_uri: &Url,
    store: &Store,
) -> Result<Vec<Finding>, StoreError> {
    let (client, robots) = {
        let mut read = store.read().await?;
        (clients::current(store, &mut read).await?, service_accounts::all(store, &mut read).await?)
    };
    let mut findings: Vec<Finding> =
        robots.iter().map(|robot| of_robot(&robot.email, robot.fault.as_deref())).collect();
    match client {
        Some(client) => {
            let client = Client {
                client_id: client.client_id,
                client_secret: client.secret,
                redirect_uri: redirect_uri.clone(),
            };
            findings.push(ask(exchange, endpoints, &client).await);
        }
        None if robots.is_empty() => findings.push(Finding::fault(
            "client",
            "no Google client is set, so nobody can connect a mailbox",
            "run `postern client set` with the id and secret of a Web application in Google's console",
        )),
        None => {}
    }
    Ok(findings)
}

async fn ask(exchange: &dyn Exchange, endpoints: &Endpoints, client: &Client) -> Finding {
    const ID: &str = "client";
    let nobodys = Secret::new("4/postern-doctor");
    let verifier = Secret::new("postern-doctor-asks-with-a-code-that-was-never-given");
    let id = &client.client_id;
    match oauth::exchange_code(exchange, endpoints, client, &nobodys, &verifier).await {
        Err(Fault::GrantRefused { .. }) => Finding::ok(ID, format!("Google takes the client {id}")),
        Err(Fault::ClientRefused { code, why }) => {
            let seen = format!("Google refuses the client {id} ({}): {}", code.name(), why.as_str());
            Finding::fault(ID, seen, mends(code, &client.redirect_uri))
        }
        Err(error @ (Fault::Temporary { .. } | Fault::Malformed { .. })) => {
            Finding::warning(ID, format!("the client {id} could not be tried: {error}"), remedy::SLOW)
        }
        Err(other) => Finding::note(ID, format!("the client {id} was tried, and Google said: {other}")),
        Ok(_) => Finding::note(ID, format!("Google took a code that it never gave for the client {id}")),
    }
}

fn mends(code: ClientCode, redirect_uri: &Url) -> String {
    match code {
        ClientCode::RedirectUriMismatch => {
            format!("register {redirect_uri} for this client in Google's console, octet for octet")
        }
        ClientCode::DeletedClient | ClientCode::DisabledClient => {
            "restore or enable the client in Google's console, or set another one: postern client set"
                .to_owned()
        }
        _ => "copy id and secret again from Google's console (APIs and Services, Credentials) and run \
              `postern client set`; with the same id nobody has to consent again"
            .to_owned(),
    }
}

fn of_robot(email: &str, fault: Option<&str>) -> Finding {
    const ID: &str = "service_account";
    let Some(code) = fault else {
        return Finding::ok(ID, format!("Google has not refused {email}"));
    };
    let remedy = match code {
        "unauthorized_client" | "invalid_scope" => {
            "allow its client id the scope https://mail.google.com/: Admin console, Security, API controls, \
             Domain-wide delegation"
        }
        "clock" => "keep the clock by NTP: timedatectl set-ntp true",
        _ => "make a new key in Google's console and run `postern service-account import`",
    };
    Finding::fault(ID, format!("Google refused {email} the last time ({code})"), remedy)
}
