use std::net::{IpAddr, Ipv4Addr};

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::refusal::Reference;
use postern_core::model::token::Protocol;
use uuid::Uuid;

use super::{HOUR, Note, Refusals, RefusedLogin, STRANGERS};
use crate::clock::Micros;

const MINUTE: Micros = 60_000_000;

fn peer(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(n))
}

fn stranger(at: Micros, from: u32) -> RefusedLogin {
    RefusedLogin {
        at,
        protocol: Protocol::Imap,
        cause: "wrong_token",
        peer: peer(from),
        account: None,
        address: None,
        reference: Reference::new(&format!("r{at}x{from}")),
        help: false,
    }
}

fn mailbox(at: Micros, n: u128) -> RefusedLogin {
    let address = Address::parse(&format!("m{n}@x.cz")).ok();
    let account = Some(AccountId(Uuid::from_u128(n)));
    RefusedLogin { cause: "needs_consent", account, address, help: true, ..stranger(at, 1) }
}

/// Rows of a first, helping references, and what the counts add up to.
fn sums(notes: &[Note]) -> (usize, usize, u64) {
    let mut sums = (0, 0, 0);
    for note in notes {
        match note {
            Note::Event { event: Event::LoginRefused { .. }, .. } => sums.0 += 1,
            Note::Help { .. } => sums.1 += 1,
            Note::Event { event: Event::LoginsRefused { count, .. }, .. } => sums.2 += count,
            other => panic!("{other:?}"),
        }
    }
    sums
}

#[test]
fn a_dead_mailbox_that_is_polled_each_minute_costs_three_rows_an_hour() {
    let (mut refusals, mut notes, mut references) = (Refusals::default(), Vec::new(), Vec::new());
    for minute in 0..24 * 60 {
        let (reference, told) = refusals.count(mailbox(minute * MINUTE, 1));
        notes.extend(told);
        references.push(reference);
    }
    notes.extend(refusals.close(Micros::MAX));
    assert_eq!(sums(&notes), (24, 24, 24 * 60));
    assert_eq!(notes.len(), 24 * 3);
    references.dedup();
    assert_eq!(references.len(), 24, "one reference an hour");
    let named = notes.iter().filter_map(|note| match note {
        Note::Help { reference, .. } => Some(reference.as_str()),
        _ => None,
    });
    assert!(named.eq(references.iter().map(Reference::as_str)), "which the page knows");
    assert_eq!((refusals.open.len(), refusals.strangers), (0, 0));
}

#[test]
fn mailboxes_causes_protocols_and_strangers_are_apart() {
    let mut refusals = Refusals::default();
    let smtp = RefusedLogin { protocol: Protocol::Smtp, ..mailbox(0, 1) };
    let disabled = RefusedLogin { cause: "disabled", ..mailbox(0, 1) };
    let dead = RefusedLogin { address: mailbox(0, 1).address, ..stranger(0, 1) };
    let elsewhere = RefusedLogin { peer: peer(2), ..dead.clone() };
    let all = [mailbox(0, 1), mailbox(0, 2), smtp, disabled, stranger(0, 1), stranger(0, 2), dead, elsewhere];
    for login in all.iter().chain(&all) {
        refusals.count(login.clone());
    }
    assert_eq!(refusals.open.len(), all.len());
    assert_eq!(sums(&refusals.close(HOUR)).2, 16);
}

#[test]
fn an_hour_with_one_refusal_has_one_row() {
    let mut refusals = Refusals::default();
    let (_, first) = refusals.count(stranger(5 * MINUTE, 1));
    assert_eq!(sums(&first), (1, 0, 0));
    assert!(refusals.close(HOUR - 1).is_empty() && refusals.open.len() == 1);
    assert!(refusals.close(HOUR).is_empty() && refusals.open.is_empty());
}

#[test]
fn strangers_do_not_fill_the_journal_and_do_not_hide_mailboxes() {
    let (mut refusals, mut notes) = (Refusals::default(), Vec::new());
    let storm = 5 * u32::try_from(STRANGERS).unwrap();
    for from in 0..storm {
        notes.extend(refusals.count(stranger(0, from)).1);
    }
    assert_eq!(notes.len(), STRANGERS + 1);
    assert_eq!(sums(&refusals.count(mailbox(0, 1)).1), (1, 1, 0));
    let counted = refusals.close(HOUR);
    assert_eq!(sums(&counted).2, u64::from(storm) - u64::try_from(STRANGERS).unwrap());
    assert_eq!(refusals.strangers, 0);
}
