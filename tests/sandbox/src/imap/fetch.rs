//! FETCH.

use super::answer::{Answer, literal, quoted};
use super::body::{self, Section};
use super::session::Session;
use super::sets;
use super::structure;
use super::words::Word;
use crate::mail::{Folder, Message, date, header};

const FAST: &[&str] = &["FLAGS", "INTERNALDATE", "RFC822.SIZE"];
const ALL: &[&str] = &["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"];
const FULL: &[&str] = &["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"];

impl Session {
    pub(super) fn fetch(&mut self, email: &str, by_uid: bool, words: &[Word]) -> Answer {
        let (Some(selected), [set, wanted, modifiers @ ..]) = (&self.selected, words) else {
            return Answer::unparsable();
        };
        let set = set.text().unwrap_or_default();
        let Some(chosen) = sets::chosen(&selected.view, &set, by_uid) else {
            return Answer::unparsable();
        };
        let Some(items) = items(wanted, by_uid, modifiers) else {
            return Answer::unparsable();
        };
        let since = changed_since(modifiers);
        let seen = !selected.read_only && items.iter().any(|it| marks_seen(it));
        let mut answer = Answer::success();
        self.google.post.with(email, |account| {
            for (sequence, uid) in chosen {
                let folder = account.folder(&selected.folder);
                let Some(id) = folder.and_then(|it| it.message(uid)).map(|it| it.id) else {
                    continue;
                };
                if seen {
                    account.change_flags(&selected.folder, id, |flags| flags.extend(["\\Seen".to_owned()]));
                }
                let folder = account.folder(&selected.folder);
                let Some(message) = folder.and_then(|it| it.message(uid)) else {
                    continue;
                };
                if message.modseq > since {
                    let start = format!("* {sequence} FETCH (");
                    answer.untagged.extend_from_slice(start.as_bytes());
                    add_items(&mut answer.untagged, folder, message, &items);
                    answer.untagged.extend_from_slice(b")\r\n");
                }
            }
        });
        answer
    }
}

/// The items asked for, macros written out; `None` when one is unknown.
fn items(wanted: &Word, by_uid: bool, modifiers: &[Word]) -> Option<Vec<String>> {
    let mut items: Vec<String> = Vec::new();
    for word in wanted.members() {
        let text = word.text()?;
        match text.to_ascii_uppercase().as_str() {
            "ALL" => items.extend(ALL.iter().map(|it| (*it).into())),
            "FAST" => items.extend(FAST.iter().map(|it| (*it).into())),
            "FULL" => items.extend(FULL.iter().map(|it| (*it).into())),
            key if is_known(key) => items.push(text),
            _ => return None,
        }
    }
    let has = |items: &[String], key: &str| items.iter().any(|it| it.eq_ignore_ascii_case(key));
    if by_uid && !has(&items, "UID") {
        items.insert(0, "UID".into());
    }
    if !modifiers.is_empty() && !has(&items, "MODSEQ") {
        items.push("MODSEQ".into());
    }
    Some(items)
}

fn is_known(key: &str) -> bool {
    const PLAIN: &[&str] = &[
        "FLAGS",
        "UID",
        "INTERNALDATE",
        "RFC822.SIZE",
        "ENVELOPE",
        "BODYSTRUCTURE",
        "BODY",
        "RFC822",
        "RFC822.HEADER",
        "RFC822.TEXT",
        "MODSEQ",
        "X-GM-MSGID",
        "X-GM-THRID",
        "X-GM-LABELS",
    ];
    PLAIN.contains(&key) || Section::read(key).is_some()
}

fn marks_seen(item: &str) -> bool {
    let item = item.to_ascii_uppercase();
    item.starts_with("BODY[") || matches!(item.as_str(), "RFC822" | "RFC822.TEXT")
}

fn changed_since(modifiers: &[Word]) -> u64 {
    let words = modifiers.first().map(Word::members).unwrap_or_default();
    let mut pairs = words.windows(2);
    let since = pairs.find_map(|pair| match pair {
        [key, value] if key.key() == "CHANGEDSINCE" => value.text()?.parse().ok(),
        _ => None,
    });
    since.unwrap_or(0)
}

fn add_items(out: &mut Vec<u8>, folder: Option<&Folder>, message: &Message, items: &[String]) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        add_item(out, folder, message, item);
    }
}

fn add_item(out: &mut Vec<u8>, folder: Option<&Folder>, message: &Message, item: &str) {
    let key = item.to_ascii_uppercase();
    if let Some(section) = Section::read(item) {
        out.extend_from_slice(section.label().as_bytes());
        out.push(b' ');
        match body::section(&message.raw, &section) {
            Some(bytes) => out.extend_from_slice(&literal(&bytes)),
            None => out.extend_from_slice(b"NIL"),
        }
        return;
    }
    let (head, text) = header::split(&message.raw);
    let value: Vec<u8> = match key.as_str() {
        "FLAGS" => flags(message).into_bytes(),
        "UID" => message.uid.to_string().into_bytes(),
        "INTERNALDATE" => quoted(&date::internal(message.received)).into_bytes(),
        "RFC822.SIZE" => message.raw.len().to_string().into_bytes(),
        "MODSEQ" => format!("({})", message.modseq).into_bytes(),
        "X-GM-MSGID" | "X-GM-THRID" => message.id.to_string().into_bytes(),
        "X-GM-LABELS" => labels(folder).into_bytes(),
        "ENVELOPE" => structure::envelope(head),
        "BODYSTRUCTURE" => structure::structure(&message.raw, true),
        "BODY" => structure::structure(&message.raw, false),
        "RFC822.HEADER" => literal(head),
        "RFC822.TEXT" => literal(text),
        _ => literal(&message.raw),
    };
    out.extend_from_slice(key.as_bytes());
    out.push(b' ');
    out.extend_from_slice(&value);
}

/// The flags of a message in parentheses.
pub(super) fn flags(message: &Message) -> String {
    let flags: Vec<&str> = message.flags.iter().map(String::as_str).collect();
    format!("({})", flags.join(" "))
}

/// Gmail leaves the label of the folder itself out; INBOX is a system label.
fn labels(folder: Option<&Folder>) -> String {
    match folder.map(|folder| folder.name.as_str()) {
        Some("[Gmail]/All Mail") => "(\"\\\\Inbox\")".into(),
        _ => "()".into(),
    }
}
