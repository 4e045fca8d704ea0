//! Relayed sessions: what passes, what is cut, what is gated.

use postern_core::model::refusal::Blame;
use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use postern_core::wire::imap::reply::Farewell;
use postern_core::wire::imap::tag::Tag;
use postern_core::wire::line::LineFault;

use crate::relay_script::{Driver, Sent, holds, play};

/// Gmail's welcome, as it is and as the client sees it.
const WELCOME: &str = "
    S- * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584
    =C * CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584
    S: L1 OK anna@x.cz authenticated (Success)
";

fn session(text: &str) -> Driver {
    let driver = holds(&format!("{WELCOME}{text}"));
    assert!(driver.relay.server_at_line_boundary(), "{text}");
    driver
}

#[test]
fn compress_is_cut_from_every_list() {
    session(
        "C: a1 CAPABILITY
         S- * capability COMPRESS=DEFLATE IMAP4rev1 compress=X
         =C * capability IMAP4rev1
         S- a1 OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] COMPRESS=DEFLATE is text here
         =C a1 OK [CAPABILITY IMAP4rev1] COMPRESS=DEFLATE is text here
         S- * OK [Capability Compress=Deflate] hello
         =C * OK [Capability] hello
         S: * OK [ALERT] CAPABILITY COMPRESS=DEFLATE
         S: * LIST () \"/\" COMPRESS=DEFLATE
         S: * CAPABILITYX COMPRESS=DEFLATE
         S: * 1 FETCH (BODY[] {36}
         S: * CAPABILITY COMPRESS=DEFLATE
         S+ a1 O
         S: * CAPABILITY COMPRESS=DEFLATE)",
    );
}

#[test]
fn a_compress_command_is_answered_by_us() {
    let driver = session(
        "C- a1 COMPRESS DEFLATE
         =C a1 NO [CANNOT] COMPRESS is not offered here
         C-  a2  compress DEFLATE
         =C a2 NO [CANNOT] COMPRESS is not offered here
         C- + COMPRESS DEFLATE
         C: a3 NOOP
         S: a3 OK Success",
    );
    assert!(driver.relay.at_command_boundary());
}

#[test]
fn a_compress_command_with_literals_is_swallowed_whole() {
    session(
        "C- a1 COMPRESS {7}
         =C + Ready for literal data
         C- DEFLATE
         =C a1 NO [CANNOT] COMPRESS is not offered here
         C- a2 COMPRESS {11+}
         C- a3 SELECT x
         =C a2 NO [CANNOT] COMPRESS is not offered here
         C: a4 NOOP
         S: a4 OK Success",
    );
}

#[test]
fn our_answer_waits_for_a_line_boundary() {
    session(
        "C: a1 FETCH 1 BODY[]
         S: * 1 FETCH (BODY[] {12}
         S+ hello
         C- a2 COMPRESS DEFLATE
         S+  world!
         S: )
         =C a2 NO [CANNOT] COMPRESS is not offered here
         S: a1 OK Success",
    );
    session(
        "C: a1 NOOP
         S+ * 2 EXI
         C- a2 COMPRESS DEFLATE
         S: STS
         =C a2 NO [CANNOT] COMPRESS is not offered here
         S: a1 OK Success",
    );
}

#[test]
fn append_by_a_client_that_waits() {
    let after = "C: a2 NOOP\nS: a2 OK Success";
    session(&format!(
        "C: a1 APPEND Sent (\\Seen) {{11}}
         S: + go ahead
         C+ hello world
         C:
         S: * 3 EXISTS
         S: a1 OK [APPENDUID 1 2] (Success)
         {after}"
    ));
    for answer in
        ["a1 NO [TRYCREATE] No folder Sent (Failure)", "a1 BAD Could not parse command", "a1 OK done?"]
    {
        session(&format!("C: a1 APPEND Sent {{11}}\nS: {answer}\n{after}"));
        session(&format!("C: a1 APPEND Sent {{11}}\nS: * 1 EXISTS\nS: {answer}\n{after}"));
    }
    session(&format!("C: a1 APPEND Sent {{0}}\nS: +\nC:\nS: a1 OK Success\n{after}"));
}

