//! Transcripts of a session before login, and how they are replayed.
//!
//! `S: ` is a line of ours, `C: ` a line of the client, `C+ ` its octets
//! without a line end, `V: user|secret|Mechanism` a credential to verify and
//! `=> ` its verdict (`accepted` or a cause), `TLS` the handshake, `CLOSE` the
//! end. `·` is a blank that an editor might drop.

use std::collections::VecDeque;

use postern_core::model::refusal::{Cause, PeerText, Reference, Refusal};
use postern_core::wire::imap::login::{Credential, Limits, Login, Step};
use postern_core::wire::imap::reply::Offer;

/// What a session did, with adjacent writes joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Said(String),
    Verify(String),
    StartTls,
    Close,
    /// The tag, and all client bytes that were not processed.
    HandOver(String, Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    Lines,
    Pieces(usize),
    Merged,
}

pub fn refusal(name: &str) -> Refusal {
    let causes = [
        Cause::WrongToken,
        Cause::TokenExpired,
        Cause::NeedsConsent,
        Cause::NeedsSignIn,
        Cause::ProductMissing,
        Cause::Disabled,
        Cause::AwaitingApproval,
        Cause::ClientRefused,
        Cause::RefusedByGmail(PeerText::new("no IMAP here")),
        Cause::Unavailable,
        Cause::TooManyConnections,
    ];
    let cause = causes.into_iter().find(|cause| cause.name() == name).expect("a cause");
    Refusal { cause, reference: Reference::new("k3x9"), help: Some("https://crm.example.com/r/k3x9".into()) }
}

#[derive(Default)]
struct Script {
    sent: Vec<Vec<u8>>,
    verdicts: VecDeque<String>,
    expected: Vec<Event>,
    accepted: bool,
}

fn parse(text: &str) -> Script {
    let mut script = Script::default();
    let mut tag = String::new();
    let mut unread = Vec::new();
    for line in text.lines().map(|line| line.trim().replace('·', " ")).filter(|line| !line.is_empty()) {
        let bytes = match line.split_at(line.len().min(3)) {
            ("C: ", rest) => format!("{rest}\r\n").into_bytes(),
            ("C:", _) => b"\r\n".to_vec(),
            ("C+ ", rest) => rest.as_bytes().to_vec(),
            ("S: ", rest) => {
                say(&mut script.expected, &format!("{rest}\r\n"));
                continue;
            }
            ("V: ", rest) => {
                let (before, credential) = rest.split_once(' ').expect("V: tag credential");
                tag = before.to_owned();
                script.expected.push(Event::Verify(format!("{before} {credential}")));
                continue;
            }
            ("=> ", rest) => {
                script.accepted = rest == "accepted";
                script.verdicts.push_back(rest.to_owned());
                continue;
            }
            ("TLS", _) => {
                script.expected.push(Event::StartTls);
                continue;
            }
            ("CLO", _) => {
                script.expected.push(Event::Close);
                continue;
            }
            _ => panic!("unknown line {line}"),
        };
        if script.accepted {
            unread.extend_from_slice(&bytes);
        }
        script.sent.push(bytes);
    }
    if script.accepted {
        script.expected.push(Event::HandOver(tag, unread));
    }
    script
}

fn say(events: &mut Vec<Event>, text: &str) {
    if let Some(Event::Said(before)) = events.last_mut() {
        before.push_str(text);
    } else {
        events.push(Event::Said(text.to_owned()));
    }
}

fn cut<'a>(sent: &'a [Vec<u8>], whole: &'a [u8], chunking: Chunking) -> Vec<&'a [u8]> {
    match chunking {
        Chunking::Lines => sent.iter().map(Vec::as_slice).collect(),
        Chunking::Pieces(size) => whole.chunks(size).collect(),
        Chunking::Merged => vec![whole],
    }
}

fn shown(it: &Credential) -> Event {
    Event::Verify(format!("{} {}|{}|{:?}", it.tag, it.user, it.secret.reveal(), it.mechanism))
}

/// Runs a session over `sent` and returns all it did. Verdicts that are
/// missing are `wrong_token`.
pub fn run(offer: Offer, sent: &[Vec<u8>], chunking: Chunking, verdicts: &VecDeque<String>) -> Vec<Event> {
    let whole = sent.concat();
    let pieces = cut(sent, &whole, chunking);
    let mut login = Login::new(offer, Limits::default());
    let mut verdicts = verdicts.clone();
    let mut events = Vec::new();
    let mut fed = 0;
    let mut pieces = pieces.into_iter();
    let mut piece: &[u8] = &[];
    // A client may speak first.
    if chunking == Chunking::Merged {
        piece = pieces.next().unwrap_or_default();
        let taken = login.feed(piece);
        fed += taken;
        piece = &piece[taken..];
    }
    loop {
        match login.step() {
            Step::Send(bytes) => say(&mut events, &String::from_utf8(bytes).expect("our lines are ASCII")),
            Step::Verify(it) => {
                events.push(shown(&it));
                match verdicts.pop_front().as_deref() {
                    Some("accepted") => {
                        let over = login.accepted().expect("a credential was verified");
                        let mut rest = over.unread;
                        rest.extend_from_slice(&whole[fed..]);
                        events.push(Event::HandOver(over.tag.to_string(), rest));
                        return events;
                    }
                    verdict => login.refused(&refusal(verdict.unwrap_or("wrong_token"))),
                }
            }
            Step::StartTls => {
                events.push(Event::StartTls);
                login.secured();
            }
            Step::Close => {
                events.push(Event::Close);
                return events;
            }
            Step::Wait => panic!("every verdict was given"),
            Step::Need => {
                while piece.is_empty() {
                    match pieces.next() {
                        Some(next) => piece = next,
                        None => return events,
                    }
                }
                let taken = login.feed(piece);
                assert!(taken > 0, "a core that needs bytes takes some");
                fed += taken;
                piece = &piece[taken..];
            }
        }
    }
}

/// Replays a transcript in every chunking and compares.
pub fn holds(offer: Offer, text: &str) {
    let script = parse(text);
    let mut chunkings = vec![Chunking::Lines, Chunking::Pieces(1), Chunking::Pieces(7)];
    if script.expected.contains(&Event::StartTls) {
        chunkings = vec![Chunking::Lines, Chunking::Pieces(1)];
    } else {
        chunkings.push(Chunking::Merged);
    }
    for chunking in chunkings {
        let events = run(offer, &script.sent, chunking, &script.verdicts);
        assert_eq!(events, script.expected, "{chunking:?}\n{text}");
    }
}

const HELLO: &str =
    "S: * OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN] Postern ready\n";
const HELLO_TLS: &str = "S: * OK [CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED] Postern ready\n";

/// A listener that offers login.
pub fn clear(text: &str) {
    holds(Offer::Login, &format!("{HELLO}{text}"));
}

/// A listener that offers STARTTLS first.
pub fn starttls(text: &str) {
    holds(Offer::StartTls, &format!("{HELLO_TLS}{text}"));
}
