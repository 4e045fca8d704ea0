//! One transaction after the other: what passes, what we answer ourselves.

use postern_core::wire::smtp::{offers::Offers, relay::Deadline, transaction::Outcome};

use super::{
    script::{Cut, Script, play, play_in_step},
    world::{Settings, World, Write},
};

fn inside() -> Settings {
    Settings { logged_in: true, ..Settings::default() }
}

pub const ENVELOPE: &str = "
    C: MAIL FROM:<anna@example.com>
    U> MAIL FROM:<anna@example.com>
    U< 250 2.1.0 OK
    S: 250 2.1.0 OK
    C: RCPT TO:<bob@example.net>
    U> RCPT TO:<bob@example.net>
    U< 250 2.1.5 OK
    S: 250 2.1.5 OK
";

pub const GO_AHEAD: &str = "
    C: DATA
    U> DATA
    U< 354  Go ahead
    S: 354  Go ahead
";

#[test]
fn all_recipients_refused_and_data_passed_on() {
    let world = play(
        &inside(),
        "C: MAIL FROM:<anna@example.com> SIZE=12 BODY=8BITMIME
        U> MAIL FROM:<anna@example.com> SIZE=12 BODY=8BITMIME
        U< 250 2.1.0 OK
        S: 250 2.1.0 OK
        C: RCPT TO:<a@example.net>
        U> RCPT TO:<a@example.net>
        U< 550-5.1.1 The email account that you tried to reach does not exist.
        U< 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp
        S: 550-5.1.1 The email account that you tried to reach does not exist.
        S: 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser - gsmtp
        C: RCPT TO:<b@example.net>
        U> RCPT TO:<b@example.net>
        U< 452 4.5.3 too many
        S: 452 4.5.3 too many
        C: DATA
        U> DATA
        U< 503 5.5.1 RCPT first. - gsmtp
        S: 503 5.5.1 RCPT first. - gsmtp
        C: RSET
        U> RSET
        U< 250 2.1.5 Flushed - gsmtp
        S: 250 2.1.5 Flushed - gsmtp",
    );
    assert_eq!(world.reports.len(), 1);
    assert_eq!((world.reports[0].refused, world.reports[0].outcome), (2, Outcome::Refused(503)));
}

#[test]
fn data_answered_554_makes_what_follows_commands() {
    let world = play(
        &inside(),
        &format!(
            "{ENVELOPE}
            C: DATA
            U> DATA
            U< 554 5.7.0 no
            S: 554 5.7.0 no
            C: NOOP
            S: 250 2.0.0 OK
            {ENVELOPE}{GO_AHEAD}
            C: From: anna@example.com
            C:
            C: .
            U> From: anna@example.com
            U>
            U> .
            U< 250 2.0.0 OK
            S: 250 2.0.0 OK"
        ),
    );
    let outcomes: Vec<_> = world.reports.iter().map(|report| report.outcome).collect();
    assert_eq!(outcomes, [Outcome::Refused(554), Outcome::Accepted]);
}

#[test]
fn data_answered_451_may_be_tried_again_and_is_reported_once_each() {
    let again = format!(
        "{ENVELOPE}
        C: DATA
        U> DATA
        U< 451 4.3.0 later
        S: 451 4.3.0 later"
    );
    let sent = format!(
        "{again}{GO_AHEAD}
        C: .
        U> .
        U< 250 2.0.0 OK
        S: 250 2.0.0 OK"
    );
    let reports = play(&inside(), &sent).reports;
    let found: Vec<_> = reports.iter().map(|report| (report.outcome, report.accepted)).collect();
    assert_eq!(found, [(Outcome::Refused(451), 1), (Outcome::Accepted, 1)]);

    let lost = "U! eof\nS: 421 4.4.2 Connection to Gmail lost, try again\nU! dropped\nS! closed";
    for end in ["C: RSET\nU> RSET\nU< 250 OK\nS: 250 OK", lost] {
        assert_eq!(play_in_step(&inside(), &format!("{again}\n{end}")).reports.len(), 1, "{end}");
    }
}

#[test]
fn a_refused_recipient_and_rset_is_reported() {
    let world = play(
        &inside(),
        &format!(
            "{ENVELOPE}
            C: RCPT TO:<c@example.net>
            U> RCPT TO:<c@example.net>
            U< 550 5.4.5 Daily user sending limit exceeded.
            S: 550 5.4.5 Daily user sending limit exceeded.
            C: RSET
            U> RSET
            U< 250 2.1.5 Flushed
            S: 250 2.1.5 Flushed
            C: RSET
            U> RSET
            U< 250 2.1.5 Flushed
            S: 250 2.1.5 Flushed"
        ),
    );
    assert_eq!(world.reports.len(), 1);
    assert_eq!((world.reports[0].accepted, world.reports[0].outcome), (1, Outcome::Refused(550)));
}

#[test]
fn a_pipelined_group_goes_up_one_by_one() {
    let mut world = World::new(inside());
    world.client_sends(b"MAIL FROM:<anna@example.com>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n");
    assert!(world.client_paused);
    for (told, answer) in [
        ("MAIL FROM:<anna@example.com>\r\n", "250 a\r\n"),
        ("RCPT TO:<a@x>\r\n", "250 b\r\n"),
        ("RCPT TO:<b@x>\r\n", "550 c\r\n"),
        ("DATA\r\n", "354 d\r\n"),
    ] {
        assert_eq!(world.writes.pop(), Some(Write::Command(told.into())));
        assert!(world.writes.is_empty());
        world.upstream_sends(answer.as_bytes());
    }
    assert_eq!(world.to_client, b"250 a\r\n250 b\r\n550 c\r\n354 d\r\n");
    assert_eq!(world.deadline, Some(Deadline::Data));
}