#[test]
fn append_by_a_client_that_does_not_wait() {
    let after = "C: a2 NOOP\nS: a2 OK Success";
    session(
        "C: a1 APPEND Sent {23}
         C: a9 COMPRESS DEFLATE
         C+ xx
         C:
         C: a2 NOOP
         S: + go ahead
         S: a1 OK [APPENDUID 1 2] (Success)
         S: a2 OK Success",
    );
    for answer in ["a1 NO [TRYCREATE] No folder Sent (Failure)", "a1 BAD Could not parse command"] {
        let refused = format!(
            "C: a1 APPEND Sent {{24}}
             C- a9 DELETE x
             C- a9 COMPR
             S: {answer}
             C- xx"
        );
        // The literal: `a9 DELETE x`, CRLF, `a9 COMPR`, CRLF and one of the octets behind.
        session(&format!("{refused}\n{after}"));
        session(&format!("C: a1 APPEND Sent {{2}}\nC- xx\nS: {answer}\n{after}"));
        session(&format!("C: a1 APPEND Sent {{5}}\nC- x\nS: {answer}\nC-\nC-\n{after}"));
        session(&format!("C: a1 APPEND Sent {{0}}\nC-\nS: {answer}\n{after}"));
        // Further literals of the same command, of either kind.
        session(&format!(
            "C: a1 APPEND Sent {{2}}\nC- xx {{4}}\nC- a3\nC-  {{3+}}\nS: {answer}\nC- yyy\n{after}"
        ));
    }
}

#[test]
fn literals_of_other_commands() {
    session(
        "C: a1 SEARCH CHARSET UTF-8 SUBJECT {2}
         S: + ok
         C: ab TEXT {2}
         S: + ok
         C: cd
         S: * SEARCH 1
         S: a1 OK Success
         C: a2 APPEND x {3+}
         C: a b NOT {3+}
         C: c d
         S: a2 OK Success
         C: a3 APPEND x (\\Seen) ~{2}
         S: a3 NO no
         C: a4 SEARCH SUBJECT \"{5}\"
         S: a4 OK Success",
    );
}

fn fetched(command: &str, item: &str, content: &str) -> String {
    format!("C: {command}\nS: * 1 FETCH ({item} {{{}}}\nS+ {content}\nS: )\n", content.len())
}

#[test]
fn a_fetch_job_of_espocrm() {
    let header = "From: Ext <e1@remote.test> Subject: TAG7 OK [CAPABILITY COMPRESS=DEFLATE] {99}";
    let mut text = String::from(
        "C: TAG2 SELECT \"INBOX\"
         S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
         S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.
         S: * 2 EXISTS
         S: * OK [UIDVALIDITY 1795383925] UIDs valid
         S: TAG2 OK [READ-WRITE] Select completed (0.001 + 0.000 secs).
         C: TAG4 STATUS \"INBOX\" (MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY)
         S: * STATUS INBOX (MESSAGES 2 RECENT 0 UIDNEXT 3 UIDVALIDITY 1795383925 UNSEEN 2)
         S: TAG4 OK [CLIENTBUG] Status on selected mailbox completed (0.001 + 0.000 secs).
         C: TAG6 UID SEARCH SINCE 01-Nov-2026
         S: * SEARCH 1 2
         S: TAG6 OK Search completed (0.001 + 0.000 secs).\n",
    );
    text += &fetched("TAG12 UID FETCH 1 (FLAGS BODY.PEEK[HEADER])", "UID 1 FLAGS () BODY[HEADER]", header);
    text += "S: TAG12 OK Fetch completed (0.001 + 0.000 secs).\n";
    text += &fetched("TAG15 UID FETCH 1 (BODY.PEEK[TEXT])", "UID 1 BODY[TEXT]", "");
    text += "S: TAG15 OK Fetch completed.
             C: TAG16 UID STORE 1 +FLAGS.SILENT (\\Seen)
             S: TAG16 OK Store completed (0.001 + 0.000 secs).
             C: TAG17 LOGOUT
             S: * BYE Logging out
             S: TAG17 OK Logout completed (0.001 + 0.000 secs).";
    let driver = session(&text);
    assert!(driver.relay.at_command_boundary() && driver.relay.server_said_bye());
}

