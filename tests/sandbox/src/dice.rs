//! Random names: tokens, codes, identifiers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// `length` random characters of the URL-safe base64 alphabet.
pub(crate) fn letters(length: usize) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(bytes(length));
    text.truncate(length);
    text
}

/// `digits` random decimal digits, not starting with 0.
pub(crate) fn digits(digits: usize) -> String {
    bytes(digits)
        .iter()
        .enumerate()
        .map(|(at, byte)| match at {
            0 => char::from(b'1' + byte % 9),
            _ => char::from(b'0' + byte % 10),
        })
        .collect()
}

/// An identifier as Gmail puts at the end of its answers.
pub(crate) fn trace() -> String {
    bytes(8).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    // Without entropy the names repeat, which a test notices.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}
