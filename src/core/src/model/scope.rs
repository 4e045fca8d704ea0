//! OAuth scopes as sets, and the products they open.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The scope that opens IMAP and SMTP; nothing smaller does.
pub const GMAIL: &str = "https://mail.google.com/";

/// Opens everything of Google Calendar, and so each of [`CALENDAR_PARTS`].
const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";
/// The least that two-way sync needs: events, and which calendars there are.
const CALENDAR_PARTS: [&str; 2] = [
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/calendar.events",
];

/// See and edit the people of Google Contacts, and their groups.
const CONTACTS: &str = "https://www.googleapis.com/auth/contacts";

/// What a user may grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Read and send mail.
    Gmail,
    /// See and edit events.
    Calendar,
    /// See and edit people.
    Contacts,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 3] = [Self::Gmail, Self::Calendar, Self::Contacts];

    /// The word in the store, in forms and in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gmail => "gmail",
            Self::Calendar => "calendar",
            Self::Contacts => "contacts",
        }
    }

    /// The product of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.name() == name)
    }

    /// The scopes that a consent asks for it; none opens another product.
    #[must_use]
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Gmail => &[GMAIL],
            Self::Calendar => &CALENDAR_PARTS,
            Self::Contacts => &[CONTACTS],
        }
    }

    /// The scopes of several products, as an admin enters them at Google.
    #[must_use]
    pub fn scopes_of(products: &[Self]) -> String {
        let all: Vec<&str> = products.iter().flat_map(|product| product.scopes()).copied().collect();
        all.join(", ")
    }
}

/// A set of scopes. Google answers in another order and spelling than it was
/// asked in, so sets are compared in one spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScopeSet(BTreeSet<String>);

impl ScopeSet {
    /// Reads a list separated by blanks, as in a token response.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split_ascii_whitespace().map(|s| normal(s).to_owned()).collect())
    }

    /// What a consent for these products asks: the sign-in scopes and theirs.
    #[must_use]
    pub fn consent(products: &[Product]) -> Self {
        let wanted = products.iter().flat_map(|product| product.scopes());
        Self(["openid", "email"].iter().chain(wanted).map(|scope| (*scope).to_owned()).collect())
    }

    /// What a mail session needs.
    #[must_use]
    pub fn mail() -> Self {
        Self::of(Product::Gmail)
    }

    /// What calendar sync needs.
    #[must_use]
    pub fn calendar() -> Self {
        Self::of(Product::Calendar)
    }

    /// What contacts sync needs.
    #[must_use]
    pub fn contacts() -> Self {
        Self::of(Product::Contacts)
    }

    /// What the product needs.
    #[must_use]
    pub fn of(product: Product) -> Self {
        Self(product.scopes().iter().map(|scope| (*scope).to_owned()).collect())
    }

    /// Whether this set allows whatever `wanted` allows.
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        wanted.iter().all(|scope| self.holds(scope))
    }

    /// Whether the set opens the product.
    #[must_use]
    pub fn opens(&self, product: Product) -> bool {
        product.scopes().iter().all(|scope| self.holds(scope))
    }

    /// The products that the set opens.
    pub fn products(&self) -> impl Iterator<Item = Product> {
        Product::ALL.into_iter().filter(|product| self.opens(*product))
    }

    fn holds(&self, scope: &str) -> bool {
        self.0.contains(scope) || (CALENDAR_PARTS.contains(&scope) && self.0.contains(CALENDAR))
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in a stable order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

fn normal(scope: &str) -> &str {
    match scope {
        "https://www.googleapis.com/auth/userinfo.email" => "email",
        "https://www.googleapis.com/auth/userinfo.profile" => "profile",
        "https://mail.google.com" => GMAIL,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Product, ScopeSet};

    #[test]
    fn order_and_spelling_do_not_matter() {
        let answer =
            ScopeSet::parse("https://www.googleapis.com/auth/userinfo.email https://mail.google.com/ openid");
        assert_eq!(answer, ScopeSet::consent(&[Product::Gmail]));
        assert!(answer.opens(Product::Gmail));
        assert!(!ScopeSet::parse("openid email").covers(&ScopeSet::mail()));
    }

    #[test]
    fn the_calendar_is_open_with_both_of_its_parts_or_the_whole() {
        let at = |scopes: &[&str]| {
            let whole: Vec<String> =
                scopes.iter().map(|scope| format!("https://www.googleapis.com/auth/{scope}")).collect();
            ScopeSet::parse(&whole.join(" "))
        };
        for (scopes, open) in [
            (&["calendar.events", "calendar.calendarlist.readonly"][..], true),
            (&["calendar"], true),
            (&["calendar.events"], false),
            (&["calendar.calendarlist.readonly"], false),
            (&["calendar.events.readonly", "calendar.calendarlist.readonly"], false),
            (&["calendar.readonly"], false),
        ] {
            let granted = at(scopes);
            assert_eq!(granted.opens(Product::Calendar), open, "{granted}");
            assert_eq!(granted.covers(&ScopeSet::calendar()), open, "{granted}");
            assert!(!granted.opens(Product::Gmail) && !granted.covers(&ScopeSet::mail()), "{granted}");
        }
        assert!(!at(&["calendar"]).covers(&at(&["contacts"])), "nothing else comes with it");
    }

    #[test]
    fn contacts_are_open_with_the_scope_that_edits_them() {
        for (scope, open) in [("contacts", true), ("contacts.readonly", false), ("calendar", false)] {
            let granted = ScopeSet::parse(&format!("https://www.googleapis.com/auth/{scope}"));
            assert_eq!(granted.opens(Product::Contacts), open, "{granted}");
            assert_eq!(granted.covers(&ScopeSet::contacts()), open, "{granted}");
        }
    }

    #[test]
    fn a_consent_asks_for_what_is_offered_and_no_more() {
        let asked = ScopeSet::consent(&[Product::Calendar]);
        assert_eq!(asked.products().collect::<Vec<_>>(), [Product::Calendar]);
        assert_eq!(asked.iter().count(), 4);
        let asked = ScopeSet::consent(&[Product::Contacts]);
        assert_eq!(asked.to_string(), "email https://www.googleapis.com/auth/contacts openid");
        assert_eq!(asked.products().collect::<Vec<_>>(), [Product::Contacts]);
        let asked = ScopeSet::consent(&Product::ALL);
        assert_eq!(asked.products().collect::<Vec<_>>(), Product::ALL);
        for product in Product::ALL {
            assert_eq!(Product::named(product.name()), Some(product));
        }
    }
}
