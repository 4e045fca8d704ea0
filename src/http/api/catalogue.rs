//! What the synchronisation of contacts keeps: groups and pairs. None is
//! synchronised yet, so the lists are empty; their fields are fixed, and a
//! filter on another one is refused already.

use axum::extract::RawQuery;
use axum::response::Response;

use super::error::Fault;
use super::list::{Field, answer, asked};
use crate::store::filter::Kind;

const fn field(name: &'static str, kind: Kind) -> Field<()> {
    Field::of(name, (), kind)
}

const ID: Field<()> = field("id", Kind::Id);
const NAME: Field<()> = field("name", Kind::Text);
const ACCOUNT: Field<()> = field("externalAccountId", Kind::Id);
const USER: Field<()> = field("userId", Kind::Text);
const TYPE: Field<()> = field("type", Kind::Text);
const MADE: Field<()> = field("createdAt", Kind::Time);
const CHANGED: Field<()> = field("modifiedAt", Kind::Time);

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: [$($field:expr),* $(,)?];)*) => {
        $(
            $(#[$doc])*
            pub(super) async fn $name(RawQuery(query): RawQuery) -> Result<Response, Fault> {
                asked(query.as_deref(), &[$($field),*])?;
                Ok(answer::<()>(&[], 0))
            }
        )*

        /// The fields of each list, by the name of its route's function.
        #[cfg(test)]
        pub(super) const SHAPES: &[(&str, &[Field<()>])] = &[$((stringify!($name), &[$($field),*])),*];
    };
}

lists! {
    /// `GoogleContactsGroup`: the labels that Google lists.
    groups: [ID, NAME, field("resourceName", Kind::Text), MADE, CHANGED];
    /// `GoogleContactsUser`: which label is used by whom, and how.
    group_users: [
        ID, ACCOUNT, USER, field("googleContactsGroupId", Kind::Id), TYPE, field("active", Kind::Number),
        field("lastSync", Kind::Time), MADE, CHANGED,
    ];
    /// `GoogleContactsPair`: which record of the CRM is which contact at Google.
    pairs: [
        ID, ACCOUNT, field("parentType", Kind::Text), field("parentId", Kind::Text),
        field("resourceName", Kind::Text), field("etag", Kind::Text), MADE, CHANGED,
    ];
}
