use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{Candidate, Group, Is, Pair, Scene, compose};
use crate::plan::contacts::card::{self, Card, Entity};
use crate::plan::contacts::choices::{Choices, Strangers};
use crate::plan::contacts::operation::{Adoption, Left, Plan, Subject, What};
use crate::plan::contacts::person::{self, Mark, Person};
use crate::plan::contacts::words::Habits;
use crate::plan::guard::Class;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::policy::Direction;
use crate::plan::record::{Field, Record, Value};
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

mod decided;
mod filling;
mod monitored;

const GROUP: &str = "contactGroups/g1";
const PAIR: Uuid = Uuid::from_u128(7);

fn object(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(raw) => raw,
        other => panic!("{other}"),
    }
}

fn card(id: &str, extra: Json) -> Card {
    let mut raw = object(json!({
        "id": id, "salutationName": null, "firstName": "Eva", "middleName": null, "lastName": "Nová", "description": null,
        "accountName": null, "title": null, "emailAddressData": [{ "emailAddress": "eva@x.cz", "primary": true }],
        "phoneNumberData": [], "addressStreet": null, "addressCity": null, "addressState": null,
        "addressPostalCode": null, "addressCountry": null,
    }));
    raw.extend(object(extra));
    card::read(Entity::Contact, &raw).unwrap()
}

fn someone(name: &str, groups: &[&str], extra: Json) -> Person {
    let membership = |group| json!({ "contactGroupMembership": { "contactGroupResourceName": group } });
    let mut raw = object(json!({
        "resourceName": name, "etag": "1", "names": [{ "givenName": "Eva", "familyName": "Nová" }],
        "emailAddresses": [{ "value": "Eva@x.cz" }], "memberships": groups.iter().map(membership).collect::<Vec<_>>(),
    }));
    raw.extend(object(extra));
    person::read(&raw).unwrap()
}

fn mark(pair: Uuid) -> Json {
    let mark = Mark { pair, entity: Entity::Contact, record: "c1".to_owned() };
    json!([{ "key": "posternPair", "value": mark.text() }])
}

fn candidate(card: Card) -> Candidate {
    Candidate { card, visible: true, shared: false, asked: true }
}

fn pair(google: Seen<Person>, crm: Seen<Card>) -> Pair {
    let known = |person: &Person| person.record.clone();
    let base = Base::of(
        google.live().map_or_else(|| known(&someone("people/c1", &[], json!({}))), known),
        crm.live().map_or_else(|| card("c1", json!({})).record, |card| card.record.clone()),
    );
    Pair {
        id: PAIR,
        entity: Entity::Contact,
        record: "c1".to_owned(),
        person: Some("people/c1".to_owned()),
        source: None,
        link: Link { origin: Side::Crm, state: State::Active, base },
        google,
        crm,
        visible: true,
        shared: false,
    }
}

fn at_rest() -> Pair {
    pair(Seen::Live(someone("people/c1", &[GROUP], json!({}))), Seen::Live(card("c1", json!({}))))
}

#[derive(Default)]
struct World {
    pairs: Vec<Pair>,
    people: Vec<Person>,
    pushed: Vec<Candidate>,
    records: Vec<Candidate>,
    decided: Vec<(Subject, Is)>,
    choices: Choices,
    monitored: Vec<Group<'static>>,
}

impl World {
    fn plan_in(&self, group: Group<'_>) -> Plan {
        let habits = Habits::default();
        compose(&Scene {
            group,
            monitored: &self.monitored,
            pairs: &self.pairs,
            people: &self.people,
            pushed: &self.pushed,
            records: &self.records,
            decided: &self.decided,
            choices: &self.choices,
            habits: &habits,
        })
    }

    fn plan(&self) -> Plan {
        self.plan_in(Group::There(GROUP))
    }

    // The one thing that is done, and nothing is left.
    fn done(&self) -> (Rule, What) {
        let mut plan = self.plan();
        assert!(plan.left.is_empty() && plan.operations.len() == 1, "{plan:?}");
        let operation = plan.operations.remove(0);
        (operation.rule, operation.what)
    }

    // The one thing that is left, and nothing is done.
    fn left(&self) -> Left {
        let mut plan = self.plan();
        assert!(plan.operations.is_empty() && plan.left.len() == 1, "{plan:?}");
        plan.left.remove(0).1
    }
}

