//! What Gmail, and what is not Gmail, says at login.

use postern_core::model::address::Address;
use postern_core::model::refusal::Cause;
use postern_core::model::secret::Secret;
use postern_core::wire::imap::failure::{Failure, Trouble};
use postern_core::wire::imap::tag::Tag;
use postern_core::wire::imap::upstream::{Step, Upstream, Welcome};

const GREETING: &str = "* OK Gimap ready for requests from 203.0.113.7 cf29mb85450632edb\r\n";
const CHALLENGE: &str =
    "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==\r\n";
const SENT: &str = "A0 AUTHENTICATE XOAUTH2 dXNlcj1hbm5hQHguY3oBYXV0aD1CZWFyZXIgeWEyOS50AQE=\r\n";

fn upstream() -> Upstream {
    let user = Address::parse("anna@x.cz").expect("an address");
    Upstream::new(Tag::parse(b"A0").expect("a tag"), &user, &Secret::new("ya29.t"))
}

/// Feeds what the server says in pieces; returns what was sent and the result.
pub fn play(said: &[u8], size: usize) -> (String, Step) {
    let mut core = upstream();
    let mut sent = String::new();
    let mut pieces = said.chunks(size);
    let mut rest = Vec::new();
    loop {
        match core.step() {
            Step::Send(line) => sent.push_str(line.reveal()),
            Step::Need => match pieces.next() {
                Some(piece) => core.feed(piece),
                None => return (sent, Step::Need),
            },
            Step::Done(Welcome { reply, unread }) => {
                rest.extend(unread);
                rest.extend(pieces.flatten());
                return (sent, Step::Done(Welcome { reply, unread: rest }));
            }
            failed @ Step::Failed(_) => return (sent, failed),
        }
    }
}

fn everywhere(said: &str) -> (String, Step) {
    let whole = play(said.as_bytes(), usize::MAX);
    for size in 1..40 {
        assert_eq!(play(said.as_bytes(), size), whole, "pieces of {size}: {said}");
    }
    whole
}

