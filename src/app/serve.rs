//! What only a running gateway has: listeners and loops.
//!
//! Everything that runs is a task of [`Parts::tasks`], in the phase in which it
//! has to end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use postern_core::wire::imap::reply as imap_reply;
use postern_core::wire::smtp::reply as smtp_reply;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::arrivals::{Arrivals, Service};
use super::census::Census;
use super::listening::listening;
use super::notices::notices;
use super::{Parts, certificate, figures, jobs};
use crate::actions::admin::enter::Entrance;
use crate::actions::binding::Scales;
use crate::actions::calendars::refresh::Lists;
use crate::actions::calendars::teams::Teams;
use crate::actions::contacts::groups::Groups;
use crate::actions::contacts::push::Pushing;
use crate::actions::hooks::crm::Webhooks;
use crate::actions::provision::Provision;
use crate::audit::{self, Notes};
use crate::auth::mail::Verifier;
use crate::auth::password::Passwords;
use crate::auth::throttle::{Rules, Throttle};
use crate::config::{Config, Crm, DatabaseKind, FromPolicy, HostPort, ListenTls, Listener};
use crate::crm::client::{Client, Credential};
use crate::crm::counted::Counted;
use crate::doctor::account::Ways;
use crate::google::broker::ahead::Ahead;
use crate::health::{Health, Stage};
use crate::http::telemetry::{self, Watched};
use crate::http::{self, Pages, Seen, Settings};
use crate::net;
use crate::net::dev_pair::DevPair;
use crate::net::door::{Door, Mode};
use crate::net::exchange::Exchange;
use crate::net::identity::Identity;
use crate::net::listen::bind;
use crate::net::renewal::Renewal;
use crate::net::target::Target;
use crate::net::tls::ServerTls;
use crate::net::trust::Trust;
use crate::node::changes;
use crate::node::heartbeat::Heartbeat;
use crate::node::keys;
use crate::relay::budget::Budget;
use crate::relay::imap::Imap;
use crate::relay::sessions::{Drain, Sessions};
use crate::relay::smtp::Smtp;
use crate::relay::tarpit::Tarpit;
use crate::relay::upstream::Gmail;
use crate::relay::{self, admit::Gate};
use crate::store::{Standing, Store, home};
use crate::sync::{self, Contacts, Sync};
use crate::tasks::Phase;

/// Bound sockets, each with the listener it belongs to.
pub struct Listeners {
    imap: Vec<(Listener, Vec<TcpListener>)>,
    smtp: Vec<(Listener, Vec<TcpListener>)>,
    http: Vec<TcpListener>,
    telemetry: Vec<TcpListener>,
}

impl Listeners {
    /// Binds everything that the configuration names.
    ///
    /// # Errors
    /// Names the address that cannot be bound.
    pub fn bind(config: &Config) -> anyhow::Result<Self> {
        let all = |listeners: &[Listener]| {
            listeners
                .iter()
                .map(|l| Ok((l.clone(), open(&l.addr.to_string())?)))
                .collect::<anyhow::Result<Vec<_>>>()
        };
        Ok(Self {
            imap: all(&config.imap.listen)?,
            smtp: all(&config.smtp.listen)?,
            http: open(&config.http.listen.to_string())?,
            telemetry: match &config.telemetry.listen {
                Some(addr) => open(&addr.to_string())?,
                None => Vec::new(),
            },
        })
    }
}

impl Listeners {
    /// Where IMAP is heard, in the order of the configuration: the first socket of each listener.
    #[must_use]
    pub fn imap_addrs(&self) -> Vec<SocketAddr> {
        self.imap.iter().filter_map(|(_, sockets)| sockets.first()?.local_addr().ok()).collect()
    }

    /// The same for SMTP.
    #[must_use]
    pub fn smtp_addrs(&self) -> Vec<SocketAddr> {
        self.smtp.iter().filter_map(|(_, sockets)| sockets.first()?.local_addr().ok()).collect()
    }

    /// Where figures are served.
    #[must_use]
    pub fn telemetry_addr(&self) -> Option<SocketAddr> {
        self.telemetry.first()?.local_addr().ok()
    }

