//! A QR code as the path of an SVG, drawn into the page itself.

use std::fmt::Write as _;

use postern_core::model::secret::Secret;
use qrcode::{Color, QrCode};

// Cameras want so many light squares around it.
const MARGIN: usize = 4;

/// The dark squares.
pub(super) struct Picture {
    /// The path, one horizontal run after the other.
    pub path: String,
    /// Width and height with the margin.
    pub side: usize,
}

/// Draws a text; nothing when it is too long for a QR code.
pub(super) fn of(text: &Secret) -> Option<Picture> {
    let code = QrCode::new(text.reveal()).ok()?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (row, line) in colors.chunks(width).enumerate() {
        let mut at = 0;
        for run in line.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, length) = (at + MARGIN, row + MARGIN, run.len());
                let _always = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            at += run.len();
        }
    }
    Some(Picture { path, side: width + 2 * MARGIN })
}

#[cfg(test)]
mod tests {
    use super::of;
    use postern_core::model::secret::Secret;

    #[test]
    fn a_picture_begins_with_its_corner_mark() {
        let picture =
            of(&Secret::new("otpauth://totp/Postern:jan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).unwrap();
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
        assert_eq!((picture.side - 8 - 21) % 4, 0, "a QR code has 21, 25, 29 … squares a side");
        assert!(of(&Secret::new("x".repeat(5_000))).is_none());
    }
}
