//! Answers: untagged lines and the tagged end.

/// What a command is answered with.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) untagged: Vec<u8>,
    pub(crate) tagged: String,
}

impl Answer {
    pub(crate) fn ok(text: &str) -> Self {
        Self::tagged(format!("OK {text}"))
    }

    pub(crate) fn success() -> Self {
        Self::ok("Success")
    }

    pub(crate) fn no(text: &str) -> Self {
        Self::tagged(format!("NO {text} (Failure)"))
    }

    pub(crate) fn unparsable() -> Self {
        Self::tagged("BAD Could not parse command".into())
    }

    pub(crate) fn unknown_mailbox(name: &str) -> Self {
        Self::no(&format!("[NONEXISTENT] Unknown Mailbox: {name}"))
    }

    pub(crate) fn tagged(tagged: String) -> Self {
        Self { untagged: Vec::new(), tagged }
    }

    /// Adds an untagged line.
    pub(crate) fn line(&mut self, line: &str) {
        self.untagged.extend_from_slice(b"* ");
        self.untagged.extend_from_slice(line.as_bytes());
        self.untagged.extend_from_slice(b"\r\n");
    }

    pub(crate) fn bytes(&self, tag: &str) -> Vec<u8> {
        let mut bytes = self.untagged.clone();
        bytes.extend_from_slice(format!("{tag} {}\r\n", self.tagged).as_bytes());
        bytes
    }
}

/// A quoted string.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A literal.
pub(crate) fn literal(bytes: &[u8]) -> Vec<u8> {
    let mut literal = format!("{{{}}}\r\n", bytes.len()).into_bytes();
    literal.extend_from_slice(bytes);
    literal
}
