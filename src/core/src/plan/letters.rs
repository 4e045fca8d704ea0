//! Letters that the CRM refuses in the one-line fields of a record.
//!
//! It takes no `<`, `>` and `=`; Google takes anything. What stands for them in the
//! CRM is turned back only where Google showed the original before, so that words that
//! really hold a substitute keep it.

const SUBSTITUTES: [(char, char); 3] = [('<', '‹'), ('>', '›'), ('=', '＝')];

/// What stands for a letter in the CRM.
pub(super) fn substitute(c: char) -> char {
    SUBSTITUTES.iter().find(|(original, _)| *original == c).map_or(c, |(_, substitute)| *substitute)
}

/// The CRM's words with the letters that Google showed `before`.
pub(super) fn turned_back(crm: &str, before: &str) -> String {
    let mut words = crm.to_owned();
    for (original, substitute) in SUBSTITUTES {
        if before.contains(original) && !before.contains(substitute) {
            words = words.replace(substitute, &original.to_string());
        }
    }
    words
}

/// The text with every end of a line as one sign, however it was written.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// At most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
