//! What the pages say of taking a run back: the runs that can be, and what would
//! become of one. What comes from outside is escaped by the templates.

use axum::http::StatusCode;
use postern_core::model::id::RunId;
use postern_core::plan::record::Value;
use postern_core::plan::undo::{Act, Left};

use super::pairs::{At, titled};
use super::story::said;
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::undo::{Changed, Preview};
use crate::clock::written;
use crate::store::sync::undos::{State, Undo};
use crate::texts::{Lang, Pairs, Sentence, Undos};

/// Most pairs that a page shows of one kind.
const SHOWN: usize = 200;

/// The last runs that have changed something, each in a line.
pub(super) struct Runs {
    lang: Lang,
    pub path: String,
    pub lines: Vec<RunLine>,
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
    pub fn of(at: &At<'_>, changed: &[Changed]) -> Self {
        let lines = changed.iter().map(|one| line(at, one)).collect();
        Self { lang: at.lang, path: at.path.clone(), lines }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }
}

fn line(at: &At<'_>, changed: &Changed) -> RunLine {
    let run = &changed.run;
    let told = Sentence::from(Undos::Line)
        .with("at", &(at.time)(&written(run.started_at)))
        .with("calendar", &changed.calendar_name)
        .with("made", &run.made)
        .with("written", &run.written)
        .with("removed", &run.removed);
    let asked = changed.asked.as_ref().map(|asked| stands(at.lang, asked));
    RunLine { id: RunId(run.id), told: told.say(at.lang), asked }
}

fn stands(lang: Lang, asked: &Undo) -> String {
    let phrase = match asked.state {
        State::Waiting => Undos::Waiting,
        State::Done => Undos::Done,
        State::Partly => Undos::Partly,
        State::Expired => Undos::Expired,
    };
    let count = Sentence::from(Undos::Count).with("done", &asked.done).with("acts", &asked.acts);
    format!("{} {}", phrase.say(lang), count.say(lang))
}

/// What taking a run back would do, in lines.
pub(super) struct Lines {
    lang: Lang,
    pub path: String,
    pub token: String,
    pub run: RunId,
    /// Stands for what is shown; none when nothing can be confirmed now.
    pub mark: Option<String>,
    pub asked: Option<String>,
    pub acts: Vec<ActLine>,
    pub more: Option<String>,
    pub left: Vec<LeftLine>,
    pub left_more: bool,
    pub lost: bool,
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
        let more = Sentence::from(Undos::More).with("shown", &SHOWN).with("count", &preview.acts());
        Self {
            mark: (preview.acts() > 0 && !preview.waits()).then(|| preview.mark()),
            asked: preview.asked.first().map(|asked| stands(lang, asked)),
            acts: acts.take(SHOWN).map(|(name, act)| self::act(lang, title(name), act)).collect(),
            more: (preview.acts() > SHOWN).then(|| more.say(lang)),
            left: left
                .take(SHOWN)
                .map(|(name, left)| LeftLine { title: title(name), why: why(lang, *left) })
                .collect(),
            left_more: preview.left() > SHOWN,
            lost: preview.brings(),
            run: preview.run,
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

fn act(lang: Lang, title: String, act: &Act) -> ActLine {
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
    ActLine { title, what: Undos::from(act).say(lang), fields }
}

fn why(lang: Lang, left: Left) -> String {
    let what = left.field.map_or(Undos::All.say(lang), |field| Pairs::from(field).say(lang));
    Sentence::from(Undos::Stays)
        .with("where", &Undos::from(left.side).say(lang))
        .with("what", &what)
        .with("why", &Undos::from(left.why).say(lang))
        .say(lang)
}

/// What somebody is told whose wish was not taken down; none where the page has its own words.
pub(super) fn refusal(fault: &CalendarFault) -> Option<(StatusCode, Sentence)> {
    let conflict = |phrase: Undos| Some((StatusCode::CONFLICT, phrase.into()));
    match fault {
        CalendarFault::NotThere => Some((StatusCode::NOT_FOUND, Undos::NotThere.into())),
        CalendarFault::Different => conflict(Undos::Different),
        CalendarFault::NothingToUndo => conflict(Undos::NoActs),
        CalendarFault::Undoing => conflict(Undos::Busy),
        CalendarFault::TooMuch(most) => {
            Some((StatusCode::CONFLICT, Sentence::from(Undos::TooMuch).with("most", most)))
        }
        _ => None,
    }
}
