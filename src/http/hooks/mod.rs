//! Where the CRM and Google call us. A caller gets a status and not a word more.

mod crm;
mod google;

use axum::http::{HeaderMap, StatusCode};

use super::table::{Access, Table};
use crate::store::StoreError;

/// Where the CRM's webhooks deliver, below the public address.
pub const CRM_PATH: &str = "/hooks/crm";
/// Where Google calls.
pub const GOOGLE_PATH: &str = "/hooks/google";

pub(super) fn routes(table: Table) -> Table {
    table.post(CRM_PATH, Access::Anyone, crm::deliver).post(GOOGLE_PATH, Access::Anyone, google::call)
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It was a hint.
    Taken,
    /// It shows nothing that proves where it comes from, told with this status.
    Refused(StatusCode),
    /// More than is read.
    TooLarge,
    /// The body ended early.
    CutOff,
    /// The database does not answer.
    Down,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused(_) => "refused",
            Self::TooLarge => "too_large",
            Self::CutOff => "cut_off",
            Self::Down => "down",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Taken => StatusCode::OK,
            Self::Refused(status) => status,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CutOff => StatusCode::BAD_REQUEST,
            Self::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a hint was not taken");
        Self::Down
    }
}

/// A field that stands there once.
fn field<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut fields = headers.get_all(name).iter();
    match (fields.next(), fields.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}
