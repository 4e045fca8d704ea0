//! Gmail's answers to a login, one row each.

use postern_core::{
    model::{
        address::Address,
        refusal::{Cause, PeerText},
        secret::Secret,
    },
    wire::smtp::{
        offers::Offers,
        upstream::{Failure, Step, Trouble, Upstream},
    },
};

const GREETING: &str = "220 smtp.gmail.com ESMTP 41be03b00d2f7-6340a632725sm17786173a12.12 - gsmtp\r\n";
const EHLO: &str = "250-smtp.gmail.com at your service, [192.0.2.1]\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n";
const CHALLENGE: &str = "334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==\r\n";

struct Dialled {
    sent: Vec<String>,
    end: Option<Result<Offers, Failure>>,
}

/// Says `lines` one after the other, each in pieces, after each thing we send.
fn dial(token: &str, lines: &[&str], piece: usize) -> Dialled {
    let mailbox = Address::parse("anna@example.com").unwrap();
    let mut core = Upstream::new("gate.test", &mailbox, &Secret::new(token));
    let mut dialled = Dialled { sent: Vec::new(), end: None };
    let all = lines.concat();
    let mut buffer: Vec<u8> = Vec::new();
    for chunk in all.as_bytes().chunks(piece) {
        buffer.extend_from_slice(chunk);
        loop {
            let mut unread = &buffer[..];
            let step = core.step(&mut unread);
            buffer = unread.to_vec();
            match step {
                Step::Send(bytes) => dialled.sent.push(String::from_utf8(bytes).unwrap()),
                Step::SendSecret(line) => dialled.sent.push(line.reveal().to_owned()),
                Step::Need => break,
                Step::Done(offers) => {
                    dialled.end = Some(Ok(offers));
                    return dialled;
                }
                Step::Failed(failure) => {
                    dialled.end = Some(Err(failure));
                    return dialled;
                }
            }
        }
    }
    dialled
}

fn fails(lines: &[&str]) -> Failure {
    let whole = dial("t", lines, usize::MAX).end.unwrap().unwrap_err();
    let split = dial("t", lines, 1).end.unwrap().unwrap_err();
    assert_eq!(whole, split);
    whole
}

#[test]
fn always_two_steps_however_long_the_token() {
    for length in [10, 250, 700, 1024, 4000] {
        let dialled = dial(&"t".repeat(length), &[GREETING, EHLO, "334 \r\n", "235 2.7.0 Accepted\r\n"], 1);
        assert_eq!(dialled.sent[0], "EHLO gate.test\r\n");
        assert_eq!(dialled.sent[1], "AUTH XOAUTH2\r\n");
        assert_eq!(dialled.sent[2].matches("\r\n").count(), 1);
        assert_eq!(dialled.sent.len(), 3);
        let offers = dialled.end.unwrap().unwrap();
        assert_eq!(offers, Offers { size: Some(35_882_577), eight_bit: true, utf8: true, enhanced: true });
    }
}

#[test]
fn the_challenge_is_answered_with_an_empty_line() {
    let bad = "535-5.7.8 Username and Password not accepted. For more information, go to\r\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials x - gsmtp\r\n";
    let dialled = dial("t", &[GREETING, EHLO, "334 \r\n", CHALLENGE, bad], 1);
    assert_eq!(dialled.sent.last().unwrap(), "\r\n");
    let failure = dialled.end.unwrap().unwrap_err();
    let text = PeerText::new(
        "Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials x - gsmtp",
    );
    assert_eq!(failure, Failure::TokenRefused(text.clone()));
    assert_eq!(failure.cause(), Cause::RefusedByGmail(text));
}

#[derive(Debug, PartialEq)]
enum Kind {
    Token,
    TooMany,
    Refused,
    Unavailable,
}