#[test]
fn a_continuation_of_another_answer_does_not_open_the_gate() {
    session(
        "C: a1 FETCH 1 BODY[]
         C: a2 APPEND Sent {9}
         C: a3 NOOP x
         S: * 1 FETCH (BODY[] {12}
         S: + not me
         S: 
         S: )
         S: a1 NO of another
         S: * OK a2 NO {3}
         S: + now
         S: a2 OK Success",
    );
}

#[test]
fn a_client_that_reuses_its_tag() {
    session(
        "C: a NOOP
         C: a APPEND Sent {3}
         S: a NO the older one
         S: +
         C: abc
         S: a OK Success
         C: a NOOP
         S: a OK Success",
    );
}

#[test]
fn idle_and_done() {
    let driver = session(
        "C: a1 IDLE
         S: + idling
         S: * 4 EXISTS",
    );
    assert!(driver.relay.at_command_boundary());
    let driver = session(
        "C: a1 idle
         S: + idling
         S: * 4 EXISTS
         C: DONE",
    );
    assert!(!driver.relay.at_command_boundary());
    let driver = session(
        "C: a1 IDLE
         C: DONE
         C: a2 NOOP
         S: + idling
         S: a1 OK IDLE terminated (Success)
         S: a2 OK Success
         C: a3 IDLE
         S: a3 BAD no
         C: a4 NOOP
         S: a4 OK Success
         C: a5 IDLE
         S: +
         S: a5 NO timeout
         C: a6 NOOP
         S: a6 OK Success",
    );
    assert!(driver.relay.at_command_boundary());
}

#[test]
fn done_is_a_reply_and_no_command() {
    // Whatever stands on that line, it is read as the end of IDLE.
    session("C: a1 IDLE\nS: +\nC: a2 COMPRESS {5}\nC: a3 NOOP\nS: a1 OK Success");
}

#[test]
fn a_second_login_never_reaches_the_server() {
    let driver = session(
        "C- a1 LOGIN anna@x.cz pst_secret
         =C a1 BAD You are logged in already
         C-   a2   login \"anna@x.cz\" {3}
         =C + Ready for literal data
         C- pst
         =C a2 BAD You are logged in already
         C- a3 LOGIN {4+}
         C- anna {3+}
         C- pst
         =C a3 BAD You are logged in already
         C- + LOGIN anna@x.cz pst_secret
         C- a4 AUTHENTICATE PLAIN AGFubmEAcHN0
         =C a4 BAD You are logged in already
         C: a5 NOOP
         S: a5 OK Success",
    );
    assert!(driver.relay.at_command_boundary());
}

#[test]
fn the_replies_of_a_refused_authenticate_are_swallowed_from_a_client_that_does_not_wait() {
    session(
        "C- a1 AUTHENTICATE LOGIN
         =C a1 BAD You are logged in already
         C- YW5uYUB4LmN6
         C- cHN0X3NlY3JldA==
         C-
         C: a2 NOOP
         S: a2 OK Success
         C- a3 AUTHENTICATE PLAIN
         =C a3 BAD You are logged in already
         C: a4 IDLE
         S: + idling
         C: DONE
         S: a4 OK Success",
    );
}

