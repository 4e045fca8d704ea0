//! What a client may not do before it is in.

use postern_core::{
    model::refusal::{Cause, Reference, Refusal},
    wire::smtp::{
        login::{Login, Setup, Step},
        reply::Farewell,
    },
};

use super::{
    script::{Cut, Script, play},
    world::{Answer, Settings, World},
};

const HELLO: &str = "S: 220 gate.test ESMTP Postern\nC: HELO crm\nS: 250 gate.test\n";

#[test]
fn only_greetings_rset_noop_and_quit() {
    let world = play(
        &Settings::default(),
        &format!(
            "{HELLO}
            C: MAIL FROM:<anna@example.com>
            S: 530 5.7.0 Authentication required
            C: RCPT TO:<bob@example.net>
            S: 530 5.7.0 Authentication required
            C: DATA
            S: 530 5.7.0 Authentication required
            C: BDAT 5 LAST
            S: 530 5.7.0 Authentication required
            C: VRFY anna
            S: 530 5.7.0 Authentication required
            C: XCLIENT ADDR=1.2.3.4
            S: 500 5.5.1 Command not recognised
            C: NOOP
            S: 250 2.0.0 OK
            C: RSET
            S: 250 2.0.0 OK
            C: STARTTLS
            S: 502 5.5.1 Command not implemented
            C: QUIT
            S: 221 2.0.0 Bye
            S! closed"
        ),
    );
    assert!(world.credentials.is_empty());
}

#[test]
fn an_exchange_can_fail_in_every_way_and_start_again() {
    let world = play(
        &Settings { answers: [Answer::Accept].into(), ..Settings::default() },
        "S: 220 gate.test ESMTP Postern
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 503 5.5.1 EHLO first
        C: HELO crm
        S: 250 gate.test
        C: AUTH CRAM-MD5
        S: 504 5.5.4 Use AUTH PLAIN or AUTH LOGIN
        C: AUTH
        S: 501 5.5.4 Syntax error in arguments
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: *
        S: 501 5.7.0 Authentication cancelled
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: not base64
        S: 501 5.5.2 Cannot decode response
        C: AUTH PLAIN =
        S: 501 5.5.2 Cannot decode response
        C: AUTH PLAIN YgBhAHQ=
        S: 535 5.7.8 Log in as the mailbox itself, without another identity
        C: AUTH LOGIN =
        S: 334 UGFzc3dvcmQ6
        C:
        S: 235 2.7.0 Accepted",
    );
    assert_eq!(world.credentials.len(), 1);
}

#[test]
fn five_wrong_logins_end_the_session() {
    let wrong = "C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 535 5.7.8 User name or CRM token is wrong (ref k3x9)\n";
    let settings =
        Settings { answers: vec![Answer::Refuse(Cause::WrongToken); 6].into(), ..Settings::default() };
    let text = format!("{HELLO}{}S: 421 4.7.0 Too many failed logins, closing\nS! closed", wrong.repeat(5));
    let world = play(&settings, &text);
    assert_eq!(world.credentials.len(), 5);
}

#[test]
fn a_refusal_for_good_is_the_last_answer() {
    let mut world = World::new(Settings::default());
    world.client_sends(b"HELO crm\r\nAUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=\r\nNOOP\r\n");
    let refusal = Refusal { cause: Cause::WrongToken, reference: Reference::new("k3x9"), help: None };
    world.tell_login(|login| login.refused_for_good(&refusal));
    let told = String::from_utf8_lossy(&world.to_client).into_owned();
    let end = "535 5.7.8 User name or CRM token is wrong (ref k3x9)\r\n421 4.7.0 Too many failed logins, closing\r\n";
    assert!(told.ends_with(end) && world.closed(), "{told}");
}

#[test]
fn who_is_unheard_is_told_goodbye() {
    let mut world = World::new(Settings::default());
    world.client_sends(b"HELO crm\r\nAUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=\r\n");
    world.tell_login(|login| login.end(Farewell::TooManyLogins));
    assert!(world.to_client.ends_with(b"421 4.7.0 Too many failed logins, closing\r\n"));
    assert!(world.closed());
}

