//! Who asks, what a user is, and what each refusal means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, PeerText, Retry};

use crate::crm::fault::{Effect, Fault};
use crate::crm::id::Id;
use crate::crm::records::RecordId;
use crate::crm::trial::Crm;
use crate::crm::user::UserId;

fn id() -> UserId {
    UserId::parse("6b035d19485892bcb").unwrap()
}

const ALICE: &str = "{\"id\":\"6b035d19485892bcb\",\"isActive\":true,\"emailAddress\":\"Alice@example.com\",\
    \"emailAddressData\":[{\"emailAddress\":\"Alice@example.com\",\"lower\":\"alice@example.com\"},\
    {\"emailAddress\":\"a.adams@example.com\"},{\"emailAddress\":\"nonsense\"}],\"type\":\"regular\"}";

#[tokio::test]
async fn a_user_is_asked_for_with_the_key() {
    let (crm, client) = Crm::of(&[(200, "", ALICE)]);
    let alice = client.user(&id()).await.unwrap();
    for (address, has) in
        [("alice@example.com", true), ("A.Adams@example.com", false), ("bob@example.com", false)]
    {
        assert_eq!(alice.has(&Address::parse(address).unwrap()), has, "{address}");
    }
    let asked = crm.asked();
    assert_eq!(asked[0].url.as_str(), "https://crm.example.com/espo/api/v1/User/6b035d19485892bcb");
    assert!(asked[0].headers.contains(&("x-api-key", "k1".to_owned())));
}

#[tokio::test]
async fn whatever_else_comes_back_is_no_word_about_a_user() {
    let other = "{\"id\":\"6B035D19485892BCB\",\"isActive\":true,\"emailAddress\":\"a@b.cz\"}";
    let gone = "{\"id\":\"6b035d19485892bcb\",\"deleted\":true,\"isActive\":true}";
    for (status, reason, body, blame, retry) in [
        (404, "Record 6b035d19485892bcb not found.", "", Blame::Account, Retry::No),
        (404, "", "", Blame::Upstream, Retry::No),
        (200, "", "{\"id\":\"6b035d19485892bcb\"}", Blame::Upstream, Retry::No),
        (401, "", "", Blame::Gateway, Retry::No),
        (403, "No read access.", "", Blame::Gateway, Retry::No),
        (403, "", "", Blame::Gateway, Retry::Later),
        (503, "", "", Blame::Upstream, Retry::Later),
        (0, "", "", Blame::Upstream, Retry::Later),
        (1, "", "", Blame::Upstream, Retry::No),
        (302, "", "", Blame::Upstream, Retry::No),
        (200, "", "<html>", Blame::Upstream, Retry::No),
        (200, "", "[]", Blame::Upstream, Retry::No),
        (200, "", other, Blame::Upstream, Retry::No),
        (200, "", gone, Blame::Account, Retry::No),
    ] {
        let fault = Crm::of(&[(status, reason, body)]).1.user(&id()).await.unwrap_err();
        assert_eq!((fault.blame(), fault.retry()), (blame, retry), "{status} {body}: {fault}");
        assert!(!fault.to_string().contains("k1"));
    }
    let barred = "{\"id\":\"6b035d19485892bcb\",\"isActive\":false,\"emailAddress\":\"a@b.cz\"}";
    let user = Crm::of(&[(200, "", barred)]).1.user(&id()).await.unwrap();
    assert!(!user.has(&Address::parse("a@b.cz").unwrap()));
    let gone = [(404, "Record 6b035d19485892bcb not found.", "")];
    assert_eq!(Crm::of(&gone).1.user(&id()).await.unwrap_err(), Fault::NoUser);
}

#[tokio::test]
async fn a_signing_client_shows_a_code_over_method_and_path_and_no_secret() {
    let (crm, _) = Crm::of(&[(200, "", "true")]);
    crm.signing().delete("Meeting", &id()).await.unwrap();
    let asked = crm.asked();
    assert!(asked[0].headers.iter().all(|(name, _)| *name != "x-api-key"));
    let header = asked[0].headers.iter().find(|(name, _)| *name == "x-hmac-authorization").unwrap();
    // HMAC-SHA256 of "DELETE /Meeting/6b035d19485892bcb" with the key "s1".
    let code = "96b4d240b4a9fc5e5155abc306c00580dc13cf9e6bc3f18ce313c00374018e30";
    assert_eq!(STANDARD.decode(&header.1).unwrap(), format!("k1:{code}").into_bytes());
}

