//! Exactly the attributes that 10.0.0 was seen to answer with, no more and no fewer.

use postern_sandbox::Version;
use serde_json::{Value, json};

use super::espo::{Espo, Outcome, unique};

const CREATED_CONTACT: &str = "accountId accountIsInactive accountName accountType accountsColumns accountsIds accountsNames \
    assignedUserId assignedUserName campaignName createdAt createdById createdByName deleted \
    doNotCall emailAddress emailAddressData emailAddressIsInvalid emailAddressIsOptedOut firstName \
    followersIds followersNames hasPortalUser id isFollowed isStarred lastName modifiedAt \
    modifiedByName name phoneNumber phoneNumberData phoneNumberIsInvalid phoneNumberIsOptedOut \
    streamUpdatedAt targetListIsOptedOut teamsIds teamsNames";
const CONTACT: &str = "accountId accountIsInactive accountName accountType accountsColumns accountsIds accountsNames \
    addressCity addressCountry addressPostalCode addressState addressStreet assignedUserId \
    assignedUserName campaignId campaignName createdAt createdById createdByName deleted description \
    doNotCall emailAddress emailAddressData emailAddressIsInvalid emailAddressIsOptedOut firstName \
    followersIds followersNames hasPortalUser id isFollowed isStarred lastName middleName modifiedAt \
    modifiedById modifiedByName name originalLeadId originalLeadName phoneNumber phoneNumberData \
    phoneNumberIsInvalid phoneNumberIsOptedOut portalUserId portalUserName salutationName \
    streamUpdatedAt teamsIds teamsNames title";
const LEAD: &str = "accountName addressCity addressCountry addressPostalCode addressState addressStreet \
    assignedUserId assignedUserName campaignId campaignName convertedAt createdAccountId \
    createdAccountName createdAt createdById createdByName createdContactId createdContactName \
    createdOpportunityId createdOpportunityName deleted description doNotCall emailAddress \
    emailAddressData emailAddressIsInvalid emailAddressIsOptedOut firstName followersIds \
    followersNames id industry isFollowed lastName middleName modifiedAt modifiedById modifiedByName \
    name opportunityAmount opportunityAmountConverted opportunityAmountCurrency phoneNumber \
    phoneNumberData phoneNumberIsInvalid phoneNumberIsOptedOut salutationName source status \
    streamUpdatedAt teamsIds teamsNames title website";
const CREATED_MEETING: &str = "accountId accountName assignedUserId assignedUserName contactsColumns contactsIds contactsNames \
    createdAt createdById createdByName dateEnd dateEndDate dateStart dateStartDate deleted \
    description duration followersIds followersNames id isAllDay isFollowed joinUrl leadsColumns \
    leadsIds leadsNames modifiedAt modifiedByName name parentId parentName parentType reminders \
    status streamUpdatedAt teamsIds teamsNames usersColumns usersIds usersNames";
const MEETING: &str = "accountId accountName assignedUserId assignedUserName contactsColumns contactsIds contactsNames \
    createdAt createdById createdByName dateEnd dateEndDate dateStart dateStartDate deleted \
    description duration externalService followersIds followersNames id isAllDay isFollowed joinUrl \
    leadsColumns leadsIds leadsNames modifiedAt modifiedById modifiedByName name parentId parentName \
    parentType reminders status streamUpdatedAt teamsIds teamsNames usersColumns usersIds usersNames";
const CREATED_CALL: &str = "accountName assignedUserId assignedUserName contactsColumns contactsIds contactsNames createdAt \
    createdById createdByName dateEnd dateStart deleted direction duration id leadsColumns leadsIds \
    leadsNames modifiedAt modifiedByName name parentName phoneNumbersMap reminders status teamsIds \
    teamsNames usersColumns usersIds usersNames";
const CALL: &str = "accountId accountName assignedUserId assignedUserName contactsColumns contactsIds contactsNames \
    createdAt createdById createdByName dateEnd dateStart deleted description direction duration id \
    leadsColumns leadsIds leadsNames modifiedAt modifiedById modifiedByName name parentId parentName \
    parentType phoneNumbersMap reminders status teamsIds teamsNames usersColumns usersIds usersNames";
const CREATED_WEBHOOK: &str = "createdAt createdById createdByName deleted entityType event field id isActive modifiedAt \
    modifiedByName secretKey skipOwn type url";
const MEETING_ROW: &str = "accountId accountName assignedUserId assignedUserName createdAt createdById createdByName \
    dateEnd dateEndDate dateStart dateStartDate deleted description duration externalService id \
    isAllDay joinUrl modifiedAt modifiedById modifiedByName name parentId parentName parentType \
    status streamUpdatedAt";
const CALL_ROW: &str = "accountId accountName assignedUserId assignedUserName createdAt createdById createdByName \
    dateEnd dateStart deleted description direction duration id modifiedAt modifiedById \
    modifiedByName name parentId parentName parentType status";
const CONTACT_ROW: &str = "accountId accountIsInactive accountName accountType addressCity addressCountry addressPostalCode \
    addressState addressStreet assignedUserId assignedUserName campaignId campaignName createdAt \
    createdById createdByName deleted description doNotCall emailAddress emailAddressIsInvalid \
    emailAddressIsOptedOut firstName hasPortalUser id isStarred lastName middleName modifiedAt \
    modifiedById modifiedByName name originalLeadId originalLeadName phoneNumber \
    phoneNumberIsInvalid phoneNumberIsOptedOut portalUserId portalUserName salutationName \
    streamUpdatedAt title";
