//! What the pages say of taking a run back, or of removing everything that was made
//! for a mailbox: the runs that can be, and what would become of it. What comes from outside is escaped by the templates.

use axum::http::StatusCode;
use postern_core::model::id::RunId;
use postern_core::model::scope::Product;
use postern_core::plan::record::Value;
use postern_core::plan::undo::{Act, Left};

use super::form::parameter;
use super::pairs::{At, titled};
use super::story::said;
use crate::actions::calendars::CalendarFault;
use crate::actions::contacts::ContactsFault;
use crate::actions::undoing::{self as changed, Changed, NotUndone, Preview, What};
use crate::clock::written;
use crate::store::sync::undos::State;
use crate::texts::{Contacts, Lang, Pairs, Sentence, Undos, done};

/// Most pairs that a page shows of one kind.
const SHOWN: usize = 200;
/// As far back as a page goes.
const MOST: i64 = 1_000_000;

/// The last runs that have changed something, each in a line.
pub(super) struct Runs {
    lang: Lang,
    pub path: String,
    pub lines: Vec<RunLine>,
    /// Where those before them are.
    pub earlier: Option<String>,
    /// Whether there are others after them.
    pub later: bool,
    /// Whether anything may have been made.
    pub removal: bool,
}

/// A run.
pub(super) struct RunLine {
    pub id: RunId,
    pub told: String,
    /// How it stands with taking it back.
    pub asked: Option<String>,
}

impl Runs {
    /// The runs, on a page that stands there.
    pub fn of(at: &At<'_>, runs: &changed::Runs, removal: bool) -> Self {
        let lines = runs.list.iter().map(|one| line(at, runs.product, one)).collect();
        let next = runs.offset + changed::RUNS;
        Self {
            lang: at.lang,
            path: at.path.clone(),
            lines,
            earlier: (next < runs.total).then(|| format!("{}?runs={next}", at.path)),
            later: runs.offset > 0,
            removal,
        }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }
}

fn line(at: &At<'_>, product: Product, changed: &Changed) -> RunLine {
    let run = &changed.run;
    let phrase = match product {
        Product::Contacts => Undos::LineContacts,
        _ if run.people > 0 => Undos::LinePeople,
        _ => Undos::Line,
    };
    let told = Sentence::from(phrase)
        .with("at", &(at.time)(&written(run.began_at)))
        .with("calendar", &changed.calendar_name)
        .with("made", &run.made)
        .with("written", &run.written)
        .with("removed", &run.removed)
        .with("people", &run.people);
    let asked = changed.asked.as_ref();
    let asked = asked.map(|asked| stands(at.lang, &OF_A_RUN, (asked.state, asked.done, asked.acts)));
    RunLine { id: RunId(run.run_id), told: told.say(at.lang), asked }
}

fn stands(lang: Lang, said: &Said, (state, done, acts): (State, i64, i64)) -> String {
    let phrase = match state {
        State::Waiting => said.waiting,
        State::Done => said.done,
        State::Partly => said.partly,
        State::Expired => Undos::Expired,
    };
    let count = Sentence::from(Undos::Count).with("done", &done).with("acts", &acts);
    format!("{} {}", phrase.say(lang), count.say(lang))
}

/// What taking a run back would do, in lines.
pub(super) struct Lines {
    lang: Lang,
    pub path: String,
    pub token: String,
    /// Where it is confirmed.
    pub action: String,
    pub said: Said,
    /// Stands for what is shown; none when nothing can be confirmed now.
    pub mark: Option<String>,
    pub asked: Option<String>,
    pub acts: Vec<ActLine>,
    pub more: Option<String>,
    /// That there is more than is done at once.
    pub rest: Option<String>,
    pub left: Vec<LeftLine>,
    pub left_more: bool,
    /// What does not come back of what is made again.
    pub lost: Option<Undos>,
    /// Where it leads back to.
    pub back: Sentence,
    /// What the CRM sends about it.
    pub mails: Option<String>,
}

/// What is said around them.
pub(super) struct Said {
    pub acts: Undos,
    pub none: Undos,
    pub help: Undos,
    pub confirm: Undos,
    waiting: Undos,
    done: Undos,
    partly: Undos,
}

const OF_A_RUN: Said = Said {
    acts: Undos::Acts,
    none: Undos::NoActs,
    help: Undos::ConfirmHelp,
    confirm: Undos::Confirm,
    waiting: Undos::Waiting,
    done: Undos::Done,
    partly: Undos::Partly,
};
const OF_EVERYTHING: Said = Said {
    acts: Undos::Removed,
    none: Undos::NothingToRemove,
    help: Undos::RemoveHelp,
    confirm: Undos::ConfirmRemove,
    waiting: Undos::Removing,
    done: Undos::RemovedAll,
    partly: Undos::RemovedInPart,
};

impl Said {
    fn of(preview: &Preview) -> Self {
        match (preview.product, preview.what) {
            (Product::Contacts, What::Run(..)) => Self { help: Undos::ConfirmHelpPeople, ..OF_A_RUN },
            (_, What::Run(..)) => OF_A_RUN,
            (Product::Contacts, What::Everything) => {
                Self { help: Undos::RemoveHelpPeople, waiting: Undos::RemovingPeople, ..OF_EVERYTHING }
            }
            (_, What::Everything) => OF_EVERYTHING,
        }
    }
}

/// Something that is taken back.
pub(super) struct ActLine {
    pub title: String,
    pub what: String,
    pub fields: Vec<String>,
}

