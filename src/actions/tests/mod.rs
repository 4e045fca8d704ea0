//! Acts on a database in a temporary folder, with Google in process.

mod accounts;
mod calendars;
mod client;
mod google;
mod holds;
mod import;
mod pairs;
mod setup;
mod tokens;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use url::Url;

use super::account::Registration;
use super::account::add::{Added, Rules, add};
use super::account::import::{Candidate, Imported, import};
use super::client::set;
use super::{ActError, By, Reach};
use crate::audit::export::{Line, lines};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::google::endpoints::Endpoints;
use crate::net::dial::Dialer;
use crate::net::target::Target;
use crate::net::trust::Trust;
use crate::seal::Ring;
use crate::store::{Opening, Store, meta};
use crate::tasks::{Phase, Tasks};
use google::Google;

const CLIENT: &str = "1-a.apps.googleusercontent.com";

/// An installation with a client, in 2023.
struct House {
    store: Store,
    by: By,
    google: Google,
    clock: Clock,
    public_url: Url,
    redirect_uri: Url,
    endpoints: Endpoints,
    dialer: Dialer,
    imap: Target,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let house = Self::bare().await;
        set(&house.store, &house.by, CLIENT, &Secret::new("GOCSPX-secret")).await.unwrap();
        house
    }

    async fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, dice) = (Clock::manual(1_700_000_000_000_000), Dice::default());
        let ring = Arc::new(Ring::create(&folder.path().join("key"), &dice).unwrap());
        let url = format!("sqlite://{}", folder.path().join("postern.db").display());
        let opening = Opening { url, ring, clock: clock.clone(), dice: dice.clone(), node: "main".into() };
        let store = Store::open(opening).await.unwrap();
        store.migrate().await.unwrap();
        meta::found(&store).await.unwrap();
        let at = |path: &str| Url::parse(&format!("https://google.test/{path}")).unwrap();
        let trust = Trust::load(None).unwrap();
        Self {
            by: By::new(Actor::CommandLine("root".into()), &dice).unwrap(),
            google: Google::default(),
            public_url: Url::parse("https://crm.example.com/postern").unwrap(),
            redirect_uri: Url::parse("https://crm.example.com/postern/oauth/google/callback").unwrap(),
            endpoints: Endpoints {
                auth_url: at("auth"),
                token_url: at("token"),
                revoke_url: at("revoke"),
                tokeninfo_url: at("tokeninfo"),
                jwks_url: at("certs"),
            },
            dialer: Dialer::new(&trust, Duration::from_millis(200)),
            imap: Target { host: "127.0.0.1".into(), port: 9 },
            store,
            clock,
            _folder: folder,
        }
    }

    fn reach(&self) -> Reach<'_> {
        Reach {
            exchange: &self.google,
            endpoints: &self.endpoints,
            redirect_uri: &self.redirect_uri,
            dialer: &self.dialer,
            imap: &self.imap,
        }
    }

    fn rules<'a>(&'a self, allowed_domains: &'a [String]) -> Rules<'a> {
        Rules { allowed_domains, public_url: &self.public_url, binds: true }
    }

    async fn add(&self, address: &str, aliases: &[&str]) -> Result<Added, ActError> {
        add(&self.store, &self.by, self.rules(&[]), &registration(address, aliases)).await
    }

    async fn import(&self, address: &str, refresh_token: &str) -> Result<Imported, ActError> {
        let candidate = candidate(address, refresh_token);
        import(&self.store, &self.by, &self.reach(), &[], &candidate).await
    }

    /// The journal, oldest first; no secret of these tests may stand in it.
    async fn journal(&self) -> Vec<Line> {
        let mut all = lines(&self.store, 0, 1000).await.unwrap();
        all.reverse();
        let text = serde_json::to_string(&all).unwrap();
        for secret in ["GOCSPX", "1//", "ya29", "pst_", "?link="] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        all
    }

    async fn events(&self) -> Vec<String> {
        self.journal().await.into_iter().map(|line| line.event).collect()
    }
}

/// Runs in a task of its own, where the network asserts that no transaction is
/// open.
async fn in_task(test: impl Future<Output = ()> + Send + 'static) {
    Tasks::default().spawn(Phase::Work, test).await.unwrap();
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn registration(of: &str, aliases: &[&str]) -> Registration {
    Registration {
        address: address(of),
        crm_user: None,
        aliases: aliases.iter().map(|alias| address(alias)).collect(),
    }
}

fn candidate(of: &str, refresh_token: &str) -> Candidate {
    Candidate {
        registration: registration(of, &[]),
        refresh_token: Secret::new(refresh_token),
        scopes: ScopeSet::default(),
    }
}
