//! What is written, from what has happened. Pure.
//!
//! Admins get one digest of everything, its list bounded, with the page that
//! says how each mailbox stands: it can be passed on, and opens nothing by
//! itself. An owner gets a message of their own with a consent link.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;

use crate::texts::{Lang, Sentence, Text};

/// Mailboxes that a digest names.
pub(super) const LISTED: usize = 50;

/// A mailbox that wants its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    pub(super) address: Address,
    pub(super) state: State,
    /// The page that says how it stands.
    pub(super) page: String,
}

/// A client or service account that Google refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) client: String,
    pub(super) code: String,
}

/// What the admins are told at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) refused: Vec<Refused>,
    /// The first of them.
    pub(super) mailboxes: Vec<Mailbox>,
    /// How many there are.
    pub(super) count: usize,
    pub(super) owners_too: bool,
    /// When the certificate of the listeners ends, if that is soon.
    pub(super) certificate: Option<String>,
    /// Mailboxes for which the CRM has nobody any more.
    pub(super) gone: Vec<Address>,
}

impl Digest {
    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && self.refused.is_empty() && self.gone.is_empty() && self.certificate.is_none()
    }
}

/// Words to be sent. A link in them is a secret.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) body: Secret,
}

/// For the admins; `place` is where our pages are.
pub(super) fn to_admins(digest: &Digest, place: &str, lang: Lang) -> Letter {
    let subject = match (digest.count, digest.refused.is_empty()) {
        (0, true) if digest.certificate.is_some() => Text::NoticeCertificateSubject.into(),
        (0, true) => Sentence::from(Text::NoticeGoneSubject).with("count", &digest.gone.len()),
        (0, false) => Text::NoticeClientSubject.into(),
        (count, _) => Sentence::from(Text::NoticeMailboxesSubject).with("count", &count),
    };
    let mut parts: Vec<String> = digest.refused.iter().map(|it| client(it, lang)).collect();
    if let Some(at) = &digest.certificate {
        parts.push(Sentence::from(Text::NoticeCertificate).with("at", at).say(lang));
    }
    if digest.count > 0 {
        parts.push(Sentence::from(Text::NoticeMailboxes).with("count", &digest.count).say(lang));
        parts.push(list(digest, lang));
    }
    if digest.count > 0 && digest.owners_too {
        parts.push(Text::NoticeOwnersToo.say(lang));
    }
    if !digest.gone.is_empty() {
        let told = Sentence::from(Text::NoticeGone).with("count", &digest.gone.len());
        parts.push(told.with("page", &format!("{place}/admin")).say(lang));
        let lines = digest.gone.iter().take(LISTED).map(ToString::to_string);
        parts.push(lines.collect::<Vec<_>>().join("\n"));
    }
    letter(&subject, &parts, place, lang)
}

/// For the owner of a mailbox.
pub(super) fn to_owner(address: &Address, state: State, link: &Secret, place: &str, lang: Lang) -> Letter {
    let subject = Sentence::from(Text::NoticeOwnerSubject).with("address", address);
    let why = if state == State::NeedsSignIn { Text::NoticeOwnerSignIn } else { Text::NoticeOwnerConsent };
    let parts = [
        Sentence::from(why).with("address", address).say(lang),
        format!("{}\n\n{}", Text::NoticeOwnerLink.say(lang), link.reveal()),
        Sentence::from(Text::NoticeOwnerDoubt).with("place", place).say(lang),
    ];
    letter(&subject, &parts, place, lang)
}

pub(super) fn letter(subject: &Sentence, parts: &[String], place: &str, lang: Lang) -> Letter {
    let from = Sentence::from(Text::NoticeFrom).with("place", place).say(lang);
    let body = format!("{}\n\n-- \n{from}\n", parts.join("\n\n"));
    Letter { subject: subject.say(lang), body: Secret::new(body) }
}

fn client(refused: &Refused, lang: Lang) -> String {
    // A client id is what an admin has typed; a line of its own is not for it to make.
    let name = PeerText::new(&refused.client);
    Sentence::from(Text::NoticeClient).with("client", name.as_str()).with("code", &refused.code).say(lang)
}

