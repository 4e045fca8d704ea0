//! The stand-in's own controls: people at work, custom fields, faults, counters.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_sandbox::{Clock, Crm, CrmOptions, CrmTrouble, EventField, Version};
use serde_json::{Value, json};

use super::espo::{ALICE, BOB, Espo, Outcome};

async fn espo() -> Result<Espo, std::io::Error> {
    Espo::stand_in(Version::V10_0_0).await
}

#[tokio::test]
async fn a_person_makes_and_changes_records_under_the_own_name() -> Outcome {
    let espo = espo().await?;
    let alice = espo.crm().as_user(ALICE);
    let id = alice.create("Meeting", &json!({ "name": "Own", "dateStart": "2026-12-01 09:00:00" }))?;
    let read = espo.read("Meeting", &id).await;
    assert_eq!((&read["createdById"], &read["assignedUserId"]), (&json!(ALICE), &json!(ALICE)));
    assert_eq!(read["usersColumns"][ALICE]["status"], json!("Accepted"));
    espo.crm().as_user(BOB).edit("Meeting", &id, &json!({ "name": "Changed" }))?;
    let read = espo.read("Meeting", &id).await;
    assert_eq!((&read["modifiedById"], &read["modifiedByName"]), (&json!(BOB), &json!("Bob Brown")));
    let refused = alice.edit("Meeting", &id, &json!({ "name": "a < b" }));
    assert!(refused.is_err_and(|reason| reason.contains("type: pattern")));
    alice.delete("Meeting", &id)?;
    assert_eq!(espo.crm().record("Meeting", &id), None);
    assert!(espo.crm().records("Meeting").is_empty());
    Ok(())
}

#[tokio::test]
async fn an_answer_and_the_relation_panel_leave_the_time_of_the_last_change_alone() -> Outcome {
    let espo = espo().await?;
    let carl = espo.contact("Carl").await;
    let id = espo.meeting(&json!({})).await;
    let first = espo.read("Meeting", &id).await;
    espo.crm().clock().advance(Duration::from_secs(100));
    let alice = espo.crm().as_user(ALICE);
    alice.answer("Meeting", &id, "Tentative")?;
    alice.relate("Meeting", &id, "contacts", &carl)?;
    alice.relate("Meeting", &id, "users", BOB)?;
    alice.unrelate("Meeting", &id, "users", BOB)?;
    let read = espo.read("Meeting", &id).await;
    assert_eq!(read["usersColumns"][ALICE]["status"], json!("Tentative"));
    assert_eq!((&read["usersIds"], &read["contactsIds"]), (&json!([ALICE]), &json!([carl])));
    assert_eq!((&read["modifiedAt"], &read["modifiedById"]), (&first["modifiedAt"], &Value::Null));
    assert!(espo.crm().as_user(BOB).answer("Meeting", &id, "Accepted").is_err(), "Bob was not invited");
    Ok(())
}

#[tokio::test]
async fn a_user_who_left_is_shown_as_inactive() -> Outcome {
    let espo = espo().await?;
    espo.crm().set_active(ALICE, false);
    assert_eq!(espo.read("User", ALICE).await["isActive"], json!(false));
    Ok(())
}

#[tokio::test]
async fn the_event_field_is_stored_only_under_the_name_it_has() -> Outcome {
    let espo = espo().await?;
    let both = json!({ "googleCalendarEventId": "a", "cGoogleCalendarEventId": "b" });
    for (field, present, absent) in [
        (EventField::Absent, None, vec!["googleCalendarEventId", "cGoogleCalendarEventId"]),
        (EventField::Module, Some(("googleCalendarEventId", "a")), vec!["cGoogleCalendarEventId"]),
        (EventField::Custom, Some(("cGoogleCalendarEventId", "b")), vec!["googleCalendarEventId"]),
    ] {
        espo.crm().set_event_field(field);
        let id = espo.meeting(&both).await;
        let read = espo.read("Meeting", &id).await;
        for name in absent {
            assert_eq!(read.get(name), None, "{field:?}");
            let known = espo.get(&format!("Metadata?key=entityDefs.Meeting.fields.{name}")).await.good();
            assert_eq!(known, Value::Null);
        }
        let Some((name, value)) = present else { continue };
        assert_eq!(read[name], json!(value));
        let known = espo.get(&format!("Metadata?key=entityDefs.Meeting.fields.{name}")).await.good();
        assert_eq!(known["type"], json!("varchar"));
        let filter = format!("where[0][type]=equals&where[0][attribute]={name}&where[0][value]={value}");
        assert_eq!(espo.get(&format!("Meeting?{filter}")).await.good()["list"][0]["id"], json!(id));
        let copy = espo.crm().as_user(ALICE).copy("Meeting", &id)?;
        assert_eq!(espo.read("Meeting", &copy).await[name], json!(value), "a copy takes it along");
    }
    Ok(())
}

