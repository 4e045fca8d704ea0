//! A thousand records are pushed while answers get lost: a thousand people, and nobody twice.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_sandbox::{ContactsFault, ContactsTrouble};
use serde_json::json;

use super::hands::{addresses, called, named};
use super::world::{Owner, World};

const BATCHES: &str = "people.batchCreateContacts";
const MINUTE: Duration = Duration::from_secs(60);

impl World {
    fn thousand(&self) -> Vec<String> {
        let contact = |number: usize| {
            self.contact(("Eva", &format!("No{number:04}")), &format!("eva{number}@outside.test"))
        };
        (0..1_000).map(contact).collect()
    }

    fn lose_a_batch(&self) {
        let lost = ContactsFault::on("POST", "batchCreateContacts", ContactsTrouble::LoseAnswer);
        self.google().contacts_faults().next(lost);
    }

    fn nobody_is_there_twice(&self, owner: &Owner, many: usize) {
        let people = self.people(owner);
        let apart: BTreeSet<String> = people.iter().flat_map(addresses).collect();
        assert_eq!((people.len(), apart.len(), self.members(owner).len()), (many, many, many));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_a_thousand_are_pushed_while_an_answer_is_lost_and_pushed_again_at_once() {
    let world = World::new().await;
    let anna = world.anna().await;
    let all = world.thousand();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let first = world.push(&anna, &all).await;
    world.lose_a_batch();
    world.try_run().await;
    assert_eq!(world.fault(&anna).await.as_deref(), Some("made_unknown"));
    world.pass(MINUTE);
    let second = world.push(&anna, &all).await;
    world.run().await;
    world.pass(16 * MINUTE);
    world.run().await;
    assert_eq!(world.rest().await, 0);
    world.nobody_is_there_twice(&anna, 1_000);
    assert_eq!(world.google().contacts_counters().of(BATCHES), 5, "the one that was lost is among them");
    for push in [first, second] {
        let words = world.told(push).await;
        assert_eq!(words.iter().filter(|word| *word == "made").count(), 1_000, "{:?}", words.first());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_the_same_where_google_takes_twenty_minutes_to_show_what_was_made() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.google().set_contacts_policy(|policy| policy.most_delay = 20 * MINUTE);
    let all = world.thousand();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let push = world.push(&anna, &all).await;
    world.lose_a_batch();
    world.try_run().await;
    world.pass(MINUTE);
    world.push(&anna, &all).await;
    for _ in 0..8 {
        world.run().await;
        world.pass(8 * MINUTE);
    }
    assert_eq!(world.rest().await, 0);
    world.nobody_is_there_twice(&anna, 1_000);
    let batches = world.google().contacts_counters().of(BATCHES);
    assert!(batches <= 6, "{batches}");
    assert!(world.told(push).await.iter().all(|word| word == "made" || word == "linked"));
    assert!(world.holds().await.is_empty() && world.reviews(&anna).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_who_was_never_made_is_made_once_the_delay_is_over() {
    let world = World::new().await;
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let push = world.push(&anna, &[&eva]).await;
    let failed = ContactsTrouble::Answer { status: 503, headers: Vec::new(), body: String::new() };
    world.google().contacts_faults().next(ContactsFault::on("POST", "batchCreateContacts", failed));
    world.try_run().await;
    world.pass(10 * MINUTE);
    world.run().await;
    assert!(world.people(&anna).is_empty(), "nobody knows yet whether it was made");
    assert_eq!(world.told(push).await, [""]);
    world.pass(6 * MINUTE);
    world.run().await;
    world.nobody_is_there_twice(&anna, 1);
    assert_eq!(
        (world.told(push).await, world.states(&anna).await),
        (vec!["made".to_owned()], vec!["active"])
    );
    world.edit(&eva, &json!({ "lastName": "Rock" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&anna)), "Eva Rock");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_who_is_refused_among_many_stops_no_other() {
    for in_part in [true, false] {
        let world = World::new().await;
        let anna = world.anna().await;
        world.google().set_contacts_policy(|policy| {
            policy.batch_creations_in_part = in_part;
            policy.refused = Some("Forbidden".to_owned());
        });
        let name = |number: usize| if number == 3 { "Forbidden".to_owned() } else { format!("No{number}") };
        let contact = |number| world.contact(("Eva", &name(number)), &format!("eva{number}@outside.test"));
        let all: Vec<String> = (0..9).map(contact).collect();
        let words = world.pushed(&anna, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let wanted = |number: usize| if number == 3 { "refused" } else { "made" };
        assert_eq!(words, (0..9).map(wanted).collect::<Vec<_>>());
        world.nobody_is_there_twice(&anna, 8);
        let letters = world.letters(&anna).await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(letters[0].0, format!("Contact/{}", all[3]));
        assert_eq!(world.rest().await, 0);
        // What a person mends is made when it is pushed again.
        world.edit(&all[3], &json!({ "lastName": "Allowed" }));
        assert_eq!(world.pushed(&anna, &[&all[3]]).await, ["made"]);
        assert!(world.letters(&anna).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_3_of_two_with_our_mark_the_one_that_nobody_has_touched_goes() {
    for touched in [false, true] {
        let world = World::new().await;
        let anna = world.anna().await;
        let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
        world.google().set_contacts_policy(|policy| policy.most_delay = 40 * MINUTE);
        world.google().set_contacts_policy(|policy| policy.least_delay = 40 * MINUTE);
        world.push(&anna, &[&eva]).await;
        world.lose_a_batch();
        world.try_run().await;
        let lost = named(&world.only_person(&anna)).to_owned();
        world.google().set_contacts_policy(|policy| {
            (policy.least_delay, policy.most_delay) = (Duration::ZERO, Duration::ZERO);
        });
        world.pass(16 * MINUTE);
        world.run().await;
        assert_eq!(world.people(&anna).len(), 2, "Google hides the first one for too long");
        if touched {
            let note = json!({ "biographies": [{ "value": "From the fair" }] });
            world.google().edit_person(anna.address, &lost, &note).unwrap();
        }
        world.pass(60 * MINUTE);
        world.rest().await;
        let left: Vec<String> = world.people(&anna).iter().map(|person| named(person).to_owned()).collect();
        assert_eq!(left.contains(&lost), touched);
        assert_eq!(left.len(), 1 + usize::from(touched));
        let asked: Vec<_> = world.questions(&anna).await;
        let twin = ("twin".to_owned(), lost);
        assert_eq!(asked, if touched { vec![twin] } else { vec![] });
        assert_eq!(world.states(&anna).await, ["active"]);
    }
}
