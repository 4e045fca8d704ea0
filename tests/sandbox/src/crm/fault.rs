//! Faults of the REST API, and which requests they meet.

use std::time::Duration;

/// What happens in place of an answer, or to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrmTrouble {
    /// Answers with this status and nothing else; nothing is done.
    Answer(u16),
    /// Answers with this status and page, which is no JSON.
    Page(u16, String),
    /// Never answers; nothing is done.
    Hang,
    /// Closes the connection without a byte; nothing is done.
    Close,
    /// Does what was asked, then closes the connection without telling.
    LoseAnswer,
    /// Does what was asked, then never answers.
    HangAfter,
    /// Waits, then does what was asked and answers as usual.
    Delay(Duration),
}

/// A fault and the requests it meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmFault {
    trouble: CrmTrouble,
    method: Option<String>,
    path: Option<String>,
}

impl From<CrmTrouble> for CrmFault {
    /// Meets any request.
    fn from(trouble: CrmTrouble) -> Self {
        Self { trouble, method: None, path: None }
    }
}

impl CrmTrouble {
    /// Only for requests of this method whose path below `api/v1/` holds this part.
    pub fn at(self, method: &str, path: &str) -> CrmFault {
        CrmFault { trouble: self, method: Some(method.to_owned()), path: Some(path.to_owned()) }
    }
}

impl CrmFault {
    pub(crate) fn meets(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|it| it == method)
            && self.path.as_deref().is_none_or(|part| path.contains(part))
    }

    pub(crate) fn trouble(self) -> CrmTrouble {
        self.trouble
    }
}
