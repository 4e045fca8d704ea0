//! What is in the way of writing a mail account, each told with its remedy, and
//! none of it leaves a token or half a record behind.

use postern_sandbox::{CrmTrouble, Version};
use serde_json::json;

use super::world::{ANNA, INFO, World};

impl World {
    /// The attempt fails with these words, and leaves no token beside `tokens`.
    async fn is_refused(&self, words: &str, tokens: usize) {
        let said = self.provision(&[ANNA]).await;
        assert!(said.code == 1 && said.out.contains(words), "{words}: {said:?}");
        assert_eq!(self.live_tokens().await, tokens, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_told_before_anything_is_written() {
    let world = World::of(Version::V10_0_0).await;
    let said = world.provision(&[ANNA, INFO, "--check"]).await;
    assert_eq!(said.code, 0, "the CRM has the last word about hosts: {said:?}");
    assert!(said.out.contains("create") && said.out.contains(&world.imap) && said.out.contains(&world.smtp));
    world.crm.allow_mail_to(&world.imap);
    let said = world.provision(&[ANNA, "--check"]).await;
    assert!(!said.out.contains(&world.imap) && said.out.contains(&world.smtp), "{said:?}");
    // The test of IMAP goes well, the record is refused for SMTP.
    world.is_refused(&world.smtp.clone(), 0).await;
    assert!(world.crm.records("EmailAccount").is_empty());
    world.crm.allow_mail_to(&world.smtp);

    let other = json!({ "name": "Other", "emailAddress": "other@example.com", "host": "imap.example.com", "port": 993 });
    for _ in 0..2 {
        world.crm.as_user(&world.user).create("EmailAccount", &other).unwrap();
    }
    world.is_refused("as a user may have (2)", 0).await;
    let said = world.provision(&[ANNA, "--check"]).await;
    assert!(said.code == 1 && said.out.contains("raise the limit"), "{said:?}");
    for record in world.crm.records("EmailAccount") {
        world.crm.as_user(&world.user).delete("EmailAccount", record["id"].as_str().unwrap()).unwrap();
    }
    world.by_hand(&world.user).await;
    world.by_hand(&world.user).await;
    world.is_refused("2 accounts for this address", 0).await;
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_handler_is_found_and_cleared_only_where_the_crm_shows_it() {
    let world = World::of(Version::V10_0_0).await;
    world.allow();
    let id = world.by_hand(&world.user).await;
    world.crm.set_mail_handler("EmailAccount", &id, "Espo\\Modules\\Google\\Imap");
    world.is_refused("hidden imapHandler", 0).await;
    assert_eq!(world.only("EmailAccount")["host"], "imap.gmail.com", "nothing was written");
    assert_eq!(world.crm.mail_password("EmailAccount", &id).unwrap(), "former");
    world.crm.show_mail_handlers(true);
    let said = world.provision(&[ANNA, "--check"]).await;
    assert!(said.code == 0 && said.out.contains("hidden imapHandler"), "{said:?}");
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    assert_eq!(world.only("EmailAccount")["imapHandler"], json!(null));
    assert_eq!(world.provision(&[ANNA, "--undo"]).await.code, 0);
    assert_eq!(world.only("EmailAccount")["imapHandler"], "Espo\\Modules\\Google\\Imap");
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_fails_leaves_what_stood_before() {
    let world = World::of(Version::V9_3_10).await;
    world.allow();
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    let record = world.only("EmailAccount");
    let before = world.password(&record);
    world.crm.set_mail_answers(false);
    world.is_refused("AUTHENTICATIONFAILED", 1).await;
    let said = world.provision(&[ANNA, "--json"]).await;
    assert!(said.out.contains("\"written_at\"") && said.out.contains("test_refused"), "{said:?}");
    assert_eq!(world.password(&record), before);
    assert!(world.opens(&before).await);
    world.crm.set_mail_answers(true);
    // Somebody else's now.
    let bob = "65f0c1a2b3d4e5f61";
    world.crm.add_person(bob, ("Bob", "Brown"), &["bob@example.com"]);
    super::world::give(&world.gateway, world.anna, bob).await;
    world.is_refused("Take it back first", 1).await;
    assert_eq!(world.provision(&[ANNA, "--undo"]).await.code, 0);
    assert_eq!(world.provision(&[ANNA]).await.code, 0);
    assert_eq!(world.only("EmailAccount")["assignedUserId"], bob);
    super::world::give(&world.gateway, world.anna, "65f0c1a2b3d4e5f69").await;
    assert_eq!(world.provision(&[ANNA, "--undo"]).await.code, 0);
    world.is_refused("has no such user", 0).await;
    world.tells_no_token().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_wrongly_or_is_no_administrator_is_told_so() {
    let as_user = |text: String| {
        let head = text.split("admin_user").next().unwrap().to_owned();
        format!("{head}admin_user = \"anna\"\nadmin_password = \"anna\"\n")
    };
    let world = World::with(Version::V10_0_0, as_user).await;
    let said = world.provision(&[ANNA]).await;
    assert!(said.code == 1 && said.err.contains("is no administrator of the CRM"), "{said:?}");
    let wrong = |text: String| text.replace("admin_password = \"", "admin_password = \"x");
    let world = World::with(Version::V10_0_0, wrong).await;
    let said = world.provision(&[ANNA, INFO]).await;
    assert!(said.code == 1 && said.err.contains("refuses the sign-in of crm.admin_user"), "{said:?}");
    assert_eq!(world.crm.requests("", ""), 1, "it is not shown again and again");
    // A CRM that falls silent is not asked for each of them.
    let world = World::of(Version::V10_0_0).await;
    world.crm.faults().next(CrmTrouble::Close.at("GET", "EmailAccount"));
    let said = world.provision(&[ANNA, INFO]).await;
    assert_eq!((said.code, said.out.matches("The CRM gave no answer").count()), (1, 2), "{said:?}");
    assert_eq!(world.crm.requests("GET", "InboundEmail"), 0);
    let none = |text: String| text.split("admin_user").next().unwrap().to_owned();
    let world = World::with(Version::V10_0_0, none).await;
    let said = world.provision(&[ANNA]).await;
    assert!(said.code == 1 && said.err.contains("set crm.url, crm.admin_user"), "{said:?}");
}
