//! A pair of `postern cert new` before the TLS of real clients, and a renewal
//! under sessions that go on.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use postern::clock::Clock;
use postern::net::new_pair::NewPair;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_rustls::client::TlsStream;

use crate::imap_client::{Imap, clear};
use crate::smtp_client::{ANNA, with_anna};
use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::process::{POSTERN, Process};
use crate::support::program::{self, part};

/// The command, in `dir`; its answer.
async fn made(dir: &Path, names: &[&str]) -> (bool, Value, String) {
    let mut command = Command::new(POSTERN);
    command.env_clear().current_dir(dir).args(["cert", "new", "--json", "--dir", "new"]);
    for name in names {
        command.args(["--name", name]);
    }
    let output = command.stdin(Stdio::null()).output().await.expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or_default(), told)
}

fn path(made: &Value, name: &str) -> String {
    made[name].as_str().expect("a path").to_owned()
}

async fn presenting(cert: &str, key: &str) -> (Gateway, String) {
    let env: BTreeMap<_, _> = [("CERT", cert), ("KEY", key)]
        .map(|(name, value)| (format!("POSTERN__TLS__{name}"), value.to_owned()))
        .into();
    with_anna(Gateway::with(Setup { env, ..Setup::default() }).await).await
}

async fn curl(scheme: &str, host: &str, port: u16, ca: &str, token: &str) -> program::Told {
    let mut curl = Command::new(part("CURL"));
    curl.args(["--silent", "--show-error", "--max-time", "30", "--cacert", ca]);
    curl.args(["--user", &format!("{ANNA}:{token}"), "--resolve", &format!("{host}:{port}:127.0.0.1")]);
    if scheme == "smtps" {
        curl.args(["--request", "NOOP"]);
    }
    curl.arg(format!("{scheme}://{host}:{port}/"));
    program::run(curl).await
}

#[tokio::test]
async fn openssl_and_php_take_a_pair_that_was_made_here() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, pair, told) = made(dir.path(), &["mail.example.com", "127.0.0.1"]).await;
    assert!(ok, "{told}");
    let (cert, key, ca) = (path(&pair, "cert"), path(&pair, "key"), path(&pair, "ca"));
    assert!(Path::new(&ca).is_absolute() && pair["expires_at"].as_str().unwrap().starts_with("20"));
    let (gateway, token) = presenting(&cert, &key).await;
    for (scheme, addr) in [("imaps", gateway.imap[1]), ("smtps", gateway.smtp[1])] {
        for host in ["mail.example.com", "127.0.0.1"] {
            let told = curl(scheme, host, addr.port(), &ca, &token).await;
            assert!(told.ok, "{scheme} {host}: {told:?}");
        }
        let told = curl(scheme, "other.example.com", addr.port(), &ca, &token).await;
        assert!(!told.ok && told.err.contains("other.example.com"), "{told:?}");
    }
    let script = "[$at, $ca, $name] = array_slice($argv, 1);\
        $ssl = ['cafile' => $ca, 'peer_name' => $name];\
        $to = stream_socket_client(\"ssl://$at\", $code, $why, 20, 4, stream_context_create(['ssl' => $ssl]));\
        echo $to ? fgets($to) : 'no: ' . $why;";
    for (name, start) in [("mail.example.com", "* OK "), ("other.example.com", "no: ")] {
        let mut php = Command::new(part("PHP"));
        php.args(["-d", "display_errors=0", "-r", script, "--", &gateway.imap[1].to_string(), &ca, name]);
        let told = program::run(php).await;
        assert!(told.out.starts_with(start), "{name}: {told:?}");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn nothing_is_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, pair, told) = made(dir.path(), &["a.example"]).await;
    assert!(ok, "{told}");
    let key = std::fs::read(path(&pair, "key")).unwrap();
    let (ok, _, told) = made(dir.path(), &["a.example"]).await;
    assert!(!ok && told.contains("is there already"), "{told}");
    assert_eq!(std::fs::read(path(&pair, "key")).unwrap(), key);
    let (ok, _, told) = made(dir.path(), &["*.example.com"]).await;
    assert!(!ok && told.contains("is not a host name"), "{told}");
}

/// A TLS session that is logged in, and the authority it trusted.
async fn session(process: &Process, ca: &[u8], token: &str) -> std::io::Result<Imap<TlsStream<TcpStream>>> {
    let mut imap = clear(process.imap[1]).await.trusting(ca).await?;
    imap.line().await;
    imap.ask(&format!("a LOGIN {ANNA} {token}"), "a OK").await;
    Ok(imap)
}

async fn logged(process: &Process, words: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while !process.log().contains(words) {
        assert!(Instant::now() < until, "{words:?} is not in the log:\n{}", process.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_and_ends_no_session() {
    let idle = || Setup { idle: true, ..Setup::default() };
    let (gateway, token) = with_anna(Gateway::with(idle()).await).await;
    let pair = |name: &str| {
        let names = ["localhost".to_owned()];
        NewPair::make(&gateway.dir.path().join(name), &names, &Clock::system()).expect("a pair")
    };
    let (served, next) = (pair("served"), pair("next"));
    let [old, new] = [&served.ca, &next.ca].map(|ca| std::fs::read(ca).expect("an authority"));
    let text = configuration(&gateway.sandbox, &gateway.dir, &idle());
    let tls = format!("[tls]\ncert = {:?}\nkey = {:?}\n", served.cert, served.key);
    let process = Process::start(&text.replace("[tls]\n", &tls), &gateway.dir.path().join("run.toml")).await;
    logged(&process, " ready").await;
    let mut before = session(&process, &old, &token).await.expect("the old certificate");

    // A pair that does not fit together changes nothing.
    std::fs::copy(&next.cert, &served.cert).unwrap();
    logged(&process, "the certificate stays as it was").await;
    session(&process, &old, &token).await.expect("the old one still").ask("b NOOP", "b OK").await;

    std::fs::rename(&next.key, &served.key).unwrap();
    logged(&process, "a new certificate is presented").await;
    assert!(session(&process, &old, &token).await.is_err(), "nobody vouches for the new one here");
    session(&process, &new, &token).await.expect("the new certificate").ask("b NOOP", "b OK").await;
    before.ask("c NOOP", "c OK").await;
    gateway.stop().await;
}
