//! A client's command before login: collected over its literals, then read
//! word by word.

use std::slice;

use zeroize::Zeroizing;

/// Texts and literals of one command; an ID list has at most 30 pairs (RFC 2971).
const PARTS_LIMIT: usize = 256;

/// A run of octets that may hold a password.
pub(super) type Octets = Zeroizing<Vec<u8>>;

/// The pieces of one command: text without literal announcements, literals.
#[derive(Default)]
pub(super) struct Command {
    parts: Vec<Part>,
    octets: usize,
}

enum Part {
    Text(Octets),
    Literal(Octets),
}

impl Command {
    /// Adds a line, or what stands on it before a literal announcement.
    pub(super) fn push_text(&mut self, text: &[u8]) {
        self.octets = self.octets.saturating_add(text.len());
        self.parts.push(Part::Text(Octets::new(text.to_vec())));
    }

    /// Adds the content of a literal.
    pub(super) fn push_literal(&mut self, content: Octets) {
        self.octets = self.octets.saturating_add(content.len());
        self.parts.push(Part::Literal(content));
    }

    /// Whether it has as many pieces as any sane command.
    pub(super) fn is_full(&self) -> bool {
        self.parts.len() >= PARTS_LIMIT
    }

    /// How many octets it has so far.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    /// Starts reading it.
    pub(super) fn words(&self) -> Words<'_> {
        let mut words = Words { text: &[], parts: self.parts.iter() };
        words.next_text();
        words
    }
}

/// Reads a command from left to right. Every method gives `None` or `false`,
/// and reads nothing, when something else stands there.
pub(super) struct Words<'a> {
    text: &'a [u8],
    parts: slice::Iter<'a, Part>,
}

impl<'a> Words<'a> {
    /// Everything up to the next blank or the end of the line.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let end = self.text.iter().position(|&byte| byte == b' ').unwrap_or(self.text.len());
        let (word, rest) = self.text.split_at(end);
        self.text = rest;
        word
    }

    /// One blank.
    pub(super) fn space(&mut self) -> bool {
        match self.text.strip_prefix(b" ") {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    /// The end of the command; trailing blanks are forgiven.
    pub(super) fn end(&self) -> bool {
        self.text.iter().all(|&byte| byte == b' ') && self.parts.as_slice().is_empty()
    }

    /// An atom, quoted string or literal (RFC 3501 astring). Raw 8-bit octets
    /// are taken in all three: clients send passwords that way.
    pub(super) fn astring(&mut self) -> Option<Octets> {
        match self.text.first() {
            None => self.literal(),
            Some(b'"') => self.quoted(),
            Some(_) => self.atom(),
        }
    }

    fn atom(&mut self) -> Option<Octets> {
        let word = self.word();
        let plain = |byte: u8| !byte.is_ascii_control() && !b"(){\"".contains(&byte);
        (!word.is_empty() && word.iter().copied().all(plain)).then(|| Octets::new(word.to_vec()))
    }

    fn quoted(&mut self) -> Option<Octets> {
        let mut content = Octets::new(Vec::with_capacity(self.text.len()));
        let mut bytes = self.text.iter().copied().enumerate().skip(1);
        loop {
            match bytes.next()? {
                (at, b'"') => {
                    self.text = self.text.get(at.saturating_add(1)..).unwrap_or_default();
                    return Some(content);
                }
                (_, b'\\') => match bytes.next()? {
                    (_, escaped @ (b'"' | b'\\')) => content.push(escaped),
                    (_, _) => return None,
                },
                (_, byte) => content.push(byte),
            }
        }
    }

    fn literal(&mut self) -> Option<Octets> {
        let Some(Part::Literal(content)) = self.parts.as_slice().first() else {
            return None;
        };
        self.parts.next();
        self.next_text();
        (!content.contains(&0)).then(|| content.clone())
    }

    fn next_text(&mut self) {
        if let Some(Part::Text(text)) = self.parts.as_slice().first() {
            self.parts.next();
            self.text = text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Octets};

    fn astrings(text: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut command = Command::default();
        command.push_text(text);
        read(&command)
    }

    fn read(command: &Command) -> Option<Vec<Vec<u8>>> {
        let mut words = command.words();
        let mut found = vec![words.astring()?.to_vec()];
        while !words.end() {
            if !words.space() {
                return None;
            }
            found.push(words.astring()?.to_vec());
        }
        Some(found)
    }

    #[test]
    fn atoms_and_quoted_strings() {
        let pairs: [(&[u8], [&[u8]; 2]); 4] = [
            (b"anna@x.cz pst_A-b]", [b"anna@x.cz", b"pst_A-b]"]),
            (br#""anna@x.cz" "a \"b\\""#, [b"anna@x.cz", br#"a "b\"#]),
            (b"\"\" \"{5}\"", [b"", b"{5}"]),
            (b"\"h\xc3\xa9\" \xe9", [b"h\xc3\xa9", b"\xe9"]),
        ];
        for (text, expected) in pairs {
            assert_eq!(astrings(text), Some(expected.map(<[u8]>::to_vec).to_vec()), "{text:?}");
        }
        for text in
            [&br#""open"#[..], br#""a\n""#, br#""a"b"#, b"a(b", b"a  b", b"\"a\\", b"a\tb", b"", b" a"]
        {
            assert_eq!(astrings(text), None, "{text:?}");
        }
    }

    #[test]
    fn literals_stand_between_texts() {
        let mut command = Command::default();
        command.push_text(b"");
        command.push_literal(Octets::new(b"a b\r\n".to_vec()));
        command.push_text(b" ");
        command.push_literal(Octets::new(b"\"".to_vec()));
        command.push_text(b"");
        assert_eq!(read(&command), Some(vec![b"a b\r\n".to_vec(), b"\"".to_vec()]));
        assert_eq!(command.octets(), 7);
    }

    #[test]
    fn a_literal_is_no_part_of_an_atom() {
        let mut command = Command::default();
        command.push_text(b"a");
        command.push_literal(Octets::new(b"b".to_vec()));
        command.push_text(b"");
        assert_eq!(read(&command), None);
    }
}
