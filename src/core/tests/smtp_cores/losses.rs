//! A side is lost, or silent, at each point of a session.

use postern_core::wire::smtp::{
    relay::{Deadline, Relay},
    reply::Farewell,
    transaction::Outcome,
};

use super::{
    script::{play, play_in_step},
    transactions::{ENVELOPE, GO_AHEAD},
    world::{Settings, World},
};

const UNKNOWN: &str = "451 4.4.2 delivery unknown, look in Sent before sending again (ref k3x9)\r\n";

fn inside() -> Settings {
    Settings { logged_in: true, ..Settings::default() }
}

fn at_354() -> World {
    let mut world = World::new(inside());
    world.client_sends(b"MAIL FROM:<anna@example.com>\r\n");
    world.upstream_sends(b"250 ok\r\n");
    world.client_sends(b"DATA\r\n");
    world.upstream_sends(b"354 go\r\n");
    world.to_client.clear();
    world
}

fn at_verdict() -> World {
    let mut world = at_354();
    world.client_sends(b"From: anna@example.com\r\nMessage-ID: <m@espo>\r\n\r\nx\r\n.\r\n");
    assert_eq!(world.deadline, Some(Deadline::Verdict));
    world
}

#[test]
fn after_the_dot_nobody_knows() {
    let ways: [fn(&mut World); 6] = [
        World::upstream_ends,
        |world| world.tell(Relay::expired),
        |world| world.upstream_sends(b"nonsense\r\n"),
        |world| world.upstream_sends(b"354 again\r\n"),
        |world| world.tell(|relay| relay.end(Farewell::ShuttingDown)),
        |world| {
            world.upstream_sends(b"250 2.0.0 O");
            world.upstream_ends();
        },
    ];
    for way in ways {
        let mut world = at_verdict();
        way(&mut world);
        assert_eq!(String::from_utf8_lossy(&world.to_client), UNKNOWN);
        assert!(world.upstream_dropped);
        let report = &world.reports[0];
        assert_eq!((report.outcome, report.message_id.as_deref()), (Outcome::Unknown, Some("m@espo")));
        assert_eq!(world.reports.len(), 1);
    }
}

#[test]
fn after_an_unknown_delivery_the_session_is_spent() {
    let body = "C: x\nC: .\nU> x\nU> .\nU! eof\nS: 451 4.4.2 delivery unknown, look in Sent before sending again (ref k3x9)\nU! dropped\n";
    for (next, answer) in
        [("RSET", "421 4.3.0 Session ended with the last message, connect again"), ("QUIT", "221 2.0.0 Bye")]
    {
        play(&inside(), &format!("{ENVELOPE}{GO_AHEAD}{body}C: {next}\nS: {answer}\nS! closed"));
    }
}

#[test]
fn a_client_lost_after_the_dot_still_gets_its_verdict_recorded() {
    let mut world = at_verdict();
    world.client_ends();
    assert!(!world.closed());
    world.upstream_sends(b"250 sent\r\n");
    assert!(world.closed() && world.to_client.is_empty());
    assert_eq!(world.reports[0].outcome, Outcome::Accepted);

    let mut world = at_verdict();
    world.client_ends();
    world.upstream_ends();
    assert!(world.closed() && world.to_client.is_empty());
    assert_eq!(world.reports[0].outcome, Outcome::Unknown);
}

#[test]
fn upstream_lost_in_a_message_is_told_after_the_clients_end() {
    let world = play_in_step(
        &inside(),
        &format!(
            "{ENVELOPE}{GO_AHEAD}
            C: From: anna@example.com
            U> From: anna@example.com
            U! eof
            C: more
            C: .
            S: 451 4.4.2 Connection to Gmail lost before the message was complete; not sent, try again
            U! dropped
            C: RSET
            S: 421 4.3.0 Session ended with the last message, connect again
            S! closed"
        ),
    );
    assert_eq!(world.reports[0].outcome, Outcome::Abandoned);
}

#[test]
fn gmail_refuses_in_the_middle_of_a_message() {
    for (said, told, outcome) in [
        ("552 5.2.3 too large", "552 5.2.3 too large", Outcome::Refused(552)),
        (
            "250 2.0.0 OK",
            "451 4.4.2 Connection to Gmail lost before the message was complete; not sent, try again",
            Outcome::Abandoned,
        ),
    ] {
        let world = play_in_step(
            &inside(),
            &format!(
                "{ENVELOPE}{GO_AHEAD}
                C: one
                U> one
                U< {said}
                U! dropped
                C: two
                C: .
                S: {told}
                C: QUIT
                S: 221 2.0.0 Bye
                S! closed"
            ),
        );
        assert_eq!(world.reports[0].outcome, outcome);
    }
    play_in_step(
        &inside(),
        &format!(
            "{ENVELOPE}{GO_AHEAD}C: one\nU> one\nU< 421 4.7.0 bye\nU! dropped\nC: .\nS: 421 4.7.0 bye\nS! closed"
        ),
    );
}

#[test]
fn lost_outside_a_message() {
    for before in ["", "C: MAIL FROM:<anna@example.com>\nU> MAIL FROM:<anna@example.com>\n", ENVELOPE] {
        play_in_step(
            &inside(),
            &format!(
                "{before}U! eof\nS: 421 4.4.2 Connection to Gmail lost, try again\nU! dropped\nS! closed"
            ),
        );
    }
    let mut world = World::new(inside());
    world.client_ends();
    assert!(world.closed() && world.to_client.is_empty());
}

#[test]
fn silence_has_an_answer_everywhere() {
    let mut idle = World::new(inside());
    assert_eq!(idle.deadline, Some(Deadline::Command));
    idle.tell(Relay::expired);
    assert_eq!(idle.to_client, b"421 4.4.2 Timeout, closing\r\n");

    let mut asked = World::new(inside());
    asked.client_sends(b"RSET\r\n");
    assert_eq!(asked.deadline, Some(Deadline::Reply));
    asked.tell(Relay::expired);
    assert_eq!(asked.to_client, b"421 4.4.2 Connection to Gmail lost, try again\r\n");

    let mut sending = at_354();
    sending.client_sends(b"half");
    assert_eq!(sending.deadline, Some(Deadline::Data));
    sending.tell(Relay::expired);
    assert_eq!(sending.to_client, b"421 4.4.2 Timeout, closing\r\n");
    assert!(sending.upstream_dropped);

    // A client that ends its messages with LF.LF waits for an answer: it gets it.
    let mut refused = at_354();
    refused.client_sends(b"Subject: x\n\ny\n.\n");
    assert_eq!(refused.deadline, Some(Deadline::Drain));
    refused.tell(Relay::expired);
    assert!(refused.to_client.starts_with(b"550 5.6.0 Message holds a bare LF"));
    assert!(refused.closed());
}

#[test]
fn a_client_lost_in_a_message_leaves_no_message() {
    let mut world = at_354();
    world.client_sends(b"From: anna@example.com\r\n\r\nx\r\n.");
    world.client_ends();
    assert!(world.closed() && world.upstream_dropped);
    assert!(world.to_upstream.ends_with(b"x\r\n"));
    assert_eq!(world.reports[0].outcome, Outcome::Abandoned);
}
