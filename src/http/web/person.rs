//! `/admin/accounts/{id}/person`: everything that is known of the person behind a mailbox, as a file.
//! It is read and sent a page at a time, so that any amount of it fits.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::try_unfold;
use serde_json::Value;

use super::account::{author, failed, known};
use crate::actions::ActError;
use crate::actions::person::Archive;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::store::Store;

pub(super) async fn export(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let archive = match Archive::open(&site.store, &by, &address).await {
        Ok(archive) => archive,
        Err(error) => return failed(lang, &error),
    };
    let fields = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"postern-person.jsonl\""),
    ];
    (StatusCode::OK, fields, lines(site.store.clone(), archive)).into_response()
}

fn lines(store: Store, archive: Archive) -> Body {
    Body::from_stream(try_unfold((store, archive), |(store, mut archive)| async move {
        let page = archive.next(&store).await.inspect_err(|error| {
            tracing::error!(%error, "an archive about a person ends early");
        })?;
        let told = page.map(|page| Bytes::from(text(&page)));
        Ok::<_, ActError>(told.map(|octets| (octets, (store, archive))))
    }))
}

fn text(page: &[Value]) -> String {
    page.iter().map(|line| format!("{line}\n")).collect()
}
