//! Codes that change every half minute (RFC 6238 with SHA-1 and six digits, as
//! every authenticator app makes them), and recovery codes.
//!
//! Pure but for the dice. A code is good for its own step and one on either
//! side, for clocks that differ; that each works once is the store's part.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use postern_core::model::secret::Secret;

use crate::dice::{Dice, NoRandomness};

/// Seconds that a code is shown for.
const STEP: i64 = 30;
const DIGITS: usize = 6;
/// So many recovery codes are made at once.
pub const RECOVERY: usize = 10;
const RECOVERY_LETTERS: usize = 16;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
// None that is taken for another one on paper.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// What somebody typed where a code is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// The digits of an app.
    Code(u32),
    /// A recovery code without its dashes.
    Recovery(Secret),
    /// Neither.
    Nothing,
}

impl Typed {
    /// Reads it; blanks and dashes do not count.
    #[must_use]
    pub fn read(text: &Secret) -> Self {
        let plain: String = text.reveal().chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let plain = Secret::new(plain.to_ascii_lowercase());
        let letters = plain.reveal();
        if letters.len() == DIGITS && letters.bytes().all(|b| b.is_ascii_digit()) {
            return letters.parse().map_or(Self::Nothing, Self::Code);
        }
        let known = letters.bytes().all(|b| LETTERS.contains(&b));
        if letters.len() == RECOVERY_LETTERS && known { Self::Recovery(plain) } else { Self::Nothing }
    }
}

/// A new secret in base32, as apps take it: 160 bits.
///
/// # Errors
/// Without randomness.
pub fn secret(dice: &Dice) -> Result<Secret, NoRandomness> {
    // 32 letters of 5 bits each, all equally likely.
    let letters = dice.bytes::<32>()?;
    Ok(Secret::new(spelled(&letters, BASE32)))
}

/// The link that an app reads from the picture (the Key URI format).
#[must_use]
pub fn link(secret: &Secret, issuer: &str, name: &str) -> Secret {
    let escaped = |text: &str| {
        text.bytes().fold(String::new(), |out, b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => out + &char::from(b).to_string(),
            _ => out + &format!("%{b:02X}"),
        })
    };
    let (issuer, name) = (escaped(issuer), escaped(name));
    Secret::new(format!(
        "otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}",
        secret.reveal()
    ))
}

/// The code of a secret at this time, as an app shows it.
#[must_use]
pub fn code(secret: &Secret, seconds: i64) -> Option<String> {
    let number = at(&octets(secret.reveal())?, seconds.div_euclid(STEP));
    Some(format!("{number:0DIGITS$}"))
}

/// The step whose code this is, if it is one for now.
#[must_use]
pub fn step(secret: &Secret, typed: u32, seconds: i64) -> Option<i64> {
    let key = octets(secret.reveal())?;
    let now = seconds.div_euclid(STEP);
    // All three are computed, so that the time does not tell which it was.
    let steps = [now - 1, now, now + 1].map(|step| (step, at(&key, step) == typed));
    steps.into_iter().rev().find(|(_, same)| *same).map(|(step, _)| step)
}

/// New recovery codes: 80 bits each, so that a plain hash keeps them.
///
/// # Errors
/// Without randomness.
pub fn recovery(dice: &Dice) -> Result<Vec<Secret>, NoRandomness> {
    let one = || Ok(Secret::new(spelled(&dice.bytes::<RECOVERY_LETTERS>()?, LETTERS)));
    (0..RECOVERY).map(|_| one()).collect()
}

/// A recovery code or a secret as it is read off and typed: groups of four.
#[must_use]
pub fn grouped(code: &Secret, between: &str) -> Secret {
    let letters: Vec<char> = code.reveal().chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Secret::new(groups.join(between))
}

fn spelled(octets: &[u8], letters: &[u8; 32]) -> String {
    octets.iter().filter_map(|b| letters.get(usize::from(b & 31))).map(|b| char::from(*b)).collect()
}

