//! `postern doctor` as a process of its own, on set-ups that are broken in one
//! way each.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postern::clock::Clock;
use postern::net::dev_pair::Issued;
use postern::store::accounts;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_sandbox::{Crm, ImapFault, Options, Sandbox, TokenFault};
use serde_json::Value;
use tokio::process::Command;

use crate::support::databases::{Database, Kind};
use crate::support::gateway::{CLIENT, Gateway, Setup, configuration};
use crate::support::ports;
use crate::support::process::{POSTERN, Process, postern};

const ANNA: &str = "anna@example.com";

/// What the doctor said.
pub struct Said {
    pub code: i32,
    pub findings: Vec<Value>,
}

impl Said {
    pub fn read(output: &std::process::Output) -> Self {
        let errors = String::from_utf8_lossy(&output.stderr);
        let findings =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no findings: {errors}"));
        Self { code: output.status.code().unwrap_or(-1), findings }
    }

    pub fn texts(&self, severity: &str) -> Vec<(String, String, String)> {
        let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let of = self.findings.iter().filter(|it| it["severity"] == severity);
        of.map(|it| (text(it, "id"), text(it, "seen"), text(it, "remedy"))).collect()
    }

    /// Requires this finding, with these words in what was seen and in the remedy.
    fn has(&self, severity: &str, id: &str, seen: &str, remedy: &str) {
        let found = self.texts(severity);
        let good = found.iter().any(|(i, s, r)| i == id && s.contains(seen) && r.contains(remedy));
        assert!(good, "no {severity} {id} with {seen:?} and {remedy:?} in\n{:#?}", self.findings);
        assert_eq!(self.code == 1, !self.texts("fault").is_empty(), "the exit code");
    }

    /// Requires this fault and no other.
    fn only(&self, id: &str, seen: &str, remedy: &str) {
        self.has("fault", id, seen, remedy);
        assert_eq!(self.texts("fault").len(), 1, "{:#?}", self.findings);
    }
}

/// A good installation with one connected mailbox, and its configuration.
pub struct House {
    pub gateway: Gateway,
    pub text: String,
}

impl House {
    pub async fn build() -> Self {
        let gateway = Gateway::start().await;
        chmod(gateway.dir.path(), 0o700);
        gateway.connect(ANNA, &[]).await;
        let text = configuration(&gateway.sandbox, &gateway.dir, &Setup::default());
        Self { gateway, text }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.gateway.dir.path().join(name)
    }

    /// Examines it with another configuration.
    pub async fn with(&self, text: &str) -> Said {
        examine(&self.path("postern.toml"), text).await
    }

    pub async fn examined(&self) -> Said {
        self.with(&self.text).await
    }

    /// The configuration with another IMAP server.
    pub fn imap_at(&self, place: &str) -> String {
        let old = format!("imap = \"localhost:{}\"", self.gateway.sandbox.imap_addr().port());
        assert!(self.text.contains(&old));
        self.text.replace(&old, &format!("imap = \"{place}\""))
    }
}

pub async fn examine(path: &Path, text: &str) -> Said {
    std::fs::write(path, text).unwrap();
    let began = Instant::now();
    let output = postern(path).args(["doctor", "--json"]).output().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
    for secret in ["GOCSPX", "ya29", "hunter2", "1//"] {
        assert!(!String::from_utf8_lossy(&output.stdout).contains(secret), "{secret} is shown");
    }
    Said::read(&output)
}

