//! The files of docs/crm-push-button.md, taken out of the document: the PHP runs against a gateway
//! that pushes, the rest is read by parsers.

use std::path::{Path, PathBuf};

use postern::actions::contacts::choose::choose;
use postern::actions::contacts::groups::Groups;
use postern::actions::{By, api_key};
use postern::store::api_keys::{Reach, Terms};
use postern::store::{accounts, clients, grants};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::contacts::choices::Choices;
use postern_sandbox::Crm;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::contacts::world::{ANNA, ANNA_ID, BEN, BEN_ID, SCOPES};
use crate::support::gateway::{CLIENT, Gateway, Setup};
use crate::support::line::Lines;
use crate::support::program::{Told, part, run};

const DOCUMENT: &str = include_str!("../docs/crm-push-button.md");

/// The files of the document: where each belongs in the CRM, and what stands in it.
fn files() -> Vec<(PathBuf, &'static str)> {
    let mut all = Vec::new();
    let mut before = "";
    for (at, part) in DOCUMENT.split("```").enumerate() {
        let named = before.rsplit("\n\n").find(|text| !text.trim().is_empty()).unwrap_or_default().trim();
        if at % 2 == 1
            && let Some((name, _)) = named.strip_prefix('`').and_then(|rest| rest.split_once('`'))
        {
            all.push((PathBuf::from(name), part.split_once('\n').unwrap().1));
        }
        before = part;
    }
    all
}

fn unpack(folder: &Path) {
    for (name, text) in files() {
        let at = folder.join(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, text).unwrap();
    }
    let stand_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crm_push_button/espo.php");
    std::fs::copy(stand_in, folder.join("espo.php")).unwrap();
}

#[test]
fn every_file_of_the_document_is_one_of_its_kind() {
    let files = files();
    let names: Vec<_> = files.iter().map(|(name, _)| name.extension().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["json", "php", "php", "json", "js", "json"]);
    for (name, text) in files.iter().filter(|(name, _)| name.extension().unwrap() == "json") {
        let read = serde_json::from_str::<Value>(text);
        assert!(read.is_ok(), "{name:?}: {read:?}");
    }
    // The functions that the metadata names are those of the handler.
    let (_, handler) = &files[4];
    for function in ["pushRecord", "pushList"] {
        assert!(files[3].1.contains(&format!("\"actionFunction\": \"{function}\"")), "{function}");
        assert!(handler.contains(&format!("        {function}(")), "{function}");
    }
}

/// A CRM with the files, and the gateway.
struct World {
    gateway: Gateway,
    crm: Crm,
    folder: tempfile::TempDir,
    signer: (String, String),
    key: String,
}

impl World {
    async fn open() -> Self {
        let crm = Crm::start().await.unwrap();
        let more = format!("[crm]\nurl = \"{}\"\napi_key = \"{}\"\n", crm.url(), crm.key());
        let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
        let by = By::new(Actor::CommandLine("test".to_owned()), gateway.parts.store.dice()).unwrap();
        let terms = Terms {
            name: "push-button".to_owned(),
            scopes: "account:read account:link".parse().unwrap(),
            reach: Reach { domains: vec!["example.com".to_owned()], accounts: Vec::new() },
            signs: true,
            per_minute: 600,
        };
        let made = api_key::create(&gateway.parts.store, &by, &terms).await.unwrap();
        let signer = (made.id.to_string(), made.hmac.unwrap().reveal().to_owned());
        let folder = tempfile::tempdir().unwrap();
        unpack(folder.path());
        Self { gateway, crm, folder, signer, key: made.key.reveal().to_owned() }
    }