#[test]
fn a_full_budget_closes() {
    let settings =
        Settings { answers: [Answer::Refuse(Cause::TooManyConnections)].into(), ..Settings::default() };
    play(
        &settings,
        &format!(
            "{HELLO}
            C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
            S: 421 4.7.0 Too many connections to this mailbox, try again in a minute (ref k3x9)
            S! closed"
        ),
    );
}

#[test]
fn twenty_bad_commands_end_the_session() {
    let text = format!(
        "S: 220 gate.test ESMTP Postern\n{}C: x\nS: 421 4.7.0 Too many errors, closing\nS! closed",
        "C: GET / HTTP/1.1\nS: 500 5.5.1 Command not recognised\n".repeat(19)
    );
    play(&Settings::default(), &text);
}

#[test]
fn broken_and_oversized_lines() {
    let long = "x".repeat(5000);
    let huge = "x".repeat(13_000);
    play(
        &Settings::default(),
        &format!(
            "{HELLO}
            C~ NOOP\\n
            S: 500 5.5.2 A line ends in CRLF and holds no control characters
            C~ NO\\rOP\\r\\n
            S: 500 5.5.2 A line ends in CRLF and holds no control characters
            C~ NOOP \\0\\r\\n
            S: 500 5.5.2 A line ends in CRLF and holds no control characters
            C: NOOP {long}
            S: 500 5.5.2 Line too long
            C: NOOP {huge}
            S: 500 5.5.2 Line too long
            C: AUTH PLAIN
            S: 334\x20
            C: {huge}
            S: 500 5.5.6 Authentication exchange line is too long
            C: NOOP
            S: 250 2.0.0 OK"
        ),
    );
}

#[test]
fn bytes_behind_starttls_drop_the_connection() {
    let settings = Settings { starttls: true, ..Settings::default() };
    for tail in ["EHLO evil\r\n", "x", "\r\n"] {
        let mut world = World::new(settings.clone());
        world.client_sends(format!("EHLO crm\r\nSTARTTLS\r\n{tail}").as_bytes());
        assert!(world.closed());
        let told = String::from_utf8(world.to_client).unwrap();
        assert!(told.ends_with("250 STARTTLS\r\n"), "{told}");
    }
}

#[test]
fn nothing_is_read_while_a_verdict_is_pending() {
    let mut world = World::new(Settings::default());
    world.client_sends(b"HELO crm\r\nAUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=\r\nQUIT\r\n");
    assert_eq!(world.to_client, b"220 gate.test ESMTP Postern\r\n250 gate.test\r\n");
    world.tell_login(Login::accepted);
    assert!(world.to_client.ends_with(b"235 2.7.0 Accepted\r\n221 2.0.0 Bye\r\n"));
    assert_eq!(world.to_upstream, b"QUIT\r\n");
}

#[test]
fn a_session_we_end_says_so() {
    let mut world = World::new(Settings::default());
    world.tell_login(|login| login.end(Farewell::Silent));
    assert!(world.to_client.ends_with(b"421 4.4.2 Timeout, closing\r\n"));
    assert!(world.closed());
}

#[test]
fn a_client_that_speaks_first_is_answered() {
    let script = Script::read(&format!("{HELLO}C: QUIT\nS: 221 2.0.0 Bye\nS! closed"));
    script.check(&script.run(&Settings::default(), &Cut::Merged), &Cut::Merged);
}

#[test]
fn bytes_that_arrive_before_the_handshake_drop_the_connection() {
    let setup = Setup { hostname: "gate.test".into(), size_limit: 1000, starttls: true };
    for (late, step) in [(&b""[..], Step::StartTls), (b"EHLO evil\r\n", Step::Close)] {
        let mut login = Login::new(setup.clone());
        let mut unread: &[u8] = b"STARTTLS\r\n";
        for _ in 0..2 {
            assert!(matches!(login.step(&mut unread), Step::Send(_)));
        }
        assert_eq!(login.step(&mut &late[..]), step);
    }
}
