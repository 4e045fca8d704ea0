//! Ports for servers that must be told theirs before they start.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

// Below what the system hands out by itself, so that no connection takes a
// port between its choice and its use.
const FIRST: u16 = 15_000;
const COUNT: u16 = 15_000;
const APART: u32 = 9_271;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port that is free on both loopbacks; never the same twice in this
/// process, and two test runs at once start at different places.
pub fn free() -> u16 {
    // Runs that begin together have numbers side by side.
    let start = std::process::id().wrapping_mul(APART) % u32::from(COUNT);
    let start = u16::try_from(start).expect("within the range");
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        let port = FIRST + (start + step) % COUNT;
        let four = TcpListener::bind(("127.0.0.1", port));
        if four.is_ok() && no_six_or_free(port) {
            return port;
        }
    }
    panic!("no port from {FIRST} on is free");
}

fn no_six_or_free(port: u16) -> bool {
    match TcpListener::bind(("::1", port)) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::AddrInUse,
    }
}