const LEAD_ROW: &str = "accountName addressCity addressCountry addressPostalCode addressState addressStreet \
    assignedUserId assignedUserName campaignId campaignName convertedAt createdAccountId \
    createdAccountName createdAt createdById createdByName createdContactId createdContactName \
    createdOpportunityId createdOpportunityName deleted description doNotCall emailAddress \
    emailAddressIsInvalid emailAddressIsOptedOut firstName id industry lastName middleName \
    modifiedAt modifiedById modifiedByName name opportunityAmount opportunityAmountConverted \
    opportunityAmountCurrency phoneNumber phoneNumberIsInvalid phoneNumberIsOptedOut salutationName \
    source status streamUpdatedAt title website";
const USER_ROW: &str = "acceptanceStatus avatarColor avatarId avatarName contactId contactName createdAt createdById \
    createdByName defaultTeamId defaultTeamName deleted emailAddress emailAddressIsInvalid \
    emailAddressIsOptedOut firstName id isActive lastName middleName modifiedAt name phoneNumber \
    phoneNumberIsInvalid phoneNumberIsOptedOut salutationName title type userName \
    workingTimeCalendarId";
const CREATED_DAYS: &str = "accountName assignedUserId assignedUserName contactsColumns contactsIds contactsNames createdAt \
    createdById createdByName dateEnd dateEndDate dateStart dateStartDate deleted duration \
    followersIds followersNames id isAllDay isFollowed joinUrl leadsColumns leadsIds leadsNames \
    modifiedAt modifiedByName name parentName reminders status streamUpdatedAt teamsIds teamsNames \
    usersColumns usersIds usersNames";

#[track_caller]
fn has(record: &Value, names: &str) {
    let mut found: Vec<&str> =
        record.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    found.sort_unstable();
    let expected: Vec<&str> = names.split_whitespace().collect();
    assert_eq!(found, expected);
}

async fn espo() -> Result<Espo, std::io::Error> {
    Espo::stand_in(Version::V10_0_0).await
}

/// A record with what the recorded one had set, made and read; and its row in a list.
async fn three(espo: &Espo, entity: &str, about: &Value) -> [Value; 3] {
    let made = espo.made(entity, about).await;
    let read = espo.read(entity, made["id"].as_str().unwrap_or_default()).await;
    let list = espo.get(&format!("{entity}?maxSize=1")).await.good();
    [made, read, list["list"][0].clone()]
}

#[tokio::test]
async fn a_meeting_has_the_recorded_attributes() -> Outcome {
    let espo = espo().await?;
    let account = espo.made("Account", &json!({ "name": unique("Acme") })).await;
    let about =
        espo.about(&json!({ "description": "x", "parentType": "Account", "parentId": account["id"] }));
    let [made, read, row] = three(&espo, "Meeting", &about).await;
    has(&made, CREATED_MEETING);
    has(&read, MEETING);
    has(&row, MEETING_ROW);
    let days = json!({ "name": "Days", "isAllDay": true, "dateStartDate": "2026-12-02",
        "dateEndDate": "2026-12-03", "assignedUserId": espo.alice });
    has(&espo.made("Meeting", &days).await, CREATED_DAYS);
    Ok(())
}

#[tokio::test]
async fn a_call_has_the_recorded_attributes() -> Outcome {
    let espo = espo().await?;
    let [made, read, row] = three(&espo, "Call", &espo.about(&json!({}))).await;
    has(&made, CREATED_CALL);
    has(&read, CALL);
    has(&row, CALL_ROW);
    Ok(())
}

#[tokio::test]
async fn a_contact_has_the_recorded_attributes() -> Outcome {
    let espo = espo().await?;
    let account = espo.made("Account", &json!({ "name": unique("Acme") })).await;
    let about = json!({ "firstName": "Carl", "lastName": unique("Contact"), "emailAddress": "Carl@Example.org",
        "phoneNumber": "+15551234567", "accountId": account["id"], "assignedUserId": espo.alice });
    let [made, read, row] = three(&espo, "Contact", &about).await;
    has(&made, CREATED_CONTACT);
    has(&read, CONTACT);
    has(&row, CONTACT_ROW);
    assert_eq!(read["accountName"], account["name"]);
    Ok(())
}

#[tokio::test]
async fn a_lead_has_the_recorded_attributes() -> Outcome {
    let espo = espo().await?;
    let about = json!({ "firstName": "Lena", "lastName": unique("Lead"), "accountName": "LeadCo" });
    let [_, read, row] = three(&espo, "Lead", &about).await;
    has(&read, LEAD);
    has(&row, LEAD_ROW);
    assert_eq!(read["accountName"], json!("LeadCo"));
    Ok(())
}

#[tokio::test]
async fn a_user_and_a_webhook_have_the_recorded_attributes() -> Outcome {
    let espo = espo().await?;
    let id = espo.meeting(&json!({})).await;
    let list = espo.get(&format!("Meeting/{id}/users")).await.good();
    has(&list["list"][0], USER_ROW);
    espo.crm().allow_webhooks_to("localhost:9099");
    let hook = json!({ "event": "Meeting.create", "url": "http://localhost:9099/hook" });
    has(&espo.post("Webhook", &hook).await.json(), CREATED_WEBHOOK);
    Ok(())
}
