//! Each client logs in, lists, appends 25 MB, fetches them again and compares;
//! imaplib and imapflow hear of a new message in IDLE. Each does so in all its
//! dialects in clear, and once over each kind of TLS it speaks.

use super::rig::Security::{Implicit, StartTls};
use super::rig::{LARGE, Protocol, Rig, Run, Security, message};

async fn check(script: &str, dialects: &[&str], secure: &[Security]) {
    let rig = Rig::start().await;
    rig.file("large.eml", &message("someone@elsewhere.test", LARGE));
    let clear = dialects.iter().map(|auth| (*auth, Security::None));
    let secure = secure.iter().map(|tls| (dialects[0], *tls));
    for (number, (auth, tls)) in clear.chain(secure).enumerate() {
        let login = rig.mailbox(&format!("box{number}")).await;
        let run = Run { script, protocol: Protocol::Imap, tls, auth };
        let told = rig.run(run, &login).await;
        assert!(told.ok && told.out.trim_end().ends_with("ok"), "{run:?}: {told:?}");
    }
    rig.gateway.stop().await;
}

#[tokio::test]
async fn curl() {
    check("curl_imap", &["plain", "plain-ir", "login", "login-ir"], &[Implicit, StartTls]).await;
}

#[tokio::test]
async fn python() {
    check("python_imap.py", &["command", "plain", "login"], &[Implicit, StartTls]).await;
}

#[tokio::test]
async fn imapflow() {
    check("imapflow.js", &["plain", "login", "command"], &[Implicit, StartTls]).await;
}

#[tokio::test]
async fn c_client() {
    check("c_client.php", &["any", "plain", "login", "command"], &[Implicit]).await;
}
