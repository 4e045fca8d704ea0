//! Any octets before login, cut anywhere: the same answers, never more asked
//! for than a read buffer holds, nothing verified in clear.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::{
    model::refusal::{Cause, Reference, Refusal},
    wire::smtp::{
        READ_BUFFER,
        login::{Login, Setup, Step},
    },
};

struct Run {
    told: Vec<u8>,
    verified: usize,
    unread: Vec<u8>,
}

fn run(input: &[u8], piece: usize, starttls: bool) -> Run {
    let hostname = "gate.test".to_owned();
    let mut login = Login::new(Setup { hostname, size_limit: 1000, starttls });
    let mut run = Run { told: Vec::new(), verified: 0, unread: Vec::new() };
    for chunk in input.chunks(piece) {
        run.unread.extend_from_slice(chunk);
        loop {
            let mut rest = &run.unread[..];
            let step = login.step(&mut rest);
            run.unread = rest.to_vec();
            match step {
                Step::Send(bytes) => run.told.extend(bytes),
                Step::Need => {
                    assert!(run.unread.len() < READ_BUFFER);
                    break;
                }
                Step::Verify(credential) => {
                    run.verified += 1;
                    if credential.secret.reveal() == "ok" {
                        login.accepted();
                    } else {
                        let reference = Reference::new("f");
                        login.refused(&Refusal { cause: Cause::WrongToken, reference, help: None });
                    }
                }
                // TLS never comes: what was said in clear is all there is.
                Step::StartTls => return run,
                Step::Pending => unreachable!(),
                Step::Done(_) | Step::Close => return run,
            }
        }
    }
    run
}

fuzz_target!(|data: &[u8]| {
    let [cut, input @ ..] = data else { return };
    let piece = usize::from(*cut) + 1;
    let (whole, split) = (run(input, usize::MAX, false), run(input, piece, false));
    assert_eq!(whole.told, split.told);
    assert_eq!(whole.verified, split.verified);
    assert!(whole.unread.starts_with(&split.unread));
    assert_eq!(run(input, piece, true).verified, 0);
});
