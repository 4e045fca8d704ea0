//! What the CRM is, as far as it shows.

use postern_core::plan::calendar::entry::{Entity, Habits};

use crate::crm::describe::describe;
use crate::crm::fault::Fault;
use crate::crm::trial::Crm;

const WHO: &str = r#"{"user":{"id":"6b035d18149b7dbf8"},"acl":{"table":{
    "Meeting":{"create":"yes","read":"all","edit":"all","delete":"no"},"Call":false}}}"#;
const SETTINGS: &str =
    r#"{"version":"9.3.10","timeZone":"Europe/Prague","siteUrl":"https://crm.example.com"}"#;
const FIELDS: &str = r#"{"status":{"options":["Planned","Done","Held","Not Held"],"default":"Planned"},
    "isAllDay":{"type":"bool"},"location":{"type":"varchar"},"cGoogleCalendarEventId":{"type":"varchar"}}"#;
const SCOPE: &str = r#"{"completedStatusList":["Held","Done"],"canceledStatusList":["Not Held"]}"#;

#[tokio::test]
async fn everything_that_the_crm_shows_is_described() {
    let (crm, client) = Crm::of(&[
        (200, "", WHO),
        (200, "", SETTINGS),
        (200, "", FIELDS),
        (200, "", SCOPE),
        (200, "", "{}"),
        (200, "", "null"),
    ]);
    let told = describe(&client).await.unwrap();
    assert_eq!((told.version, told.zone.as_str()), (Some((9, 3, 10)), "Europe/Prague"));
    assert_eq!(
        (told.me.as_str(), told.site.as_deref()),
        ("6b035d18149b7dbf8", Some("https://crm.example.com"))
    );
    let meeting = told.kind(Entity::Meeting);
    assert_eq!(meeting.habits.held, ["Held", "Done"]);
    assert_eq!(meeting.habits.event_field.as_deref(), Some("cGoogleCalendarEventId"));
    assert!(meeting.habits.place && meeting.whole_days && meeting.statuses.len() == 4);
    assert_eq!(meeting.barred, ["delete"]);
    let call = told.kind(Entity::Call);
    assert_eq!((&call.habits, call.whole_days, call.barred.len()), (&Habits::default(), false, 4));
    assert!(told.unseen.is_empty());
    assert!(meeting.mails && call.mails, "it does not tell");
    let asked = crm.asked();
    let asked: Vec<_> = asked.iter().map(|asked| &asked.url[url::Position::BeforePath..]).collect();
    assert_eq!(asked[..2], ["/espo/api/v1/App/user", "/espo/api/v1/Settings"]);
    assert_eq!(asked[2], "/espo/api/v1/Metadata?key=entityDefs.Meeting.fields");
    assert_eq!(asked[5], "/espo/api/v1/Metadata?key=scopes.Call");
}

#[tokio::test]
async fn a_part_that_is_shut_hides_no_other_and_is_named() {
    let shut = (403, "No access.", "");
    let (_, client) = Crm::of(&[(200, "", WHO), shut, shut, (200, "", SCOPE), (404, "", "<html>"), shut]);
    let told = describe(&client).await.unwrap();
    assert_eq!((told.version, told.zone.as_str()), (None, "UTC"));
    assert_eq!(told.meeting.habits.held, ["Held", "Done"]);
    assert!(told.meeting.whole_days);
    assert_eq!(told.unseen, ["Settings", "fields of Meeting", "fields of Call", "scope of Call"]);
}

#[tokio::test]
async fn rule_5_3_a_refused_key_and_a_silent_crm_end_the_description_at_once() {
    for (status, fault) in [
        (401, Fault::KeyRefused),
        (403, Fault::Blocked),
        (503, Fault::Temporary(503)),
        (0, Fault::Unknown("refused".to_owned())),
    ] {
        let (crm, client) = Crm::of(&[(200, "", WHO), (status, "", "")]);
        assert_eq!(describe(&client).await, Err(fault));
        assert_eq!(crm.asked().len(), 2);
    }
    let (_, client) = Crm::of(&[(200, "", "{}")]);
    assert!(matches!(describe(&client).await, Err(Fault::Malformed(_))));
}

#[tokio::test]
async fn rule_2_5_whom_the_crm_mails_is_known_only_where_it_tells() {
    for (settings, mailed) in [
        (r#"{}"#, [true, true]),
        (
            r#"{"assignmentEmailNotifications":false,"assignmentEmailNotificationsEntityList":["Call"]}"#,
            [false, false],
        ),
        (
            r#"{"assignmentEmailNotifications":true,"assignmentEmailNotificationsEntityList":["Call"]}"#,
            [false, true],
        ),
        (r#"{"assignmentEmailNotifications":true}"#, [true, true]),
    ] {
        let nothing = (200, "", "null");
        let (_, client) = Crm::of(&[(200, "", WHO), (200, "", settings), nothing, nothing, nothing, nothing]);
        let told = describe(&client).await.unwrap();
        assert_eq!([told.meeting.mails, told.call.mails], mailed, "{settings}");
    }
}
