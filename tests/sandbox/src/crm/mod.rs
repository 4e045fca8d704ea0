//! A stand-in CRM: the REST API of EspoCRM with the answers that were recorded of 9.2.7, 9.3.10 and
//! 10.0.0, its webhooks, and people who change records while a test runs.
//!
//! What was not recorded it refuses or leaves out; it never guesses in the client's favour.

mod about;
mod addresses;
mod answer;
mod control;
mod delivery;
mod events;
mod fault;
mod filter;
mod hand;
mod hooks;
mod in_process;
mod journal;
mod list;
mod logins;
mod mail_account;
mod notified;
mod query;
mod relations;
mod routes;
mod saved;
mod serve;
mod shape;
mod times;
mod trial;
mod validation;
mod values;
mod version;
mod world;
mod write;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub use fault::{CrmFault, CrmTrouble};
pub use hand::Hand;
pub use hooks::Delivery;
pub use in_process::{Outgoing, Reply};
pub use journal::{Deed, Doing};
pub use notified::Notification;
pub use version::Version;
pub use world::EventField;

use crate::clock::Clock;
use crate::dice;
use crate::faults::Faults;
use crate::guarded::Guarded;
use world::World;

/// The key that its API user has.
const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// How a CRM is set up.
#[derive(Debug, Clone)]
pub struct CrmOptions {
    /// The release whose answers it gives.
    pub version: Version,
    /// The clock it shares.
    pub clock: Clock,
    /// Where it listens; the port may be 0.
    pub listen: SocketAddr,
}

impl Default for CrmOptions {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { version: Version::V10_0_0, clock: Clock::default(), listen }
    }
}

/// A running CRM. Dropping it ends it.
#[derive(Debug)]
pub struct Crm {
    url: String,
    inside: Arc<Inside>,
    secret: String,
    admin_password: String,
    /// Ends with the set.
    tasks: JoinSet<()>,
}

/// What the listener and the handle share.
#[derive(Debug)]
pub(crate) struct Inside {
    world: Guarded<World>,
    faults: Faults<CrmFault>,
    clock: Clock,
}

impl Crm {
    /// Listens on loopback and answers as the newest release does.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(CrmOptions::default()).await
    }

    /// As [`Crm::start`], set up otherwise.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start_with(options: CrmOptions) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let mut crm = Self::set_up(options, format!("http://{}", listener.local_addr()?));
        crm.tasks.spawn(serve::serve(listener, Arc::clone(&crm.inside)));
        Ok(crm)
    }

    /// A CRM without a listener, for tests that hand it their requests: [`Crm::call`].
    pub fn in_process(options: CrmOptions) -> Self {
        Self::set_up(options, "http://crm.example.com".to_owned())
    }

    fn set_up(options: CrmOptions, url: String) -> Self {
        let (secret, admin_password) = (dice::letters(32), dice::letters(16));
        let mut world = World::new(options.version, options.clock.clone(), &url);
        KEY.clone_into(&mut world.logins.key);
        secret.clone_into(&mut world.logins.secret);
        let admin = (world::ADMIN.to_owned(), admin_password.clone());
        world.logins.passwords.insert("admin".to_owned(), admin);
        let world = Guarded::new(world);
        let inside = Arc::new(Inside { world, faults: Faults::default(), clock: options.clock });
        Self { url, inside, secret, admin_password, tasks: JoinSet::new() }
    }

    /// Where people open it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key of its API user.
    pub fn key(&self) -> &str {
        KEY
    }

    /// What the API user signs requests with, who may do so in place of sending the key.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The password of the user `admin`.
    pub fn admin_password(&self) -> &str {
        &self.admin_password
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.inside.clock
    }

    /// Faults of the REST API.
    pub fn faults(&self) -> &Faults<CrmFault> {
        &self.inside.faults
    }
}
