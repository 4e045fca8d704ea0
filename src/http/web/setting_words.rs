//! The words for each setting of the running gateway.

use crate::actions::settings::Source;
use crate::config::{Form, Origin, Tunable};
use crate::texts::{Lang, Sentence, Settings};

macro_rules! words {
    ($($name:literal: $group:ident, $title:ident, $help:ident;)*) => {
        const WORDS: &[(&str, [Settings; 3])] =
            &[$(($name, [Settings::$group, Settings::$title, Settings::$help])),*];
    };
}

words! {
    "google.connect": Connecting, Connect, ConnectHelp;
    "google.products": Connecting, Products, ProductsHelp;
    "google.allowed_domains": Connecting, AllowedDomains, AllowedDomainsHelp;
    "limits.account_sessions": Sessions, AccountSessions, AccountSessionsHelp;
    "limits.account_smtp_sessions": Sessions, AccountSmtpSessions, AccountSmtpSessionsHelp;
    "limits.connections_per_address": Clients, ConnectionsPerAddress, ConnectionsPerAddressHelp;
    "limits.imap_idle": Clients, ImapIdle, ImapIdleHelp;
    "limits.message_size": Clients, MessageSize, MessageSizeHelp;
    "limits.login_throttle": Guard, LoginThrottle, LoginThrottleHelp;
    "limits.login_throttle_window": Guard, LoginThrottleWindow, LoginThrottleWindowHelp;
    "limits.login_throttle_delay": Guard, LoginThrottleDelay, LoginThrottleDelayHelp;
    "audit.retention": Records, Retention, RetentionHelp;
    "notices.to": Records, NoticesTo, NoticesToHelp;
    "notices.owners": Records, NoticesOwners, NoticesOwnersHelp;
}

fn find(name: &str) -> [Settings; 3] {
    let found = WORDS.iter().find(|(known, _)| *known == name);
    found.map_or([Settings::Title; 3], |(_, words)| *words)
}

/// Under which heading it stands.
pub(super) fn group(name: &str) -> Settings {
    find(name)[0]
}

/// What it is called, and what it does.
pub(super) fn of(name: &str) -> (Settings, Settings) {
    let [_, title, help] = find(name);
    (title, help)
}

/// What may be written into it.
pub(super) fn range(lang: Lang, tunable: &Tunable) -> Option<String> {
    let (phrase, least, most) = match tunable.form {
        Form::Number(least, most) => (Settings::RangeNumber, least.to_string(), most.to_string()),
        Form::Octets(least, most) => (Settings::RangeOctets, least.to_string(), most.to_string()),
        Form::Time(least, most) => {
            (Settings::RangeTime, crate::config::written(least), crate::config::written(most))
        }
        Form::Addresses => return Some(Settings::RangeAddresses.say(lang)),
        Form::Domains => return Some(Settings::RangeDomains.say(lang)),
        Form::Products => return Some(Settings::RangeProducts.say(lang)),
        Form::Flag => return None,
    };
    Some(Sentence::from(phrase).with("least", &least).with("most", &most).say(lang))
}

/// A value for reading.
pub(super) fn shown(lang: Lang, tunable: &Tunable, value: &str) -> String {
    match (tunable.form, value) {
        (Form::Flag, "true") => Settings::Yes.say(lang),
        (Form::Flag, "false") => Settings::No.say(lang),
        (Form::Addresses, "") => Settings::Nothing.say(lang),
        (Form::Domains, "") => Settings::Everybody.say(lang),
        _ => value.to_owned(),
    }
}

/// Going back to the default.
pub(super) fn default(lang: Lang, tunable: &Tunable) -> String {
    let value = shown(lang, tunable, tunable.default());
    Sentence::from(Settings::Default).with("default", &value).say(lang)
}

/// Where a value comes from.
pub(super) fn source(lang: Lang, source: &Source) -> String {
    match source {
        Source::Default => Settings::IsDefault.say(lang),
        Source::Stored => Settings::IsStored.say(lang),
        Source::Unfit(why) => Sentence::from(Settings::IsUnfit).with("why", why).say(lang),
        Source::Fixed(Origin::Line { file, line }) => {
            Sentence::from(Settings::SetAtLine).with("file", file).with("line", line).say(lang)
        }
        Source::Fixed(Origin::File(file)) => Sentence::from(Settings::SetInFile).with("file", file).say(lang),
        Source::Fixed(Origin::Variable(name)) => {
            Sentence::from(Settings::SetByVariable).with("name", name).say(lang)
        }
    }
}

/// Why a value cannot be used; what the parser says only where no phrase says it.
pub(super) fn unfit(lang: Lang, tunable: &Tunable, why: &str) -> String {
    match (tunable.form, why) {
        (Form::Addresses | Form::Flag, why) if why.contains("notices.via") => Settings::NoVia.say(lang),
        (Form::Addresses | Form::Flag, why) if why.starts_with("nobody") => Settings::Nobody.say(lang),
        (Form::Flag, why) => Sentence::from(Settings::UnfitWhy).with("why", why).say(lang),
        (_, _) => {
            let range = range(lang, tunable).unwrap_or_default();
            Sentence::from(Settings::Unfit).with("range", &range).say(lang)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use crate::config::TUNABLE;

    #[test]
    fn every_setting_has_words_in_the_order_of_the_page() {
        let words: Vec<_> = WORDS.iter().map(|(name, _)| *name).collect();
        let settings: Vec<_> = TUNABLE.iter().map(|tunable| tunable.name).collect();
        assert_eq!(words, settings);
    }
}
