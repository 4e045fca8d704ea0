//! Everything to Google through a proxy, and nothing around it: Google's hosts
//! have names here that only the proxy knows.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use postern::actions::account::Registration;
use postern::actions::account::import::{Candidate, import};
use postern::actions::account::remove::{AtGoogle, remove};
use postern::actions::{By, Reach};
use postern::net::exchange::Request;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_sandbox::{Choice, Options, Sandbox};

use crate::imap_client::{clear, logged_in};
use crate::smtp_client::{ANNA, Client, MESSAGE, b64};
use crate::support::edge::{Edge, IMAP, OAUTH, SMTP};
use crate::support::gateway::{CLIENT, Gateway, Setup};
use crate::support::ports;
use crate::support::program::{PATIENCE, Server, part};
use crate::support::tunnel::{Manners, Tunnel};

const LOGIN: &str = "Basic bWU6aHVudGVyMg==";

/// Where a gateway looks for Google.
struct Hosts<'a> {
    imap: &'a str,
    smtp: &'a str,
    oauth: &'a str,
}

const NAMES: Hosts<'static> = Hosts { imap: IMAP, smtp: SMTP, oauth: OAUTH };

async fn google() -> (Sandbox, Edge) {
    let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
    let edge = Edge::start(&sandbox).await;
    (sandbox, edge)
}

