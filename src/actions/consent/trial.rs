//! A stage for tests: a store of its own, a clock that is moved by hand, and a
//! Google that answers in process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::secret::Secret;
use serde_json::{Value, json};
use url::Url;

use super::{Connected, Consents, Refused, Started, redirect_uri};
use crate::auth::hash;
use crate::clock::{Clock, micros};
use crate::config::{self, Config};
use crate::dice::Dice;
use crate::google::id_token::Keys;
use crate::google::trial::{endpoints, jwk, pem, sign};
use crate::net::exchange::{Answer, Exchange, ExchangeError, Method, Request, Response};
use crate::node::settings::Setting;
use crate::seal::Ring;
use crate::store::accounts::Account;
use crate::store::{Opening, Store, accounts, aliases, audit, clients, consents, help_refs};

pub const CLIENT: &str = "id.apps.googleusercontent.com";
/// 2026-11-22.
pub const START: i64 = 1_795_305_600;

/// A service account's key file, as Google gives it.
pub fn key_file() -> String {
    json!({
        "type": "service_account", "client_email": "robot@p.iam.gserviceaccount.com",
        "client_id": "1234567890", "private_key_id": "k1", "private_key": pem(0),
    })
    .to_string()
}

/// What Google answers to the next code.
#[derive(Clone)]
pub enum Tokens {
    /// A grant: claims over the usual ones, fields over the usual ones.
    Grant { claims: Value, fields: Value, key: usize },
    /// This status with this body.
    Says(u16, &'static str),
    /// The network is gone.
    Down,
}

/// Google: keys at `/certs`, tokens at `/token`, calendars below `/calendar/`.
pub struct Google {
    calendars: Mutex<Option<Vec<Value>>>,
    groups: Mutex<Option<Vec<Value>>>,
    tokens: Mutex<Tokens>,
    nonce: Mutex<String>,
    asked: Mutex<Vec<String>>,
}

impl Google {
    /// The bodies of all requests to the token endpoint.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    // Its name is all that is asked for; Google knows each name once.
    fn grant(&self, claims: &Value, fields: &Value, key: usize) -> String {
        let mut told = json!({
            "iss": "https://accounts.google.com", "aud": CLIENT, "azp": CLIENT, "sub": "1076",
            "email": "anna@acme.cz", "email_verified": true, "hd": "acme.cz",
            "nonce": *self.nonce.lock().unwrap(), "iat": START, "exp": START + 3600,
        });
        over(&mut told, claims);
        let mut body = json!({
            "access_token": "ya29.fresh", "expires_in": 3599, "token_type": "Bearer",
            "scope": "https://mail.google.com/ openid https://www.googleapis.com/auth/userinfo.email",
            "refresh_token": "1//fresh", "id_token": sign("k1", key, &told).reveal(),
        });
        over(&mut body, fields);
        body.to_string()
    }
}

impl Google {
    fn about_groups(&self, request: &Request) -> (u16, String) {
        let mut groups = self.groups.lock().unwrap();
        let Some(groups) = groups.as_mut() else { return (503, "{}".to_owned()) };
        if request.method != Method::Post {
            return (200, json!({ "contactGroups": groups }).to_string());
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        let name = asked["contactGroup"]["name"].as_str().unwrap();
        if groups.iter().any(|group| group["name"] == name) {
            let error = json!({ "code": 409, "status": "ALREADY_EXISTS", "message": "Contact group name already exists." });
            return (409, json!({ "error": error }).to_string());
        }
        groups.push(group(&format!("contactGroups/made{}", groups.len()), name));
        (200, groups[groups.len() - 1].to_string())
    }
}

fn group(resource: &str, name: &str) -> Value {
    json!({ "resourceName": resource, "name": name, "groupType": "USER_CONTACT_GROUP", "memberCount": 0 })
}

// `null` takes the name away.
fn over(base: &mut Value, with: &Value) {
    for (name, value) in with.as_object().into_iter().flatten() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
}

impl Exchange for Google {
    fn send(&self, request: Request) -> Answer<'_> {
        assert!(!crate::tasks::holds(), "the network was asked inside a transaction");
        let told = if request.url.path() == "/certs" {
            Ok((200, json!({ "keys": [jwk("k1", 0)] }).to_string()))
        } else if request.url.path() == "/people/contactGroups" {
            Ok(self.about_groups(&request))
        } else if request.url.path() == "/calendar/users/me/calendarList" {
            match &*self.calendars.lock().unwrap() {
                Some(items) => Ok((200, json!({ "items": items }).to_string())),
                None => Ok((503, "{}".to_owned())),
            }
        } else {
            self.asked.lock().unwrap().push(String::from_utf8(request.body.to_vec()).unwrap());
            match self.tokens.lock().unwrap().clone() {
                Tokens::Grant { claims, fields, key } => Ok((200, self.grant(&claims, &fields, key))),
                Tokens::Says(status, body) => Ok((status, body.to_owned())),
                Tokens::Down => {
                    Err(ExchangeError::Unreachable { host: "google.test".into(), why: "down".into() })
                }
            }
        };
        Box::pin(async move {
            told.map(|(status, body)| Response {
                status,
                headers: Vec::new(),
                body: body.into_bytes().into(),
            })
        })
    }
}

/// Everything a consent needs, with an account `anna@acme.cz` and its link.
pub struct Stage {
    pub consents: Arc<Consents>,
    pub google: Arc<Google>,
    pub clock: Clock,
    /// Who may connect.
    pub welcome: Setting<config::Google>,
    pub account: AccountId,
    pub link: String,
    _folder: tempfile::TempDir,
}

impl Stage {
    pub async fn set() -> Self {
        Self::below("https://crm.example.com/postern", &[]).await
    }

