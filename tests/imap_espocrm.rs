//! EspoCRM's own dialogues, octet by octet as recorded of 9.2.7 (laminas-mail),
//! 9.3.10 and 10.0.0 (ImapEngine), through the gateway.

use std::fmt;

use postern_sandbox::{ImapFault, TokenFault};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::imap_client::{Imap, clear};
use crate::support::gateway::Gateway;

const BOB: &str = "bob@example.com";
const HEADER: &str = "From: Ext <e1@remote.test>\r\nTo: bob@example.com\r\nSubject: B 1\r\n\
                      Message-ID: <b1@remote.test>\r\nContent-Type: text/plain\r\n\r\n";
const TEXT: &str = "Body\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Laminas,
    Engine9,
    Engine10,
}
use Version::{Engine9, Engine10, Laminas};

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Laminas => "9.2.7",
            Engine9 => "9.3.10",
            Engine10 => "10.0.0",
        })
    }
}

const ALL: [Version; 3] = [Laminas, Engine9, Engine10];

impl Version {
    /// "Test connection" and the list of folders, behind LOGIN.
    fn folders(self) -> Vec<&'static str> {
        match self {
            Laminas => vec![r#"SELECT "INBOX""#, r#"LIST "" "*""#],
            Engine9 | Engine10 => vec![r#"LIST "" "*""#],
        }
    }

    /// The fetch job of two messages, behind LOGIN. With `known` their
    /// Message-IDs are known and they are kept unread.
    fn fetch(self, known: bool) -> Vec<String> {
        let opening: &[&str] = match self {
            Laminas => &[r#"SELECT "INBOX""#, r#"SELECT "INBOX""#, "SEARCH SINCE 01-Nov-2020"],
            Engine9 => &[
                r#"LIST "" "INBOX""#,
                r#"SELECT "INBOX""#,
                r#"SELECT "INBOX""#,
                "UID SEARCH SINCE 01-Nov-2020",
            ],
            Engine10 => &[
                r#"LIST "" "INBOX""#,
                r#"SELECT "INBOX""#,
                r#"STATUS "INBOX" (MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY)"#,
                r#"SELECT "INBOX""#,
                "UID SEARCH SINCE 01-Nov-2020",
            ],
        };
        let message: &[&str] = match (self, known) {
            (Laminas, false) => &[
                "FETCH # (RFC822.SIZE)",
                "FETCH # (FLAGS RFC822.HEADER)",
                "FETCH # (RFC822.TEXT)",
                "FETCH 2 (UID)",
            ],
            (Laminas, true) => &[
                "FETCH # (RFC822.SIZE)",
                "FETCH # (FLAGS RFC822.HEADER)",
                "STORE # FLAGS.SILENT ()",
                "FETCH 2 (UID)",
            ],
            (Engine9 | Engine10, _) => &[
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
                "UID FETCH # (RFC822.SIZE)",
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
                "UID FETCH # (FLAGS BODY.PEEK[HEADER])",
                r#"SELECT "INBOX""#,
                "UID FETCH # (UID)",
            ],
        };
        let closing: &[&str] = match (self, known) {
            (Laminas, _) => &[],
            (_, false) => &[
                "UID FETCH # (FLAGS BODY.PEEK[HEADER] BODY.PEEK[TEXT])",
                r"UID STORE # +FLAGS.SILENT (\Seen)",
            ],
            (_, true) => &["UID FETCH # (FLAGS)", r"UID STORE # -FLAGS.SILENT (\Seen)"],
        };
        let each = |n: &'static str| message.iter().chain(closing).map(move |line| line.replace('#', n));
        opening.iter().map(|&line| line.to_owned()).chain(each("1")).chain(each("2")).collect()
    }

    /// The copy of a sent message, behind LOGIN.
    fn append(self, size: usize) -> Vec<String> {
        match self {
            Laminas => vec![r#"SELECT "INBOX""#.to_owned(), format!(r#"APPEND "Sent" (\Seen) {{{size}}}"#)],
            Engine9 | Engine10 => vec![
                r#"LIST "" "Sent""#.to_owned(),
                r#"SELECT "Sent""#.to_owned(),
                format!(r#"APPEND "Sent" {{{size}}}"#),
            ],
        }
    }
}

/// The client: one command at a time, tags counted up.
struct Espo<S> {
    imap: Imap<S>,
    tag: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Espo<S> {
    fn behind_greeting(imap: Imap<S>, tag: u32) -> Self {
        Self { imap, tag }
    }

    async fn say(&mut self, command: &str) -> String {
        self.tag += 1;
        let tag = format!("TAG{}", self.tag);
        self.imap.send(format!("{tag} {command}\r\n")).await;
        tag
    }

    /// Says a command; its whole answer, literals and all.
    async fn ask(&mut self, command: &str) -> String {
        let tag = self.say(command).await;
        self.answer(&tag).await
    }

    async fn answer(&mut self, tag: &str) -> String {
        let mut answer = String::new();
        loop {
            let line = self.imap.line().await;
            assert!(!line.is_empty(), "closed behind {answer:?}");
            answer += &format!("{line}\r\n");
            if line.starts_with(&format!("{tag} ")) {
                return answer;
            }
            let count = line.strip_suffix('}').and_then(|it| it.rsplit_once('{')?.1.parse().ok());
            if let Some(count) = count {
                // The line goes on behind the literal.
                answer += &String::from_utf8_lossy(&self.imap.octets(count).await);
            }
        }
    }

    async fn log_in(&mut self, token: &str) {
        let answer = self.ask(&format!("LOGIN \"{BOB}\" \"{token}\"")).await;
        let last = answer.lines().last().expect("an answer");
        assert!(last.starts_with(&format!("TAG{} OK", self.tag)), "{answer}");
    }

    async fn test_connection(mut self, version: Version, token: &str) {
        self.log_in(token).await;
        let mut folders = String::new();
        for command in version.folders() {
            folders = self.ask(command).await;
        }
        assert!(folders.contains(r#"* LIST (\HasNoChildren) "/" "INBOX""#), "{folders}");
        assert!(folders.contains(r#""[Gmail]/Sent Mail""#), "{folders}");
        // It closes without reading the BYE.
        self.say("LOGOUT").await;
    }
}

async fn connect(gateway: &Gateway) -> Espo<TcpStream> {
    let mut imap = clear(gateway.imap[0]).await;
    assert!(imap.line().await.starts_with("* OK"), "PREAUTH would fail");
    Espo::behind_greeting(imap, 0)
}

async fn bob() -> (Gateway, String) {
    let gateway = Gateway::start().await;
    let account = gateway.connect(BOB, &[]).await;
    let token = gateway.token(account).await;
    let google = gateway.sandbox.google();
    for _ in 0..2 {
        google.deliver(BOB, format!("{HEADER}{TEXT}").as_bytes());
    }
    google.create_folder(BOB, "Sent");
    (gateway, token)
}

/// What Gmail heard of the newest session, behind the login.
fn heard(gateway: &Gateway) -> Vec<String> {
    let session = gateway.sandbox.google().sessions().pop().expect("a session");
    session.lines.into_iter().skip(1).collect()
}

fn tagged(commands: impl IntoIterator<Item = impl fmt::Display>) -> Vec<String> {
    commands.into_iter().zip(2..).map(|(command, n)| format!("TAG{n} {command}")).collect()
}

#[tokio::test]
async fn test_connection_and_folders_with_every_security() {
    let (gateway, token) = bob().await;
    for version in ALL {
        connect(&gateway).await.test_connection(version, &token).await;
        let mut ssl = clear(gateway.imap[1]).await.secure(&gateway).await.expect("a handshake");
        ssl.line().await;
        Espo::behind_greeting(ssl, 0).test_connection(version, &token).await;
        let mut tls = clear(gateway.imap[2]).await;
        tls.line().await;
        tls.ask("TAG1 STARTTLS", "TAG1 OK").await;
        let tls = tls.secure(&gateway).await.expect("a handshake");
        Espo::behind_greeting(tls, 1).test_connection(version, &token).await;
    }
    let google = gateway.sandbox.google();
    assert_eq!(google.imap_logins(), (9, 0));
    for _ in 0..100 {
        let sessions = google.sessions();
        if sessions.iter().all(|it| it.lines.back().is_some_and(|line| line.ends_with(" LOGOUT")) && !it.open)
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not every LOGOUT reached Gmail: {:?}", google.sessions());
}

#[tokio::test]
async fn the_fetch_job() {
    for version in ALL {
        for known in [false, true] {
            let (gateway, token) = bob().await;
            let mut espo = connect(&gateway).await;
            espo.log_in(&token).await;
            let mut commands = version.fetch(known);
            for command in &commands {
                let answer = espo.ask(command).await;
                check_answer(command, &answer, &format!("{version}, known: {known}: {command}: {answer}"));
            }
            let answer = espo.ask("LOGOUT").await;
            assert!(answer.starts_with("* BYE "), "{answer}");
            commands.push("LOGOUT".to_owned());
            assert_eq!(heard(&gateway), tagged(&commands), "{version}");
            let flags = gateway.sandbox.google().flags(BOB, "INBOX");
            let seen = flags.iter().filter(|it| it.iter().any(|flag| flag == "\\Seen")).count();
            assert_eq!(seen, if known { 0 } else { 2 }, "{version}: {flags:?}");
        }
    }
}

/// What the client reads out of an answer.
fn check_answer(command: &str, answer: &str, context: &str) {
    let has = |text: &str| assert!(answer.contains(text), "{context}");
    let last = answer.lines().last().expect("an answer");
    assert!(last.contains(" OK"), "{context}");
    match command {
        r#"SELECT "INBOX""# => {
            has("* 2 EXISTS\r\n");
            has("* OK [UIDVALIDITY ");
        }
        _ if command.starts_with("STATUS") => assert!(!answer.contains("UIDVALIDITY 0"), "{context}"),
        _ if command.starts_with("LIST") => has("INBOX"),
        _ if command.contains("SEARCH") => has("* SEARCH 1 2\r\n"),
        _ if command.contains("(UID)") => {
            assert!(answer.contains("FETCH (UID 1)") || answer.contains("FETCH (UID 2)"), "{context}");
        }
        _ if command.contains("SIZE") => has(&format!("RFC822.SIZE {}", HEADER.len() + TEXT.len())),
        _ => {
            if command.contains("HEADER") {
                has(&format!("HEADER{} {{{}}}\r\n{HEADER}", bracket(command), HEADER.len()));
            }
            if command.contains("TEXT") {
                has(&format!("TEXT{} {{{}}}\r\n{TEXT}", bracket(command), TEXT.len()));
            }
        }
    }
}

fn bracket(command: &str) -> &'static str {
    if command.contains('[') { "]" } else { "" }
}

#[tokio::test]
async fn the_copy_of_a_sent_message() {
    let (gateway, token) = bob().await;
    let message = format!("{HEADER}{}", "A line of a longer mail.\r\n".repeat(4000));
    let google = gateway.sandbox.google();
    let mut copies = 0;
    for version in ALL {
        // By source 9.3 does not wait for `+`, by record it does.
        for waits in [true, false].into_iter().filter(|waits| *waits || version != Laminas) {
            for refused in [false, true] {
                let mut espo = connect(&gateway).await;
                espo.log_in(&token).await;
                let mut commands = version.append(message.len());
                let append = commands.pop().expect("commands");
                for command in &commands {
                    espo.ask(command).await;
                }
                if refused {
                    let no = ImapFault::RefuseAppend("NO [OVERQUOTA] Mailbox full (Failure)".to_owned());
                    google.imap_faults().next_for(BOB, no);
                }
                let tag = espo.say(&append).await;
                let goes_on = waits && !refused && espo.imap.line().await.starts_with("+ ");
                if goes_on || !waits {
                    espo.imap.send(&message).await;
                    espo.imap.send("\r\n").await;
                }
                let answer = espo.answer(&tag).await;
                let told =
                    if refused { "NO [OVERQUOTA] Mailbox full (Failure)\r\n" } else { "OK [APPENDUID " };
                assert!(answer.contains(&format!("{tag} {told}")), "{version}, waits: {waits}: {answer}");
                assert!(espo.ask("LOGOUT").await.contains("* BYE"));
                copies += usize::from(!refused);
            }
        }
    }
    let stored = google.mailbox(BOB, "Sent");
    assert!(stored.len() == copies && stored.iter().all(|it| it == message.as_bytes()), "{}", stored.len());
}

#[tokio::test]
async fn the_servers_words_reach_the_user() {
    let (gateway, token) = bob().await;
    let google = gateway.sandbox.google();
    let mut espo = connect(&gateway).await;
    // Raw 8-bit octets within quotes, as the user typed them.
    let answer = espo.ask(&format!("LOGIN \"{BOB}\" \"geheim-\u{159}\\\"\\\\\"")).await;
    assert!(answer.starts_with("TAG1 NO [AUTHENTICATIONFAILED] User name or CRM token is wrong"), "{answer}");
    espo.log_in(&token).await;
    for words in [
        "NO System Error (Failure)",
        "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
    ] {
        google.imap_faults().next_for(BOB, ImapFault::Refuse { verb: "SELECT", answer: words.to_owned() });
        let answer = espo.ask(r#"SELECT "INBOX""#).await;
        assert_eq!(answer, format!("TAG{} {words}\r\n", espo.tag), "word for word");
    }
    espo.ask("LOGOUT").await;
    let eva = gateway.connect("eva@example.com", &[]).await;
    let token = gateway.token(eva).await;
    google.token_faults().always_for("eva@example.com", TokenFault::invalid_grant());
    let mut espo = connect(&gateway).await;
    let answer = espo.ask(&format!("LOGIN \"eva@example.com\" \"{token}\"")).await;
    let start = "TAG1 NO [CONTACTADMIN] This mailbox is not connected to Google, please reconnect: \
                 http://localhost:8025/postern/r/";
    assert!(answer.starts_with(start), "{answer}");
}