    /// Where pages are served.
    #[must_use]
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http.first()?.local_addr().ok()
    }
}

fn open(addr: &str) -> anyhow::Result<Vec<TcpListener>> {
    bind(addr).with_context(|| format!("cannot listen on {addr}"))
}

/// What is to be known of a gateway that runs.
pub struct Serving {
    /// Its presence among the nodes.
    pub heartbeat: Heartbeat,
    /// The certificate of its listeners.
    pub tls: Option<ServerTls>,
    /// What its sessions count.
    pub sessions: relay::metrics::Metrics,
}

// Where a node that dies leaves its remains. One process alone on a file needs none.
fn remains(config: &Config) -> Option<PathBuf> {
    if config.database.kind != DatabaseKind::Postgres {
        return None;
    }
    let beside = || config.secrets.key_file.parent().map(Path::to_owned);
    config.node.state.clone().or_else(beside)
}

/// Starts the gateway on its listeners; everything runs as tasks of `parts`.
///
/// # Errors
/// When a certificate cannot be used, or another process has this node's name.
pub async fn serve(parts: &Parts, listeners: Listeners) -> anyhow::Result<Serving> {
    let tls = identity(parts, &listeners.imap, &listeners.smtp)?;
    let heartbeat = Heartbeat::start(&parts.store, remains(&parts.config).as_deref()).await?;
    at_home(&parts.store).await?;
    let notes = records(parts);
    let connections = net::metrics::Metrics::register(&parts.metrics);
    telemetry(parts, listeners.telemetry)?;
    let (tasks, told) = (&parts.tasks, parts.store.told());
    tasks.spawn(Phase::Node, parts.broker.clone().follow(told.follow(), tasks.stop(Phase::Node)));
    tasks.spawn(Phase::Work, Ahead::new(parts.broker.clone()).run(tasks.stop(Phase::Work)));
    let (calendars, contacts) = (calendars(parts), contacts(parts));
    jobs::start(parts, &calendars, &contacts);
    tasks.spawn(Phase::Work, contacts.run(tasks.stop(Phase::Work)));
    tasks.spawn(Phase::Work, calendars.run(tasks.stop(Phase::Work)));
    tasks.spawn(Phase::Work, listening(parts).run(tasks.stop(Phase::Work)));
    let tuning = parts.tuning.clone().follow(parts.store.clone(), told.follow(), tasks.stop(Phase::Node));
    tasks.spawn(Phase::Node, tuning);
    let (notices, policy) = notices(parts);
    tasks.spawn(Phase::Work, notices.run(policy, tasks.stop(Phase::Work)));
    let sessions = sessions(parts);
    let feed = changes::watch(parts.store.clone(), parts.health.clone(), tasks.stop(Phase::Node));
    tasks.spawn(Phase::Node, feed);
    tasks.spawn(Phase::Node, keys::watch(parts.store.clone(), tasks.stop(Phase::Node)));
    tasks.spawn(Phase::Node, heartbeat.clone().run(tasks.stop(Phase::Node)));

    let budget = Budget::start(&parts.store, &heartbeat.card().incarnation, parts.tuning.limits(), tasks);
    let gate = Arc::new(gate(parts, budget, notes.clone(), sessions)?);
    presented(parts, tls.clone());
    let census = Census::register(parts.store.clone(), &parts.metrics);
    tasks.spawn(Phase::Records, census.run(tasks.stop(Phase::Records)));
    let tally = figures::tally(parts, &heartbeat.card().incarnation, &gate.metrics);
    tasks.spawn(Phase::Records, tally.run(tasks.stop(Phase::Records)));
    tasks.spawn(Phase::Records, figures::requests(parts).run(tasks.stop(Phase::Records)));
    let arrivals = Arrivals::new(parts, connections);
    for (listener, sockets) in listeners.imap {
        let door = door(&listener, tls.as_ref(), "imap")?;
        let imap = Arc::new(Imap {
            gate: gate.clone(),
            tls: door.tls().cloned(),
            limits: parts.tuning.limits(),
            tasks: tasks.clone(),
        });
        let service = Service { proto: "imap", sorry: imap_reply::Farewell::Busy.line() };
        arrivals.listen(service, sockets, &door, move |conn| imap.clone().serve(conn));
    }
    for (listener, sockets) in listeners.smtp {
        let door = door(&listener, tls.as_ref(), "smtp")?;
        let smtp = Arc::new(smtp(parts, gate.clone(), &door));
        let service = Service { proto: "smtp", sorry: smtp_reply::Farewell::Busy.line() };
        arrivals.listen(service, sockets, &door, move |conn| smtp.clone().serve(conn));
    }
    web(parts, listeners.http, tls.as_ref(), notes)?;
    parts.health.reached(Stage::Up);
    tasks.spawn(Phase::Node, drained(parts.health.clone(), tasks.stop(Phase::Listeners)));
    Ok(Serving { heartbeat, tls, sessions: gate.metrics.clone() })
}

