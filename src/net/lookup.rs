//! What the resolver and the routing table of this machine say about a host, and
//! whether it takes a connection. Not an octet is said to it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::target::Target;

/// Every address of the name.
///
/// # Errors
/// When the resolver has none or does not answer.
#[expect(clippy::disallowed_methods, reason = "inside net/: a name is looked up and not dialled")]
pub async fn addresses(target: &Target) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((target.host.as_str(), target.port)).await?.collect())
}

/// Whether the host takes a connection, which is closed at once.
///
/// # Errors
/// The last address's refusal.
#[expect(clippy::disallowed_methods, reason = "inside net/: nothing is said on it")]
pub async fn reaches(target: &Target) -> io::Result<()> {
    tokio::net::TcpStream::connect((target.host.as_str(), target.port)).await.map(drop)
}

/// Whether this machine has a way to the address. Connecting a datagram socket
/// asks the routing table and sends nothing.
#[must_use]
pub fn routed(to: SocketAddr) -> bool {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(to)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{addresses, reaches, routed};
    use crate::net::trial;

    #[tokio::test]
    async fn this_machine_is_known_and_reached_and_an_invalid_name_is_not() {
        let found = addresses(&"127.0.0.1:993".parse().unwrap()).await.unwrap();
        assert_eq!(found, ["127.0.0.1:993".parse().unwrap()]);
        assert!(routed(found[0]));
        let (listener, place) = trial::listener().await;
        let target = place.to_string().parse().unwrap();
        reaches(&target).await.unwrap();
        drop(listener);
        assert!(reaches(&target).await.is_err());
        assert!(addresses(&"nobody.invalid:993".parse().unwrap()).await.is_err());
    }
}
