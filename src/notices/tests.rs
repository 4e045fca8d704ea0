//! The loop on a database of its own, in front of a mail server that writes
//! down what it is given.

mod letters;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Metrics, Notices, Policy, Sender, Tls, Way};
use crate::clock::Clock;
use crate::metrics::Registry;
use crate::net::dial::Dialer;
use crate::net::target::Target;
use crate::net::tls::ServerTls;
use crate::net::trial as network;
use crate::net::trust::Trust;
use crate::store::outbox::{self, Audience, Pace};
use crate::store::{Act, Store, accounts, clients, grants, trial};
use crate::texts::Lang;

const GATHER: Duration = Duration::from_secs(600);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// What a mail server was given, and what it is to answer to the next messages.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    messages: Vec<(Vec<String>, String)>,
    refusals: VecDeque<&'static str>,
    sessions: usize,
}

impl Server {
    async fn start(tls: Option<ServerTls>) -> (Self, u16) {
        let (server, (listener, address)) = (Self::default(), network::listener().await);
        let own = server.clone();
        network::beside(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                own.0.lock().unwrap().sessions += 1;
                let Some(tls) = &tls else {
                    own.clone().session(tcp, true).await;
                    continue;
                };
                let mut tcp = BufReader::new(tcp);
                tcp.write_all(b"220 mx\r\n").await.unwrap();
                for (start, say) in [("EHLO", "250-mx\r\n250 STARTTLS\r\n"), ("STARTTLS", "220 go\r\n")] {
                    let mut line = String::new();
                    tcp.read_line(&mut line).await.unwrap();
                    assert!(line.starts_with(start), "{line:?}");
                    tcp.write_all(say.as_bytes()).await.unwrap();
                }
                own.clone().session(tls.accept(tcp.into_inner()).await.unwrap(), false).await;
            }
        });
        (server, address.port())
    }

    async fn session(self, stream: impl AsyncRead + AsyncWrite + Unpin, greet: bool) {
        let mut stream = BufReader::new(stream);
        let mut to = Vec::new();
        if greet {
            stream.write_all(b"220 mx\r\n").await.unwrap();
        }
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let refusal = line.starts_with("MAIL").then(|| self.0.lock().unwrap().refusals.pop_front());
            let say = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-mx\r\n250 AUTH PLAIN\r\n".to_owned(),
                "MAIL" => refusal.flatten().unwrap_or("250 ok\r\n").to_owned(),
                "RCPT" => {
                    to.push(line.trim().trim_start_matches("RCPT TO:").trim_matches(['<', '>']).to_owned());
                    "250 ok\r\n".to_owned()
                }
                "DATA" => {
                    stream.write_all(b"354 go\r\n").await.unwrap();
                    let mut text = String::new();
                    while !text.ends_with("\r\n.\r\n") {
                        assert!(stream.read_line(&mut text).await.unwrap() > 0);
                    }
                    self.0.lock().unwrap().messages.push((std::mem::take(&mut to), text));
                    "250 taken\r\n".to_owned()
                }
                _ => "250 ok\r\n".to_owned(),
            };
            stream.write_all(say.as_bytes()).await.unwrap();
        }
    }

    fn take(&self) -> Vec<(Vec<String>, String)> {
        let messages = std::mem::take(&mut self.0.lock().unwrap().messages);
        messages.into_iter().map(|(to, text)| (to, plain(&text))).collect()
    }

    fn refuse(&self, answers: &[&'static str]) {
        self.0.lock().unwrap().refusals.extend(answers);
    }

    fn sessions(&self) -> usize {
        self.0.lock().unwrap().sessions
    }
}

