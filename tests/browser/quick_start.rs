//! The quick start of docs/usage.md, followed to the letter: from an installation that knows nobody to a
//! meeting in Google Calendar and a contact in Google Contacts.

use postern_core::model::role::Role;
use postern_sandbox::{Crm, CrmOptions};
use serde_json::json;

use super::house::{House, Way};
use crate::calendar::world::{ANNA, ANNA_ID};
use crate::support::gateway::{CLIENT, CLIENT_SECRET};

#[tokio::test(flavor = "multi_thread")]
async fn the_quick_start_leads_to_a_meeting_and_a_contact_at_google() {
    let crm = Crm::start_with(CrmOptions::default()).await.unwrap();
    crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
    let sections = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", crm.url(), crm.key());
    let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\", \"contacts\"]")];
    let house = House::with(Way::ThroughNginx, &products, &sections).await;
    let google = house.gateway.sandbox.google().clone();
    google.add_user(ANNA);
    google.add_group(ANNA, "Customers").unwrap();
    let link = house.invited("jan", Role::Admin).await;

    // The user of the CRM does this there.
    let anna = crm.as_user(ANNA_ID);
    let meeting = json!({ "name": "Kickoff", "status": "Planned", "dateStart": "2037-03-20 10:00:00",
        "dateEnd": "2037-03-20 11:00:00" });
    anna.create("Meeting", &meeting).unwrap();
    let contact = json!({ "firstName": "Eva", "lastName": "Stone", "emailAddress": "eva@outside.test" });
    let contact = anna.create("Contact", &contact).unwrap();

    let told = [
        ("LINK", link.as_str()),
        ("ANNA", ANNA),
        ("ANNA_ID", ANNA_ID),
        ("CLIENT", CLIENT),
        ("CLIENT_SECRET", CLIENT_SECRET),
        ("CONTACT", &contact),
    ];
    house.tell("quick_start.js", &told).await;

    let events = google.live_events(ANNA);
    assert_eq!(events.iter().map(|event| &event["summary"]).collect::<Vec<_>>(), ["Kickoff"]);
    let people = google.people(ANNA);
    assert_eq!(people.iter().map(|person| &person["names"][0]["familyName"]).collect::<Vec<_>>(), ["Stone"]);
    assert_eq!(google.calendar_counters().guest_mails, 0);
    house.close().await;
}
