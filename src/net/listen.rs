//! Binding the addresses of the configuration.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// After a restart two hundred mailboxes knock within a second.
const BACKLOG: i32 = 4096;
/// How often a free port is drawn that must be free in both families.
const DRAWS: usize = 32;

/// Binds `addr` (`ip:port`, `[ip]:port`, `localhost:port`). The loopback
/// addresses `127.0.0.1` and `localhost` are bound in both families on the same
/// port, since clients differ in what they make of `localhost`; a machine
/// without IPv6 gets the one. Port 0 takes a free port.
///
/// # Errors
/// Names the address and what is wrong with it.
pub fn bind(addr: &str) -> io::Result<Vec<TcpListener>> {
    let address = parse(addr)?;
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {addr}: {error}"));
    if address.ip() != IpAddr::V4(Ipv4Addr::LOCALHOST) {
        return Ok(vec![open(address).map_err(named)?]);
    }
    let draws = if address.port() == 0 { DRAWS } else { 1 };
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..draws {
        match both(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
            done => return done.map_err(named),
        }
    }
    Err(named(last))
}

fn parse(addr: &str) -> io::Result<SocketAddr> {
    let address = match addr.rsplit_once(':') {
        Some((host, port)) if host.eq_ignore_ascii_case("localhost") => {
            port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        }
        _ => addr.parse().ok(),
    };
    address.ok_or_else(|| {
        let text = format!(
            "{addr:?} is not an address to listen on: it takes IP:PORT, [IPv6]:PORT or localhost:PORT"
        );
        io::Error::new(io::ErrorKind::InvalidInput, text)
    })
}

/// IPv4 loopback, and IPv6 loopback on the same port.
fn both(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let four = open(address)?;
    let port = four.local_addr()?.port();
    match open(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) {
        Ok(six) => Ok(vec![four, six]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(error) => {
            tracing::debug!(%error, port, "IPv6 loopback is not there");
            Ok(vec![four])
        }
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Takes over the port of a process that has just ended; two that listen at
    // the same time still collide.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        // `[::]` leaves IPv4 to a listener on `0.0.0.0`, whatever the system's default is.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::bind;
    use std::io::ErrorKind;

    #[tokio::test]
    async fn loopback_has_both_families_on_one_port() {
        for addr in ["127.0.0.1:0", "localhost:0"] {
            let listeners = bind(addr).unwrap();
            let bound: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
            assert!(bound[0].is_ipv4());
            assert!(bound.iter().all(|a| a.ip().is_loopback() && a.port() == bound[0].port()));
            let ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
            assert_eq!(bound.len(), if ipv6 { 2 } else { 1 });
        }
    }

    #[tokio::test]
    async fn any_other_address_is_bound_alone() {
        assert_eq!(bind("127.0.0.2:0").unwrap().len(), 1);
        assert_eq!(bind("0.0.0.0:0").unwrap().len(), 1);
    }

    #[tokio::test]
    async fn every_address_of_one_family_leaves_the_other_free() {
        let Ok(six) = bind("[::]:0") else { return };
        let port = six[0].local_addr().unwrap().port();
        assert!(bind(&format!("0.0.0.0:{port}")).is_ok());
    }

    #[tokio::test]
    async fn a_port_in_use_and_a_wrong_address_are_named() {
        let taken = bind("127.0.0.1:0").unwrap();
        let addr = taken[0].local_addr().unwrap().to_string();
        let error = bind(&addr).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains(&addr), "{error}");
        for wrong in ["", "1143", ":1143", "mail.example.com:993", "localhost:http", "::1:993"] {
            assert_eq!(bind(wrong).unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong:?}");
        }
    }
}
