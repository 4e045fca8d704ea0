//! A network of addresses, as configuration and sockets both know it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One address, or all that share its first bits (CIDR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// The text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// Neither an address nor `address/bits`.
    #[error("is neither an IP address nor a network")]
    Form,
    /// Bits of the address lie outside the network: one of the two is mistyped.
    #[error("has bits of the address behind its network part")]
    Beyond,
}

impl Network {
    /// Whether `address` lies in it. An IPv4 address in IPv6 clothes
    /// (`::ffff:192.0.2.1`) is the IPv4 address.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (u32::from(base) ^ u32::from(address)) & mask4(self.bits) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                (u128::from(base) ^ u128::from(address)) & mask6(self.bits) == 0
            }
            _ => false,
        }
    }

    /// Whether nothing but loopback lies in it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.base {
            IpAddr::V4(base) => base.is_loopback() && self.bits >= 8,
            IpAddr::V6(base) => base.is_loopback() && self.bits == 128,
        }
    }
}

fn mask4(bits: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(bits))).unwrap_or(0)
}

fn mask6(bits: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(bits))).unwrap_or(0)
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits)),
        };
        let base: IpAddr = address.parse().map_err(|_| NotANetwork::Form)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => most,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|bits| *bits <= most).ok_or(NotANetwork::Form)?
            }
            Some(_) => return Err(NotANetwork::Form),
        };
        let beyond = match base {
            IpAddr::V4(base) => u32::from(base) & !mask4(bits) != 0,
            IpAddr::V6(base) => u128::from(base) & !mask6(bits) != 0,
        };
        if beyond { Err(NotANetwork::Beyond) } else { Ok(Self { base, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::{Network, NotANetwork};

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_lie_inside_or_outside() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.128/25", "::ffff:192.0.2.200", "192.0.2.127"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::/0", "2001:db8::1", "127.0.0.1"),
            ("::1", "::1", "::2"),
        ] {
            assert!(network(text).holds(inside.parse().unwrap()), "{text} {inside}");
            assert!(!network(text).holds(outside.parse().unwrap()), "{text} {outside}");
        }
        assert!(network("127.0.0.0/8").is_loopback() && network("::1").is_loopback());
        assert!(!network("0.0.0.0/0").is_loopback() && !network("126.0.0.0/7").is_loopback());
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "a", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "10.0.0/8", "1.2.3.4:5"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork::Form), "{text:?}");
        }
        for text in ["10.0.0.1/8", "fd00::1/8", "1.0.0.0/0"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork::Beyond), "{text:?}");
        }
        assert_eq!(network("192.0.2.7").to_string(), "192.0.2.7/32");
    }
}
