//! APPEND: folder, flags, date and the message, which has been read as a literal.

use std::collections::BTreeSet;

use super::answer::Answer;
use super::change::system_spelling;
use super::session::Session;
use super::words::Word;
use crate::mail::date;

impl Session {
    pub(super) fn append(&mut self, email: &str, words: &[Word]) -> Answer {
        let [folder, options @ .., Word::Text(message)] = words else {
            return Answer::unparsable();
        };
        let folder = folder.text().unwrap_or_default();
        let mut flags = BTreeSet::new();
        let mut received = self.google.clock.seconds();
        for option in options {
            match option {
                Word::List(words) => {
                    let words = words.iter().filter_map(Word::text);
                    flags.extend(words.map(|flag| system_spelling(&flag)));
                }
                other => match date::parse(&other.text().unwrap_or_default()) {
                    Some(second) => received = second,
                    None => return Answer::unparsable(),
                },
            }
        }
        let stored =
            self.google.post.with(email, |account| account.store(&folder, message.clone(), flags, received));
        self.google.post.ring();
        match stored.flatten() {
            Some((validity, uid)) => Answer::ok(&format!("[APPENDUID {validity} {uid}] (Success)")),
            None => Answer::no(&format!("[TRYCREATE] No folder {folder}")),
        }
    }
}
