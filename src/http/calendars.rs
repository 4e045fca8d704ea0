//! What the pages say of a mailbox's calendars: each in a line, and the
//! choices in words. Each choice among few goes by the word that it has in the
//! store, so that a form and what is stored are read by the same hand.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::model::id::CalendarId;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::entry::Entity;
use serde_json::Value;

use super::site::Site;
use crate::actions::calendars::choose::Wanted;
use crate::actions::calendars::teams::{Team, Whose};
use crate::actions::calendars::view::{Offer, View};
use crate::store::sync::calendar_users::Kind;
use crate::store::sync::runs::Run;
use crate::texts::{Calendars, Lang, Sentence};

/// How a run stands that is not over.
const RUNNING: &str = "running";

/// A choice among few.
pub(super) struct Group {
    /// Its key in the store and in forms.
    pub key: &'static str,
    /// What it is about.
    pub title: Calendars,
    /// The word of each option, and what it means.
    pub options: &'static [(&'static str, Calendars)],
}

/// Every choice among few.
pub(super) const GROUPS: &[Group] = &[
    Group {
        key: "direction",
        title: Calendars::Direction,
        options: &[
            ("both", Calendars::DirectionBoth),
            ("to_google", Calendars::DirectionToGoogle),
            ("to_crm", Calendars::DirectionToCrm),
        ],
    },
    Group {
        key: "private",
        title: Calendars::Private,
        options: &[
            ("skip", Calendars::PrivateSkip),
            ("busy", Calendars::PrivateBusy),
            ("full", Calendars::PrivateFull),
        ],
    },
    Group {
        key: "unanswered",
        title: Calendars::Invitations,
        options: &[("true", Calendars::InvitationsYes), ("false", Calendars::InvitationsNo)],
    },
    Group {
        key: "guests",
        title: Calendars::Guests,
        options: &[("true", Calendars::GuestsYes), ("false", Calendars::GuestsNo)],
    },
    Group {
        key: "writesGuests",
        title: Calendars::WritesGuests,
        options: &[("false", Calendars::WritesGuestsNo), ("true", Calendars::WritesGuestsYes)],
    },
    Group {
        key: "invitations",
        title: Calendars::Mails,
        options: &[("none", Calendars::MailsNone), ("all", Calendars::MailsAll)],
    },
    Group {
        key: "removes",
        title: Calendars::Removes,
        options: &[("false", Calendars::RemovesNo), ("true", Calendars::RemovesYes)],
    },
    Group {
        key: "removesNotHeld",
        title: Calendars::NotHeld,
        options: &[("false", Calendars::NotHeldNo), ("true", Calendars::NotHeldYes)],
    },
    Group {
        key: "takesPart",
        title: Calendars::TakesPart,
        options: &[("false", Calendars::TakesPartNo), ("true", Calendars::TakesPartYes)],
    },
    Group {
        key: "winner",
        title: Calendars::Winner,
        options: &[
            ("newest", Calendars::WinnerNewest),
            ("google", Calendars::WinnerGoogle),
            ("crm", Calendars::WinnerCrm),
        ],
    },
];

