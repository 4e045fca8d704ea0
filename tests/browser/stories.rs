//! Each story straight at the gateway without scripts, and through nginx with
//! them.

use postern_core::model::role::Role;

use super::house::{House, Way};

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