#[tokio::test]
async fn the_crm_tells_who_was_assigned_by_somebody_else() -> Outcome {
    let espo = espo().await?;
    let id = espo.crm().as_user(ALICE).create("Meeting", &espo.about(&json!({})))?;
    assert!(espo.crm().notifications().is_empty(), "nobody is told of an own deed");
    espo.crm().set_assignment_mails(true);
    espo.put(&format!("Meeting/{id}"), &json!({ "assignedUserId": BOB })).await.good();
    espo.put(&format!("Meeting/{id}"), &json!({ "assignedUserId": BOB })).await.good();
    espo.meeting(&json!({})).await;
    let told = espo.crm().notifications();
    let told: Vec<(&str, bool)> = told.iter().map(|it| (it.user.as_str(), it.by_mail)).collect();
    assert_eq!(told, [(BOB, true), (ALICE, true)]);
    Ok(())
}

#[tokio::test]
async fn requests_are_counted_by_method_and_entity() -> Outcome {
    let espo = espo().await?;
    espo.meeting(&json!({})).await;
    espo.get("Meeting").await.good();
    espo.get("Call").await.good();
    let crm = espo.crm();
    let counts = [("POST", "Meeting"), ("GET", "Meeting"), ("GET", ""), ("", "")];
    assert_eq!(counts.map(|(method, entity)| crm.requests(method, entity)), [1, 1, 2, 3]);
    crm.forget_requests();
    assert_eq!(crm.requests("", ""), 0);
    Ok(())
}

#[tokio::test]
async fn a_fault_meets_the_requests_it_is_for() -> Outcome {
    let espo = espo().await?;
    let faults = espo.crm().faults();
    faults.next(CrmTrouble::Answer(503).at("POST", "Meeting"));
    espo.get("Meeting").await.good();
    espo.post("Meeting", &espo.about(&json!({}))).await.is(503, "");
    assert!(espo.crm().records("Meeting").is_empty());
    espo.meeting(&json!({})).await;
    assert_eq!(espo.crm().records("Meeting").len(), 1);
    faults.next(CrmTrouble::Page(200, "<html>".to_owned()).into());
    assert_eq!(espo.get("Meeting").await.body, "<html>");
    Ok(())
}

#[tokio::test]
async fn an_effect_may_happen_while_its_answer_is_lost() -> Outcome {
    let espo = espo().await?;
    let patience = Duration::from_millis(300);
    let id = espo.meeting(&json!({})).await;
    espo.crm().faults().next(CrmTrouble::LoseAnswer.at("GET", "User"));
    assert!(espo.try_get(&format!("User/{ALICE}"), patience).await.is_err());
    assert_eq!(espo.crm().asked(), [ALICE]);
    espo.crm().faults().next(CrmTrouble::HangAfter.at("GET", "User"));
    assert!(espo.try_get(&format!("User/{ALICE}"), patience).await.is_err());
    assert_eq!(espo.crm().asked(), [ALICE, ALICE]);
    for nothing_done in [CrmTrouble::Hang, CrmTrouble::Close] {
        espo.crm().faults().next(nothing_done.at("GET", "User"));
        assert!(espo.try_get(&format!("User/{ALICE}"), patience).await.is_err());
    }
    assert_eq!(espo.crm().asked(), [ALICE, ALICE]);
    espo.crm().faults().next(CrmTrouble::Delay(Duration::from_millis(50)).into());
    assert_eq!(espo.read("Meeting", &id).await["id"], json!(id));
    Ok(())
}

#[tokio::test]
async fn whole_days_begin_in_the_zone_of_the_crm() -> Outcome {
    let espo = espo().await?;
    espo.crm().set_time_zone("Europe/Prague");
    assert_eq!(espo.get("Settings").await.good()["timeZone"], json!("Europe/Prague"));
    let day = json!({ "isAllDay": true, "dateStartDate": "2026-07-05", "dateEndDate": "2026-07-05" });
    let id = espo.meeting(&day).await;
    let read = espo.read("Meeting", &id).await;
    assert_eq!(read["dateStart"], json!("2026-07-04 22:00:00"));
    assert_eq!(read["dateEnd"], json!("2026-07-05 22:00:00"));
    Ok(())
}