fn of(pair: Pair) -> World {
    World { pairs: vec![pair], ..World::default() }
}

fn both() -> Choices {
    Choices { direction: Direction::Both, ..Choices::default() }
}

#[test]
fn at_rest_nothing_is_done() {
    assert_eq!(of(at_rest()).plan(), Plan::default());
    let mut shared = at_rest();
    shared.shared = true;
    assert_eq!(World { choices: both(), ..of(shared) }.plan(), Plan::default());
}

#[test]
fn rule_7_1_a_record_comes_into_the_group_by_a_push_or_by_a_person_who_is_there_only() {
    let eva = candidate(card("c1", json!({})));
    let other = candidate(card("c2", json!({ "emailAddressData": [] })));
    let world = World { records: vec![eva.clone(), other], ..World::default() };
    assert_eq!(world.plan(), Plan::default(), "nobody asked");
    let (rule, what) = World { pushed: vec![eva.clone()], ..World::default() }.done();
    assert!(matches!((rule, what), (Rule::Pushed, What::MakePerson(_))));
    let there = World {
        people: vec![someone("people/c9", &[GROUP], json!({}))],
        records: vec![eva],
        ..World::default()
    };
    let (rule, what) = there.done();
    assert!(matches!((rule, &what), (Rule::Adopted, What::Adopt(Adoption { joins: false, .. }))), "{what:?}");
}

#[test]
fn rule_7_2_what_the_user_may_not_see_is_not_pushed_not_matched_and_frozen_where_it_was() {
    let hidden = Candidate { visible: false, ..candidate(card("c1", json!({}))) };
    assert_eq!(World { pushed: vec![hidden.clone()], ..World::default() }.left(), Left::NoAccess);
    let person = someone("people/c9", &[GROUP], json!({}));
    let there = World { people: vec![person], records: vec![hidden], choices: both(), ..World::default() };
    assert_eq!(there.left(), Left::Stranger, "it is not even said that there is one");
    let lost = Pair { visible: false, ..at_rest() };
    assert_eq!(of(lost).done(), (Rule::NotVisible, What::Let(State::Frozen)));
}

#[test]
fn rule_7_2_pushing_twice_pushes_once() {
    let eva = candidate(card("c1", json!({})));
    let twice = World { pushed: vec![eva.clone(), eva.clone()], ..World::default() };
    assert_eq!(twice.plan().operations.len(), 1);
    let again = World { pushed: vec![eva.clone()], ..of(at_rest()) };
    assert_eq!(again.left(), Left::Already);
    // Made a moment ago, and not told yet.
    let mut unknown = at_rest();
    (unknown.google, unknown.person) = (Seen::Unproven, None);
    assert_eq!(World { pushed: vec![eva], ..of(unknown) }.left(), Left::Unseen);
}

#[test]
fn rule_7_3_a_person_whose_answer_was_lost_is_found_by_its_mark() {
    let mut unknown = at_rest();
    (unknown.google, unknown.person) = (Seen::Unproven, None);
    let made = |name: &str| someone(name, &[GROUP], json!({ "clientData": mark(PAIR) }));
    let world = World { people: vec![made("people/c3"), made("people/c2")], ..of(unknown) };
    assert_eq!(
        world.done(),
        (Rule::Renamed, What::Rename("people/c2".to_owned())),
        "one of the two, always the same"
    );
}

#[test]
fn rule_7_3_a_twin_goes_only_if_nobody_has_touched_it_since() {
    let twin = someone("people/c2", &[GROUP], json!({ "clientData": mark(PAIR) }));
    let world = World { people: vec![twin.clone()], ..of(at_rest()) };
    let plan = world.plan();
    assert_eq!(plan.operations[0].class(), Class::Delete);
    assert_eq!(world.done(), (Rule::TwinRemoved, What::RemoveTwin("people/c2".to_owned(), twin.record)));
    let nickname = json!({ "clientData": mark(PAIR), "phoneNumbers": [{ "value": "1" }] });
    let touched = World { people: vec![someone("people/c2", &[GROUP], nickname)], ..of(at_rest()) };
    assert_eq!(touched.left(), Left::Twin(PAIR));
    // Nobody knows what was written of one on which nothing was agreed.
    let mut fresh = at_rest();
    fresh.link.base = Base::default();
    let plan = World { people: world.people, ..of(fresh) }.plan();
    assert!(plan.operations.iter().all(|it| it.class() == Class::Memory), "{plan:?}");
    assert_eq!(plan.left, [(Subject::Person("people/c2".to_owned()), Left::Twin(PAIR))]);
}

