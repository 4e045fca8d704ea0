//! Runs that are taken back as it was shown, and everybody who was made removed: what somebody has
//! touched since stays, and nothing comes back by itself.

use std::time::Duration;

use postern::actions::By;
use postern::actions::contacts::ContactsFault as Fault;
use postern::actions::contacts::removal;
use postern::actions::contacts::undo::{changed, preview, undo};
use postern::actions::undoing::{NotUndone, Preview};
use postern::store::contacts::books;
use postern::store::sync::undos::State;
use postern_core::model::actor::Actor;
use postern_core::model::id::RunId;
use postern_core::plan::contacts::choices::{Choices, Strangers};
use postern_core::plan::policy::Direction;
use postern_sandbox::{ContactsFault, ContactsTrouble, CrmTrouble};
use serde_json::json;

use super::hands::{called, named};
use super::wire::End;
use super::world::{ANNA_ID, Owner, World};

const MINUTE: Duration = Duration::from_secs(60);
const SWEEP: Duration = Duration::from_secs(7 * 3_600);

fn by(world: &World) -> By {
    By::new(Actor::CommandLine("anna".to_owned()), world.store.dice()).unwrap()
}

/// The last run that has changed something for somebody.
async fn last(world: &World, owner: &Owner) -> RunId {
    let runs = changed(&world.store, owner.account, (1, 0)).await.unwrap();
    RunId(runs.list[0].run.run_id)
}

async fn shown(world: &World, owner: &Owner) -> Preview {
    preview(&world.store, owner.account, last(world, owner).await).await.unwrap()
}

/// What would be done, by side and word, and why something stays.
fn told(preview: &Preview) -> (Vec<(&'static str, &'static str)>, Vec<&'static str>) {
    let acts = preview.parts.iter().flat_map(|part| &part.acts);
    let left = preview.parts.iter().flat_map(|part| &part.left);
    (acts.map(|act| (act.side().name(), act.name())).collect(), left.map(|left| left.why.name()).collect())
}

/// Takes back the last run, as it is shown; which one it was.
async fn take_back(world: &World, owner: &Owner) -> RunId {
    world.tick();
    let run = last(world, owner).await;
    let shown = preview(&world.store, owner.account, run).await.unwrap();
    undo(&world.store, &by(world), owner.account, run, &shown.mark()).await.unwrap();
    run
}

/// How it stands with taking back a run.
async fn standing(world: &World, owner: &Owner, run: RunId) -> (State, i64, i64) {
    preview(&world.store, owner.account, run).await.unwrap().standing().unwrap()
}

/// Anna with Eva, whom she has pushed.
async fn eva(world: &World, change: impl FnOnce(&mut Choices)) -> (Owner, String, String) {
    let anna = world.anna().await;
    world.choose(&anna, change).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    let person = named(&world.only_person(&anna)).to_owned();
    (anna, eva, person)
}

fn both(choices: &mut Choices) {
    choices.direction = Direction::Both;
}

