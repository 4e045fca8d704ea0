//! How real clients log in and send.

use postern_core::{
    model::refusal::Cause,
    wire::smtp::{auth::Mechanism, transaction::Outcome},
};

use super::{
    script::{play, play_in_step},
    world::{Answer, Settings},
};

fn accepted() -> Settings {
    Settings { answers: [Answer::Accept].into(), ..Settings::default() }
}

const LIST: &str = "
    S: 250-gate.test
    S: 250-SIZE 25000000
    S: 250-PIPELINING
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-ENHANCEDSTATUSCODES
    S: 250 AUTH PLAIN LOGIN
";

const MESSAGE: &str = "
    C: MAIL FROM:<anna@example.com>
    U> MAIL FROM:<anna@example.com>
    U< 250 2.1.0 OK x-1 - gsmtp
    S: 250 2.1.0 OK x-1 - gsmtp
    C: RCPT TO:<bob@example.net>
    U> RCPT TO:<bob@example.net>
    U< 250 2.1.5 OK x-1 - gsmtp
    S: 250 2.1.5 OK x-1 - gsmtp
    C: DATA
    U> DATA
    U< 354  Go ahead x-1 - gsmtp
    S: 354  Go ahead x-1 - gsmtp
    C: From: Anna <anna@example.com>
    C: Message-ID: <h4sh/1763800000/42@espo>
    C:
    C: ..dots and 8-bit: žluť
    C: .
    U> From: Anna <anna@example.com>
    U> Message-ID: <h4sh/1763800000/42@espo>
    U>
    U> ..dots and 8-bit: žluť
    U> .
    U< 250 2.0.0 OK  1763800001 x-1 - gsmtp
    S: 250 2.0.0 OK  1763800001 x-1 - gsmtp
";

const GOODBYE: &str = "
    C: QUIT
    S: 221 2.0.0 Bye
    U> QUIT
    S! closed
";

const MAIL_CLIENTS: [(&str, Mechanism, &str); 9] = [
    (
        "symfony LOGIN",
        Mechanism::Login,
        "
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YW5uYUBleGFtcGxlLmNvbQ==
        S: 334 UGFzc3dvcmQ6
        C: dG9rZW4=",
    ),
    (
        "symfony PLAIN, identity = user",
        Mechanism::Plain,
        "
        C: AUTH PLAIN YW5uYUBleGFtcGxlLmNvbQBhbm5hQGV4YW1wbGUuY29tAHRva2Vu",
    ),
    (
        "laminas and PHPMailer PLAIN in two steps",
        Mechanism::Plain,
        "
        C: AUTH PLAIN
        S: 334 \x20
        C: AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=",
    ),
    (
        "nodemailer PLAIN",
        Mechanism::Plain,
        "
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=",
    ),
    (
        "nodemailer LOGIN",
        Mechanism::Login,
        "
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YW5uYUBleGFtcGxlLmNvbQ==
        S: 334 UGFzc3dvcmQ6
        C: dG9rZW4=",
    ),
    (
        "smtplib LOGIN with the user in the command",
        Mechanism::Login,
        "
        C: AUTH LOGIN YW5uYUBleGFtcGxlLmNvbQ==
        S: 334 UGFzc3dvcmQ6
        C: dG9rZW4=",
    ),
    (
        "curl PLAIN",
        Mechanism::Plain,
        "
        C: AUTH PLAIN
        S: 334 \x20
        C: AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=",
    ),
    (
        "curl --sasl-ir LOGIN",
        Mechanism::Login,
        "
        C: AUTH LOGIN YW5uYUBleGFtcGxlLmNvbQ==
        S: 334 UGFzc3dvcmQ6
        C: dG9rZW4=",
    ),
    (
        "lower case",
        Mechanism::Plain,
        "
        C: auth plain AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=",
    ),
];

#[test]
fn each_client_logs_in_and_sends() {
    for (name, mechanism, login) in MAIL_CLIENTS {
        // A two-character escape keeps the blank after 334 alive in this file.
        let login = login.replace("334 \x20", "334 ");
        let text = format!(
            "S: 220 gate.test ESMTP Postern\nC: EHLO [127.0.0.1]\n{LIST}{login}\nS: 235 2.7.0 Accepted\n{MESSAGE}{GOODBYE}"
        );
        let world = play(&accepted(), &text);
        let credential = &world.credentials[0];
        assert_eq!(
            (credential.user.as_str(), credential.secret.reveal(), credential.mechanism),
            ("anna@example.com", "token", mechanism),
            "{name}"
        );
        assert_eq!(world.reports.len(), 1, "{name}");
    }
}

