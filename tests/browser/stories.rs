//! Each story straight at the gateway without scripts, and through nginx with
//! them.

use std::time::Duration;

use postern::auth::hash;
use postern::store::{Write as _, accounts, consents};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::role::Role;

use super::house::{House, Way};
use crate::support::sink::Sink;

const WAYS: [Way; 2] = [Way::Straight, Way::ThroughNginx];
const PEOPLE: [&str; 2] = ["anna@example.com", "ben@example.com"];

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admin_chooses_a_password_and_comes_back() {
    for way in WAYS {
        let house = House::open(way).await;
        let link = house.invited("jan", Role::Admin).await;
        house.tell("first_admin.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_are_registered_from_pasted_lines() {
    for way in WAYS {
        let house = House::open(way).await;
        let link = house.invited("jan", Role::Admin).await;
        house.tell("register.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_are_registered_from_a_file() {
    for way in WAYS {
        let house = House::open(way).await;
        let link = house.invited("jan", Role::Admin).await;
        house.tell("csv.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

/// A mailbox with a link that has come to its end; the word of the link.
async fn outlived(house: &House, address: &str) -> String {
    house.gateway.sandbox.google().add_user(address);
    let (mut act, address) = (house.gateway.act().await, Address::parse(address).unwrap());
    let account = accounts::insert(&mut act, &address, None, State::New).await.unwrap().id;
    let word = "an-old-link".to_owned();
    let lately = act.store().clock().now() - 1;
    consents::add_link(&mut act, account, &hash::of(&word), lately).await.unwrap();
    act.commit(Event::ConsentLinkIssued { account, address }).await.unwrap();
    word
}

/// The link in the one letter that comes.
async fn mailed(sink: &Sink, to: &str, start: &str) -> String {
    for _ in 0..300 {
        if let [letter] = &sink.take()[..] {
            assert_eq!(letter.envelope["to"][0], to);
            let text = String::from_utf8_lossy(&letter.octets).replace("=\r\n", "").replace("=3D", "=");
            let word = text.split(start).nth(1).unwrap_or_else(|| panic!("no link in {text}"));
            return format!("{start}{}", word.lines().next().unwrap());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_an_old_link_is_mailed_a_new_one() {
    for way in WAYS {
        let sink = Sink::start();
        let notices = format!("[notices]\nvia = \"smtp://127.0.0.1:{}\"\n", sink.port());
        let house = House::with(way, &[], &notices).await;
        let start = house.url("/oauth/google/start?link=");
        let old = format!("{start}{}", outlived(&house, PEOPLE[0]).await);
        house.tell("new_link_asked.js", &[("OLD", &old)]).await;
        let new = mailed(&sink, PEOPLE[0], &start).await;
        assert_ne!(new, old);
        house.tell("new_link_used.js", &[("NEW", &new)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_connects_a_mailbox_or_is_told_why_not() {
    for way in WAYS {
        let house = House::open(way).await;
        for address in PEOPLE {
            house.gateway.sandbox.google().add_user(address);
        }
        let link = house.invited("jan", Role::Admin).await;
        house.tell("consent.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gives_mail_calendar_and_contacts_or_some_of_them() {
    for way in WAYS {
        let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\", \"contacts\"]")];
        let house = House::with(way, &products, "").await;
        house.gateway.sandbox.google().add_user(PEOPLE[0]);
        let link = house.invited("jan", Role::Admin).await;
        house.tell("products.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_from_the_page_reads_mail() {
    for way in WAYS {
        let house = House::open(way).await;
        house.gateway.sandbox.google().add_demo_people();
        house.gateway.connect(PEOPLE[0], &[]).await;
        let link = house.invited("jan", Role::Admin).await;
        house.tell("token.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_sees_what_it_may_do() {
    for way in WAYS {
        let house = House::open(way).await;
        house.gateway.connect(PEOPLE[0], &[]).await;
        let helpdesk = house.invited("hana", Role::Helpdesk).await;
        let auditor = house.invited("otto", Role::Auditor).await;
        house.tell("roles.js", &[("HELPDESK", &helpdesk), ("AUDITOR", &auditor)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_with_a_code_or_a_recovery_code() {
    for way in WAYS {
        let house = House::open(way).await;
        let link = house.invited("jan", Role::Admin).await;
        house.tell("totp.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_comes_back_by_google_and_disconnects() {
    for way in WAYS {
        let house = House::open(way).await;
        for address in PEOPLE {
            house.gateway.sandbox.google().add_user(address);
        }
        let link = house.invited("jan", Role::Admin).await;
        house.tell("own.js", &[("LINK", &link)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_exports_what_the_filter_leaves() {
    for way in WAYS {
        let house = House::open(way).await;
        let admin = house.invited("jan", Role::Admin).await;
        let auditor = house.invited("otto", Role::Auditor).await;
        house.tell("export.js", &[("LINK", &admin), ("AUDITOR", &auditor)]).await;
        house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_change_one_setting() {
    for way in WAYS {
        let house = House::open(way).await;
        let [jan, eva] = [house.invited("jan", Role::Admin).await, house.invited("eva", Role::Admin).await];
        house.tell("settings.js", &[("LINK", &jan), ("SECOND", &eva)]).await;
        house.close().await;
    }
}
