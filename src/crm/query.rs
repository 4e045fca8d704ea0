//! What a list is asked for: which records, which attributes, in which order.
//!
//! A filter goes in the address, which web servers cut off at 8 KiB: a longer
//! one is refused here instead.

use super::condition::Item;
use super::fault::Fault;

/// Most records of one page; the CRM refuses more.
pub const MOST: usize = 200;
/// Longest query, in octets of the address.
const LONGEST: usize = 7_500;
/// How deep filters may stand in one another.
const DEEPEST: usize = 4;

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// Which records. Times are `YYYY-MM-DD HH:MM:SS` in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// The attribute is this.
    Equals(String, String),
    /// The attribute is one of these; at most [`Filter::MOST_VALUES`].
    In(String, Vec<String>),
    /// The time is later.
    After(String, String),
    /// The attribute is this or more.
    GreaterOrEqual(String, String),
    /// The attribute is between the two, which both belong to it.
    Between(String, String, String),
    /// The link leads to one of these records.
    LinkedWith(String, Vec<String>),
    /// The attribute has no value.
    IsNull(String),
    /// One of these holds.
    Or(Vec<Filter>),
    /// All of these hold.
    And(Vec<Filter>),
    /// What somebody else has chosen.
    Given(Item),
}

impl Filter {
    /// Most values of [`Filter::In`] and [`Filter::LinkedWith`]: identities of
    /// any form fit in an address.
    pub const MOST_VALUES: usize = 100;

    /// The attribute is this.
    #[must_use]
    pub fn equals(attribute: &str, value: &str) -> Self {
        Self::Equals(attribute.to_owned(), value.to_owned())
    }

    /// The attribute is this or more.
    #[must_use]
    pub fn at_least(attribute: &str, value: &str) -> Self {
        Self::GreaterOrEqual(attribute.to_owned(), value.to_owned())
    }

    /// The record is one of these.
    #[must_use]
    pub fn ids<'i>(ids: impl IntoIterator<Item = &'i str>) -> Self {
        Self::In("id".to_owned(), ids.into_iter().map(str::to_owned).collect())
    }

    fn write(&self, at: &str, depth: usize, out: &mut Vec<(String, String)>) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::TooMany);
        }
        if let Self::Given(item) = self {
            item.write(at, out);
            return Ok(());
        }
        out.push((format!("{at}[type]"), self.word().to_owned()));
        let mut put = |end: &str, value: &str| out.push((format!("{at}{end}"), value.to_owned()));
        match self {
            Self::Equals(attribute, value)
            | Self::After(attribute, value)
            | Self::GreaterOrEqual(attribute, value) => {
                put("[attribute]", attribute);
                put("[value]", value);
            }
            Self::In(attribute, values) | Self::LinkedWith(attribute, values) => {
                put("[attribute]", attribute);
                several(values.len())?;
                values.iter().for_each(|value| put("[value][]", value));
            }
            Self::Between(attribute, from, to) => {
                put("[attribute]", attribute);
                put("[value][]", from);
                put("[value][]", to);
            }
            Self::IsNull(attribute) => put("[attribute]", attribute),
            Self::Given(_) => {}
            Self::Or(filters) | Self::And(filters) => {
                several(filters.len())?;
                for (index, filter) in filters.iter().enumerate() {
                    filter.write(&format!("{at}[value][{index}]"), depth + 1, out)?;
                }
            }
        }
        Ok(())
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Equals(..) => "equals",
            Self::In(..) => "in",
            Self::After(..) => "after",
            Self::GreaterOrEqual(..) => "greaterThanOrEquals",
            Self::Between(..) => "between",
            Self::LinkedWith(..) => "linkedWith",
            Self::IsNull(_) => "isNull",
            Self::Or(_) => "or",
            Self::And(_) => "and",
            Self::Given(item) => item.word(),
        }
    }
}

/// An empty list would vanish from the address, and the filter with it.
fn several(count: usize) -> Result<(), Fault> {
    if (1..=Filter::MOST_VALUES).contains(&count) { Ok(()) } else { Err(Fault::TooMany) }
}

/// A question for a list. Without more it asks for the first page of everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    select: Vec<String>,
    filters: Vec<Filter>,
    saved: Option<String>,
    search: Option<String>,
    order: Option<(String, Order)>,
    offset: usize,
    size: usize,
    without_total: bool,
}

impl Default for Query {
    fn default() -> Self {
        Self::new()
    }
}

impl Query {
    /// Everything, as the CRM orders it.
    #[must_use]
    pub fn new() -> Self {
        let (select, filters) = (Vec::new(), Vec::new());
        let (saved, search) = (None, None);
        Self { select, filters, saved, search, order: None, offset: 0, size: MOST, without_total: false }
    }

    /// Only these attributes; the CRM adds some of its own.
    #[must_use]
    pub fn select(mut self, attributes: &[&str]) -> Self {
        self.select.extend(attributes.iter().map(|&attribute| attribute.to_owned()));
        self
    }

    /// Only records of which this and all other filters hold.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Only what a filter of the CRM's own shows, by its word.
    #[must_use]
    pub fn saved(mut self, word: &str) -> Self {
        self.saved = Some(word.to_owned());
        self
    }

    /// Only what the CRM finds by a text.
    #[must_use]
    pub fn search(mut self, text: &str) -> Self {
        self.search = Some(text.to_owned());
        self
    }

    /// In this order.
    #[must_use]
    pub fn order(mut self, attribute: &str, order: Order) -> Self {
        self.order = Some((attribute.to_owned(), order));
        self
    }

    /// From this one on, at most so many: one to [`MOST`].
    #[must_use]
    pub fn page(mut self, offset: usize, size: usize) -> Self {
        (self.offset, self.size) = (offset, size.clamp(1, MOST));
        self
    }

    /// Spares the CRM the count of all.
    #[must_use]
    pub fn without_total(mut self) -> Self {
        self.without_total = true;
        self
    }

    pub(super) fn is_without_total(&self) -> bool {
        self.without_total
    }

    /// Offset and size of the page.
    pub(super) fn span(&self) -> (usize, usize) {
        (self.offset, self.size)
    }

    /// The query as it stands in an address.
    ///
    /// # Errors
    /// [`Fault::TooMany`] when it is too long, too deep, or a list in it is empty.
    pub(super) fn render(&self) -> Result<String, Fault> {
        let mut pairs = vec![
            ("maxSize".to_owned(), self.size.to_string()),
            ("offset".to_owned(), self.offset.to_string()),
        ];
        if !self.select.is_empty() {
            pairs.push(("select".to_owned(), self.select.join(",")));
        }
        if let Some((attribute, order)) = &self.order {
            pairs.push(("orderBy".to_owned(), attribute.clone()));
            let order = if *order == Order::Asc { "asc" } else { "desc" };
            pairs.push(("order".to_owned(), order.to_owned()));
        }
        let words = [("primaryFilter", &self.saved), ("textFilter", &self.search)];
        let given = words.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word.clone()?)));
        pairs.extend(given);
        for (index, filter) in self.filters.iter().enumerate() {
            filter.write(&format!("whereGroup[{index}]"), 0, &mut pairs)?;
        }
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // The brackets are ours and stand as they are: encoded they would fill the address.
        let parts: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let query = parts.join("&");
        if query.len() <= LONGEST { Ok(query) } else { Err(Fault::TooMany) }
    }
}
