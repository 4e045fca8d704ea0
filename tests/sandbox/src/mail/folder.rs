//! An account's folders and the messages in them.

use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) const SENT: &str = "[Gmail]/Sent Mail";
const ALL: &str = "[Gmail]/All Mail";
const DELETED: &str = "\\Deleted";

/// Gmail's folders with their attributes, as LIST names them.
const AT_FIRST: [(&str, &str); 9] = [
    ("INBOX", "\\HasNoChildren"),
    ("[Gmail]", "\\HasChildren \\Noselect"),
    (ALL, "\\All \\HasNoChildren"),
    ("[Gmail]/Drafts", "\\Drafts \\HasNoChildren"),
    ("[Gmail]/Important", "\\HasNoChildren \\Important"),
    (SENT, "\\HasNoChildren \\Sent"),
    ("[Gmail]/Spam", "\\HasNoChildren \\Junk"),
    ("[Gmail]/Starred", "\\Flagged \\HasNoChildren"),
    ("[Gmail]/Trash", "\\HasNoChildren \\Trash"),
];

/// A message in one folder.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    /// X-GM-MSGID: the same for all copies of one message.
    pub(crate) id: u64,
    pub(crate) flags: BTreeSet<String>,
    pub(crate) received: u64,
    pub(crate) raw: Arc<[u8]>,
    pub(crate) modseq: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) attributes: String,
    pub(crate) validity: u32,
    pub(crate) next_uid: u32,
    pub(crate) subscribed: bool,
    pub(crate) modseq: u64,
    pub(crate) messages: Vec<Message>,
}

impl Folder {
    fn new(name: &str, attributes: &str, validity: u32) -> Self {
        Self {
            name: name.to_owned(),
            attributes: attributes.to_owned(),
            validity,
            next_uid: 1,
            subscribed: true,
            modseq: 1,
            messages: Vec::new(),
        }
    }

    pub(crate) fn selectable(&self) -> bool {
        !self.attributes.contains("\\Noselect")
    }

    pub(crate) fn message(&self, uid: u32) -> Option<&Message> {
        self.messages.iter().find(|message| message.uid == uid)
    }

    /// Takes a message in; its flags, time and identity are kept.
    pub(crate) fn add(&mut self, mut message: Message) -> u32 {
        message.uid = self.next_uid;
        self.modseq += 1;
        message.modseq = self.modseq;
        self.next_uid += 1;
        let uid = message.uid;
        self.messages.push(message);
        uid
    }
}

/// One person's mail.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) folders: Vec<Folder>,
    next_id: u64,
}

impl Default for Account {
    fn default() -> Self {
        let folders = AT_FIRST
            .iter()
            .zip(1..)
            .map(|((name, attributes), validity)| Folder::new(name, attributes, validity));
        Self { folders: folders.collect(), next_id: 1_840_000_000_000_000_001 }
    }
}

impl Account {
    /// The folder of that name; INBOX in any letter case.
    pub(crate) fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| same(&folder.name, name))
    }

    pub(crate) fn folder_mut(&mut self, name: &str) -> Option<&mut Folder> {
        let mut folders = self.folders.iter_mut();
        folders.find(|folder| same(&folder.name, name))
    }

    /// Takes a new message in, and its copy under All Mail. `None` when there is no such folder.
    pub(crate) fn store(
        &mut self,
        folder: &str,
        raw: Vec<u8>,
        flags: BTreeSet<String>,
        received: u64,
    ) -> Option<(u32, u32)> {
        let message = Message { uid: 0, id: self.next_id, flags, received, raw: raw.into(), modseq: 0 };
        let target = self.folder_mut(folder).filter(|it| it.selectable())?;
        let stored = (target.validity, target.add(message.clone()));
        self.next_id += 1;
        if !matches!(folder, ALL | "[Gmail]/Spam" | "[Gmail]/Trash")
            && let Some(all) = self.folder_mut(ALL)
        {
            all.add(message);
        }
        Some(stored)
    }

    /// Applies a change of flags to a message of `home` and to all its copies. As at Gmail,
    /// `\Deleted` belongs to the one folder, every other flag to the message.
    pub(crate) fn change_flags(&mut self, home: &str, id: u64, change: impl Fn(&mut BTreeSet<String>)) {
        for folder in &mut self.folders {
            let elsewhere = !same(&folder.name, home);
            let Folder { messages, modseq, .. } = folder;
            for message in messages.iter_mut().filter(|message| message.id == id) {
                let before = message.flags.clone();
                change(&mut message.flags);
                if elsewhere {
                    message.flags.remove(DELETED);
                    message.flags.extend(before.get(DELETED).cloned());
                }
                if message.flags != before {
                    *modseq += 1;
                    message.modseq = *modseq;
                }
            }
        }
    }

    /// Makes a folder; `false` if there is one.
    pub(crate) fn create(&mut self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        if name.is_empty() || self.folder(name).is_some() {
            return false;
        }
        let highest = self.folders.iter().map(|folder| folder.validity).max();
        let validity = highest.unwrap_or(0) + 1;
        self.folders.push(Folder::new(name, "\\HasNoChildren", validity));
        true
    }

    /// Takes a folder away; Gmail's own stay.
    pub(crate) fn delete(&mut self, name: &str) -> bool {
        let own = AT_FIRST.iter().any(|(own, _)| same(own, name));
        let before = self.folders.len();
        self.folders.retain(|folder| own || folder.name != name);
        self.folders.len() < before
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> bool {
        let own = AT_FIRST.iter().any(|(own, _)| same(own, from));
        if own || self.folder(to).is_some() {
            return false;
        }
        match self.folder_mut(from) {
            Some(folder) => folder.name = to.to_owned(),
            None => return false,
        }
        true
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || (one == "INBOX" && other.eq_ignore_ascii_case(one))
}
