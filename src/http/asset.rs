//! `/assets/<name>`: the scripts of our pages.
//!
//! A name holds a hash of what is in the file, so that a browser may keep it
//! for a year: what changes gets another name. Any other name is nowhere.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::home;
use super::page::Tongue;
use crate::auth::hash;

/// A script that is part of the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asset {
    stem: &'static str,
    text: &'static str,
}

/// Copies a field by a button.
pub(super) const COPY: Asset = Asset { stem: "copy", text: include_str!("assets/copy.js") };

/// The Gmail panel.
pub(super) const PANEL: Asset = Asset { stem: "panel", text: include_str!("assets/panel.js") };

/// htmx 2.0.11, its licence beside it: a page that asks again by itself.
pub(super) const HTMX: Asset = Asset { stem: "htmx", text: include_str!("assets/htmx.min.js") };

const ALL: &[Asset] = &[COPY, PANEL, HTMX];

static NAMES: LazyLock<Vec<(String, &'static str)>> =
    LazyLock::new(|| ALL.iter().map(|asset| (asset.name(), asset.text)).collect());

/// Marks an answer that browsers may keep.
#[derive(Clone, Copy)]
pub(super) struct Lasting;

impl Asset {
    /// Where it is served, below the path of the public address.
    pub fn path(self) -> String {
        format!("/assets/{}", self.name())
    }

    fn name(self) -> String {
        let short: String = hash::of(self.text).iter().take(8).map(|octet| format!("{octet:02x}")).collect();
        format!("{}-{short}.js", self.stem)
    }
}

pub(super) async fn answer(tongue: Tongue, Path(name): Path<String>) -> Response {
    let Some((_, text)) = NAMES.iter().find(|(own, _)| *own == name) else {
        return home::not_found(tongue).await;
    };
    let fields = [
        (CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    let mut response = (StatusCode::OK, fields, *text).into_response();
    response.extensions_mut().insert(Lasting);
    response
}
