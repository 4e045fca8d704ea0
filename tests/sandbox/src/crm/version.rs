//! The three releases whose answers were recorded.

/// A release of EspoCRM. They differ in all-day meetings, in guards and in a few attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 9.2.7: no guard against internal addresses.
    V9_2_7,
    /// 9.3.10: internal addresses have to be allowed.
    V9_3_10,
    /// 10.0.0: dates of a meeting count only while it is marked as all-day.
    V10_0_0,
}

impl Version {
    /// As the CRM writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::V9_2_7 => "9.2.7",
            Self::V9_3_10 => "9.3.10",
            Self::V10_0_0 => "10.0.0",
        }
    }

    /// Whether it refuses hosts inside its own network unless they are listed.
    pub(crate) fn guards_hosts(self) -> bool {
        self >= Self::V9_3_10
    }

    /// Whether dates without the all-day mark are dropped.
    pub(crate) fn dates_need_the_mark(self) -> bool {
        self >= Self::V10_0_0
    }
}
