//! The composition root.
//!
//! [`Parts`] is what every command needs: keys, store, outbound HTTP, broker.
//! [`serve()`] is built from it and adds what only a running gateway has:
//! listeners and loops. There is no other place where parts meet.

mod arrivals;
mod census;
mod certificate;
pub mod descriptors;
mod examine;
mod figures;
mod jobs;
mod listening;
mod notices;
mod serve;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use anyhow::Context as _;
use postern_core::model::actor::Actor;
use url::Url;

use crate::actions::consent::{Consents, redirect_uri};
use crate::actions::{By, Place, setup};
use crate::clock::Clock;
use crate::config::{self, Config, DatabaseKind};
use crate::crm;
use crate::dice::Dice;
use crate::google::broker::{self, Broker};
use crate::google::calendar::{self, Calendar};
use crate::google::endpoints::Endpoints;
use crate::google::id_token::Keys;
use crate::google::people::{self, People};
use crate::google::quota::Quota;
use crate::health::Health;
use crate::metrics::Registry;
use crate::net::dial::Dialer;
use crate::net::exchange::Exchange;
use crate::net::proxy::{self, Proxy};
use crate::net::route::Route;
use crate::net::target::Target;
use crate::net::trust::Trust;
use crate::node::heartbeat::machine;
use crate::node::settings::Tuning;
use crate::seal::Ring;
use crate::store::{Alone, Store, StoreError};
use crate::tasks::Tasks;

pub use examine::{assumed, examine};
pub use figures::requests;
pub use listening::listening;
pub use serve::{Listeners, Serving, calendars, contacts, provision, pushing, serve};

/// What every command needs.
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The store, ready to be used.
    pub store: Store,
    /// Outbound HTTP.
    pub exchange: Arc<dyn Exchange>,
    /// Google's addresses.
    pub endpoints: Endpoints,
    /// Access tokens.
    pub broker: Broker,
    /// The way to Google Calendar.
    pub calendar: Calendar,
    /// The way to Google Contacts.
    pub people: People,
    /// What a reload or an admin may change.
    pub tuning: Tuning,
    /// What is counted of the CRM's answers.
    pub crm_metrics: crm::counted::Metrics,
    /// All figures.
    pub metrics: Registry,
    /// How far the process is.
    pub health: Health,
    /// Tasks of this process.
    pub tasks: Tasks,
    /// Roots of trust for everything outbound.
    pub trust: Trust,
    /// Connections to Gmail.
    pub dialer: Dialer,
    /// Where Google sends a browser back to.
    pub redirect_uri: Url,
    // The right to serve an SQLite file; commands have none.
    _alone: Option<Alone>,
}

