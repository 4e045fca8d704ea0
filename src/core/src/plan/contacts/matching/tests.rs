use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{By, Likeness, Named, Pool, Verdict, matched};
use crate::plan::contacts::card::{self, Entity};
use crate::plan::contacts::person;
use crate::plan::contacts::phone::Country;
use crate::plan::contacts::words::{Habits, Words};
use crate::plan::record::Record;

fn like(addresses: &[&str], name: &str, phones: &[&str]) -> Likeness {
    let set = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    Likeness { named: BTreeSet::new(), addresses: set(addresses), name: name.to_owned(), phones: set(phones) }
}

fn marked(record: &str) -> Likeness {
    Likeness { named: BTreeSet::from([(Entity::Contact, record.to_owned())]), ..Likeness::default() }
}

fn one(of: &Likeness, pool: &Pool<&'static str>) -> Verdict<u8, &'static str> {
    matched(&[(0, of.clone())], pool).remove(0).1
}

fn pool(all: &[(&'static str, Likeness, Option<Uuid>)]) -> Pool<&'static str> {
    let mut pool = Pool::default();
    all.iter().for_each(|(key, of, pair)| pool.add(key, of, *pair));
    pool
}

#[test]
fn the_mark_comes_before_the_address_and_that_before_name_and_number() {
    let people = pool(&[
        ("mark", marked("c1"), None),
        ("mail", like(&["eva@x.cz"], "", &[]), None),
        ("phone", like(&[], "eva nová", &["+420603123456"]), None),
    ]);
    let mut eva = like(&["eva@x.cz"], "eva nová", &["+420603123456"]);
    assert_eq!(one(&eva, &people), Verdict::Same("mail", By::Address));
    eva.named = marked("c1").named;
    assert_eq!(one(&eva, &people), Verdict::Same("mark", By::Mark));
    let by_phone = like(&["other@x.cz"], "eva nová", &["+420603123456"]);
    assert_eq!(one(&by_phone, &people), Verdict::Same("phone", By::NameAndPhone));
    for nobody in
        [like(&[], "eva nová", &[]), like(&[], "", &["+420603123456"]), like(&[], "jan", &["+420603123456"])]
    {
        assert_eq!(one(&nobody, &people), Verdict::New, "{nobody:?}");
    }
}

#[test]
fn whoever_is_like_several_is_left_to_a_person() {
    let two =
        pool(&[("a", like(&["x@x.cz"], "", &[]), None), ("b", like(&["x@x.cz", "y@x.cz"], "", &[]), None)]);
    assert_eq!(one(&like(&["x@x.cz"], "", &[]), &two), Verdict::Several(vec!["a", "b"]));
    assert_eq!(one(&like(&["y@x.cz"], "", &[]), &two), Verdict::Same("b", By::Address));
}

#[test]
fn rule_7_4_a_second_record_with_the_same_address_is_left_to_a_person() {
    let pair = Uuid::from_u128(7);
    let taken = pool(&[("a", like(&["x@x.cz"], "", &[]), Some(pair))]);
    assert_eq!(one(&like(&["x@x.cz"], "", &[]), &taken), Verdict::Taken("a", pair));
    let free = pool(&[("a", like(&["x@x.cz"], "", &[]), None)]);
    let both = [(1, like(&["x@x.cz"], "jan", &[])), (2, like(&["x@x.cz"], "eva", &[]))];
    let rivals: Vec<_> = matched(&both, &free).into_iter().map(|(_, verdict)| verdict).collect();
    assert_eq!(rivals, [Verdict::Rivals("a", vec![2]), Verdict::Rivals("a", vec![1])]);
    let new: Vec<_> =
        matched(&both, &Pool::<&str>::default()).into_iter().map(|(_, verdict)| verdict).collect();
    assert_eq!(new, [Verdict::New, Verdict::Second(1)], "only one of them is made");
}

#[test]
fn rule_7_5_both_sides_say_alike_who_they_are() {
    let (habits, country) = (Habits::default(), Country::parse("CZ").unwrap());
    let words = Words::new(Entity::Contact, &habits, Some(&country), &Record::new());
    let person = json!({ "resourceName": "people/c1", "names": [{ "givenName": "EVA ", "familyName": "Nová" }],
        "emailAddresses": [{ "value": " Eva@X.cz" }, { "value": "none" }], "phoneNumbers": [{ "value": "603 123 456" }, { "value": "112" }],
        "clientData": [{ "key": "posternPair", "value": format!("{}/Contact/c1", Uuid::nil()) }] });
    let person = Likeness::of_person(&person::read(person.as_object().unwrap()).unwrap(), &words);
    // A list tells the primary ones only.
    let listed = json!({ "id": "c1", "firstName": "Eva", "lastName": "nová", "emailAddress": "eva@x.cz", "phoneNumber": "+420603123456" });
    let card = Likeness::of_card(&card::read(Entity::Contact, listed.as_object().unwrap()).unwrap(), &words);
    assert_eq!(person, card);
}

fn somebody() -> impl Strategy<Value = Likeness> {
    let named = btree_set("[a-c]".prop_map(|id| (Entity::Contact, id)), 0..2);
    let addresses = btree_set("[a-e]@x\\.cz", 0..3);
    (named, addresses, "[ab]?", btree_set("\\+42060312345[0-2]", 0..2))
        .prop_map(|(named, addresses, name, phones)| Likeness { named, addresses, name, phones })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_person_is_ever_given_two_records_nor_a_record_two_persons(
        there in vec((somebody(), any::<bool>()), 0..6), asking in vec(somebody(), 0..6),
    ) {
        let mut pool: Pool<usize> = Pool::default();
        for (key, (of, taken)) in there.iter().enumerate() {
            pool.add(&key, of, taken.then(|| Uuid::from_u128(key as u128)));
        }
        let asking: Vec<(Named, Likeness)> = asking.into_iter().enumerate()
            .map(|(at, of)| ((Entity::Lead, at.to_string()), of)).collect();
        let verdicts = matched(&asking, &pool);
        prop_assert_eq!(verdicts.len(), asking.len(), "everybody is told");
        let mut given = BTreeSet::new();
        let mut made: Vec<&Likeness> = Vec::new();
        for ((_, of), (_, verdict)) in asking.iter().zip(&verdicts) {
            match verdict {
                Verdict::Same(key, _) => {
                    prop_assert!(given.insert(*key) && !there[*key].1);
                }
                Verdict::New => {
                    prop_assert!(there.iter().all(|(other, _)| !of.shares_address(other)));
                    prop_assert!(made.iter().all(|other| !of.shares_address(other)));
                    made.push(of);
                }
                Verdict::Several(keys) => prop_assert!(keys.len() > 1),
                Verdict::Taken(key, _) => prop_assert!(there[*key].1),
                Verdict::Rivals(_, others) => prop_assert!(!others.is_empty()),
                Verdict::Second(_) => {}
            }
        }
    }
}