// The first who serves a database lives there; a copy of it somewhere else writes nothing.
async fn at_home(store: &Store) -> anyhow::Result<()> {
    home::first(store).await?;
    match store.standing().await? {
        Standing::Here => {}
        Standing::Restored => tracing::warn!(
            "the database was restored: calendars, contacts and notices are held until `postern adopt`"
        ),
        Standing::Elsewhere { before, now } => tracing::warn!(
            before = before.public_url,
            before_at = before.place,
            now = now.public_url,
            now_at = now.place,
            "the database was served from somewhere else: calendars, contacts and notices are held until \
             `postern adopt`"
        ),
    }
    Ok(())
}

// Whoever asks must know before the first session is told to go.
async fn drained(health: Health, stop: CancellationToken) {
    stop.cancelled().await;
    health.reached(Stage::Draining);
}

fn records(parts: &Parts) -> Notes {
    let (notes, queue) = audit::writer();
    audit::metrics::register(&parts.metrics, &notes);
    let stop = parts.tasks.stop(Phase::Records);
    parts.tasks.spawn(Phase::Records, audit::run(parts.store.clone(), queue, notes.losses(), stop));
    // Sessions refuse, and the writer still takes the last counts.
    let (clock, stop) = (parts.store.clock().clone(), parts.tasks.stop(Phase::Work));
    parts.tasks.spawn(Phase::Work, audit::count_refusals(notes.clone(), clock, stop));
    notes
}

fn gate(parts: &Parts, budget: Budget, notes: Notes, sessions: Sessions) -> anyhow::Result<Gate<Gmail>> {
    let google = &parts.config.google;
    let dial = Gmail {
        dialer: parts.dialer.clone(),
        limits: parts.tuning.limits(),
        imap: target(&google.imap),
        smtp: target(&google.smtp),
    };
    let throttle = Throttle::new(Rules::of(&parts.tuning.limits().now()), parts.store.dice().bytes()?);
    Ok(Gate {
        verifier: Verifier::new(parts.store.clone()),
        tarpit: Tarpit::new(throttle),
        budget,
        broker: parts.broker.clone(),
        notes,
        metrics: relay::metrics::Metrics::register(&parts.metrics),
        dial,
        clock: parts.store.clock().clone(),
        dice: parts.store.dice().clone(),
        help: parts.config.http.address_of("/r/"),
        limits: parts.tuning.limits(),
        sessions,
        throttled: std::sync::Mutex::default(),
    })
}

/// What keeps calendars in step.
#[must_use]
pub fn calendars(parts: &Parts) -> Sync {
    let ways = sync::Ways {
        google: parts.calendar.clone(),
        crm: crm(parts),
        interval: parts.config.sync.calendar_interval,
    };
    Sync::new(parts.store.clone(), ways, parts.tasks.clone())
}

/// What keeps address books in step.
#[must_use]
pub fn contacts(parts: &Parts) -> Contacts {
    let roads = sync::Roads {
        google: parts.people.clone(),
        crm: crm(parts),
        interval: parts.config.sync.contacts_interval,
        delay: parts.config.sync.contacts_delay,
    };
    Contacts::new(parts.store.clone(), roads, parts.tasks.clone())
}

