//! The first byte chooses the chunking, the rest is the server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::model::address::Address;
use postern_core::model::secret::Secret;
use postern_core::wire::imap::tag::Tag;
use postern_core::wire::imap::upstream::{Step, Upstream};

fn play(bytes: &[u8], size: usize) -> (String, Step) {
    let tag = Tag::parse(b"A0").expect("a tag");
    let user = Address::parse("anna@x.cz").expect("an address");
    let mut core = Upstream::new(tag, &user, &Secret::new("ya29.t"));
    let mut pieces = bytes.chunks(size);
    let mut sent = String::new();
    loop {
        match core.step() {
            Step::Send(line) => sent.push_str(line.reveal()),
            Step::Need => match pieces.next() {
                Some(piece) => core.feed(piece),
                None => return (sent, Step::Need),
            },
            Step::Done(mut welcome) => {
                assert!(welcome.reply.len() < 40_000);
                welcome.unread.extend(pieces.flatten());
                return (sent, Step::Done(welcome));
            }
            failed @ Step::Failed(_) => return (sent, failed),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    for said in [bytes.to_vec(), [b"* OK hi\r\n", bytes].concat()] {
        let single = play(&said, 1);
        assert_eq!(play(&said, usize::from(choice).max(1)), single);
        assert_eq!(play(&said, usize::MAX), single);
    }
});
