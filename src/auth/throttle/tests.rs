use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use postern_core::model::origin::Origin;
use postern_core::model::secret::Secret;

use super::{ORIGINS, Pace, Rules, Throttle};
use crate::clock::Micros;

const MINUTE: Micros = 60_000_000;
const SECOND: Duration = Duration::from_secs(1);

fn throttle() -> Throttle {
    let rules = Rules { secrets: 20, window: SECOND * 600, longest: SECOND * 10 };
    Throttle::new(rules, [7; 32])
}

fn host(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n))
}

fn secret(n: u32) -> Secret {
    Secret::new(format!("wrong {n}"))
}

/// Shows `count` different secrets; the pace of the last.
fn guess(throttle: &mut Throttle, peer: IpAddr, count: u32, now: Micros) -> Pace {
    (0..count).map(|n| throttle.wrong(peer, &secret(n), now)).last().unwrap()
}

#[test]
fn one_dead_token_counts_once_however_often_it_is_shown() {
    let mut throttle = throttle();
    for minute in 0..10_000 {
        assert_eq!(throttle.wrong(host(1), &secret(1), minute * MINUTE), Pace::Free);
    }
    assert_eq!(throttle.seen.values().map(|shown| shown.0.len()).sum::<usize>(), 1);
}

#[test]
fn different_secrets_shut_an_address_out_and_slow_it_step_by_step() {
    let mut throttle = throttle();
    assert_eq!(guess(&mut throttle, host(1), 19, 0), Pace::Free);
    let mut last = Duration::ZERO;
    for n in 19..39 {
        let Pace::ShutOut(delay) = throttle.wrong(host(1), &secret(n), 0) else { panic!("{n} is free") };
        assert!(delay > last, "{n}: {delay:?}");
        last = delay;
        // Shown again, the same secret makes nothing slower.
        assert_eq!(throttle.wrong(host(1), &secret(n), 0), Pace::ShutOut(delay));
    }
    assert_eq!(last, SECOND * 10);
    assert_eq!(guess(&mut throttle, host(1), 100_000, 0), Pace::ShutOut(SECOND * 10));
    assert_eq!(throttle.seen[&Origin::of(host(1))].0.len(), 39, "no more than make a difference");
    assert_eq!(throttle.wrong(host(2), &secret(1), 0), Pace::Free, "another address");
}

#[test]
fn a_secret_is_forgotten_after_the_window_and_when_the_clock_goes_back() {
    let mut throttle = throttle();
    guess(&mut throttle, host(1), 25, 20 * MINUTE);
    assert!(matches!(throttle.wrong(host(1), &secret(1), 30 * MINUTE - 1), Pace::ShutOut(_)));
    assert_eq!(throttle.wrong(host(1), &secret(1), 30 * MINUTE), Pace::Free);
    guess(&mut throttle, host(2), 25, 20 * MINUTE);
    assert_eq!(throttle.wrong(host(2), &secret(1), 0), Pace::Free);
}

#[test]
fn an_ipv6_network_is_one_origin() {
    let mut throttle = throttle();
    for n in 0..20 {
        let peer: IpAddr = format!("2001:db8:1:1::{n:x}").parse().unwrap();
        throttle.wrong(peer, &secret(n), 0);
    }
    let shut_out = |throttle: &mut Throttle, peer: &str| {
        throttle.wrong(peer.parse().unwrap(), &secret(0), 0) != Pace::Free
    };
    assert!(shut_out(&mut throttle, "2001:db8:1:1:ffff::1"));
    assert!(!shut_out(&mut throttle, "2001:db8:1:2::1"));
}

#[test]
fn nobody_is_forgotten_because_others_come() {
    let mut throttle = throttle();
    guess(&mut throttle, host(0), 20, 0);
    // Ten times as many newcomers as there is room for, each with a few secrets.
    for n in 1..=10 * u32::try_from(ORIGINS).unwrap() {
        guess(&mut throttle, host(n), 2, 1);
        assert!(throttle.seen.len() <= ORIGINS);
    }
    assert!(matches!(throttle.wrong(host(0), &secret(0), 2), Pace::ShutOut(_)));
}

#[test]
fn old_networks_make_room_first() {
    let mut throttle = throttle();
    let most = u32::try_from(ORIGINS).unwrap();
    for n in 0..most {
        guess(&mut throttle, host(n), 3, 0);
    }
    guess(&mut throttle, host(most), 1, 10 * MINUTE);
    assert_eq!(throttle.seen.len(), 1, "their time was over");
}