// Followed from before the first listener on: no login is let in unwatched.
fn sessions(parts: &Parts) -> Sessions {
    let (tasks, sessions) = (&parts.tasks, Sessions::default());
    let watch =
        sessions.clone().watch(parts.store.clone(), parts.store.told().follow(), tasks.stop(Phase::Work));
    tasks.spawn(Phase::Work, watch);
    let drain = Drain {
        begin: tasks.stop(Phase::Sessions),
        hurry: tasks.hurried(),
        over: tasks.stop(Phase::Work),
        limits: parts.tuning.limits(),
    };
    tasks.spawn(Phase::Work, sessions.clone().drain(drain, parts.store.dice().clone()));
    sessions
}

fn target(host: &HostPort) -> Target {
    Target { host: host.host.clone(), port: host.port }
}

fn smtp(parts: &Parts, gate: Arc<Gate<Gmail>>, door: &Door) -> Smtp<Gmail> {
    let smtp = &parts.config.smtp;
    Smtp {
        gate,
        tls: door.tls().cloned(),
        hostname: smtp.hostname.clone(),
        mode: match smtp.from_policy {
            FromPolicy::Note => postern_core::wire::smtp::header::Mode::Note,
            FromPolicy::Refuse => postern_core::wire::smtp::header::Mode::Refuse,
        },
        limits: parts.tuning.limits(),
        tasks: parts.tasks.clone(),
    }
}

// The configured pair, or the generated one where only loopback listens.
fn identity(
    parts: &Parts,
    imap: &[(Listener, Vec<TcpListener>)],
    smtp: &[(Listener, Vec<TcpListener>)],
) -> anyhow::Result<Option<ServerTls>> {
    let config = &parts.config;
    let mail = imap.iter().chain(smtp);
    let needed = mail.map(|(l, _)| l.tls).chain([config.http.tls]).any(|tls| tls != ListenTls::None);
    let (cert, key) = match &config.tls.pair {
        _ if !needed => return Ok(None),
        Some(pair) => (pair.cert.clone(), pair.key.clone()),
        None => {
            let pair = DevPair::ensure(&config.tls.dir, parts.store.clock())?;
            if pair.made {
                tracing::info!(ca = %pair.ca.display(), "a certificate for loopback was made; clients must trust its CA");
            }
            (pair.cert, pair.key)
        }
    };
    let tls = ServerTls::new(Identity::load(&cert, &key)?)?;
    let renewal = Renewal::new(tls.clone(), &cert, &key, parts.store.clock().clone());
    parts.tasks.spawn(Phase::Listeners, renewal.run(parts.tasks.stop(Phase::Listeners)));
    Ok(Some(tls))
}

fn door(listener: &Listener, tls: Option<&ServerTls>, alpn: &str) -> anyhow::Result<Door> {
    let mode = match listener.tls {
        ListenTls::None => Mode::None,
        ListenTls::Implicit => Mode::Implicit,
        ListenTls::StartTls => Mode::StartTls,
        ListenTls::Auto => Mode::Auto,
    };
    let door = Door::new(mode, tls.map(|tls| tls.speaking(alpn)), listener.allow_cleartext)
        .with_context(|| format!("listener {}", listener.addr))?;
    Ok(door.behind(&listener.proxy_trusted))
}

