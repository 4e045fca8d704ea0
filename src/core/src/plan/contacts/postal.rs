//! An address for letters, which is one value: whoever changes its street has moved.

use serde::{Deserialize, Serialize};

/// An address. Empty parts are there, and say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Postal {
    /// Street and number; it may have several lines.
    pub street: String,
    /// Town.
    pub city: String,
    /// Region, state.
    pub region: String,
    /// Postal code.
    pub code: String,
    /// Country.
    pub country: String,
}

impl Postal {
    /// Its parts, from the street on.
    #[must_use]
    pub fn parts(&self) -> [&str; 5] {
        [&self.street, &self.city, &self.region, &self.code, &self.country]
    }

    /// The same with each part made anew from what it is, by its place in [`Postal::parts`].
    #[must_use]
    pub fn each(&self, with: impl Fn(usize, &str) -> String) -> Self {
        let [street, city, region, code, country] = self.parts();
        Self {
            street: with(0, street),
            city: with(1, city),
            region: with(2, region),
            code: with(3, code),
            country: with(4, country),
        }
    }

    /// Whether all parts are empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.trim().is_empty())
    }

    /// For people, in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let said: Vec<_> = self.parts().into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
        said.join(", ").replace('\n', ", ")
    }
}
