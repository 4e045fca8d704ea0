//! The first byte chooses listener and chunking, the rest is the client.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::model::refusal::{Cause, Reference, Refusal};
use postern_core::wire::imap::login::{Limits, Login, Step};
use postern_core::wire::imap::reply::Offer;

/// Everything a session did: what was said, asked and left over.
fn play(offer: Offer, bytes: &[u8], size: usize) -> (Vec<u8>, Vec<String>) {
    let mut login = Login::new(offer, Limits::default());
    let (mut said, mut did) = (Vec::new(), Vec::new());
    let mut fed = 0;
    loop {
        match login.step() {
            Step::Send(line) => said.extend(line),
            Step::Verify(credential) => {
                assert!(offer == Offer::Login, "a secret before TLS");
                did.push(format!("{} {} {}", credential.tag, credential.user, credential.secret.reveal()));
                if did.len() == 3 {
                    let mut unread = login.accepted().expect("a verdict was due").unread;
                    unread.extend_from_slice(&bytes[fed..]);
                    assert!(bytes.ends_with(&unread));
                    did.push(format!("{}", unread.len()));
                    return (said, did);
                }
                let cause = Cause::WrongToken;
                login.refused(&Refusal { cause, reference: Reference::new("k3x9"), help: None });
            }
            Step::StartTls => {
                did.push("tls".to_owned());
                return (said, did);
            }
            Step::Need if fed == bytes.len() => return (said, did),
            Step::Need => {
                assert!(login.room() > 0);
                let end = bytes.len().min(fed.saturating_add(size));
                fed += login.feed(&bytes[fed..end]);
            }
            Step::Wait => panic!("every verdict was given"),
            Step::Close => {
                did.push("close".to_owned());
                return (said, did);
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let size = usize::from(choice >> 1).max(1);
    let single = play(Offer::Login, bytes, 1);
    assert_eq!(play(Offer::Login, bytes, size), single);
    assert_eq!(play(Offer::Login, bytes, usize::MAX), single);
    if choice & 1 == 1 {
        play(Offer::StartTls, bytes, size);
    }
});
