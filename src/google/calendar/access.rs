//! What a user may do with a calendar.

/// Google's `accessRole`, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessRole {
    /// `none`, or a word that is not known: nothing may be relied on.
    None,
    /// `freeBusyReader`: times only.
    FreeBusyReader,
    /// `reader`: everything but what is private.
    Reader,
    /// `writerWithoutPrivateAccess`: writes, and does not see what is private.
    WriterWithoutPrivateAccess,
    /// `writer`.
    Writer,
    /// `owner`.
    Owner,
}

impl AccessRole {
    /// Reads Google's word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "freeBusyReader" => Self::FreeBusyReader,
            "reader" => Self::Reader,
            "writerWithoutPrivateAccess" => Self::WriterWithoutPrivateAccess,
            "writer" => Self::Writer,
            "owner" => Self::Owner,
            _ => Self::None,
        }
    }

    /// Google's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::FreeBusyReader => "freeBusyReader",
            Self::Reader => "reader",
            Self::WriterWithoutPrivateAccess => "writerWithoutPrivateAccess",
            Self::Writer => "writer",
            Self::Owner => "owner",
        }
    }

    /// Whether every event may be written.
    #[must_use]
    pub fn writes(self) -> bool {
        self >= Self::Writer
    }

    /// Whether titles and texts are shown; a field that is not shown is
    /// unknown, not empty.
    #[must_use]
    pub fn reads_details(self) -> bool {
        self >= Self::Reader
    }

    /// Whether those of private events are, too.
    #[must_use]
    pub fn reads_private(self) -> bool {
        self >= Self::Writer
    }
}

#[cfg(test)]
mod tests {
    use super::AccessRole;

    #[test]
    fn a_role_that_is_not_known_allows_nothing() {
        let rows = [
            ("owner", true, true, true),
            ("writer", true, true, true),
            ("writerWithoutPrivateAccess", false, true, false),
            ("reader", false, true, false),
            ("freeBusyReader", false, false, false),
            ("none", false, false, false),
        ];
        for (word, writes, details, private) in rows {
            let role = AccessRole::of(word);
            assert_eq!(role.name(), word);
            let may = (role.writes(), role.reads_details(), role.reads_private());
            assert_eq!(may, (writes, details, private), "{word}");
        }
        assert_eq!(AccessRole::of("emperor"), AccessRole::None);
    }
}
