//! The failure rows of the reference as one table: what Google or the client
//! does, what the client is told, how the account stands afterwards.

mod rows;
mod world;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use postern::store::{accounts, audit, help_refs};
use postern_sandbox::{ImapFault, TokenFault};

use self::rows::{Meets, Row, rows};
use self::world::{Asked, World};
use crate::imap_client::clear;
use crate::support::gateway::{Gateway, Setup};
use crate::support::ports;

const LIMITS: &str = "[limits]\nlogin = \"4s\"\n";

#[tokio::test]
async fn every_failure_is_told_as_the_table_says() {
    let world = World::start().await;
    let rows = rows();
    let mut asked = Vec::new();
    // No account is known at the connection: these faults meet whoever comes next. And where
    // Google fails several accounts at once, the next ones are not asked for.
    let alone = |row: &&Row| match &row.meets {
        Meets::Connect(_) => true,
        Meets::Token(fault) => !matches!(fault, TokenFault::Hang | TokenFault::Delay(_)),
        _ => false,
    };
    let (alone, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(alone);
    for row in alone {
        asked.push((row, world.meet(row).await));
    }
    let met = join_all(others.iter().map(|row| world.meet(row))).await;
    asked.extend(others.into_iter().zip(met));
    for (row, asked) in &asked {
        row.check_answer(asked);
    }
    world.notes_are_written(&asked).await;
    for (row, asked) in &asked {
        world.check_afterwards(row, asked).await;
    }
}

#[tokio::test]
async fn after_too_many_connections_gmail_is_left_alone_for_a_minute() {
    let gateway = Gateway::start().await;
    let google = gateway.sandbox.google();
    let anna = gateway.connect("anna@example.com", &[]).await;
    let ben = gateway.connect("ben@example.com", &[]).await;
    let (token, other) = (gateway.token(anna).await, gateway.token(ben).await);
    google.imap_faults().next_for("anna@example.com", ImapFault::too_many_connections());
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    let login = format!("a LOGIN anna@example.com {token}");
    let clock = gateway.parts.store.clock();
    let before = clock.now();
    for _ in 0..2 {
        let told = imap.answer(&login).await;
        assert!(told.starts_with("a NO [LIMIT] Too many connections to this mailbox"), "{told}");
    }
    assert_eq!(google.sessions().len(), 1, "the second login was not dialled");
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    assert!(imap.answer(&format!("a LOGIN ben@example.com {other}")).await.starts_with("a OK"));
    let minute = 60_000_000;
    let until = async || gateway.account(anna).await.throttled_until;
    while until().await == 0 {
        assert!(clock.now() - before < minute, "the pause is not stored");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let until = until().await - before;
    assert!((minute..=minute + clock.now() - before).contains(&until), "{until}");
}

#[tokio::test]
async fn with_gmail_down_the_login_may_be_tried_again() {
    let closed = format!("127.0.0.1:{}", ports::free());
    let setup = Setup { imap: Some(closed), more: LIMITS.to_owned(), ..Setup::default() };
    let gateway = Gateway::with(setup).await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let before = gateway.account(anna).await;
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    let told = imap.answer(&format!("a LOGIN anna@example.com {}", gateway.token(anna).await)).await;
    assert!(told.starts_with("a NO [UNAVAILABLE] "), "{told}");
    assert_eq!(gateway.account(anna).await, before);
}

#[tokio::test]
async fn with_the_database_down_the_login_may_be_tried_again() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    gateway.parts.store.close().await;
    let mut imap = clear(gateway.imap[0]).await;
    imap.line().await;
    let told = imap.answer(&format!("a LOGIN anna@example.com {token}")).await;
    assert!(told.starts_with("a NO [UNAVAILABLE] "), "{told}");
    let wrong = imap.answer("b LOGIN anna@example.com hunter2").await;
    assert!(wrong.starts_with("b NO [AUTHENTICATIONFAILED] "), "{wrong}");
}

impl Row {
    fn check_answer(&self, asked: &Asked) {
        let (name, told) = (self.name, &asked.told);
        assert!(told.starts_with(&format!("a {}", self.answer)), "{name}: {told}");
        assert!(told.is_ascii() && told.len() < 600, "{name}: {told}");
        assert_eq!(asked.noop, "b OK", "{name}: the connection stays open");
        if self.cause.is_none() {
            return;
        }
        let reference = asked.reference();
        let end = format!(" (ref {reference})");
        assert!(!reference.is_empty() && told.ends_with(&end), "{name}: {told}");
        let help = format!(": http://localhost:8025/postern/r/{reference}{end}");
        assert_eq!(told.ends_with(&help), self.help, "{name}: {told}");
    }
}

impl World {
    /// Waits for the writer, which gathers for 200 ms.
    async fn notes_are_written(&self, asked: &[(&Row, Asked)]) {
        // Refusals without a mailbox have one row in an hour, and one reference.
        let refused: BTreeSet<_> =
            asked.iter().filter(|(row, _)| row.cause.is_some()).map(|(_, asked)| asked.reference()).collect();
        for _ in 0..100 {
            let rows = self.audit().await;
            if rows.iter().filter(|row| row.event == "login_refused").count() >= refused.len() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the audit does not have all refusals");
    }

    async fn audit(&self) -> Vec<audit::Row> {
        let mut read = self.gateway.parts.store.read().await.expect("a connection");
        audit::newest(&mut read, 0, 10_000).await.expect("read")
    }

    async fn check_afterwards(&self, row: &Row, asked: &Asked) {
        let name = row.name;
        let after = self.gateway.account(asked.account).await;
        let noted = after.noted.clone().unwrap_or_default();
        assert_eq!(noted.is_empty(), row.noted.is_empty(), "{name}: {noted}");
        assert!(noted.contains(row.noted), "{name}: {noted}");
        let throttled = row.answer.starts_with("NO [LIMIT]");
        assert_eq!(after.throttled_until > after.created_at, throttled, "{name}");
        let before = accounts::Account { noted: after.noted.clone(), ..asked.before.clone() };
        let before = accounts::Account { throttled_until: after.throttled_until, ..before };
        match row.becomes {
            None => assert_eq!(after, before, "{name}: a failed login changes nothing"),
            Some(state) => {
                let expected = accounts::Account { state, changed_at: after.changed_at, ..before };
                assert_eq!(after, expected, "{name}");
            }
        }
        assert_eq!(self.refresh_token(asked.account).await, asked.refresh_token, "{name}");
        assert_eq!(self.token_requests(&after), row.requests, "{name}: requests at the token endpoint");
        if let Some(cause) = row.cause {
            self.check_journal(row, asked, cause).await;
        }
    }

    async fn check_journal(&self, row: &Row, asked: &Asked, cause: &str) {
        let (name, reference) = (row.name, asked.reference());
        let rows = self.audit().await;
        let about: Vec<_> = rows.iter().filter(|r| r.request == reference).collect();
        let [entry] = about.as_slice() else { panic!("{name}: {about:?}") };
        let detail: serde_json::Value = serde_json::from_str(&entry.detail).expect("JSON");
        assert_eq!(
            (entry.event.as_str(), detail["cause"].as_str()),
            ("login_refused", Some(cause)),
            "{name}"
        );
        assert_eq!(detail["reference"].as_str(), Some(reference.as_str()), "{name}");
        let mut read = self.gateway.parts.store.read().await.expect("a connection");
        let people = audit::people(&mut read).await.expect("read");
        let address = detail["address"].as_str().and_then(|pseudonym| people.get(pseudonym));
        let named = asked.before.address.to_string();
        assert_eq!(address, Some(&named).filter(|_| row.names_mailbox()), "{name}: {detail}");
        let now = self.gateway.parts.store.clock().now();
        let help = help_refs::get(&mut read, &reference, now).await.expect("read");
        let page = (asked.account, cause.to_owned());
        assert_eq!(help, Some(page).filter(|_| row.help), "{name}");
        let moved = rows
            .iter()
            .any(|r| r.event == "state_changed" && r.detail.contains(&asked.account.0.to_string()));
        assert_eq!(moved, row.becomes.is_some(), "{name}");
    }
}