/// An installation that writes to one admin.
struct House {
    folder: tempfile::TempDir,
    store: Store,
    server: Server,
    port: u16,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = trial::store(folder.path(), Clock::system()).await;
        let (server, port) = Server::start(None).await;
        Self { folder, store, server, port }
    }

    fn notices(&self) -> Notices {
        Notices {
            store: self.store.clone(),
            policy: Policy {
                to: vec![address("admin@example.com")],
                owners: true,
                gather: GATHER,
                lang: Lang::English,
                public_url: Url::parse("https://crm.example.com/postern").unwrap(),
            },
            sender: Some(self.sender(Tls::None, &Trust::load(None).unwrap())),
            metrics: Metrics::register(&Registry::default()),
        }
    }

    fn sender(&self, tls: Tls, trust: &Trust) -> Sender {
        let dialer = Dialer::new(trust, Duration::from_secs(5));
        let at = Target { host: "localhost".to_owned(), port: self.port };
        let login = Some(("it".to_owned(), Secret::new("password")));
        Sender {
            way: Way::Server { dialer, at, tls, login },
            from: address("postern@example.com"),
            hostname: "mail.example.com".to_owned(),
        }
    }

    async fn act(&self) -> Act {
        self.store.act(&Actor::Gateway, "").await.unwrap()
    }

    /// Accounts with grants that Google has ended.
    async fn fall(&self, names: &[&str]) -> Vec<AccountId> {
        let mut ids = Vec::new();
        for name in names {
            let mut act = self.act().await;
            let address = address(&format!("{name}@example.com"));
            let known = accounts::by_address(&mut act, &address).await.unwrap();
            let id = match known {
                Some(account) => account.id,
                None => accounts::insert(&mut act, &address, None, State::Active).await.unwrap().id,
            };
            let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
            let scopes = ScopeSet::consent(&[Product::Gmail]);
            grants::replace(&mut act, id, client, &scopes, &Secret::new("1//dead")).await.unwrap();
            accounts::set_state(&mut act, id, State::NeedsConsent).await.unwrap();
            act.commit(Event::AccountApproved { account: id, address }).await.unwrap();
            ids.push(id);
        }
        ids
    }

    async fn mend(&self, id: AccountId) {
        let mut act = self.act().await;
        accounts::set_state(&mut act, id, State::Active).await.unwrap();
        act.commit(Event::AccountApproved { account: id, address: address("a@example.com") }).await.unwrap();
    }

    async fn pass(&self, time: Duration) {
        trial::pass(&self.store, time).await;
    }

    async fn outcomes(&self) -> Vec<String> {
        trial::outcomes(&self.store).await
    }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Quoted-printable undone, as far as ASCII goes (RFC 2045 section 6.7).
fn plain(text: &str) -> String {
    text.replace("=\r\n", "").replace("=3D", "=")
}

async fn round(notices: &Notices) {
    notices.round(&CancellationToken::new()).await.unwrap();
}

