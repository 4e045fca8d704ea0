use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{Act, Effect, Left, Shown, Turn, Undoing, Why, mark, undo};
use crate::plan::calendar::moment::Date;
use crate::plan::calendar::times::Times;
use crate::plan::link::Side;
use crate::plan::record::{Field, Record, Value};
use crate::plan::seen::Seen;

fn words(title: &str) -> Record {
    Record::new().with(Field::Title, Value::text(title))
}

fn title(title: &str) -> Seen<Shown> {
    Seen::Live(Shown { record: words(title), ..Shown::default() })
}

fn effect(kind: &str, content: &Json) -> Effect {
    Effect::read(kind, "from-google", Some(&content.to_string()))
}

fn wrote(kind: &str, before: &str, after: &str) -> Effect {
    let base = json!({ "google": words(before), "crm": words(before) });
    effect(kind, &json!({ "before": base, "written": words(after), "fields": [], "lost": [] }))
}

fn left(undoing: &Undoing) -> Vec<Why> {
    undoing.left.iter().map(|left| left.why).collect()
}

#[test]
fn a_write_is_taken_back_while_it_still_shows() {
    let run = [wrote("write-record", "A", "B")];
    let back = undo(&run, &title("B"), &title("B"));
    assert_eq!(back.acts, [Act::Restore { side: Side::Crm, shows: words("B"), to: words("A") }]);
    let edited = undo(&run, &title("B"), &title("C"));
    assert!(edited.acts.is_empty());
    assert_eq!(edited.left, [Left { side: Side::Crm, field: Some(Field::Title), why: Why::Changed }]);
    assert_eq!(left(&undo(&run, &title("B"), &title("A"))), [Why::There]);
    assert_eq!(left(&undo(&run, &title("B"), &Seen::Gone)), [Why::Gone]);
    assert_eq!(left(&undo(&run, &title("B"), &Seen::Unproven)), [Why::Unseen]);
}

#[test]
fn two_writes_of_one_field_go_back_to_what_was_there_first() {
    let run = [wrote("write-event", "A", "B"), wrote("write-event", "B", "C")];
    let back = undo(&run, &title("C"), &title("C"));
    assert_eq!(back.acts, [Act::Restore { side: Side::Google, shows: words("C"), to: words("A") }]);
}

#[test]
fn what_a_conflict_has_overwritten_comes_back_and_not_what_was_agreed() {
    let base = json!({ "google": words("Agreed"), "crm": words("Agreed") });
    let lost = json!([{ "field": "title", "side": "crm", "value": { "text": "Theirs" } }]);
    let run = [effect("write-record", &json!({ "before": base, "written": words("Won"), "lost": lost }))];
    let back = undo(&run, &title("Won"), &title("Won"));
    assert_eq!(back.acts, [Act::Restore { side: Side::Crm, shows: words("Won"), to: words("Theirs") }]);
}

#[test]
fn what_a_conflict_has_overwritten_is_of_one_field_on_one_side() {
    let placed = |title, place| words(title).with(Field::Place, Value::text(place));
    let (agreed, won) = (placed("Agreed", "Room"), placed("Won", "Hall"));
    let lost = json!([{ "field": "title", "side": "crm", "value": { "text": "Theirs" } }]);
    let run = |kind| {
        let base = json!({ "google": agreed, "crm": agreed });
        [effect(kind, &json!({ "before": base, "written": won, "lost": lost }))]
    };
    let shown = Seen::Live(Shown { record: won.clone(), ..Shown::default() });
    for (kind, side, title) in
        [("write-record", Side::Crm, "Theirs"), ("write-event", Side::Google, "Agreed")]
    {
        let to = placed(title, "Room");
        assert_eq!(undo(&run(kind), &shown, &shown).acts, [Act::Restore { side, shows: won.clone(), to }]);
    }
}

