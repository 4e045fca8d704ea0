//! HAProxy, which tells the gateway whom it speaks for.

use std::net::{IpAddr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ports;
use super::program::{PATIENCE, Server, part};

/// A running HAProxy that passes octets through.
pub struct HaProxy {
    _server: Server,
    _dir: TempDir,
    /// Where it listens, in the order in which the ways were asked for.
    pub addrs: Vec<SocketAddr>,
}

impl HaProxy {
    /// Starts it with one listener per way: where to, and how (`send-proxy`,
    /// `send-proxy-v2`).
    pub fn start(ways: &[(SocketAddr, &str)]) -> Self {
        let ways: Vec<_> = ways.iter().map(|(to, how)| format!("    server postern {to} {how}\n")).collect();
        Self::listening(&ways)
    }

    /// Starts it in front of nodes, one listener per port of theirs: in turn, by version 2 of the header,
    /// to those that say at port `ready` that clients may be sent there.
    pub fn balancing(nodes: &[IpAddr], ports: &[u16], ready: u16) -> Self {
        let one = |port: &u16| {
            let check = format!("check port {ready} inter 400 fall 4 rise 1");
            let servers = nodes.iter().enumerate().map(|(number, node)| {
                format!("    server node{number} {node}:{port} {check} send-proxy-v2\n")
            });
            format!(
                "    balance roundrobin\n    option redispatch\n    retries 2\n    timeout check 1s\n    \
                 option httpchk GET /readyz\n    http-check expect status 200\n{}",
                servers.collect::<String>()
            )
        };
        Self::listening(&ports.iter().map(one).collect::<Vec<_>>())
    }

    // One listener per part of the configuration.
    fn listening(parts: &[String]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let addrs: Vec<_> = parts.iter().map(|_| SocketAddr::from(([127, 0, 0, 1], ports::free()))).collect();
        let mut text = "global\n    maxconn 512\ndefaults\n    mode tcp\n    timeout connect 10s\n    \
                        timeout client 60s\n    timeout server 60s\n"
            .to_owned();
        for (index, (part, here)) in parts.iter().zip(&addrs).enumerate() {
            text += &format!("listen way{index}\n    bind {here}\n{part}");
        }
        let config = dir.path().join("haproxy.cfg");
        std::fs::write(&config, text).expect("written");
        let mut command = Command::new(part("HAPROXY"));
        command.arg("-db").arg("-f").arg(&config).stdin(Stdio::null()).stderr(Stdio::null());
        let mut server = Server::new(command.spawn().expect("HAProxy starts"));
        let until = Instant::now() + PATIENCE;
        while !addrs.iter().all(|addr| std::net::TcpStream::connect(addr).is_ok()) {
            assert!(!server.ended() && Instant::now() < until, "HAProxy does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { _server: server, _dir: dir, addrs }
    }
}