/// Something that stays.
pub(super) struct LeftLine {
    pub title: String,
    pub why: String,
}

impl Lines {
    /// The preview, on a page that stands there.
    pub fn of(at: At<'_>, preview: &Preview) -> Self {
        let lang = at.lang;
        let title = |title: &str| titled(lang, title.to_owned());
        let acts = preview.parts.iter().flat_map(|part| part.acts.iter().map(|act| (&part.title, act)));
        let left = preview.parts.iter().flat_map(|part| part.left.iter().map(|left| (&part.title, left)));
        let action = match preview.what {
            What::Run(run, _) => format!("{}/run/{run}/undo", at.path),
            What::Everything => format!("{}/removal", at.path),
        };
        let (said, people) = (Said::of(preview), preview.product == Product::Contacts);
        let rest = preview.more.then(|| Sentence::from(Undos::Rest).with("count", &preview.acts()).say(lang));
        let more = Sentence::from(Undos::More).with("shown", &SHOWN).with("count", &preview.acts());
        Self {
            mark: (preview.acts() > 0 && !preview.waits()).then(|| preview.mark()),
            asked: preview.standing().map(|standing| stands(lang, &said, standing)),
            acts: acts
                .take(SHOWN)
                .map(|(name, act)| self::act(lang, title(name), (preview.product, act)))
                .collect(),
            more: (preview.acts() > SHOWN).then(|| more.say(lang)),
            left: left
                .take(SHOWN)
                .map(|(name, left)| LeftLine { title: title(name), why: why(lang, *left) })
                .collect(),
            left_more: preview.left() > SHOWN,
            lost: preview.brings().then_some(if people { Undos::LostPeople } else { Undos::LostBody }),
            back: if people { Contacts::BackToContacts.into() } else { Pairs::Back.into() },
            mails: (preview.mails > 0)
                .then(|| Sentence::from(Undos::Mails).with("count", &preview.mails).say(lang)),
            rest,
            action,
            said,
            lang,
            path: at.path,
            token: at.token,
        }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }
}

fn act(lang: Lang, title: String, (product, act): (Product, &Act)) -> ActLine {
    let told = |name: String, shows: Option<String>, becomes: Option<String>| match (shows, becomes) {
        (Some(shows), Some(becomes)) => Sentence::from(Undos::Back)
            .with("field", &name)
            .with("becomes", &becomes)
            .with("shows", &shows)
            .say(lang),
        (shows, becomes) => {
            let value = shows.or(becomes).unwrap_or_default();
            Sentence::from(Undos::Field).with("field", &name).with("shows", &value).say(lang)
        }
    };
    let say = |value: Option<&Value>| value.map(|value| said(lang, value));
    let fields = act.fields().into_iter();
    let mut fields: Vec<String> = fields
        .map(|(field, shows, becomes)| told(Pairs::from(field).say(lang), say(shows), say(becomes)))
        .collect();
    if let Act::Turn { from, to } = act {
        fields.push(told(Undos::Status.say(lang), Some(from.clone()), Some(to.clone())));
    }
    ActLine { title, what: done(product, act).say(lang), fields }
}

fn why(lang: Lang, left: Left) -> String {
    let what = left.field.map_or(Undos::All.say(lang), |field| Pairs::from(field).say(lang));
    Sentence::from(Undos::Stays)
        .with("where", &Undos::from(left.side).say(lang))
        .with("what", &what)
        .with("why", &Undos::from(left.why).say(lang))
        .say(lang)
}

/// From which run on a page lists them.
pub(super) fn from(query: Option<&str>) -> i64 {
    let from = parameter(query.unwrap_or_default().as_bytes(), "runs").and_then(|from| from.parse().ok());
    from.filter(|from| (0..=MOST).contains(from)).unwrap_or(0)
}

/// What somebody is told whose wish was not taken down.
fn not_undone(fault: &NotUndone) -> (StatusCode, Sentence) {
    let why = match fault {
        NotUndone::Different => Undos::Different.into(),
        NotUndone::NothingToUndo => Undos::NoActs.into(),
        NotUndone::NothingToRemove => Undos::NothingToRemove.into(),
        NotUndone::NotConnected(Product::Contacts) => Undos::NoContacts.into(),
        NotUndone::NotConnected(_) => Undos::NotConnected.into(),
        NotUndone::Undoing => Undos::Busy.into(),
        NotUndone::TooMuch(most) => Sentence::from(Undos::TooMuch).with("most", most),
    };
    (StatusCode::CONFLICT, why)
}

/// The same of a calendar; none where the page has its own words.
pub(super) fn refusal(fault: &CalendarFault) -> Option<(StatusCode, Sentence)> {
    match fault {
        CalendarFault::NotThere => Some((StatusCode::NOT_FOUND, Undos::NotThere.into())),
        CalendarFault::Undo(fault) => Some(not_undone(fault)),
        _ => None,
    }
}

/// The same of contacts.
pub(super) fn refusal_of_contacts(fault: &ContactsFault) -> Option<(StatusCode, Sentence)> {
    match fault {
        ContactsFault::NotThere => Some((StatusCode::NOT_FOUND, Undos::NotTherePeople.into())),
        ContactsFault::NoGroup => Some((StatusCode::CONFLICT, Undos::NoGroup.into())),
        ContactsFault::Undo(fault) => Some(not_undone(fault)),
        _ => None,
    }
}
