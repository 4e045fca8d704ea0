//! The CRM as one source for all calendars, and that it tells of its changes.

pub(super) mod source;
pub(super) mod webhooks;
