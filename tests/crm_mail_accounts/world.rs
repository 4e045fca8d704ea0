//! A CRM, a gateway process with two mailboxes, and the commands beside it.

use std::path::PathBuf;

use postern::store::{accounts, crm_tokens};
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_sandbox::{Crm, CrmOptions, Version};
use serde_json::{Value, json};

use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::line::Lines;
use crate::support::ports;
use crate::support::process::{Process, postern};

pub const ANNA: &str = "anna@example.com";
/// Shared.
pub const INFO: &str = "info@example.com";

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub struct World {
    pub crm: Crm,
    pub gateway: Gateway,
    /// The CRM user that Anna's mailbox belongs to.
    pub user: String,
    pub anna: AccountId,
    info: AccountId,
    /// `host:port` as the CRM is told them.
    pub imap: String,
    pub smtp: String,
    process: Process,
    config: PathBuf,
    said: std::sync::Mutex<String>,
}

/// What makes the listeners known, and the CRM.
pub fn more(crm: &Crm, imap: u16, smtp: u16) -> String {
    let listener = |protocol: &str, port: u16| {
        format!(
            "[[{protocol}.listen]]\naddr = \"0.0.0.0:{port}\"\nallow_cleartext = true\n\
             advertise = \"127.0.0.1:{port}\"\n"
        )
    };
    format!(
        "{}{}[crm]\nurl = \"{}\"\nadmin_user = \"admin\"\nadmin_password = \"{}\"\n",
        listener("imap", imap),
        listener("smtp", smtp),
        crm.url(),
        crm.admin_password(),
    )
}

/// Gives the mailbox to a CRM user.
pub async fn give(gateway: &Gateway, account: AccountId, user: &str) {
    let mut act = gateway.act().await;
    accounts::set_crm_user(&mut act, account, Some(user)).await.unwrap();
    let address = gateway.account(account).await.address;
    let event = Event::CrmUserSet { account, address, from: None, crm_user: user.to_owned() };
    act.commit(event).await.unwrap();
}

impl World {
    pub async fn of(version: Version) -> Self {
        Self::with(version, |text| text).await
    }

    /// With a configuration that is changed.
    pub async fn with(version: Version, change: impl FnOnce(String) -> String) -> Self {
        let crm = Crm::start_with(CrmOptions { version, ..CrmOptions::default() }).await.unwrap();
        crm.set_mail_dials(true);
        let user = "65f0c1a2b3d4e5f60".to_owned();
        crm.add_person(&user, ("Anna", "Adams"), &[ANNA]);
        let gateway = Gateway::with(Setup { idle: true, ..Setup::default() }).await;
        let anna = gateway.connect(ANNA, &[]).await;
        let info = gateway.connect(INFO, &[]).await;
        give(&gateway, anna, &user).await;
        let (imap, smtp) = (ports::free(), ports::free());
        let more = more(&crm, imap, smtp);
        let text = configuration(&gateway.sandbox, &gateway.dir, &Setup { more, ..Setup::default() });
        let config = gateway.dir.path().join("serving.toml");
        let process = Process::start(&change(text), &config).await;
        let (imap, smtp) = (format!("127.0.0.1:{imap}"), format!("127.0.0.1:{smtp}"));
        Self { crm, gateway, user, anna, info, imap, smtp, process, config, said: Default::default() }
    }

    /// Lists both places in the CRM.
    pub fn allow(&self) {
        self.crm.allow_mail_to(&self.imap);
        self.crm.allow_mail_to(&self.smtp);
    }

    pub async fn provision(&self, args: &[&str]) -> Said {
        let output = postern(&self.config).args(["account", "provision"]).args(args).output().await.unwrap();
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let said = Said {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        *self.said.lock().unwrap() += &format!("{said:?}");
        said
    }

    /// The one record of a kind.
    pub fn only(&self, entity: &str) -> Value {
        let mut all = self.crm.records(entity);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// What the record holds and no request is told.
    pub fn password(&self, record: &Value) -> String {
        let id = record["id"].as_str().unwrap();
        self.crm.mail_password("EmailAccount", id).unwrap()
    }

    /// An account that its user made in the CRM.
    pub async fn by_hand(&self, user: &str) -> String {
        let account = json!({
            "name": "By hand", "emailAddress": ANNA, "status": "Inactive", "useImap": true,
            "host": "imap.gmail.com", "port": 993, "security": "SSL", "username": "anna.former",
            "password": "former", "fetchSince": "2026-01-01", "useSmtp": false, "smtpSecurity": "TLS",
        });
        self.crm.as_user(user).create("EmailAccount", &account).unwrap()
    }

    /// Whether a mail client gets in with it.
    pub async fn opens(&self, token: &str) -> bool {
        for _ in 0..25 {
            let mut imap = Lines::connect(self.process.imap[0]).await;
            imap.line().await;
            let answer = imap.log_in(ANNA, token).await;
            if answer.starts_with("a OK") == self.is_live(token).await {
                return answer.starts_with("a OK");
            }
            // Other processes hear of a revocation within five seconds.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        panic!("the gateway does not hear of what became of a token");
    }

    async fn is_live(&self, token: &str) -> bool {
        let hash = postern::auth::hash::of(token);
        let mut read = self.gateway.parts.store.read().await.unwrap();
        let token = crm_tokens::by_hash(&mut read, &hash).await.unwrap().expect("a token of ours");
        token.revoked_at.is_none()
    }

    /// How many tokens of both mailboxes may log in.
    pub async fn live_tokens(&self) -> usize {
        let mut read = self.gateway.parts.store.read().await.unwrap();
        let mut all = crm_tokens::of(&mut read, self.anna).await.unwrap();
        all.extend(crm_tokens::of(&mut read, self.info).await.unwrap());
        all.iter().filter(|token| token.revoked_at.is_none()).count()
    }

    /// No token stands in what was printed, logged or stored.
    pub async fn tells_no_token(&self) {
        assert!(!self.said.lock().unwrap().contains("pst_"));
        assert!(!self.process.log().contains("pst_"), "{}", self.process.log());
        let mut files = 0;
        for entry in std::fs::read_dir(self.gateway.dir.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("postern.db") {
                let octets = std::fs::read(&path).unwrap();
                assert!(!octets.windows(4).any(|four| four == b"pst_"), "{}", path.display());
                files += 1;
            }
        }
        assert!(files > 0, "the database is there");
    }
}
