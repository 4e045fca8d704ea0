//! Whose address stands behind a request.
//!
//! The address of the connection, or what a trusted proxy says in
//! `X-Forwarded-For`: read from the right, the first one that no trusted proxy
//! has. What anybody else writes into that field is not looked at.

use std::net::IpAddr;

use axum::http::HeaderMap;
use postern_core::model::network::Network;

/// The address of the connection, as the listener tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connected(pub IpAddr);

/// Longest chain of proxies that is followed.
const MOST: usize = 16;

pub(super) fn address(connected: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let trusts = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let fields = headers.get_all("x-forwarded-for").iter().rev();
    let hops = fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.rsplit(','));
    let mut behind = connected;
    for hop in hops.take(MOST) {
        if !trusts(behind) {
            break;
        }
        // A proxy that writes something else has told nothing.
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        behind = address.to_canonical();
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::address;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["127.0.0.1".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        for (connected, fields, expected) in [
            ("192.0.2.1", &["198.51.100.9"][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.9"], "198.51.100.9"),
            ("127.0.0.1", &["6.6.6.6, 198.51.100.9"], "198.51.100.9"),
            ("127.0.0.1", &["6.6.6.6", "198.51.100.9, 10.1.1.1"], "198.51.100.9"),
            ("127.0.0.1", &["10.1.1.1, 10.1.1.2"], "10.1.1.1"),
            ("127.0.0.1", &["unknown"], "127.0.0.1"),
            ("127.0.0.1", &["::ffff:198.51.100.9"], "198.51.100.9"),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append("x-forwarded-for", HeaderValue::from_static(field));
            }
            let told = address(connected.parse().unwrap(), &headers, &trusted);
            assert_eq!(told.to_string(), expected, "{connected} {fields:?}");
        }
    }
}
