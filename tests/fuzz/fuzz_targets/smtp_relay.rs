//! Any octets from both sides after login, cut anywhere: one command at a time,
//! and a complete message at upstream only where the client sent exactly that.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::{
    model::{address::Address, refusal::Reference},
    wire::smtp::{
        READ_BUFFER,
        header::{Mode, Policy},
        login::Greeted,
        offers::Offers,
        relay::{Relay, Setup, Step},
    },
};

const SIZE: u64 = 4096;

fn relay(mode: Mode) -> Relay {
    let addresses = Address::parse("a@x.cz").into_iter().collect();
    Relay::new(Setup {
        hostname: "gate.test".to_owned(),
        size_limit: SIZE,
        offers: Offers::ours(SIZE),
        greeted: Greeted::Ehlo,
        policy: Policy { addresses, mode },
        reference: Reference::new("f"),
    })
}

/// What went up after 354, and whether the final dot did.
#[derive(Debug, PartialEq, Eq)]
struct Sent {
    body: Vec<u8>,
    complete: bool,
}

/// Feeds both sides in turns; a command that goes up is answered by the next
/// piece of `upstream`, so both fuzzed order and fuzzed words are met.
fn run(client: &[u8], upstream: &[u8], piece: usize, mode: Mode) {
    let mut relay = relay(mode);
    let (mut from_client, mut from_upstream) = (Vec::new(), Vec::new());
    let (mut clients, mut upstreams) = (client.chunks(piece), upstream.chunks(piece));
    let (mut dropped, mut body_mode) = (false, false);
    loop {
        let (mut c, mut u) = (&from_client[..], &from_upstream[..]);
        let step = relay.step(&mut c, &mut u);
        let (left_client, left_upstream) = (c.len(), u.len());
        let mut done = false;
        match step {
            Step::Need(wait) => {
                assert!(!wait.client || left_client < READ_BUFFER);
                assert!(left_upstream < READ_BUFFER);
                match (wait.client.then(|| clients.next()).flatten(), upstreams.next()) {
                    (None, None) => done = true,
                    (more_client, more_upstream) => {
                        let keep = from_client.len() - left_client;
                        from_client.drain(..keep);
                        let keep = from_upstream.len() - left_upstream;
                        from_upstream.drain(..keep);
                        from_client.extend_from_slice(more_client.unwrap_or_default());
                        if !dropped {
                            from_upstream.extend_from_slice(more_upstream.unwrap_or_default());
                        }
                        continue;
                    }
                }
            }
            Step::ToUpstream(line) => {
                assert!(!dropped);
                assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1);
                body_mode = line == b"DATA\r\n";
            }
            Step::Body(text) => assert!(!dropped && body_mode && !text.is_empty() && !text.contains(&0)),
            Step::FinalDot(dot) => {
                assert!(!dropped && std::mem::take(&mut body_mode));
                assert_eq!(dot, b".\r\n");
            }
            Step::DropUpstream => dropped = true,
            Step::ToClient(_) | Step::Finished(_) => {}
            Step::Close => done = true,
        }
        let keep = from_client.len() - left_client;
        from_client.drain(..keep);
        let keep = from_upstream.len() - left_upstream;
        from_upstream.drain(..keep);
        if dropped {
            from_upstream.clear();
        }
        if done {
            return;
        }
    }
}

/// Sends `stream` as the body of a message.
fn send(stream: &[u8], piece: usize, mode: Mode) -> Sent {
    let mut relay = relay(mode);
    let mut held = b"DATA\r\n".to_vec();
    let mut answer: &[u8] = b"354 go\r\n";
    let mut chunks = stream.chunks(piece);
    let mut sent = Sent { body: Vec::new(), complete: false };
    let mut asked = false;
    loop {
        let (mut client, mut upstream) = (&held[..], if asked { answer } else { &b""[..] });
        let step = relay.step(&mut client, &mut upstream);
        let left = client.len();
        if asked {
            answer = upstream;
        }
        match step {
            Step::Need(_) => match chunks.next() {
                Some(chunk) => {
                    let keep = held.len() - left;
                    held.drain(..keep);
                    held.extend_from_slice(chunk);
                    continue;
                }
                None => return sent,
            },
            Step::ToUpstream(_) => asked = true,
            Step::Body(text) => sent.body.extend_from_slice(text),
            Step::FinalDot(dot) => {
                sent.body.extend_from_slice(dot);
                sent.complete = true;
                return sent;
            }
            Step::DropUpstream | Step::Close => return sent,
            Step::ToClient(_) | Step::Finished(_) => {}
        }
        let keep = held.len() - left;
        held.drain(..keep);
    }
}

fn end(stream: &[u8]) -> Option<usize> {
    if stream.starts_with(b".\r\n") {
        return Some(3);
    }
    stream.windows(5).position(|window| window == b"\r\n.\r\n").map(|at| at + 5)
}

fuzz_target!(|data: &[u8]| {
    let [cut, split, input @ ..] = data else { return };
    let piece = usize::from(*cut) + 1;
    let (client, upstream) = input.split_at(input.len() * usize::from(*split) / 255);
    for mode in [Mode::Note, Mode::Refuse] {
        run(client, upstream, piece, mode);
        let (whole, cut) = (send(input, input.len().max(1), mode), send(input, piece, mode));
        assert_eq!(whole, cut);
        if whole.complete {
            assert_eq!(Some(whole.body.len()), end(input));
        }
        assert!(input.starts_with(&whole.body));
    }
});