#[test]
fn the_report_says_what_was_sent() {
    let world = play(&Settings { logged_in: true, ..Settings::default() }, MESSAGE);
    let report = &world.reports[0];
    assert_eq!(report.sender.as_str(), "anna@example.com");
    assert_eq!((report.accepted, report.refused, report.outcome), (1, 0, Outcome::Accepted));
    assert_eq!(report.message_id.as_deref(), Some("h4sh/1763800000/42@espo"));
    assert_eq!(report.reply.as_str(), "250 2.0.0 OK  1763800001 x-1 - gsmtp");
    assert_eq!(report.size as usize, {
        let body = "From: Anna <anna@example.com>\r\nMessage-ID: <h4sh/1763800000/42@espo>\r\n\r\n.dots and 8-bit: žluť\r\n";
        body.len()
    });
}

#[test]
fn three_messages_in_one_session() {
    let text = format!("{MESSAGE}{MESSAGE}{MESSAGE}{GOODBYE}");
    let world = play(&Settings { logged_in: true, ..Settings::default() }, &text);
    assert_eq!(world.reports.len(), 3);
}

#[test]
fn the_whole_way_with_gmail_dialled() {
    let text = format!(
        "S: 220 gate.test ESMTP Postern
        C: EHLO crm
        {LIST}
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        U< 220 smtp.gmail.com ESMTP 41be03b00d2f7 - gsmtp
        U> EHLO gate.test
        U< 250-smtp.gmail.com at your service, [192.0.2.1]
        U< 250-SIZE 35882577
        U< 250-8BITMIME
        U< 250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH
        U< 250-ENHANCEDSTATUSCODES
        U< 250-PIPELINING
        U< 250-CHUNKING
        U< 250 SMTPUTF8
        U> AUTH XOAUTH2
        U< 334 \x20
        U> dXNlcj1hbm5hQGV4YW1wbGUuY29tAWF1dGg9QmVhcmVyIHlhMjkudG9rZW4BAQ==
        U< 235 2.7.0 Accepted
        S: 235 2.7.0 Accepted
        {MESSAGE}{GOODBYE}"
    );
    play(&Settings { answers: [Answer::Dial].into(), ..Settings::default() }, &text);
}

#[test]
fn after_a_refused_login_rset_gives_250_and_the_session_goes_on() {
    let settings = Settings {
        answers: [Answer::Refuse(Cause::WrongToken), Answer::Refuse(Cause::NeedsConsent), Answer::Accept]
            .into(),
        ..Settings::default()
    };
    play(
        &settings,
        "S: 220 gate.test ESMTP Postern
        C: HELO crm
        S: 250 gate.test
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 535 5.7.8 User name or CRM token is wrong (ref k3x9)
        C: RSET
        S: 250 2.0.0 OK
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 454 4.7.0 This mailbox is not connected to Google, please reconnect (ref k3x9)
        C: RSET
        S: 250 2.0.0 OK
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 235 2.7.0 Accepted
        C: QUIT
        S: 221 2.0.0 Bye
        U> QUIT
        S! closed",
    );
}

#[test]
fn a_starttls_listener() {
    let settings = Settings { starttls: true, ..accepted() };
    let text = format!(
        "S: 220 gate.test ESMTP Postern
        C: EHLO crm
        S: 250-gate.test
        S: 250-SIZE 25000000
        S: 250-PIPELINING
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250 STARTTLS
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 530 5.7.0 Must issue a STARTTLS command first
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 503 5.5.1 EHLO first
        C: EHLO crm
        {LIST}
        C: STARTTLS
        S: 502 5.5.1 Command not implemented
        C: AUTH PLAIN AGFubmFAZXhhbXBsZS5jb20AdG9rZW4=
        S: 235 2.7.0 Accepted
        {GOODBYE}"
    );
    let world = play_in_step(&settings, &text);
    assert_eq!(world.credentials.len(), 1, "nothing in clear was verified");
}