fn receivers(messages: &[(Vec<String>, String)]) -> Vec<String> {
    let mut all: Vec<String> = messages.iter().flat_map(|(to, _)| to.clone()).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_mailboxes_are_one_digest_and_one_message_each_over_all_nodes() {
    let house = House::new().await;
    let names: Vec<String> = (0..50).map(|number| format!("user{number:02}")).collect();
    house.fall(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let other = trial::again(house.folder.path(), Clock::system()).await;
    let (one, two) = (house.notices(), Notices { store: other, ..house.notices() });
    round(&one).await;
    assert!(house.server.take().is_empty(), "news are gathered");
    house.pass(GATHER + MINUTE).await;
    tokio::join!(round(&one), round(&two));
    let messages = house.server.take();
    let mut wanted: Vec<String> = names.iter().map(|name| format!("{name}@example.com")).collect();
    wanted.insert(0, "admin@example.com".to_owned());
    assert_eq!(receivers(&messages), wanted);
    assert!(
        messages.iter().any(|(_, text)| text.contains("Subject: Postern: mailboxes to connect again: 50"))
    );
    assert!(messages.iter().all(|(_, text)| text.contains("\r\nAuto-Submitted: auto-generated\r\n")));
    assert!(house.server.sessions() <= 2, "one session a node");
    house.pass(2 * HOUR).await;
    tokio::join!(round(&one), round(&two));
    assert!(house.server.take().is_empty(), "each change is told once");
    assert_eq!(house.outcomes().await, vec!["sent"; 100]);
}

#[tokio::test]
async fn the_link_of_an_owner_is_told_to_nobody_else() {
    let house = House::new().await;
    house.fall(&["anna"]).await;
    house.pass(GATHER).await;
    round(&house.notices()).await;
    let messages = house.server.take();
    let (_, to_owner) = messages.iter().find(|(to, _)| to == &["anna@example.com"]).unwrap();
    let start = "https://crm.example.com/postern/oauth/google/start?link=";
    let word = to_owner.split(start).nth(1).unwrap().lines().next().unwrap();
    assert_eq!(word.len(), 43, "{to_owner}");
    let (_, to_admins) = messages.iter().find(|(to, _)| to == &["admin@example.com"]).unwrap();
    assert!(!to_admins.contains("start?link=") && to_admins.contains("postern/r/"), "{to_admins}");
}

#[tokio::test]
async fn what_is_mended_in_time_is_not_told_and_an_hour_lies_between_two_messages() {
    let house = House::new().await;
    let notices = house.notices();
    let ids = house.fall(&["anna", "ben"]).await;
    house.mend(ids[1]).await;
    house.pass(GATHER).await;
    round(&notices).await;
    assert_eq!(receivers(&house.server.take()), ["admin@example.com", "anna@example.com"]);
    house.mend(ids[0]).await;
    house.fall(&["anna", "cora"]).await;
    house.pass(GATHER).await;
    round(&notices).await;
    assert_eq!(receivers(&house.server.take()), ["cora@example.com"], "anna and the admin had one");
    house.pass(HOUR).await;
    round(&notices).await;
    assert_eq!(receivers(&house.server.take()), ["admin@example.com", "anna@example.com"]);
}

#[tokio::test]
async fn what_is_not_taken_for_the_moment_is_tried_again_for_a_day() {
    let house = House::new().await;
    let notices = Notices { policy: Policy { owners: false, ..house.notices().policy }, ..house.notices() };
    house.fall(&["anna"]).await;
    house.pass(GATHER).await;
    house.server.refuse(&["451 4.3.0 later\r\n", "421 4.7.0 later\r\n"]);
    round(&notices).await;
    round(&notices).await;
    assert!(house.server.take().is_empty());
    assert_eq!(house.server.sessions(), 1, "not before its pause is over");
    house.pass(MINUTE).await;
    round(&notices).await;
    assert_eq!((house.server.sessions(), house.server.take().len()), (2, 0));
    house.pass(2 * MINUTE).await;
    round(&notices).await;
    assert_eq!(receivers(&house.server.take()), ["admin@example.com"]);

    house.fall(&["ben"]).await;
    house.pass(2 * HOUR).await;
    house.server.refuse(&["451 4.3.0 later\r\n", "451 4.3.0 later\r\n"]);
    round(&notices).await;
    house.pass(24 * HOUR).await;
    round(&notices).await;
    house.pass(24 * HOUR).await;
    round(&notices).await;
    assert!(house.server.take().is_empty(), "given up after a day");
    assert!(house.outcomes().await.contains(&"failed".to_owned()));
}

#[tokio::test]
async fn what_is_refused_for_good_is_given_up_at_once_and_only_that() {
    let house = House::new().await;
    house.fall(&["anna"]).await;
    house.pass(GATHER).await;
    house.server.refuse(&["550 5.7.1 not you\r\n"]);
    round(&house.notices()).await;
    assert_eq!(receivers(&house.server.take()), ["anna@example.com"]);
    assert_eq!(house.outcomes().await, ["failed", "sent"]);
    assert_eq!(house.server.sessions(), 1);
}

#[tokio::test]
async fn a_claim_of_a_process_that_died_ends() {
    let house = House::new().await;
    house.fall(&["anna"]).await;
    let (gather, apart, claim) = (Duration::ZERO, HOUR, Duration::from_secs(900));
    for audience in [Audience::Admins, Audience::Owner] {
        let mut batch = house.store.batch().await.unwrap();
        let claimed = outbox::claim(&mut batch, audience, Pace { gather, apart, claim }).await.unwrap();
        batch.commit().await.unwrap();
        assert_eq!(claimed.unwrap().news.len(), 1);
    }
    house.pass(GATHER).await;
    round(&house.notices()).await;
    assert!(house.server.take().is_empty());
    house.pass(GATHER).await;
    round(&house.notices()).await;
    assert_eq!(receivers(&house.server.take()), ["admin@example.com", "anna@example.com"]);
}

#[tokio::test]
async fn an_owner_who_is_an_admin_gets_the_digest_alone() {
    let house = House::new().await;
    house.fall(&["admin"]).await;
    house.pass(GATHER).await;
    round(&house.notices()).await;
    assert_eq!(receivers(&house.server.take()), ["admin@example.com"]);
    assert_eq!(house.outcomes().await, ["sent", "unwanted"]);
}

#[tokio::test]
async fn a_refused_client_is_told_once_unless_it_works_again() {
    let house = House::new().await;
    let notices = house.notices();
    let mut act = house.act().await;
    let client = clients::set(&mut act, "1-a", &Secret::new("s")).await.unwrap();
    act.commit(Event::ClientSet { client_id: "1-a".to_owned(), accounts_to_reconnect: 0 }).await.unwrap();
    let fault = async |codes: &[Option<&str>]| {
        for code in codes {
            let mut batch = house.store.batch().await.unwrap();
            clients::fault(&mut batch, client, *code).await.unwrap();
            batch.commit().await.unwrap();
        }
        house.pass(GATHER).await;
        round(&notices).await;
        house.server.take()
    };
    assert!(fault(&[Some("invalid_client"), None]).await.is_empty());
    let told = fault(&[Some("invalid_client"), Some("invalid_client")]).await;
    assert_eq!(receivers(&told), ["admin@example.com"]);
    assert!(told[0].1.contains("Google refuses 1-a (invalid_client)"), "{}", told[0].1);
    house.pass(HOUR).await;
    assert!(fault(&[Some("invalid_client")]).await.is_empty());
}

#[tokio::test]
async fn without_a_way_everything_is_logged_once() {
    let house = House::new().await;
    let notices = Notices { sender: None, ..house.notices() };
    house.fall(&["anna"]).await;
    round(&notices).await;
    assert_eq!(house.outcomes().await, ["unwanted", "logged"], "there is nothing to gather for");
    house.pass(2 * HOUR).await;
    round(&house.notices()).await;
    assert!(house.server.take().is_empty());
}

#[tokio::test]
async fn starttls_comes_before_the_password_and_czech_is_sent_in_ascii() {
    let house = House::new().await;
    let (tls, ca) = network::server_tls();
    let (server, port) = Server::start(Some(tls)).await;
    let house = House { server, port, ..house };
    let mut notices = house.notices();
    notices.policy.lang = Lang::Czech;
    notices.sender = Some(house.sender(Tls::StartTls, &Trust::with_pem(ca.as_bytes()).unwrap()));
    house.fall(&["anna"]).await;
    house.pass(GATHER).await;
    round(&notices).await;
    let messages = house.server.take();
    assert_eq!(receivers(&messages), ["admin@example.com", "anna@example.com"]);
    assert!(messages.iter().all(|(_, text)| text.is_ascii() && text.contains("=?utf-8?b?")));
    // An authority that is not trusted is a server that cannot be reached.
    let mut wrong = house.notices();
    wrong.sender =
        Some(house.sender(Tls::StartTls, &Trust::with_pem(network::issued().ca.as_bytes()).unwrap()));
    house.fall(&["ben"]).await;
    house.pass(2 * HOUR).await;
    round(&wrong).await;
    assert!(house.server.take().is_empty());
    assert_eq!(house.outcomes().await, ["sent", "-", "sent", "-"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_may_change_while_the_loop_runs() {
    let house = House::new().await;
    let notices = house.notices();
    let policy = || Policy {
        to: vec![address("eva@example.com")],
        owners: false,
        gather: Duration::from_millis(10),
        lang: Lang::English,
        public_url: Url::parse("https://crm.example.com/postern").unwrap(),
    };
    house.fall(&["anna"]).await;
    house.pass(GATHER).await;
    let stop = CancellationToken::new();
    let told = async {
        loop {
            let messages = house.server.take();
            if !messages.is_empty() {
                stop.cancel();
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (messages, ()) = tokio::join!(told, notices.run(policy, stop.clone()));
    assert_eq!(receivers(&messages), ["eva@example.com"]);
}