pub fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_house_has_no_fault_and_is_shown_as_text_too() {
    let house = House::build().await;
    let said = house.examined().await;
    assert_eq!((said.code, said.texts("fault")), (0, vec![]), "{:#?}", said.findings);
    for id in [
        "files",
        "store.schema",
        "store.key",
        "store.write",
        "network.imap",
        "network.smtp",
        "clock",
        "client",
    ] {
        said.has("ok", id, "", "");
    }
    for id in ["accounts", "imap.login", "imap.folders", "smtp.login"] {
        said.has("ok", id, "", "");
    }
    // What EspoCRM has to be told, and what no browser elsewhere can open.
    said.has("note", "crm.allow_list", "127.0.0.1", "'emailServerAllowedAddressList' => ['127.0.0.1:");
    said.has("warning", "redirect", "this machine only", "http.public_url");
    let output = postern(&house.path("postern.toml")).arg("doctor").output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("ok       imap.login") && text.contains("-> where the CRM is EspoCRM"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_file_modes_are_named_and_left_as_they_are() {
    let house = House::build().await;
    let key = house.path("postern.key");
    chmod(&key, 0o644);
    house.examined().await.only("files.config", "postern.key is open to other users", "chmod 600");
    chmod(&key, 0o600);

    let database = house.path("postern.db");
    chmod(&database, 0o640);
    chmod(house.gateway.dir.path(), 0o750);
    let said = house.examined().await;
    said.only("files.mode", "postern.db is open to other users", "chmod 600");
    said.has("warning", "files.folder", "mode 0750", "chmod 700");
    assert_eq!(mode(&database), 0o640, "the doctor changes nothing");
    chmod(&database, 0o600);

    let missing = house.text.replace("postern.db", "elsewhere.db");
    house.with(&missing).await.only("store.open", "there is no database", "postern setup");
    assert!(!house.path("elsewhere.db").exists(), "the doctor makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_and_a_foreign_key_are_told_apart() {
    let house = House::build().await;
    let foreign = House::build().await;
    let key = house.path("postern.key");
    std::fs::copy(foreign.path("postern.key"), &key).unwrap();
    house.examined().await.only("store.key", "does not belong to this database", "backup");
    std::fs::remove_file(&key).unwrap();
    house.examined().await.only("store.key", "does not exist", "backup");
    std::fs::write(&key, "k1:seal:short\n").unwrap();
    chmod(&key, 0o600);
    house.examined().await.only("store.key", "line 1", "backup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_named() {
    let house = House::build().await;
    let held = house.gateway.parts.store.batch().await.unwrap();
    house.examined().await.has("fault", "store.write", "locked for 3 s", "end what holds the lock");
    drop(held);
    house.examined().await.has("ok", "store.write", "", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_firewalls_and_silence_are_told_apart() {
    let house = House::build().await;
    let lost = house.imap_at("imap.nobody.invalid:993");
    house.with(&lost).await.only("network.imap", "does not resolve", "getent ahosts imap.nobody.invalid");

    let closed = house.imap_at(&format!("127.0.0.1:{}", ports::free()));
    house.with(&closed).await.only("network.imap", "connection refused", "firewall");

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = house.imap_at(&silent.local_addr().unwrap().to_string()) + "\n[limits]\ndial = \"1s\"\n";
    house.with(&silent).await.has("fault", "network.imap", "no TLS session in time", "firewall");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_tls_and_a_certificate_for_another_name_are_told_apart() {
    let house = House::build().await;
    let stranger = Sandbox::start(Options::default()).await.unwrap();
    let opened = house.imap_at(&format!("localhost:{}", stranger.imap_addr().port()));
    house.with(&opened).await.only("network.imap", "\"Postern sandbox authority\"", "google.extra_ca_file");

    let clear = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = house.imap_at(&clear.local_addr().unwrap().to_string());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = clear.accept() {
            let _gone = std::io::Write::write_all(&mut stream, b"* OK ready, say STARTTLS\r\n");
        }
    });
    house.with(&place).await.only("network.imap", "does not speak TLS", "993");
}

/// A proxy that answers every request so.
fn proxy(answer: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _asked = std::io::Read::read(&mut stream, &mut [0; 1024]);
            let _gone = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_does_is_told_from_what_google_does() {
    let house = House::build().await;
    let through = |place: &str| {
        let proxy = format!("[google]\nproxy = \"http://{place}\"\n");
        house.imap_at("imap.gmail.com:993").replace("[google]\n", &proxy)
    };
    let forbidding = proxy("HTTP/1.1 403 Forbidden\r\n\r\n");
    let said = house.with(&through(&forbidding)).await;
    said.only("network.imap", "forbids it", "allow CONNECT to imap.gmail.com:993");

    let asking = proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    house.with(&through(&asking)).await.only("network.imap", "wants a user name", "google.proxy");

    let nobody = format!("127.0.0.1:{}", ports::free());
    house.with(&through(&nobody)).await.only("network.imap", "takes no connection", "nobody answers at");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_measured() {
    let house = House::build().await;
    house.gateway.sandbox.google().clock().advance(Duration::from_secs(86_400));
    let said = house.examined().await;
    said.has("fault", "clock", "s behind Google's", "timedatectl");
}

#[tokio::test(flavor = "multi_thread")]
async fn redirect_addresses_that_google_refuses_are_named() {
    let house = House::build().await;
    let old = "http://localhost:8025/postern";
    let private = house.text.replace(old, "https://crm.lan/postern");
    house.with(&private).await.only("redirect", "public host names only", "public domain");
    for (url, seen) in
        [("http://crm.example.com", "not encrypted"), ("https://10.0.0.5/postern", "IP address")]
    {
        let said = house.with(&house.text.replace(old, url)).await;
        let faults = said.texts("fault");
        assert_eq!((said.code, faults.len()), (64, 1), "{faults:?}");
        assert!(
            faults[0].0 == "config" && faults[0].1.contains(seen) && !faults[0].2.is_empty(),
            "{faults:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_is_told_from_a_bad_moment() {
    let house = House::build().await;
    let google = house.gateway.sandbox.google();
    let redirect = house.gateway.parts.redirect_uri.to_string();
    google.add_client(CLIENT, "GOCSPX-another", &[redirect.as_str()]);
    house.examined().await.has("fault", "client", "invalid_client", "postern client set");

    google.add_client(CLIENT, "GOCSPX-test", &[redirect.as_str()]);
    google.token_faults().always(TokenFault::server_error(503));
    house.examined().await.has("warning", "client", "could not be tried", "try again");
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_that_wait_for_somebody_are_named() {
    let house = House::build().await;
    let google = house.gateway.sandbox.google();
    google.imap_faults().always_for(ANNA, ImapFault::imap_disabled());
    house.examined().await.only("imap.login", "not enabled for IMAP", "enables IMAP");
    google.imap_faults().clear();

    let ben = house.gateway.connect("ben@example.com", &[]).await;
    let mut act = house.gateway.act().await;
    accounts::set_state(&mut act, ben, State::NeedsConsent).await.unwrap();
    let address = Address::parse("ben@example.com").unwrap();
    act.commit(Event::AccountEnabled { account: ben, address }).await.unwrap();
    let said = house.examined().await;
    said.has("warning", "accounts.consent", "ben@example.com", "postern account add");
    assert_eq!(said.code, 0, "the others work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_runs_is_seen_and_one_with_an_older_configuration_too() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("postern.toml");
    let process = Process::start(&configuration(&sandbox, &dir, &Setup::default()), &config).await;
    let text = std::fs::read_to_string(&config).unwrap();
    let said = examine(&config, &text).await;
    said.has("ok", "live", "a gateway listens", "");
    said.has("ok", "nodes", "serving: ", "");
    said.has("fault", "client", "no Google client is set", "postern client set");

    let newer = format!("{text}\n[[imap.listen]]\naddr = \"127.0.0.1:{}\"\n", ports::free());
    examine(&config, &newer).await.has(
        "fault",
        "live",
        "nobody listens on 127.0.0.1:",
        "restart the gateway",
    );
    process.kill().await;
    let said = examine(&config, &text).await;
    said.has("note", "live", "no gateway runs on this machine", "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_name_or_time_is_named() {
    let house = House::build().await;
    let certificate = |clock: &Clock| {
        let issued = Issued::new(&["mail.example.com"], clock).unwrap();
        std::fs::write(house.path("cert.pem"), issued.cert).unwrap();
        std::fs::write(house.path("key.pem"), &*issued.key).unwrap();
    };
    std::fs::write(house.path("key.pem"), "").unwrap();
    chmod(&house.path("key.pem"), 0o600);
    let pair = format!(
        "[tls]\ncert = \"{}\"\nkey = \"{}\"\n",
        house.path("cert.pem").display(),
        house.path("key.pem").display()
    );
    let served = house
        .text
        .replace("[tls]\n", &pair)
        .replace("addr =", "advertise = \"mail.example.com:1993\"\naddr =");
    certificate(&Clock::system());
    let said = house.with(&served).await;
    said.has("ok", "certificate.time", "valid until", "");
    assert!(said.texts("fault").is_empty(), "{:#?}", said.findings);

    let another = served.replace("mail.example.com:1993", "mail.example.org:1993");
    house.with(&another).await.only(
        "certificate.name",
        "mail.example.org",
        "postern cert new --name mail.example.org",
    );

    certificate(&Clock::manual(1_500_000_000_000_000));
    house.with(&served).await.only("certificate.time", "expired on 2019-", "renew it");

    std::fs::write(house.path("key.pem"), &*Issued::new(&["x.example"], &Clock::system()).unwrap().key)
        .unwrap();
    house.with(&served).await.only("certificate", "do not belong together", "tls.cert");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_descriptors_are_named() {
    let house = House::build().await;
    let config = house.path("postern.toml");
    std::fs::write(&config, &house.text).unwrap();
    let mut shell = Command::new("sh");
    shell
        .env_clear()
        .args(["-c", "ulimit -n 512; exec \"$0\" --config \"$1\" doctor --json", POSTERN])
        .arg(&config);
    let said = Said::read(&shell.output().await.unwrap());
    said.only("limits.files", "512 open files are allowed here", "LimitNOFILE=40600");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_is_away_or_not_migrated_is_named() {
    let house = House::build().await;
    let sqlite = format!("sqlite://{}", house.path("postern.db").display());
    let empty = Database::empty(Kind::Postgres).await;
    let text = house.text.replace(&sqlite, &empty.url);
    house.with(&text).await.only("store.schema", "missing", "postern migrate");

    let away = format!("postgres://postern:hunter2@127.0.0.1:{}/postern", ports::free());
    let text = house.text.replace(&sqlite, &away);
    // The configuration holds its password and everybody may read it.
    chmod(&house.path("postern.toml"), 0o644);
    let said = house.with(&text).await;
    said.has("fault", "store.open", "connection refused", "start the server");
    said.has("fault", "files.mode", "database password", "chmod 600");
    chmod(&house.path("postern.toml"), 0o600);

    let (server, _) = empty.url.rsplit_once('/').unwrap();
    let text = house.text.replace(&sqlite, &format!("{server}/no_such_database"));
    house.with(&text).await.only("store.open", "no_such_database", "database.url");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_5_a_crm_that_mails_refuses_or_is_away_is_named() {
    let house = House::build().await;
    let crm = Crm::start().await.unwrap();
    let text = |key: &str| format!("{}\n[crm]\nurl = \"{}\"\napi_key = \"{key}\"\n", house.text, crm.url());
    let said = house.with(&text(crm.key())).await;
    assert_eq!(said.texts("fault"), vec![], "{:#?}", said.findings);
    said.has("ok", "crm", "takes the key: version", "");
    said.has("ok", "crm.mails", "mails nobody", "");
    crm.set_assignment_mails(true);
    let said = house.with(&text(crm.key())).await;
    said.has("warning", "crm.mails", "; 0 events that were read have no record yet", "Notifications");
    house.with(&text("wrong")).await.only("crm", "refuses the key", "crm.api_key");
    let away = text(crm.key());
    drop(crm);
    house.with(&away).await.only("crm", "does not answer", "crm.url");
}
