//! What stands in the CRM for a mailbox, and what is in the way of writing it.

use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::refusal::PeerText;
use serde::Serialize;

use super::view::View;
use super::{Obstacle, Way, fields};
use crate::config::Advertised;
use crate::crm::fault::Fault;
use crate::crm::mail_account::Kind;
use crate::crm::records::{Lookup, Record, RecordId};
use crate::net::lookup;
use crate::net::target::Target;
use crate::store::accounts::Account;
use crate::store::crm_mail::CrmMail;

/// The resolver is asked for so long what the CRM may see.
const PATIENCE: Duration = Duration::from_secs(3);

/// What writing would do.
#[derive(Debug, Clone, Serialize)]
pub struct Outlook {
    /// How the mail account stands.
    #[serde(flatten)]
    pub view: View,
    /// `create`, `update`, or nothing while something is in the way.
    pub plan: Option<&'static str>,
    /// What is in the way, or may be: name and what belongs to it.
    pub warnings: Vec<(&'static str, Option<String>)>,
}

impl Outlook {
    pub(super) fn new(view: View, found: Result<Plan, Obstacle>) -> Self {
        let (plan, warnings) = match found {
            Ok(plan) => {
                let word = if plan.record.is_some() { "update" } else { "create" };
                (Some(word), plan.warnings)
            }
            Err(obstacle) => (None, vec![obstacle]),
        };
        Self { view, plan, warnings: warnings.iter().map(|it| (it.name(), it.detail())).collect() }
    }
}

/// What is to be done about one mailbox.
pub(super) struct Plan {
    pub kind: Kind,
    /// The account that is there.
    pub record: Option<Record>,
    /// Whether that account is our own making.
    pub made: bool,
    /// What may be in the way; the CRM has the last word.
    pub warnings: Vec<Obstacle>,
}

/// Whose account it is to be.
pub(super) fn kind(account: &Account) -> Kind {
    if account.crm_user.is_some() { Kind::Personal } else { Kind::Group }
}

impl Way {
    /// Finds the account, and what is certainly in the way.
    pub(super) async fn examine(&self, account: &Account, row: &CrmMail) -> Result<Plan, Obstacle> {
        if account.state != State::Active {
            return Err(Obstacle::NotConnected);
        }
        let owner = account.crm_user.as_deref();
        let mut found = self.crm.mail_accounts(account.address.as_str(), owner).await?;
        let remembered = row.record.as_deref();
        let ours = found.iter().position(|record| Some(record.id().as_str()) == remembered);
        let record = match (ours, found.len()) {
            (Some(at), _) => Some(found.swap_remove(at)),
            (None, _) if self.stands_elsewhere(row).await? => return Err(Obstacle::Moved),
            (None, 0 | 1) => found.pop(),
            (None, count) => return Err(Obstacle::Several(count)),
        };
        // A list may leave out what is to be put back one day.
        let record = match record {
            Some(record) => Some(self.whole(kind(account), &record).await?),
            None => None,
        };
        if let (None, Some(user)) = (&record, owner) {
            self.has_room(user).await?;
        }
        // One that was made and not heard of since is the one that is there.
        let made = record.is_none() || row.made && (ours.is_some() || remembered.is_none());
        let mut warnings: Vec<Obstacle> = self.unlisted().await.into_iter().collect();
        if record.as_ref().is_some_and(fields::shows_handler) {
            warnings.push(Obstacle::Handler);
        }
        Ok(Plan { kind: kind(account), record, made, warnings })
    }

    async fn whole(&self, kind: Kind, record: &Record) -> Result<Record, Obstacle> {
        match self.crm.get(kind.entity(), record.id()).await? {
            Lookup::Found(record) => Ok(record),
            Lookup::Gone => Err(Fault::NotFound.into()),
            Lookup::NoAccess => Err(Obstacle::NoAccess(PeerText::new("No read access."))),
        }
    }

    /// Whether the record that was written is there and is not this mailbox's
    /// any more.
    async fn stands_elsewhere(&self, row: &CrmMail) -> Result<bool, Obstacle> {
        let kind = row.entity.as_deref().and_then(Kind::parse);
        let id = row.record.as_deref().and_then(RecordId::parse);
        let (Some(kind), Some(id)) = (kind, id) else { return Ok(false) };
        Ok(self.crm.get(kind.entity(), &id).await? != Lookup::Gone)
    }

    /// An administrator may go past the limit, and should mean to.
    async fn has_room(&self, user: &str) -> Result<(), Obstacle> {
        let Some(most) = self.standing.most else { return Ok(()) };
        let has = self.crm.mail_accounts_of(user).await?;
        if has < most { Ok(()) } else { Err(Obstacle::Limit(Some(most))) }
    }

    /// Places that the CRM will hardly connect to, as far as this machine can
    /// tell what they are.
    async fn unlisted(&self) -> Option<Obstacle> {
        if !self.standing.guards_hosts() {
            return None;
        }
        let mut inside = Vec::new();
        for at in self.listeners().filter(|at| !self.standing.allowed.contains(&fields::place(at))) {
            if is_inside(at).await {
                inside.push(fields::place(at));
            }
        }
        (!inside.is_empty()).then(|| Obstacle::HostNotAllowed(inside.join(", ")))
    }

    /// What the CRM's allow-list lacks; all that it has to hold where it seems to
    /// lack nothing.
    pub(super) fn missing(&self) -> String {
        let all: Vec<_> = self.listeners().map(fields::place).collect();
        let lacks = |place: &&String| !self.standing.allowed.contains(place);
        let missing: Vec<_> = all.iter().filter(lacks).cloned().collect();
        if missing.is_empty() { all.join(", ") } else { missing.join(", ") }
    }

    fn listeners(&self) -> impl Iterator<Item = &Advertised> {
        [Some(&self.imap), self.smtp.as_ref()].into_iter().flatten()
    }
}

/// A name that no address is known of counts as inside, as it does to the CRM.
async fn is_inside(at: &Advertised) -> bool {
    if let Ok(address) = at.host.parse::<IpAddr>() {
        return is_internal(address);
    }
    let target = Target { host: at.host.clone(), port: at.port };
    match tokio::time::timeout(PATIENCE, lookup::addresses(&target)).await {
        Ok(Ok(all)) => all.is_empty() || all.iter().any(|address| is_internal(address.ip())),
        Ok(Err(_)) | Err(_) => true,
    }
}

/// Private and reserved addresses, as the CRM's language counts them.
fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.octets()[0] == 0
                || ip.octets()[0] >= 240
        }
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}
