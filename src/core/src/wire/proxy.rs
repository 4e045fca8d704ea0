//! The PROXY header, versions 1 and 2 (HAProxy's `proxy-protocol.txt`): who a
//! proxy speaks for.
//!
//! [`read`] judges the first octets of a connection. It promises: the same
//! verdict for any chunking; the exact length of the header, so that its
//! caller takes no octet of what follows; `Malformed` as soon as no further
//! octet could help. It refuses headers above [`LONGEST`], datagram families,
//! and what version 1 does not spell out; it skips TLVs unread.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest header that is read: version 1 takes 107 octets at most, version 2
/// its addresses and the TLVs that proxies send (the largest is a certificate's
/// name).
pub const LONGEST: usize = 4096;

const TEXT: &[u8] = b"PROXY ";
const TEXT_LONGEST: usize = 107;
const BINARY: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const FIXED: usize = 16;

/// What the octets so far are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The beginning of a header. All of these octets belong to it.
    Partial,
    /// A whole header.
    Whole {
        /// Its length in octets.
        length: usize,
        /// The client that the proxy speaks for; `None` when it speaks for
        /// itself (a health check) or does not know, and the socket's own
        /// address stands.
        client: Option<SocketAddr>,
    },
    /// No header, and none can become of it.
    Malformed,
}

/// Judges the octets from the beginning of the connection on.
#[must_use]
pub fn read(octets: &[u8]) -> Verdict {
    let known = |magic: &[u8]| octets.iter().zip(magic).all(|(a, b)| a == b);
    if known(BINARY) {
        binary(octets).unwrap_or(Verdict::Partial)
    } else if known(TEXT) {
        text(octets)
    } else {
        Verdict::Malformed
    }
}

/// Version 1: a line of words.
fn text(octets: &[u8]) -> Verdict {
    let head = octets.get(..TEXT_LONGEST).unwrap_or(octets);
    let Some(end) = head.windows(2).position(|pair| pair == b"\r\n") else {
        // Nothing else in a line is a CR or an LF, and a CR may be the first half of its end.
        let body = head.strip_suffix(b"\r").unwrap_or(head);
        let broken = body.iter().any(|b| matches!(b, b'\r' | b'\n'));
        return if broken || head.len() == TEXT_LONGEST { Verdict::Malformed } else { Verdict::Partial };
    };
    let line = head.get(..end).unwrap_or_default();
    match std::str::from_utf8(line).ok().and_then(words) {
        Some(client) => Verdict::Whole { length: end.saturating_add(2), client },
        None => Verdict::Malformed,
    }
}

fn words(line: &str) -> Option<Option<SocketAddr>> {
    if line.contains(['\r', '\n']) {
        return None;
    }
    // Behind UNKNOWN anything may stand, and none of it counts.
    if line == "PROXY UNKNOWN" || line.starts_with("PROXY UNKNOWN ") {
        return Some(None);
    }
    let words: Vec<&str> = line.split(' ').collect();
    let ["PROXY", family, source, destination, port, its_port] = words.as_slice() else { return None };
    let address = |text: &str| -> Option<IpAddr> {
        match *family {
            "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let (source, _) = (address(source)?, address(destination)?);
    let (port, _) = (number(port)?, number(its_port)?);
    Some(Some(SocketAddr::new(source.to_canonical(), port)))
}

/// A port without sign and leading zeros.
fn number(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == 1 || !digits.starts_with('0'));
    plain.then(|| digits.parse().ok()).flatten()
}

/// Version 2: sixteen octets that name what follows. `None` when octets lack.
fn binary(octets: &[u8]) -> Option<Verdict> {
    let &[command, family, high, low] = octets.get(BINARY.len()..FIXED)? else { return None };
    let length = FIXED.saturating_add(usize::from(u16::from_be_bytes([high, low])));
    // LOCAL carries nothing that counts, whatever family stands there.
    let addresses = match (command, family) {
        (0x20, _) | (0x21, 0x00) => 0,
        (0x21, 0x11) => 12,
        (0x21, 0x21) => 36,
        (0x21, 0x31) => 216,
        _ => return Some(Verdict::Malformed),
    };
    if length > LONGEST || length < FIXED.saturating_add(addresses) {
        return Some(Verdict::Malformed);
    }
    let body = octets.get(FIXED..length)?;
    let client = match addresses {
        12 => client::<4>(body, 8),
        36 => client::<16>(body, 32),
        _ => None,
    };
    Some(Verdict::Whole { length, client })
}

/// The source: its address in front, its port behind both addresses.
fn client<const N: usize>(body: &[u8], port: usize) -> Option<SocketAddr>
where
    IpAddr: From<[u8; N]>,
{
    let address: [u8; N] = body.get(..N)?.try_into().ok()?;
    let port: [u8; 2] = body.get(port..port.checked_add(2)?)?.try_into().ok()?;
    Some(SocketAddr::new(IpAddr::from(address).to_canonical(), u16::from_be_bytes(port)))
}
