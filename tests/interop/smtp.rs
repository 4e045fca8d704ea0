//! Each client sends a small message and one of 25 MB, in all its dialects in
//! clear and once over each kind of TLS; what arrives behind Dovecot is the
//! same, octet for octet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::rig::{LARGE, Login, Protocol, Rig, Run, Security, message};
use crate::support::sink::Message;

const SECURE: [Security; 2] = [Security::Implicit, Security::StartTls];

/// What of an arrived message must be the file that was sent.
type Sent = fn(&[u8]) -> Vec<u8>;

async fn check(script: &str, dialects: &[&str], sent: Sent) {
    let rig = Rig::start().await;
    let clear = dialects.iter().map(|auth| (*auth, Security::None));
    let secure = SECURE.iter().map(|tls| (dialects[0], *tls));
    for (number, (auth, tls)) in clear.chain(secure).enumerate() {
        let login = rig.mailbox(&format!("box{number}")).await;
        let files = [message(&login.address, 500), message(&login.address, LARGE)];
        rig.file("small.eml", &files[0]);
        rig.file("large.eml", &files[1]);
        let run = Run { script, protocol: Protocol::Smtp, tls, auth };
        let told = rig.run(run, &login).await;
        assert!(told.ok && told.out.trim_end().ends_with("ok"), "{run:?}: {told:?}");
        let arrived = rig.sink.take();
        assert_eq!(arrived.len(), files.len(), "{run:?}: {told:?}");
        for (message, file) in arrived.iter().zip(&files) {
            addressed(message, &login);
            assert!(sent(&message.octets) == *file, "{run:?}: other octets than were sent");
        }
    }
    rig.gateway.stop().await;
}

fn addressed(message: &Message, login: &Login) {
    assert_eq!(message.envelope["from"], login.address.as_str());
    assert_eq!(message.envelope["to"], serde_json::json!(["someone@elsewhere.test"]));
}

/// Dovecot puts one header in front.
fn as_it_is(arrived: &[u8]) -> Vec<u8> {
    let start = b"\r\nFrom: ";
    let at = arrived.windows(start.len()).position(|it| it == start).expect("a From header");
    assert!(arrived.starts_with(b"Received: "));
    arrived[at + 2..].to_vec()
}

/// The base64 of the part that is an attachment.
fn attached(arrived: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(arrived).expect("a message in ASCII");
    let part = text.split_once("attached.bin\r\n\r\n").expect("an attachment").1;
    let lines: String = part.lines().take_while(|line| !line.starts_with("--")).collect();
    STANDARD.decode(lines).expect("base64")
}

#[tokio::test]
async fn curl() {
    check("curl_smtp", &["plain", "plain-ir", "login", "login-ir"], as_it_is).await;
}

#[tokio::test]
async fn python() {
    check("python_smtp.py", &["plain", "plain-two", "login", "login-two"], as_it_is).await;
}

#[tokio::test]
async fn nodemailer() {
    check("nodemailer.js", &["plain", "login"], as_it_is).await;
}

#[tokio::test]
async fn symfony() {
    check("symfony.php", &["login", "plain"], as_it_is).await;
}

#[tokio::test]
async fn phpmailer() {
    check("phpmailer.php", &["login", "plain"], attached).await;
}
