//! A session that is ended from outside, at every point.

use postern_core::wire::smtp::{relay::Relay, reply::Farewell, transaction::Outcome};

use super::world::{Settings, World, Write};

const REVOKED: &str = "421 4.7.0 This CRM token was revoked, ask your admin for a new one (ref k3x9)\r\n";

/// What the client says, and what Gmail answers once it has all of it.
const DIALOGUE: [(&str, &str); 5] = [
    ("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n"),
    ("RCPT TO:<bob@example.net>\r\n", "250 2.1.5 OK\r\n"),
    ("DATA\r\n", "354  Go ahead\r\n"),
    ("From: anna@example.com\r\n\r\n..x\r\n.\r\n", "250 2.0.0 OK  1 - gsmtp\r\n"),
    ("MAIL FROM:<anna@example.com>\r\n", "250 2.1.0 OK\r\n"),
];

/// Plays the dialogue octet by octet up to `moment`.
fn at(moment: usize) -> World {
    let mut world = World::new(Settings { logged_in: true, ..Settings::default() });
    let mut octets = 0;
    for (line, answer) in DIALOGUE {
        for (bytes, from_client) in [(line, true), (answer, false)] {
            for octet in bytes.bytes() {
                if octets == moment {
                    return world;
                }
                octets += 1;
                if from_client { world.client_sends(&[octet]) } else { world.upstream_sends(&[octet]) }
            }
        }
    }
    world
}

fn length() -> usize {
    DIALOGUE.iter().map(|(line, answer)| line.len() + answer.len()).sum()
}

fn dots(world: &World) -> usize {
    world.writes.iter().filter(|write| **write == Write::FinalDot).count()
}

#[test]
fn a_revoked_session_ends_at_once_but_for_a_verdict() {
    let verdict = DIALOGUE[3].1;
    let mut waited = 0;
    for moment in 0..=length() {
        let mut world = at(moment);
        let (up, told) = (world.to_upstream.len(), world.to_client.clone());
        let in_verdict = dots(&world) == 1 && !world.to_client.ends_with(verdict.as_bytes());
        let in_verdict = in_verdict && world.reports.is_empty();
        world.tell(|relay| relay.leave(Farewell::Revoked));
        if in_verdict {
            waited += 1;
            assert!(!world.closed(), "at {moment}");
            world.client_sends(b"RSET\r\n");
            let octets = DIALOGUE[..3].iter().map(|(line, answer)| line.len() + answer.len()).sum::<usize>();
            let heard = moment - octets - DIALOGUE[3].0.len();
            world.upstream_sends(&verdict.as_bytes()[heard..]);
            assert!(world.to_client.ends_with(format!("{verdict}{REVOKED}").as_bytes()), "at {moment}");
            assert_eq!(world.reports[0].outcome, Outcome::Accepted);
            assert!(world.to_upstream.ends_with(b".\r\nQUIT\r\n"));
        } else {
            assert_eq!(world.to_client, [&told[..], REVOKED.as_bytes()].concat(), "at {moment}");
            assert!(world.upstream_dropped, "at {moment}");
            assert_eq!(world.to_upstream.len(), up, "nothing more goes up, at {moment}");
        }
        assert!(world.closed(), "at {moment}");
        let complete = world.reports.iter().filter(|report| report.outcome == Outcome::Accepted).count();
        assert_eq!(dots(&world), complete, "at {moment}");
    }
    assert_eq!(waited, verdict.len());
}

#[test]
fn shutting_down_waits_for_the_transaction_from_every_point() {
    for moment in 0..=length() {
        let mut world = at(moment);
        let inside = world.to_upstream.windows(5).any(|five| five == b"MAIL ");
        world.tell(Relay::drain);
        assert!(inside || world.closed(), "at {moment}");
        let mut octets = 0;
        for (line, answer) in DIALOGUE {
            for (bytes, from_client) in [(line, true), (answer, false)] {
                let rest = bytes.get(moment.saturating_sub(octets)..).unwrap_or_default().as_bytes();
                octets += bytes.len();
                if !world.closed() {
                    if from_client { world.client_sends(rest) } else { world.upstream_sends(rest) }
                }
            }
        }
        if !world.closed() {
            world.client_sends(b"RSET\r\n");
            world.upstream_sends(b"250 2.1.5 Flushed\r\n");
        }
        let farewell = b"421 4.3.2 Service shutting down, try again\r\n";
        assert!(world.to_client.ends_with(farewell) && world.closed(), "at {moment}");
        let outcomes: Vec<_> = world.reports.iter().map(|report| report.outcome).collect();
        assert!(outcomes.is_empty() || outcomes == [Outcome::Accepted], "at {moment}: {outcomes:?}");
        assert!(!inside || !outcomes.is_empty(), "at {moment}");
    }
}

#[test]
fn every_ending_has_its_words() {
    let rows = [
        (
            Farewell::Expired,
            "421 4.7.0 This CRM token has expired, ask your admin for a new one (ref k3x9)\r\n",
        ),
        (Farewell::Disabled, "421 4.7.0 This mailbox was disabled, ask your admin (ref k3x9)\r\n"),
        (
            Farewell::Removed,
            "421 4.7.0 This mailbox was removed from the gateway, ask your admin (ref k3x9)\r\n",
        ),
        (Farewell::ShuttingDown, "421 4.3.2 Service shutting down, try again\r\n"),
    ];
    for (why, words) in rows {
        let mut world = at(0);
        world.tell(|relay| relay.leave(why));
        assert_eq!(String::from_utf8_lossy(&world.to_client), words);
    }
}
