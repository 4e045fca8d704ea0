//! Google and the CRM in a process of their own, in which Anna has an address book and contacts.
//!
//! | line | what happens |
//! |---|---|
//! | `contacts N` | Anna enters so many contacts into the CRM; their identities |
//! | `friends N` | Anna puts so many people into her group at Google, whom the CRM does not know |
//! | `latency MS` | every answer of Google's People API and of the CRM comes so much later |
//! | `spent` | what was asked of both, as [`Spent`](super::count::Spent) has it |
//! | `there` | who is there, as [`There`](super::count::There) has it |

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use postern_sandbox::{Crm, Google, MAIL_SCOPE, Sandbox};
use serde_json::Value;

use super::written;
use crate::between::world::{CLIENT, World, latency, serve};

/// Whose address book it is.
pub const ANNA: &str = "anna@example.com";
/// What she calls her group.
pub const GROUP: &str = "CRM";
/// Who she is in the CRM.
const ANNA_ID: &str = "0000000000000a22a";
/// More than anybody asks for: Google's pace is not what is measured.
const PLENTY: usize = 1_000_000;

struct Book {
    sandbox: Sandbox,
    crm: Crm,
    group: String,
}

/// Serves until its input ends.
pub async fn run(dir: &Path) -> anyhow::Result<()> {
    serve(|sandbox, crm| {
        let google = sandbox.google();
        google.add_user(ANNA);
        crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
        without_quotas(google);
        let group = google.add_group(ANNA, GROUP).map_err(|refused| anyhow!("{refused:?}"))?;
        let scopes = ["openid", "email", MAIL_SCOPE, "https://www.googleapis.com/auth/contacts"];
        let token = google.issue_refresh_token(ANNA, CLIENT.0, &scopes).context("nobody")?;
        let table = format!("email,refresh_token,crm_user\n{ANNA},{token},{ANNA_ID}\n");
        std::fs::write(dir.join("people.csv"), table)?;
        Ok(Book { sandbox, crm, group })
    })
    .await
}

fn without_quotas(google: &Google) {
    google.set_contacts_policy(|policy| {
        policy.critical_reads_minute = PLENTY;
        policy.critical_writes_minute = PLENTY;
        policy.reads_minute = PLENTY;
        policy.writes_minute = PLENTY;
    });
}

impl World for Book {
    fn told(&mut self, what: &str, numbers: &[usize]) -> anyhow::Result<String> {
        match (what, numbers) {
            ("contacts", [many]) => return self.contacts(*many),
            ("friends", [many]) => self.friends(*many)?,
            ("latency", [ms]) => latency(self.sandbox.google().contacts_faults(), &self.crm, *ms),
            ("spent", []) => return Ok(self.spent()),
            ("there", []) => return Ok(self.there()),
            _ => bail!("{what} {numbers:?}?"),
        }
        Ok("done".to_owned())
    }
}

impl Book {
    fn contacts(&self, many: usize) -> anyhow::Result<String> {
        let anna = self.crm.as_user(ANNA_ID);
        let one = |n| anna.create("Contact", &written::contact(n)).map_err(anyhow::Error::msg);
        Ok((0..many).map(one).collect::<anyhow::Result<Vec<_>>>()?.join(" "))
    }

    fn friends(&self, many: usize) -> anyhow::Result<()> {
        let google = self.sandbox.google();
        for n in 0..many {
            let person = written::person(n, &self.group);
            google.put_person(ANNA, &person).map_err(|refused| anyhow!("{refused:?}"))?;
        }
        Ok(())
    }

    fn spent(&self) -> String {
        let google = self.sandbox.google().contacts_counters();
        let writes: u64 = google.writes.values().sum();
        let (lists, batches) =
            (google.of("people.connections.list"), google.of("people.batchCreateContacts"));
        let crm = self.crm.requests("", "");
        let changes: u64 =
            ["POST", "PUT", "PATCH", "DELETE"].iter().map(|of| self.crm.requests(of, "")).sum();
        let (all, refused) = (google.total(), google.over_quota);
        format!("{all} {lists} {batches} {writes} {refused} {crm} {changes}")
    }

    fn there(&self) -> String {
        let google = self.sandbox.google();
        let (people, contacts) = (google.people(ANNA), self.crm.records("Contact"));
        let members = google.group_members(ANNA, &self.group).len();
        let own = contacts.iter().filter(|contact| contact["assignedUserId"] == ANNA_ID).count();
        let apart = |all: &[Value], address: fn(&Value) -> &Value| {
            all.iter().filter_map(|one| address(one).as_str()).collect::<BTreeSet<_>>().len()
        };
        let people_apart = apart(&people, |person| &person["emailAddresses"][0]["value"]);
        let contacts_apart = apart(&contacts, |contact| &contact["emailAddress"]);
        format!("{} {members} {people_apart} {} {own} {contacts_apart}", people.len(), contacts.len())
    }
}
