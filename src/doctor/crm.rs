//! The CRM: whether it answers and takes the key, what our user may do there, and
//! whom it mails because of what is made.

use std::time::Duration;

use postern_core::model::finding::Finding;
use postern_core::plan::calendar::entry::Entity;

use super::{bounded, remedy};
use crate::crm::client::Client;
use crate::crm::describe::{Described, describe};
use crate::crm::fault::Fault;
use crate::store::sync::google_seen;
use crate::store::{Store, StoreError};

/// Time for the whole description.
const PATIENCE: Duration = Duration::from_secs(12);
const ID: &str = "crm";

/// Asks the CRM what it is, and counts what waits to be made there. Without a client of the CRM
/// there is nothing to find.
pub async fn look(client: Option<&Client>, store: &Store) -> Result<Vec<Finding>, StoreError> {
    let Some(client) = client else { return Ok(Vec::new()) };
    let unmade = google_seen::unmade(&mut store.read().await?).await?;
    let mut found = Vec::new();
    let late = || Finding::fault(ID, "the CRM does not answer in time", remedy::CRM);
    let asked = async {
        match describe(client).await {
            Ok(described) => {
                found = told(&described, unmade);
                Finding::ok(ID, reached(&described))
            }
            Err(fault) => Finding::fault(ID, fault.to_string(), mends(&fault)),
        }
    };
    let first = bounded(PATIENCE, late, asked).await;
    Ok(std::iter::once(first).chain(found).collect())
}

fn reached(described: &Described) -> String {
    let version = match described.version {
        Some((major, minor, patch)) => format!("version {major}.{minor}.{patch}"),
        None => "a version that it does not tell".to_owned(),
    };
    format!("the CRM takes the key: {version}, time zone {}", described.zone)
}

fn told(described: &Described, unmade: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    let barred: Vec<String> = Entity::ALL
        .into_iter()
        .flat_map(|entity| {
            described.kind(entity).barred.iter().map(move |act| format!("{act} {}", entity.name()))
        })
        .collect();
    if !barred.is_empty() {
        let seen = format!("the role of the API user does not allow: {}", barred.join(", "));
        findings.push(Finding::warning("crm.role", seen, "allow it in the CRM: Administration, Roles"));
    }
    if !described.unseen.is_empty() {
        let seen = format!("the CRM does not show its {}", described.unseen.join(", "));
        findings.push(Finding::note("crm.unseen", format!("{seen}: what it usually has is assumed")));
    }
    let mails: Vec<&str> =
        Entity::ALL.into_iter().filter(|entity| described.kind(*entity).mails).map(Entity::name).collect();
    if mails.is_empty() {
        findings.push(Finding::ok("crm.mails", "the CRM mails nobody of a meeting or call that is made"));
    } else {
        findings.push(mailing(described, &mails, unmade));
    }
    findings
}

// A CRM that does not tell is taken for one that mails.
fn mailing(described: &Described, kinds: &[&str], unmade: i64) -> Finding {
    let kinds = kinds.join(" and ");
    let does = match described.unseen.contains(&"Settings") {
        true => format!("the CRM does not tell whether it mails people of each new {kinds}"),
        false => format!("the CRM mails people of each {kinds} that is made for them"),
    };
    let seen =
        format!("{does}; {unmade} events that were read have no record yet, more than ten at a time wait");
    let remedy = "take both kinds out of Administration, Notifications, email notifications of the CRM, or \
                  look at what waits: GET /api/v1/Hold, and let it through with `postern sync approve HOLD`";
    Finding::warning("crm.mails", seen, remedy)
}

fn mends(fault: &Fault) -> &'static str {
    match fault {
        Fault::KeyRefused => "copy the key of the API user again into crm.api_key, and restart the gateway",
        Fault::Blocked => "wait a minute; then see which program shows the CRM a wrong key",
        Fault::NoAccess { .. } => "let the API user in: Administration, API Users and Roles in the CRM",
        Fault::Malformed(_) | Fault::NotFound | Fault::NoSuchEntity => {
            "correct crm.url: it is the address by which people open the CRM, without /api"
        }
        _ => remedy::CRM,
    }
}

#[cfg(test)]
mod tests {
    use postern_core::model::finding::{Finding, Severity};

    use super::{Described, told};
    use crate::crm::describe::Kind;

    fn described(mails: bool, unseen: Vec<&'static str>) -> Described {
        let kind = Kind { mails, ..Kind::default() };
        Described {
            version: Some((9, 3, 10)),
            zone: "UTC".to_owned(),
            site: None,
            me: "0000000000000f00f".to_owned(),
            meeting: kind.clone(),
            call: Kind { barred: vec!["delete"], ..kind },
            unseen,
        }
    }

    fn of<'a>(findings: &'a [Finding], id: &str) -> &'a Finding {
        findings.iter().find(|finding| finding.id == id).unwrap()
    }

    #[test]
    fn mails_of_the_crm_are_told_with_their_number_beforehand() {
        let findings = told(&described(true, Vec::new()), 42);
        let mails = of(&findings, "crm.mails");
        assert_eq!(mails.severity, Severity::Warning);
        assert!(mails.seen.contains("mails people of each Meeting and Call"), "{}", mails.seen);
        assert!(mails.seen.contains("42 events"), "{}", mails.seen);
        assert_eq!(of(&findings, "crm.role").seen, "the role of the API user does not allow: delete Call");
    }

    #[test]
    fn one_that_does_not_tell_may_mail_and_one_that_says_no_does_not() {
        let findings = told(&described(true, vec!["Settings"]), 0);
        assert!(of(&findings, "crm.mails").seen.starts_with("the CRM does not tell whether"));
        assert_eq!(of(&told(&described(false, Vec::new()), 7), "crm.mails").severity, Severity::Ok);
    }
}
