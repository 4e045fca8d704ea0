//! SEARCH, with ESEARCH results.

use super::answer::Answer;
use super::session::Session;
use super::sets;
use super::words::Word;
use crate::mail::{Message, date, header};

/// A search key.
#[derive(Debug)]
enum Key {
    All,
    Flag(&'static str, bool),
    Keyword(String, bool),
    Since(u64),
    Before(u64),
    On(u64),
    Numbers(String, bool),
    Field(String, String),
    Body(String),
    Text(String),
    Larger(usize),
    Smaller(usize),
    Modseq(u64),
    Id(u64),
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    And(Vec<Key>),
}

impl Session {
    pub(super) fn search(&mut self, email: &str, by_uid: bool, words: &[Word], tag: &str) -> Answer {
        let Some(selected) = &self.selected else {
            return Answer::unparsable();
        };
        let (returns, words) = returns(words);
        let Some(key) = all_of(skip_charset(words)) else {
            return Answer::unparsable();
        };
        let found = self.google.post.with(email, |account| {
            let folder = account.folder(&selected.folder)?;
            let numbered = (1_u32..).zip(&selected.view);
            let hits = numbered.filter_map(|(sequence, uid)| {
                let message = folder.message(*uid)?;
                let hit = matches(&key, message, sequence, &selected.view);
                hit.then_some(if by_uid { *uid } else { sequence })
            });
            Some(hits.collect::<Vec<u32>>())
        });
        let found = found.flatten().unwrap_or_default();
        let mut answer = Answer::ok("SEARCH completed (Success)");
        let line = match returns {
            Some(options) => extended(&options, &found, by_uid, tag),
            None => found.iter().fold("SEARCH".into(), |line, it| format!("{line} {it}")),
        };
        answer.line(&line);
        answer
    }
}

fn returns(words: &[Word]) -> (Option<Vec<String>>, &[Word]) {
    match words {
        [first, Word::List(options), rest @ ..] if first.key() == "RETURN" => {
            (Some(options.iter().map(Word::key).collect()), rest)
        }
        _ => (None, words),
    }
}

fn skip_charset(words: &[Word]) -> &[Word] {
    match words {
        [first, _, rest @ ..] if first.key() == "CHARSET" => rest,
        _ => words,
    }
}

fn extended(options: &[String], found: &[u32], by_uid: bool, tag: &str) -> String {
    let asks = |key: &str| options.iter().any(|it| it == key);
    let mut line = format!("ESEARCH (TAG \"{tag}\")");
    if by_uid {
        line.push_str(" UID");
    }
    if let (Some(first), Some(last)) = (found.first(), found.last()) {
        if asks("MIN") {
            line.push_str(&format!(" MIN {first}"));
        }
        if asks("MAX") {
            line.push_str(&format!(" MAX {last}"));
        }
        if asks("ALL") || options.is_empty() {
            let all: Vec<String> = found.iter().map(u32::to_string).collect();
            line.push_str(&format!(" ALL {}", all.join(",")));
        }
    }
    if asks("COUNT") {
        line.push_str(&format!(" COUNT {}", found.len()));
    }
    line
}

fn all_of(mut words: &[Word]) -> Option<Key> {
    let mut keys = Vec::new();
    while !words.is_empty() {
        keys.push(key(&mut words)?);
    }
    (!keys.is_empty()).then_some(Key::And(keys))
}

fn key(words: &mut &[Word]) -> Option<Key> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    if let Word::List(inner) = first {
        return all_of(inner);
    }
    let name = first.key();
    if let Some(key) = simple(&name) {
        return Some(key);
    }
    Some(match name.as_str() {
        "NOT" => Key::Not(Box::new(key(words)?)),
        "OR" => Key::Or(Box::new(key(words)?), Box::new(key(words)?)),
        "SINCE" | "SENTSINCE" => Key::Since(date::parse(&next(words)?)?),
        "BEFORE" | "SENTBEFORE" => Key::Before(date::parse(&next(words)?)?),
        "ON" | "SENTON" => Key::On(date::parse(&next(words)?)?),
        "UID" => Key::Numbers(next(words)?, true),
        "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => Key::Field(name, next(words)?.to_lowercase()),
        "HEADER" => Key::Field(next(words)?, next(words)?.to_lowercase()),
        "BODY" => Key::Body(next(words)?.to_lowercase()),
        "TEXT" | "X-GM-RAW" => Key::Text(next(words)?.to_lowercase()),
        "KEYWORD" | "UNKEYWORD" => Key::Keyword(next(words)?, name == "KEYWORD"),
        "LARGER" => Key::Larger(next(words)?.parse().ok()?),
        "SMALLER" => Key::Smaller(next(words)?.parse().ok()?),
        "MODSEQ" => Key::Modseq(next(words)?.parse().ok()?),
        "X-GM-MSGID" | "X-GM-THRID" => Key::Id(next(words)?.parse().ok()?),
        _ if name.starts_with(|it: char| it.is_ascii_digit() || it == '*') => Key::Numbers(name, false),
        _ => return None,
    })
}

fn next(words: &mut &[Word]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    *words = rest;
    first.text()
}

fn simple(name: &str) -> Option<Key> {
    Some(match name {
        "ALL" | "OLD" => Key::All,
        "RECENT" | "NEW" => Key::Not(Box::new(Key::All)),
        "SEEN" => Key::Flag("\\Seen", true),
        "UNSEEN" => Key::Flag("\\Seen", false),
        "DELETED" => Key::Flag("\\Deleted", true),
        "UNDELETED" => Key::Flag("\\Deleted", false),
        "FLAGGED" => Key::Flag("\\Flagged", true),
        "UNFLAGGED" => Key::Flag("\\Flagged", false),
        "ANSWERED" => Key::Flag("\\Answered", true),
        "UNANSWERED" => Key::Flag("\\Answered", false),
        "DRAFT" => Key::Flag("\\Draft", true),
        "UNDRAFT" => Key::Flag("\\Draft", false),
        _ => return None,
    })
}

fn matches(key: &Key, message: &Message, sequence: u32, view: &[u32]) -> bool {
    let (head, body) = header::split(&message.raw);
    let contains = |bytes: &[u8], text: &str| String::from_utf8_lossy(bytes).to_lowercase().contains(text);
    let inner = |key: &Key| matches(key, message, sequence, view);
    match key {
        Key::All => true,
        Key::Flag(flag, set) => message.flags.contains(*flag) == *set,
        Key::Keyword(flag, set) => message.flags.contains(flag) == *set,
        Key::Since(start) => message.received >= *start,
        Key::Before(start) => message.received < *start,
        Key::On(start) => (*start..*start + date::DAY).contains(&message.received),
        Key::Numbers(set, by_uid) => {
            let chosen = sets::chosen(view, set, *by_uid).unwrap_or_default();
            chosen.contains(&(sequence, message.uid))
        }
        Key::Field(name, text) => {
            let value = header::value(head, name);
            value.is_some_and(|value| value.to_lowercase().contains(text))
        }
        Key::Body(text) => contains(body, text),
        Key::Text(text) => contains(&message.raw, text),
        Key::Larger(size) => message.raw.len() > *size,
        Key::Smaller(size) => message.raw.len() < *size,
        Key::Modseq(least) => message.modseq >= *least,
        Key::Id(id) => message.id == *id,
        Key::Not(key) => !inner(key),
        Key::Or(one, other) => inner(one) || inner(other),
        Key::And(keys) => keys.iter().all(inner),
    }
}
