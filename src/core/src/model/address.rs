//! Mailbox addresses, compared as Gmail compares them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An e-mail address in the one form that is stored and compared: lower case,
/// `googlemail.com` written as `gmail.com`. Only ASCII without blanks, quotes
/// or angle brackets is accepted, so an address can be put into any protocol
/// line or page without escaping surprises.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// No `@`, or nothing on one side of it.
    #[error("an address needs the form name@domain")]
    Form,
    /// A character outside the accepted set.
    #[error("an address may hold letters, digits and .!#$%&'*+/=?^_`{{|}}~- only")]
    Character,
    /// Longer than 254 octets.
    #[error("an address may have 254 characters at most")]
    Length,
}

impl Address {
    /// Reads and folds an address; blanks around it are dropped.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(NotAnAddress::Length);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress::Form)?;
        if local.is_empty() || domain.is_empty() || domain.starts_with('.') || domain.ends_with('.') {
            return Err(NotAnAddress::Form);
        }
        if !local.bytes().all(is_local) || !domain.bytes().all(is_domain) {
            return Err(NotAnAddress::Character);
        }
        let domain = domain.to_ascii_lowercase();
        let domain = if domain == "googlemail.com" { "gmail.com".to_owned() } else { domain };
        Ok(Self(format!("{}@{domain}", local.to_ascii_lowercase())))
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether a text written by a person or a peer means this address.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        Self::parse(text).is_ok_and(|other| other == *self)
    }
}

// RFC 5321 atext; quoted local parts do not occur at Gmail.
fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b)
}

fn is_domain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'.' || b == b'-'
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;
    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl std::str::FromStr for Address {
    type Err = NotAnAddress;
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, NotAnAddress};

    #[test]
    fn case_and_googlemail_do_not_matter() {
        let anna = Address::parse(" Anna.B@GoogleMail.com ").unwrap();
        assert_eq!(anna.as_str(), "anna.b@gmail.com");
        assert!(anna.is("ANNA.B@gmail.com"));
        assert_eq!(anna.domain(), "gmail.com");
    }

    #[test]
    fn what_could_break_a_line_is_refused() {
        for text in ["a\r\nb@x.cz", "a b@x.cz", "\"a\"@x.cz", "<a@x.cz>", "a@x.cz\0", "ä@x.cz"] {
            assert_eq!(Address::parse(text), Err(NotAnAddress::Character), "{text:?}");
        }
        for text in ["", "a", "@x", "a@", "a@.x", "a@x."] {
            assert_eq!(Address::parse(text), Err(NotAnAddress::Form), "{text:?}");
        }
    }
}
