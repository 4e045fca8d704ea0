//! What the CRM's contacts and leads are, as far as it shows.

use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::words::Habits;

use crate::crm::describe::people::describe_people;
use crate::crm::fault::Fault;
use crate::crm::trial::Crm;

const WHO: &str = r#"{"user":{"id":"6b035d18149b7dbf8"},"acl":{"table":{
    "Contact":{"create":"yes","read":"all","edit":"all","delete":"no"},"Lead":false}}}"#;
const SETTINGS: &str = r#"{"version":"9.3.10","personNameFormat":"firstLast"}"#;
const FIELDS: &str = r#"{"salutationName":{"type":"enum","options":["","Pan","Paní"]},
    "phoneNumber":{"type":"phone","typeList":["Mobile","Work"]}}"#;

#[tokio::test]
async fn the_words_of_both_kinds_are_described_in_four_questions() {
    let bare = r#"{"salutationName":{"options":[""]}}"#;
    let (crm, client) = Crm::of(&[(200, "", WHO), (200, "", SETTINGS), (200, "", FIELDS), (200, "", bare)]);
    let told = describe_people(&client).await.unwrap();
    let contact = told.kind(Entity::Contact);
    assert_eq!(contact.habits.salutations, ["Pan", "Paní"]);
    assert_eq!(contact.habits.phone_kinds, ["Mobile", "Work"]);
    assert!(!contact.habits.middle);
    assert_eq!(contact.barred, ["delete"]);
    let lead = told.kind(Entity::Lead);
    assert!(lead.habits.salutations.is_empty(), "a list without words leaves none to choose");
    assert_eq!(lead.habits.phone_kinds, Habits::default().phone_kinds);
    assert_eq!(lead.barred.len(), 4);
    assert!(told.unseen.is_empty());
    let asked = crm.asked();
    let asked: Vec<_> = asked.iter().map(|asked| &asked.url[url::Position::BeforePath..]).collect();
    assert_eq!(
        asked,
        [
            "/espo/api/v1/App/user",
            "/espo/api/v1/Settings",
            "/espo/api/v1/Metadata?key=entityDefs.Contact.fields",
            "/espo/api/v1/Metadata?key=entityDefs.Lead.fields"
        ]
    );
}

#[tokio::test]
async fn a_part_of_people_that_is_shut_leaves_what_a_crm_has_by_default() {
    let shut = (403, "No access.", "");
    let (_, client) = Crm::of(&[(200, "", WHO), shut, shut, (404, "", "<html>")]);
    let told = describe_people(&client).await.unwrap();
    for entity in Entity::ALL {
        assert_eq!(told.kind(entity).habits, Habits::default());
    }
    assert_eq!(told.unseen, ["Settings", "fields of Contact", "fields of Lead"]);
    for format in ["firstMiddleLast", "lastFirstMiddle"] {
        let settings = format!(r#"{{"personNameFormat":"{format}"}}"#);
        let (_, client) = Crm::of(&[(200, "", WHO), (200, "", &settings), (200, "", "null"), shut]);
        assert!(describe_people(&client).await.unwrap().contact.habits.middle, "{format}");
    }
    let (crm, client) = Crm::of(&[(200, "", WHO), (401, "", "")]);
    assert_eq!(describe_people(&client).await, Err(Fault::KeyRefused));
    assert_eq!(crm.asked().len(), 2);
}
