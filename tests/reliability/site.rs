//! An installation on several machines: nodes in networks of their own behind HAProxy, on one PostgreSQL.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use postern_sandbox::Google;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::client::{HERE, Line, log_in};
use super::lab::{Cable, Lab};
use super::node::Node;
use super::traffic::{Mailbox, Traffic};
use super::world::World;
use crate::support::cluster::Cluster;
use crate::support::haproxy::HaProxy;

const IMAP: u16 = 1143;
const SMTP: u16 = 1587;
/// For clients who come without the balancer.
const DIRECT: u16 = 2143;
const TELEMETRY: u16 = 9464;

/// Mailboxes: those that are read and send, those that are only logged in to, and the one whose sessions
/// are held.
const BUSY: usize = 2;
const PROBED: usize = 3;
const PEOPLE: usize = 2;

/// All of it. What is first ends first.
pub struct Site {
    pub nodes: Vec<Node>,
    pub balancer: HaProxy,
    pub cluster: Cluster,
    pub lab: Lab,
    pub world: World,
}

impl Site {
    /// With so many nodes, called `node0` and so on.
    pub async fn with(count: usize) -> Self {
        let mut lab = Lab::new();
        let cluster = Cluster::reached_at(lab.host(Cable::Database), &lab.network(Cable::Database));
        cluster.migrate().await;
        let world = World::new(Some(cluster.url()), BUSY + PROBED + 1, PEOPLE).await;
        for port in ports(&world) {
            lab.lead(port).await;
        }
        let mut nodes = Vec::new();
        for number in 0..count {
            let namespace = lab.add();
            nodes.push(node(&lab, &cluster, &world, number, &namespace).await);
        }
        let fronts: Vec<IpAddr> = (0..count).map(|number| lab.machine(Cable::Front, number)).collect();
        let balancer = HaProxy::balancing(&fronts, &[IMAP, SMTP], TELEMETRY);
        let site = Self { nodes, balancer, cluster, lab, world };
        site.is_served().await;
        site
    }

    /// Where clients go.
    pub fn imap(&self) -> SocketAddr {
        self.balancer.addrs[0]
    }

    fn busy(&self) -> &[Mailbox] {
        &self.world.mailboxes[..BUSY]
    }

    pub fn traffic(&self) -> Traffic {
        let probed = &self.world.mailboxes[BUSY..BUSY + PROBED];
        Traffic::start((self.imap(), self.balancer.addrs[1]), self.busy(), probed, self.world.google())
    }

    /// Time until the node itself lets somebody in.
    pub async fn lets_in(&self, number: usize, within: Duration) -> Option<Duration> {
        let (mailbox, node) = (self.world.mailboxes.last()?, &self.nodes[number]);
        let began = Instant::now();
        while log_in(HERE, node.imap, &mailbox.address, &mailbox.token).await.is_err() {
            if began.elapsed() > within {
                return None;
            }
            sleep(Duration::from_millis(50)).await;
        }
        Some(began.elapsed())
    }

    /// Runs of a node so far that somebody else has overtaken, or that never ended.
    pub async fn overtaken(&self, number: usize) -> i64 {
        let name = Self::name(number);
        let asked = format!(
            "SELECT count(*) FROM sync_runs WHERE node = '{name}' \
             AND (status IN ('interrupted', 'running') OR fault = 'overtaken')"
        );
        self.world.raw().await.number(&asked).await
    }

    // Every node, whatever the balancer thinks of it.
    async fn is_served(&self) {
        let mailbox = &self.world.mailboxes[0];
        for _ in 0..200 {
            let mut all = true;
            for node in &self.nodes {
                all &= log_in(HERE, node.imap, &mailbox.address, &mailbox.token).await.is_ok();
            }
            if all && log_in(HERE, self.imap(), &mailbox.address, &mailbox.token).await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("not every node serves:\n{}", self.nodes.iter().map(Node::log).collect::<String>());
    }

    /// One session at each node, past the balancer.
    pub async fn held(&self) -> Vec<Line> {
        let mailbox = self.world.mailboxes.last().expect("a mailbox");
        let mut held = Vec::new();
        for node in &self.nodes {
            let session = log_in(HERE, node.imap, &mailbox.address, &mailbox.token).await;
            held.push(session.unwrap_or_else(|told| panic!("{told}\n{}", node.log())));
        }
        held
    }

    /// Ends every access token of the busy mailboxes at Google, and has so many clients of each log in at
    /// once.
    pub fn storm(&self, each: usize) -> Storm {
        let google = Arc::clone(self.world.google());
        let (before, mut logins) = (google.token_requests().len(), JoinSet::new());
        for mailbox in self.busy() {
            google.drop_access_tokens(&mailbox.address);
            for _ in 0..each {
                let (at, mailbox) = (self.imap(), mailbox.clone());
                logins.spawn(async move { log_in(HERE, at, &mailbox.address, &mailbox.token).await.err() });
            }
        }
        Storm { google, addresses: self.busy().iter().map(|of| of.address.clone()).collect(), before, logins }
    }

    /// The name of a node.
    pub fn name(number: usize) -> String {
        format!("node{number}")
    }
}

/// Logins under way, of which all need another access token.
pub struct Storm {
    google: Arc<Google>,
    addresses: Vec<String>,
    before: usize,
    logins: JoinSet<Option<String>>,
}

impl Storm {
    /// How many refreshes of each mailbox came, and what was told to the logins that failed.
    pub async fn over(self) -> (Vec<usize>, Vec<String>) {
        let failed = self.logins.join_all().await.into_iter().flatten().collect();
        // What was asked last has come to its end.
        sleep(Duration::from_millis(500)).await;
        let requests = self.google.token_requests().split_off(self.before);
        let of = |address: &String| {
            let mine = requests.iter().filter(|it| it.account.as_ref() == Some(address));
            mine.filter(|it| it.grant_type == "refresh_token").count()
        };
        (self.addresses.iter().map(of).collect(), failed)
    }
}

async fn node(lab: &Lab, cluster: &Cluster, world: &World, number: usize, namespace: &str) -> Node {
    let front = lab.machine(Cable::Front, number);
    let proxy = lab.host(Cable::Front);
    let mut more = String::new();
    for (protocol, port) in [("imap", IMAP), ("smtp", SMTP)] {
        more += &format!(
            "[[{protocol}.listen]]\naddr = \"{front}:{port}\"\ntls = \"none\"\nallow_cleartext = true\n\
             proxy_trusted = [\"{proxy}\"]\n"
        );
    }
    more += &format!(
        "[[imap.listen]]\naddr = \"{front}:{DIRECT}\"\ntls = \"none\"\nallow_cleartext = true\n\
         [telemetry]\nlisten = \"{front}:{TELEMETRY}\"\nallow_cleartext = true\n"
    );
    let name = Site::name(number);
    let text = world.text_on(&cluster.url_at(lab.host(Cable::Database)), &name, &more);
    let text = text.replace("\"http://127.0.0.1:", "\"http://localhost:");
    let config = world.gateway.dir.path().join(format!("{name}.toml"));
    let addrs = (SocketAddr::new(front, DIRECT), SocketAddr::new(front, SMTP));
    Node::inside(namespace, &text, &config, addrs).await
}

// Where Google and the CRM listen on loopback.
fn ports(world: &World) -> Vec<u16> {
    let sandbox = &world.gateway.sandbox;
    let of = |url: &str| url::Url::parse(url).expect("an address").port().expect("a port");
    vec![
        of(&sandbox.oauth_url()),
        sandbox.imap_addr().port(),
        sandbox.smtp_addr().port(),
        of(world.crm.url()),
    ]
}
