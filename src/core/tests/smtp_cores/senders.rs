//! The From policy.

use postern_core::wire::smtp::{
    header::{FromVerdict, Mode},
    transaction::Outcome,
};

use super::{
    script::play,
    transactions::{ENVELOPE, GO_AHEAD},
    world::{Settings, World},
};

const FOREIGN: &str =
    "550 5.7.1 The From address is not this mailbox or one of its aliases, Gmail would replace it; not sent";
const MISSING: &str = "550 5.7.1 The message has no readable From address; not sent";

fn inside(mode: Mode) -> Settings {
    Settings { logged_in: true, mode, ..Settings::default() }
}

fn verdict(header: &str) -> FromVerdict {
    let client = header.lines().map(|line| format!("C: {line}\n")).collect::<String>();
    let upstream = header.lines().map(|line| format!("U> {line}\n")).collect::<String>();
    let text = format!("{ENVELOPE}{GO_AHEAD}{client}C:\nC: .\n{upstream}U>\nU> .\nU< 250 sent\nS: 250 sent");
    play(&inside(Mode::Note), &text).reports[0].from.clone().unwrap()
}

#[test]
fn every_address_of_every_from_counts() {
    let own = [
        "From: anna@example.com",
        "from: \"Anna, B\" <ANNA@Example.COM>",
        "Subject: x\nFrom: =?utf-8?q?Anna?=\n <anna@example.com>",
    ];
    for header in own {
        assert_eq!(verdict(header), FromVerdict::Own, "{header}");
    }
    let foreign = [
        "From: boss@example.com",
        "From: anna@example.com, boss@example.com",
        "From: anna@example.com\nFrom: boss@example.com",
        "From: \"anna@example.com\" <boss@example.com>",
    ];
    for header in foreign {
        match verdict(header) {
            FromVerdict::Foreign(text) => assert_eq!(text.as_str(), "boss@example.com", "{header}"),
            other => panic!("{header}: {other:?}"),
        }
    }
    for header in ["Subject: x", "From:", "X-From: anna@example.com"] {
        assert_eq!(verdict(header), FromVerdict::Missing, "{header}");
    }
}

#[test]
fn a_message_without_a_body_is_judged_too() {
    let text = format!(
        "{ENVELOPE}{GO_AHEAD}C: From: boss@example.com\nC: .\nU> From: boss@example.com\nU! dropped\nS: {FOREIGN}"
    );
    let world = play(&inside(Mode::Refuse), &text);
    assert_eq!(world.reports[0].outcome, Outcome::Refused(550));
}

#[test]
fn refused_before_one_octet_of_the_body_is_up() {
    for (header, sentence) in [("From: boss@example.com", FOREIGN), ("Subject: x", MISSING)] {
        let text = format!(
            "{ENVELOPE}{GO_AHEAD}
            C: {header}
            C:
            C: secret body
            C: .
            U> {header}
            U>
            U! dropped
            S: {sentence}
            C: MAIL FROM:<anna@example.com>
            S: 421 4.3.0 Session ended with the last message, connect again
            S! closed"
        );
        play(&inside(Mode::Refuse), &text);
    }
}

#[test]
fn an_endless_header_is_not_read() {
    let lines = "X-Filler: .........................................................\r\n".repeat(2000);
    for (mode, refused) in [(Mode::Note, false), (Mode::Refuse, true)] {
        let mut world = World::new(inside(mode));
        world.client_sends(b"MAIL FROM:<anna@example.com>\r\n");
        world.upstream_sends(b"250 ok\r\n");
        world.client_sends(b"DATA\r\n");
        world.upstream_sends(b"354 go\r\n");
        world.client_sends(lines.as_bytes());
        world.client_sends(b"From: anna@example.com\r\n\r\n.\r\n");
        assert_eq!(world.upstream_dropped, refused);
        if !refused {
            world.upstream_sends(b"250 sent\r\n");
        }
        assert_eq!(world.reports[0].from, Some(FromVerdict::TooLarge));
    }
}
