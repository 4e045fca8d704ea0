//! Machines in network namespaces, each with three cables: to the balancer, to the database, and to
//! Google with the CRM. A cable can be pulled.
//!
//! Needs root and iproute2; a machine that refuses fails the test.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::edge::splice;

/// What a cable leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cable {
    /// The balancer.
    Front = 1,
    /// The database.
    Database = 2,
    /// Google and the CRM.
    Google = 3,
}

const CABLES: [Cable; 3] = [Cable::Front, Cable::Database, Cable::Google];

/// The networks and the machines. Gone with their owner, also when a test fails.
pub struct Lab {
    name: String,
    net: u8,
    machines: Vec<String>,
    ways: JoinSet<()>,
    // Nobody else on this machine takes its numbers meanwhile.
    _lock: File,
}

impl Lab {
    /// Three networks with nobody in them.
    pub fn new() -> Self {
        let (net, lock) = (64..192).find_map(|net| Some((net, locked(net)?))).expect("a free network");
        let (machines, ways) = (Vec::new(), JoinSet::new());
        let lab = Self { name: format!("pt{net}"), net, machines, ways, _lock: lock };
        // What a run that was killed has left.
        lab.clear();
        for cable in CABLES {
            let bridge = lab.bridge(cable);
            ip(&format!("link add {bridge} type bridge"));
            ip(&format!("addr add {}/24 dev {bridge}", lab.host(cable)));
            ip(&format!("link set {bridge} up"));
        }
        lab
    }

    /// This machine's address at the end of a cable.
    pub fn host(&self, cable: Cable) -> IpAddr {
        self.address(cable, 0)
    }

    /// A machine's own address at a cable; machines count from 0.
    pub fn machine(&self, cable: Cable, number: usize) -> IpAddr {
        self.address(cable, number + 10)
    }

    /// The network of a cable, as `10.64.1.0/24`.
    pub fn network(&self, cable: Cable) -> String {
        format!("10.{}.{}.0/24", self.net, cable as u8)
    }

    /// One more machine; the name of its namespace. `localhost` is Google's end there, so that a
    /// configuration for loopback holds in it.
    pub fn add(&mut self) -> String {
        let number = self.machines.len();
        let name = format!("{}-{number}", self.name);
        let folder = format!("/etc/netns/{name}");
        fs::create_dir_all(&folder).expect("root writes there");
        let hosts = format!("{} localhost\n", self.host(Cable::Google));
        fs::write(format!("{folder}/hosts"), hosts).expect("written");
        ip(&format!("netns add {name}"));
        self.machines.push(name.clone());
        ip(&format!("-n {name} link set lo up"));
        for cable in CABLES {
            let (outer, inner) = (self.plug(cable, number), format!("to{}", cable as u8));
            ip(&format!("link add {outer} type veth peer name {inner} netns {name}"));
            ip(&format!("link set {outer} master {}", self.bridge(cable)));
            ip(&format!("link set {outer} up"));
            ip(&format!("-n {name} addr add {}/24 dev {inner}", self.machine(cable, number)));
            ip(&format!("-n {name} link set {inner} up"));
        }
        name
    }

    /// Pulls a cable of a machine, or puts it back.
    pub fn plugged(&self, cable: Cable, number: usize, is: bool) {
        let turn = if is { "up" } else { "down" };
        ip(&format!("link set {} {turn}", self.plug(cable, number)));
    }

    /// Has Google's end of the cable lead to what listens on this port of loopback.
    pub async fn lead(&mut self, port: u16) {
        let here = SocketAddr::new(self.host(Cable::Google), port);
        let listener = TcpListener::bind(here).await.expect("the bridge's address is ours");
        self.ways.spawn(forward(listener, SocketAddr::from(([127, 0, 0, 1], port))));
    }

    fn address(&self, cable: Cable, last: usize) -> IpAddr {
        let last = u8::try_from(last + 1).expect("few machines");
        Ipv4Addr::new(10, self.net, cable as u8, last).into()
    }

    fn bridge(&self, cable: Cable) -> String {
        format!("{}b{}", self.name, cable as u8)
    }

    fn plug(&self, cable: Cable, number: usize) -> String {
        format!("{}v{}n{number}", self.name, cable as u8)
    }

    fn clear(&self) {
        for number in 0..8 {
            let name = format!("{}-{number}", self.name);
            let _none = tried(&format!("netns del {name}"));
            let _none = fs::remove_dir_all(format!("/etc/netns/{name}"));
        }
        for cable in CABLES {
            let _none = tried(&format!("link del {}", self.bridge(cable)));
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.clear();
    }
}

// It ends with its process.
fn locked(net: u8) -> Option<File> {
    let file = File::create(format!("/tmp/postern-lab.{net}.lock")).ok()?;
    file.try_lock().is_ok().then_some(file)
}

#[expect(clippy::disallowed_methods, reason = "the network of the test, not the product's")]
async fn forward(listener: TcpListener, to: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((tcp, _)) = listener.accept().await {
        connections.spawn(async move {
            let _small = tcp.set_nodelay(true);
            if let Ok(there) = TcpStream::connect(to).await {
                let _small = there.set_nodelay(true);
                splice(tcp, there).await;
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

fn ip(arguments: &str) {
    if let Err(told) = tried(arguments) {
        panic!("ip {arguments}: {told}\nThis test makes network namespaces: it needs root and iproute2.");
    }
}

fn tried(arguments: &str) -> Result<(), String> {
    let done = Command::new("ip").args(arguments.split(' ')).output().map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}
