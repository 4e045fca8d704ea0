//! A gateway in this process in front of a sandbox of its own, on free
//! loopback ports, with its data in a temporary folder.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use postern::app::{self, Listeners, Parts};
use postern::auth::hash;
use postern::config::Config;
use postern::lifecycle;
use postern::store::{Alone, NotAlone, Write, accounts, aliases, clients, crm_tokens, grants, lost};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocols, compose};
use postern_sandbox::{Options, Sandbox};
use tempfile::TempDir;

/// The OAuth client that every test gateway uses.
pub const CLIENT: &str = "test.apps.googleusercontent.com";
pub const CLIENT_SECRET: &str = "GOCSPX-test";

/// Where the gateway finds its upstreams; a part that is `None` is the sandbox.
#[derive(Default)]
pub struct Setup {
    /// Google, when something else asks it too; a new one unless set.
    pub sandbox: Option<Sandbox>,
    /// `sqlite` in the temporary folder unless set.
    pub database_url: Option<String>,
    /// host:port of another IMAP upstream.
    pub imap: Option<String>,
    /// host:port of another submission upstream.
    pub smtp: Option<String>,
    /// CA of those upstreams, PEM; the sandbox's is always trusted.
    pub ca: Option<String>,
    /// Further lines of configuration, whole sections.
    pub more: String,
    /// Variables of the environment, which win over the configuration.
    pub env: BTreeMap<String, String>,
    /// Founds the installation and does not serve: another process will.
    pub idle: bool,
}

/// A running gateway. The first IMAP and SMTP listeners are cleartext, the
/// second implicit TLS, the third STARTTLS, the fourth auto.
pub struct Gateway {
    /// Google.
    pub sandbox: Sandbox,
    /// The gateway's parts.
    pub parts: Parts,
    /// IMAP listeners: none, implicit, starttls, auto.
    pub imap: Vec<SocketAddr>,
    /// SMTP listeners: none, implicit, starttls, auto.
    pub smtp: Vec<SocketAddr>,
    /// Pages.
    pub http: SocketAddr,
    /// Figures, where `more` asks for them.
    pub telemetry: Option<SocketAddr>,
    /// Data; also holds `certs/dev-ca.pem`.
    pub dir: TempDir,
}

impl Gateway {
    /// With everything at the sandbox and SQLite.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// With other upstreams, database or settings.
    pub async fn with(mut setup: Setup) -> Self {
        let sandbox = match setup.sandbox.take() {
            Some(sandbox) => sandbox,
            None => Sandbox::start(Options::default()).await.expect("the sandbox starts"),
        };
        let dir = tempfile::tempdir().expect("a temporary folder");
        let text = configuration(&sandbox, &dir, &setup);
        // A test that stops a gateway seldom wants to wait for its sessions.
        let mut environment = BTreeMap::from([("POSTERN__LIMITS__DRAIN".to_owned(), "1s".to_owned())]);
        environment.append(&mut setup.env);
        let config = Config::from_str(&text, &environment).expect("a valid configuration");
        let mut parts = Parts::open_or_found(config.clone()).await.expect("the parts open");
        let listeners = Listeners::bind(&parts.config).expect("free ports");
        let (imap, smtp) = (listeners.imap_addrs(), listeners.smtp_addrs());
        let http = listeners.http_addr().expect("a page listener");
        let telemetry = listeners.telemetry_addr();
        if setup.idle {
            parts.store.close().await;
            parts = Parts::open(config).await.expect("the parts open");
        } else {
            app::serve(&parts, listeners).await.expect("the gateway serves");
        }
        let redirect = parts.redirect_uri.to_string();
        sandbox.google().add_client(CLIENT, CLIENT_SECRET, &[redirect.as_str()]);
        let gateway = Self { sandbox, parts, imap, smtp, http, telemetry, dir };
        gateway.set_client().await;
        gateway
    }

    async fn set_client(&self) {
        let mut act = self.act().await;
        clients::set(&mut act, CLIENT, &Secret::new(CLIENT_SECRET)).await.expect("the client is stored");
        act.commit(Event::ClientSet { client_id: CLIENT.to_owned(), accounts_to_reconnect: 0 })
            .await
            .expect("committed");
    }

    /// An open act of the test.
    pub async fn act(&self) -> postern::store::Act {
        self.parts.store.act(&Actor::CommandLine("test".to_owned()), "").await.expect("an act opens")
    }