#[test]
fn final_dot_and_next_command_never_share_a_write() {
    let script = Script::read(&format!(
        "{ENVELOPE}{GO_AHEAD}
        C~ From: anna@example.com\\r\\n\\r\\nx\\r\\n.\\r\\nMAIL FROM:<anna@example.com>\\r\\n
        U~ From: anna@example.com\\r\\n\\r\\nx\\r\\n.\\r\\n
        U< 250 sent
        S: 250 sent
        U> MAIL FROM:<anna@example.com>"
    ));
    for cut in [Cut::Whole, Cut::Merged] {
        let world = script.run(&inside(), &cut);
        script.check(&world, &cut);
        let dot = world.writes.iter().position(|write| *write == Write::FinalDot).unwrap();
        assert_eq!(world.writes[dot + 1], Write::Command(b"MAIL FROM:<anna@example.com>\r\n".to_vec()));
    }
}

#[test]
fn an_empty_message_is_a_message() {
    let world = play(&inside(), &format!("{ENVELOPE}{GO_AHEAD}C: .\nU> .\nU< 250 sent\nS: 250 sent"));
    assert_eq!((world.reports[0].size, world.reports[0].outcome), (0, Outcome::Accepted));
}

#[test]
fn what_we_answer_ourselves() {
    play(
        &inside(),
        "C: NOOP
        S: 250 2.0.0 OK
        C: VRFY anna
        S: 252 2.5.0 Send some mail, it will be tried
        C: HELP
        S: 214 2.0.0 Postern relays to Gmail, see RFC 5321
        C: EXPN list
        S: 502 5.5.1 Command not implemented
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 503 5.5.1 Already authenticated
        C: STARTTLS
        S: 502 5.5.1 Command not implemented
        C: MAIL FROM:<a@x> RET=FULL
        S: 555 5.5.4 Parameter not recognised
        C: MAIL FROM:a@x
        S: 501 5.1.7 That is no mail address
        C: MAIL FROM:<a@x> SIZE=25000001
        S: 552 5.3.4 Message is larger than Gmail accepts
        C: RCPT TO:<b@x> ORCPT=rfc822;b@x
        S: 555 5.5.4 Parameter not recognised
        C: BDAT 86 LAST
        S: 502 5.5.1 Command not implemented
        U> QUIT
        S! closed",
    );
}

#[test]
fn ehlo_again_says_what_both_sides_can_and_resets() {
    let offers = Offers { size: Some(1000), eight_bit: true, utf8: false, enhanced: true };
    play(
        &Settings { offers, ..inside() },
        &format!(
            "C: EHLO crm
            S: 250-gate.test
            S: 250-SIZE 1000
            S: 250-PIPELINING
            S: 250-8BITMIME
            S: 250 ENHANCEDSTATUSCODES
            {ENVELOPE}
            C: HELO crm
            U> RSET
            U< 250 2.1.5 Flushed
            S: 250 gate.test
            C: MAIL FROM:<a@x> BODY=8BITMIME
            S: 555 5.5.4 Parameter not recognised
            C: MAIL FROM:<ž@x>
            S: 553 5.6.7 Addresses outside ASCII need SMTPUTF8"
        ),
    );
}

#[test]
fn a_421_is_passed_on_and_ends_the_session() {
    for before in
        ["", "C: RSET\nU> RSET\n", "C: MAIL FROM:<anna@example.com>\nU> MAIL FROM:<anna@example.com>\n"]
    {
        play_in_step(
            &inside(),
            &format!(
                "{before}U< 421-4.7.0 Temporary System Problem.\nU< 421 4.7.0 Try again later - gsmtp
                S: 421-4.7.0 Temporary System Problem.\nS: 421 4.7.0 Try again later - gsmtp
                U! dropped\nS! closed"
            ),
        );
    }
}

#[test]
fn a_sender_refused_with_421_is_reported_too() {
    let world = play_in_step(
        &inside(),
        "C: MAIL FROM:<anna@example.com>
        U> MAIL FROM:<anna@example.com>
        U< 421 4.3.0 Try again later
        S: 421 4.3.0 Try again later
        U! dropped
        S! closed",
    );
    let report = &world.reports[0];
    assert_eq!((report.sender.as_str(), report.outcome), ("anna@example.com", Outcome::Refused(421)));
}

#[test]
fn what_gmail_says_unasked_is_no_answer() {
    play_in_step(
        &inside(),
        "U< 451 4.4.2 Timeout - closing connection. x - gsmtp
        S: 421 4.4.2 Connection to Gmail lost, try again
        U! dropped
        S! closed",
    );
    let mut world = World::new(inside());
    world.upstream_sends(b"250 sur");
    world.client_sends(b"MAIL FROM:<anna@example.com>\r\n");
    assert!(world.to_upstream.is_empty() && world.client_paused);
    world.upstream_sends(b"prise\r\n");
    assert!(world.closed());
}

#[test]
fn shutting_down_waits_for_the_transaction() {
    let mut world = World::new(inside());
    world.client_sends(b"MAIL FROM:<anna@example.com>\r\n");
    world.upstream_sends(b"250 ok\r\n");
    world.tell(postern_core::wire::smtp::relay::Relay::drain);
    world.client_sends(b"DATA\r\n");
    world.upstream_sends(b"354 go\r\n");
    world.client_sends(b"x\r\n.\r\n");
    world.upstream_sends(b"250 sent\r\n");
    assert!(world.to_client.ends_with(b"250 sent\r\n421 4.3.2 Service shutting down, try again\r\n"));
    assert!(world.closed());
}