#[test]
fn free_text_announces_no_literal() {
    let driver = session(
        "S: * OK see {30}
         S: * NO see {30}
         S: * BYE see {30}
         S: + see {30}
         C: a1 NOOP
         S: a1 OK see {30}
         S: * LIST () \"/\" \"folder {30}\"
         S: * 1 FETCH (ENVELOPE (NIL \"{30}\" NIL) BODY[] {4}
         S+ {30}
         S:  X {2}
         S: {9}
         S: * 2 EXISTS",
    );
    assert!(driver.relay.at_command_boundary());
    assert!(driver.relay.server_said_bye());
}

#[test]
fn boundaries_follow_tags() {
    let mut driver = Driver::new("L1");
    assert!(!driver.relay.at_command_boundary());
    driver.server(b"l1 OK other tag\r\nL1 OKAY no status\r\nL1\r\n").expect("sound");
    assert!(!driver.relay.at_command_boundary());
    driver.server(b"L1 ok hello\r\n").expect("sound");
    assert!(driver.relay.at_command_boundary());
    driver.client(b"a1 NOOP\r\na2 NOOP\r\na3 NO").expect("sound");
    driver.server(b"a2 OK\r\n").expect("sound");
    assert!(!driver.relay.at_command_boundary());
    driver.server(b"a1 BAD x\r").expect("sound");
    assert!(!driver.relay.server_at_line_boundary());
    driver.server(b"\n* BYE Session expired, please login again.\r\n").expect("sound");
    assert!(driver.relay.at_command_boundary() && driver.relay.server_at_line_boundary());
    assert!(driver.relay.server_said_bye());
    assert_eq!(driver.to_server, b"a1 NOOP\r\na2 NOOP\r\n");
}

#[test]
fn our_bye_waits_for_a_line_boundary() {
    let mut driver = Driver::new("L1");
    driver.server(b"L1 OK hi\r\n* 1 FETCH (BODY[] {3}\r\na").expect("sound");
    driver.relay.bye(&Farewell::Shutdown.line());
    assert_eq!(driver.relay.to_client(), None);
    driver.server(b"bc)\r").expect("sound");
    assert_eq!(driver.relay.to_client(), None);
    driver.server(b"\n* 2 EXISTS\r\n").expect("sound");
    let shown = String::from_utf8(driver.to_client).expect("ASCII");
    assert!(shown.ends_with("abc)\r\n* BYE [UNAVAILABLE] Postern is restarting, please connect again\r\n"));
    assert!(driver.relay.has_parted());
}

const FETCH: &[u8] = b"L1 OK hi\r\n* 1 FETCH (BODY[] {31}\r\n* BYE x\r\na OK x\r\n* CAPABILITY A)\r\n\
    * CAPABILITY COMPRESS=X B\r\na OK Success\r\n";

#[test]
fn our_bye_is_the_last_word_wherever_it_is_asked_for() {
    let bye = Farewell::Revoked.line();
    let passed = play("L1", &[Sent::Server(FETCH.to_vec())], usize::MAX).0.to_client;
    for (asked, size) in (0..=FETCH.len()).flat_map(|at| [(at, 1), (at, 5), (at, usize::MAX)]) {
        let mut driver = Driver::new("L1");
        driver.client(b"a FETCH 1 BODY[]\r\nb APPEND x {3+}\r\n1").expect("sound");
        driver.server(&FETCH[..asked]).expect("sound");
        driver.relay.bye(&Farewell::Revoked.line());
        driver.client(b"23\r\nc NOOP\r\n").expect("sound");
        for piece in FETCH[asked..].chunks(size) {
            driver.server(piece).expect("sound");
        }
        assert_eq!(driver.to_server, b"a FETCH 1 BODY[]\r\nb APPEND x {3+}\r\n1", "{asked}");
        let before = driver.to_client.strip_suffix(bye.as_slice()).expect("BYE is last");
        assert!(passed.starts_with(before), "{asked}");
        assert!(before.is_empty() || before.ends_with(b"\r\n"), "{asked}");
        let inside = (24 + 12..=FETCH.len() - 42).contains(&asked);
        assert!(!inside || before.ends_with(b"A)\r\n"), "the literal and its line come first, {asked}");
        assert!(driver.relay.has_parted());
    }
}

#[test]
fn without_a_line_boundary_there_is_no_bye() {
    let mut driver = Driver::new("L1");
    driver.client(b"a1 COMPRESS DEFLATE\r\n").expect("sound");
    driver.server(b"L1 OK hi\r\n* 1 FETCH (BODY[] {9}\r\n").expect("sound");
    driver.relay.bye(&Farewell::Shutdown.line());
    driver.relay.bye(&Farewell::Revoked.line());
    driver.server(b"123456789").expect("sound");
    assert!(!driver.relay.has_parted() && !driver.relay.client_paused());
    driver.server(b")\r\n").expect("sound");
    let shown = String::from_utf8(driver.to_client).expect("ASCII");
    assert_eq!(shown.matches("BYE").count(), 1, "{shown}");
}

#[test]
fn bulk_is_never_copied() {
    let mut driver = Driver::new("L1");
    let body = vec![b'\n'; 1 << 20];
    driver.server(b"L1 OK hi\r\n").expect("sound");
    driver.client(b"a1 APPEND x {1048576}\r\n").expect("sound");
    driver.client(&body[..4096]).expect("sound");
    assert_eq!(driver.relay.client(&body), Ok(Flow::Wait));
    driver.server(b"+ go\r\n").expect("sound");
    driver.client(&body[4096..]).expect("sound");
    driver.client(b"\r\na2 FETCH 1 BODY[]\r\n").expect("sound");
    let one = [&b"* 1 FETCH (BODY[] {1048576}\r\n"[..], &body, b")\r\na2 OK Success\r\n"].concat();
    assert_eq!(driver.relay.server(&one), Ok(Flow::Forward(one.len())));
    assert_eq!(driver.copied, 0);
    assert_eq!(driver.to_server.len(), 23 + body.len() + 2 + 19);
}

#[test]
fn a_server_line_has_no_limit() {
    let mut driver = Driver::new("L1");
    driver.server(b"L1 OK hi\r\n* SEARCH").expect("sound");
    for _ in 0..1000 {
        driver.server(b" 123456789 123456789 123456789 123456789 123456789").expect("sound");
    }
    driver.server(b"\r\n").expect("sound");
    assert!(driver.relay.server_at_line_boundary());
    assert_eq!(driver.copied, 0);
}

#[test]
fn what_breaks_the_limits_ends_the_session() {
    let long = format!("a1 UID FETCH {}\r\n", "1,".repeat(40_000));
    let rows: [(&[u8], Fault); 8] = [
        (long.as_bytes(), Fault::ClientLine(LineFault::TooLong)),
        (b"a1 NOOP\na2 COMPRESS DEFLATE\r\n", Fault::ClientLine(LineFault::BareLf)),
        (b"a1 NOOP\ra2 COMPRESS DEFLATE\r\n", Fault::ClientLine(LineFault::BareCr)),
        (b"a1 NOOP\0\r\n", Fault::ClientLine(LineFault::Nul)),
        (b"a1 APPEND x {18446744073709551616}\r\n", Fault::ClientLiteral),
        (b"a1 APPEND x {000000000000000000001+}\r\n", Fault::ClientLiteral),
        (b"+ {5+}\r\n", Fault::StrayLiteral),
        (b"{5}\r\n", Fault::StrayLiteral),
    ];
    for (bytes, fault) in rows {
        for size in [usize::MAX, 1, 1000] {
            let (mut driver, result) = play("L1", &[Sent::Client(bytes.to_vec())], size);
            assert_eq!((result, fault.blame()), (Err(fault), Blame::Client));
            assert_eq!(driver.relay.client(b"a2 NOOP\r\n"), Err(fault));
            assert_eq!(driver.relay.server(b"* OK\r\n"), Err(fault));
            assert_eq!(driver.to_server, b"");
        }
    }
    let server = [Sent::Server(b"* 1 FETCH {99999999999999999999}\r\n".to_vec())];
    assert_eq!(play("L1", &server, 1).1, Err(Fault::ServerLiteral));
    assert_eq!(Fault::ServerLiteral.blame(), Blame::Upstream);
}

#[test]
fn a_literal_of_a_command_that_was_refused_meanwhile_ends_the_session() {
    let mut driver = Driver::new("L1");
    driver.client(b"a1 APPEND x {3+}\r\nab").expect("sound");
    driver.server(b"L1 OK hi\r\na1 NO full\r\n").expect("sound");
    assert_eq!(driver.client(b"c {3}\r\n"), Err(Fault::StrayLiteral));
}

#[test]
fn a_client_without_answers_has_to_wait() {
    let mut relay = Relay::new(Tag::parse(b"L1").expect("a tag"));
    let mut sent = 1;
    while let Flow::Forward(_) = relay.client(format!("a{sent} NOOP\r\n").as_bytes()).expect("sound") {
        sent += 1;
    }
    assert_eq!(sent, 256);
    assert!(relay.client_paused() && !relay.gate_closed());
    relay.server(b"a7 OK\r\n").expect("sound");
    assert!(!relay.client_paused());
}

#[test]
fn a_flood_of_compress_has_to_wait_too() {
    let mut relay = Relay::new(Tag::parse(b"L1").expect("a tag"));
    relay.server(b"* 1 EXIS").expect("sound");
    while let Flow::Replace(..) = relay.client(b"a1 COMPRESS DEFLATE\r\n").expect("sound") {}
    assert!(relay.client_paused());
    assert_eq!(relay.server(b"TS\r\n* 2").expect("sound"), Flow::Forward(4));
    assert!(relay.to_client().is_some_and(|own| own.len() < 4200));
    assert!(!relay.client_paused());
}