impl Parts {
    /// Opens an installation that exists.
    ///
    /// # Errors
    /// When key or database are missing, do not belong together, or the
    /// database must be migrated first.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let place = place(&config);
        let store = place.open(place.ring()?, &Clock::system(), &Dice::default()).await;
        let store = store.with_context(|| format!("database {}", config.database.shown()))?;
        store.ready().await?;
        store.is_at(config.http.public_url.as_str(), &machine()).await?;
        let parts = Self::with_store(config, store)?;
        parts.tuning.take(&parts.store).await?;
        Ok(parts)
    }

    /// Opens the installation for `serve`: an empty database gets its key and
    /// its identity, an embedded one its missing migrations.
    ///
    /// # Errors
    /// See [`Parts::open`]; and when another process serves the SQLite file.
    pub async fn open_or_found(config: Config) -> anyhow::Result<Self> {
        let (clock, dice) = (Clock::system(), Dice::default());
        let by = By::new(Actor::Gateway, &dice)?;
        // Before anything is changed under a process that serves already.
        let alone = config.database.sqlite_path().map(|path| Alone::take(&path)).transpose()?;
        if config.database.kind == DatabaseKind::Postgres {
            migrated(&config).await?;
        }
        let founded = setup::found(&place(&config), &by, &clock, &dice).await?;
        if founded.new_database {
            tracing::info!(installation = founded.installation, "a new installation");
        }
        Ok(Self { _alone: alone, ..Self::open(config).await? })
    }

    /// The consent by link.
    #[must_use]
    pub fn consents(&self) -> Consents {
        Consents {
            store: self.store.clone(),
            exchange: self.exchange.clone(),
            endpoints: self.endpoints.clone(),
            keys: Arc::new(Keys::new(self.endpoints.jwks_url.clone())),
            redirect_uri: self.redirect_uri.clone(),
            google: self.tuning.google(),
        }
    }

    fn with_store(config: Config, store: Store) -> anyhow::Result<Self> {
        let Outside { trust, exchange, endpoints, dialer, redirect_uri } = Outside::of(&config)?;
        let tasks = Tasks::default();
        let metrics = Registry::default();
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        metrics.info("postern_build_info", "The program that runs", version);
        let broker = Broker::new(
            store.clone(),
            exchange.clone(),
            endpoints.clone(),
            redirect_uri.clone(),
            tasks.clone(),
            broker::metrics::Metrics::register(&metrics),
        );
        let quota = Quota::new(store.clock().clone(), store.dice().clone(), calendar::limits::RATES);
        let calendar = Calendar::new(
            exchange.clone(),
            config.google.calendar_url.clone(),
            broker.clone(),
            quota,
            calendar::metrics::Metrics::register(&metrics),
        );
        let rates = people::limits::rates(config.sync.contacts_per_minute);
        let quota = Quota::new(store.clock().clone(), store.dice().clone(), rates);
        let people = People::new(
            exchange.clone(),
            config.google.people_url.clone(),
            broker.clone(),
            quota,
            people::metrics::Metrics::register(&metrics),
        );
        Ok(Self {
            tuning: Tuning::new(config.clone()),
            config,
            store,
            exchange,
            endpoints,
            broker,
            calendar,
            people,
            crm_metrics: crm::counted::Metrics::register(&metrics),
            metrics,
            health: Health::default(),
            tasks,
            trust,
            dialer,
            redirect_uri,
            _alone: None,
        })
    }
}

/// The way out: what is known of Google without keys and store.
struct Outside {
    trust: Trust,
    exchange: Arc<dyn Exchange>,
    endpoints: Endpoints,
    dialer: Dialer,
    redirect_uri: Url,
}

impl Outside {
    fn of(config: &Config) -> anyhow::Result<Self> {
        let trust = Trust::load(config.google.extra_ca_file.as_deref())?;
        let google = &config.google;
        let route = route(google);
        let exchange: Arc<dyn Exchange> = Arc::new(crate::net::http::Client::on(&trust, route.clone()));
        let endpoints = Endpoints {
            auth_url: google.auth_url.clone(),
            token_url: google.token_url.clone(),
            revoke_url: google.revoke_url.clone(),
            tokeninfo_url: google.tokeninfo_url.clone(),
            jwks_url: google.jwks_url.clone(),
        };
        let dialer = Dialer::new(&trust, config.limits.dial).on(route);
        Ok(Self { trust, exchange, endpoints, dialer, redirect_uri: redirect_uri(&config.http.public_url) })
    }
}

fn route(google: &config::Google) -> Route {
    let Some(proxy) = &google.proxy else { return Route::default() };
    let kind = match proxy.kind {
        config::ProxyKind::Http => proxy::Kind::Http,
        config::ProxyKind::Socks5 => proxy::Kind::Socks5,
    };
    let at = Target { host: proxy.at.host.clone(), port: proxy.at.port };
    Route::through(Proxy { kind, at, login: proxy.login.clone() }, google.no_proxy.clone())
}

fn place(config: &Config) -> Place<'_> {
    Place {
        database_url: &config.database.url,
        key_file: &config.secrets.key_file,
        guarded: config.secrets.from_credentials,
        node: &config.node.name,
    }
}

// A shared database is migrated by an admin who knows that no older node needs it.
async fn migrated(config: &Config) -> anyhow::Result<()> {
    let looked = place(config).open(Ring::blank(), &Clock::system(), &Dice::default()).await;
    let store = looked.with_context(|| format!("database {}", config.database.shown()))?;
    let missing = store.pending().await?.missing;
    store.close().await;
    if missing > 0 { Err(StoreError::NotMigrated(missing).into()) } else { Ok(()) }
}
