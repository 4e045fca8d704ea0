//! The selected folder: opening, closing, and what has changed in it since.

use super::answer::Answer;
use super::session::Session;
use crate::mail::Folder;

const FLAGS: &str = "\\Answered \\Flagged \\Draft \\Deleted \\Seen $NotPhishing $Phishing";

/// The folder a session looks at, and its numbering of the messages.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub(super) folder: String,
    pub(super) read_only: bool,
    /// UIDs in order: sequence number 1 first.
    pub(super) view: Vec<u32>,
}

impl Session {
    /// SELECT and EXAMINE.
    pub(super) fn select(&mut self, email: &str, name: &str, read_only: bool) -> Answer {
        self.selected = None;
        let opened = self
            .google
            .post
            .with(email, |account| account.folder(name).filter(|it| it.selectable()).cloned());
        let Some(folder) = opened.flatten() else {
            return Answer::unknown_mailbox(name);
        };
        self.selected = Some(Selected { folder: folder.name.clone(), read_only, view: uids(&folder) });
        opening(&folder, read_only)
    }

    /// CLOSE and UNSELECT.
    pub(super) fn close(&mut self, email: &str, expunging: bool) -> Answer {
        let Some(selected) = self.selected.take() else {
            return Answer::tagged("BAD No mailbox selected".into());
        };
        if expunging && !selected.read_only {
            self.google.post.with(email, |account| {
                if let Some(folder) = account.folder_mut(&selected.folder) {
                    folder.messages.retain(|it| !it.flags.contains("\\Deleted"));
                }
            });
            self.google.post.ring();
        }
        Answer::ok("Returned to authenticated state. (Success)")
    }

    /// The answer, with the news of the folder before its tagged line.
    pub(super) fn with_news(&mut self, mut answer: Answer, renumbers: bool) -> Answer {
        let news = self.news(renumbers);
        answer.untagged.extend_from_slice(&news);
        answer
    }

    /// EXPUNGE and EXISTS lines for what happened since; expunges only where they may be told.
    pub(super) fn news(&mut self, renumbers: bool) -> Vec<u8> {
        let email = self.email.clone().unwrap_or_default();
        let Some(selected) = &mut self.selected else {
            return Vec::new();
        };
        let name = selected.folder.clone();
        let now = self.google.post.with(&email, |it| it.folder(&name).map(uids));
        let now = now.flatten().unwrap_or_default();
        let mut answer = Answer::default();
        if renumbers {
            let gone = |(_, uid): &(usize, &u32)| now.binary_search(uid).is_err();
            let gone: Vec<usize> = selected.view.iter().enumerate().filter(gone).map(|it| it.0).collect();
            for at in gone.into_iter().rev() {
                selected.view.remove(at);
                answer.line(&format!("{} EXPUNGE", at + 1));
            }
        }
        let last = selected.view.last().copied().unwrap_or(0);
        let arrived: Vec<u32> = now.into_iter().filter(|uid| *uid > last).collect();
        if !arrived.is_empty() {
            selected.view.extend(arrived);
            answer.line(&format!("{} EXISTS", selected.view.len()));
        }
        answer.untagged
    }
}

fn uids(folder: &Folder) -> Vec<u32> {
    folder.messages.iter().map(|message| message.uid).collect()
}

fn opening(folder: &Folder, read_only: bool) -> Answer {
    let (mode, permanent) =
        if read_only { ("[READ-ONLY]", String::new()) } else { ("[READ-WRITE]", format!("{FLAGS} \\*")) };
    let mut answer = Answer::ok(&format!("{mode} {} selected. (Success)", folder.name));
    answer.line(&format!("FLAGS ({FLAGS})"));
    answer.line(&format!("OK [PERMANENTFLAGS ({permanent})] Flags permitted."));
    answer.line(&format!("OK [UIDVALIDITY {}] UIDs valid.", folder.validity));
    answer.line(&format!("{} EXISTS", folder.messages.len()));
    answer.line("0 RECENT");
    answer.line(&format!("OK [UIDNEXT {}] Predicted next UID.", folder.next_uid));
    answer.line(&format!("OK [HIGHESTMODSEQ {}]", folder.modseq));
    answer
}
