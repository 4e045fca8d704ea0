//! The end of data: upstream has a complete message only if the client sent
//! exactly that, and never a second one.

use super::world::{Settings, World, Write};

const MARKS: [&str; 10] = ["", "\r", "\n", "\r\n", "\0", "\r\n\0", "\n\r", "\r\r\n", "\0\r\n", "\n\n"];

pub struct Sent {
    pub world: World,
    /// What of the message went up, the final dot included if it did.
    pub body: Vec<u8>,
    pub complete: bool,
}

/// Sends `stream` after the 354 in pieces and lets upstream accept whatever it gets.
pub fn send(settings: &Settings, stream: &[u8], piece: usize) -> Sent {
    let mut world = World::new(settings.clone());
    world.client_sends(b"MAIL FROM:<anna@example.com>\r\n");
    world.upstream_sends(b"250 ok\r\n");
    world.client_sends(b"RCPT TO:<bob@example.net>\r\n");
    world.upstream_sends(b"250 ok\r\n");
    world.client_sends(b"DATA\r\n");
    world.upstream_sends(b"354 go\r\n");
    world.writes.clear();
    for chunk in stream.chunks(piece.max(1)) {
        world.client_sends(chunk);
    }
    let mut body = Vec::new();
    let mut complete = false;
    for write in &world.writes {
        match write {
            Write::Body(bytes) if !complete => body.extend(bytes),
            Write::FinalDot => {
                complete = true;
                body.extend(b".\r\n");
            }
            Write::Body(_) | Write::Command(_) => {}
        }
    }
    Sent { world, body, complete }
}

pub fn inside() -> Settings {
    Settings { logged_in: true, ..Settings::default() }
}

/// The message by the standard: up to and with the first CRLF.CRLF.
pub fn message(stream: &[u8]) -> Option<&[u8]> {
    if stream.starts_with(b".\r\n") {
        return Some(&stream[..3]);
    }
    let end = stream.windows(5).position(|window| window == b"\r\n.\r\n")?;
    Some(&stream[..end + 5])
}

pub fn clean(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message).replace("\r\n", "");
    !text.contains(['\r', '\n', '\0'])
}

/// Whether the most lenient server there is could see an end of data.
fn lenient_end(body: &[u8]) -> bool {
    let text: String =
        String::from_utf8_lossy(body).replace('\0', "").replace("\r\n", "\n").replace('\r', "\n");
    format!("\n{text}").contains("\n.\n")
}

fn check(stream: &[u8], piece: usize) {
    let shown = stream.escape_ascii();
    let sent = send(&inside(), stream, piece);
    let message = message(stream).unwrap();
    if clean(message) {
        assert!(sent.complete, "{shown}");
        assert_eq!(sent.body.escape_ascii().to_string(), message.escape_ascii().to_string());
        return;
    }
    assert!(!sent.complete && sent.world.upstream_dropped, "{shown}");
    assert!(!lenient_end(&sent.body), "{shown} sent {}", sent.body.escape_ascii());
    assert!(message.starts_with(&sent.body), "{shown}");
    let told = String::from_utf8_lossy(&sent.world.to_client).into_owned();
    let last: Vec<&str> = told.lines().skip(2).collect();
    assert!(last[0].starts_with("354") && last[1].starts_with("550 5.6.0 "), "{shown}: {told}");
    assert!(!last[1..].iter().any(|line| line.starts_with("250")), "{shown}: {told}");
    let commands: Vec<_> = sent.world.writes.iter().filter(|w| matches!(w, Write::Command(_))).collect();
    assert!(commands.is_empty(), "{shown} smuggled {commands:?}");
}

#[test]
fn every_end_of_data_at_start_middle_and_end() {
    let smuggled = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<x@example.net>\r\nDATA\r\nevil\r\n.\r\n";
    for before in MARKS {
        for after in MARKS {
            let dot = format!("{before}.{after}");
            for stream in [
                format!("{dot}{smuggled}"),
                format!("From: a@x\r\n\r\nhello{dot}{smuggled}"),
                format!("From: a@x\r\n\r\nhello{dot}\r\n.\r\nQUIT\r\n"),
                format!("From: a@x\r\n\r\nhello\r\n{dot}\r\n.\r\n"),
            ] {
                for piece in [1, 2, 3, 7, usize::MAX] {
                    check(stream.as_bytes(), piece);
                }
            }
        }
    }
}

#[test]
fn a_message_over_the_limit_never_completes() {
    let settings = Settings { size_limit: 100, ..inside() };
    let line = "12345678\r\n";
    for (lines, complete) in [(10, true), (11, false), (500, false)] {
        let stream = format!("{}.\r\nNOOP\r\n", line.repeat(lines));
        for piece in [1, 9, usize::MAX] {
            let sent = send(&settings, stream.as_bytes(), piece);
            assert_eq!(sent.complete, complete, "{lines}");
            let told = String::from_utf8_lossy(&sent.world.to_client).into_owned();
            if !complete {
                assert!(sent.world.upstream_dropped);
                assert!(told.contains("552 5.3.4 Message is larger"), "{told}");
                assert!(sent.world.closed());
                assert_eq!(told.ends_with("connect again\r\n"), lines == 11, "{told}");
            }
        }
    }
}

#[test]
fn stuffed_dots_do_not_count() {
    let settings = Settings { size_limit: 10, ..inside() };
    assert!(send(&settings, b"..2345678\r\n.\r\n", 1).complete);
    assert!(!send(&settings, b"..23456789\r\n.\r\n", 1).complete);
}
