//! What the doctor says is to be done, done as it says, until it finds nothing of that kind any more.
//!
//! What only somebody else can do (Google's console, a firewall, a proxy, the clock of a machine) is
//! done by the stand-in for them. A consent by a fresh link is followed in the browser's own tests.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use postern::clock::Clock;
use postern::net::dev_pair::Issued;
use postern::store::accounts;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_sandbox::{Crm, Options, Sandbox};
use tokio::process::Command;

use crate::doctor::{House, Said, chmod, examine};
use crate::support::databases::{Database, Kind};
use crate::support::gateway::{CLIENT, Setup, configuration};
use crate::support::ports;
use crate::support::process::{POSTERN, Process, postern};

const ANNA: &str = "anna@example.com";

impl Said {
    /// The remedy of this finding, which is a fault or a warning.
    fn remedy(&self, id: &str) -> String {
        let found = ["fault", "warning"].into_iter().flat_map(|severity| self.texts(severity));
        let found = found.into_iter().find(|(of, ..)| of == id);
        found.unwrap_or_else(|| panic!("no {id} in\n{:#?}", self.findings)).2
    }

    /// Nothing of that kind is found any more.
    fn mended(&self, id: &str) {
        for severity in ["fault", "warning"] {
            let found = self.texts(severity);
            assert!(found.iter().all(|(of, ..)| of != id), "{id} is still there: {found:#?}");
        }
    }
}

