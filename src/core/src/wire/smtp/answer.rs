//! What upstream answers, read bounded and kept verbatim.
//!
//! Refused as malformed: a line over 4 KiB, more than 64 KiB in all, a line
//! without CRLF, control characters, a code that is no code, codes that differ
//! within one answer.

use super::line::{Line, Lines};
use crate::model::refusal::PeerText;

const LINE_LIMIT: usize = 4096;
const TOTAL_LIMIT: usize = 64 * 1024;

/// One complete, possibly multi-line answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    code: u16,
    raw: Vec<u8>,
}

/// Upstream does not speak SMTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("upstream sent something that is no SMTP answer")]
pub struct Malformed;

/// Collects the lines of the answer that is coming in.
#[derive(Debug, Default)]
pub(super) struct Answers {
    lines: Lines,
    code: Option<u16>,
    raw: Vec<u8>,
}

impl Answer {
    /// The three digits.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The octets as they came, last CRLF included.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// 2xx.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// 3xx.
    #[must_use]
    pub fn is_intermediate(&self) -> bool {
        self.code / 100 == 3
    }

    /// 4xx or 5xx.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.code >= 400
    }

    /// What follows the code, line by line.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.raw
            .split(|b| *b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .map(|line| line.get(4..).unwrap_or_default())
    }

    /// The enhanced status code of the first line (RFC 2034), `5.7.8`.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        status_of(self.lines().next()?)
    }

    /// The words of all lines, codes left out, cleaned.
    #[must_use]
    pub fn text(&self) -> PeerText {
        let mut text = String::new();
        for line in self.lines() {
            let words = match status_of(line) {
                Some(status) => line.get(status.len()..).unwrap_or_default(),
                None => line,
            };
            for word in String::from_utf8_lossy(words).split_whitespace() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(word);
            }
        }
        PeerText::new(&text)
    }

    /// The first line with its codes, cleaned: for journals.
    #[must_use]
    pub fn first_line(&self) -> PeerText {
        let first = self.raw.split(|b| *b == b'\r').next().unwrap_or_default();
        PeerText::new(&String::from_utf8_lossy(first))
    }

    pub(super) fn into_raw(self) -> Vec<u8> {
        self.raw
    }
}

fn status_of(line: &[u8]) -> Option<&str> {
    let word = line.split(|b| *b == b' ').next()?;
    let mut parts = word.split(|b| *b == b'.');
    let good = |part: Option<&[u8]>| {
        part.is_some_and(|p| (1..=3).contains(&p.len()) && p.iter().all(u8::is_ascii_digit))
    };
    let whole = good(parts.next()) && good(parts.next()) && good(parts.next()) && parts.next().is_none();
    if whole { std::str::from_utf8(word).ok() } else { None }
}

impl Answers {
    /// Whether no answer has begun.
    pub(super) fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Takes lines until an answer is complete; none when more bytes are needed.
    pub(super) fn next(&mut self, unread: &mut &[u8]) -> Result<Option<Answer>, Malformed> {
        while let Some(line) = self.lines.next(unread, LINE_LIMIT) {
            let Line::Whole(text) = line else { return Err(Malformed) };
            if let Some(code) = self.add(text)? {
                self.code = None;
                return Ok(Some(Answer { code, raw: std::mem::take(&mut self.raw) }));
            }
        }
        Ok(None)
    }

    // RFC 5321 4.2: all lines of one answer carry the same code.
    fn add(&mut self, text: &[u8]) -> Result<Option<u16>, Malformed> {
        let (digits, rest) = text.split_at_checked(3).ok_or(Malformed)?;
        let code = super::offers::number(digits).and_then(|n| u16::try_from(n).ok()).ok_or(Malformed)?;
        let control = rest.iter().any(|b| b.is_ascii_control() && *b != b'\t');
        let same = self.code.is_none_or(|earlier| earlier == code);
        let fits = self.raw.len().saturating_add(text.len()) <= TOTAL_LIMIT;
        if !(200..600).contains(&code) || control || !same || !fits {
            return Err(Malformed);
        }
        self.code = Some(code);
        self.raw.extend_from_slice(text);
        self.raw.extend_from_slice(b"\r\n");
        match rest.first() {
            None | Some(b' ') => Ok(Some(code)),
            Some(b'-') => Ok(None),
            Some(_) => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Answers, Malformed};

    fn read(mut bytes: &[u8]) -> Result<Option<Answer>, Malformed> {
        Answers::default().next(&mut bytes)
    }

    #[test]
    fn codes_and_words_of_a_multi_line_answer() {
        let raw = b"535-5.7.8 Username and Password not accepted. For more\r\n535 5.7.8  https://x <id> - gsmtp\r\n";
        let answer = read(raw).unwrap().unwrap();
        assert_eq!((answer.code(), answer.status(), answer.raw()), (535, Some("5.7.8"), &raw[..]));
        assert_eq!(
            answer.text().as_str(),
            "Username and Password not accepted. For more https://x 'id' - gsmtp"
        );
    }

    #[test]
    fn what_is_no_answer() {
        let long = [b"250 ".to_vec(), vec![b'x'; 5000], b"\r\n".to_vec()].concat();
        let many = b"250-x\r\n".repeat(20_000);
        let cases: [&[u8]; 9] = [
            b"\r\n",
            b"ok\r\n",
            b"250 ok\n",
            b"250-a\r\n251 b\r\n",
            b"199 a\r\n",
            b"600 a\r\n",
            b"250_a\r\n",
            &long,
            &many,
        ];
        for bytes in cases {
            assert_eq!(read(bytes), Err(Malformed), "{}", bytes[..20.min(bytes.len())].escape_ascii());
        }
        assert_eq!(read(b"250-a\r\n250"), Ok(None));
        assert!(read(b"354\r\n").unwrap().is_some());
    }
}
