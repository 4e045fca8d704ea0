//! What was pushed, and what the next runs make of it.

use serde_json::json;

use super::{GROUP, PAIR, World, both, candidate, card, of, pair, someone};
use crate::plan::contacts::apply::{apply, fresh};
use crate::plan::contacts::card::Entity;
use crate::plan::contacts::choices::Choices;
use crate::plan::contacts::compose::Pair;
use crate::plan::contacts::operation::{Plan, What};
use crate::plan::contacts::person::{self, Mark, Person};
use crate::plan::record::Field;
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

#[test]
fn what_was_pushed_onto_a_person_fills_it_and_overwrites_nothing() {
    let there = someone(
        "people/c9",
        &[],
        json!({ "phoneNumbers": [{ "value": "1" }], "organizations": [{ "name": "Own" }] }),
    );
    let eva = card(
        "c1",
        json!({ "firstName": "Evička", "description": "x", "accountName": "Acme",
        "emailAddressData": [{ "emailAddress": "eva@x.cz", "primary": true }, { "emailAddress": "e@y.cz" }] }),
    );
    let world =
        World { people: vec![there.clone()], pushed: vec![candidate(eva.clone())], ..World::default() };
    let (rule, what) = world.done();
    let What::Adopt(adoption) = what else { panic!("{what:?}") };
    assert_eq!((rule, adoption.joins, adoption.person.as_str()), (Rule::Pushed, true, "people/c9"));
    // The next run writes what the person lacks.
    let mut linked = pair(Seen::Live(Person { groups: [GROUP.to_owned()].into(), ..there }), Seen::Live(eva));
    linked.link.base = adoption.base;
    let (_, what) = of(linked).done();
    let What::WriteGoogle(changes, _) = what else { panic!("{what:?}") };
    let written: Vec<_> = changes.iter().map(|(field, _)| field).collect();
    assert_eq!(written, [Field::Emails, Field::Note]);
    // And both ways the record gets what it lacks.
    let note = json!({ "biographies": [{ "value": "met in Brno" }] });
    let noted = World {
        people: vec![someone("people/c9", &[GROUP], note)],
        choices: both(),
        pushed: vec![candidate(card("c1", json!({})))],
        ..World::default()
    };
    let What::Adopt(adoption) = noted.done().1 else { panic!() };
    let mut linked = pair(Seen::Live(noted.people[0].clone()), Seen::Live(noted.pushed[0].card.clone()));
    linked.link.base = adoption.base;
    let (_, what) = World { choices: both(), ..of(linked) }.done();
    assert!(
        matches!(&what, What::WriteCrm(changes, _) if changes.words(Field::Note) == "met in Brno"),
        "{what:?}"
    );
    assert_eq!(changes.several(Field::Emails).unwrap().line(), "Eva@x.cz, e@y.cz");
}

#[test]
fn what_was_pushed_is_at_rest_when_it_was_done() {
    let eva = card(
        "c1",
        json!({ "description": "a\nb", "accountName": "Acme", "title": "Boss", "addressCity": "Praha",
        "phoneNumberData": [{ "phoneNumber": "+420603123456", "type": "Fax", "primary": true }] }),
    );
    let (_, what) = World { pushed: vec![candidate(eva.clone())], ..World::default() }.done();
    let What::MakePerson(shows) = what else { panic!("{what:?}") };
    let of_pair = Mark { pair: PAIR, entity: Entity::Contact, record: "c1".to_owned() };
    let mut raw = fresh(&shows, &[GROUP.to_owned()], &of_pair);
    raw.insert("resourceName".to_owned(), json!("people/c1"));
    for choices in [Choices::default(), both()] {
        let made = pair(Seen::Live(person::read(&raw).unwrap()), Seen::Live(eva.clone()));
        assert_eq!(World { choices: choices.clone(), ..of(made.clone()) }.plan(), Plan::default());
        // And so it is after an edit.
        let edited = Pair { crm: Seen::Live(card("c1", json!({ "lastName": "Stará" }))), ..made };
        let (_, what) = World { choices, ..of(edited.clone()) }.done();
        let What::WriteGoogle(changes, base) = what else { panic!("{what:?}") };
        let mut raw = raw.clone();
        apply(&mut raw, &changes);
        let mut after = Pair { google: Seen::Live(person::read(&raw).unwrap()), ..edited };
        after.link.base.google.extend(&base.google);
        after.link.base.crm.extend(&base.crm);
        assert_eq!(of(after).plan(), Plan::default());
    }
}