const ANSWERS: [(&str, Kind); 26] = [
    ("421 4.3.0 Temporary System Problem. Try again later - gsmtp", Kind::Unavailable),
    ("421 4.4.5 Server busy, try again later.", Kind::Unavailable),
    ("421 4.7.0 Temporary System Problem. Try again later.", Kind::Unavailable),
    ("421 4.7.0 Too many connections, try again later.", Kind::TooMany),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly.", Kind::Unavailable),
    ("451 4.3.0 Mail server temporarily rejected message.", Kind::Unavailable),
    ("451 4.4.2 Timeout - closing connection.", Kind::Unavailable),
    ("452 4.2.2 The email account that you tried to reach is over quota.", Kind::Unavailable),
    ("452 4.5.3 Your message has too many recipients.", Kind::Unavailable),
    ("454 4.5.0 SMTP protocol violation, no commands allowed to pipeline after STARTTLS", Kind::Unavailable),
    ("454 4.7.0 Cannot authenticate due to temporary system problem. Try again later.", Kind::Unavailable),
    ("454 4.7.0 Too many login attempts, please try again later.", Kind::TooMany),
    ("499 4.9.9 never heard of", Kind::Unavailable),
    ("501 5.5.2 Cannot Decode response", Kind::Refused),
    ("501 5.5.4 HELO/EHLO argument \"x\" invalid, closing connection.", Kind::Refused),
    ("502 5.5.1 Unimplemented command.", Kind::Refused),
    ("503 5.7.0 No identity changes permitted.", Kind::Refused),
    ("504 5.7.4 Unrecognized Authentication Type.", Kind::Refused),
    ("530 5.7.0 Must issue a STARTTLS command first.", Kind::Refused),
    ("534 5.7.9 Application-specific password required.", Kind::Refused),
    ("534 5.7.9 Please log in with your web browser and then try again.", Kind::Refused),
    ("535 5.7.1 Username and Password not accepted.", Kind::Refused),
    ("535 5.7.8 Username and Password not accepted.", Kind::Token),
    ("550 5.4.5 Daily user sending limit exceeded.", Kind::Refused),
    ("554 5.7.0 Too many unauthenticated commands.", Kind::Refused),
    ("555 5.5.2 Syntax error, command line too long", Kind::Refused),
];

fn kind(failure: &Failure) -> Kind {
    match failure {
        Failure::TokenRefused(_) => Kind::Token,
        Failure::TooManyConnections(_) => Kind::TooMany,
        Failure::Refused(_) => Kind::Refused,
        Failure::Unavailable(_) => Kind::Unavailable,
    }
}

#[test]
fn every_answer_gmail_is_known_for() {
    for (answer, expected) in ANSWERS {
        let line = format!("{answer}\r\n");
        for before in [
            &[][..],
            &[GREETING],
            &[GREETING, EHLO],
            &[GREETING, EHLO, "334 \r\n"],
            &[GREETING, EHLO, "334 \r\n", CHALLENGE],
        ] {
            let failure = fails(&[before, &[&line]].concat());
            assert_eq!(kind(&failure), expected, "{answer} after {}", before.len());
        }
    }
}

#[test]
fn what_cannot_be_is_unavailable() {
    let endless = "250-x\r\n".repeat(20_000);
    let long = format!("220 {}\r\n", "x".repeat(5000));
    let cases: [(&[&str], Trouble); 9] = [
        (&["HTTP/1.1 400 Bad Request\r\n"], Trouble::Malformed),
        (&["220-a\r\n221 b\r\n"], Trouble::Malformed),
        (&["250 ok\r\n"], Trouble::Malformed),
        (&[&long], Trouble::Malformed),
        (&[GREETING, &endless], Trouble::Malformed),
        (&[GREETING, "250 smtp.gmail.com\r\n"], Trouble::NoXoauth2),
        (&[GREETING, "250-x\r\n250 AUTH LOGIN PLAIN\r\n"], Trouble::NoXoauth2),
        (&[GREETING, EHLO, "235 2.7.0 Accepted\r\n"], Trouble::Malformed),
        (&[GREETING, EHLO, "334 \r\n", CHALLENGE, "235 2.7.0 Accepted\r\n"], Trouble::Malformed),
    ];
    for (lines, trouble) in cases {
        assert_eq!(fails(lines), Failure::Unavailable(trouble), "{}", lines.len());
    }
    let mailbox = Address::parse("anna@example.com").unwrap();
    let mut core = Upstream::new("gate.test", &mailbox, &Secret::new("t"));
    assert_eq!(core.step(&mut &b"220 smtp"[..]), Step::Need);
    assert_eq!(core.lost(), Failure::Unavailable(Trouble::Lost));
}

#[test]
fn a_greeting_in_many_lines_is_one_greeting() {
    let dialled = dial("t", &["220-hello\r\n220-there\r\n220 you\r\n"], 1);
    assert_eq!(dialled.sent, ["EHLO gate.test\r\n"]);
}

#[test]
fn no_step_shows_the_token() {
    let step = Step::SendSecret(Secret::new("ya29.secret"));
    assert!(!format!("{step:?}").contains("ya29"));
}
