//! What the pages say of events and records that are not in step. What comes
//! from outside is escaped by the templates; here it only becomes lines.

use axum::http::StatusCode;
use postern_core::model::id::{DeadLetterId, HoldId, PairId};
use postern_core::plan::rule::Rule;

use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::waiting::{Apart, Held, Letter, Waiting};
use crate::clock::written;
use crate::texts::{Lang, Pairs, Rules, Sentence};

/// Where a page stands, and how it says times.
pub(super) struct At<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// What the paths of its forms and links begin with.
    pub path: String,
    /// What every form sends along.
    pub token: String,
    /// Shows a time.
    pub time: &'a dyn Fn(&str) -> String,
}

/// What is not in step, in lines.
pub(super) struct Lines {
    lang: Lang,
    pub path: String,
    pub token: String,
    /// What could not be done.
    pub letters: Vec<LetterLine>,
    /// How many there are in all, where not all are shown.
    pub more: Option<String>,
    /// What waits for a word.
    pub holds: Vec<HoldLine>,
    /// Pairs that are left alone.
    pub pairs: Vec<PairLine>,
}

/// Writes that wait for a word.
pub(super) struct HoldLine {
    pub id: HoldId,
    pub told: String,
    /// Some of them, each with its reason.
    pub some: Vec<(String, String)>,
    /// Whether there are others.
    pub more: bool,
}

/// Something that could not be done.
pub(super) struct LetterLine {
    pub id: DeadLetterId,
    pub title: String,
    pub calendar: String,
    pub about: Pairs,
    pub why: String,
    pub tried: String,
    pub pair: Option<PairId>,
}

/// A pair that is left alone.
pub(super) struct PairLine {
    pub id: PairId,
    pub title: String,
    pub calendar: String,
    pub state: Pairs,
    pub since: String,
    pub resumable: bool,
}

impl Lines {
    /// What waits, on a page that stands there.
    pub fn of(at: At<'_>, waiting: Waiting) -> Self {
        let shown = i64::try_from(waiting.letters.len()).unwrap_or(i64::MAX);
        let all = waiting.letters_in_all;
        Self {
            letters: waiting.letters.into_iter().map(|one| letter(&at, one)).collect(),
            more: (all > shown).then(|| Sentence::from(Pairs::More).with("count", &all).say(at.lang)),
            holds: waiting.holds.into_iter().map(|one| held(&at, one)).collect(),
            pairs: waiting.pairs.into_iter().map(|one| pair(&at, one)).collect(),
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
        self.letters.is_empty() && self.holds.is_empty() && self.pairs.is_empty()
    }
}

fn letter(at: &At<'_>, letter: Letter) -> LetterLine {
    let tried = Sentence::from(Pairs::Tried)
        .with("count", &letter.attempts)
        .with("first", &(at.time)(&written(letter.first_at)))
        .with("last", &(at.time)(&written(letter.last_at)));
    LetterLine {
        id: letter.id,
        title: titled(at.lang, letter.title),
        calendar: letter.calendar_name,
        about: if letter.record.is_some() { Pairs::OfRecord } else { Pairs::OfEvent },
        why: Sentence::from(Pairs::Reason).with("why", &letter.reason).say(at.lang),
        tried: tried.say(at.lang),
        pair: letter.pair,
    }
}

fn held(at: &At<'_>, held: Held) -> HoldLine {
    let shown = i64::try_from(held.some.len()).unwrap_or(i64::MAX);
    let told = waits(at, &held);
    let line = |(title, rule): (String, Rule)| (titled(at.lang, title), Rules::from(rule).say(at.lang));
    HoldLine { id: held.id, told, more: held.count > shown, some: held.some.into_iter().map(line).collect() }
}

fn waits(at: &At<'_>, held: &Held) -> String {
    Sentence::from(Pairs::HeldLine)
        .with("count", &held.count)
        .with("calendar", &held.calendar_name)
        .with("what", &Pairs::of_class(&held.class).say(at.lang))
        .with("since", &(at.time)(&written(held.since)))
        .with("until", &(at.time)(&written(held.until)))
        .say(at.lang)
}

fn pair(at: &At<'_>, pair: Apart) -> PairLine {
    PairLine {
        id: pair.id,
        resumable: pair.resumable(),
        state: pair.state.into(),
        since: since(at, &pair),
        title: titled(at.lang, pair.title),
        calendar: pair.calendar_name,
    }
}

/// Since when a pair stands so.
pub(super) fn since(at: &At<'_>, pair: &Apart) -> String {
    Sentence::from(Pairs::Since).with("at", &(at.time)(&written(pair.since))).say(at.lang)
}

/// A title, or words in its place.
pub(super) fn titled(lang: Lang, title: String) -> String {
    if title.trim().is_empty() { Pairs::Untitled.say(lang) } else { title }
}

/// What somebody is told who asked for what cannot be had; none where the page has its own words.
pub(super) fn refusal(fault: &CalendarFault) -> Option<(StatusCode, Pairs)> {
    match fault {
        CalendarFault::NotThere => Some((StatusCode::NOT_FOUND, Pairs::NotThere)),
        CalendarFault::InStep => Some((StatusCode::CONFLICT, Pairs::InStep)),
        CalendarFault::BothGone => Some((StatusCode::CONFLICT, Pairs::BothGone)),
        _ => None,
    }
}