    /// Registers a mailbox, at Google too, and stores a grant for mail.
    pub async fn connect(&self, address: &str, more: &[&str]) -> AccountId {
        let google = self.sandbox.google();
        google.add_user(address);
        let scopes = ["openid", "email", "https://mail.google.com/"];
        let refresh = google.issue_refresh_token(address, CLIENT, &scopes).expect("a refresh token");
        let store = &self.parts.store;
        let mut act = self.act().await;
        let address = Address::parse(address).expect("an address");
        let account = accounts::insert(&mut act, &address, None, State::Active).await.expect("stored").id;
        for alias in more {
            let alias = Address::parse(alias).expect("an address");
            aliases::insert(&mut act, account, &alias).await.expect("stored");
        }
        let client = clients::current(store, &mut act).await.expect("read").expect("a client");
        let granted = ScopeSet::consent(&[Product::Gmail]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.expect("stored");
        let event = Event::AccountImported { account, address, scopes: granted.to_string() };
        act.commit(event).await.expect("committed");
        account
    }

    /// Forgets everything that is sealed, as after the loss of the key, and connects a mailbox anew.
    pub async fn lose_key(&self, account: AccountId, address: &str, (product, scopes): (Product, &[&str])) {
        let mut act = self.act().await;
        lost::forget(&mut act).await.expect("forgotten");
        let (seal, audit) = ("k1".to_owned(), "k1".to_owned());
        act.commit(Event::KeysLost { seal, audit, accounts: 1 }).await.expect("committed");
        self.set_client().await;
        let refresh =
            self.sandbox.google().issue_refresh_token(address, CLIENT, scopes).expect("a refresh token");
        let mut act = self.act().await;
        let client = clients::current(&self.parts.store, &mut act).await.expect("read").expect("a client");
        let granted = ScopeSet::consent(&[product]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.expect("stored");
        let address = Address::parse(address).expect("an address");
        let event = Event::AccountImported { account, address, scopes: granted.to_string() };
        act.commit(event).await.expect("committed");
    }

    /// Issues a CRM token for both protocols.
    pub async fn token(&self, account: AccountId) -> String {
        self.token_for(account, Protocols::Both, None).await
    }

    /// Issues a CRM token.
    pub async fn token_for(
        &self,
        account: AccountId,
        protocols: Protocols,
        expires_at: Option<i64>,
    ) -> String {
        let mut act = self.act().await;
        let secret = compose(&act.store().dice().bytes().expect("random"));
        let hash = hash::of(secret.reveal());
        let row = accounts::by_id(&mut act, account).await.expect("read").expect("an account");
        let token = crm_tokens::insert(&mut act, account, &hash, "test", protocols, expires_at)
            .await
            .expect("stored");
        act.commit(Event::TokenIssued { token, address: row.address, protocols, expires_at })
            .await
            .expect("committed");
        secret.reveal().to_owned()
    }

    /// The account as it stands now.
    pub async fn account(&self, id: AccountId) -> accounts::Account {
        let mut read = self.parts.store.read().await.expect("a connection");
        accounts::by_id(&mut read, id).await.expect("read").expect("an account")
    }

    /// Ends the gateway as SIGTERM would.
    pub async fn stop(self) -> (Sandbox, TempDir) {
        let Self { sandbox, parts, dir, .. } = self;
        lifecycle::stop(&parts.tasks, &parts.store, parts.config.limits.drain).await;
        let file = parts.config.database.sqlite_path();
        drop(parts);
        if let Some(file) = file {
            free(&file).await;
        }
        (sandbox, dir)
    }
}

// A child that another test has just forked holds this process's files until it executes, and
// with them the lock on the database.
async fn free(file: &Path) {
    for _ in 0..50 {
        if !matches!(Alone::take(file), Err(NotAlone::Served { .. })) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The configuration of a gateway in front of `sandbox`, data in `dir`.
pub fn configuration(sandbox: &Sandbox, dir: &TempDir, setup: &Setup) -> String {
    let dir = dir.path();
    let ca = format!("{}{}", sandbox.ca_pem(), setup.ca.as_deref().unwrap_or_default());
    std::fs::write(dir.join("ca.pem"), ca).expect("the CA is written");
    let database = setup
        .database_url
        .clone()
        .unwrap_or_else(|| format!("sqlite://{}", dir.join("postern.db").display()));
    let imap = setup.imap.clone().unwrap_or_else(|| format!("localhost:{}", sandbox.imap_addr().port()));
    let smtp = setup.smtp.clone().unwrap_or_else(|| format!("localhost:{}", sandbox.smtp_addr().port()));
    let listeners: String = ["imap", "smtp"]
        .iter()
        .flat_map(|protocol| {
            ["none", "implicit", "starttls", "auto"]
                .map(|tls| format!("[[{protocol}.listen]]\naddr = \"127.0.0.1:0\"\ntls = \"{tls}\"\n"))
        })
        .collect();
    format!(
        "[database]\nurl = \"{database}\"\n\
         [secrets]\nkey_file = \"{key}\"\n\
         [tls]\ndir = \"{certs}\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://localhost:8025/postern\"\n\
         [google]\nimap = \"{imap}\"\nsmtp = \"{smtp}\"\n\
         auth_url = \"{auth}\"\ntoken_url = \"{token}\"\nrevoke_url = \"{revoke}\"\n\
         tokeninfo_url = \"{info}\"\ncalendar_url = \"{calendar}\"\npeople_url = \"{people}\"\n\
         jwks_url = \"{jwks}\"\nextra_ca_file = \"{ca}\"\n\
         {listeners}{more}",
        key = dir.join("postern.key").display(),
        certs = dir.join("certs").display(),
        auth = sandbox.auth_url(),
        token = sandbox.token_url(),
        revoke = sandbox.revoke_url(),
        info = sandbox.tokeninfo_url(),
        calendar = sandbox.calendar_url(),
        people = sandbox.contacts_url(),
        jwks = sandbox.jwks_url(),
        ca = dir.join("ca.pem").display(),
        more = setup.more,
    )
}