#[test]
fn rule_7_4_a_lead_that_was_converted_takes_its_person_along() {
    let lead = |extra: Json| {
        let mut raw = object(json!({ "id": "c1", "lastName": "Nová", "status": "Converted" }));
        raw.extend(object(extra));
        let crm = Seen::Live(card::read(Entity::Lead, &raw).unwrap());
        Pair { entity: Entity::Lead, crm, ..at_rest() }
    };
    let became = lead(json!({ "createdContactId": "c5" }));
    let moved = (Rule::Converted, What::Relink(Entity::Contact, "c5".to_owned()));
    assert_eq!(of(became.clone()).done(), moved);
    assert_eq!(of(lead(json!({}))).left(), Left::Converted);
    let other = Pair { id: Uuid::from_u128(8), record: "c5".to_owned(), ..at_rest() };
    let plan = World { pairs: vec![became, other], ..World::default() }.plan();
    assert_eq!((plan.operations.len(), plan.left), (0, vec![(Subject::Link(PAIR), Left::Converted)]));
}

#[test]
fn rule_7_4_records_that_were_merged_share_a_person() {
    let gone = Pair { crm: Seen::Gone, ..at_rest() };
    let winner = candidate(card("c2", json!({})));
    let world = World { records: vec![winner.clone()], ..of(gone.clone()) };
    let relinked = world.plan().operations.into_iter().map(|it| (it.rule, it.what)).collect::<Vec<_>>();
    assert_eq!(relinked, [(Rule::RecordsMerged, What::Relink(Entity::Contact, "c2".to_owned()))]);
    // The winner has a person of its own.
    let person = someone("people/c2", &[GROUP], json!({}));
    let own = Pair {
        id: Uuid::from_u128(8),
        record: "c2".into(),
        person: Some("people/c2".into()),
        ..pair(Seen::Live(person), Seen::Live(winner.card))
    };
    let plan = World { pairs: vec![gone.clone(), own], ..World::default() }.plan();
    assert_eq!(plan.operations[0].what, What::Let(State::Ignored));
    assert!(matches!(plan.left[..], [(Subject::Link(PAIR), Left::Merged(_))]));
    // Another person with the same address is another person.
    let jan = candidate(card("c2", json!({ "firstName": "Jan" })));
    let plan = World { records: vec![jan], ..of(gone) }.plan();
    assert_eq!(plan.operations[0].rule, Rule::RemovalKeeps);
}

#[test]
fn rule_7_4_a_person_that_google_renamed_or_merged_is_followed() {
    let renamed =
        someone("people/c2", &[GROUP], json!({ "metadata": { "previousResourceNames": ["people/c1"] } }));
    let marked = someone("people/c2", &[GROUP], json!({ "clientData": mark(PAIR) }));
    let source = json!({ "metadata": { "sources": [{ "type": "CONTACT", "id": "7f" }] } });
    let sourced = someone("people/c2", &[GROUP], source);
    let gone = Pair { google: Seen::Gone, source: Some("7f".to_owned()), ..at_rest() };
    for survivor in [renamed, marked.clone(), sourced] {
        let world = World { people: vec![survivor], choices: both(), ..of(gone.clone()) };
        assert_eq!(world.done(), (Rule::Renamed, What::Rename("people/c2".to_owned())));
    }
    // It was merged with the person of another pair: one person, two records.
    let other = Pair {
        id: Uuid::from_u128(8),
        record: "c2".into(),
        ..pair(Seen::Live(marked), Seen::Live(card("c2", json!({}))))
    };
    let plan = World { pairs: vec![gone, other], choices: both(), ..World::default() }.plan();
    assert_eq!(
        (plan.operations.len(), plan.left),
        (0, vec![(Subject::Link(PAIR), Left::Merged(Uuid::from_u128(8)))])
    );
}

