//! The client of the CRM's REST API: one bounded question at a time.

use std::sync::Arc;
use std::time::Duration;

use postern_core::model::secret::Secret;
use url::Url;

use super::fault::Fault;
use super::user::{User, UserId, read};
use crate::net::exchange::{Exchange, Request};

/// Somebody waits for the answer, maybe the CRM itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer that is read, in octets.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The way to the CRM. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    exchange: Arc<dyn Exchange>,
    site: Url,
    key: Secret,
}

impl Client {
    /// `site` is where people open the CRM, `key` that of one of its API users.
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>, site: Url, key: Secret) -> Self {
        Self { exchange, site, key }
    }

    /// What the CRM says of a user.
    ///
    /// # Errors
    /// When there is no such user, or the CRM does not say.
    pub async fn user(&self, id: &UserId) -> Result<User, Fault> {
        let mut url = self.site.clone();
        let path = url.path_segments_mut().map(|mut path| {
            path.pop_if_empty().extend(["api", "v1", "User", id.as_str()]);
        });
        path.map_err(|()| Fault::Malformed("no web address"))?;
        let mut request = Request::get(url);
        request.headers.push(("x-api-key", self.key.reveal().to_owned()));
        request.headers.push(("accept", "application/json".to_owned()));
        request.timeout = PATIENCE;
        request.limit = LONGEST_ANSWER;
        let answer = self.exchange.send(request).await?;
        match answer.status {
            200 => read(id, &answer.body),
            404 => Err(Fault::NoUser),
            401 | 403 => Err(Fault::KeyRefused(answer.status)),
            429 | 500.. => Err(Fault::Temporary(format!("status {}", answer.status))),
            _ => Err(Fault::Malformed("a status that no CRM gives here")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Client;
    use crate::crm::fault::Fault;
    use crate::crm::user::UserId;
    use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};
    use postern_core::model::address::Address;
    use postern_core::model::refusal::{Blame, Retry};
    use postern_core::model::secret::Secret;
    use std::sync::{Arc, Mutex};

    struct Crm(u16, &'static str, Mutex<Vec<Request>>);

    impl Exchange for Crm {
        fn send(&self, request: Request) -> Answer<'_> {
            let limit = request.limit;
            self.2.lock().unwrap().push(request);
            Box::pin(async move {
                match self.0 {
                    0 => Err(ExchangeError::Unreachable { host: "crm".into(), why: "refused".into() }),
                    1 => Err(ExchangeError::TooLarge { host: "crm".into(), limit }),
                    status => {
                        Ok(Response { status, headers: vec![], body: self.1.as_bytes().to_vec().into() })
                    }
                }
            })
        }
    }

    fn crm(status: u16, body: &'static str) -> (Arc<Crm>, Client) {
        let crm = Arc::new(Crm(status, body, Mutex::default()));
        let site = "https://crm.example.com/espo".parse().unwrap();
        (crm.clone(), Client::new(crm, site, Secret::new("k1")))
    }

    fn id() -> UserId {
        UserId::parse("6b035d19485892bcb").unwrap()
    }

    const ALICE: &str = "{\"id\":\"6b035d19485892bcb\",\"isActive\":true,\"emailAddress\":\"Alice@example.com\",\
        \"emailAddressData\":[{\"emailAddress\":\"Alice@example.com\",\"lower\":\"alice@example.com\"},\
        {\"emailAddress\":\"a.adams@example.com\"},{\"emailAddress\":\"nonsense\"}],\"type\":\"regular\"}";

    #[tokio::test]
    async fn a_user_is_asked_for_with_the_key() {
        let (crm, client) = crm(200, ALICE);
        let alice = client.user(&id()).await.unwrap();
        for (address, has) in
            [("alice@example.com", true), ("A.Adams@example.com", false), ("bob@example.com", false)]
        {
            assert_eq!(alice.has(&Address::parse(address).unwrap()), has, "{address}");
        }
        let asked = crm.2.lock().unwrap();
        assert_eq!(asked[0].url.as_str(), "https://crm.example.com/espo/api/v1/User/6b035d19485892bcb");
        assert!(asked[0].headers.contains(&("x-api-key", "k1".to_owned())));
    }

    #[tokio::test]
    async fn whatever_else_comes_back_is_no_word_about_a_user() {
        let other = "{\"id\":\"6B035D19485892BCB\",\"isActive\":true,\"emailAddress\":\"a@b.cz\"}";
        let gone = "{\"id\":\"6b035d19485892bcb\",\"deleted\":true,\"isActive\":true}";
        for (status, body, blame, retry) in [
            (404, "", Blame::Account, Retry::No),
            (401, "", Blame::Gateway, Retry::No),
            (403, "", Blame::Gateway, Retry::No),
            (503, "", Blame::Upstream, Retry::Later),
            (0, "", Blame::Upstream, Retry::Later),
            (1, "", Blame::Upstream, Retry::No),
            (302, "", Blame::Upstream, Retry::No),
            (200, "<html>", Blame::Upstream, Retry::No),
            (200, "[]", Blame::Upstream, Retry::No),
            (200, other, Blame::Upstream, Retry::No),
            (200, gone, Blame::Account, Retry::No),
        ] {
            let fault = crm(status, body).1.user(&id()).await.unwrap_err();
            assert_eq!((fault.blame(), fault.retry()), (blame, retry), "{status} {body}: {fault}");
            assert!(!fault.to_string().contains("k1"));
        }
        let barred = "{\"id\":\"6b035d19485892bcb\",\"isActive\":false,\"emailAddress\":\"a@b.cz\"}";
        let user = crm(200, barred).1.user(&id()).await.unwrap();
        assert!(!user.has(&Address::parse("a@b.cz").unwrap()));
        assert_eq!(crm(404, "").1.user(&id()).await.unwrap_err(), Fault::NoUser);
    }

    #[test]
    fn an_identity_leads_to_no_other_path() {
        for text in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "é", &"a".repeat(37)] {
            assert_eq!(UserId::parse(text), None, "{text}");
        }
        assert!(UserId::parse("550e8400-e29b-41d4-a716-446655440000").is_some());
    }
}
