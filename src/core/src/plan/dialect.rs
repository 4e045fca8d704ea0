//! How a value of one side is told on the other.

use super::link::Side;
use super::record::{Field, Value};

/// One field of a link: what both sides show, and what each showed when they last agreed.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// The field.
    pub field: Field,
    /// What Google shows.
    pub google: &'a Value,
    /// What the CRM shows.
    pub crm: &'a Value,
    /// What Google showed.
    pub google_before: &'a Value,
    /// What the CRM showed.
    pub crm_before: &'a Value,
}

/// Translates between the two sides of one link. Both ways may lose something;
/// what was lost is found again by what the other side showed before (its base).
///
/// The law that makes runs come to rest: a value that was told and not changed
/// is recognised, however it was bent on the way. It holds because a side is
/// compared with what it showed itself, never with a translation.
pub trait Dialect {
    /// What Google is to show for the CRM's value, where Google showed `before`.
    /// None when Google cannot show it at all.
    fn to_google(&self, field: Field, crm: &Value, before: Option<&Value>) -> Option<Value>;

    /// What the CRM is to show for Google's value, where the CRM showed `before`.
    /// None when the CRM cannot show it at all.
    fn to_crm(&self, field: Field, google: &Value, before: Option<&Value>) -> Option<Value>;

    /// Whether the two values say the same, each in its own words.
    fn same(&self, field: Field, google: &Value, crm: &Value) -> bool {
        self.to_crm(field, google, Some(crm)).as_ref() == Some(crm)
            || self.to_google(field, crm, Some(google)).as_ref() == Some(google)
    }

    /// What Google is to show of the CRM's change. A thing that is one is shown as it is now; of
    /// several things only those that came or went come or go.
    fn carried_to_google(&self, cell: &Cell<'_>) -> Option<Value> {
        self.to_google(cell.field, cell.crm, Some(cell.google_before))
    }

    /// What the CRM is to show of Google's change.
    fn carried_to_crm(&self, cell: &Cell<'_>) -> Option<Value> {
        self.to_crm(cell.field, cell.google, Some(cell.crm_before))
    }

    /// Whether a field holds several things, of which each side may have changed others.
    /// Where both changed the same one, the change of the `winner` holds for both.
    fn joined(&self, _cell: &Cell<'_>, _winner: Side) -> Option<Joined> {
        None
    }
}

/// What both sides are to show where both have changed a field that holds several things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Google.
    pub google: Value,
    /// The CRM.
    pub crm: Value,
}
