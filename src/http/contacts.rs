//! What the pages say of a mailbox's contacts: how they stand, what waits, and the
//! choices in words. Each choice among few goes by the word that it has in the
//! store, so that a form and what is stored are read by the same hand.

use postern_core::model::id::DeadLetterId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::Choices;
use postern_core::plan::record::Field;
use serde_json::Value;

use super::calendars::{Far, far, open};
use super::pairs::{At, HoldLine};
use crate::actions::contacts::view::View;
use crate::actions::contacts::waiting::{About, Held, Letter, Waiting};
use crate::clock::written;
use crate::store::contacts::groups;
use crate::store::sync::runs::Run;
use crate::texts::{Calendars, ContactWords, Contacts, Lang, Pairs, Rules, Sentence};

/// How a run stands that is not over.
const RUNNING: &str = "running";

/// A choice among few.
pub(super) struct Group {
    /// Its key in the store and in forms.
    pub key: &'static str,
    /// What it is about.
    pub title: Contacts,
    /// The word of each option, and what it means.
    pub options: &'static [(&'static str, Contacts)],
}

/// Every choice among few.
pub(super) const GROUPS: &[Group] = &[
    Group {
        key: "direction",
        title: Contacts::Direction,
        options: &[
            ("to_google", Contacts::DirectionToGoogle),
            ("to_crm", Contacts::DirectionToCrm),
            ("both", Contacts::DirectionBoth),
        ],
    },
    Group {
        key: "strangers",
        title: Contacts::Strangers,
        options: &[
            ("ignore", Contacts::StrangersIgnore),
            ("review", Contacts::StrangersReview),
            ("contact", Contacts::StrangersContact),
            ("lead", Contacts::StrangersLead),
        ],
    },
    Group {
        key: "deletesPersons",
        title: Contacts::DeletesPersons,
        options: &[("false", Contacts::DeletesPersonsNo), ("true", Contacts::DeletesPersonsYes)],
    },
    Group {
        key: "deletesRecords",
        title: Contacts::DeletesRecords,
        options: &[("false", Contacts::DeletesRecordsNo), ("true", Contacts::DeletesRecordsYes)],
    },
    Group {
        key: "winner",
        title: Contacts::Winner,
        options: &[
            ("newest", Contacts::WinnerNewest),
            ("google", Contacts::WinnerGoogle),
            ("crm", Contacts::WinnerCrm),
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

/// The records of a kind in words.
pub(super) fn kind(entity: Entity) -> Contacts {
    match entity {
        Entity::Contact => Contacts::KindContact,
        Entity::Lead => Contacts::KindLead,
    }
}

/// Why a run failed, in a sentence.
pub(super) fn why(lang: Lang, word: &str) -> String {
    Sentence::from(ContactWords::of_fault(word)).with("word", word).say(lang)
}

/// What came of a record that was pushed, in a sentence.
pub(super) fn result(lang: Lang, word: &str) -> String {
    let phrase = ContactWords::of_push(word).unwrap_or(ContactWords::OtherWord);
    Sentence::from(phrase).with("word", word).say(lang)
}

/// Why somebody has to be asked, in a sentence.
pub(super) fn asked(lang: Lang, word: &str) -> String {
    let phrase = ContactWords::of_question(word).unwrap_or(ContactWords::OtherWord);
    Sentence::from(phrase).with("word", word).say(lang)
}

/// A name, or words in its place.
pub(super) fn named(lang: Lang, name: String) -> String {
    if name.trim().is_empty() { Contacts::Unnamed.say(lang) } else { name }
}

/// A group that can be chosen.
pub(super) struct GroupLine {
    /// Its name at Google.
    pub resource: String,
    /// As people call it, and what it is.
    pub words: String,
}

/// The groups that can be chosen; those that are stand among them, whatever Google lists.
pub(super) fn groups(lang: Lang, view: &View) -> Vec<GroupLine> {
    let line = |group: &groups::Group| GroupLine {
        resource: group.listed.resource.clone(),
        words: called(lang, group),
    };
    let mut all: Vec<GroupLine> = view.offered().into_iter().map(line).collect();
    for chosen in view.choices.group.iter().chain(&view.choices.monitored) {
        if !all.iter().any(|one| one.resource == *chosen) {
            let words = Sentence::from(Contacts::GroupGone).with("name", chosen).say(lang);
            all.push(GroupLine { resource: chosen.clone(), words });
        }
    }
    all
}

fn called(lang: Lang, group: &groups::Group) -> String {
    let phrase = match (group.active, group.listed.own) {
        (false, _) => Contacts::GroupGone,
        (true, true) => Contacts::GroupOwn,
        (true, false) => Contacts::GroupGoogles,
    };
    let name = named(lang, group.listed.name.clone());
    Sentence::from(phrase).with("name", &name).with("count", &group.listed.members).say(lang)
}

/// How the runs of a mailbox's contacts stand.
pub(super) struct Standing {
    /// The group that is kept in step.
    pub group: String,
    /// How the last run went.
    pub run: String,
    /// Whether that is well.
    pub good: bool,
    /// What it did.
    pub figures: Option<String>,
    /// How far it is, while it runs.
    pub far: Option<Far>,
    /// What waits or was not done.
    pub open: Vec<String>,
    /// When the next one begins.
    pub next: Option<String>,
}

/// How the runs stand; none when no group is chosen. `time` shows a time.
pub(super) fn standing(lang: Lang, view: &View, now: i64, time: &dyn Fn(&str) -> String) -> Option<Standing> {
    let chosen = view.choices.group.as_ref()?;
    let group = view.group().map_or_else(
        || Sentence::from(Contacts::GroupGone).with("name", chosen).say(lang),
        |group| called(lang, group),
    );
    let last = view.runs.first();
    let running = last.is_some_and(|run| run.status == RUNNING);
    let next = view.next_at().filter(|_| !running).map(|at| match at > now {
        true => Sentence::from(Contacts::NextRun).with("at", &time(&written(at))).say(lang),
        false => Contacts::NextRunSoon.say(lang),
    });
    let Some(run) = last else {
        let (run, good) = (Calendars::NoRun.say(lang), true);
        return Some(Standing { group, run, good, figures: None, far: None, open: Vec::new(), next });
    };
    Some(Standing {
        group,
        run: format!("{} {}", Calendars::LastRun.say(lang), ran(lang, run, time)),
        good: good(run),
        figures: Some(figures(lang, run)),
        far: running.then(|| far(lang, run)),
        open: open(lang, run),
        next,
    })
}

fn good(run: &Run) -> bool {
    matches!(run.status.as_str(), "ok" | RUNNING)
}

/// When a run began, and how it went.
fn ran(lang: Lang, run: &Run, time: &dyn Fn(&str) -> String) -> String {
    let word = match run.status.as_str() {
        "ok" => Calendars::RunGood.into(),
        RUNNING => Calendars::RunGoing.into(),
        "failed" => {
            let why = why(lang, run.fault.as_deref().unwrap_or("?"));
            Sentence::from(Contacts::RunFailed).with("why", &why)
        }
        _ => Calendars::RunCut.into(),
    };
    format!("{}: {}", time(&written(run.started_at)), word.say(lang))
}

fn figures(lang: Lang, run: &Run) -> String {
    Sentence::from(Contacts::Figures)
        .with("seen", &run.seen)
        .with("made", &run.made)
        .with("written", &run.written)
        .with("removed", &run.removed)
        .say(lang)
}

/// A run in a line, whether it went well, and what it did.
pub(super) type RunLine = (String, bool, String);

/// The last runs, each in a line.
pub(super) fn runs(lang: Lang, view: &View, most: usize, time: &dyn Fn(&str) -> String) -> Vec<RunLine> {
    let line = |run: &Run| (ran(lang, run, time), good(run), figures(lang, run));
    view.runs.iter().take(most).map(line).collect()
}

/// After how many seconds a page asks again; none when nothing is going on.
pub(super) fn going(view: &View, now: i64) -> Option<u32> {
    let running = view.runs.first().is_some_and(|run| run.status == RUNNING);
    let due = view.next_at().is_some_and(|at| at <= now);
    if running { Some(2) } else { due.then_some(5) }
}

/// How many there are of each, with what is said of them, to their owner or to another, and where they
/// stand below the page.
pub(super) fn counts(view: &View, owner: bool) -> Vec<(i64, Contacts, &'static str)> {
    let count = |all: usize| i64::try_from(all).unwrap_or(i64::MAX);
    let (active, all) = view.links;
    vec![
        (active, Contacts::LinksActive, "/pairs"),
        (all - active, Contacts::LinksApart, "/pairs"),
        (view.waiting, Contacts::PushesWait, "/push"),
        (
            count(view.questions.len()),
            if owner { Contacts::QuestionsWait } else { Contacts::QuestionsWaitThere },
            "/review",
        ),
        (count(view.letters.len()), Contacts::LettersWait, "#waiting"),
    ]
}

/// Everything that can be chosen, in words, in the order of the form.
pub(super) fn told(lang: Lang, view: &View, choices: &Choices) -> Vec<(String, String)> {
    let listed = |resource: &String| view.groups.iter().find(|group| group.listed.resource == *resource);
    let name = |chosen: &String| listed(chosen).map_or_else(|| chosen.clone(), |group| called(lang, group));
    let group = choices.group.as_ref().map_or_else(|| Contacts::GroupNone.say(lang), name);
    let monitored = choices.monitored.iter().map(name).collect::<Vec<_>>().join(", ");
    let mut rows = vec![(Contacts::Group, group), (Contacts::Kinds, kinds(lang, choices))];
    if !monitored.is_empty() {
        rows.insert(1, (Contacts::Monitored, monitored));
    }
    for group in GROUPS {
        let word = word(choices, group.key);
        let found = group.options.iter().find(|(option, _)| *option == word);
        rows.push((group.title, found.map_or(word.clone(), |(_, phrase)| phrase.say(lang))));
    }
    let fields = Field::PERSON.into_iter().filter(|field| choices.fields.contains(field));
    let fields: Vec<String> = fields.map(|field| Pairs::from(field).say(lang)).collect();
    rows.push((Contacts::Fields, fields.join(", ")));
    let filter = choices.filter.clone().unwrap_or_else(|| Contacts::FilterNone.say(lang));
    rows.push((Contacts::Filter, filter));
    let country = choices.country.as_ref().map(|country| country.as_str().to_owned());
    rows.push((Contacts::Country, country.unwrap_or_else(|| Contacts::CountryNone.say(lang))));
    rows.into_iter().map(|(title, words)| (title.say(lang), words)).collect()
}

fn kinds(lang: Lang, choices: &Choices) -> String {
    choices.kinds.iter().map(|entity| kind(*entity).say(lang)).collect::<Vec<_>>().join(", ")
}

/// What waits for somebody, in lines.
pub(super) struct Lines {
    lang: Lang,
    pub path: String,
    pub token: String,
    /// What could not be done.
    pub letters: Vec<LetterLine>,
    /// What wants a word.
    pub holds: Vec<HoldLine>,
}

/// Something that could not be done.
pub(super) struct LetterLine {
    pub id: DeadLetterId,
    pub name: String,
    pub key: String,
    pub about: Contacts,
    pub why: String,
    pub tried: String,
}

impl Lines {
    /// What waits, on a page that stands there.
    pub fn of(at: At<'_>, waiting: Waiting) -> Self {
        Self {
            letters: waiting.letters.into_iter().map(|one| letter(&at, one)).collect(),
            holds: waiting.holds.into_iter().map(|one| held(&at, one)).collect(),
            lang: at.lang,
            path: at.path,
            token: at.token,
        }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }

    /// Whether there is nothing to tell.
    pub fn none(&self) -> bool {
        self.letters.is_empty() && self.holds.is_empty()
    }
}

fn letter(at: &At<'_>, letter: Letter) -> LetterLine {
    let tried = Sentence::from(Pairs::Tried)
        .with("count", &letter.attempts)
        .with("first", &(at.time)(&written(letter.first_at)))
        .with("last", &(at.time)(&written(letter.last_at)));
    let of_person = letter.key.starts_with("people/");
    LetterLine {
        id: letter.id,
        name: named(at.lang, letter.name),
        about: if of_person { Contacts::OfPerson } else { Contacts::OfRecord },
        why: Sentence::from(Pairs::Reason).with("why", &letter.reason).say(at.lang),
        tried: tried.say(at.lang),
        key: letter.key,
    }
}

fn held(at: &At<'_>, held: Held) -> HoldLine {
    let shown = i64::try_from(held.some.len()).unwrap_or(i64::MAX);
    let told = Sentence::from(Contacts::HeldLine)
        .with("count", &held.count)
        .with("what", &Pairs::of_class(&held.class).say(at.lang))
        .with("since", &(at.time)(&written(held.since)))
        .with("until", &(at.time)(&written(held.until)));
    let about = |about| match about {
        About::Group => Contacts::GroupSubject.say(at.lang),
        About::Somebody(name) => named(at.lang, name),
    };
    let line = |(of, rule)| (about(of), Rules::from(rule).say(at.lang));
    HoldLine {
        id: held.id,
        told: told.say(at.lang),
        more: held.count > shown,
        some: held.some.into_iter().map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Choices, GROUPS, result, why, word};
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
    fn words_of_another_version_are_told_as_they_are() {
        assert_eq!(result(Lang::English, "future"), "It was left alone (future).");
        assert!(why(Lang::English, "future").contains("(future)"));
        assert!(!why(Lang::English, "group_gone").contains("group_gone"));
    }
}