#[tokio::test]
async fn a_lead_becomes_a_contact_and_two_contacts_become_one() -> Outcome {
    let espo = espo().await?;
    let alice = espo.crm().as_user(ALICE);
    let person = json!({ "firstName": "Lena", "lastName": "Lead", "emailAddress": "lena@example.net" });
    let lead = alice.create("Lead", &person)?;
    let contact = alice.convert(&lead)?;
    let read = espo.read("Lead", &lead).await;
    assert_eq!((&read["status"], &read["createdContactId"]), (&json!("Converted"), &json!(contact)));
    assert_eq!(espo.read("Contact", &contact).await["emailAddress"], json!("lena@example.net"));
    let other =
        alice.create("Contact", &json!({ "lastName": "Twin", "emailAddress": "twin@example.net" }))?;
    alice.merge("Contact", &other, &contact)?;
    let rows = espo.read("Contact", &other).await["emailAddressData"].clone();
    let rows: Vec<&Value> = rows.as_array().into_iter().flatten().map(|row| &row["emailAddress"]).collect();
    assert_eq!(rows, [&json!("twin@example.net"), &json!("lena@example.net")]);
    assert_eq!(espo.get(&format!("Contact/{contact}")).await.status, 404);
    alice.restore("Contact", &contact);
    assert_eq!(espo.read("Contact", &contact).await["name"], json!("Lena Lead"));
    Ok(())
}

#[tokio::test]
async fn users_and_records_belong_to_teams() -> Outcome {
    let espo = espo().await?;
    espo.crm().add_team("t1", "Sales");
    espo.crm().set_teams(BOB, &["t1"]);
    assert_eq!(espo.read("User", BOB).await["teamsIds"], json!(["t1"]));
    let contact = espo.made("Contact", &json!({ "lastName": "Team", "teamsIds": ["t1"] })).await;
    assert_eq!(contact["teamsNames"], json!({ "t1": "Sales" }));
    let linked = "where[0][type]=linkedWith&where[0][attribute]=teams&where[0][value][]=t1";
    assert_eq!(espo.get(&format!("Contact?{linked}")).await.good()["total"], json!(1));
    let ghost = json!({ "lastName": "Ghost", "teamsIds": ["t2"] });
    assert_eq!(espo.post("Contact", &ghost).await.status, 403);
    Ok(())
}

#[tokio::test]
async fn an_invited_user_answers_over_the_api_with_the_own_login() -> Outcome {
    let espo = espo().await?;
    let id = espo.meeting(&json!({})).await;
    let login = STANDARD.encode("alice:alice");
    let body = json!({ "id": id, "status": "Accepted" }).to_string();
    let fields = [("Espo-Authorization", login.as_str())];
    let told = espo.send("POST", "Meeting/action/setAcceptanceStatus", Some(&body), &fields).await;
    assert_eq!(told.good(), json!(true));
    assert_eq!(espo.read("Meeting", &id).await["usersColumns"][ALICE]["status"], json!("Accepted"));
    Ok(())
}

#[tokio::test]
async fn the_clock_can_be_one_with_googles_and_the_same_deeds_give_the_same_record() -> Outcome {
    let mut records = Vec::new();
    for _ in 0..2 {
        let clock = Clock::stopped(Duration::from_secs(1_795_389_030));
        let crm = Crm::start_with(CrmOptions { clock: clock.clone(), ..CrmOptions::default() }).await?;
        crm.add_user(ALICE, &["alice@example.com"]);
        clock.advance(Duration::from_secs(30));
        let meeting = json!({ "name": "Same", "dateStart": "2026-12-01 09:00:00" });
        let id = crm.as_user(ALICE).create("Meeting", &meeting)?;
        records.extend(crm.record("Meeting", &id));
    }
    assert_eq!(records[0], records[1]);
    assert_eq!(records[0]["createdAt"], json!("2026-11-22 23:11:00"));
    Ok(())
}

#[tokio::test]
async fn a_list_cuts_long_texts() -> Outcome {
    let espo = espo().await?;
    let id = espo.meeting(&json!({ "description": "é".repeat(10_001) })).await;
    let length = |record: &Value| record["description"].as_str().map(|text| text.chars().count());
    assert_eq!(length(&espo.read("Meeting", &id).await), Some(10_001));
    for path in ["Meeting", "Meeting?select=description"] {
        assert_eq!(length(&espo.get(path).await.good()["list"][0]), Some(10_000), "{path}");
    }
    Ok(())
}
