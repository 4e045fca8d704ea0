use serde_json::{Value as Json, json};

use super::{Act, Effect, Left, Shown, Turn, Undoing, Why, undo};
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
fn what_was_made_goes_unless_it_was_touched() {
    let run =
        [effect("make-event", &json!({ "written": words("Made") })), wrote("write-event", "Made", "Then")];
    let gone = Act::Remove { side: Side::Google, shows: words("Then") };
    assert_eq!(undo(&run, &title("Then"), &title("Then")).acts, [gone]);
    assert_eq!(left(&undo(&run, &title("Edited"), &title("Edited"))), [Why::Changed]);
    let invited = Seen::Live(Shown { record: words("Then"), guests: true, status: None });
    assert_eq!(left(&undo(&run, &invited, &title("Then"))), [Why::Guests]);
}

#[test]
fn a_record_that_was_made_and_held_since_stays() {
    let made = json!({ "written": words("Made"), "status": Turn { from: None, to: "Planned".to_owned() } });
    let run = [effect("make-record", &made)];
    let stands = |status: &str| {
        Seen::Live(Shown { record: words("Made"), status: Some(status.to_owned()), guests: false })
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
        Seen::Live(Shown { record: words("A"), status: Some(status.to_owned()), guests: false })
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
