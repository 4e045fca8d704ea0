//! The commands as an admin runs them, beside a running `serve`, with the
//! binary and nothing of its library.

use std::path::Path;
use std::time::{Duration, Instant};

use postern_sandbox::{Options, Sandbox};
use tokio::process::Command;

use crate::support::gateway::{CLIENT, Setup, configuration};
use crate::support::line::Lines;
use crate::support::process::{POSTERN, Process, postern, with_ports};

const ANNA: &str = "anna@example.com";

/// What a command printed and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

async fn run(config: &Path, args: &[&str]) -> Said {
    let output = postern(config).args(args).output().await.expect("the binary runs");
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

async fn done(config: &Path, args: &[&str]) -> String {
    let said = run(config, args).await;
    assert_eq!(said.code, 0, "{args:?}\n{}\n{}", said.out, said.err);
    said.out
}

async fn log_in(process: &Process, token: &str) -> String {
    let mut imap = Lines::connect(process.imap[0]).await;
    imap.line().await;
    imap.log_in(ANNA, token).await
}

/// Waits until a login is answered so; the design allows five seconds.
async fn soon(process: &Process, token: &str, start: &str) {
    let began = Instant::now();
    loop {
        let answer = log_in(process, token).await;
        if answer.starts_with(start) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "still {answer:?} after 5 s");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Anna's sheet, after an import with the scopes of mail and contacts.
async fn shows_mail_and_contacts(config: &Path) {
    let shown = done(config, &["account", "show", ANNA, "--json"]).await;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["state"], "active", "{shown}");
    let given = [&shown["gmail"], &shown["calendar"], &shown["contacts"]];
    assert_eq!(given, ["granted", "missing", "granted"], "{shown}");
    let sheet = done(config, &["account", "show", ANNA]).await;
    assert!(sheet.contains("contacts") && !sheet.contains("calendar"), "{sheet}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_runs_the_gateway_from_the_shell() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let text = configuration(&sandbox, &dir, &Setup::default());
    let config = dir.path().join("postern.toml");
    let process = Process::start(&text, &config).await;
    let google = sandbox.google();
    google.add_user(ANNA);
    google.add_client(CLIENT, "GOCSPX-test", &["http://localhost:8025/postern/oauth/google/callback"]);

    let secret = dir.path().join("client-secret");
    std::fs::write(&secret, "GOCSPX-test\n").unwrap();
    let secret = secret.to_str().unwrap();
    let set = run(&config, &["client", "set", "--client-id", CLIENT, "--client-secret-file", secret]).await;
    assert_eq!(set.code, 0, "{}{}", set.out, set.err);
    let told = format!("{}{}", set.out, set.err);
    assert!(told.contains("http://localhost:8025/postern/oauth/google/callback"), "{told}");

    let link = done(&config, &["account", "add", ANNA, "--alias", "sales@example.com"]).await;
    assert!(link.trim().starts_with("http://localhost:8025/postern/oauth/google/start?link="), "{link}");
    let token = done(&config, &["token", "issue", ANNA]).await.trim().to_owned();
    assert!(token.starts_with("pst_") && !token.contains(char::is_whitespace), "alone on stdout");
    soon(&process, &token, "a NO [CONTACTADMIN]").await;

    let contacts = "https://www.googleapis.com/auth/contacts";
    let scopes = ["openid", "email", "https://mail.google.com/", contacts];
    let refresh = google.issue_refresh_token(ANNA, CLIENT, &scopes).unwrap();
    let file = dir.path().join("refresh");
    std::fs::write(&file, refresh).unwrap();
    let file = file.to_str().unwrap();
    done(&config, &["account", "import", ANNA, "--refresh-token-file", file, "--scopes", contacts]).await;
    soon(&process, &token, "a OK").await;

    shows_mail_and_contacts(&config).await;
    done(&config, &["account", "disable", ANNA]).await;
    soon(&process, &token, "a NO [CONTACTADMIN]").await;
    done(&config, &["account", "enable", ANNA]).await;
    soon(&process, &token, "a OK").await;

    let tokens = done(&config, &["token", "list", ANNA, "--json"]).await;
    let tokens: serde_json::Value = serde_json::from_str(&tokens).unwrap();
    let id = tokens[0]["id"].as_str().expect("an id").to_owned();
    done(&config, &["token", "revoke", &id]).await;
    soon(&process, &token, "a NO [AUTHENTICATIONFAILED]").await;

    let journal = done(&config, &["audit", "export"]).await;
    for event in ["account_added", "account_imported", "token_issued", "token_revoked", "account_disabled"] {
        assert!(journal.contains(event), "{event} is missing in\n{journal}");
    }
    assert!(!journal.contains(&token), "no secret in the journal");
    let head = done(&config, &["audit", "verify"]).await;
    done(&config, &["audit", "verify", "--head", head.lines().next().unwrap().trim()]).await;
    done(&config, &["account", "remove", ANNA, "--yes"]).await;
    assert!(google.live_refresh_tokens(ANNA).is_empty(), "removed means revoked at Google");
    assert!(!process.log().contains(&token), "no secret in the log");
}

#[tokio::test]
async fn bad_usage_and_bad_configuration_exit_64() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("postern.toml");
    let missing = run(&config, &["check"]).await;
    assert_eq!(missing.code, 64, "{}", missing.err);
    assert!(format!("{}{}", missing.out, missing.err).contains("postern.toml"));

    std::fs::write(
        &config,
        "[imap]\nlisten = 3\n[smtp]\nhostname = \"a b\"\nnonsense = 1\n[limits]\ndial = \"0s\"\n",
    )
    .unwrap();
    let faults = run(&config, &["check"]).await;
    assert_eq!(faults.code, 64);
    let told = format!("{}{}", faults.out, faults.err);
    for fault in
        ["imap.listen", "smtp.hostname", "smtp.nonsense", "limits.dial", "postern.toml:2", "postern.toml:7"]
    {
        assert!(told.contains(fault), "{fault} is not named in\n{told}");
    }
    assert_eq!(run(&config, &["serve"]).await.code, 64);
    assert_eq!(run(&config, &["token", "issue"]).await.code, 64);
    assert_eq!(run(&config, &["account", "add", "not an address"]).await.code, 64);
}

#[tokio::test]
async fn serve_refuses_a_database_without_its_key() {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (text, _) = with_ports(&configuration(&sandbox, &dir, &Setup::default()));
    let config = dir.path().join("postern.toml");
    std::fs::write(&config, text).unwrap();
    // The configuration exists, so setup makes key and database for it.
    done(&config, &["setup", "--yes"]).await;
    done(&config, &["account", "add", ANNA]).await;

    let key = dir.path().join("postern.key");
    let aside = dir.path().join("aside.key");
    std::fs::rename(&key, &aside).unwrap();
    let refused = run(&config, &["serve"]).await;
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("postern.key") && refused.err.contains("backup"), "{}", refused.err);
    assert!(!key.exists(), "no new key is ever made for it");

    let other = tempfile::tempdir().unwrap();
    let foreign = configuration(&sandbox, &other, &Setup::default());
    let elsewhere = other.path().join("postern.toml");
    std::fs::write(&elsewhere, with_ports(&foreign).0).unwrap();
    done(&elsewhere, &["setup", "--yes"]).await;
    std::fs::copy(other.path().join("postern.key"), &key).unwrap();
    let refused = run(&config, &["serve"]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("does not belong"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_demos_run_side_by_side() {
    let demo = || Command::new(POSTERN).env_clear().args(["demo", "--once"]).kill_on_drop(true).output();
    let (one, two) = tokio::join!(demo(), demo());
    for output in [one.unwrap(), two.unwrap()] {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}\n{errors}");
        assert!(said.contains("it arrived: in the inbox of ben@example.com"), "{said}");
        assert!(said.contains("All steps succeeded."), "{said}");
    }
}