impl House {
    /// Does what a remedy says behind `run:`, up to its end or a comma.
    async fn run(&self, remedy: &str) {
        let line = remedy.split("run: ").nth(1).unwrap_or_else(|| panic!("nothing to run: {remedy}"));
        let line = line.split(',').next().unwrap();
        let done = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output().await.unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Gives a command of ours that the remedy names.
    async fn command(&self, remedy: &str, words: &[&str]) -> String {
        let named = words.iter().take_while(|word| !word.contains(['@', '/', '-'])).copied();
        let named = format!("postern {}", named.collect::<Vec<_>>().join(" "));
        assert!(remedy.contains(&named), "{named:?} is not what {remedy:?} says");
        let done = postern(&self.path("postern.toml")).args(words).output().await.unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    async fn stands(&self, account: &str, state: State) {
        let address = Address::parse(account).unwrap();
        let mut act = self.gateway.act().await;
        let id = accounts::by_address(&mut act, &address).await.unwrap().unwrap().id;
        accounts::set_state(&mut act, id, state).await.unwrap();
        act.commit(Event::AccountEnabled { account: id, address }).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_closed_as_it_says() {
    let house = House::build().await;
    chmod(&house.path("postern.key"), 0o644);
    let remedy = house.examined().await.remedy("files.config");
    assert!(remedy.contains("chmod 600"), "{remedy}");
    house.run(&format!("run: {}", &remedy[remedy.find("chmod").unwrap()..])).await;
    house.examined().await.mended("files.config");
    chmod(&house.path("postern.db"), 0o640);
    chmod(house.gateway.dir.path(), 0o755);
    let said = house.examined().await;
    house.run(&said.remedy("files.mode")).await;
    house.run(&said.remedy("files.folder")).await;
    let said = house.examined().await;
    ["files.mode", "files.folder"].into_iter().for_each(|id| said.mended(id));
    assert_eq!(said.code, 0, "{:#?}", said.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_comes_back_from_the_backup_and_a_missing_database_is_set_up() {
    let house = House::build().await;
    house.examined().await;
    let backup = house.path("backup");
    let config = house.path("postern.toml");
    let made = postern(&config).args(["backup", "--with-key"]).arg(&backup).output().await.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::remove_file(house.path("postern.key")).unwrap();
    assert!(house.examined().await.remedy("store.key").contains("restore it from your backup"));
    let saved = std::fs::read_dir(&backup).unwrap().map(|it| it.unwrap().path());
    let key =
        saved.into_iter().find(|path| path.to_string_lossy().contains("key")).expect("the key is saved");
    std::fs::copy(key, house.path("postern.key")).unwrap();
    chmod(&house.path("postern.key"), 0o600);
    house.examined().await.mended("store.key");
    let missing = house.text.replace("postern.db", "elsewhere.db");
    assert!(house.with(&missing).await.remedy("store.open").contains("postern setup"));
    house.with(&house.text).await.mended("store.open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_postgresql_is_migrated_and_a_copy_of_a_database_adopted() {
    let house = House::build().await;
    let sqlite = format!("sqlite://{}", house.path("postern.db").display());
    let empty = Database::empty(Kind::Postgres).await;
    let text = house.text.replace(&sqlite, &empty.url);
    let remedy = house.with(&text).await.remedy("store.schema");
    house.command(&remedy, &["migrate"]).await;
    house.with(&text).await.mended("store.schema");

    let elsewhere = house.text.replace("http://localhost:8025/postern", "http://localhost:8026/postern");
    house.with(&house.text).await.mended("store.home");
    let remedy = house.with(&elsewhere).await.remedy("store.home");
    house.command(&remedy, &["adopt", "--yes"]).await;
    house.with(&elsewhere).await.mended("store.home");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_the_name_that_people_enter_is_made_as_it_says() {
    let house = House::build().await;
    let issued = Issued::new(&["mail.example.com"], &Clock::system()).unwrap();
    std::fs::write(house.path("cert.pem"), issued.cert).unwrap();
    std::fs::write(house.path("key.pem"), &*issued.key).unwrap();
    chmod(&house.path("key.pem"), 0o600);
    let with = |cert: &Path, key: &Path| {
        let pair = format!("[tls]\ncert = \"{}\"\nkey = \"{}\"\n", cert.display(), key.display());
        let text = house.text.replace("[tls]\n", &pair);
        text.replace("addr =", "advertise = \"mail.example.org:1993\"\naddr =")
    };
    let said = house.with(&with(&house.path("cert.pem"), &house.path("key.pem"))).await;
    let remedy = said.remedy("certificate.name");
    assert!(remedy.contains("postern cert new --name mail.example.org"), "{remedy}");
    let made = house.path("made");
    let words = ["cert", "new", "--name", "mail.example.org", "--dir"];
    let done = postern(&house.path("postern.toml")).args(words).arg(&made).output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    house.with(&with(&made.join("cert.pem"), &made.join("key.pem"))).await.mended("certificate.name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_is_set_again_and_mailboxes_are_let_in() {
    let house = House::build().await;
    let google = house.gateway.sandbox.google();
    let redirect = house.gateway.parts.redirect_uri.to_string();
    google.add_client(CLIENT, "GOCSPX-another", &[redirect.as_str()]);
    let remedy = house.examined().await.remedy("client");
    let secret = house.path("secret.txt");
    std::fs::write(&secret, "GOCSPX-another\n").unwrap();
    let secret = secret.display().to_string();
    let words = ["client", "set", "--client-id", CLIENT, "--client-secret-file", &secret];
    house.command(&remedy, &words).await;
    house.examined().await.mended("client");

    house.stands(ANNA, State::AwaitingApproval).await;
    let remedy = house.examined().await.remedy("accounts.approval");
    house.command(&remedy, &["account", "approve", ANNA]).await;
    house.examined().await.mended("accounts.approval");

    house.stands(ANNA, State::NeedsConsent).await;
    let remedy = house.examined().await.remedy("accounts.consent");
    let link = house.command(&remedy, &["account", "add", ANNA]).await;
    assert!(link.contains("/oauth/google/start?link="), "{link}");

    house.stands(ANNA, State::Active).await;
    let mut act = house.gateway.act().await;
    let address = Address::parse(ANNA).unwrap();
    let id = accounts::by_address(&mut act, &address).await.unwrap().unwrap().id;
    let new_address = Address::parse("ann@example.com").unwrap();
    accounts::propose(&mut act, id, &new_address).await.unwrap();
    act.commit(Event::RenameProposed { account: id, address, new_address }).await.unwrap();
    let remedy = house.examined().await.remedy("accounts.renamed");
    house.command(&remedy, &["account", "rename", ANNA]).await;
    house.examined().await.mended("accounts.renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_mailbox_is_enabled_as_the_check_says() {
    let house = House::build().await;
    house.examined().await;
    house.stands(ANNA, State::Disabled).await;
    let config = house.path("postern.toml");
    let check = async || {
        let done = postern(&config).args(["account", "check", ANNA, "--json"]).output().await.unwrap();
        Said::read(&done)
    };
    let remedy = check().await.remedy("account.state");
    house.command(&remedy, &["account", "enable", ANNA]).await;
    check().await.mended("account.state");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_opens_tls_is_named_and_a_wrong_port_corrected() {
    let house = House::build().await;
    // A firewall of the house opens TLS to Google's mail server.
    let firewall = Sandbox::start(Options::default()).await.unwrap();
    let opened = house.imap_at(&format!("localhost:{}", firewall.imap_addr().port()));
    assert!(house.with(&opened).await.remedy("network.imap").contains("google.extra_ca_file"));
    let own = std::fs::read_to_string(extra_ca(&house.text)).unwrap();
    let both = house.path("both.pem");
    std::fs::write(&both, format!("{own}\n{}", firewall.ca_pem())).unwrap();
    let trusted = opened.replace(&extra_ca(&house.text).display().to_string(), &both.display().to_string());
    house.with(&trusted).await.mended("network.imap");
    let closed = house.imap_at(&format!("127.0.0.1:{}", ports::free()));
    assert!(house.with(&closed).await.remedy("network.imap").contains("let this machine connect"));
    house.examined().await.mended("network.imap");
}

// The authorities that a configuration of these tests trusts.
fn extra_ca(text: &str) -> PathBuf {
    let line = text.lines().find_map(|line| line.strip_prefix("extra_ca_file = \"")).expect("an authority");
    PathBuf::from(line.trim_end_matches('"'))
}

#[tokio::test(flavor = "multi_thread")]
async fn more_open_files_and_a_restart_are_what_it_takes() {
    let house = House::build().await;
    house.examined().await;
    let config = house.path("postern.toml");
    // As many as the machine allows, where that is less than was asked for.
    let limited = async |files: &str| {
        let most = format!("ulimit -n {files} 2>/dev/null || ulimit -n $(ulimit -H -n)");
        let script = format!("{most}; exec \"$0\" --config \"$1\" doctor --json");
        let mut shell = Command::new("sh");
        let done = shell.env_clear().args(["-c", &script, POSTERN]).arg(&config).output().await.unwrap();
        Said::read(&done)
    };
    let remedy = limited("512").await.remedy("limits.files");
    let wanted = remedy.split("LimitNOFILE=").nth(1).unwrap_or_else(|| panic!("{remedy}"));
    let wanted: String = wanted.chars().take_while(char::is_ascii_digit).collect();
    let said = limited(&wanted).await;
    if said.texts("warning").iter().any(|(id, ..)| id == "limits.files") {
        assert!(remedy.contains("or lower limits.connections"), "{remedy}");
        std::fs::write(&config, format!("{}\n[limits]\nconnections = 2000\n", house.text)).unwrap();
    }
    limited(&wanted).await.mended("limits.files");

    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("postern.toml");
    let running = Process::start(&configuration(&sandbox, &dir, &Setup::default()), &config).await;
    let older = std::fs::read_to_string(&config).unwrap();
    let newer = format!("{older}\n[[imap.listen]]\naddr = \"127.0.0.1:{}\"\n", ports::free());
    assert!(examine(&config, &newer).await.remedy("live").contains("restart the gateway"));
    let (config, imap) = running.kill().await;
    let restarted = Process::again(&config, imap).await;
    examine(&config, &newer).await.mended("live");
    restarted.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crm_is_told_and_asked_as_it_says() {
    let house = House::build().await;
    let crm = Crm::start().await.unwrap();
    let text = |key: &str| format!("{}\n[crm]\nurl = \"{}\"\napi_key = \"{key}\"\n", house.text, crm.url());
    assert!(house.with(&text("wrong")).await.remedy("crm").contains("crm.api_key"));
    house.with(&text(crm.key())).await.mended("crm");
    crm.set_role("Meeting", false);
    assert!(house.with(&text(crm.key())).await.remedy("crm.role").contains("Administration, Roles"));
    crm.set_role("Meeting", true);
    house.with(&text(crm.key())).await.mended("crm.role");
    crm.set_assignment_mails(true);
    assert!(house.with(&text(crm.key())).await.remedy("crm.mails").contains("Notifications"));
    crm.set_assignment_mails(false);
    house.with(&text(crm.key())).await.mended("crm.mails");
    let private = house.text.replace("http://localhost:8025/postern", "https://crm.lan/postern");
    assert!(house.with(&private).await.remedy("redirect").contains("public domain"));
    let public = house.text.replace("http://localhost:8025/postern", "https://crm.example.com/postern");
    house.with(&public).await.mended("redirect");
}
