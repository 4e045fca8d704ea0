//! Who may call this gateway to tell of changes, and where.

use super::Parts;
use super::serve::crm;
use crate::http::{CRM_PATH, GOOGLE_PATH};
use crate::sync::{Addresses, Listening};

/// What has the CRM and Google tell of their changes.
#[must_use]
pub fn listening(parts: &Parts) -> Listening {
    let config = &parts.config;
    // Who made them by hand knows why.
    let by_hand = !config.crm.webhooks.is_empty();
    let addresses = Addresses {
        crm: config.called_by_crm(CRM_PATH).filter(|_| !by_hand),
        google: config.called_by_google(GOOGLE_PATH),
    };
    Listening::new(parts.store.clone(), parts.calendar.clone(), crm(parts), addresses)
}
