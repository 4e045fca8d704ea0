//! Every page as a picture in `target/browser`, and under axe: without a
//! mailbox, with one, and with five hundred in every state.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern::auth::hash;
use postern::clock::micros;
use postern::node::tally;
use postern::store::{Act, Write as _, accounts, consents, crm_tokens, help_refs, hourly, onboarding};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::role::Role as DeskRole;
use postern_core::model::token::Protocols;
use postern_sandbox::{Crm, Role};

use sqlx::{Connection as _, SqliteConnection};

use super::house::{House, Way};
use crate::crm_mail_accounts::more;
use crate::support::databases::Raw;
use crate::support::ports;

const ANNA: &str = "anna@example.com";
const STATES: [State; 6] = [
    State::New,
    State::Active,
    State::NeedsConsent,
    State::NeedsSignIn,
    State::AwaitingApproval,
    State::Disabled,
];
const PROPOSED: &str = "new.name@example.com";
const MANY: usize = 500;
const OLD: &str = "an-old-link";
/// Letters could leave.
const NOTICES: &str = "[notices]\nvia = \"smtp://127.0.0.1:1\"\n";
const REFERENCE: &str = "gihn5ei8az";
/// A name as long as they come, which must break and not push.
const LONG: &str =
    "marketing-and-public-relations.team@international.subsidiaries.long-company-name.example.com";

