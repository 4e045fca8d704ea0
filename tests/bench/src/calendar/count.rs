//! What Google and the CRM have been asked of calendars, and what is there.

use crate::between::sides::Sides;

/// What both sides count.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// Requests to Google that read.
    pub reads: usize,
    /// Requests to the CRM.
    pub crm: usize,
    /// Records in the CRM.
    pub records: usize,
    /// Of these, with an edit of Google's.
    pub moved: usize,
    /// Events with an edit of the CRM's.
    pub agreed: usize,
}

/// What they count now.
pub fn count(sides: &mut Sides) -> anyhow::Result<Count> {
    let [reads, crm, records, moved, agreed] = sides.count("count")?;
    Ok(Count { reads, crm, records, moved, agreed })
}
