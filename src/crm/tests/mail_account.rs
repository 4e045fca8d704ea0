//! Mail accounts as an administrator sees them, and the test of a connection.

use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use postern_core::model::token::compose;
use serde_json::json;

use crate::crm::client::{Client, Credential};
use crate::crm::fault::Fault;
use crate::crm::mail_account::{Denied, Kind, Standing, Trial, without_secrets};
use crate::crm::trial::Crm;
use crate::net::exchange::Method;

const GUARDED: &str = "Host '127.0.0.1' is not allowed as it's internal. To allow, add `127.0.0.1:1143` to the config \
                       parameter `emailServerAllowedAddressList`.";

fn trial<'t>(password: Option<&'t Secret>) -> Trial<'t> {
    let (host, address) = ("mail.x.cz", "anna@x.cz");
    Trial { kind: Kind::Personal, record: None, host, port: 993, security: "SSL", address, password }
}

#[tokio::test]
async fn a_person_signs_in_by_name_and_password() {
    let (crm, _) = Crm::of(&[
        (200, "", r#"{"user":{"id":"1","type":"admin"}}"#),
        (200, "", r#"{"version":"9.3.10","emailServerAllowedAddressList":["a:1"],"maxEmailAccountCount":2}"#),
    ]);
    let person = Credential::Person { user: "postern".to_owned(), password: Secret::new("p:w") };
    let client = Client::showing(crm.clone(), "https://crm.example.com".parse().unwrap(), person);
    let told = client.standing().await.unwrap();
    let version = Some((9, 3, 10));
    assert_eq!(
        told,
        Standing { administrator: true, version, allowed: vec!["a:1".to_owned()], most: Some(2) }
    );
    assert!(told.guards_hosts());
    assert_eq!(crm.asked()[0].headers[0], ("authorization", "Basic cG9zdGVybjpwOnc=".to_owned()));
}

#[tokio::test]
async fn an_api_user_is_no_administrator_and_older_releases_guard_nothing() {
    let (_, client) =
        Crm::of(&[(200, "", r#"{"user":{"id":"1","type":"api"}}"#), (200, "", r#"{"version":"9.2.7"}"#)]);
    let told = client.standing().await.unwrap();
    assert!(!told.administrator && !told.guards_hosts() && told.most.is_none());
}

#[tokio::test]
async fn a_test_tells_why_it_failed_and_never_the_password() {
    let token = compose(&[7; 32]);
    let echo = format!("TAG1 LOGIN anna@x.cz {} failed", token.reveal());
    let echo: &'static str = Box::leak(echo.into_boxed_str());
    let (crm, client) = Crm::of(&[
        (200, "", "true"),
        (500, "Response: \"TAG1 NO [AUTHENTICATIONFAILED] wrong\"", ""),
        (500, echo, ""),
        (403, "Not allowed host.", ""),
        (200, "", "<html>"),
    ]);
    client.test_mail_account(&trial(Some(&token))).await.unwrap();
    assert_eq!(crm.sent()["password"], json!(token.reveal()));
    assert!(crm.sent().get("id").is_none() && crm.sent().get("userId").is_none());
    assert_eq!(crm.asked()[0].method, Method::Post);
    let told = client.test_mail_account(&trial(Some(&token))).await.unwrap_err();
    assert_eq!(told, Denied::Refused(PeerText::new("Response: \"TAG1 NO (AUTHENTICATIONFAILED) wrong\"")));
    let told = client.test_mail_account(&trial(Some(&token))).await.unwrap_err();
    assert!(!told.to_string().contains("pst_"), "{told}");
    assert_eq!(client.test_mail_account(&trial(None)).await, Err(Denied::HostNotAllowed));
    let told = client.test_mail_account(&trial(None)).await;
    assert!(matches!(told, Err(Denied::Crm(Fault::Malformed(_)))), "{told:?}");
}

#[test]
fn refusals_are_told_apart_by_their_words() {
    let denied = |reason: &str| Denied::of(Fault::NoAccess { reason: PeerText::new(reason) });
    assert_eq!(denied(GUARDED), Denied::HostNotAllowed);
    assert_eq!(denied("Email Account number for user limit exceeded."), Denied::Limit);
    assert!(matches!(denied("No create access."), Denied::Crm(Fault::NoAccess { .. })));
}

#[test]
fn no_form_of_a_token_passes() {
    let token = compose(&[7; 32]);
    for (text, stays) in [
        (format!("LOGIN \"a@x.cz\" \"{}\"", token.reveal()), "LOGIN \"a@x.cz\" \" …"),
        (format!("failed at {}", &token.reveal()[..20]), "failed at …"),
        ("PLAIN AGFubmFAZXhhbXBsZS5jb20AcHN0X0FCQ0RFRkdISUpLTE1OT1A= failed".to_owned(), "PLAIN failed"),
    ] {
        assert_eq!(without_secrets(&text), stays);
    }
    let words =
        "TAG1 NO please reconnect: https://crm.example.com/postern/r/abcdefgh12345 (ref abcdefgh12345)";
    assert_eq!(without_secrets(words), words);
}