fn web(
    parts: &Parts,
    sockets: Vec<TcpListener>,
    tls: Option<&ServerTls>,
    notes: Notes,
) -> anyhow::Result<()> {
    let config = &parts.config;
    let mode = match config.http.tls {
        ListenTls::Implicit => Mode::Implicit,
        ListenTls::None | ListenTls::StartTls | ListenTls::Auto => Mode::None,
    };
    let door = Door::new(mode, tls.map(|tls| tls.speaking("http/1.1")), config.http.allow_cleartext)
        .context("http.listen")?;
    let pages = Pages {
        consents: Arc::new(parts.consents()),
        store: parts.store.clone(),
        public_url: config.http.public_url.clone(),
        loopback: config.http.listen.is_loopback(),
        tasks: parts.tasks.clone(),
        entrance: Entrance::new(parts.store.clone(), Passwords::new(parts.tasks.clone()))?,
        trusted_proxies: config.http.trusted_proxies.clone(),
        settings: Settings::of(config),
        crm: config.crm.url.as_ref().and_then(|url| url.host_str().map(str::to_owned)),
        mails: config.notices.sending.is_some(),
        webhooks: Webhooks::new(&config.crm.webhooks),
        embed_origins: config.crm.embed_origins.clone(),
        tuning: parts.tuning.clone(),
        whose: Scales::new(crm(parts)),
        teams: Teams::new(crm(parts)),
        notes,
        metrics: http::Metrics::register(&parts.metrics),
        gmail: Ways {
            broker: parts.broker.clone(),
            dialer: parts.dialer.clone(),
            imap: target(&config.google.imap),
            smtp: target(&config.google.smtp),
            hostname: config.smtp.hostname.clone(),
        },
        calendars: Lists::new(&parts.calendar),
        groups: Groups::new(&parts.people),
        pushing: pushing(parts),
        provision: provision(parts),
    };
    for socket in &sockets {
        tracing::info!(
            proto = "http",
            addr = socket.local_addr().ok().map(tracing::field::display),
            "listening"
        );
    }
    http::serve(sockets, door, &http::router(pages), &parts.tasks, Seen::UntilDrain);
    Ok(())
}

// As it is presented; renewed files are taken by themselves.
fn presented(parts: &Parts, tls: Option<ServerTls>) {
    if let (Some(tls), Some(_)) = (&tls, &parts.config.tls.pair) {
        let watch = certificate::watch(parts.store.clone(), tls.clone(), parts.tasks.stop(Phase::Work));
        parts.tasks.spawn(Phase::Work, watch);
    }
    let end = move || tls.as_ref()?.identity().life().map(|(_, end)| end as f64);
    let help = "When the certificate of the listeners ends, since 1970";
    parts.metrics.measured("postern_certificate_end_timestamp_seconds", help, end);
}

/// The way by which mail accounts are written into the CRM.
#[must_use]
pub fn provision(parts: &Parts) -> Provision {
    let Crm { url, admin, .. } = &parts.config.crm;
    let person = url.clone().zip(admin.clone()).map(|(site, admin)| {
        let credential = Credential::Person { user: admin.user, password: admin.password };
        Client::showing(Arc::new(net::http::Client::new(&parts.trust)), site, credential)
    });
    Provision::new(person, &parts.config)
}

/// The way by which records are pushed into contacts.
#[must_use]
pub fn pushing(parts: &Parts) -> Pushing {
    Pushing::new(crm(parts), parts.config.sync.contacts_per_minute)
}

pub(super) fn crm(parts: &Parts) -> Option<Client> {
    let straight = straight(&parts.trust);
    crm_by(&parts.config.crm, Arc::new(Counted::new(straight, parts.crm_metrics.clone())))
}

/// The way to a CRM of which nothing is counted.
pub(super) fn crm_of(crm: &Crm, trust: &Trust) -> Option<Client> {
    crm_by(crm, straight(trust))
}

// A proxy is on the way to Google, the CRM stands in the house.
fn straight(trust: &Trust) -> Arc<dyn Exchange> {
    Arc::new(net::http::Client::new(trust))
}

fn crm_by(crm: &Crm, exchange: Arc<dyn Exchange>) -> Option<Client> {
    Some(Client::new(exchange, crm.url.clone()?, crm.api_key.clone()?))
}

// To the end of the process: a node that drains is to be seen draining.
fn telemetry(parts: &Parts, sockets: Vec<TcpListener>) -> anyhow::Result<()> {
    let door = Door::new(Mode::None, None, parts.config.telemetry.allow_cleartext)?;
    for socket in &sockets {
        tracing::info!(
            proto = "telemetry",
            addr = socket.local_addr().ok().map(tracing::field::display),
            "listening"
        );
    }
    let watched =
        Watched { registry: parts.metrics.clone(), health: parts.health.clone(), store: parts.store.clone() };
    http::serve(sockets, door, &telemetry::router(watched), &parts.tasks, Seen::ToTheEnd);
    Ok(())
}