fn octets(base32: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in base32.bytes() {
        let five = BASE32.iter().position(|b| *b == letter).and_then(|at| u32::try_from(at).ok())?;
        held = (held << 5) | five;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    Some(out)
}

// RFC 4226, 5.3: the last octet says where the number begins.
fn at(key: &[u8], step: i64) -> u32 {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), &step.to_be_bytes());
    let octets = tag.as_ref();
    let start = octets.last().map_or(0, |last| usize::from(last & 0xf));
    let number = octets.iter().skip(start).take(4).fold(0_u32, |sum, b| (sum << 8) | u32::from(*b));
    (number & 0x7fff_ffff) % 1_000_000
}

#[cfg(test)]
mod tests {
    use super::{Typed, at, code, grouped, link, octets, recovery, secret, step};
    use crate::dice::Dice;
    use postern_core::model::secret::Secret;

    // RFC 6238, appendix B, the last six of its eight digits.
    const VECTORS: [(i64, u32); 6] = [
        (59, 287_082),
        (1_111_111_109, 81_804),
        (1_111_111_111, 50_471),
        (1_234_567_890, 5_924),
        (2_000_000_000, 279_037),
        (20_000_000_000, 353_130),
    ];
    // "12345678901234567890" in base32.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::new(SECRET);
        assert_eq!(octets(SECRET).unwrap(), b"12345678901234567890");
        for (seconds, number) in VECTORS {
            assert_eq!(at(b"12345678901234567890", seconds / 30), number, "{seconds}");
            assert_eq!(code(&secret, seconds).unwrap(), format!("{number:06}"));
            assert_eq!(step(&secret, number, seconds), Some(seconds / 30));
        }
        // RFC 4226, appendix D.
        for (count, number) in [755_224, 287_082, 359_152, 969_429, 338_314].into_iter().enumerate() {
            assert_eq!(at(b"12345678901234567890", i64::try_from(count).unwrap()), number);
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_on_either_side() {
        let secret = Secret::new(SECRET);
        for (skew, good) in [(-60, false), (-31, false), (-30, true), (0, true), (59, true), (60, false)] {
            let now = 1_999_999_980;
            assert_eq!(step(&secret, 279_037, now + skew).is_some(), good, "{skew}");
        }
        assert_eq!(step(&Secret::new("not base32!"), 0, 0), None);
    }

    #[test]
    fn what_is_typed_is_told_apart() {
        let typed = |text: &str| Typed::read(&Secret::new(text));
        assert_eq!(typed(" 081 804 "), Typed::Code(81_804));
        assert_eq!(typed("081-804"), Typed::Code(81_804));
        assert_eq!(typed("ABCD-efgh-jkmn-2345"), Typed::Recovery(Secret::new("abcdefghjkmn2345")));
        for nothing in
            ["", "12345", "1234567", "+12345", "١٢٣٤٥٦", "abcd-efgh-jkmn-234l", "correct horse battery"]
        {
            assert_eq!(typed(nothing), Typed::Nothing, "{nothing}");
        }
    }

    #[test]
    fn secrets_and_recovery_codes_are_long_and_differ() {
        let dice = Dice::default();
        let (one, two) = (secret(&dice).unwrap(), secret(&dice).unwrap());
        assert_ne!(one, two);
        assert_eq!(octets(one.reveal()).unwrap().len(), 20);
        let codes = recovery(&dice).unwrap();
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert_eq!(codes.iter().filter(|other| *other == code).count(), 1);
            assert_eq!(Typed::read(&grouped(code, "-")), Typed::Recovery(code.clone()));
        }
    }

    #[test]
    fn the_link_is_what_apps_read() {
        let link = link(&Secret::new(SECRET), "Postern crm.example.com", "jan@acme");
        assert_eq!(
            link.reveal(),
            "otpauth://totp/Postern%20crm.example.com:jan%40acme?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Postern%20crm.example.com&algorithm=SHA1&digits=6&period=30"
        );
    }
}
