//! Whom the CRM itself would tell of an assignment. Nothing is sent: it is counted.

use super::world::{Actor, Record, World};

/// One notification that a change of a record caused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The user told.
    pub user: String,
    /// The entity of the record.
    pub entity: String,
    /// The record that was assigned.
    pub id: String,
    /// Whether an e-mail went out beside the sign in the CRM.
    pub by_mail: bool,
}

/// What has been told so far.
#[derive(Debug, Default)]
pub(crate) struct Notified {
    pub(crate) told: Vec<Notification>,
    /// Whether the CRM is set up to mail assignments.
    pub(crate) by_mail: bool,
}

impl World {
    /// A record was assigned: by the assigned user, nobody is told.
    pub(crate) fn tell_assigned(&mut self, actor: &Actor, record: &Record) {
        let Some(user) = record.text("assignedUserId").filter(|user| *user != actor.id) else { return };
        let by_mail =
            self.notified.by_mail && self.record("User", user).is_some_and(|user| !user.emails.is_empty());
        let told = Notification {
            user: user.to_owned(),
            entity: record.entity.clone(),
            id: record.id.clone(),
            by_mail,
        };
        self.notified.told.push(told);
    }
}