pub fn pictures() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let folder: PathBuf = target.join("browser");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder.to_str().expect("a plain path").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_a_mailbox_look_right() {
    let house = House::open(Way::ThroughNginx).await;
    let link = house.invited("jan", DeskRole::Admin).await;
    house.tell("pictures_of_nothing.js", &[("LINK", &link), ("PICTURES", &pictures())]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_one_mailbox_look_right() {
    let house = House::open(Way::ThroughNginx).await;
    house.gateway.sandbox.google().add_user(ANNA);
    let link = house.invited("jan", DeskRole::Admin).await;
    let auditor = house.invited("otto", DeskRole::Auditor).await;
    let told = [("LINK", link.as_str()), ("AUDITOR", &auditor), ("PICTURES", &pictures())];
    house.tell("pictures_of_one.js", &told).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_getting_connected_look_right() {
    let house = House::with(Way::ThroughNginx, &[], NOTICES).await;
    fill(&house).await;
    let link = house.invited("jan", DeskRole::Admin).await;
    house.tell("pictures_of_getting_connected.js", &[("LINK", &link), ("PICTURES", &pictures())]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_many_mailboxes_look_right() {
    let house = House::with(Way::ThroughNginx, &[], NOTICES).await;
    let mailboxes = serde_json::to_string(&fill(&house).await).unwrap();
    let [list, states] =
        [house.invited("jan", DeskRole::Admin).await, house.invited("eva", DeskRole::Admin).await];
    let pictures = pictures();
    house.tell("pictures_of_many.js", &[("LINK", &list), ("PICTURES", &pictures)]).await;
    let told = [
        ("LINK", states.as_str()),
        ("MAILBOXES", &mailboxes),
        ("REFERENCE", REFERENCE),
        ("OLD", OLD),
        ("PICTURES", &pictures),
    ];
    house.tell("pictures_of_states.js", &told).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_the_running_gateway_look_right() {
    let house = House::open(Way::ThroughNginx).await;
    count(&house).await;
    let [jan, eva] =
        [house.invited("jan", DeskRole::Admin).await, house.invited("eva", DeskRole::Admin).await];
    let told = [("LINK", jan.as_str()), ("SECOND", &eva), ("PICTURES", &pictures())];
    house.tell("pictures_of_running.js", &told).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_calendars_look_right() {
    let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\", \"contacts\"]")];
    let house = House::with(Way::ThroughNginx, &products, "").await;
    let google = house.gateway.sandbox.google();
    google.add_user(ANNA);
    google.add_user("ben@example.com");
    google.add_calendar(ANNA, "team@group.calendar.google.com", "Team <b>and</b> partners", "Europe/Prague");
    google.share_calendar("ben@example.com", ANNA, Role::Reader);
    let link = house.invited("jan", DeskRole::Admin).await;
    house.tell("pictures_of_calendar.js", &[("LINK", &link), ("PICTURES", &pictures())]).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_mail_accounts_in_the_crm_look_right() {
    let crm = Crm::start().await.unwrap();
    crm.set_mail_dials(true);
    let (imap, smtp) = (ports::free(), ports::free());
    let house = House::with(Way::ThroughNginx, &[], &more(&crm, imap, smtp)).await;
    house.gateway.connect(ANNA, &[]).await;
    house.gateway.connect(LONG, &[]).await;
    let link = house.invited("jan", DeskRole::Admin).await;
    let login = STANDARD.encode(format!("admin:{}", crm.admin_password()));
    let places = format!("127.0.0.1:{imap} 127.0.0.1:{smtp}");
    let told = [
        ("LINK", link.as_str()),
        ("PICTURES", &pictures()),
        ("ALLOW", &format!("{}/api/v1/Settings", crm.url())),
        ("CRM_ADMIN", &login),
        ("PLACES", &places),
    ];
    house.tell("pictures_of_crm.js", &told).await;
    house.close().await;
}

/// A month of figures, as a day at the office makes them.
async fn count(house: &House) {
    let store = &house.gateway.parts.store;
    let now = tally::begin(store.clock().now());
    let mut batch = store.batch().await.unwrap();
    for back in 0..720_i64 {
        let hour = now - back * tally::HOUR;
        let busy = (hour / tally::HOUR).rem_euclid(24).min(24 - (hour / tally::HOUR).rem_euclid(24));
        for (name, count) in [
            ("logins", busy * 97),
            ("refusals", busy % 3),
            ("messages", busy * busy),
            ("bytes", busy * 7_654_321),
            ("refreshes", busy * 5),
            ("sessions", busy * 11),
        ] {
            hourly::put(&mut batch, "pictures", hour, name, count).await.unwrap();
        }
    }
    batch.commit().await.unwrap();
}

/// Five hundred mailboxes in all states; one in each is returned by its name.
async fn fill(house: &House) -> std::collections::BTreeMap<&'static str, String> {
    let full = house.gateway.connect(LONG, &["info@example.com", "sales@example.com"]).await;
    let mut mailboxes = std::collections::BTreeMap::from([("full", full.to_string())]);
    let mut act = house.gateway.act().await;
    for number in 1..MANY {
        let state = STATES[number % STATES.len()];
        let address = Address::parse(&format!("person{number:03}@example.com")).unwrap();
        let user = (number % 3 > 0).then(|| format!("65f0c1a2b3d4e{number:04}"));
        let account = accounts::insert(&mut act, &address, user.as_deref(), state).await.unwrap().id;
        mailboxes.entry(state.name()).or_insert_with(|| account.to_string());
        act.also(Event::AccountAdded { account, address, state });
        tries(&mut act, account, number).await;
    }
    details(&mut act, full).await;
    let (address, new_address) = (Address::parse(LONG).unwrap(), Address::parse(PROPOSED).unwrap());
    act.commit(Event::RenameProposed { account: full, address, new_address }).await.expect("committed");
    let ended = mailboxes[State::NeedsConsent.name()].parse().expect("an id");
    refuse(house, full, ended).await;
    // Whoever has not come back left an hour ago.
    let database = format!("sqlite://{}", house.gateway.dir.path().join("postern.db").display());
    let mut raw = Raw::Sqlite(SqliteConnection::connect(&database).await.expect("a second connection"));
    raw.run("UPDATE onboarding SET started_at = started_at - 3600000000").await;
    mailboxes
}

/// What became of the consents that some of them have started.
async fn tries(act: &mut Act, account: AccountId, number: usize) {
    let faults = ["declined", "wrong_account", "product_missing", "org_internal", "state_expired"];
    let fault = match number % 9 {
        0 => None,
        3 => Some(faults[number % faults.len()]),
        6 => {
            let until = act.store().clock().now() + micros(Duration::from_secs(3 * 86_400));
            consents::add_link(act, account, &hash::of(&format!("link {number}")), until).await.unwrap();
            return;
        }
        _ => return,
    };
    onboarding::started(act, account).await.unwrap();
    if fault.is_some() {
        onboarding::returned(act, account, fault).await.unwrap();
    }
}

/// A proposed address, and tokens that live, have expired and were revoked.
async fn details(act: &mut Act, account: AccountId) {
    accounts::propose(act, account, &Address::parse(PROPOSED).unwrap()).await.unwrap();
    let now = act.store().clock().now();
    consents::add_link(act, account, &hash::of(OLD), now - 1).await.unwrap();
    for (name, protocols, end) in [
        ("EspoCRM", Protocols::Both, None),
        ("a newsletter with a rather long name", Protocols::Smtp, Some(now - 1)),
        ("an old one", Protocols::Imap, None),
    ] {
        let token = crm_tokens::insert(act, account, &hash::of(name), name, protocols, end).await.unwrap();
        if name == "an old one" {
            crm_tokens::revoke(act, token).await.unwrap();
        }
    }
}

/// What Gmail said last of one mailbox, and the page that an error text of
/// another one leads to.
async fn refuse(house: &House, account: AccountId, ended: AccountId) {
    let store = &house.gateway.parts.store;
    let until = store.clock().now() + micros(Duration::from_secs(86_400));
    let mut batch = store.batch().await.unwrap();
    let words =
        "[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754";
    accounts::note(&mut batch, account, Some(words)).await.unwrap();
    accounts::throttle(&mut batch, account, until).await.unwrap();
    help_refs::put(&mut batch, REFERENCE, ended, "needs_consent", until).await.unwrap();
    batch.commit().await.unwrap();
}
