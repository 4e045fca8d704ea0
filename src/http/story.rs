//! Why a pair is as it is, in lines: what was changed, when, by which rule, what
//! was there before and what was lost.

use postern_core::model::id::PairId;
use postern_core::plan::calendar::times::Times;
use postern_core::plan::link::State;
use postern_core::plan::record::Value;
use postern_core::plan::rule::Rule;

use super::pairs::{At, since, titled};
use crate::actions::calendars::story::{Change, Story, Told};
use crate::actions::calendars::waiting::Apart;
use crate::clock::written;
use crate::store::sync::links::Role;
use crate::texts::{Lang, Pairs, Rules, Sentence};

/// Longest value that is shown whole, in characters.
const LONGEST: usize = 2_000;

/// A pair and its changes.
pub(super) struct Lines {
    lang: Lang,
    pub path: String,
    pub token: String,
    pub id: PairId,
    pub calendar: String,
    pub event: String,
    pub record: String,
    pub stands: Pairs,
    pub good: bool,
    pub since: Option<String>,
    pub resumable: bool,
    pub changes: Vec<ChangeLine>,
}

/// A change.
pub(super) struct ChangeLine {
    pub at: String,
    pub what: Pairs,
    pub why: String,
    pub run: String,
    pub faded: bool,
    pub fields: Vec<FieldLine>,
}

/// What is told of a field.
pub(super) struct FieldLine {
    pub name: Pairs,
    pub why: Option<String>,
    pub values: Vec<(Pairs, String)>,
}

/// What the page is called.
pub(super) fn title(lang: Lang, story: &Story) -> Sentence {
    Sentence::from(Pairs::Title).with("title", &titled(lang, story.pair.title.clone()))
}

impl Lines {
    /// The story, on a page that stands there.
    pub fn of(at: At<'_>, story: Story) -> Self {
        let Story { pair, role, changes } = story;
        let in_step = pair.state == State::Active;
        let stands = match role {
            Role::View => Pairs::View,
            Role::Copy if in_step => Pairs::CopyNow,
            Role::Owner if in_step => Pairs::InStepNow,
            Role::Owner | Role::Copy => pair.state.into(),
        };
        Self {
            id: pair.id,
            event: side(at.lang, pair.link.event.clone(), pair.event_lives),
            record: side(at.lang, record(&pair), pair.record_lives),
            stands,
            good: in_step,
            since: (!in_step).then(|| since(&at, &pair)),
            resumable: role != Role::View && pair.resumable(),
            changes: changes.into_iter().map(|one| change(&at, one)).collect(),
            calendar: pair.calendar_name,
            lang: at.lang,
            path: at.path,
            token: at.token,
        }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }
}

fn record(pair: &Apart) -> Option<String> {
    pair.link.record.as_ref().map(|record| format!("{} {record}", pair.link.entity))
}

fn side(lang: Lang, what: Option<String>, lives: bool) -> String {
    match what {
        None => Pairs::SideNone.say(lang),
        Some(what) if lives => what,
        Some(what) => Sentence::from(Pairs::SideGone).with("what", &what).say(lang),
    }
}

fn change(at: &At<'_>, change: Change) -> ChangeLine {
    let rule = Rule::parse(&change.rule);
    ChangeLine {
        at: (at.time)(&written(change.at)),
        what: Pairs::of_kind(&change.kind),
        // A row of a later version may name a rule that this one does not know.
        why: rule.map_or(change.rule, |rule| Rules::from(rule).say(at.lang)),
        run: Sentence::from(Pairs::Run).with("run", &change.run).say(at.lang),
        faded: change.fields.is_none(),
        fields: change.fields.into_iter().flatten().map(|told| field(at.lang, rule, &told)).collect(),
    }
}

fn field(lang: Lang, of_all: Option<Rule>, told: &Told) -> FieldLine {
    let own = told.rule.filter(|rule| Some(*rule) != of_all);
    let lost = told.lost.as_ref().map(|(side, value)| (Pairs::lost(*side), value));
    let values = [
        told.before.as_ref().map(|value| (Pairs::Before, value)),
        lost,
        told.written.as_ref().map(|value| (Pairs::Written, value)),
    ];
    FieldLine {
        name: told.field.into(),
        why: own.map(|rule| Rules::from(rule).say(lang)),
        values: values.into_iter().flatten().map(|(name, value)| (name, said(lang, value))).collect(),
    }
}

/// A value of a field, so that a person can compare it.
pub(super) fn said(lang: Lang, value: &Value) -> String {
    match value {
        Value::Text(words) => words_said(lang, words),
        Value::Several(several) => words_said(lang, &several.line()),
        Value::Postal(postal) => words_said(lang, &postal.line()),
        Value::Times(Times::AllDay { first, last }) if first == last => {
            Sentence::from(Pairs::Day).with("first", first).say(lang)
        }
        Value::Times(Times::AllDay { first, last }) => {
            Sentence::from(Pairs::Days).with("first", first).with("last", last).say(lang)
        }
        Value::Times(Times::Timed { start, end }) => {
            Sentence::from(Pairs::Times).with("start", &start.crm()).with("end", &end.crm()).say(lang)
        }
    }
}

fn words_said(lang: Lang, words: &str) -> String {
    if words.trim().is_empty() {
        Pairs::Empty.say(lang)
    } else if words.chars().nth(LONGEST).is_some() {
        words.chars().take(LONGEST).chain(['…']).collect()
    } else {
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use postern_core::plan::calendar::moment::{Date, Instant};
    use postern_core::plan::calendar::times::Times;
    use postern_core::plan::record::Value;

    use super::{LONGEST, said};
    use crate::texts::Lang;

    #[test]
    fn values_are_said_so_that_a_person_can_compare_them() {
        let at = |text| Instant::parse_crm(text).unwrap();
        let day = |text| Date::parse(text).unwrap();
        for (value, words) in [
            (Value::text("Plan <b>"), "Plan <b>"),
            (Value::text(" "), "(empty)"),
            (
                Value::Times(Times::timed(at("2037-03-02 10:00:00"), at("2037-03-02 11:00:00")).unwrap()),
                "2037-03-02 10:00:00 to 2037-03-02 11:00:00 UTC",
            ),
            (
                Value::Times(Times::all_day(day("2037-03-02"), day("2037-03-02")).unwrap()),
                "2037-03-02, the whole day",
            ),
            (
                Value::Times(Times::all_day(day("2037-03-02"), day("2037-03-04")).unwrap()),
                "2037-03-02 to 2037-03-04, whole days",
            ),
        ] {
            assert_eq!(said(Lang::English, &value), words);
        }
        let long = said(Lang::English, &Value::text("š".repeat(LONGEST + 5)));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