fn invalid(field: &str, kind: &str) -> Fault {
    Fault::Invalid { field: PeerText::new(field), kind: PeerText::new(kind) }
}

fn no_access(reason: &str) -> Fault {
    Fault::NoAccess { reason: PeerText::new(reason) }
}

fn refusals() -> Vec<(u16, &'static str, &'static str, Fault)> {
    let required = r#"{"messageTranslation":{"label":"validationFailure","scope":null,"data":{"field":"name","type":"required"}}}"#;
    let ghost = r#"{"messageTranslation":{"label":"cannotRelateNonExisting","scope":null,"data":{"foreignEntityType":"Contact"}}}"#;
    let ghosts = "Can't relate with non-existing record. entity type: Meeting, link: contacts.";
    let twins = r#"[{"id":"6b0360797a5b4f3d1","name":"Eva"},{"id":"../x"},{"id":"6b0360797a5b4f3d2"}]"#;
    let ids = ["6b0360797a5b4f3d1", "6b0360797a5b4f3d2"].map(|id| Id::parse(id).unwrap());
    vec![
        (401, "", "", Fault::KeyRefused),
        (403, "", "", Fault::Blocked),
        (403, "No edit access.", "", no_access("No edit access.")),
        (403, ghosts, ghost, invalid("contacts", "cannotRelateNonExisting")),
        (403, "Max size should not exceed 200. Use offset and limit.", "", Fault::TooMany),
        (404, "Record 6b0360797a5b4f3d1 not found.", "", Fault::NotFound),
        (404, "Controller 'Nonsense' does not exist.", "", Fault::NoSuchEntity),
        (404, "", "<html>", Fault::Malformed("a 404 without the CRM's own words")),
        (405, "", "<html>", Fault::Malformed("a status that no CRM gives here")),
        (409, "duplicate", twins, Fault::Duplicate(ids.to_vec())),
        (409, "modified", r#"{"values":{},"versionNumber":2}"#, Fault::Modified),
        (409, "locked", "", no_access("locked")),
        (400, "Field validation failure; entityType: Meeting.", required, invalid("name", "required")),
        (400, "Unknown where item type 'bogus'.", "", invalid("", "Unknown where item type 'bogus'.")),
        (500, "", "", Fault::Temporary(500)),
        (429, "", "", Fault::Temporary(429)),
        (0, "", "", Fault::Unknown("refused".to_owned())),
    ]
}

#[tokio::test]
async fn each_recorded_refusal_is_a_kind_of_its_own() {
    let id = RecordId::parse("6b0360797a5b4f3d1").unwrap();
    for (status, reason, body, fault) in refusals() {
        let (_, client) = Crm::of(&[(status, reason, body)]);
        assert_eq!(
            client.update("Meeting", &id, &serde_json::Map::new()).await,
            Err(fault),
            "{status} {reason}"
        );
    }
}

#[test]
fn only_a_refusal_in_the_crms_own_words_did_nothing_for_sure() {
    for (status, reason, _, fault) in refusals() {
        let unsure = matches!(status, 0 | 405 | 500) || (status == 404 && reason.is_empty());
        let effect = if unsure { Effect::Unknown } else { Effect::None };
        assert_eq!(fault.effect(), effect, "{fault}");
    }
}

#[tokio::test]
async fn what_a_peer_says_is_cut_and_cleaned() {
    let reason: &'static str = "No \u{1b}[31m<b>access</b>.";
    let (_, client) = Crm::of(&[(403, reason, "")]);
    let fault = client.delete("Meeting", &id()).await.unwrap_err();
    assert_eq!(fault, no_access(reason));
    assert!(!fault.to_string().contains(['\u{1b}', '<', '[']));
}
