//! The decision on a CRM user that a program has named for a mailbox. The form
//! says which one was seen: another one that came meanwhile is not decided on.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::response::Response;

use super::account::{author, failed, known};
use super::frame::onward;
use crate::actions::binding;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;

macro_rules! decisions {
    ($($(#[$doc:meta])* $name:ident = $act:path;)*) => {$(
        $(#[$doc])*
        pub(super) async fn $name(
            Of(site): Of<Arc<Site>>,
            Tongue(lang): Tongue,
            Path(id): Path<String>,
            admitted: Admitted,
            form: Form,
        ) -> Response {
            let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
                (Ok(address), Ok(by)) => (address, by),
                (Err(response), _) | (_, Err(response)) => return *response,
            };
            match $act(&site.store, &by, &address, &form.text("user")).await {
                Ok(()) => onward(&site, &format!("/admin/accounts/{id}")),
                Err(error) => failed(lang, &error),
            }
        }
    )*};
}

decisions! {
    /// The user is the right one.
    confirm = binding::confirm;
    /// It is not.
    reject = binding::reject;
}
