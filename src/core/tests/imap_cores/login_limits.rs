//! What hostile or broken clients say before login, and the verdicts.

use std::collections::VecDeque;

use postern_core::model::secret::Secret;
use postern_core::wire::imap::login::{Credential, Limits, Login, Mechanism, Step};
use postern_core::wire::imap::reply::{Farewell, Offer};
use postern_core::wire::imap::tag::Tag;

use crate::login_script::{Chunking, Event, clear, refusal, run, starttls};

#[test]
fn nothing_to_log_in_with_before_tls() {
    starttls(
        r#"C: a LOGIN anna@x.cz pst_1
           S: a NO [PRIVACYREQUIRED] Use STARTTLS first
           C: b LOGIN anna@x.cz {8}
           S: + Ready for literal data
           C: c LOGOUT
           S: b NO [PRIVACYREQUIRED] Use STARTTLS first
           C: d AUTHENTICATE PLAIN AGFubmFAeC5jegBwc3RfMQ==
           S: d NO [PRIVACYREQUIRED] Use STARTTLS first
           C: e AUTHENTICATE LOGIN
           S: e NO [PRIVACYREQUIRED] Use STARTTLS first
           C: f LOGIN anna@x.cz {8+}
           C: g LOGOUT
           S: f NO [PRIVACYREQUIRED] Use STARTTLS first"#,
    );
}

#[test]
fn five_refusals_end_the_session() {
    let no = "NO [AUTHENTICATIONFAILED] User name or CRM token is wrong: https://crm.example.com/r/k3x9 (ref k3x9)";
    let mut text = String::new();
    for n in 1..=5 {
        text += &format!(
            "C: a{n} LOGIN anna@x.cz x{n}\nV: a{n} anna@x.cz|x{n}|Login\n=> wrong_token\nS: a{n} {no}\n"
        );
    }
    clear(&format!("{text}S: * BYE Too many failed logins\nCLOSE\nC: a6 LOGIN anna@x.cz pst_1"));
}

#[test]
fn a_refusal_for_good_is_the_last_answer() {
    let mut login = Login::new(Offer::Login, Limits::default());
    fed(&mut login, b"a LOGIN anna x\r\nb NOOP\r\n");
    login.refused_for_good(&refusal("wrong_token"));
    let told = steps(&mut login);
    let [Step::Send(answer), Step::Close] = told.as_slice() else { panic!("{told:?}") };
    let answer = String::from_utf8_lossy(answer);
    assert!(answer.starts_with("a NO [AUTHENTICATIONFAILED] "), "{answer}");
    assert!(answer.ends_with("\r\n* BYE Too many failed logins\r\n"), "{answer}");
}

#[test]
fn fifty_faults_end_the_session() {
    let mut text = String::new();
    for n in 1..=50 {
        text += &format!("C: a{n} FETCH 1\nS: a{n} BAD Unknown or invalid command, log in first\n");
    }
    clear(&format!("{text}S: * BYE Too many invalid commands\nCLOSE\nC: a51 NOOP"));
}

#[test]
fn oversized_is_refused_and_nothing_behind_it_is_read() {
    let bye = "S: * BYE Protocol error, lines must end in CRLF and keep the limits\nCLOSE\n";
    let big = "S: a BAD [TOOBIG] Command or literal too long\n";
    clear(&format!("C: a LOGIN {}\n{bye}C: b NOOP", "x".repeat(8200)));
    clear(&format!("C: a LOGIN anna {{4097}}\n{big}{bye}C: b NOOP"));
    clear(&format!("C: a LOGIN anna {{4097+}}\n{big}{bye}C: b NOOP"));
    clear(&format!("C: a LOGIN anna {{99999999999999999999999}}\n{big}{bye}C: b NOOP"));
    clear(&format!("C: {{5000}}\nS: * BAD [TOOBIG] Command or literal too long\n{bye}C: b NOOP"));
    let part = format!("C+ {}\n", "x".repeat(4096));
    let many = format!("C: · {{4096+}}\n{part}");
    clear(&format!("C: a ID {{4096+}}\n{part}{many}{many}C: · {{4096+}}\n{big}{bye}"));
    let empty = "C: {0+}\n".repeat(400);
    clear(&format!("C: a ID {{0+}}\n{empty}{big}{bye}"));
}

#[test]
fn a_literal_of_4096_octets_fits() {
    let secret = "x".repeat(4096);
    clear(&format!("C: a LOGIN anna {{4096+}}\nC: {secret}\nV: a anna|{secret}|Login\n=> accepted"));
}

#[test]
fn bare_line_ends_and_nul_end_the_session() {
    for bytes in [&b"a LOGIN b c\n"[..], b"a NOOP\rb NOOP\r\n", b"a NOOP\0\r\n", b"a LOGIN b \"c\nd\"\r\n"] {
        for chunking in [Chunking::Merged, Chunking::Pieces(1)] {
            let events = run(Offer::Login, &[bytes.to_vec()], chunking, &VecDeque::new());
            assert!(
                matches!(events.as_slice(), [Event::Said(said), Event::Close] if said.contains("* BYE Protocol error")),
                "{bytes:?} {events:?}"
            );
        }
    }
}

