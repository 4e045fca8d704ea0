//! Logging in at Gmail, with Gmail's bytes cut anywhere.

use postern_core::model::address::Address;
use postern_core::model::secret::Secret;
use postern_core::wire::imap::tag::Tag;
use postern_core::wire::imap::upstream::Welcome;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use crate::relay::imap::handshake::UnderTag;
use crate::relay::upstream::{Failed, Handshake as _};

const GREETING: &str = "* OK Gimap ready for requests from 203.0.113.7 cf29mb85450632edb\r\n";
const ANSWER: &str =
    "* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\nTAG1 OK anna@x.cz authenticated (Success)\r\n";

/// Gmail's bytes in pieces, each sent once all before it was read.
async fn shake(pieces: &[&str]) -> (Result<Welcome, Failed>, String) {
    let (mut near, mut far) = duplex(4096);
    let anna = Address::parse("anna@x.cz").expect("an address");
    let token = Secret::new("ya29.a");
    let handshake = UnderTag(Tag::parse(b"TAG1").expect("a tag"));
    let gmail = async {
        let mut heard = Vec::new();
        for piece in pieces {
            far.write_all(piece.as_bytes()).await.expect("sent");
            let _quiet = tokio::time::timeout(Duration::from_millis(1), far.read_to_end(&mut heard)).await;
        }
        far.shutdown().await.expect("shut");
        let _quiet = tokio::time::timeout(Duration::from_millis(1), far.read_to_end(&mut heard)).await;
        String::from_utf8(heard).expect("ASCII")
    };
    tokio::join!(handshake.shake(&mut near, &anna, &token), gmail)
}

#[tokio::test(start_paused = true)]
async fn the_welcome_is_the_same_for_every_split() {
    let glued = format!("{GREETING}{ANSWER}* 1 EXISTS\r\n");
    for at in 1..glued.len() {
        let (outcome, heard) = shake(&[&glued[..at], &glued[at..]]).await;
        let Welcome { reply, mut unread } = outcome.expect("a session");
        assert_eq!(reply, ANSWER.as_bytes(), "at {at}");
        // What was not read by the end of the handshake is the relay's.
        assert!(b"* 1 EXISTS\r\n".starts_with(&unread), "at {at}");
        unread.clear();
        let first = "TAG1 AUTHENTICATE XOAUTH2 dXNlcj1hbm5hQHguY3oBYXV0aD1CZWFyZXIgeWEyOS5hAQE=\r\n";
        assert_eq!(heard, first, "one round trip, under the client's tag");
    }
}

#[tokio::test(start_paused = true)]
async fn the_challenge_is_answered_once_for_every_split() {
    let refusal =
        "+ eyJzdGF0dXMiOiI0MDAifQ==\r\nTAG1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n";
    let glued = format!("{GREETING}{refusal}");
    for at in 1..glued.len() {
        let (outcome, heard) = shake(&[&glued[..at], &glued[at..]]).await;
        assert!(matches!(outcome, Err(Failed::TokenRefused(_))), "at {at}: {outcome:?}");
        assert!(heard.ends_with("\r\n\r\n") && heard.lines().count() == 2, "at {at}: {heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_anywhere_is_unavailable() {
    let whole = format!("{GREETING}{ANSWER}");
    for at in 0..whole.len() {
        let (outcome, _) = shake(&[&whole[..at]]).await;
        assert!(matches!(outcome, Err(Failed::Unavailable(_))), "at {at}: {outcome:?}");
    }
}
