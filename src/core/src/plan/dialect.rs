//! How a value of one side is told on the other.

use super::record::{Field, Value};

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
}