#[test]
fn a_password_may_be_any_octets_and_none_of_them_match() {
    for bytes in [
        &b"a LOGIN anna \"\xff\"\r\n"[..],
        b"a LOGIN anna {1+}\r\n\xff\r\n",
        b"a AUTHENTICATE PLAIN AGFubmEA/w==\r\n",
    ] {
        let events = run(Offer::Login, &[bytes.to_vec()], Chunking::Merged, &VecDeque::new());
        assert!(matches!(&events[1], Event::Verify(it) if it.starts_with("a anna|\u{fffd}|")), "{events:?}");
    }
    let nul =
        run(Offer::Login, &[b"a LOGIN anna {1+}\r\n\0\r\n".to_vec()], Chunking::Merged, &VecDeque::new());
    assert!(matches!(&nul[0], Event::Said(said) if said.contains("a BAD LOGIN")), "{nul:?}");
}

fn fed(login: &mut Login, bytes: &[u8]) -> Vec<Step> {
    assert_eq!(login.feed(bytes), bytes.len());
    steps(login)
}

fn steps(login: &mut Login) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let step = login.step();
        let last = matches!(step, Step::Need | Step::Wait | Step::Close);
        steps.push(step);
        if last {
            return steps;
        }
    }
}

#[test]
fn starttls_with_a_byte_behind_it_is_cut() {
    for injected in [&b"x"[..], b"a LOGIN anna x\r\n", b"\0", b"\r\n"] {
        let mut login = Login::new(Offer::StartTls, Limits::default());
        steps(&mut login);
        assert_eq!(fed(&mut login, &[b"a STARTTLS\r\n", injected].concat()), [Step::Close]);

        let mut login = Login::new(Offer::StartTls, Limits::default());
        steps(&mut login);
        assert_eq!(login.feed(b"a STARTTLS\r\n"), 12);
        assert!(matches!(login.step(), Step::Send(_)));
        // In cleartext, between our OK and the handshake.
        assert_eq!(login.feed(injected), 0);
        login.secured();
        assert_eq!(steps(&mut login), [Step::Close]);
    }
}

#[test]
fn starttls_forgets_but_counters_stay() {
    let mut login = Login::new(Offer::StartTls, Limits { faults: 3, ..Limits::default() });
    login.secured();
    steps(&mut login);
    fed(&mut login, b"a LOGIN anna x\r\n");
    fed(&mut login, b"b LOGIN anna x\r\n");
    let asked = fed(&mut login, b"c STARTTLS\r\n");
    assert_eq!(asked[1..], [Step::StartTls, Step::Wait]);
    assert_eq!(login.room(), 0);
    login.secured();
    assert_eq!(steps(&mut login), [Step::Need]);
    assert_eq!(fed(&mut login, b"d SELECT x\r\n").last(), Some(&Step::Close));
}

#[test]
fn a_pending_verdict_stops_everything_but_keeps_the_bytes() {
    let mut login = Login::new(Offer::Login, Limits::default());
    let first = fed(&mut login, b"a LOGIN anna pst_1\r\nb NOOP\r\n");
    let credential = Credential {
        tag: Tag::parse(b"a").expect("a tag"),
        user: "anna".into(),
        secret: Secret::new("pst_1"),
        mechanism: Mechanism::Login,
    };
    assert_eq!(first[1..], [Step::Verify(credential), Step::Wait]);
    assert!(!format!("{first:?}").contains("pst_1"));
    let flood = vec![b'x'; 100_000];
    let taken = login.feed(&flood);
    assert_eq!(taken, 65536 - 8);
    assert_eq!((login.room(), login.feed(b"y")), (0, 0));
    assert_eq!(steps(&mut login), [Step::Wait]);
    let over = login.accepted().expect("a verdict was due");
    assert_eq!(over.unread, [b"b NOOP\r\n".as_slice(), &flood[..taken]].concat());
    assert_eq!(login.accepted(), None);
    assert_eq!(steps(&mut login), [Step::Close]);
}

#[test]
fn after_a_refusal_the_kept_commands_are_answered() {
    let mut login = Login::new(Offer::Login, Limits::default());
    fed(&mut login, b"a LOGIN anna x\r\nb NOOP\r\n");
    login.refused(&refusal("wrong_token"));
    let answers = steps(&mut login);
    assert_eq!(answers[1..], [Step::Send(b"b OK NOOP completed\r\n".to_vec()), Step::Need]);
    login.refused(&refusal("wrong_token"));
    assert_eq!(login.accepted(), None);
    assert_eq!(steps(&mut login), [Step::Need]);
}

#[test]
fn every_state_can_be_closed() {
    for before in [&b""[..], b"a LOG", b"a LOGIN {5}\r\n", b"a AUTHENTICATE PLAIN\r\n", b"a LOGIN anna x\r\n"]
    {
        let mut login = Login::new(Offer::Login, Limits::default());
        fed(&mut login, before);
        login.close(Farewell::Timeout);
        login.close(Farewell::Shutdown);
        assert_eq!(steps(&mut login), [Step::Send(b"* BYE Too slow, closing\r\n".to_vec()), Step::Close]);
        assert_eq!((login.room(), login.feed(b"a NOOP\r\n")), (0, 0));
    }
}
