//! Which products a consent is for.
//!
//! What was asked for travels in the state: its hash is stored, so that no
//! browser can change it. An answer without Gmail, where Gmail was asked for,
//! is not taken; of the other products what is ticked is enough.

use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};

use super::{Consents, LinkFault};
use crate::store::{Read, StoreError, grants};

impl Consents {
    /// What the owner of an account may give: what an admin offers, and what
    /// they have given already.
    pub(super) async fn offered(
        &self,
        read: &mut Read,
        account: AccountId,
    ) -> Result<Vec<Product>, StoreError> {
        let grant = grants::of(&self.store, read, account).await?;
        let google = self.google.now();
        let given = |product| grant.as_ref().is_some_and(|grant| grant.scopes.opens(product));
        let wanted = |product: &Product| google.products.contains(product) || given(*product);
        Ok(Product::ALL.into_iter().filter(wanted).collect())
    }
}

/// What is asked for of what is offered; without a choice, all of it.
pub(super) fn chosen(offered: Vec<Product>, only: Option<&[Product]>) -> Result<Vec<Product>, LinkFault> {
    let Some(only) = only else { return Ok(offered) };
    let chosen: Vec<Product> = offered.into_iter().filter(|product| only.contains(product)).collect();
    if chosen.is_empty() { Err(LinkFault::NothingChosen) } else { Ok(chosen) }
}

/// The state that tells what was asked for.
pub(super) fn state(word: &str, asked: &[Product]) -> String {
    asked.iter().fold(word.to_owned(), |state, product| format!("{state}.{}", product.name()))
}

/// What was asked for, by the state. Without a word of it, it was Gmail: so
/// states were made before there was a choice.
pub(super) fn asked(state: &str) -> Vec<Product> {
    let named: Vec<Product> = state.split('.').skip(1).filter_map(Product::named).collect();
    if named.is_empty() { vec![Product::Gmail] } else { named }
}

/// What was given of what was asked for; `None` when it is not enough.
pub(super) fn given(asked: &[Product], scopes: &ScopeSet) -> Option<Vec<Product>> {
    let given: Vec<Product> = scopes.products().filter(|product| asked.contains(product)).collect();
    let mail = !asked.contains(&Product::Gmail) || given.contains(&Product::Gmail);
    (mail && !given.is_empty()).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::{asked, given, state};
    use postern_core::model::scope::{Product, ScopeSet};

    const BOTH: [Product; 2] = [Product::Gmail, Product::Calendar];

    #[test]
    fn a_state_tells_what_was_asked_for() {
        for products in [&Product::ALL[..], &BOTH, &[Product::Gmail], &[Product::Contacts]] {
            assert_eq!(asked(&state("w-_1", products)), products);
        }
        assert_eq!(asked("w-_1"), [Product::Gmail]);
        assert_eq!(asked("w-_1.gmail.calendar"), BOTH, "made before there were contacts");
    }

    #[test]
    fn gmail_is_wanted_where_it_was_asked_for_and_else_whatever_there_is() {
        let [mail, calendar, contacts] = Product::ALL.map(|product| [product]);
        for (asked, scopes, wanted) in [
            (&mail[..], ScopeSet::mail(), Some(&mail[..])),
            (&mail, ScopeSet::calendar(), None),
            (&BOTH, ScopeSet::consent(&BOTH), Some(&BOTH)),
            (&BOTH, ScopeSet::mail(), Some(&mail)),
            (&BOTH, ScopeSet::calendar(), None),
            (&calendar, ScopeSet::calendar(), Some(&calendar)),
            (&calendar, ScopeSet::parse("openid email"), None),
            (&calendar, ScopeSet::contacts(), None),
            (&contacts, ScopeSet::contacts(), Some(&contacts)),
            (&contacts, ScopeSet::calendar(), None),
            (&Product::ALL, ScopeSet::consent(&BOTH), Some(&BOTH)),
            (&Product::ALL, ScopeSet::consent(&Product::ALL), Some(&Product::ALL)),
        ] {
            assert_eq!(given(asked, &scopes).as_deref(), wanted, "{asked:?} {scopes}");
        }
    }
}