    pub async fn below(public_url: &str, allowed: &[&str]) -> Self {
        let mut stage = Self::empty(public_url, allowed).await;
        stage.client().await;
        stage.people().await;
        stage
    }

    /// No Google client is set.
    pub async fn without_client() -> Self {
        let mut stage = Self::empty("https://crm.example.com/postern", &[]).await;
        stage.people().await;
        stage
    }

    async fn people(&mut self) {
        self.account = self.register("anna@acme.cz", &["office@acme.cz"]).await;
        self.link = self.invite(self.account).await;
    }

    async fn empty(public_url: &str, allowed: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, dice) = (Clock::manual(START * 1_000_000), Dice::default());
        let ring = Arc::new(Ring::create(&folder.path().join("key"), &dice).unwrap());
        let url = format!("sqlite://{}", folder.path().join("postern.db").display());
        let opening = Opening { url, ring, clock: clock.clone(), dice, node: "test".into() };
        let store = Store::open(opening).await.unwrap();
        store.migrate().await.unwrap();
        let text = format!("[google]\nallowed_domains = {allowed:?}\n");
        let welcome = Setting::new(Config::from_str(&text, &BTreeMap::new()).unwrap().google);
        let google = Arc::new(Google {
            tokens: Mutex::new(Tokens::Grant { claims: json!({}), fields: json!({}), key: 0 }),
            nonce: Mutex::default(),
            calendars: Mutex::new(Some(Vec::new())),
            groups: Mutex::new(Some(Vec::new())),
            asked: Mutex::default(),
        });
        let consents = Consents {
            store,
            exchange: google.clone(),
            endpoints: endpoints(),
            keys: Arc::new(Keys::new(endpoints().jwks_url)),
            redirect_uri: redirect_uri(&Url::parse(public_url).unwrap()),
            google: welcome.live(),
        };
        Self {
            consents: Arc::new(consents),
            google,
            clock,
            welcome,
            account: AccountId(uuid::Uuid::nil()),
            link: String::new(),
            _folder: folder,
        }
    }

    pub fn store(&self) -> &Store {
        &self.consents.store
    }

    pub async fn client(&self) {
        let mut act = self.store().act(&Actor::Gateway, "").await.unwrap();
        clients::set(&mut act, CLIENT, &Secret::new("s3cret")).await.unwrap();
        let event = Event::ClientSet { client_id: CLIENT.into(), accounts_to_reconnect: 0 };
        act.commit(event).await.unwrap();
    }

    /// Google has refused the client with this code.
    pub async fn refused(&self, code: &str) {
        let mut batch = self.store().batch().await.unwrap();
        let client = clients::current(self.store(), &mut batch).await.unwrap().unwrap();
        clients::fault(&mut batch, client.id, None).await.unwrap();
        clients::fault(&mut batch, client.id, Some(code)).await.unwrap();
        batch.commit().await.unwrap();
    }

    pub async fn register(&self, address: &str, also: &[&str]) -> AccountId {
        let address = Address::parse(address).unwrap();
        let mut act = self.store().act(&Actor::Gateway, "").await.unwrap();
        let id = accounts::insert(&mut act, &address, None, State::New).await.unwrap().id;
        for alias in also {
            aliases::insert(&mut act, id, &Address::parse(alias).unwrap()).await.unwrap();
        }
        act.commit(Event::AccountAdded { account: id, address, state: State::New }).await.unwrap();
        id
    }