/// The word that stands for a choice among few.
pub(super) fn word(choices: &Choices, key: &str) -> String {
    let all = serde_json::to_value(choices).unwrap_or_default();
    match all.get(key) {
        Some(Value::String(word)) => word.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// A kind of record in words.
pub(super) fn kind(entity: Entity) -> Calendars {
    match entity {
        Entity::Meeting => Calendars::Meeting,
        Entity::Call => Calendars::Call,
    }
}

/// What an event without a label becomes.
pub(super) fn default_kind(entity: Option<Entity>) -> Calendars {
    match entity {
        Some(Entity::Meeting) => Calendars::DefaultMeeting,
        Some(Entity::Call) => Calendars::DefaultCall,
        None => Calendars::DefaultNone,
    }
}

/// A calendar in a line.
pub(super) struct Line {
    /// Identity.
    pub id: CalendarId,
    /// Its name.
    pub name: String,
    /// What the user may do there, and whether Google still lists it.
    pub role: String,
    /// Whether it can be chosen: it is listed, or is used already.
    pub open: bool,
    /// Whether it is the one to be the main calendar where none is chosen.
    pub proposed: bool,
    /// How its runs stand, where it is used.
    pub standing: Option<Standing>,
}

/// How the runs of a calendar stand.
pub(super) struct Standing {
    /// What it is used for.
    pub used: Calendars,
    /// How the last one went.
    pub run: String,
    /// Whether that is well.
    pub good: bool,
    /// What it did.
    pub figures: Option<String>,
    /// How far it is, while it runs.
    pub far: Option<Far>,
    /// What waits or was not done.
    pub open: Vec<String>,
}

/// How far a run is.
pub(super) struct Far {
    /// In words.
    pub words: String,
    /// Of how many how many are done, once that is known.
    pub part: Option<(i64, i64)>,
}

/// Whether any calendar is used.
pub(super) fn used(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.standing.is_some())
}

/// After how many seconds a page asks again; none when nothing is going on.
pub(super) fn going(view: &View, now: &str) -> Option<u32> {
    let used = view.calendars.iter().filter(|offer| offer.kind != Kind::Offered);
    let (mut running, mut due) = (false, false);
    for offer in used {
        running |= offer.run.as_ref().is_some_and(|run| run.status == RUNNING);
        due |= offer.next_at.as_str() <= now;
    }
    if running { Some(2) } else { due.then_some(5) }
}

/// The calendars, each in a line; `time` shows a time.
pub(super) fn lines(lang: Lang, view: &View, time: &dyn Fn(&str) -> String) -> Vec<Line> {
    view.calendars.iter().map(|offer| line(lang, offer, time)).collect()
}

fn line(lang: Lang, offer: &Offer, time: &dyn Fn(&str) -> String) -> Line {
    let mut role = role(&offer.role).say(lang);
    if !offer.listed {
        role = Calendars::GoneNote.say(lang);
    }
    let used = match offer.kind {
        Kind::Offered => None,
        Kind::Main => Some(Calendars::Main),
        Kind::Monitored => Some(Calendars::Monitored),
        Kind::Leaving => Some(Calendars::Leaving),
    };
    Line {
        id: offer.id,
        name: offer.name.clone(),
        role,
        open: offer.listed || used.is_some(),
        proposed: offer.proposed,
        standing: used.map(|used| standing(lang, used, offer, time)),
    }
}

fn standing(lang: Lang, used: Calendars, offer: &Offer, time: &dyn Fn(&str) -> String) -> Standing {
    let Some(run) = &offer.run else {
        let (run, good) = (Calendars::NoRun.say(lang), true);
        return Standing { used, run, good, figures: None, far: None, open: Vec::new() };
    };
    let word = match run.status.as_str() {
        "ok" => Calendars::RunGood.into(),
        RUNNING => Calendars::RunGoing.into(),
        "failed" => {
            let why = run.fault.as_deref().unwrap_or("?");
            Sentence::from(Calendars::RunFailed).with("why", why)
        }
        _ => Calendars::RunCut.into(),
    };
    let began = time(&crate::clock::written(run.started_at));
    Standing {
        used,
        run: format!("{} {began}: {}", Calendars::LastRun.say(lang), word.say(lang)),
        good: matches!(run.status.as_str(), "ok" | "running"),
        figures: Some(figures(lang, run)),
        far: (run.status == RUNNING).then(|| far(lang, run)),
        open: open(lang, run),
    }
}

/// How far a run is that still runs.
pub(super) fn far(lang: Lang, run: &Run) -> Far {
    if run.planned == 0 {
        return Far { words: Calendars::Reading.say(lang), part: None };
    }
    let told = Sentence::from(Calendars::Progress).with("done", &run.done).with("planned", &run.planned);
    let mut words = told.say(lang);
    if let Some((pace, left)) = run.pace() {
        let rate = Sentence::from(Calendars::Pace).with("rate", &format!("{pace:.1}")).say(lang);
        words = format!("{words} {rate} {}", self::left(left).say(lang));
    }
    Far { words, part: Some((run.done, run.planned)) }
}

fn left(left: Duration) -> Sentence {
    let minutes = left.as_secs().div_ceil(60);
    match minutes {
        0..=1 => Calendars::LeftSoon.into(),
        2..=90 => Sentence::from(Calendars::LeftMinutes).with("minutes", &minutes),
        _ => Sentence::from(Calendars::LeftHours)
            .with("hours", &(minutes / 60))
            .with("minutes", &(minutes % 60)),
    }
}

fn figures(lang: Lang, run: &Run) -> String {
    Sentence::from(Calendars::Figures)
        .with("seen", &run.seen)
        .with("made", &run.made)
        .with("written", &run.written)
        .with("removed", &run.removed)
        .say(lang)
}

/// What waits of a run, or was not done.
pub(super) fn open(lang: Lang, run: &Run) -> Vec<String> {
    let rows = [(run.held, Calendars::Held), (run.failed, Calendars::Failed)];
    let some = rows.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, phrase)| Sentence::from(phrase).with("count", &count).say(lang)).collect()
}

fn role(word: &str) -> Calendars {
    match word {
        "owner" => Calendars::RoleOwner,
        "writer" => Calendars::RoleWriter,
        "writerWithoutPrivateAccess" => Calendars::RolePartly,
        "reader" => Calendars::RoleReader,
        "freeBusyReader" => Calendars::RoleBusy,
        _ => Calendars::RoleNone,
    }
}