#[test]
fn rule_7_4_who_is_taken_out_of_the_group_is_let_go_until_pushed_again() {
    let out = Seen::Live(someone("people/c1", &[], json!({})));
    let left = Pair { google: out.clone(), ..at_rest() };
    assert_eq!(of(left.clone()).done(), (Rule::LeftGroup, What::Let(State::Detached)));
    let mut detached = left;
    detached.link.state = State::Detached;
    assert_eq!(of(detached.clone()).plan(), Plan::default());
    let pushed = vec![candidate(card("c1", json!({})))];
    assert_eq!(World { pushed: pushed.clone(), ..of(detached.clone()) }.done(), (Rule::Pushed, What::Rejoin));
    detached.google = Seen::Gone;
    let again = World { pushed, ..of(detached) };
    assert!(matches!(again.done(), (Rule::Pushed, What::Recreate(_))));
}

#[test]
fn rule_7_4_a_group_that_is_gone_waits_for_a_person() {
    let out = Pair { google: Seen::Live(someone("people/c1", &[], json!({}))), ..at_rest() };
    let stranger = someone("people/c9", &[], json!({ "emailAddresses": [] }));
    let choices = Choices { strangers: Strangers::Contact, ..both() };
    let pushed = vec![candidate(card("c8", json!({})))];
    let plan = World { people: vec![stranger], pushed, choices, ..of(out) }.plan_in(Group::Gone(GROUP));
    let told: Vec<_> = plan.operations.iter().map(|it| (it.rule, it.what.clone(), it.class())).collect();
    assert_eq!(told, [(Rule::GroupGone, What::LetAll, Class::Halved)]);
    assert_eq!(plan.left, [(Subject::Card(Entity::Contact, "c8".to_owned()), Left::NoGroup)]);
}

#[test]
fn by_default_nobody_is_deleted_on_either_side() {
    for origin in Side::ALL {
        for direction in Direction::ALL {
            for (google, crm) in [(Seen::Gone, at_rest().crm), (at_rest().google, Seen::Gone)] {
                let mut ended = Pair { google, crm, ..at_rest() };
                ended.link.origin = origin;
                let choices = Choices { direction, ..Choices::default() };
                let (_, what) = World { choices, ..of(ended) }.done();
                assert!(matches!(what, What::Let(State::Detached | State::Ignored)), "{what:?}");
            }
        }
    }
    let asked = Choices { deletes_persons: true, deletes_records: true, ..both() };
    let removed = Pair { crm: Seen::Gone, ..at_rest() };
    assert_eq!(
        World { choices: asked.clone(), ..of(removed) }.done(),
        (Rule::RemovalDeletes, What::Delete(Side::Google))
    );
    let mut deleted = Pair { google: Seen::Gone, ..at_rest() };
    deleted.link.origin = Side::Google;
    let gone = World { choices: asked.clone(), ..of(deleted.clone()) };
    assert_eq!(gone.done(), (Rule::TombstoneDeletes, What::Delete(Side::Crm)));
    // What somebody has changed since is no copy.
    deleted.crm = Seen::Live(card("c1", json!({ "description": "x" })));
    assert_eq!(
        World { choices: asked, ..of(deleted) }.done(),
        (Rule::TombstoneKeeps, What::Let(State::Detached))
    );
}

#[test]
fn rule_7_4_one_person_one_record_and_the_second_is_left_to_a_person() {
    let second = candidate(card("c2", json!({ "firstName": "Jan" })));
    let world = World { pushed: vec![second], ..of(at_rest()) };
    assert_eq!(world.left(), Left::Taken(Subject::Person("people/c1".to_owned()), PAIR));
    let stranger = someone("people/c9", &[GROUP], json!({}));
    let taken = World { people: vec![stranger], ..of(at_rest()) };
    let record = Subject::Card(Entity::Contact, "c1".to_owned());
    assert_eq!(taken.left(), Left::Taken(record, PAIR));
}

#[test]
fn people_of_the_group_whom_nobody_knows_become_what_the_user_wants() {
    let stranger = someone("people/c9", &[GROUP], json!({}));
    let outside = someone("people/c8", &[], json!({}));
    let with = |strangers, direction| World {
        people: vec![stranger.clone(), outside.clone()],
        choices: Choices { strangers, direction, ..Choices::default() },
        ..World::default()
    };
    assert_eq!(with(Strangers::Ignore, Direction::Both).left(), Left::Stranger);
    assert_eq!(with(Strangers::Review, Direction::Both).left(), Left::Undecided);
    assert_eq!(with(Strangers::Contact, Direction::ToGoogle).left(), Left::Direction);
    for (strangers, entity) in [(Strangers::Contact, Entity::Contact), (Strangers::Lead, Entity::Lead)] {
        let (rule, what) = with(strangers, Direction::ToCrm).done();
        let What::MakeRecord(made, record) = what else { panic!("{what:?}") };
        assert_eq!((rule, made, record.words(Field::Family)), (Rule::NewFromGoogle, entity, "Nová"));
    }
}

