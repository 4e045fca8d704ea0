//! The framing against a second opinion: `imap-codec`, which splits a stream
//! into lines and literals for a parser of its own.

use imap_codec::ResponseCodec;
use imap_codec::decode::Decoder as _;
use imap_codec::fragmentizer::{FragmentInfo, Fragmentizer, LiteralAnnouncement};
use imap_codec::imap_types::core::LiteralMode;
use postern_core::wire::imap::frame::{Literal, announced};
use proptest::collection::vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::select;

use crate::relay_script::Driver;

/// What the oracle makes of a whole line without its CRLF.
fn opinion(line: &[u8]) -> Option<LiteralAnnouncement> {
    let mut oracle = Fragmentizer::without_max_message_size();
    oracle.enqueue_bytes(line);
    oracle.enqueue_bytes(b"\r\n");
    match oracle.progress() {
        Some(FragmentInfo::Line { announcement, .. }) => announcement,
        Some(FragmentInfo::Literal { .. }) | None => panic!("a line is a line"),
    }
}

fn line_ends() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => select(vec!["{", "}", "+", "0", "7", "12", "~{", "{3}", "{5+}", " ", "a", "\"", "-"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<u8>().prop_filter("a line holds neither", |byte| !matches!(byte, b'\r' | b'\n')).prop_map(|b| vec![b]),
    ];
    vec(piece, 0..9).prop_map(|parts| parts.concat())
}

/// A command as its lines and literals, and whether the literals synchronise.
#[derive(Debug, Clone)]
enum Part {
    Line(Vec<u8>),
    Literal { octets: Vec<u8>, waits: bool },
}

/// Octets that look like the end of a literal and like commands.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => select(vec![&b"\r\n"[..], b"a9 LOGOUT\r\n", b"{4}", b")", b"* BYE x\r\n", b"+ go\r\n", b"a1 OK\r\n", b"}"])
            .prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..6).prop_map(|parts| parts.concat())
}

fn command() -> impl Strategy<Value = Vec<Part>> {
    let verb = select(vec![
        "NOOP",
        "APPEND INBOX",
        "SEARCH CHARSET UTF-8 TEXT",
        "UID FETCH 1:* FLAGS",
        "LIST \"\" *",
    ]);
    let literal = (octets(), any::<bool>()).prop_map(|(octets, waits)| Part::Literal { octets, waits });
    (verb, vec(literal, 0..4)).prop_map(|(verb, literals)| {
        let mut parts = vec![Part::Line(verb.as_bytes().to_vec())];
        parts.extend(literals);
        parts
    })
}

/// How the server sees it: it answers by the oracle's framing of what arrived.
struct Server {
    oracle: Fragmentizer,
    seen: usize,
    finished: Vec<Vec<u8>>,
}

impl Server {
    fn new() -> Self {
        Self { oracle: Fragmentizer::without_max_message_size(), seen: 0, finished: Vec::new() }
    }

    /// Takes what newly arrived; says what it answers.
    fn answer(&mut self, arrived: &[u8]) -> Vec<u8> {
        self.oracle.enqueue_bytes(arrived.get(self.seen..).unwrap_or_default());
        self.seen = arrived.len();
        let mut said = Vec::new();
        while let Some(fragment) = self.oracle.progress() {
            if let FragmentInfo::Line {
                announcement: Some(LiteralAnnouncement { mode: LiteralMode::Sync, .. }),
                ..
            } = fragment
            {
                said.extend(b"+ go on\r\n");
            }
            if self.oracle.is_message_complete() {
                let tag = self.oracle.decode_tag().expect("each command has a tag").inner().to_owned();
                said.extend(format!("{tag} OK done\r\n").into_bytes());
                self.finished.push(self.oracle.message_bytes().to_vec());
            }
        }
        said
    }
}

/// One command as it stands in the stream.
fn written(tag: &str, parts: &[Part]) -> Vec<u8> {
    let mut out = format!("{tag} ").into_bytes();
    for part in parts {
        match part {
            Part::Line(text) => out.extend(text),
            Part::Literal { octets, waits } => {
                let plus = if *waits { "" } else { "+" };
                out.extend(format!(" {{{}{plus}}}\r\n", octets.len()).into_bytes());
                out.extend(octets);
            }
        }
    }
    out.extend(b"\r\n");
    out
}

