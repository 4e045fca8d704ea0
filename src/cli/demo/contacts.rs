//! Contacts kept in step: a contact of the CRM is pushed and appears in a group at Google, what is
//! edited there comes back, somebody new in the group becomes a contact, and then nothing is written
//! any more.

use anyhow::{Context as _, bail};
use postern_core::model::address::Address;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::{Choices, Strangers};
use postern_core::plan::policy::Direction;
use postern_sandbox::{Crm, Sandbox};
use serde_json::{Value, json};

use super::ANNA;
use super::calendar::{ANNA_ID, until};
use super::show::Steps;
use crate::actions::By;
use crate::actions::contacts::choose::choose;
use crate::actions::contacts::groups::Groups;
use crate::actions::contacts::push::{Pushing, Which};
use crate::actions::contacts::run::run_now;
use crate::app::Parts;
use crate::store::accounts;

const GROUP: &str = "CRM";

/// Tells the story.
pub(super) async fn both_ways(
    parts: &Parts,
    by: &By,
    (sandbox, crm): (&Sandbox, &Crm),
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let (google, store) = (sandbox.google(), &parts.store);
    let address = Address::parse(ANNA)?;
    let anna = accounts::by_address(&mut store.read().await?, &address).await?.context("no Anna")?.id;
    let group = Groups::new(&parts.people).make(store, by, anna, GROUP).await?;
    let choices = Choices {
        group: Some(group.clone()),
        direction: Direction::Both,
        strangers: Strangers::Contact,
        ..Choices::default()
    };
    choose(store, by, anna, &choices, 0).await?;
    steps.done("Anna has a group of contacts kept in step", "CRM, in both directions");

    let eva = json!({
        "firstName": "Eva", "lastName": "Dvorak", "emailAddress": "eva@acme.example", "assignedUserId": ANNA_ID,
    });
    let eva = crm.as_user(ANNA_ID).create("Contact", &eva).map_err(anyhow::Error::msg)?;
    let which = Which::Ids(vec![eva.clone()]);
    let pushing = Pushing::default();
    let push = pushing.push(store, by, (anna, Entity::Contact), &which, false).await?;
    let view = pushing.wait(store, anna, push).await?;
    if view.words != [("made".to_owned(), 1)] {
        bail!("a contact was pushed, and what came of it is {:?}", view.words);
    }
    let person = google.people(ANNA).into_iter().find(|person| is(person, "Dvorak"));
    let person = person.context("the contact that was pushed is not at Google")?;
    steps.done("a contact of the CRM is pushed to Google", "Eva Dvorak");

    let name = person["resourceName"].as_str().context("a person without a name")?;
    let edit = json!({ "phoneNumbers": [{ "value": "+420 777 123 456", "type": "mobile" }] });
    google.edit_person(ANNA, name, &edit).map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    until("the number did not come back", || {
        crm.record("Contact", &eva).filter(|record| record["phoneNumber"] == "+420777123456")
    })
    .await?;
    steps.done("a number entered at Google comes back", "+420 777 123 456");

    let dan = json!({ "names": [{ "givenName": "Dan", "familyName": "Svoboda" }],
        "emailAddresses": [{ "value": "dan@globex.example" }],
        "memberships": [{ "contactGroupMembership": { "contactGroupResourceName": group } }] });
    google.put_person(ANNA, &dan).map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    until("the new person did not become a contact", || {
        crm.records("Contact").into_iter().find(|record| record["lastName"] == "Svoboda")
    })
    .await?;
    steps.done("somebody new in the group becomes a contact", "Dan Svoboda");
    at_rest(parts, by, (sandbox, crm), steps).await
}

fn is(person: &Value, family: &str) -> bool {
    person["names"][0]["familyName"] == family
}

// Two more runs, as the counters of both sides tell.
async fn at_rest(
    parts: &Parts,
    by: &By,
    (sandbox, crm): (&Sandbox, &Crm),
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let writes = || {
        let crm: u64 = ["POST", "PUT", "PATCH", "DELETE"].iter().map(|method| crm.requests(method, "")).sum();
        sandbox.google().contacts_counters().writes.values().sum::<u64>() + crm
    };
    let lists = || sandbox.google().contacts_counters().requests.values().sum::<u64>();
    // A run that follows what was just written reads it once more.
    let settled = lists();
    run_now(&parts.store, by, None).await?;
    until("no further run came", || (lists() > settled).then_some(())).await?;
    let (written, listed) = (writes(), lists());
    run_now(&parts.store, by, None).await?;
    until("no further run came", || (lists() >= listed + 2).then_some(())).await?;
    if writes() != written {
        bail!("a run at rest wrote {} times", writes() - written);
    }
    steps.done("further runs write nothing", &format!("{} requests listed, none wrote", lists() - listed));
    Ok(())
}