/// Everything that the user can have removed is.
fn deletes(choices: &mut Choices) {
    (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
    (choices.deletes_persons, choices.deletes_records) = (true, true);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_made_goes_and_is_not_made_again_but_by_a_push() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world, both).await;
    let shown = shown(&world, &anna).await;
    assert_eq!(told(&shown), (vec![("google", "remove")], vec![]));
    assert_eq!(shown.parts[0].title, "Eva Stone");
    let run = take_back(&world, &anna).await;
    world.rest().await;
    assert_eq!(standing(&world, &anna, run).await, (State::Done, 1, 1));
    assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (0, 1));
    world.pass(SWEEP);
    assert_eq!(world.rest().await, 0);
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    assert_eq!(world.people(&anna).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_somebody_has_made_more_of_stays() {
    let world = World::new().await;
    let (anna, _, person) = eva(&world, |_| {}).await;
    // Nothing that is kept in step shows it.
    let birthday = json!({ "birthdays": [{ "date": { "year": 1980, "month": 5, "day": 1 } }] });
    world.google().edit_person(anna.address, &person, &birthday).unwrap();
    let run = take_back(&world, &anna).await;
    world.rest().await;
    assert_eq!(standing(&world, &anna, run).await, (State::Partly, 0, 1));
    assert_eq!(world.people(&anna).len(), 1);
    // Nor this, though it stands in what is read.
    for name in [
        json!({ "givenName": "Eva", "familyName": "Stone", "honorificSuffix": "Jr." }),
        json!({ "givenName": "Eva", "familyName": "Rock" }),
    ] {
        world.google().edit_person(anna.address, &person, &json!({ "names": [name] })).unwrap();
        world.rest().await;
        assert_eq!(told(&shown(&world, &anna).await), (vec![], vec!["changed"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_into_which_the_made_one_was_merged_is_nobodys_to_remove() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.choose(&anna, deletes).await;
    world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
    world.rest().await;
    let run = last(&world, &anna).await;
    let made = world.only_contact()["id"].as_str().unwrap().to_owned();
    let kept = world.contact(("Ada", "Brook"), "ada@outside.test");
    world.crm.as_user(ANNA_ID).delete("Contact", &made).unwrap();
    world.pass(SWEEP);
    world.rest().await;
    let links = world.links(&anna).await;
    assert_eq!(links[0].record.as_deref(), Some(kept.as_str()), "it is the person's now");
    let shown = preview(&world.store, anna.account, run).await.unwrap();
    assert!(told(&shown).0.is_empty(), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_went_over_comes_back_on_both_sides_and_that_can_be_taken_back() {
    let world = World::new().await;
    let (anna, eva, _) = eva(&world, both).await;
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    let both = || (called(&world.only_person(&anna)), world.only_contact()["lastName"].clone());
    assert_eq!(both(), ("Eva Rock".to_owned(), json!("Rock")));
    for (name, last) in [("Eva Stone", "Stone"), ("Eva Rock", "Rock")] {
        assert_eq!(told(&shown(&world, &anna).await).1, Vec::<&str>::new());
        take_back(&world, &anna).await;
        world.rest().await;
        assert_eq!(both(), (name.to_owned(), json!(last)));
    }
    assert_eq!(world.rest().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_deleted_comes_back_once_and_is_left_alone() {
    for lost in [None, Some(ContactsTrouble::LoseAnswer), Some(ContactsTrouble::Close)] {
        let world = World::new().await;
        let (anna, eva, _) = eva(&world, deletes).await;
        let phone = json!({ "phoneNumber": "+420601123456" });
        world.edit(&eva, &phone);
        world.rest().await;
        world.crm.as_user(ANNA_ID).delete("Contact", &eva).unwrap();
        world.pass(SWEEP);
        world.rest().await;
        assert_eq!(world.people(&anna).len(), 0);
        let shown = shown(&world, &anna).await;
        assert_eq!((told(&shown), shown.brings()), ((vec![("google", "bring-back")], vec![]), true));
        if let Some(trouble) = lost.clone() {
            let lost = ContactsFault::on("POST", "batchCreateContacts", trouble);
            world.google().contacts_faults().next(lost);
        }
        let run = take_back(&world, &anna).await;
        world.run().await;
        if lost.is_some() {
            // Nobody makes them again before a list has shown them, or has not.
            for _ in 0..3 {
                world.pass(16 * MINUTE);
                world.run().await;
            }
        }
        assert_eq!(standing(&world, &anna, run).await, (State::Done, 1, 1), "{lost:?}");
        let person = world.only_person(&anna);
        assert_eq!(called(&person), "Eva Stone");
        assert_eq!(person["phoneNumbers"][0]["value"], "+420601123456");
        assert_eq!(world.members(&anna).len(), 1);
        world.pass(SWEEP);
        world.rest().await;
        assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (1, 0), "{lost:?}");
        assert!(world.reviews(&anna).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_deleted_is_made_again_once() {
    for lost in [false, true] {
        let world = World::new().await;
        let anna = world.anna().await;
        world.choose(&anna, deletes).await;
        let ada = world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
        world.rest().await;
        assert_eq!(world.only_contact()["name"], "Ada Brook");
        world.google().delete_person(anna.address, &ada).unwrap();
        world.rest().await;
        assert_eq!(world.crm.records("Contact").len(), 0);
        assert_eq!(told(&shown(&world, &anna).await), (vec![("crm", "bring-back")], vec![]));
        let run = take_back(&world, &anna).await;
        if lost {
            world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "Contact"));
        }
        world.run().await;
        world.rest().await;
        assert_eq!(standing(&world, &anna, run).await, (State::Done, 1, 1), "{lost}");
        let made = world.only_contact();
        assert_eq!((&made["name"], &made["assignedUserId"]), (&json!("Ada Brook"), &json!(ANNA_ID)));
        world.pass(SWEEP);
        world.rest().await;
        assert_eq!((world.people(&anna).len(), world.crm.records("Contact").len()), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_is_done_and_nobody_takes_back_what_is_anothers() {
    let world = World::new().await;
    let (anna, eva, person) = eva(&world, both).await;
    let ben = world.ben().await;
    let run = last(&world, &anna).await;
    let (store, by) = (&world.store, by(&world));
    assert!(matches!(preview(store, ben.account, run).await, Err(Fault::NotThere)));
    let mark = shown(&world, &anna).await.mark();
    let refused = |mark: String| {
        let by = by.clone();
        async move { undo(store, &by, anna.account, run, &mark).await.unwrap_err() }
    };
    assert!(matches!(refused("x".to_owned()).await, Fault::Undo(NotUndone::Different)));
    undo(store, &by, anna.account, run, &mark).await.unwrap();
    assert!(matches!(refused(mark).await, Fault::Undo(NotUndone::Undoing)));
    // It becomes another before the run looks.
    world.google().edit_person(anna.address, &person, &json!({ "names": [{ "givenName": "Ev" }] })).unwrap();
    world.run().await;
    assert_eq!(standing(&world, &anna, run).await, (State::Partly, 0, 1));
    assert_eq!((world.people(&anna).len(), world.crm.record("Contact", &eva).is_some()), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_was_made_is_removed_and_who_was_there_before_stays() {
    let world = World::new().await;
    let anna = world.anna().await;
    world
        .choose(&anna, |choices| {
            (choices.direction, choices.strangers) = (Direction::Both, Strangers::Contact);
        })
        .await;
    let ben = world.ben().await;
    // Known on both sides before; made in the CRM; made at Google, and one of them touched since.
    world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
    let ada = world.contact(("Ada", "Brook"), "ada@outside.test");
    world.friend(&anna, ("Zoe", "Field"), "zoe@outside.test", true);
    world.friend(&anna, ("Una", "Marsh"), "una@outside.test", true);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    world.rest().await;
    let record = |name: &str| {
        let all = world.crm.records("Contact").into_iter();
        all.filter(|of| of["name"] == name).map(|of| of["id"].as_str().unwrap().to_owned()).next()
    };
    world.edit(&record("Una Marsh").unwrap(), &json!({ "description": "Likes tea" }));
    // What the CRM shows of who has written it, it shows where its lists are read.
    world.pass(SWEEP);
    world.rest().await;
    let (store, by) = (&world.store, by(&world));
    let shown = removal::preview(store, anna.account).await.unwrap();
    let (mut acts, left) = told(&shown);
    acts.sort_unstable();
    assert_eq!((acts, left), (vec![("crm", "remove"), ("google", "remove")], vec!["changed"]));
    let mine = |preview: Preview| preview.parts.len();
    assert_eq!(mine(removal::preview(store, ben.account).await.unwrap()), 0);
    world.tick();
    assert_eq!(removal::remove(store, &by, anna.account, &shown.mark()).await.unwrap(), 2);
    world.run().await;
    let mut people: Vec<_> = world.people(&anna).iter().map(called).collect();
    people.sort();
    assert_eq!(people, ["Ada Brook", "Una Marsh", "Zoe Field"]);
    assert!(record("Zoe Field").is_none() && world.crm.record("Contact", &ada).is_some());
    assert!(world.crm.record("Contact", &eva).is_some() && record("Una Marsh").is_some());
    let book = books::of(store, &mut store.read().await.unwrap(), anna.account).await.unwrap().unwrap();
    assert_eq!((book.choices.group, book.leaving), (None, false));
    let again = removal::preview(store, anna.account).await.unwrap();
    assert_eq!((again.acts(), again.standing()), (0, Some((State::Done, 2, 2))));
    // Nothing is made again, neither then nor when a group is chosen.
    world.choose(&anna, |choices| choices.group = Some(anna.group.clone())).await;
    world.pass(SWEEP);
    world.rest().await;
    assert!(record("Zoe Field").is_none());
    assert_eq!(world.people(&anna).len(), 3);
}

/// Eva is made, Tom is renamed, Ada's record is made, and Kim is deleted at Google, in one run.
async fn busy(world: &World) -> Owner {
    let anna = world.anna().await;
    world.choose(&anna, deletes).await;
    let tom = world.contact(("Tom", "Wood"), "tom@outside.test");
    let kim = world.contact(("Kim", "Lake"), "kim@outside.test");
    world.pushed(&anna, &[&tom, &kim]).await;
    world.rest().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.push(&anna, &[&eva]).await;
    world.edit(&tom, &json!({ "lastName": "Rock" }));
    world.friend(&anna, ("Ada", "Brook"), "ada@outside.test", true);
    world.crm.as_user(ANNA_ID).delete("Contact", &kim).unwrap();
    world.pass(SWEEP);
    world.run().await;
    anna
}

async fn cut_off_at_every_write(end: fn(u64) -> End) {
    for number in 0..20 {
        let mut world = World::new().await;
        let anna = busy(&world).await;
        let run = take_back(&world, &anna).await;
        let ended = world.cut_off(end(number)).await;
        for _ in 0..3 {
            world.pass(16 * MINUTE);
            world.run().await;
        }
        let when = format!("{:?}", end(number));
        let (state, done, acts) = standing(&world, &anna, run).await;
        assert_eq!((state, done), (State::Done, acts), "{when}");
        world.rest().await;
        let mut people: Vec<_> = world.people(&anna).iter().map(called).collect();
        let mut records: Vec<_> =
            world.crm.records("Contact").iter().map(|of| of["name"].as_str().unwrap().to_owned()).collect();
        people.sort();
        records.sort();
        assert_eq!(people, ["Ada Brook", "Kim Lake", "Tom Wood"], "{when}");
        assert_eq!(records, ["Eva Stone", "Tom Wood"], "{when}");
        assert_eq!(world.rest().await, 0, "{when}");
        if !ended {
            assert!(number >= 4, "{number}: it writes at least so often");
            return;
        }
    }
    panic!("a run does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_may_die_before_each_write_of_an_undo() {
    cut_off_at_every_write(End::Before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_may_die_after_each_write_of_an_undo() {
    cut_off_at_every_write(End::After).await;
}
