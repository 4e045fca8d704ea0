//! The routes, asked without a socket.

mod admin;
mod api;
mod calendar;
mod codes;
mod consent;
mod contacts_undo;
mod contacts_waiting;
mod defaults;
mod google;
mod held;
mod holds;
mod hooks;
mod jobs;
mod journal;
mod journaled;
mod journaled_sync;
mod keys;
mod letters;
mod offboard;
mod onboarding;
mod overview;
mod own;
mod own_contacts;
mod own_pushes;
mod owner;
mod pages;
mod pairs;
mod panel;
mod products;
mod provision;
mod quota;
mod registering;
mod removal;
mod sockets;
mod teams;
mod tuning;
mod undo;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;
use url::Url;

use super::{Metrics, Pages, Settings, router};
use crate::actions::admin::enter::Entrance;
use crate::actions::binding::Scales;
use crate::actions::calendars::teams::Teams;
use crate::actions::calendars::trial::lists;
use crate::actions::consent::trial::Stage;
use crate::actions::contacts::push::Pushing;
use crate::actions::contacts::trial::groups;
use crate::actions::hooks::crm::Webhooks;
use crate::actions::provision::trial::provision;
use crate::audit::writer;
use crate::auth::password::Passwords;
use crate::config::{Advertised, Config, Security};
use crate::doctor::account::trial::ways;
use crate::metrics::Registry;
use crate::node::settings::Tuning;
use crate::tasks::Tasks;

/// What the file says of what may change while the gateway runs.
const CONFIGURATION: &str = "[limits]\nmessage_size = 1000000\n[notices]\nvia = \"smtp://mail.acme.cz\"\n";

pub const PUBLIC: &str = "https://crm.example.com/postern";

/// An answer.
pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Told {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie as the browser would show it.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// The pages on their stage.
pub struct House {
    pub stage: Stage,
    pub router: Router,
    host: String,
}

/// What the pages of this stage need.
pub fn pages(stage: &Stage, public_url: &str, loopback: bool) -> Pages {
    let (tasks, store) = (Tasks::default(), stage.store().clone());
    Pages {
        consents: Arc::clone(&stage.consents),
        entrance: Entrance::new(store.clone(), Passwords::new(tasks.clone())).unwrap(),
        store,
        public_url: Url::parse(public_url).unwrap(),
        loopback,
        tasks,
        trusted_proxies: Vec::new(),
        settings: Settings {
            imap: Some(Advertised { host: "mail.acme.cz".into(), port: 1993, security: Security::Ssl }),
            smtp: Some(Advertised { host: "mail.acme.cz".into(), port: 1465, security: Security::Ssl }),
            names: vec!["mail.acme.cz".into()],
        },
        crm: Some("crm.acme.cz".to_owned()),
        mails: true,
        webhooks: Webhooks::default(),
        embed_origins: vec!["https://espo.example.com".into()],
        tuning: Tuning::new(Config::from_str(CONFIGURATION, &BTreeMap::new()).unwrap()),
        whose: Scales::default(),
        teams: Teams::default(),
        notes: writer().0,
        metrics: Metrics::register(&Registry::default()),
        gmail: ways(
            stage.store().clone(),
            stage.consents.exchange.clone(),
            stage.consents.redirect_uri.clone(),
        ),
        calendars: lists(stage),
        groups: groups(stage),
        pushing: Pushing::default(),
        provision: provision(),
    }
}

impl House {
    pub async fn build() -> Self {
        Self::at(PUBLIC, false).await
    }

    pub async fn at(public_url: &str, loopback: bool) -> Self {
        let stage = Stage::below(public_url, &[]).await;
        let router = router(pages(&stage, public_url, loopback));
        let host = Url::parse(public_url).unwrap().host_str().unwrap().to_owned();
        Self { stage, router, host }
    }

    /// Asks with these header fields over the usual ones.
    pub async fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Told {
        let mut request = Request::builder().method(method).uri(path);
        if !fields.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", &self.host);
        }
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let answer =
            self.router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Told { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Told {
        self.ask("POST", path, &[], body).await
    }

    /// Presses the button; returns the answer and the state that Google got.
    pub async fn press(&self) -> (Told, String) {
        let told = self.post("/postern/oauth/google/start", &format!("link={}", self.stage.link)).await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        let state = self.stage.visit(&Url::parse(told.header("location")).unwrap())["state"].clone();
        (told, state)
    }

    /// Google sends the browser back.
    pub async fn come_back(&self, query: &str, cookie: &str) -> Told {
        self.ask("GET", &format!("/postern/oauth/google/callback?{query}"), &[("cookie", cookie)], "").await
    }
}
