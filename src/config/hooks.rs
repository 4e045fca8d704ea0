//! Where the CRM and Google may call us, when they can reach us at all.

use url::{Host, Url};

use super::Config;
use super::web;

impl Config {
    /// The full address of one of our paths for the CRM: it stands on this
    /// machine too, or we are reached by https. Under a name in any case: one
    /// address without a name ends all deliveries of EspoCRM 10.0.0.
    #[must_use]
    pub fn called_by_crm(&self, path: &str) -> Option<Url> {
        if !matches!(self.http.public_url.host(), Some(Host::Domain(_))) {
            return None;
        }
        let here = self.http.is_local_name();
        let beside = self.crm.url.as_ref().is_some_and(web::on_loopback);
        let reached = if here { beside } else { self.http.public_url.scheme() == "https" };
        reached.then(|| self.http.address_of(path)).and_then(|text| text.parse().ok())
    }

    /// The same for Google: it calls public names by https only. A stand-in on
    /// this machine calls this machine.
    #[must_use]
    pub fn called_by_google(&self, path: &str) -> Option<Url> {
        let reached = if self.http.is_local_name() {
            web::on_loopback(&self.google.calendar_url)
        } else {
            self.http.public_url.scheme() == "https" && !self.http.is_private_name()
        };
        reached.then(|| self.http.address_of(path)).and_then(|text| text.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::config::Config;

    fn called(text: &str) -> (Option<String>, Option<String>) {
        let config = Config::from_str(text, &BTreeMap::new()).unwrap();
        let text = |url: url::Url| url.to_string();
        (config.called_by_crm("/hooks/crm").map(text), config.called_by_google("/hooks/google").map(text))
    }

    #[test]
    fn who_cannot_reach_us_is_not_asked_to_call() {
        let crm = |public: &str, crm: &str| {
            called(&format!("[http]\npublic_url = \"{public}\"\n[crm]\nurl = \"{crm}\"\napi_key = \"k\""))
        };
        let both = crm("https://p.example.com/postern", "https://crm.example.com");
        assert_eq!(both.0.as_deref(), Some("https://p.example.com/postern/hooks/crm"));
        assert_eq!(both.1.as_deref(), Some("https://p.example.com/postern/hooks/google"));
        // In the house the CRM reaches what Google does not.
        let house = crm("https://postern.lan", "https://crm.lan");
        assert_eq!((house.0.is_some(), house.1), (true, None));
        assert_eq!(crm("http://localhost:8025", "https://crm.example.com"), (None, None));
        assert_eq!(crm("https://localhost:8025", "https://crm.example.com"), (None, None));
        assert!(crm("http://localhost:8025", "http://127.0.0.1:8080").0.is_some());
        assert_eq!(crm("http://127.0.0.1:8025", "http://127.0.0.1:8080"), (None, None));
    }

    #[test]
    fn a_stand_in_on_this_machine_calls_this_machine() {
        let google =
            "[http]\npublic_url = \"http://localhost:1\"\n[google]\ncalendar_url = \"http://127.0.0.1:2/c/\"";
        assert_eq!(called(google), (None, Some("http://localhost:1/hooks/google".to_owned())));
    }
}
