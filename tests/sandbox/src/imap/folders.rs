//! Folder commands: LIST and its kin, STATUS, making and removing.

use super::answer::{Answer, quoted};
use super::session::Session;
use super::words::Word;
use crate::mail::{Account, Folder};

impl Session {
    /// The answer, if it is a folder command.
    pub(super) fn folder_command(&mut self, email: &str, verb: &str, words: &[Word]) -> Option<Answer> {
        let name = words.first().and_then(Word::text);
        let named = name.as_deref().unwrap_or_default();
        Some(match verb {
            "SELECT" | "EXAMINE" => self.select(email, named, verb == "EXAMINE"),
            "CLOSE" | "UNSELECT" => self.close(email, verb == "CLOSE"),
            "LIST" | "LSUB" | "XLIST" => self.on(email, |account| list(account, verb, words)),
            "STATUS" => self.on(email, |account| status(account, named, words.get(1))),
            "CREATE" => self.done(email, |account| account.create(named), "Duplicate folder name"),
            "DELETE" => self.done(email, |it| it.delete(named), "Unknown Mailbox"),
            "RENAME" => {
                let to = words.get(1).and_then(Word::text).unwrap_or_default();
                self.done(email, |account| account.rename(named, &to), "Unknown Mailbox")
            }
            "SUBSCRIBE" | "UNSUBSCRIBE" => {
                let subscribed = verb == "SUBSCRIBE";
                let change = |folder: &mut Folder| folder.subscribed = subscribed;
                let work = |it: &mut Account| it.folder_mut(named).map(change).is_some();
                self.done(email, work, "Unknown Mailbox")
            }
            _ => return None,
        })
    }

    fn on(&self, email: &str, work: impl FnOnce(&mut Account) -> Answer) -> Answer {
        let answer = self.google.post.with(email, work);
        answer.unwrap_or_else(|| Answer::no("System Error"))
    }

    fn done(&self, email: &str, work: impl FnOnce(&mut Account) -> bool, refusal: &str) -> Answer {
        match self.google.post.with(email, work) {
            Some(true) => Answer::success(),
            _ => Answer::no(refusal),
        }
    }
}

fn list(account: &mut Account, verb: &str, words: &[Word]) -> Answer {
    let (selection, words) = match words {
        [Word::List(selection), rest @ ..] => (selection.as_slice(), rest),
        words => (&[][..], words),
    };
    let [reference, pattern, options @ ..] = words else {
        return Answer::unparsable();
    };
    let reference = reference.text().unwrap_or_default();
    let patterns: Vec<String> = pattern
        .members()
        .iter()
        .filter_map(Word::text)
        .map(|pattern| format!("{reference}{pattern}"))
        .collect();
    let mut answer = Answer::success();
    if patterns.iter().all(String::is_empty) {
        answer.line(&format!("{verb} (\\Noselect) \"/\" \"/\""));
        return answer;
    }
    let selects = |key: &str| selection.iter().any(|word| word.key() == key);
    for folder in &account.folders {
        let matching = patterns.iter().any(|it| matches(&folder.name, it));
        let special = !selects("SPECIAL-USE") || is_special(folder);
        let subscribed = (verb != "LSUB" && !selects("SUBSCRIBED")) || folder.subscribed;
        if matching && special && subscribed {
            let (attributes, name) = (&folder.attributes, quoted(&folder.name));
            answer.line(&format!("{verb} ({attributes}) \"/\" {name}"));
            add_status(&mut answer, folder, options);
        }
    }
    answer
}

fn is_special(folder: &Folder) -> bool {
    let ordinary = ["\\HasNoChildren", "\\HasChildren", "\\Noselect"];
    let mut attributes = folder.attributes.split(' ');
    attributes.any(|attribute| !ordinary.contains(&attribute))
}

/// LIST-STATUS: `RETURN (STATUS (...))`.
fn add_status(answer: &mut Answer, folder: &Folder, options: &[Word]) {
    let [_, Word::List(options)] = options else {
        return;
    };
    let mut pairs = options.windows(2);
    let items = pairs.find_map(|pair| match pair {
        [word, Word::List(items)] if word.key() == "STATUS" => Some(items),
        _ => None,
    });
    if let Some(items) = items.filter(|_| folder.selectable()) {
        answer.line(&status_line(folder, items));
    }
}

/// `*` stands for anything, `%` for anything without a slash.
fn matches(name: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return name.is_empty();
    };
    let rest = pattern.get(first.len_utf8()..).unwrap_or_default();
    let ends = || {
        let inner = name.char_indices().map(|(at, _)| at);
        inner.chain([name.len()])
    };
    let tail = |at: usize| name.get(at..).unwrap_or_default();
    match first {
        '*' => ends().any(|at| matches(tail(at), rest)),
        '%' => {
            let slash = name.find('/').unwrap_or(name.len());
            ends().filter(|at| *at <= slash).any(|at| matches(tail(at), rest))
        }
        letter => name
            .chars()
            .next()
            .is_some_and(|it| it.eq_ignore_ascii_case(&letter) && matches(tail(it.len_utf8()), rest)),
    }
}

fn status(account: &mut Account, name: &str, items: Option<&Word>) -> Answer {
    let Some(folder) = account.folder(name).filter(|it| it.selectable()) else {
        return Answer::unknown_mailbox(name);
    };
    let Some(Word::List(items)) = items else {
        return Answer::unparsable();
    };
    let mut answer = Answer::success();
    answer.line(&status_line(folder, items));
    answer
}

fn status_line(folder: &Folder, items: &[Word]) -> String {
    let unseen = || {
        let unseen = folder.messages.iter().filter(|it| !it.flags.contains("\\Seen"));
        unseen.count().to_string()
    };
    let value = |item: &Word| {
        let key = item.key();
        let value = match key.as_str() {
            "MESSAGES" => folder.messages.len().to_string(),
            "RECENT" => "0".into(),
            "UIDNEXT" => folder.next_uid.to_string(),
            "UIDVALIDITY" => folder.validity.to_string(),
            "UNSEEN" => unseen(),
            "HIGHESTMODSEQ" => folder.modseq.to_string(),
            "APPENDLIMIT" => "35651584".into(),
            _ => return None,
        };
        Some(format!("{key} {value}"))
    };
    let values: Vec<String> = items.iter().filter_map(value).collect();
    format!("STATUS {} ({})", quoted(&folder.name), values.join(" "))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert!(matches("[Gmail]/Sent Mail", "*"));
        assert!(!matches("[Gmail]/Sent Mail", "%"));
        assert!(matches("[Gmail]/Sent Mail", "[Gmail]/%"));
        assert!(matches("INBOX", "inbox"));
        assert!(!matches("INBOX", "INBO"));
    }
}
