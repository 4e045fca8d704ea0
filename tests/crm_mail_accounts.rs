//! Mail accounts that the gateway writes into the CRM: a stand-in CRM that logs
//! in through a real `postern serve` to the sandbox's Gmail.

mod obstacles;
mod programs;
mod world;

use std::time::Duration;

use postern_sandbox::{CrmTrouble, Version};
use serde_json::{Value, json};

pub use world::more;
use world::{ANNA, INFO, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_written_tested_repeated_and_taken_back() {
    for version in [Version::V9_2_7, Version::V9_3_10, Version::V10_0_0] {
        let world = World::of(version).await;
        if version > Version::V9_2_7 {
            let said = world.provision(&[ANNA]).await;
            assert_eq!(said.code, 1, "{said:?}");
            for place in [&world.imap, &world.smtp] {
                assert!(said.out.contains(place), "{place} is to be added: {said:?}");
            }
            assert!(world.crm.records("EmailAccount").is_empty());
            assert_eq!(world.live_tokens().await, 0, "a failed attempt leaves no token");
            world.allow();
        }
        let said = world.provision(&[ANNA]).await;
        assert_eq!(said.code, 0, "{version:?} {said:?}");
        let record = world.only("EmailAccount");
        assert_eq!(record["host"], "127.0.0.1");
        assert_eq!(format!("127.0.0.1:{}", record["port"]), world.imap);
        assert_eq!(format!("127.0.0.1:{}", record["smtpPort"]), world.smtp);
        for (field, value) in [
            ("assignedUserId", json!(world.user)),
            ("emailAddress", json!(ANNA)),
            ("username", json!(ANNA)),
            ("smtpUsername", json!(ANNA)),
            ("status", json!("Active")),
            ("security", json!("")),
            ("useSmtp", json!(true)),
            ("storeSentEmails", json!(false)),
        ] {
            assert_eq!(record[field], value, "{field}");
        }
        let first = world.password(&record);
        assert!(world.opens(&first).await, "the CRM holds a token that works");
        assert_eq!(world.live_tokens().await, 1);

        assert_eq!(world.provision(&[ANNA]).await.code, 0);
        assert_eq!(world.only("EmailAccount")["id"], record["id"], "one record");
        let second = world.password(&record);
        assert_ne!(first, second);
        assert_eq!(world.live_tokens().await, 1, "the token from before has ended");
        assert!(world.opens(&second).await && !world.opens(&first).await);

        let said = world.provision(&[ANNA, "--undo"]).await;
        assert!(said.code == 0 && said.out.contains("The account was deleted."), "{said:?}");
        assert!(world.crm.records("EmailAccount").is_empty());
        assert_eq!(world.live_tokens().await, 0);
        assert!(!world.opens(&second).await);
        world.tells_no_token().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_mailbox_gets_a_group_account() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    let said = world.provision(&[INFO, "--json"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let record = world.only("InboundEmail");
    assert_eq!((&told[0]["state"], &told[0]["record"]), (&json!("written"), &record["id"]));
    assert!(world.crm.records("EmailAccount").is_empty() && record.get("assignedUserId").is_none());
    // What was fetched by it refers to it.
    world.crm.set_fetched("InboundEmail", record["id"].as_str().unwrap());
    let said = world.provision(&[INFO, "--undo"]).await;
    assert!(said.code == 0 && said.out.contains("switched off"), "{said:?}");
    assert_eq!(world.only("InboundEmail")["status"], "Inactive");
    assert_eq!(world.live_tokens().await, 0);
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_there_gets_its_values_back() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    let id = world.by_hand(&world.user).await;
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    assert_eq!(world.provision(&[ANNA]).await.code, 0, "repeated");
    let record = world.only("EmailAccount");
    assert_eq!((&record["id"], &record["host"]), (&json!(id), &json!("127.0.0.1")));
    assert_eq!(record["name"], "By hand", "what is not of the connection stays");
    // Somebody changes a value after us: that one stays.
    world.crm.as_user(&world.user).edit("EmailAccount", &id, &json!({ "smtpSecurity": "SSL" })).unwrap();
    let said = world.provision(&[ANNA, "--undo"]).await;
    assert!(said.code == 0 && said.out.contains("Its password was replaced"), "{said:?}");
    let record = world.only("EmailAccount");
    for (field, value) in [
        ("host", json!("imap.gmail.com")),
        ("port", json!(993)),
        ("security", json!("SSL")),
        ("username", json!("anna.former")),
        ("status", json!("Inactive")),
        ("smtpSecurity", json!("SSL")),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    assert_eq!(world.live_tokens().await, 0);
    let again = world.provision(&[ANNA, "--undo"]).await;
    assert!(again.code == 0 && again.out.contains("nothing was written"), "{again:?}");
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_costs_no_mail_and_leaves_nothing_behind() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    // The record is made, and nobody hears of it.
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "EmailAccount"));
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("POST", "EmailAccount"));
    let said = world.provision(&[ANNA]).await;
    assert_eq!((said.code, world.live_tokens().await), (1, 0), "the test was not heard of: {said:?}");
    world.crm.faults().clear();
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    let record = world.only("EmailAccount");
    // It is written, and nobody hears of it.
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("PUT", "EmailAccount"));
    let said = world.provision(&[ANNA]).await;
    assert!(said.code == 1 && said.out.contains("unsure"), "{said:?}");
    assert!(world.opens(&world.password(&record)).await, "whichever token it holds");
    assert_eq!(world.live_tokens().await, 2);
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    assert_eq!(world.live_tokens().await, 1);
    assert!(world.opens(&world.password(&record)).await);
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_making_was_not_heard_of_is_found_and_is_ours() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    let faults = world.crm.faults();
    let pass = |method| CrmTrouble::Delay(Duration::ZERO).at(method, "EmailAccount");
    // The test is heard of, the making is not; the record is looked for and found.
    faults.next(pass("POST"));
    faults.next(CrmTrouble::LoseAnswer.at("POST", "EmailAccount"));
    let said = world.provision(&[ANNA]).await;
    assert_eq!((said.code, world.live_tokens().await), (0, 1), "{said:?}");
    let said = world.provision(&[ANNA, "--undo"]).await;
    assert!(said.out.contains("The account was deleted."), "{said:?}");
    // Now it cannot be looked for either: whether there is one nobody knows.
    for _ in 0..2 {
        faults.next(pass("GET"));
        faults.next(pass("GET"));
        faults.next(CrmTrouble::Close.at("GET", "EmailAccount"));
        faults.next(pass("POST"));
        faults.next(CrmTrouble::LoseAnswer.at("POST", "EmailAccount"));
        let said = world.provision(&[ANNA]).await;
        assert!(said.code == 1 && said.out.contains("unsure"), "{said:?}");
        faults.clear();
        assert_eq!((world.live_tokens().await, world.crm.records("EmailAccount").len()), (1, 1));
        // Either way goes on from here: writing it again, or taking it back.
        let said = world.provision(&[ANNA]).await;
        assert_eq!((said.code, world.live_tokens().await), (0, 1), "{said:?}");
        let said = world.provision(&[ANNA, "--undo"]).await;
        assert!(said.out.contains("The account was deleted."), "{said:?}");
    }
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_write_at_once_make_one_record_and_leave_one_token() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    for _ in 0..3 {
        world.crm.faults().next(CrmTrouble::Delay(Duration::from_millis(500)).at("POST", "EmailAccount"));
    }
    let args = [ANNA];
    let (one, two) = tokio::join!(world.provision(&args), world.provision(&args));
    let codes = [one.code, two.code];
    assert!(codes.contains(&0), "{one:?} {two:?}");
    assert!(
        codes == [0, 0] || [&one, &two].iter().any(|said| said.out.contains("working")),
        "{one:?} {two:?}"
    );
    assert_eq!(world.live_tokens().await, 1);
    assert!(world.opens(&world.password(&world.only("EmailAccount"))).await);
}
