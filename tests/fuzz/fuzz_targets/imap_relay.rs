//! The first byte chooses the chunking. 0xFF changes the side that speaks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::wire::imap::relay::{Fault, Flow, Relay};
use postern_core::wire::imap::tag::Tag;

struct Driver {
    relay: Relay,
    kept: Vec<u8>,
    to_server: Vec<u8>,
    to_client: Vec<u8>,
}

impl Driver {
    fn server(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let (run, instead) = match self.relay.server(bytes)? {
                Flow::Forward(run) => (run, bytes[..run].to_vec()),
                Flow::Replace(run, instead) => (run, instead),
                Flow::Wait => panic!("the server never waits"),
            };
            assert!(run > 0 || !instead.is_empty(), "progress");
            self.to_client.extend(instead);
            bytes = &bytes[run..];
            self.pump()?;
        }
        Ok(())
    }

    fn pump(&mut self) -> Result<(), Fault> {
        loop {
            if let Some(own) = self.relay.to_client() {
                assert!(self.relay.server_at_line_boundary());
                self.to_client.extend(own);
            }
            if self.kept.is_empty() {
                return Ok(());
            }
            match self.relay.client(&self.kept)? {
                Flow::Wait => return Ok(()),
                Flow::Forward(run) => {
                    assert!(run > 0, "progress");
                    self.to_server.extend(self.kept.drain(..run));
                }
                Flow::Replace(run, instead) => {
                    assert!(run > 0, "progress");
                    self.to_server.extend(instead);
                    self.kept.drain(..run);
                }
            }
        }
    }
}

fn play(dialogue: &[u8], size: usize) -> (Driver, Result<(), Fault>) {
    let relay = Relay::new(Tag::parse(b"L1").expect("a tag"));
    let mut driver = Driver { relay, kept: Vec::new(), to_server: Vec::new(), to_client: Vec::new() };
    for (turn, message) in dialogue.split(|&byte| byte == 0xFF).enumerate() {
        for piece in message.chunks(size) {
            let result = if turn % 2 == 0 {
                driver.kept.extend_from_slice(piece);
                driver.pump()
            } else {
                driver.server(piece)
            };
            if result.is_err() {
                return (driver, result);
            }
        }
    }
    (driver, Ok(()))
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, dialogue)) = data.split_first() else { return };
    let (single, result) = play(dialogue, 1);
    for size in [usize::from(choice).max(1), usize::MAX] {
        let (driver, other) = play(dialogue, size);
        assert_eq!(other, result);
        assert_eq!(driver.to_server, single.to_server);
        if result.is_ok() {
            assert_eq!(driver.to_client, single.to_client);
            assert_eq!(driver.relay.at_command_boundary(), single.relay.at_command_boundary());
        }
    }
});
