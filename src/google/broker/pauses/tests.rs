use std::time::Duration;

use postern_core::model::id::{AccountId, ClientId};
use postern_core::model::refusal::PeerText;
use postern_core::model::scope::ScopeSet;
use uuid::Uuid;

use super::{Pauses, answer_of};
use crate::clock::{Micros, micros};
use crate::google::broker::{Key, NoToken};
use crate::google::fault::{ClientCode, Fault};

const CLIENT: ClientId = ClientId(Uuid::from_u128(900));
const START: Micros = 1_700_000_000_000_000;
const SECOND: Micros = 1_000_000;

fn key(number: u128) -> Key {
    (AccountId(Uuid::from_u128(number)), ScopeSet::mail())
}

fn down() -> Fault {
    Fault::Temporary { retry_after: None, why: PeerText::new("down") }
}

fn refused(code: ClientCode) -> Fault {
    Fault::ClientRefused { code, why: PeerText::new("no") }
}

/// Every account comes each minute for an hour; says how often Google was asked.
fn polled(pauses: &mut Pauses, accounts: u128, fault: Option<&Fault>) -> usize {
    let mut asked = 0;
    for second in 0..3_600_u32 {
        for number in (u128::from(second % 60)..accounts).step_by(60) {
            let now = START + i64::from(second) * SECOND;
            if pauses.admit(&key(number), CLIENT, now).is_ok() {
                asked += 1;
                pauses.answered(&key(number), CLIENT, fault, now, u16::try_from(number % 65_536).unwrap());
            }
        }
    }
    asked
}

#[test]
fn one_account_is_asked_less_and_less_and_a_success_ends_it() {
    let mut pauses = Pauses::default();
    // 2, 4, 8 … 256, then each 300 s, at the next poll.
    let asked = polled(&mut pauses, 1, Some(&down()));
    assert!((15..=30).contains(&asked), "{asked} requests in an hour");
    let mut now = START + 5_000 * SECOND;
    assert_eq!(pauses.admit(&key(0), CLIENT, now), Ok(()));
    pauses.answered(&key(0), CLIENT, None, now, 0);
    assert_eq!(pauses.bar(&key(0), now), None);
    // And begins anew.
    pauses.answered(&key(0), CLIENT, Some(&down()), now, u16::MAX);
    now += 2 * SECOND;
    assert_eq!(pauses.bar(&key(0), now - 1), Some(answer_of(&down())));
    assert_eq!(pauses.bar(&key(0), now), None);
}

#[test]
fn an_hour_of_outage_costs_few_requests_however_many_accounts_come() {
    let mut pauses = Pauses::default();
    let asked = polled(&mut pauses, 10_000, Some(&down()));
    assert!((60..=160).contains(&asked), "{asked} requests in an hour");
    // Google is back: the next trial finds it, and then everybody may ask.
    let now = START + 3_700 * SECOND;
    let (one, other) = (key(20_000), key(20_001));
    assert_eq!(pauses.admit(&one, CLIENT, now), Ok(()));
    let waits = pauses.admit(&other, CLIENT, now);
    assert!(matches!(waits, Err(NoToken::Temporary(_))), "one is on trial: {waits:?}");
    pauses.answered(&one, CLIENT, None, now, 0);
    assert!((0..10_000).all(|number| pauses.bar(&key(number), now).is_none()));
}

#[test]
fn a_few_accounts_that_fail_hold_nobody_else_up() {
    let mut pauses = Pauses::default();
    for round in 0..100 {
        for number in 0..4 {
            pauses.answered(&key(number), CLIENT, Some(&down()), START + round, 0);
        }
    }
    assert_eq!(pauses.admit(&key(5), CLIENT, START + 100), Ok(()));
    // Any answer of the endpoint says that it is up.
    let mut pauses = Pauses::default();
    for number in 0..100 {
        let fault = if number % 4 == 3 { refused(ClientCode::InvalidScope) } else { down() };
        pauses.answered(&key(number), CLIENT, Some(&fault), START, 0);
    }
    assert_eq!(pauses.admit(&key(200), CLIENT, START), Ok(()));
}

#[test]
fn the_time_that_google_names_is_kept() {
    let mut pauses = Pauses::default();
    let wait = Duration::from_secs(1_800);
    let busy = Fault::Temporary { retry_after: Some(wait), why: PeerText::new("429") };
    pauses.answered(&key(1), CLIENT, Some(&busy), START, 0);
    assert!(pauses.bar(&key(1), START + micros(wait) - 1).is_some());
    assert_eq!(pauses.bar(&key(1), START + micros(wait)), None);
}

#[test]
fn a_refused_client_is_asked_for_by_one_account_at_times() {
    let mut pauses = Pauses::default();
    let fault = refused(ClientCode::InvalidClient);
    let asked = polled(&mut pauses, 1_000, Some(&fault));
    assert!((5..=12).contains(&asked), "{asked} requests in an hour");
    let now = START + 100 * SECOND;
    let no = Err(NoToken::ClientRefused("invalid_client"));
    let mut pauses = Pauses::default();
    pauses.answered(&key(1), CLIENT, Some(&fault), now, u16::MAX);
    assert_eq!(pauses.admit(&key(2), CLIENT, now), no);
    assert_eq!(pauses.bar(&key(2), now), no.err(), "without the database from now on");
    let other = ClientId(Uuid::from_u128(901));
    assert_eq!(pauses.admit(&key(3), other, now), Ok(()), "another client is not concerned");
    // Set right by an admin.
    pauses.everything_changed();
    assert_eq!(pauses.admit(&key(2), CLIENT, now), Ok(()));
}

#[test]
fn a_refusal_that_may_concern_one_grant_bars_one_account() {
    for code in [ClientCode::UnauthorizedClient, ClientCode::InvalidScope, ClientCode::AdminPolicyEnforced] {
        let mut pauses = Pauses::default();
        pauses.answered(&key(1), CLIENT, Some(&refused(code)), START, 0);
        assert!(pauses.bar(&key(1), START).is_some());
        assert_eq!(pauses.admit(&key(2), CLIENT, START), Ok(()));
        pauses.account_changed(key(1).0);
        assert_eq!(pauses.bar(&key(1), START), None);
    }
}

#[test]
fn a_clock_set_back_makes_no_pause_longer() {
    let mut pauses = Pauses::default();
    for number in 0..10 {
        pauses.answered(&key(number), CLIENT, Some(&down()), START, 0);
    }
    pauses.answered(&key(20), CLIENT, Some(&refused(ClientCode::InvalidClient)), START, 0);
    let yesterday = START - 86_400 * SECOND;
    assert_eq!(pauses.admit(&key(1), CLIENT, yesterday), Ok(()));
}