#[test]
fn an_event_with_guests_is_not_moved_back_but_shows_its_words_again() {
    let on = |day, title| {
        let day = Date::new(2037, 3, day).unwrap();
        words(title).with(Field::When, Value::Times(Times::AllDay { first: day, last: day }))
    };
    let (before, after) = (on(2, "A"), on(3, "B"));
    let run = |kind| {
        let base = json!({ "google": before, "crm": before });
        [effect(kind, &json!({ "before": base, "written": after }))]
    };
    let shows = |guests| Seen::Live(Shown { record: after.clone(), guests, ..Shown::default() });
    let all = |side| Act::Restore { side, shows: after.clone(), to: before.clone() };
    assert_eq!(undo(&run("write-event"), &shows(false), &Seen::Gone).acts, [all(Side::Google)]);
    assert_eq!(undo(&run("write-record"), &Seen::Gone, &shows(true)).acts, [all(Side::Crm)]);
    let invited = undo(&run("write-event"), &shows(true), &Seen::Gone);
    assert_eq!(invited.acts, [Act::Restore { side: Side::Google, shows: words("B"), to: words("A") }]);
    assert_eq!(invited.left, [Left { side: Side::Google, field: Some(Field::When), why: Why::Guests }]);
}

#[test]
fn what_was_made_goes_unless_it_was_touched() {
    let run =
        [effect("make-event", &json!({ "written": words("Made") })), wrote("write-event", "Made", "Then")];
    let gone = Act::Remove { side: Side::Google, shows: words("Then") };
    assert_eq!(undo(&run, &title("Then"), &title("Then")).acts, [gone]);
    assert_eq!(left(&undo(&run, &title("Edited"), &title("Edited"))), [Why::Changed]);
    let invited = Seen::Live(Shown { record: words("Then"), guests: true, ..Shown::default() });
    assert_eq!(left(&undo(&run, &invited, &title("Then"))), [Why::Guests]);
}

#[test]
fn a_record_that_was_made_and_held_since_stays() {
    let made = json!({ "written": words("Made"), "status": Turn { from: None, to: "Planned".to_owned() } });
    let run = [effect("make-record", &made)];
    let stands = |status: &str| {
        Seen::Live(Shown { record: words("Made"), status: Some(status.to_owned()), ..Shown::default() })
    };
    assert_eq!(undo(&run, &title("Made"), &stands("Planned")).acts.len(), 1);
    assert_eq!(left(&undo(&run, &title("Made"), &stands("Held"))), [Why::Changed]);
}

#[test]
fn what_was_deleted_comes_back_with_its_times_or_not_at_all() {
    let day = Date::new(2037, 3, 2).unwrap();
    let timed = words("Gone").with(Field::When, Value::Times(Times::AllDay { first: day, last: day }));
    let run = [effect("delete-record", &json!({ "before": timed.clone() }))];
    let bring = Act::Bring { side: Side::Crm, record: timed.clone(), user: None };
    assert_eq!(undo(&run, &Seen::Gone, &Seen::Gone).acts, [bring]);
    assert_eq!(left(&undo(&run, &Seen::Gone, &title("Gone"))), [Why::There]);
    let assigned = [effect("delete-record", &json!({ "before": timed.clone(), "user": "u1" }))];
    let bring = Act::Bring { side: Side::Crm, record: timed, user: Some("u1".to_owned()) };
    assert_eq!(undo(&assigned, &Seen::Gone, &Seen::Gone).acts, [bring]);
    let timeless = [effect("delete-record", &json!({ "before": words("Gone") }))];
    assert_eq!(left(&undo(&timeless, &Seen::Gone, &Seen::Gone)), [Why::Faded]);
}

#[test]
fn a_status_turns_back_while_it_still_is_the_runs() {
    let called_off = Turn { from: Some("Planned".to_owned()), to: "Not Held".to_owned() };
    let run = [effect("call-off", &json!({ "before": words("A"), "status": called_off }))];
    let stands = |status: &str| {
        Seen::Live(Shown { record: words("A"), status: Some(status.to_owned()), ..Shown::default() })
    };
    let back = undo(&run, &Seen::Gone, &stands("Not Held"));
    assert_eq!(back.acts, [Act::Turn { from: "Not Held".to_owned(), to: "Planned".to_owned() }]);
    assert_eq!(left(&undo(&run, &Seen::Gone, &stands("Held"))), [Why::Changed]);
}