    pub async fn invite(&self, account: AccountId) -> String {
        let word = self.store().dice().word().unwrap();
        let address = self.account(account).await.address;
        let until = self.clock.now() + micros(Duration::from_secs(7 * 86_400));
        let mut act = self.store().act(&Actor::Gateway, "").await.unwrap();
        consents::add_link(&mut act, account, &hash::of(&word), until).await.unwrap();
        act.commit(Event::ConsentLinkIssued { account, address }).await.unwrap();
        word
    }

    pub async fn enter(&self, state: State) {
        let account = self.account(self.account).await;
        let mut act = self.store().act(&Actor::Gateway, "").await.unwrap();
        accounts::set_state(&mut act, account.id, state).await.unwrap();
        let (from, address) = (account.state, account.address);
        let event = Event::StateChanged { account: account.id, address, from, to: state, why: "test" };
        act.commit(event).await.unwrap();
    }

    pub async fn refer(&self, reference: &str, cause: &str) {
        let mut batch = self.store().batch().await.unwrap();
        let until = self.clock.now() + micros(Duration::from_secs(30 * 86_400));
        help_refs::put(&mut batch, reference, self.account, cause, until).await.unwrap();
        batch.commit().await.unwrap();
    }

    pub async fn account(&self, id: AccountId) -> Account {
        accounts::by_id(&mut self.store().read().await.unwrap(), id).await.unwrap().unwrap()
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn answers(&self, tokens: Tokens) {
        *self.google.tokens.lock().unwrap() = tokens;
    }

    /// What Google lists as calendars: their identities, each with a role.
    pub fn calendars(&self, all: &[(&str, &str)]) {
        let item = |(id, role): &(&str, &str)| json!({ "id": id, "summary": id, "accessRole": role });
        *self.google.calendars.lock().unwrap() = Some(all.iter().map(item).collect());
    }

    /// What Google lists as groups of contacts: their names there, and as their owner calls them.
    pub fn groups(&self, all: &[(&str, &str)]) {
        let all = all.iter().map(|(resource, name)| group(resource, name));
        *self.google.groups.lock().unwrap() = Some(all.collect());
    }

    /// Groups of Google's own, over those of the user.
    pub fn system_groups(&self, all: &[&str]) {
        let item = |resource: &&str| json!({ "resourceName": resource, "name": "own", "groupType": "SYSTEM_CONTACT_GROUP" });
        self.google.groups.lock().unwrap().get_or_insert_default().extend(all.iter().map(item));
    }

    /// Google shows no groups of contacts now.
    pub fn groups_down(&self) {
        *self.google.groups.lock().unwrap() = None;
    }

    /// Google shows no calendars now.
    pub fn calendars_down(&self) {
        *self.google.calendars.lock().unwrap() = None;
    }

    /// A grant whose id_token differs in these claims.
    pub fn claims(&self, claims: Value) {
        self.answers(Tokens::Grant { claims, fields: json!({}), key: 0 });
    }

    /// A grant that differs in these fields.
    pub fn fields(&self, fields: Value) {
        self.answers(Tokens::Grant { claims: json!({}), fields, key: 0 });
    }

    /// Google has shown its page: it knows the nonce now. Returns the query.
    pub fn visit(&self, page: &Url) -> HashMap<String, String> {
        let query: HashMap<String, String> = page.query_pairs().into_owned().collect();
        self.google.nonce.lock().unwrap().clone_from(&query["nonce"]);
        query
    }

    pub async fn start(&self) -> Started {
        let started = self.consents.start(&self.link, None).await.unwrap();
        self.visit(&started.url);
        started
    }

    pub async fn finish(&self, started: &Started) -> Result<Connected, Refused> {
        let code = Ok(Secret::new("4/code"));
        self.consents.finish(&Actor::Owner, &started.state, Some(&started.cookie), code).await
    }

    /// Press, sign in, come back.
    pub async fn connect(&self) -> Result<Connected, Refused> {
        let started = self.start().await;
        self.finish(&started).await
    }

    /// The names of all audit rows since the stage was set, oldest first, and
    /// what stands in them.
    pub async fn audit(&self) -> Vec<(String, String)> {
        let mut rows = audit::newest(&mut self.store().read().await.unwrap(), 0, 1000).await.unwrap();
        rows.sort_by_key(|row| row.seq);
        rows.into_iter().skip(3).map(|row| (row.event, row.detail)).collect()
    }

    /// The names alone.
    pub async fn events(&self) -> Vec<String> {
        self.audit().await.into_iter().map(|(event, _)| event).collect()
    }
}
