//! OAuth scopes as sets, and the products they open.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The scope that opens IMAP and SMTP; nothing smaller does.
pub const GMAIL: &str = "https://mail.google.com/";

/// What a user may grant, one tick box each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Read and send mail.
    Gmail,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 1] = [Self::Gmail];

    /// The word in the store and in forms.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gmail => "gmail",
        }
    }

    /// The scope that stands for the product.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Gmail => GMAIL,
        }
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

    /// What a consent for mail asks: the sign-in scopes and Gmail.
    #[must_use]
    pub fn consent() -> Self {
        Self::parse("openid email https://mail.google.com/")
    }

    /// What a mail session needs.
    #[must_use]
    pub fn mail() -> Self {
        Self::parse(GMAIL)
    }

    /// Whether every scope of `wanted` is in this set.
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        wanted.0.is_subset(&self.0)
    }

    /// Whether the product's scope is in this set.
    #[must_use]
    pub fn opens(&self, product: Product) -> bool {
        self.0.contains(product.scope())
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
        assert_eq!(answer, ScopeSet::consent());
        assert!(answer.opens(Product::Gmail));
        assert!(!ScopeSet::parse("openid email").covers(&ScopeSet::mail()));
    }
}
