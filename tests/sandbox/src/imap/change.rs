//! Commands that change messages: STORE, EXPUNGE, COPY, MOVE.

use std::collections::BTreeSet;

use super::answer::Answer;
use super::fetch;
use super::session::Session;
use super::sets;
use super::words::Word;
use crate::mail::{Account, Message};

impl Session {
    /// STORE; labels are accepted and forgotten.
    pub(super) fn change_flags(&mut self, email: &str, by_uid: bool, words: &[Word]) -> Answer {
        let (Some(selected), [set, rest @ ..]) = (&self.selected, words) else {
            return Answer::unparsable();
        };
        let chosen = sets::chosen(&selected.view, &set.text().unwrap_or_default(), by_uid);
        let rest = match rest {
            // UNCHANGEDSINCE is read over: the sandbox has no rival writers.
            [Word::List(_), rest @ ..] => rest,
            rest => rest,
        };
        let (Some(chosen), [item, flags @ ..]) = (chosen, rest) else {
            return Answer::unparsable();
        };
        if selected.read_only {
            return Answer::no("[READ-ONLY] Mailbox is read only");
        }
        let item = item.key();
        let flags: BTreeSet<String> = flags
            .iter()
            .flat_map(Word::members)
            .filter_map(Word::text)
            .map(|flag| system_spelling(&flag))
            .collect();
        let mut answer = Answer::success();
        self.google.post.with(email, |account| {
            for (sequence, uid) in chosen {
                let Some(message) = find(account, &selected.folder, uid) else {
                    continue;
                };
                account.change_flags(&selected.folder, message.id, |own| apply(own, &item, &flags));
                let Some(message) = find(account, &selected.folder, uid) else {
                    continue;
                };
                if !item.ends_with(".SILENT") {
                    let uid = if by_uid { format!("UID {uid} ") } else { String::new() };
                    let flags = fetch::flags(&message);
                    answer.line(&format!("{sequence} FETCH ({uid}FLAGS {flags})"));
                }
            }
        });
        answer
    }

    /// EXPUNGE and UID EXPUNGE; the EXPUNGE lines come with the news.
    pub(super) fn expunge(&mut self, email: &str, by_uid: bool, words: &[Word]) -> Answer {
        let Some(selected) = self.selected.as_ref().filter(|it| !it.read_only) else {
            return Answer::no("[READ-ONLY] Mailbox is read only");
        };
        let mut uids: Vec<u32> = selected.view.clone();
        if let (true, Some(set)) = (by_uid, words.first().and_then(Word::text)) {
            let chosen = sets::chosen(&selected.view, &set, true).unwrap_or_default();
            uids = chosen.into_iter().map(|(_, uid)| uid).collect();
        }
        self.google.post.with(email, |account| {
            if let Some(folder) = account.folder_mut(&selected.folder) {
                let goes = |it: &Message| it.flags.contains("\\Deleted") && uids.contains(&it.uid);
                folder.messages.retain(|message| !goes(message));
            }
        });
        self.google.post.ring();
        Answer::success()
    }

    /// COPY and MOVE, with COPYUID.
    pub(super) fn copy(&mut self, email: &str, by_uid: bool, words: &[Word], moves: bool) -> Answer {
        let (Some(selected), [set, target]) = (&self.selected, words) else {
            return Answer::unparsable();
        };
        let set = set.text().unwrap_or_default();
        let Some(chosen) = sets::chosen(&selected.view, &set, by_uid) else {
            return Answer::unparsable();
        };
        let uids: Vec<u32> = chosen.into_iter().map(|(_, uid)| uid).collect();
        let target = target.text().unwrap_or_default();
        let copied =
            self.google.post.with(email, |account| copy(account, &selected.folder, &target, &uids, moves));
        self.google.post.ring();
        let Some((validity, pairs)) = copied.flatten() else {
            return Answer::no(&format!("[TRYCREATE] No folder {target}"));
        };
        if pairs.is_empty() {
            return Answer::success();
        }
        let join = |uids: Vec<String>| uids.join(",");
        let from = join(pairs.iter().map(|(from, _)| from.to_string()).collect());
        let to = join(pairs.iter().map(|(_, to)| to.to_string()).collect());
        let code = format!("[COPYUID {validity} {from} {to}]");
        if !moves {
            return Answer::ok(&format!("{code} (Success)"));
        }
        // RFC 6851: the code comes untagged, before the EXPUNGE lines.
        let mut answer = Answer::success();
        answer.line(&format!("OK {code}"));
        answer
    }
}

fn find(account: &Account, folder: &str, uid: u32) -> Option<Message> {
    account.folder(folder)?.message(uid).cloned()
}

fn copy(
    account: &mut Account,
    from: &str,
    to: &str,
    uids: &[u32],
    moves: bool,
) -> Option<(u32, Vec<(u32, u32)>)> {
    let messages: Vec<Message> = uids.iter().filter_map(|uid| find(account, from, *uid)).collect();
    let target = account.folder_mut(to).filter(|folder| folder.selectable())?;
    let validity = target.validity;
    let pairs = messages.into_iter().map(|it| (it.uid, target.add(it)));
    let pairs: Vec<(u32, u32)> = pairs.collect();
    if moves && let Some(source) = account.folder_mut(from) {
        source.messages.retain(|message| !uids.contains(&message.uid) || from == to);
    }
    Some((validity, pairs))
}

fn apply(own: &mut BTreeSet<String>, item: &str, flags: &BTreeSet<String>) {
    if item.contains("X-GM-LABELS") {
        return;
    }
    match item.as_bytes().first() {
        Some(b'+') => own.extend(flags.iter().cloned()),
        Some(b'-') => own.retain(|flag| !flags.contains(flag)),
        _ => own.clone_from(flags),
    }
}

/// System flags are the same in any letter case.
pub(super) fn system_spelling(flag: &str) -> String {
    let system = ["\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"];
    let known = system.iter().find(|it| it.eq_ignore_ascii_case(flag));
    known.map_or_else(|| flag.to_owned(), |it| (*it).to_owned())
}