fn response() -> impl Strategy<Value = Vec<u8>> {
    let literal = |head: &'static str, tail: &'static str| {
        octets().prop_filter("NUL stands in no literal", |octets| !octets.contains(&0)).prop_map(
            move |octets| {
                let mut out = format!("{head}{{{}}}\r\n", octets.len()).into_bytes();
                out.extend(octets);
                out.extend(tail.as_bytes());
                out
            },
        )
    };
    prop_oneof![
        Just(b"* 3 EXISTS\r\n".to_vec()),
        Just(b"* OK [UIDNEXT 7] still here\r\n".to_vec()),
        Just(b"* FLAGS (\\Seen \\Draft)\r\n".to_vec()),
        Just(b"L1 OK logged in\r\n".to_vec()),
        literal("* 1 FETCH (UID 3 BODY[] ", ")\r\n"),
        literal("* 2 FETCH (BODY[HEADER] ", " FLAGS (\\Seen))\r\n"),
        (literal("* 3 FETCH (BODY[TEXT] ", ""), literal(" BODY[1] ", ")\r\n"))
            .prop_map(|(a, b)| [a, b].concat()),
        literal("* LIST (\\Marked) \"/\" ", "\r\n").prop_filter("a mailbox is text", |out| out.is_ascii()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_line_ends_announce_the_same_literals(line in line_ends()) {
        let ours = announced(&line).ok().flatten();
        match opinion(&line) {
            Some(LiteralAnnouncement { mode, length }) => prop_assert_eq!(
                ours,
                Some(Literal { octets: u64::from(length), synchronising: mode == LiteralMode::Sync }),
                "{}", line.escape_ascii()
            ),
            // A count above its 32 bits is no announcement to the oracle; to us it is one, or a fault.
            None => prop_assert!(
                ours.is_none_or(|literal| literal.octets > u64::from(u32::MAX)),
                "{}: {ours:?}", line.escape_ascii()
            ),
        }
    }

    #[test]
    fn the_server_finds_exactly_the_clients_commands(
        commands in vec(command(), 1..5), size in 1_usize..40, waits in any::<bool>()
    ) {
        let sent: Vec<Vec<u8>> =
            commands.iter().enumerate().map(|(n, parts)| written(&format!("t{n}"), parts)).collect();
        let mut driver = Driver::new("L1");
        driver.server(b"L1 OK in\r\n").unwrap();
        let mut server = Server::new();
        for command in &sent {
            for piece in command.chunks(size) {
                driver.client(piece).unwrap();
                // A server that is quick or that lets the client run ahead.
                if waits {
                    let answer = server.answer(&driver.to_server);
                    driver.server(&answer).unwrap();
                }
            }
        }
        loop {
            let answer = server.answer(&driver.to_server);
            if answer.is_empty() {
                break;
            }
            driver.server(&answer).unwrap();
        }
        prop_assert_eq!(&server.finished, &sent);
        prop_assert_eq!(&driver.to_server, &sent.concat());
        prop_assert!(driver.relay.at_command_boundary());
    }

    #[test]
    fn our_lines_could_stand_exactly_between_the_servers_messages(responses in vec(response(), 1..6)) {
        let mut driver = Driver::new("L1");
        let mut oracle = Fragmentizer::without_max_message_size();
        for byte in responses.concat() {
            driver.server(&[byte]).unwrap();
            oracle.enqueue_bytes(&[byte]);
            while oracle.progress().is_some() && !oracle.is_message_complete() {}
            prop_assert_eq!(driver.relay.server_at_line_boundary(), oracle.is_message_complete());
            if oracle.is_message_complete() {
                let message = oracle.message_bytes();
                prop_assert!(ResponseCodec::default().decode(message).is_ok(), "{}", message.escape_ascii());
            }
        }
        prop_assert_eq!(driver.to_client, responses.concat());
    }
}
