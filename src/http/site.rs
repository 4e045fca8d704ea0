//! What the routes share: who we are and under which names.

use std::sync::Arc;

use postern_core::model::id::{AccountId, ApiKeyId, PanelId};
use postern_core::model::network::Network;
use tokio::task::JoinHandle;
use url::Url;

use super::policy::Policies;
use super::web::settings::Settings;
use super::{Metrics, Pages};
use crate::actions::account::add::Rules;
use crate::actions::account::disconnect::disconnect;
use crate::actions::admin::enter::Entrance;
use crate::actions::binding::Scales;
use crate::actions::calendars::refresh::Lists;
use crate::actions::calendars::teams::Teams;
use crate::actions::consent::Consents;
use crate::actions::contacts::groups::Groups;
use crate::actions::contacts::push::Pushing;
use crate::actions::hooks::crm::Webhooks;
use crate::actions::provision::{Deed, Provision, ProvisionFault};
use crate::actions::{ActError, By, Reach};
use crate::audit::Notes;
use crate::auth::pace::Pace;
use crate::auth::turns::Turns;
use crate::config::Google;
use crate::doctor::account::Ways;
use crate::node::settings::Tuning;
use crate::store::accounts::Account;
use crate::store::{Store, StoreError};
use crate::tasks::{Phase, Tasks};

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The state of every route.
pub(super) struct Site {
    pub consents: Arc<Consents>,
    pub store: Store,
    pub tasks: Tasks,
    /// The way in for admins.
    pub entrance: Entrance,
    /// Whose deliveries are taken as hints.
    pub webhooks: Webhooks,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// What mail clients enter to reach the listeners.
    pub settings: Settings,
    /// Asks the CRM whose mailbox it is.
    pub whose: Scales,
    /// Asks the CRM which teams there are.
    pub teams: Teams,
    /// The journal, for what needs no act.
    pub notes: Notes,
    /// What programs are counted by.
    pub metrics: Metrics,
    /// How fast each program may ask.
    pub pace: Pace<ApiKeyId>,
    /// The same for each panel in the CRM.
    pub panel_pace: Pace<PanelId>,
    /// The host of the CRM.
    pub crm: Option<String>,
    /// How often strangers may ask for a letter.
    pub turns: Turns,
    /// Whether letters leave.
    pub mails: bool,
    /// What may change while the gateway runs.
    pub tuning: Tuning,
    /// The way to Gmail.
    pub gmail: Ways,
    /// The way to Google's lists of calendars.
    pub calendars: Lists,
    /// The way to Google's groups of contacts.
    pub groups: Groups,
    /// The way to the CRM for what is pushed by conditions.
    pub pushing: Pushing,
    /// The way by which mail accounts are written into the CRM.
    pub provision: Provision,
    public_url: Url,
    /// Path of the public address without a slash at its end: empty, `/postern`.
    pub base: String,
    /// Scheme, host and port of the public address.
    pub origin: String,
    /// Whether the public address is https.
    pub secure: bool,
    /// What browsers may do with our answers.
    pub policies: Policies,
    hosts: Vec<String>,
}

impl Site {
    pub fn new(pages: Pages) -> Self {
        let Pages {
            consents,
            store,
            public_url,
            loopback,
            tasks,
            entrance,
            trusted_proxies,
            settings,
            crm,
            mails,
            tuning,
            gmail,
            calendars,
            groups,
            pushing,
            provision,
            embed_origins,
            whose,
            teams,
            notes,
            metrics,
            webhooks,
        } = pages;
        Self {
            base: public_url.path().trim_end_matches('/').to_owned(),
            origin: public_url.origin().ascii_serialization(),
            secure: public_url.scheme() == "https",
            hosts: hosts(&public_url, loopback),
            entrance,
            webhooks,
            trusted_proxies,
            settings,
            pace: Pace::default(),
            turns: Turns::default(),
            crm,
            mails,
            panel_pace: Pace::default(),
            whose,
            teams,
            notes,
            metrics,
            tuning,
            gmail,
            calendars,
            groups,
            pushing,
            provision,
            public_url,
            policies: Policies::new(&consents.auth_origin(), &embed_origins),
            consents,
            store,
            tasks,
        }
    }

    /// Whether a host name, in lower case and without port, is ours.
    pub fn is_ours(&self, host: &str) -> bool {
        self.hosts.iter().any(|ours| ours == host)
    }

    /// Who may connect now.
    pub fn google(&self) -> Arc<Google> {
        self.consents.google.now()
    }

    /// What holds for new mailboxes; whose they are is for others to say.
    pub fn rules<'a>(&'a self, google: &'a Google) -> Rules<'a> {
        Rules { allowed_domains: &google.allowed_domains, public_url: &self.public_url, binds: false }
    }

    /// Where people find the pages.
    pub fn public_url(&self) -> &Url {
        &self.public_url
    }

    /// Goes on with an act of which Google's part cannot be taken back, also when
    /// whoever asked for it hangs up.
    pub async fn to_the_end<T: Send + 'static>(
        &self,
        act: impl Future<Output = Result<T, ActError>> + Send + 'static,
    ) -> Result<T, ActError> {
        let cut_off = |_| StoreError::inconsistent("tasks", "an act was cut off").into();
        self.tasks.spawn(Phase::Work, act).await.unwrap_or_else(|error| Err(cut_off(error)))
    }

    /// Ends the grant of a mailbox that stays registered.
    pub async fn disconnect(self: &Arc<Self>, by: By, account: AccountId) -> Result<Account, ActError> {
        let own = Arc::clone(self);
        self.to_the_end(async move {
            let reach = own.reach();
            disconnect(&own.store, &by, reach.exchange, reach.endpoints, account).await
        })
        .await
    }

    /// Begins to write mail accounts into the CRM, or to take them back, behind
    /// whoever asks; the handle ends with the work.
    pub async fn provision(
        &self,
        by: By,
        wanted: &[AccountId],
        deed: Deed,
    ) -> Result<JoinHandle<()>, ProvisionFault> {
        let run = self.provision.begin(&self.store, wanted).await?;
        let stop = self.tasks.stop(Phase::Work);
        Ok(self.tasks.spawn(Phase::Work, async move {
            run.work(&by, deed, &stop).await;
        }))
    }

    /// The way to Google for acts that end there.
    pub fn reach(&self) -> Reach<'_> {
        let Consents { exchange, endpoints, redirect_uri, .. } = &*self.consents;
        let Ways { dialer, imap, .. } = &self.gmail;
        Reach { exchange: &**exchange, endpoints, redirect_uri, dialer, imap }
    }

    /// One of our paths as programs elsewhere reach it.
    pub fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// One of our paths, for links and cookies.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn hosts(public_url: &Url, loopback: bool) -> Vec<String> {
    let local = LOOPBACK.iter().filter(|_| loopback).map(|name| (*name).to_owned());
    public_url.host_str().map(str::to_owned).into_iter().chain(local).collect()
}