    /// Somebody in both, with a group that is chosen.
    async fn owner(&self, address: &str, user: &str, first: &str) -> AccountId {
        self.crm.add_person(user, (first, "Nova"), &[address]);
        let (google, store) = (self.gateway.sandbox.google(), &self.gateway.parts.store);
        google.add_user(address);
        let refresh = google.issue_refresh_token(address, CLIENT, &SCOPES).unwrap();
        let mut act = self.gateway.act().await;
        let mailbox = Address::parse(address).unwrap();
        let account = accounts::insert(&mut act, &mailbox, Some(user), State::Active).await.unwrap().id;
        let client = clients::current(store, &mut act).await.unwrap().unwrap();
        let granted = ScopeSet::consent(&[Product::Contacts]);
        grants::replace(&mut act, account, client.id, &granted, &Secret::new(refresh)).await.unwrap();
        let event = Event::AccountImported { account, address: mailbox, scopes: granted.to_string() };
        act.commit(event).await.unwrap();
        let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).unwrap();
        let group = Groups::new(&self.gateway.parts.people).make(store, &by, account, "CRM").await.unwrap();
        let choices = Choices { group: Some(group), ..Choices::default() };
        choose(store, &by, account, &choices, 0).await.unwrap();
        account
    }

    /// The user presses the button; what the CRM lets them see.
    async fn press(&self, user: &str, visible: &str, request: &Value, no_scope: &str) -> Told {
        let mut command = Command::new(part("PHP"));
        command
            .args(["-d", "error_reporting=E_ALL", "-d", "display_errors=stderr"])
            .arg(self.folder.path().join("espo.php"))
            .env("posternUrl", format!("http://{}/postern", self.gateway.http))
            .env("posternKeyId", &self.signer.0)
            .env("posternSecret", &self.signer.1)
            .env("ESPO_USER", user)
            .env("ESPO_VISIBLE", visible)
            .env("ESPO_NO_SCOPE", no_scope)
            .env("ESPO_REQUEST", request.to_string());
        run(command).await
    }

    async fn pressed(&self, user: &str, visible: &str, id: &str) -> Value {
        let told = self.press(user, visible, &record(id), "").await;
        assert!(told.ok && told.err.is_empty(), "{told:?}");
        serde_json::from_str(&told.out).unwrap()
    }

    /// The same request with a plain key.
    async fn plain(&self, body: &Value) -> Value {
        let mut web = Lines::connect(self.gateway.http).await;
        let (body, key) = (body.to_string(), &self.key);
        let length = body.len();
        let head = format!(
            "POST /postern/api/v1/GoogleContacts/action/push HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             x-api-key: {key}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        web.send(&head).await;
        let answer = web.rest().await;
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn people(&self, address: &str) -> usize {
        self.gateway.sandbox.google().people(address).len()
    }
}

fn record(id: &str) -> Value {
    json!({ "entityType": "Contact", "params": { "ids": [id] } })
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_the_button_pushes_what_the_crm_shows_its_user_and_nothing_else() {
    let world = World::open().await;
    for (name, _) in files().iter().filter(|(name, _)| name.extension().unwrap() == "php") {
        let mut lint = Command::new(part("PHP"));
        lint.arg("-l").arg(world.folder.path().join(name));
        let told = run(lint).await;
        assert!(told.ok, "{told:?}");
    }
    world.owner(ANNA, ANNA_ID, "Anna").await;
    let ben = world.owner(BEN, BEN_ID, "Ben").await;
    let eva = json!({
        "firstName": "Eva", "lastName": "Stone", "emailAddress": "eva@outside.test", "assignedUserId": ANNA_ID,
    });
    let eva = world.crm.as_user(ANNA_ID).create("Contact", &eva).unwrap();
    assert_eq!(world.pressed(ANNA_ID, &eva, &eva).await["words"], json!({ "made": 1 }));
    assert_eq!(world.pressed(ANNA_ID, &eva, &eva).await["words"], json!({ "already": 1 }));
    assert_eq!((world.people(ANNA), world.people(BEN)), (1, 0));

    // Anna's contact is none of Ben's: not for a key that vouches for nothing, nor for the CRM itself.
    let wish = json!({ "account": ben, "entityType": "Contact", "ids": [eva], "user": BEN_ID });
    let told = world.plain(&wish).await;
    assert_eq!((&told["words"], &told["vouched"]), (&json!({ "no-access": 1 }), &json!(false)), "{told}");
    let told = world.pressed(BEN_ID, "", &eva).await;
    assert_eq!(told, json!({ "refused": "None of these records may be seen." }));
    assert_eq!(world.people(BEN), 0);
    // Where the CRM's own rights show it to Ben, its word counts.
    assert_eq!(world.pressed(BEN_ID, &eva, &eva).await["words"], json!({ "made": 1 }));
    assert_eq!(world.people(BEN), 1);

    let told = world.pressed("0000000000000c44c", &eva, &eva).await;
    assert_eq!(told, json!({ "refused": "No mailbox of yours is connected to the gateway." }));
    for (request, no_scope) in [
        (record(&eva), "Contact"),
        (json!({ "entityType": "Account", "params": { "ids": [eva] } }), ""),
        (json!({ "entityType": "Contact" }), ""),
    ] {
        let told = world.press(ANNA_ID, &eva, &request, no_scope).await;
        assert!(!told.ok && told.err.contains("Espo\\Core\\Exceptions\\"), "{told:?}");
    }
    world.gateway.stop().await;
}
