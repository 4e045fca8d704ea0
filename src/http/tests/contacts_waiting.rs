//! What of a mailbox's contacts waits for somebody: holds, what could not be done, the pairs, and the
//! sheet on which admins read it.

use axum::http::StatusCode;
use postern_core::model::id::BookId;
use postern_core::model::role::Role;
use postern_core::plan::link::{Side, State};

use super::House;
use super::own_contacts::PAGE;
use crate::store::sync::runs::Counts;
use crate::store::sync::{dead_letters, holds};

#[tokio::test]
async fn the_owner_decides_about_what_waits_and_has_tried_again_what_failed() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let link = house.linked("<b>Eva</b>", "r1", State::Active).await;
    let letter = house.contact_letter("Contact/r1", "invalid <i>number</i>").await;
    let hold =
        house.contact_hold("delete", &[&format!("pair {link}"), "contactGroups/g1", "people/c9"]).await;
    let page = house.see(&owner, PAGE).await.text;
    for words in [
        "&#60;b&#62;Eva&#60;/b&#62; Nova",
        "invalid &#60;i&#62;number&#60;/i&#62;",
        "the whole group",
        "(no name)",
        "It was removed in the CRM, where it had been made.",
        "12 since 2026-",
        "deletions",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<b>Eva</b>") && !page.contains("<i>"), "{page}");
    let path = format!("contacts/letter/{letter}/retry");
    let told = house.wish(&owner, &path).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=retried"), "{}", told.text);
    assert_eq!(house.stage.events().await.last().unwrap(), "contact_retried");
    assert_eq!(house.wish(&owner, &path).await.status, StatusCode::NOT_FOUND);
    let told = house.wish(&owner, &format!("contacts/hold/{hold}/approve")).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=approved"), "{}", told.text);
    let told = house.wish(&owner, &format!("contacts/hold/{hold}/reject")).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "it was decided");
    assert!(told.text.contains("do not wait any more"), "{}", told.text);
    for path in ["contacts/hold/x/approve", "contacts/letter/x/retry"] {
        assert!(house.wish(&owner, path).await.status.is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn another_mailboxs_holds_and_letters_are_not_there_for_an_owner() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let (book, ben) = (house.book().await, house.stage.register("ben@acme.cz", &[]).await);
    let other = BookId(uuid::Uuid::from_u128(9));
    let mut batch = house.stage.store().batch().await.unwrap();
    let hold = holds::open(&mut batch, book, ben, "delete", 3, "[]").await.unwrap();
    dead_letters::put(&mut batch, other, ben, "Contact/x", Side::Crm, "Secret", "{}").await.unwrap();
    let all = dead_letters::of_calendar(house.stage.store(), &mut batch, other, 1).await.unwrap();
    batch.commit().await.unwrap();
    let told = house.wish(&owner, &format!("contacts/hold/{hold}/approve")).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    let told = house.wish(&owner, &format!("contacts/letter/{}/retry", all[0].id)).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    assert!(!house.see(&owner, PAGE).await.text.contains("Secret"));
}

#[tokio::test]
async fn the_pairs_are_listed_a_page_at_a_time() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let page = house.see(&owner, &format!("{PAGE}/pairs")).await.text;
    assert!(page.contains("Nobody is linked yet"), "{page}");
    house.linked("<script>x</script>", "r0", State::Quarantined).await;
    for number in 1..=50 {
        // They are listed in the order in which they were made.
        house.stage.pass(1);
        house.linked("Eva", &format!("r{number}"), State::Active).await;
    }
    let page = house.see(&owner, &format!("{PAGE}/pairs")).await.text;
    for words in [
        "&#60;script&#62;x&#60;/script&#62; Nova",
        "<code>r0</code>",
        "two programs may be working against each other",
        "It is kept in step.",
        "1 to 50 of 51",
        "/postern/me/contacts/pairs?from=50",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<script>") && !page.contains("<code>r50</code>"), "{page}");
    let page = house.see(&owner, &format!("{PAGE}/pairs?from=50")).await.text;
    assert!(page.contains("<code>r50</code>") && page.contains("51 to 51 of 51"), "{page}");
    assert_eq!(house.see(&owner, &format!("{PAGE}/pairs?from=-1")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn admins_read_the_sheet_and_only_some_see_what_people_wrote() {
    let house = House::build().await;
    house.in_group().await;
    house.linked("Eva", "r1", State::Active).await;
    let (at, letter) = (
        format!("/admin/accounts/{}", house.stage.account),
        house.contact_letter("Contact/r1", "invalid number").await,
    );
    let holds = [house.contact_hold("delete", &[]).await, house.contact_hold("update", &[]).await];
    house.book_ran(Counts { made: 4, ..Counts::default() }, None).await;
    let paths = [
        (format!("{at}/contacts/run"), "asked"),
        (format!("{at}/contacts/letter/{letter}/retry"), "retried"),
        (format!("{at}/contacts/hold/{}/approve", holds[0]), "approved"),
        (format!("{at}/contacts/hold/{}/reject", holds[1]), "rejected"),
    ];
    for (role, acts) in [(Role::Auditor, false), (Role::Helpdesk, false), (Role::Admin, true)] {
        let desk = house.signed_in(role.name(), role).await;
        assert!(desk.get(&at).await.text.contains(&format!("{at}/contacts")), "{role:?}");
        let page = desk.get(&format!("{at}/contacts")).await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        for words in ["CRM (0 people)", "Made: 4.", "Only from the CRM to Google", "could not be done"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("<input type=\"radio\"") && !page.text.contains("<select"));
        for words in ["Eva Nova", "invalid number", "Bring in step now", "Approve"] {
            assert_eq!(page.text.contains(words), acts, "{role:?} {words}: {}", page.text);
        }
        for (path, done) in &paths {
            let told = desk.post(path, &[]).await;
            if acts {
                assert_eq!(told.header("location"), format!("/postern{at}/contacts?done={done}"), "{path}");
            } else {
                assert_eq!(told.status, StatusCode::FORBIDDEN, "{role:?} {path}");
            }
        }
    }
    let desk = house.signed_in("eva", Role::Admin).await;
    assert_eq!(desk.post(&paths[1].0, &[]).await.status, StatusCode::NOT_FOUND, "it was done");
    let other = format!("{at}/contacts/hold/{}/reject", holds[0]);
    assert_eq!(desk.post(&other, &[]).await.status, StatusCode::CONFLICT, "it was decided");
    for id in [uuid::Uuid::from_u128(7).to_string(), "x".to_owned()] {
        assert_eq!(desk.get(&format!("/admin/accounts/{id}/contacts")).await.status, StatusCode::NOT_FOUND);
    }
}