/// What stands, as what can be wanted.
pub(super) fn standing_wishes(view: &View) -> Wanted {
    Wanted {
        main: view.main(),
        monitored: view.monitored().into_iter().collect(),
        choices: view.choices.clone(),
        defaults: Some(view.defaults_version),
    }
}

/// Everything that can be chosen, in words, in the order of the form.
pub(super) fn told(lang: Lang, (view, teams): (&View, &[Team]), wanted: &Wanted) -> Vec<(String, String)> {
    let name = |id: &CalendarId| view.calendars.iter().find(|offer| offer.id == *id).map(|o| o.name.as_str());
    let names = |ids: &BTreeSet<CalendarId>| {
        let names: Vec<&str> = ids.iter().filter(|id| Some(**id) != wanted.main).filter_map(name).collect();
        if names.is_empty() { Calendars::None.say(lang) } else { names.join(", ") }
    };
    let choices = &wanted.choices;
    let main = wanted.main.as_ref().and_then(name).map_or_else(|| Calendars::None.say(lang), str::to_owned);
    let since = choices.since.map_or_else(|| "–".to_owned(), |day| day.to_string());
    let mut rows = vec![
        (Calendars::Main, main),
        (Calendars::Monitored, names(&wanted.monitored)),
        (Calendars::Since, since),
        (Calendars::Kinds, kinds(lang, choices)),
        (Calendars::DefaultKind, default_kind(choices.default_kind).say(lang)),
    ];
    for group in GROUPS {
        let word = word(choices, group.key);
        let found = group.options.iter().find(|(option, _)| *option == word);
        rows.push((group.title, found.map_or(word.clone(), |(_, phrase)| phrase.say(lang))));
    }
    let called = |id: &String| teams.iter().find(|team| team.id == *id).map_or(id, |team| &team.name).clone();
    let team = choices.default_team.as_ref().map_or_else(|| Calendars::None.say(lang), called);
    rows.push((Calendars::Team, team));
    rows.into_iter().map(|(title, words)| (title.say(lang), words)).collect()
}

/// The teams from which a mailbox's user chooses; none when the CRM does not tell.
pub(super) async fn teams(site: &Site, view: &View) -> Option<Vec<Team>> {
    match view.account.crm_user.clone() {
        Some(user) => site.teams.told(&site.store, &Whose::User(user)).await,
        None => Some(Vec::new()),
    }
}

fn kinds(lang: Lang, choices: &Choices) -> String {
    let one = |chosen: &postern_core::plan::calendar::choices::Kind| {
        let name = kind(chosen.entity).say(lang);
        if chosen.label.is_empty() {
            return name;
        }
        format!("{name} ({})", Sentence::from(Calendars::Label).with("label", &chosen.label).say(lang))
    };
    choices.kinds.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Who was faster, in words; `by` is the journal's name of an author.
pub(super) fn who(lang: Lang, by: Option<&str>) -> String {
    let by = by.unwrap_or_default();
    let named = |phrase: Calendars, rest: &str| {
        let name = rest.rsplit_once(' ').map_or(rest, |(name, _)| name);
        Sentence::from(phrase).with("name", name).say(lang)
    };
    match by.split_once(':') {
        Some(("key", rest)) => named(Calendars::Program, rest),
        Some(("admin", rest)) => named(Calendars::Admin, rest),
        _ if by.starts_with("owner") => Calendars::You.say(lang),
        _ => Calendars::Somebody.say(lang),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Choices, GROUPS, left, who, word};
    use crate::texts::Lang;

    #[test]
    fn each_default_is_one_of_the_options() {
        let choices = Choices::default();
        for group in GROUPS {
            let word = word(&choices, group.key);
            assert!(group.options.iter().any(|(option, _)| *option == word), "{}: {word}", group.key);
        }
    }

    #[test]
    fn the_rest_is_told_roughly() {
        for (seconds, words) in [
            (0, "less than a minute left"),
            (60, "less than a minute left"),
            (61, "about 2 minutes left"),
            (5_400, "about 90 minutes left"),
            (7_500, "about 2 h 5 min left"),
        ] {
            let told = left(Duration::from_secs(seconds)).say(Lang::English);
            assert!(told.contains(words), "{seconds}: {told}");
        }
    }

    #[test]
    fn authors_are_named_without_their_addresses() {
        for (by, words) in [
            (Some("key:our crm 192.0.2.1"), "the program our crm"),
            (Some("admin:jan 2001:db8::1"), "the admin jan"),
            (Some("owner 192.0.2.1"), "you yourself, in another window"),
            (Some("gateway"), "somebody"),
            (None, "somebody"),
        ] {
            assert_eq!(who(Lang::English, by), words);
        }
    }
}
