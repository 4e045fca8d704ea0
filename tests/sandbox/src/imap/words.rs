//! A command taken apart into words, strings and lists.

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// Anything unquoted, `BODY[HEADER.FIELDS (TO)]<0.9>` included.
    Atom(String),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// A list in parentheses.
    List(Vec<Word>),
}

impl Word {
    /// Atom or string as text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Atom(atom) => Some(atom.clone()),
            Self::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            Self::List(_) => None,
        }
    }

    /// The text in upper case, for key words.
    pub(crate) fn key(&self) -> String {
        self.text().unwrap_or_default().to_ascii_uppercase()
    }

    /// The members of a list, or the word itself.
    pub(crate) fn members(&self) -> &[Word] {
        match self {
            Self::List(words) => words,
            other => std::slice::from_ref(other),
        }
    }
}

/// Takes a whole command apart; `None` when it cannot be read.
pub(crate) fn parse(raw: &[u8]) -> Option<Vec<Word>> {
    let mut reader = Reader { rest: raw };
    let words = reader.words(0)?;
    reader.rest.is_empty().then_some(words)
}

const DEEPEST: usize = 20;

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// Words up to the end or to a closing parenthesis, which stays.
    fn words(&mut self, depth: usize) -> Option<Vec<Word>> {
        let mut words = Vec::new();
        loop {
            while self.rest.first() == Some(&b' ') {
                self.skip(1);
            }
            match self.rest.first() {
                None | Some(b')') => return Some(words),
                Some(b'(') if depth < DEEPEST => words.push(self.list(depth + 1)?),
                Some(b'(') => return None,
                Some(b'"') => words.push(self.quoted()?),
                Some(b'{') => words.push(self.literal()?),
                Some(_) => words.push(self.atom()),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Word> {
        self.skip(1);
        let words = self.words(depth)?;
        if self.rest.is_empty() {
            return None;
        }
        self.skip(1);
        Some(Word::List(words))
    }

    fn quoted(&mut self) -> Option<Word> {
        self.skip(1);
        let mut text = Vec::new();
        loop {
            let byte = *self.rest.first()?;
            self.skip(1);
            match byte {
                b'"' => return Some(Word::Text(text)),
                b'\\' => {
                    text.push(*self.rest.first()?);
                    self.skip(1);
                }
                other => text.push(other),
            }
        }
    }

    fn literal(&mut self) -> Option<Word> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')? + 1;
        let (size, _) = announced(self.rest.get(..end)?.trim_ascii_end())?;
        let text = self.rest.get(end..end.checked_add(size)?)?.to_vec();
        self.skip(end + size);
        Some(Word::Text(text))
    }

    /// An atom; brackets keep their blanks and parentheses.
    fn atom(&mut self) -> Word {
        let mut brackets = 0_usize;
        let mut end = 0;
        for byte in self.rest {
            match byte {
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b' ' | b'(' | b')' if brackets == 0 => break,
                _ => {}
            }
            end += 1;
        }
        let atom = self.rest.get(..end).unwrap_or_default();
        let atom = String::from_utf8_lossy(atom).into_owned();
        self.skip(end.max(1));
        Word::Atom(atom)
    }

    fn skip(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }
}

/// The literal a line ends in: its size, and whether the client waits for leave.
pub(crate) fn announced(line: &[u8]) -> Option<(usize, bool)> {
    let inner = line.strip_suffix(b"}")?;
    let start = inner.iter().rposition(|byte| *byte == b'{')?;
    let number = inner.get(start + 1..)?;
    let (number, waits) = match number.strip_suffix(b"+") {
        Some(number) => (number, false),
        None => (number, true),
    };
    let size = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((size, waits))
}

#[cfg(test)]
mod tests {
    use super::{Word, announced, parse};

    fn atom(text: &str) -> Word {
        Word::Atom(text.into())
    }

    #[test]
    fn commands_fall_apart() {
        let raw = b"a1 X \"q \\\" q\" (b {2}\r\n)( BODY[HEADER.FIELDS (TO)]<0.5>) end";
        let list = vec![atom("b"), Word::Text(b")(".to_vec()), atom("BODY[HEADER.FIELDS (TO)]<0.5>")];
        let expected =
            vec![atom("a1"), atom("X"), Word::Text(b"q \" q".to_vec()), Word::List(list), atom("end")];
        assert_eq!(parse(raw), Some(expected));
        assert_eq!(parse(b"a (b"), None);
        assert_eq!(parse(b"a b)"), None);
    }

    #[test]
    fn literals_are_announced() {
        assert_eq!(announced(b"a APPEND x {12}"), Some((12, true)));
        assert_eq!(announced(b"a APPEND x {12+}"), Some((12, false)));
        assert_eq!(announced(b"a {x}"), None);
    }
}
