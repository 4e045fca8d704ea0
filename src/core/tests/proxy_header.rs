//! The PROXY header: transcripts, every split, and whatever else may come.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;

use postern_core::wire::proxy::{LONGEST, Verdict, read};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

const MAGIC: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [MAGIC, &[command, family], &length, body].concat()
}

fn four(source: [u8; 4], port: u16, more: &[u8]) -> Vec<u8> {
    let ports = [port.to_be_bytes(), 993_u16.to_be_bytes()].concat();
    binary(0x21, 0x11, &[&source[..], &[10, 0, 0, 1], &ports, more].concat())
}

fn six(source: &str, port: u16, more: &[u8]) -> Vec<u8> {
    let source: std::net::Ipv6Addr = source.parse().unwrap();
    let ports = [port.to_be_bytes(), 993_u16.to_be_bytes()].concat();
    binary(0x21, 0x21, &[&source.octets()[..], &[0; 16], &ports, more].concat())
}

fn at(text: &str) -> Option<SocketAddr> {
    Some(text.parse().unwrap())
}

/// Headers as proxies send them, each with the client it names.
fn samples() -> Vec<(Vec<u8>, Option<SocketAddr>)> {
    let text = |line: &str| format!("{line}\r\n").into_bytes();
    vec![
        (text("PROXY TCP4 203.0.113.7 10.0.0.1 40000 993"), at("203.0.113.7:40000")),
        (text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535"), at("255.255.255.255:65535")),
        (text("PROXY TCP6 2001:db8::7 fd00::1 40000 993"), at("[2001:db8::7]:40000")),
        (text("PROXY TCP6 ::ffff:203.0.113.7 ::ffff:10.0.0.1 1 0"), at("203.0.113.7:1")),
        (text("PROXY UNKNOWN"), None),
        (text("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535"), None),
        (four([203, 0, 113, 7], 40_000, &[]), at("203.0.113.7:40000")),
        // An authority TLV, as haproxy sends it with `proxy-v2-options authority`.
        (four([203, 0, 113, 7], 40_000, b"\x02\0\x04mail"), at("203.0.113.7:40000")),
        (four([203, 0, 113, 7], 1, &[0x55; LONGEST - 28]), at("203.0.113.7:1")),
        (six("2001:db8::7", 40_000, &[]), at("[2001:db8::7]:40000")),
        (six("::ffff:203.0.113.7", 7, b"\x04\0\0"), at("203.0.113.7:7")),
        (binary(0x20, 0x00, &[]), None),
        (binary(0x20, 0x11, &[9; 12]), None),
        (binary(0x21, 0x00, b"anything"), None),
        (binary(0x21, 0x31, &[0; 216]), None),
    ]
}

#[test]
fn every_header_is_read_at_every_split_and_to_its_last_octet() {
    for (header, client) in samples() {
        for split in 0..header.len() {
            assert_eq!(read(&header[..split]), Verdict::Partial, "{split} of {header:?}");
        }
        let whole = Verdict::Whole { length: header.len(), client };
        assert_eq!(read(&header), whole);
        for more in [&b"\x16\x03\x01"[..], b"a1 LOGIN x y\r\n", b"\r\n\r\n\0\r\nQUIT\n", b"PROXY UNKNOWN\r\n"]
        {
            assert_eq!(read(&[&header[..], more].concat()), whole);
        }
    }
}

#[test]
fn what_is_no_header_is_told_at_its_first_wrong_octet() {
    for (octets, wrong) in [
        (&b"EHLO crm\r\n"[..], 0),
        (b"\x16\x03\x01", 0),
        (b"PROXX TCP4", 4),
        (b"PROXY\r\n", 5),
        (b"proxy TCP4", 0),
        (b"\r\n\r\n\0\r\nQUIX\n", 10),
        (b"\r\n\r\n\r\n", 4),
        (b"PROXY TCP4\n", 10),
        (b"PROXY TCP4\rx", 11),
    ] {
        assert_eq!(read(&octets[..wrong]), Verdict::Partial, "{octets:?}");
        assert_eq!(read(&octets[..=wrong]), Verdict::Malformed, "{octets:?}");
    }
}

#[test]
fn lines_that_say_something_else_are_refused() {
    for line in [
        "PROXY ",
        "PROXY TCP4",
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000",
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000 993 ",
        "PROXY TCP4 203.0.113.7  10.0.0.1 40000 993",
        "PROXY TCP4 203.0.113.07 10.0.0.1 40000 993",
        "PROXY TCP4 203.0.113.7 10.0.0.1 040000 993",
        "PROXY TCP4 203.0.113.7 10.0.0.1 +4 993",
        "PROXY TCP4 203.0.113.7 10.0.0.1 65536 993",
        "PROXY TCP4 203.0.113.7 10.0.0.1  993",
        "PROXY TCP4 2001:db8::7 fd00::1 40000 993",
        "PROXY TCP6 203.0.113.7 10.0.0.1 40000 993",
        "PROXY TCP6 fe80::1%eth0 fd00::1 40000 993",
        "PROXY UDP4 203.0.113.7 10.0.0.1 40000 993",
        "PROXY UNKNOWNS",
        "PROXY TCP4 203.0.113.7 10.0.0.1 40000 99\u{b3}",
    ] {
        assert_eq!(read(format!("{line}\r\n").as_bytes()), Verdict::Malformed, "{line:?}");
    }
    let long = format!("PROXY UNKNOWN {}", "x".repeat(91));
    assert_eq!(long.len(), 105);
    assert_eq!(read(format!("{long}\r\n").as_bytes()), Verdict::Whole { length: 107, client: None });
    assert_eq!(read(format!("{long}x").as_bytes()), Verdict::Partial);
    assert_eq!(read(format!("{long}x\r").as_bytes()), Verdict::Malformed);
}

#[test]
fn binary_headers_that_say_something_else_are_refused() {
    for (command, family, length) in [
        (0x11, 0x11, 12),
        (0x22, 0x11, 12),
        (0x31, 0x11, 12),
        (0x21, 0x12, 12),
        (0x21, 0x22, 36),
        (0x21, 0x32, 216),
        (0x21, 0x41, 12),
        (0x21, 0x11, 11),
        (0x21, 0x21, 35),
        (0x21, 0x31, 215),
        (0x20, 0x00, LONGEST - 15),
    ] {
        let header = binary(command, family, &vec![0; length]);
        assert_eq!(read(&header[..16]), Verdict::Malformed, "{command:#x} {family:#x} {length}");
    }
}

fn header() -> impl Strategy<Value = Vec<u8>> {
    let pick = (0..samples().len()).prop_map(|index| samples().swap_remove(index).0);
    let shape = (any::<u8>(), any::<u8>(), vec(any::<u8>(), 0..300));
    prop_oneof![
        pick,
        shape.prop_map(|(command, family, body)| binary(command, family, &body)),
        ("PROXY (TCP4|TCP6|UNKNOWN)[ 0-9a-f:.]{0,90}").prop_map(|line| format!("{line}\r\n").into_bytes()),
        Just(Vec::new()),
    ]
}

proptest! {
    /// A verdict, once given, stands, and before it the octets are all the header's.
    #[test]
    fn verdicts_hold_for_any_octets(octets in (header(), vec(any::<u8>(), 0..200), 0_usize..4000, any::<u8>())
        .prop_map(|(mut head, tail, at, octet)| {
            if let Some(place) = head.get_mut(at) {
                *place = octet;
            }
            [head, tail].concat()
        }))
    {
        let mut last = Verdict::Partial;
        for end in 0..=octets.len() {
            let now = read(&octets[..end]);
            match last {
                Verdict::Partial => {
                    if let Verdict::Whole { length, .. } = now {
                        assert_eq!(length, end);
                    }
                }
                Verdict::Whole { .. } | Verdict::Malformed => assert_eq!(now, last),
            }
            last = now;
        }
        assert!(last != Verdict::Partial || octets.len() < LONGEST);
    }
}