#[test]
fn what_is_not_kept_any_more_cannot_come_back() {
    let run = [Effect::read("write-record", "from-google", None)];
    assert_eq!(left(&undo(&run, &title("B"), &title("B"))), [Why::Faded]);
    let hidden = [effect("write-record", &json!({ "before": null, "written": words("B") }))];
    assert_eq!(left(&undo(&hidden, &title("B"), &title("B"))), [Why::Faded]);
    let unknown = [effect("mend-record", &json!({}))];
    assert_eq!(left(&undo(&unknown, &title("B"), &title("B"))), [Why::Faded]);
}

#[test]
fn who_takes_part_is_told_and_not_taken_back() {
    let joined = json!({ "joined": ["c1"], "left": [] }).to_string();
    let people = |rule| Effect::read("write-record", rule, Some(&joined));
    let run = [people("guests-changed"), people("answered")];
    let told = undo(&run, &title("A"), &title("A"));
    assert_eq!(told.left, [Left { side: Side::Crm, field: None, why: Why::People }]);
    assert!(told.acts.is_empty());
    let faded = [Effect::read("write-record", "guests-changed", None)];
    assert_eq!(left(&undo(&faded, &title("A"), &title("A"))), [Why::People]);
    let made = [effect("make-record", &json!({ "written": words("A") })), people("guests-changed")];
    let gone = undo(&made, &title("A"), &title("A"));
    assert_eq!((gone.acts.len(), gone.left.len()), (1, 0), "they go with what was made");
    let both = [wrote("write-record", "A", "B"), people("answered")];
    let back = undo(&both, &title("B"), &title("B"));
    assert_eq!((back.acts.len(), left(&back)), (1, vec![Why::People]));
}

#[test]
fn a_confirmation_is_good_for_the_same_act_on_the_same_pair() {
    let act = Act::Remove { side: Side::Crm, shows: words("A") };
    let other = Act::Remove { side: Side::Crm, shows: words("B") };
    let (one, two) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    assert_eq!(act.fingerprint(one), act.fingerprint(one));
    assert_ne!(act.fingerprint(one), act.fingerprint(two));
    assert_ne!(act.fingerprint(one), other.fingerprint(one));
}

#[test]
fn a_confirmation_of_many_acts_is_good_for_all_of_them_only() {
    let of = |all: &[&str]| mark(&all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
    let marks = [of(&["a", "b"]), of(&["b", "a"]), of(&["ab"]), of(&["a"]), of(&[])];
    assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), marks.len());
    assert_eq!(of(&["a", "b"]), marks[0]);
}

#[test]
fn an_act_tells_field_by_field_what_it_shows_and_what_it_will_show() {
    let (side, a, b) = (Side::Crm, &Value::text("A"), &Value::text("B"));
    let turn = Act::Turn { from: "Held".to_owned(), to: "Planned".to_owned() };
    for (act, word, fields) in [
        (Act::Restore { side, shows: words("B"), to: words("A") }, "restore", vec![(Some(b), Some(a))]),
        (Act::Remove { side, shows: words("B") }, "remove", vec![(Some(b), None)]),
        (Act::Bring { side, record: words("A"), user: None }, "bring-back", vec![(None, Some(a))]),
        (turn, "status", vec![]),
    ] {
        let fields: Vec<_> = fields.into_iter().map(|(from, to)| (Field::Title, from, to)).collect();
        assert_eq!((act.name(), act.fields()), (word, fields));
    }
}

#[test]
fn an_effect_is_called_by_what_was_written_or_else_by_what_was_there() {
    let both = json!({ "google": words("At Google"), "crm": words("In the CRM") });
    for (content, title) in [
        (json!({ "before": both, "written": words("Written") }), "Written"),
        (json!({ "before": both }), "In the CRM"),
        (json!({ "before": words("Removed") }), "Removed"),
        (json!({}), ""),
    ] {
        assert_eq!(effect("write-record", &content).title(), title);
    }
    assert_eq!(Effect::read("write-record", "from-google", None).title(), "");
}

#[test]
fn no_two_reasons_have_one_word() {
    let words: BTreeSet<_> = Why::ALL.iter().map(|why| why.name()).collect();
    assert_eq!(words.len(), Why::ALL.len());
}
