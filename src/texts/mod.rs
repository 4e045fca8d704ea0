//! Every sentence for people, in their language.
//!
//! A part of the program names a [`Text`] and fills its gaps; only here it
//! becomes words. Every language has every text with the same gaps, which a
//! test holds. What the pages of an admin say stands in [`Desk`] and its
//! neighbours, both languages side by side, so that none can be missing.

mod accounts;
mod admins;
mod calendars;
mod charts;
mod connect;
mod contact_words;
mod contacts;
mod cs;
mod desk;
mod en;
mod google;
mod jobs;
mod journal;
mod keys;
mod lang;
mod leaving;
mod letters;
mod onboarding;
mod owner;
mod pairs;
mod panel;
mod phrases;
mod provision;
mod quota;
mod registering;
mod rules;
mod settings;
mod undos;

pub use accounts::Accounts;
pub use admins::Admins;
pub use calendars::Calendars;
pub use charts::Charts;
pub use connect::Connect;
pub use contact_words::ContactWords;
pub use contacts::Contacts;
pub use desk::Desk;
pub use google::Google;
pub use jobs::Jobs;
pub use journal::{EVENTS, Happened, Journal};
pub use keys::Keys;
pub use lang::Lang;
pub use leaving::Leaving;
pub use letters::Letters;
pub use onboarding::Onboarding;
pub use owner::Owner;
pub use pairs::Pairs;
pub use panel::Panel;
pub use provision::Provision;
pub use quota::Quota;
pub use registering::Registering;
pub use rules::Rules;
pub use settings::Settings;
pub use undos::{Undos, done};

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// A sentence or two, without language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Text {
            $($(#[$doc])* $name,)*
        }

        impl Text {
            /// Every text.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

texts! {
    /// Title of the page at the root.
    HomeTitle,
    /// What this place is.
    HomeBody,
    /// Title of an unknown page.
    NotFoundTitle,
    /// What to do about it.
    NotFoundBody,
    /// Title of a request that cannot be answered.
    RequestTitle,
    /// The page cannot be asked this way.
    MethodBody,
    /// The request makes no sense.
    BadRequestBody,
    /// The request came under another host name.
    WrongHostBody,
    /// A form was sent by another site.
    CrossSiteBody,
    /// The answer took too long.
    TooSlowBody,
    /// Title of the page with the button.
    StartTitle,
    /// Who is about to be connected: `{address}`.
    StartBody,
    /// What it may not.
    StartMayNot,
    /// Which Google account to pick: `{address}`.
    StartPick,
    /// The button.
    StartButton,
    /// Title of a link that opens nothing.
    LinkTitle,
    /// Nobody knows the link.
    LinkUnknown,
    /// The link was used.
    LinkUsed,
    /// The link is too old.
    LinkExpired,
    /// The installation has no Google client.
    NoClient,
    /// The account is disabled.
    Disabled,
    /// The account waits for an admin.
    AwaitingApproval,
    /// There is nothing to connect.
    NotNeeded,
    /// The database does not answer.
    StoreDown,
    /// Title after a success.
    ConnectedTitle,
    /// The mailbox is connected: `{address}`.
    ConnectedBody,
    /// Google shows another address: `{address}`, `{new}`.
    ConnectedRenamed,
    /// Nothing more to do here.
    ConnectedClose,
    /// Title after a failure.
    RefusedTitle,
    /// The answer belongs to no consent, or came twice.
    StateUnknown,
    /// More than ten minutes have passed.
    StateExpired,
    /// Another browser, or cookies are off.
    CookieMissing,
    /// The person pressed Cancel.
    Declined,
    /// Google refuses the client: `{code}`.
    ClientRefused,
    /// Google refuses the code.
    CodeRefused,
    /// Google does not answer.
    GoogleDown,
    /// Google's word on who consented is not believed.
    NotProven,
    /// Google does not vouch for the address.
    NotVerified,
    /// Another Google account: `{expected}`, `{got}`.
    WrongAccount,
    /// The same address, another person: `{address}`.
    AnotherPerson,
    /// The Google account is connected as another mailbox: `{address}`.
    KnownElsewhere,
    /// The organisation is not allowed: `{got}`.
    WrongDomain,
    /// Gmail was not ticked.
    ProductMissing,
    /// Google gave nothing lasting.
    NoRefreshToken,
    /// How to start over.
    TryAgain,
    /// Title of a page behind a reference.
    HelpTitle,
    /// Title for a reference that nobody knows.
    HelpUnknownTitle,
    /// What to do about it.
    HelpUnknownBody,
    /// The mailbox works again.
    HelpFine,
    /// The mail program's token or user name is wrong.
    HelpWrongToken,
    /// The token's time is over.
    HelpTokenExpired,
    /// Not connected.
    HelpNeedsConsent,
    /// Google wants a fresh sign-in.
    HelpNeedsSignIn,
    /// Gmail was not granted.
    HelpProductMissing,
    /// Google refuses the installation.
    HelpClientRefused,
    /// Gmail refused: `{words}`.
    HelpRefusedByGmail,
    /// For the moment.
    HelpUnavailable,
    /// Too many connections.
    HelpTooMany,
    /// Before an address.
    MailboxLabel,
    /// Before a reference.
    ReferenceLabel,
    /// Subject of a digest about mailboxes: `{count}`.
    NoticeMailboxesSubject,
    /// Subject of a digest about the client.
    NoticeClientSubject,
    /// Before the list of mailboxes: `{count}`.
    NoticeMailboxes,
    /// Subject of a digest about the certificate.
    NoticeCertificateSubject,
    /// When the certificate ends: `{at}`.
    NoticeCertificate,
    /// Subject of a digest about users of the CRM: `{count}`.
    NoticeGoneSubject,
    /// Before the list of those: `{count}`, `{page}`.
    NoticeGone,
    /// How many are not in the list: `{count}`.
    NoticeMore,
    /// The owners were written to.
    NoticeOwnersToo,
    /// In the list: Google ended the grant.
    NoticeNeedsConsent,
    /// In the list: Google wants a fresh sign-in.
    NoticeNeedsSignIn,
    /// Google refuses the client: `{client}`, `{code}`.
    NoticeClient,
    /// Subject of a message to an owner: `{address}`.
    NoticeOwnerSubject,
    /// Google ended the grant: `{address}`.
    NoticeOwnerConsent,
    /// Google wants a fresh sign-in: `{address}`.
    NoticeOwnerSignIn,
    /// Before the link.
    NoticeOwnerLink,
    /// How to tell it from a fraud: `{place}`.
    NoticeOwnerDoubt,
    /// Who writes: `{place}`.
    NoticeFrom,
}

/// A text with what fills its gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    // English, Czech.
    words: [&'static str; 2],
    fills: Vec<(&'static str, String)>,
}

impl Sentence {
    /// What is the same in every language: an address, a name.
    #[must_use]
    pub fn said(words: &str) -> Self {
        Self { words: ["{words}"; 2], fills: Vec::new() }.with("words", words)
    }

    /// Fills the gap `{name}`; what is filled in is not looked through again.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.fills.push((name, value.to_string()));
        self
    }

    /// The words. They are not escaped for any format.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let mut out = String::new();
        let [english, czech] = self.words;
        let mut rest = match lang {
            Lang::English => english,
            Lang::Czech => czech,
        };
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            out.push_str(self.fills.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}

impl From<Text> for Sentence {
    fn from(text: Text) -> Self {
        Self { words: [words(Lang::English, text), words(Lang::Czech, text)], fills: Vec::new() }
    }
}

impl Text {
    /// The words of a text without gaps.
    #[must_use]
    pub fn say(self, lang: Lang) -> String {
        Sentence::from(self).say(lang)
    }
}

fn words(lang: Lang, text: Text) -> &'static str {
    let table = match lang {
        Lang::English => en::WORDS,
        Lang::Czech => cs::WORDS,
    };
    table.iter().find(|(key, _)| *key == text).map_or("", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::{Lang, Sentence, Text, words};

    fn gaps(text: &str) -> Vec<&str> {
        let mut gaps: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        gaps.sort_unstable();
        gaps.dedup();
        gaps
    }

    #[test]
    fn every_language_has_every_text_once_with_the_same_gaps() {
        for (lang, table) in [(Lang::English, super::en::WORDS), (Lang::Czech, super::cs::WORDS)] {
            for text in Text::ALL {
                assert_eq!(table.iter().filter(|(key, _)| key == text).count(), 1, "{lang:?} {text:?}");
                assert!(!words(lang, *text).is_empty(), "{lang:?} {text:?}");
                assert_eq!(gaps(words(lang, *text)), gaps(words(Lang::English, *text)), "{lang:?} {text:?}");
            }
        }
    }

    #[test]
    fn both_languages_of_the_admin_pages_have_the_same_gaps() {
        let all = [
            super::desk::Desk::BOTH,
            super::accounts::Accounts::BOTH,
            super::owner::Owner::BOTH,
            super::panel::Panel::BOTH,
            super::admins::Admins::BOTH,
            super::calendars::Calendars::BOTH,
            super::charts::Charts::BOTH,
            super::google::Google::BOTH,
            super::jobs::Jobs::BOTH,
            super::keys::Keys::BOTH,
            super::leaving::Leaving::BOTH,
            super::connect::Connect::BOTH,
            super::contacts::Contacts::BOTH,
            super::contact_words::ContactWords::BOTH,
            super::letters::Letters::BOTH,
            super::onboarding::Onboarding::BOTH,
            super::settings::Settings::BOTH,
            super::undos::Undos::BOTH,
            super::registering::Registering::BOTH,
            super::provision::Provision::BOTH,
            super::pairs::Pairs::BOTH,
            super::quota::Quota::BOTH,
            super::rules::Rules::BOTH,
            super::journal::Journal::BOTH,
            super::journal::Happened::BOTH,
        ]
        .concat();
        for [english, czech] in all {
            assert!(!english.is_empty() && !czech.is_empty(), "{english:?} {czech:?}");
            assert_eq!(gaps(english), gaps(czech), "{english:?}");
        }
    }

    #[test]
    fn gaps_are_filled_once() {
        let told = Sentence::from(Text::WrongAccount)
            .with("expected", "{got}")
            .with("got", "eva@x.cz")
            .say(Lang::English);
        assert!(told.contains("{got}") && told.contains("eva@x.cz"), "{told}");
        assert_eq!(
            told.matches("eva@x.cz").count(),
            words(Lang::English, Text::WrongAccount).matches("{got}").count()
        );
    }
}