fn failure(said: &str) -> Failure {
    match everywhere(said) {
        (sent, Step::Failed(failure)) => {
            assert!(["".to_owned(), SENT.to_owned(), format!("{SENT}\r\n")].contains(&sent), "{sent}");
            failure
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn gmails_welcome_leaves_as_it_came() {
    let welcome =
        "* CAPABILITY IMAP4rev1 UNSELECT COMPRESS=DEFLATE\r\nA0 OK anna@x.cz authenticated (Success)\r\n";
    for unread in ["", "* 3 EXISTS\r\n* part", "\0{5}\r\n\n"] {
        let (sent, step) = everywhere(&format!("{GREETING}{welcome}{unread}"));
        assert_eq!(sent, SENT);
        assert_eq!(step, Step::Done(Welcome { reply: welcome.into(), unread: unread.into() }));
    }
    let other = "* OK {5}\r\n* ID NIL\r\na0 ok\r\n";
    assert!(matches!(everywhere(&format!("* ok\r\n{other}")).1, Step::Failed(_)), "tags have a case");
    let (_, step) = everywhere("* OK\r\n* OK see {5}\r\nA0 ok\r\n");
    assert_eq!(
        step,
        Step::Done(Welcome { reply: b"* OK see {5}\r\nA0 ok\r\n".to_vec(), unread: Vec::new() })
    );
}

#[test]
fn a_refused_token_is_told_after_the_empty_line() {
    let no = "A0 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n";
    let (sent, _) = everywhere(&format!("{GREETING}{CHALLENGE}{no}"));
    assert_eq!(sent, format!("{SENT}\r\n"));
    let refused = failure(&format!("{GREETING}{CHALLENGE}{no}"));
    let Failure::TokenRefused { text, challenge: Some(challenge) } = &refused else { panic!("{refused:?}") };
    assert_eq!(text.as_str(), "(AUTHENTICATIONFAILED) Invalid credentials (Failure)");
    assert_eq!(challenge.status, "400");
    assert!(refused.wants_new_token());
    assert_eq!(refused.cause().name(), "refused_by_gmail");
    for challenge in ["+\r\n", "+ \r\n", "+ not base64\r\n", "+e30=\r\n", "+ e30=\r\n"] {
        assert!(failure(&format!("{GREETING}{challenge}{no}")).wants_new_token(), "{challenge}");
    }
    assert!(failure(&format!("{GREETING}A0 NO Invalid credentials (Failure)\r\n")).wants_new_token());
}

#[test]
fn gmails_refusals_by_kind() {
    let rows = [
        ("NO [ALERT] Too many simultaneous connections. (Failure)", "too_many_connections"),
        ("NO [LIMIT] Too many", "too_many_connections"),
        (
            "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)",
            "refused_by_gmail",
        ),
        (
            "NO [ALERT] IMAP access is disabled for your domain. Please contact your domain administrator (Failure)",
            "refused_by_gmail",
        ),
        (
            "NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
            "refused_by_gmail",
        ),
        ("NO [WEBALERT https://accounts.google.com/signin/continue] Web login required.", "refused_by_gmail"),
        ("NO Lookup failed 5b1f17b1804b1-42bb", "refused_by_gmail"),
        ("NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", "refused_by_gmail"),
        ("NO", "refused_by_gmail"),
        ("NO System Error (Failure)", "unavailable"),
        ("NO [UNAVAILABLE] Temporary authentication failure", "unavailable"),
        ("NO [INUSE] x", "unavailable"),
        ("BAD Could not parse command", "unavailable"),
        ("BYE", "unavailable"),
        ("PREAUTH", "unavailable"),
    ];
    for (text, cause) in rows {
        for challenge in ["", CHALLENGE] {
            let failure = failure(&format!("{GREETING}{challenge}A0 {text}\r\n"));
            assert_eq!(failure.cause().name(), cause, "{text}");
            assert!(!failure.wants_new_token(), "{text}");
        }
    }
    let Cause::RefusedByGmail(text) =
        failure(&format!("{GREETING}A0 NO [ALERT] IMAP is off <x>\r\n")).cause()
    else {
        panic!("refused");
    };
    assert_eq!(text.as_str(), "(ALERT) IMAP is off 'x'");
}

#[test]
fn what_is_no_session_is_unavailable() {
    let long = "x".repeat(17_000);
    let rows = [
        ("* PREAUTH welcome\r\n".to_owned(), Trouble::Preauth),
        (format!("{GREETING}A1 OK hi\r\n"), Trouble::Malformed),
        (format!("{GREETING}HTTP/1.1 400 Bad\r\n"), Trouble::Malformed),
        (format!("{GREETING}\r\n"), Trouble::Malformed),
        (format!("{GREETING}*\r\n"), Trouble::Malformed),
        (format!("{GREETING}* PREAUTH x\r\n"), Trouble::Malformed),
        (format!("{GREETING}* CAPABILITY x\nA0 OK hi\r\n"), Trouble::Malformed),
        (format!("{GREETING}* LIST {{5}}\r\nA0 OK\r\n"), Trouble::Malformed),
        (format!("{GREETING}{CHALLENGE}{CHALLENGE}{CHALLENGE}{CHALLENGE}A0 OK hi\r\n"), Trouble::Malformed),
        (format!("* OK {long}"), Trouble::TooLong),
        (format!("{GREETING}* {long}"), Trouble::TooLong),
        (
            format!("{GREETING}{}A0 OK hi\r\n", format!("* X {}\r\n", "y".repeat(1000)).repeat(17)),
            Trouble::TooLong,
        ),
    ];
    for (said, trouble) in rows {
        if trouble == Trouble::Malformed && said.contains("==\r\n+") {
            assert!(matches!(everywhere(&said).1, Step::Failed(Failure::Unavailable(Trouble::Malformed))));
        } else {
            assert_eq!(failure(&said), Failure::Unavailable(trouble), "{said}");
        }
    }
    for said in
        ["* BYE busy\r\n", &format!("{GREETING}* BYE busy\r\n"), &format!("{GREETING}* X\r\n* bye busy\r\n")]
    {
        assert!(matches!(failure(said), Failure::Unavailable(Trouble::Bye(text)) if text.as_str() == "busy"));
    }
    for said in ["220 smtp.gmail.com\r\n", "* NO no\r\n", "A0 OK hi\r\n", "+ OK\r\n", "\r\n"] {
        assert!(matches!(failure(said), Failure::Unavailable(Trouble::Greeting(_))), "{said}");
    }
}

#[test]
fn the_end_of_the_stream_is_unavailable_before_the_ok_only() {
    let welcome = format!("{GREETING}{CHALLENGE}A0 OK hi\r\n");
    for end in 0..welcome.len() {
        let mut core = upstream();
        core.feed(&welcome.as_bytes()[..end]);
        while matches!(core.step(), Step::Send(_)) {}
        core.closed();
        assert_eq!(core.step(), Step::Failed(Failure::Unavailable(Trouble::Closed)));
    }
    let mut core = upstream();
    core.feed(welcome.as_bytes());
    while matches!(core.step(), Step::Send(_)) {}
    core.closed();
    assert!(matches!(core.step(), Step::Done(_)));
}

#[test]
fn the_access_token_is_never_shown() {
    let mut core = upstream();
    core.feed(GREETING.as_bytes());
    let step = core.step();
    assert_eq!(format!("{step:?}"), "Send([secret])");
}