#[test]
fn rule_7_5_notes_of_several_users_are_told_nowhere() {
    let note = json!({ "biographies": [{ "value": "rude", "contentType": "TEXT_PLAIN" }] });
    let noted = Seen::Live(someone("people/c1", &[GROUP], note));
    let mut shared = at_rest();
    (shared.google, shared.shared) = (noted, true);
    shared.crm = Seen::Live(card("c1", json!({ "description": "for all" })));
    for direction in [Direction::Both, Direction::ToCrm] {
        let choices = Choices { direction, ..Choices::default() };
        assert_eq!(World { choices, ..of(shared.clone()) }.plan(), Plan::default());
    }
    let alone = Pair { shared: false, crm: at_rest().crm, ..shared };
    let (_, what) = World { choices: both(), ..of(alone) }.done();
    assert!(matches!(what, What::WriteCrm(changes, _) if changes.words(Field::Note) == "rude"));
}

#[test]
fn rule_7_5_on_push_what_the_user_has_added_in_google_stays_there() {
    let own = json!({ "emailAddresses": [{ "value": "Eva@x.cz" }, { "value": "own@y.cz" }] });
    let mut added = at_rest();
    added.google = Seen::Live(someone("people/c1", &[GROUP], own));
    assert_eq!(of(added.clone()).plan(), Plan::default(), "and is not told");
    added.crm = Seen::Live(card(
        "c1",
        json!({ "emailAddressData": [{ "emailAddress": "new@x.cz", "primary": true }] }),
    ));
    let (rule, what) = of(added).done();
    let What::WriteGoogle(changes, base) = what else { panic!("{what:?}") };
    assert_eq!(
        (rule, changes.several(Field::Emails).unwrap().line().as_str()),
        (Rule::Joined, "new@x.cz, own@y.cz")
    );
    let agreed = base.google.several(Field::Emails).unwrap().line();
    assert_eq!(agreed, "new@x.cz", "it goes over when the direction changes");
}

#[test]
fn on_pull_what_was_added_in_the_crm_stays_there() {
    let added = json!({ "emailAddresses": [{ "value": "Eva@x.cz" }, { "value": "new@y.cz" }] });
    let mut edited = at_rest();
    edited.google = Seen::Live(someone("people/c1", &[GROUP], added));
    let own = json!({ "emailAddressData": [{ "emailAddress": "eva@x.cz", "primary": true }, { "emailAddress": "own@x.cz" }] });
    edited.crm = Seen::Live(card("c1", own));
    let choices = Choices { direction: Direction::ToCrm, ..Choices::default() };
    let (rule, what) = World { choices, ..of(edited.clone()) }.done();
    let What::WriteCrm(changes, base) = what else { panic!("{what:?}") };
    let shown = changes.several(Field::Emails).unwrap().line();
    assert_eq!((rule, shown.as_str()), (Rule::Joined, "eva@x.cz, own@x.cz, new@y.cz"));
    assert_eq!(base.crm.several(Field::Emails).unwrap().line(), "eva@x.cz, new@y.cz");
    // Both ways both get everything.
    let plan = World { choices: both(), ..of(edited) }.plan();
    assert_eq!(plan.operations.len(), 2, "{plan:?}");
}

#[test]
fn an_approval_is_good_for_what_it_named_only() {
    let edited = |name: &str| {
        let mut pair = at_rest();
        pair.crm = Seen::Live(card("c1", json!({ "firstName": name })));
        of(pair).plan().operations.remove(0)
    };
    assert_eq!(edited("Ema").fingerprint(), edited("Ema").fingerprint());
    assert_ne!(edited("Ema").fingerprint(), edited("Iva").fingerprint());
    assert!(!edited("Ema").asked());
    let record = Record::new().with(Field::Given, Value::text("Ema"));
    assert!(matches!(edited("Ema").what, What::WriteGoogle(changes, _) if changes == record));
}
