//! Random sessions: any chunking does the same, nothing panics.

use std::collections::VecDeque;

use postern_core::wire::imap::reply::Offer;
use postern_core::wire::imap::upstream::Step;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

use crate::login_script::{Chunking, Event, run};
use crate::relay_script::{Sent, merged, play};
use crate::upstream;

fn pieces(words: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(words).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..12),
    ];
    vec(piece, 0..12).prop_map(|parts| parts.concat())
}

const BEFORE_LOGIN: &[&[u8]] = &[
    b"a LOGIN anna@x.cz pst_1\r\n",
    b"b LOGIN {4}\r\n",
    b"anna {3+}\r\n",
    b"xyz\r\n",
    b"c AUTHENTICATE PLAIN\r\n",
    b"AGFubmFAeC5jegBwc3RfMQ==\r\n",
    b"d AUTHENTICATE LOGIN YW5uYUB4LmN6\r\n",
    b"cHN0XzE=\r\n",
    b"*\r\n",
    b"e CAPABILITY\r\n",
    b"f ID (\"a\" {2}\r\n",
    b"g NOOP\r\n",
    b"h LOGOUT\r\n",
    b"i LOGIN \"anna\" \"x",
    b"\\\"\"",
    b"\r\n",
    b"{0}\r\n",
    b" ",
];

const AFTER_LOGIN: &[&[u8]] = &[
    b"a1 NOOP\r\n",
    b"a2 APPEND x {3}\r\n",
    b"abc\r\n",
    b"a3 APPEND x {5+}\r\n",
    b"a4 COMPRESS DEFLATE\r\n",
    b"a5 COMPRESS {4}\r\n",
    b"a6 IDLE\r\n",
    b"DONE\r\n",
    b"a7 AUTHENTICATE X\r\n",
    b"QUJD\r\n",
    b"a8 LOGIN {3}\r\n",
    b" {2}\r\n",
    b"\r\n",
    b"a1 ",
];

const SERVER: &[&[u8]] = &[
    b"L1 OK hi\r\n",
    b"+ go\r\n",
    b"+\r\n",
    b"a1 OK x\r\n",
    b"a2 NO x\r\n",
    b"a2 OK x\r\n",
    b"a3 BAD x\r\n",
    b"a6 OK x\r\n",
    b"a7 NO x\r\n",
    b"* CAPABILITY A COMPRESS=DEFLATE B\r\n",
    b"* OK [CAPABILITY COMPRESS=X",
    b"] x {3}\r\n",
    b"* 1 FETCH (BODY[] {6}\r\n",
    b"a1 OK\r",
    b" COMPR",
    b")\r\n",
    b"* BYE\r\n",
    b"\r\n",
];

const GMAIL: &[&[u8]] = &[
    b"* OK Gimap ready\r\n",
    b"* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\n",
    b"+ e30=\r\n",
    b"+\r\n",
    b"A0 OK hi\r\n",
    b"A0 NO [AUTHENTICATIONFAILED] x\r\n",
    b"A0 BAD x\r\n",
    b"* BYE x\r\n",
    b"* 1 FETCH {3}\r\n",
    b"\r\n",
];

fn dialogue() -> impl Strategy<Value = Vec<Sent>> {
    let message =
        prop_oneof![pieces(AFTER_LOGIN).prop_map(Sent::Client), pieces(SERVER).prop_map(Sent::Server),];
    vec(message, 0..10)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn login_does_the_same_in_any_chunking(bytes in pieces(BEFORE_LOGIN), size in 1_usize..20, refusals in 0_usize..7) {
        let mut verdicts: VecDeque<String> = (0..refusals).map(|_| "wrong_token".to_owned()).collect();
        verdicts.push_back("accepted".to_owned());
        let sent = [bytes];
        let whole = run(Offer::Login, &sent, Chunking::Merged, &verdicts);
        assert_eq!(run(Offer::Login, &sent, Chunking::Pieces(size), &verdicts), whole);
        assert_eq!(run(Offer::Login, &sent, Chunking::Pieces(1), &verdicts), whole);
    }

    #[test]
    fn nothing_is_verified_before_tls(bytes in pieces(BEFORE_LOGIN), size in 1_usize..20) {
        let events = run(Offer::StartTls, &[bytes], Chunking::Pieces(size), &VecDeque::new());
        let leaked = events.iter().any(|event| matches!(event, Event::Verify(_)));
        assert!(!leaked, "{events:?}");
    }

    #[test]
    fn upstream_does_the_same_in_any_chunking(bytes in pieces(GMAIL), greet in any::<bool>(), size in 1_usize..20) {
        let greeting: &[u8] = if greet { b"* OK Gimap ready\r\n" } else { b"" };
        let said = [greeting, &bytes].concat();
        let whole = upstream::play(&said, usize::MAX);
        if let Step::Done(welcome) = &whole.1 {
            assert!(said.ends_with(&[welcome.reply.as_slice(), &welcome.unread].concat()) || bytes.contains(&b'+'));
        }
        assert_eq!(upstream::play(&said, size), whole);
        assert_eq!(upstream::play(&said, 1), whole);
    }

    #[test]
    fn the_relay_does_the_same_in_any_chunking(sent in dialogue(), size in 1_usize..20) {
        let (whole, result) = play("L1", &sent, usize::MAX);
        for (pieces, size) in [(&sent, size), (&sent, 1), (&merged(&sent), usize::MAX)] {
            let (driver, other) = play("L1", pieces, size);
            assert_eq!(other, result);
            let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(show(&driver.to_server), show(&whole.to_server));
            if result.is_ok() {
                assert_eq!(show(&driver.to_client), show(&whole.to_client));
                assert_eq!(driver.relay.at_command_boundary(), whole.relay.at_command_boundary());
                assert_eq!(driver.relay.server_at_line_boundary(), whole.relay.server_at_line_boundary());
                assert_eq!(driver.relay.server_said_bye(), whole.relay.server_said_bye());
            }
        }
    }

    #[test]
    fn what_the_relay_passes_is_what_was_sent(sent in dialogue()) {
        let (driver, _) = play("L1", &sent, 3);
        let side = |client: bool| -> Vec<u8> {
            sent.iter().filter_map(|one| match one {
                Sent::Client(bytes) if client => Some(bytes.as_slice()),
                Sent::Server(bytes) if !client => Some(bytes.as_slice()),
                Sent::Client(_) | Sent::Server(_) => None,
            }).collect::<Vec<_>>().concat()
        };
        // Upstream never sees a byte that the client did not send, in its order.
        assert!(is_subsequence(&driver.to_server, &side(true)));
        assert!(driver.to_client.len() <= side(false).len() + 64 * side(true).len());
    }
}

fn is_subsequence(part: &[u8], whole: &[u8]) -> bool {
    let mut left = whole.iter();
    part.iter().all(|byte| left.any(|other| other == byte))
}