fn list(digest: &Digest, lang: Lang) -> String {
    let line = |it: &Mailbox| {
        let state = match it.state {
            State::NeedsSignIn => Text::NoticeNeedsSignIn,
            State::New | State::Active | State::NeedsConsent | State::AwaitingApproval | State::Disabled => {
                Text::NoticeNeedsConsent
            }
        };
        format!("{}\n    {}: {}", it.address, state.say(lang), it.page)
    };
    let mut lines: Vec<String> = digest.mailboxes.iter().take(LISTED).map(line).collect();
    let more = digest.count.saturating_sub(lines.len());
    if more > 0 {
        lines.push(Sentence::from(Text::NoticeMore).with("count", &more).say(lang));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Digest, LISTED, Letter, Mailbox, Refused, to_admins, to_owner};
    use crate::texts::Lang;
    use postern_core::model::account::State;
    use postern_core::model::address::Address;
    use postern_core::model::secret::Secret;

    const PLACE: &str = "https://crm.example.com/postern";

    fn mailboxes(count: usize, state: State) -> Digest {
        let mailbox = |number| Mailbox {
            address: Address::parse(&format!("user{number}@example.com")).unwrap(),
            state,
            page: format!("{PLACE}/r/ref{number}"),
        };
        Digest {
            mailboxes: (0..count).map(mailbox).take(LISTED).collect(),
            count,
            owners_too: true,
            ..Digest::default()
        }
    }

    fn body(letter: &Letter) -> &str {
        letter.body.reveal()
    }

    #[test]
    fn a_thousand_mailboxes_are_one_letter_with_a_bounded_list() {
        let letter = to_admins(&mailboxes(1_000, State::NeedsConsent), PLACE, Lang::English);
        assert_eq!(letter.subject, "Postern: mailboxes to connect again: 1000");
        assert_eq!(body(&letter).matches("@example.com").count(), LISTED);
        assert!(body(&letter).contains("and 950 more"), "{}", body(&letter));
        assert!(
            body(&letter).contains(
                "user7@example.com\n    Google ended the access: https://crm.example.com/postern/r/ref7\n"
            ),
            "{}",
            body(&letter)
        );
        let few = to_admins(&mailboxes(LISTED, State::NeedsSignIn), PLACE, Lang::English);
        assert!(!body(&few).contains("postern account list"), "{}", body(&few));
        assert!(body(&few).contains("Google wants a new sign-in: "), "{}", body(&few));
    }

    #[test]
    fn a_refused_client_comes_first_and_alone_has_a_subject_of_its_own() {
        let refused = Refused { client: "1-a\r\nBcc: x".to_owned(), code: "invalid_client".to_owned() };
        let mut digest = Digest { refused: vec![refused], ..Digest::default() };
        let alone = to_admins(&digest, PLACE, Lang::English);
        assert_eq!(alone.subject, "Postern: Google refuses this installation");
        assert!(body(&alone).starts_with("Google refuses 1-a"), "{}", body(&alone));
        assert!(
            body(&alone).contains("(invalid_client)") && !body(&alone).contains('\r'),
            "{}",
            body(&alone)
        );
        assert!(!body(&alone).contains("mailboxes"), "{}", body(&alone));
        digest = Digest { refused: digest.refused, ..mailboxes(1, State::NeedsConsent) };
        let both = to_admins(&digest, PLACE, Lang::English);
        assert!(both.subject.ends_with(": 1"));
        let (client, list) = (body(&both).find("invalid_client"), body(&both).find("user0@"));
        assert!(client.is_some() && client < list, "{}", body(&both));
    }

    #[test]
    fn a_certificate_that_ends_is_told_with_its_day() {
        let certificate = Some("2026-12-30T00:00:00Z".to_owned());
        let letter = to_admins(&Digest { certificate, ..Digest::default() }, PLACE, Lang::English);
        assert_eq!(letter.subject, "Postern: the certificate ends soon");
        assert!(body(&letter).contains("2026-12-30T00:00:00Z"), "{}", body(&letter));
    }

    #[test]
    fn whoever_is_gone_from_the_crm_is_told_alone_or_with_others() {
        let gone = vec![Address::parse("eve@example.com").unwrap()];
        let alone = to_admins(&Digest { gone: gone.clone(), ..Digest::default() }, PLACE, Lang::English);
        assert_eq!(alone.subject, "Postern: users gone from the CRM: 1");
        assert!(body(&alone).contains("\n\neve@example.com\n"), "{}", body(&alone));
        assert!(body(&alone).contains(&format!("{PLACE}/admin")), "{}", body(&alone));
        let both = to_admins(&Digest { gone, ..mailboxes(1, State::NeedsConsent) }, PLACE, Lang::Czech);
        assert!(both.subject.ends_with(": 1") && body(&both).contains("eve@example.com"), "{}", body(&both));
    }

    #[test]
    fn an_owner_gets_the_link_and_is_told_what_for() {
        let (anna, link) = (Address::parse("anna@example.com").unwrap(), Secret::new("https://x/?link=w"));
        let letter = to_owner(&anna, State::NeedsConsent, &link, PLACE, Lang::English);
        assert_eq!(letter.subject, "Please connect your mailbox anna@example.com again");
        assert!(body(&letter).contains("\n\nhttps://x/?link=w\n\n"), "{}", body(&letter));
        assert!(!letter.subject.contains("link="));
        let other = to_owner(&anna, State::NeedsSignIn, &link, PLACE, Lang::English);
        assert!(body(&other).contains("from time to time") && body(&other) != body(&letter));
    }

    #[test]
    fn czech_words_say_the_same() {
        let letter = to_admins(&mailboxes(60, State::NeedsSignIn), PLACE, Lang::Czech);
        assert_eq!(letter.subject, "Postern: schránky, které je třeba znovu připojit: 60");
        assert!(body(&letter).contains("a další (10)"), "{}", body(&letter));
        assert!(body(&letter).contains("Google chce nové přihlášení: https://"), "{}", body(&letter));
        let anna = Address::parse("anna@example.com").unwrap();
        let owner = to_owner(&anna, State::NeedsConsent, &Secret::new("LINK"), PLACE, Lang::Czech);
        assert_eq!(owner.subject, "Připojte prosím znovu svou schránku anna@example.com");
        assert!(body(&owner).contains("\n\nLINK\n\n") && body(&owner).contains("hesla"), "{}", body(&owner));
    }
}
