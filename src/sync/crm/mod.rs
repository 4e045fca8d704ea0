//! The CRM as one source for all calendars.

pub(super) mod source;