async fn gateway(sandbox: Sandbox, hosts: Hosts<'_>, ca: &str, proxy: &str) -> Gateway {
    let path = |path: &str| format!("https://{}{path}", hosts.oauth);
    let env: BTreeMap<_, _> = [
        ("IMAP", hosts.imap.to_owned()),
        ("SMTP", hosts.smtp.to_owned()),
        ("TOKEN_URL", path("/token")),
        ("REVOKE_URL", path("/revoke")),
        ("TOKENINFO_URL", path("/tokeninfo")),
        ("JWKS_URL", path("/oauth2/v3/certs")),
        ("PROXY", proxy.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (format!("POSTERN__GOOGLE__{name}"), value))
    .collect();
    let sandbox = Some(sandbox);
    Gateway::with(Setup { sandbox, ca: Some(ca.to_owned()), env, ..Setup::default() }).await
}

/// Consent, refresh, import, IMAP, SMTP and revocation: every host and every
/// endpoint of Google.
async fn all_of_it(gateway: &Gateway) {
    connected_by_consent(gateway).await;
    imported_and_removed(gateway).await;
    let account = gateway.connect(ANNA, &[]).await;
    reads_and_sends(gateway, &gateway.token(account).await).await;
}

async fn connected_by_consent(gateway: &Gateway) {
    let google = gateway.sandbox.google();
    google.add_user("carl@example.com");
    let address = Address::parse("carl@example.com").unwrap();
    let mut act = gateway.act().await;
    let account = postern::store::accounts::insert(&mut act, &address, None, State::New).await.unwrap().id;
    act.commit(Event::AccountAdded { account, address, state: State::New }).await.unwrap();
    let consents = gateway.parts.consents();
    let actor = Actor::CommandLine("test".to_owned());
    let started = consents.start_by_admin(&actor, account, None).await.unwrap();
    let back = google.consent(started.url.as_str(), "carl@example.com", &Choice::Allow).unwrap();
    let back = url::Url::parse(&back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let done = consents.finish(&actor, &started.state, Some(&started.cookie), Ok(Secret::new(code))).await;
    assert_eq!(done.expect("connected").address.as_str(), "carl@example.com");
}

async fn imported_and_removed(gateway: &Gateway) {
    let (parts, google) = (&gateway.parts, gateway.sandbox.google());
    google.add_user("bob@example.com");
    let scopes = ["openid", "email", "https://mail.google.com/"];
    let refresh_token = google.issue_refresh_token("bob@example.com", CLIENT, &scopes).unwrap();
    let imap = parts.config.google.imap.to_string().parse().unwrap();
    let reach = Reach {
        exchange: &*parts.exchange,
        endpoints: &parts.endpoints,
        redirect_uri: &parts.redirect_uri,
        dialer: &parts.dialer,
        imap: &imap,
    };
    let by = By::new(Actor::CommandLine("test".to_owned()), parts.store.dice()).unwrap();
    let address = Address::parse("bob@example.com").unwrap();
    let registration = Registration { address: address.clone(), crm_user: None, aliases: Vec::new() };
    let refresh_token = Secret::new(refresh_token);
    let candidate = Candidate { registration, refresh_token, scopes: ScopeSet::mail() };
    import(&parts.store, &by, &reach, &[], &candidate).await.expect("proven and stored");
    let at_google = remove(&parts.store, &by, &reach, &address, false).await.expect("removed");
    assert_eq!(at_google, AtGoogle::Revoked);
}

async fn reads_and_sends(gateway: &Gateway, token: &str) {
    let mut imap = logged_in(gateway, ANNA, token).await;
    imap.ask("a SELECT INBOX", "a OK").await;
    let mut smtp = Client::logged_in(gateway, ANNA, token).await;
    smtp.open_message().await;
    smtp.send(MESSAGE).await;
    assert!(smtp.answer().await.starts_with("250 "));
}

#[tokio::test]
async fn all_traffic_goes_through_the_proxy_and_nothing_around_it() {
    let (sandbox, edge) = google().await;
    let manners = Manners { login: Some(LOGIN), ..Manners::default() };
    let tunnel = Tunnel::start(&sandbox, &edge, manners).await;
    let proxy = format!("http://me:hunter2@{}", tunnel.addr);
    let gateway = gateway(sandbox, NAMES, &edge.ca, &proxy).await;
    all_of_it(&gateway).await;
    assert_eq!(tunnel.hosts(), [IMAP, OAUTH, SMTP]);
    assert!(tunnel.asked().iter().all(|asked| asked.login.as_deref() == Some(LOGIN)));
    gateway.stop().await;
}

#[tokio::test]
async fn an_authority_that_opens_tls_on_the_way_is_named_and_may_be_trusted() {
    let (sandbox, edge) = google().await;
    let tunnel = Tunnel::start(&sandbox, &edge, Manners { opens: true, ..Manners::default() }).await;
    let proxy = format!("http://{}", tunnel.addr);
    // Without the company's authority nothing works, and the reason is told.
    let strict = gateway(sandbox, NAMES, "", &proxy).await;
    let account = strict.connect(ANNA, &[]).await;
    let token = strict.token(account).await;
    let mut imap = clear(strict.imap[0]).await;
    imap.line().await;
    let told = imap.answer(&format!("a LOGIN {ANNA} {token}")).await;
    assert!(told.starts_with("a NO [UNAVAILABLE] "), "{told}");
    let mail = strict.parts.dialer.dial(&IMAP.parse().unwrap()).await.unwrap_err().to_string();
    let request = Request::get(strict.parts.endpoints.jwks_url.clone());
    let web = strict.parts.exchange.send(request).await.err().expect("refused").to_string();
    for told in [mail, web] {
        assert!(
            told.contains("\"Postern local authority\"") && told.contains("google.extra_ca_file"),
            "{told}"
        );
    }
    assert_eq!(strict.account(account).await.state, State::Active, "no state changes");
    let (sandbox, _dir) = strict.stop().await;
    // With it everything does.
    let trusting = gateway(sandbox, NAMES, &tunnel.ca, &proxy).await;
    all_of_it(&trusting).await;
    assert_eq!(tunnel.hosts(), [IMAP, OAUTH, SMTP]);
    trusting.stop().await;
}

#[tokio::test]
async fn what_the_proxy_refuses_is_unavailable_to_clients_and_told_to_the_admin() {
    let (sandbox, edge) = google().await;
    let manners = Manners { login: Some(LOGIN), forbidden: vec![SMTP], opens: false };
    let tunnel = Tunnel::start(&sandbox, &edge, manners).await;
    let gateway = gateway(sandbox, NAMES, &edge.ca, &format!("http://me:hunter2@{}", tunnel.addr)).await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    logged_in(&gateway, ANNA, &token).await;
    let mut smtp = Client::greeted(&gateway).await;
    let told = smtp.ask(&format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0{token}")))).await;
    assert!(told.starts_with("454 4.7.0 "), "{told}");
    let why = gateway.parts.dialer.dial(&SMTP.parse().unwrap()).await.unwrap_err();
    assert_eq!(why.name(), "proxy_forbidden");
    let why = gateway.parts.dialer.dial(&"imap.google.test:143".parse().unwrap()).await.unwrap_err();
    assert_eq!(why.name(), "proxy_upstream");
    let (sandbox, _dir) = gateway.stop().await;
    let wrong = self::gateway(sandbox, NAMES, &edge.ca, &format!("http://me:wrong@{}", tunnel.addr)).await;
    let why = wrong.parts.dialer.dial(&IMAP.parse().unwrap()).await.unwrap_err();
    assert_eq!(why.name(), "proxy_credentials");
    let request = Request::get(wrong.parts.endpoints.jwks_url.clone());
    let told = wrong.parts.exchange.send(request).await.err().expect("refused").to_string();
    assert!(told.contains("wants a user name") && !told.contains("wrong"), "{told}");
    wrong.stop().await;
}

/// A program that listens on `port`, with what it says in a file.
fn started(mut command: Command, port: u16, log: &std::path::Path) -> Server {
    let log = std::fs::File::create(log).expect("a log file");
    let (out, err) = (log.try_clone().expect("its log"), log);
    let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().expect("it starts");
    let mut server = Server::new(child);
    let until = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(!server.ended() && Instant::now() < until, "{command:?} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

#[tokio::test]
async fn a_real_http_proxy_in_front_of_another_one() {
    let (sandbox, edge) = google().await;
    let tunnel = Tunnel::start(&sandbox, &edge, Manners::default()).await;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let port = ports::free();
    let config = dir.path().join("tinyproxy.conf");
    let text = format!(
        "Port {port}\nListen 127.0.0.1\nTimeout 60\nBasicAuth me hunter2\nConnectPort 443\n\
         ConnectPort 465\nConnectPort 993\nUpstream http {}\n",
        tunnel.addr
    );
    std::fs::write(&config, text).expect("written");
    let mut command = Command::new(part("TINYPROXY"));
    command.arg("-d").arg("-c").arg(&config);
    let _server = started(command, port, &dir.path().join("log"));
    let gateway = gateway(sandbox, NAMES, &edge.ca, &format!("http://me:hunter2@127.0.0.1:{port}")).await;
    all_of_it(&gateway).await;
    assert_eq!(tunnel.hosts(), [IMAP, OAUTH, SMTP]);
    let forbidden = gateway.parts.dialer.dial(&"imap.google.test:143".parse().unwrap()).await.unwrap_err();
    assert_eq!(forbidden.name(), "proxy_forbidden");
    let (sandbox, _dir) = gateway.stop().await;
    let wrong = self::gateway(sandbox, NAMES, &edge.ca, &format!("http://me:wrong@127.0.0.1:{port}")).await;
    let error = wrong.parts.dialer.dial(&IMAP.parse().unwrap()).await.unwrap_err();
    assert_eq!(error.name(), "proxy_credentials", "{error}");
    wrong.stop().await;
}

/// Google's hosts under the one address of this machine that is not called
/// loopback: a SOCKS proxy has no table of names.
#[tokio::test]
async fn a_real_socks_proxy_with_and_without_a_login() {
    for login in [false, true] {
        let (sandbox, edge) = google().await;
        let at = |addr: SocketAddr| format!("0.0.0.0:{}", addr.port());
        let [imap, smtp, oauth] = edge.addrs.map(at);
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (port, log) = (ports::free(), dir.path().join("log"));
        let mut command = Command::new(part("MICROSOCKS"));
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]);
        if login {
            command.args(["-u", "me", "-P", "hunter2"]);
        }
        let _server = started(command, port, &log);
        let hosts = Hosts { imap: &imap, smtp: &smtp, oauth: &oauth };
        let with = if login { "me:hunter2@" } else { "" };
        let gateway = gateway(sandbox, hosts, &edge.ca, &format!("socks5://{with}127.0.0.1:{port}")).await;
        all_of_it(&gateway).await;
        let log = std::fs::read_to_string(&log).expect("its log");
        for host in [&imap, &smtp, &oauth] {
            assert!(
                log.contains(&format!("connected to {host}")),
                "{host} was reached around the proxy: {log}"
            );
        }
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = gateway.parts.dialer.dial(&at(nobody).parse().unwrap()).await.unwrap_err();
        assert_eq!(error.name(), "proxy_upstream", "{error}");
        let (sandbox, _dir) = gateway.stop().await;
        let (proxy, expected) = if login {
            ("socks5://me:wrong", "proxy_credentials")
        } else {
            ("http://me:wrong", "proxy_not_spoken")
        };
        let hosts = Hosts { imap: &imap, smtp: &smtp, oauth: &oauth };
        let wrong = self::gateway(sandbox, hosts, &edge.ca, &format!("{proxy}@127.0.0.1:{port}")).await;
        let error = wrong.parts.dialer.dial(&imap.parse().unwrap()).await.unwrap_err();
        assert_eq!(error.name(), expected, "{error}");
        wrong.stop().await;
    }
}
