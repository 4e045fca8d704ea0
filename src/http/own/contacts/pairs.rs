//! `/me/contacts/pairs`: which person of Google and which record of the CRM are one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::{barred, failed};
use crate::actions::contacts::names::called_both;
use crate::actions::contacts::view::{Pair, pairs};
use crate::http::contacts::named;
use crate::http::form::parameter;
use crate::http::gate::Owned;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::http::web::frame::answer;
use crate::texts::{Accounts, ContactWords, Contacts, Lang, Sentence};

/// Pairs of a page.
const SHOWN: i64 = 50;
/// As far as a page goes.
const MOST: i64 = 1_000_000;

/// The page.
#[derive(Template)]
#[template(path = "contact_pairs.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    lines: Vec<Line>,
    turning: Turning,
    base: String,
}

/// A pair.
struct Line {
    name: String,
    kind: Contacts,
    record: Option<String>,
    state: ContactWords,
}

/// Where in a long list a page stands, and the pages around it.
pub(super) struct Turning {
    /// What is shown of how many; none where all is.
    pub shown: Option<String>,
    /// The page before.
    pub earlier: Option<String>,
    /// The page after.
    pub later: Option<String>,
}

impl Turning {
    /// A page of `most` from `from` of `all`, at that path.
    pub fn of(lang: Lang, path: &str, (from, most, all): (i64, i64, i64)) -> Self {
        let to = from.saturating_add(most).min(all);
        let shown =
            Sentence::from(Contacts::Shown).with("from", &(from + 1)).with("to", &to).with("all", &all);
        Self {
            shown: (all > most && from < all).then(|| shown.say(lang)),
            earlier: (from > 0).then(|| format!("{path}?from={}", (from - most).max(0))),
            later: (to < all && from < all).then(|| format!("{path}?from={to}")),
        }
    }
}

/// From which row on a page is asked for.
pub(super) fn from(query: &str) -> i64 {
    let from = parameter(query.as_bytes(), "from").and_then(|from| from.parse().ok());
    from.filter(|from| (0..=MOST).contains(from)).unwrap_or(0)
}

pub(in crate::http::own) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    owned: Owned,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let from = from(&query.unwrap_or_default());
    match pairs(&site.store, owned.account.id, (SHOWN, from)).await {
        Ok((list, all)) => {
            let sheet = Sheet {
                lang,
                lines: list.into_iter().map(|pair| line(lang, pair)).collect(),
                turning: Turning::of(lang, &site.at("/me/contacts/pairs"), (from, SHOWN, all)),
                base: site.base.clone(),
            };
            answer(&sheet, StatusCode::OK)
        }
        Err(fault) => failed(&site, lang, &fault),
    }
}

fn line(lang: Lang, pair: Pair) -> Line {
    Line {
        name: named(lang, called_both(&pair.link)),
        kind: pair.entity().into(),
        record: pair.link.record,
        state: pair.link.state.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, Turning, from};

    #[test]
    fn a_long_list_is_turned_over() {
        let turning = |from, all| Turning::of(Lang::English, "/p", (from, 50, all));
        let first = turning(0, 120);
        assert_eq!((first.shown.as_deref(), first.earlier), (Some("1 to 50 of 120"), None));
        assert_eq!(first.later.as_deref(), Some("/p?from=50"));
        let last = turning(100, 120);
        assert_eq!((last.earlier.as_deref(), last.later), (Some("/p?from=50"), None));
        let whole = turning(0, 50);
        assert_eq!((whole.shown, whole.earlier, whole.later), (None, None, None));
        assert_eq!(turning(500, 120).later, None);
        assert_eq!([from("from=7"), from("from=-1"), from("from=x"), from("")], [7, 0, 0, 0]);
    }
}
