//! The admins' pages: who comes in, and what they do there.

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use postern_core::model::secret::Secret;

use super::{House, PUBLIC, Told, pages};
use crate::actions::By;
use crate::actions::admin::enter::{Attempt, EntryFault};
use crate::actions::admin::{self, link};
use crate::http::{Access, Entry, entries};
use crate::store::admins;

pub const PASSWORD: &str = "correct horse battery";

/// Somebody who has signed in.
pub struct Desk<'h> {
    pub house: &'h House,
    pub cookie: String,
    pub token: String,
}

impl House {
    pub fn by(&self) -> By {
        By::new(Actor::CommandLine("test".to_owned()), self.stage.store().dice()).unwrap()
    }

    pub async fn invited(&self, name: &str, role: Role) -> String {
        let url = PUBLIC.parse().unwrap();
        let link = admin::add(self.stage.store(), &self.by(), name, role, &url).await.unwrap();
        link.url.reveal().split("link=").nth(1).unwrap().to_owned()
    }

    pub async fn signed_in(&self, name: &str, role: Role) -> Desk<'_> {
        let word = self.invited(name, role).await;
        let told = self.post("/postern/admin/welcome", &chosen(&word, PASSWORD, PASSWORD)).await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        self.desk(&told).await
    }

    /// The cookie of somebody who has signed in.
    pub async fn admin_cookie(&self, role: Role) -> String {
        self.signed_in("somebody", role).await.cookie
    }

    pub async fn desk(&self, told: &Told) -> Desk<'_> {
        assert_eq!(told.header("location"), "/postern/admin");
        self.desk_at(told, "/postern/admin").await
    }

    /// The same for whoever may open only that page.
    pub async fn desk_at(&self, told: &Told, page: &str) -> Desk<'_> {
        let cookie = told.cookie();
        let page = self.ask("GET", page, &[("cookie", &cookie)], "").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let token = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap().to_owned();
        Desk { house: self, cookie, token }
    }
}

impl Desk<'_> {
    pub async fn get(&self, path: &str) -> Told {
        self.house.ask("GET", &format!("/postern{path}"), &[("cookie", &self.cookie)], "").await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("form_token", &self.token).extend_pairs(fields);
        self.house.ask("POST", &format!("/postern{path}"), &[("cookie", &self.cookie)], &form.finish()).await
    }
}

pub fn chosen(word: &str, password: &str, again: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("link", word).append_pair("password", password).append_pair("again", again).finish()
}

pub fn typed(name: &str, password: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("name", name).append_pair("password", password).finish()
}

#[tokio::test]
async fn a_one_time_link_sets_a_password_once() {
    let house = House::build().await;
    let word = house.invited("jan", Role::Admin).await;
    let page = format!("/postern/admin/welcome?link={word}");
    for _ in 0..2 {
        let told = house.get(&page).await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(told.text.contains("sign in as jan"), "opening it changes nothing");
    }
    for (password, again, why) in [
        ("hunter2", "hunter2", "too short"),
        (PASSWORD, "another password", "not the same"),
        ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa", "too easy"),
    ] {
        let told = house.post("/postern/admin/welcome", &chosen(&word, password, again)).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text.contains(why) && !told.text.contains(password), "{}", told.text);
    }
    let told = house.post("/postern/admin/welcome", &chosen(&word, PASSWORD, PASSWORD)).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    let cookie = told.header("set-cookie");
    for part in ["__Secure-postern_session=", "Path=/postern/admin;", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(house.get(&page).await.status, StatusCode::GONE);
    let told = house.post("/postern/admin/welcome", &chosen(&word, PASSWORD, PASSWORD)).await;
    assert_eq!(told.status, StatusCode::GONE);
    assert_eq!(house.stage.events().await, ["admin_added", "admin_password_set", "admin_signed_in"]);
}

#[tokio::test]
async fn a_link_ends_after_an_hour() {
    let house = House::build().await;
    let word = house.invited("jan", Role::Admin).await;
    house.stage.clock.advance(link::LIFE);
    assert_eq!(house.get(&format!("/postern/admin/welcome?link={word}")).await.status, StatusCode::GONE);
    let told = house.post("/postern/admin/welcome", &chosen(&word, PASSWORD, PASSWORD)).await;
    assert_eq!(told.status, StatusCode::GONE);
}

#[tokio::test]
async fn name_and_password_open_a_session_and_everything_else_gets_one_answer() {
    let house = House::build().await;
    house.signed_in("jan", Role::Admin).await;
    house.invited("eva", Role::Admin).await;
    let by = house.by();
    house.signed_in("ota", Role::Admin).await;
    admin::disable(house.stage.store(), &by, "ota").await.unwrap();
    let mut answers = Vec::new();
    for (name, password) in
        [("jan", "wrong horse battery"), ("eva", PASSWORD), ("ota", PASSWORD), ("nobody", PASSWORD)]
    {
        let told = house.post("/postern/admin/sign-in", &typed(name, password)).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(told.header("set-cookie"), "");
        answers.push(told.text.replace(name, "NAME"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let told = house.post("/postern/admin/sign-in", &typed(" JAN ", PASSWORD)).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    house.desk(&told).await;
}

#[tokio::test]
async fn guessing_gets_slow_and_the_right_password_still_enters() {
    let house = House::build().await;
    house.signed_in("jan", Role::Admin).await;
    let entrance = pages(&house.stage, PUBLIC, false).entrance;
    let attempt = |password: String| Attempt {
        name: "jan".to_owned(),
        password: Secret::new(password),
        peer: "192.0.2.7".parse().unwrap(),
        agent: String::new(),
    };
    let mut delays = Vec::new();
    for number in 0..40 {
        match entrance.sign_in(&attempt(format!("guess number {number}"))).await {
            Err(EntryFault::Wrong(delay)) => delays.push(delay.as_millis()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(delays[8], 0, "who mistypes a few times does not wait");
    assert_eq!(delays[39], 10_000);
    let refused = house.stage.events().await.iter().filter(|e| *e == "admin_sign_in_refused").count();
    assert_eq!(refused, 9, "an address that is shut out writes no more rows");
    entrance.sign_in(&attempt(PASSWORD.to_owned())).await.expect("the right password enters");
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_at_the_sign_out() {
    let house = House::build().await;
    let minutes = |n: u64| std::time::Duration::from_secs(n * 60);
    let desk = house.signed_in("jan", Role::Admin).await;
    for _ in 0..24 {
        house.stage.clock.advance(minutes(29));
        assert_eq!(desk.get("/admin").await.status, StatusCode::OK);
    }
    house.stage.clock.advance(minutes(29));
    assert_eq!(desk.get("/admin").await.status, StatusCode::SEE_OTHER, "twelve hours are over");
    let told = house.post("/postern/admin/sign-in", &typed("jan", PASSWORD)).await;
    let desk = house.desk(&told).await;
    house.stage.clock.advance(minutes(30));
    let told = desk.get("/admin/accounts?state=new").await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert_eq!(told.header("location"), "/postern/admin/sign-in?then=%2Fadmin%2Faccounts%3Fstate%3Dnew");
    let told = house.post("/postern/admin/sign-in", &typed("jan", PASSWORD)).await;
    let desk = house.desk(&told).await;
    assert_eq!(desk.post("/admin/sign-out", &[]).await.status, StatusCode::OK);
    assert_eq!(desk.get("/admin").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.post("/admin/sign-out", &[]).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn reset_and_disable_end_sessions_and_spare_the_last_admin() {
    let house = House::build().await;
    let (store, by, url) = (house.stage.store(), house.by(), PUBLIC.parse().unwrap());
    let jan = house.signed_in("jan", Role::Admin).await;
    house.signed_in("eva", Role::Helpdesk).await;
    let last = admin::disable(store, &by, "jan").await.unwrap_err();
    assert!(last.to_string().contains("the last one"), "{last}");
    let ota = house.signed_in("ota", Role::Admin).await;
    assert!(admin::disable(store, &by, "ota").await.unwrap());
    assert_eq!(ota.get("/admin").await.status, StatusCode::SEE_OTHER);
    assert!(admin::enable(store, &by, "ota").await.unwrap());
    admin::reset(store, &by, "jan", &url).await.unwrap();
    assert_eq!(jan.get("/admin").await.status, StatusCode::SEE_OTHER);
    let told = house.post("/postern/admin/sign-in", &typed("jan", PASSWORD)).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN, "the old password is void");
}

#[tokio::test]
async fn a_reset_while_the_password_was_checked_lets_nobody_in() {
    let house = House::build().await;
    house.signed_in("jan", Role::Admin).await;
    let store = house.stage.store();
    let before = admins::by_name(&mut store.read().await.unwrap(), "jan").await.unwrap().unwrap();
    let entrance = pages(&house.stage, PUBLIC, false).entrance;
    let peer = "192.0.2.7".parse().unwrap();
    entrance.welcome(&before, peer, "").await.expect("as it stands");
    admin::reset(store, &house.by(), "jan", &PUBLIC.parse().unwrap()).await.unwrap();
    let outcome = entrance.welcome(&before, peer, "").await;
    assert!(matches!(outcome, Err(EntryFault::Over)), "{outcome:?}");
}

#[tokio::test]
async fn a_form_without_the_sessions_own_token_does_nothing() {
    let house = House::build().await;
    let (jan, eva) = (house.signed_in("jan", Role::Admin).await, house.signed_in("eva", Role::Admin).await);
    let account = house.stage.account.to_string();
    let path = format!("/admin/accounts/{account}/disable");
    let before = house.stage.events().await.len();
    for desk in [
        Desk { house: &house, cookie: jan.cookie.clone(), token: eva.token.clone() },
        Desk { house: &house, cookie: jan.cookie.clone(), token: String::new() },
        Desk { house: &house, cookie: String::new(), token: jan.token.clone() },
        Desk { house: &house, cookie: "__Secure-postern_session=guess".into(), token: jan.token.clone() },
    ] {
        let status = desk.post(&path, &[]).await.status;
        assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED), "{status}");
    }
    assert_eq!(house.stage.events().await.len(), before);
    assert_eq!(jan.post(&path, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.stage.events().await.last().unwrap(), "account_disabled");
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says() {
    let house = House::build().await;
    let account = house.stage.account.to_string();
    let roles = [
        (None, house.signed_in("first", Role::Admin).await),
        (Some(Role::Helpdesk), house.signed_in("helpdesk", Role::Helpdesk).await),
        (Some(Role::Auditor), house.signed_in("auditor", Role::Auditor).await),
        (Some(Role::Admin), house.signed_in("admin", Role::Admin).await),
    ];
    let mut rows = entries(pages(&house.stage, PUBLIC, false));
    assert!(rows.len() > 20);
    // Whoever has signed out comes nowhere any more.
    rows.sort_by_key(|row| row.path == "/admin/sign-out");
    for row in rows {
        let right = match row.access {
            Access::Anyone => {
                assert!(!row.path.starts_with("/admin/accounts"), "{} is open to all", row.path);
                continue;
            }
            Access::Owner => {
                a_stranger_is_asked_to_sign_in(&roles[3].1, &row).await;
                continue;
            }
            Access::Panel => {
                no_cookie_opens_the_panel(&house, roles.iter().map(|(_, desk)| desk), &row).await;
                continue;
            }
            Access::Admin(right) | Access::Proven(right) => right,
            Access::Key(scope) => {
                let desks = roles.iter().map(|(_, desk)| desk);
                a_key_opens_it_and_no_cookie(&house, desks, &row, scope).await;
                continue;
            }
        };
        let path = row.path.replace("{id}", &account);
        let stranger = Desk { house: &house, cookie: String::new(), token: String::new() };
        let get = row.method == "GET";
        let refused = if get { StatusCode::SEE_OTHER } else { StatusCode::UNAUTHORIZED };
        let status = if get { stranger.get(&path).await } else { stranger.post(&path, &[]).await }.status;
        assert_eq!(status, refused, "a stranger at {} {path}", row.method);
        for (role, desk) in roles.iter().filter_map(|(role, desk)| role.map(|role| (role, desk))) {
            let told = if get { desk.get(&path).await } else { desk.post(&path, &[]).await };
            let barred = told.status == StatusCode::FORBIDDEN;
            assert_eq!(barred, !role.may(right), "{role} at {} {path}: {}", row.method, told.status);
            assert!(!told.status.is_server_error(), "{role} at {} {path}: {}", row.method, told.status);
        }
    }
}

#[tokio::test]
async fn a_secret_wants_the_password_again_after_a_while() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let path = format!("/admin/accounts/{}/tokens", house.stage.account);
    let asked = [("name", "espo"), ("protocols", "imap"), ("days", "90")];
    let told = desk.post(&path, &asked).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    let token = told.text.split("value=\"pst_").nth(1).expect("the token is shown");
    assert_eq!(token.split('"').next().unwrap().len(), 49);
    for part in ["mail.acme.cz", "1993", "SSL/TLS", "anna@acme.cz", "emailServerAllowedAddressList"] {
        assert!(told.text.contains(part), "{part}");
    }
    assert_eq!(told.header("cache-control"), "no-store");
    assert!(!desk.get(&format!("/admin/accounts/{}", house.stage.account)).await.text.contains("pst_"));

    house.stage.clock.advance(crate::auth::visit::FRESH);
    let page = desk.get(&format!("/admin/accounts/{}", house.stage.account)).await;
    assert!(page.text.contains("type=\"password\""), "the form asks for it");
    let issued = |events: &[String]| events.iter().filter(|e| *e == "token_issued").count();
    for password in ["", "wrong horse battery"] {
        let fields = [asked.as_slice(), &[("password", password)]].concat();
        assert_eq!(desk.post(&path, &fields).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(issued(&house.stage.events().await), 1);
    let fields = [asked.as_slice(), &[("password", PASSWORD)]].concat();
    assert_eq!(desk.post(&path, &fields).await.status, StatusCode::OK);
    assert_eq!(desk.post(&path, &asked).await.status, StatusCode::OK, "fresh again");
    assert_eq!(issued(&house.stage.events().await), 3);
}

#[tokio::test]
async fn mailboxes_are_checked_then_registered_and_found() {
    let house = House::build().await;
    let desk = house.signed_in("eva", Role::Admin).await;
    let lines = "ben@acme.cz, 5f3a\n<script>alert(1)</script>\ncarla@acme.cz";
    let before = house.stage.events().await.len();
    let told = desk.post("/admin/accounts/new", &[("lines", lines)]).await;
    assert!(told.text.contains("Register 2") && told.text.contains("this is no address"), "{}", told.text);
    assert!(!told.text.contains("<script>alert"), "what was typed is escaped");
    assert_eq!(house.stage.events().await.len(), before, "a check registers nothing");
    let told = desk.post("/admin/accounts/new", &[("lines", lines), ("register", "yes")]).await;
    assert_eq!(told.text.matches("https://crm.example.com/postern/oauth/google/start?link=").count(), 2);
    let told = desk.get("/admin/accounts?q=BEN%40").await;
    assert!(told.text.contains("ben@acme.cz") && !told.text.contains("carla@acme.cz"));
    assert!(desk.get("/admin/accounts?q=5F3A").await.text.contains("ben@acme.cz"), "by CRM user");
    for wildcard in ["%25", "_", "%21"] {
        let told = desk.get(&format!("/admin/accounts?q={wildcard}")).await;
        assert!(told.text.contains("No mailbox matches"), "{wildcard} stands for itself");
    }
    assert!(desk.get("/admin/accounts?state=disabled").await.text.contains("No mailbox matches"));
    let told = desk.post("/admin/accounts/new", &[("lines", " \n ")]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whom_helpdesk_names_as_owner_waits_for_an_admin() {
    let house = House::build().await;
    let eva = house.signed_in("eva", Role::Helpdesk).await;
    for lines in ["ben@acme.cz, 5f3a", "anna@acme.cz, 5f3a"] {
        let told = eva.post("/admin/accounts/new", &[("lines", lines), ("register", "yes")]).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    }
    let anna = house.stage.account(house.stage.account).await;
    assert_eq!((anna.crm_user.as_deref(), anna.proposed_crm_user.as_deref()), (None, Some("5f3a")));
    let overview = house.signed_in("jan", Role::Admin).await.get("/admin").await.text;
    assert!(overview.contains("CRM users to confirm: 2"), "{overview}");
}

#[tokio::test]
async fn further_addresses_are_written_one_a_line_all_or_none() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    house.stage.register("ben@acme.cz", &[]).await;
    let own = format!("/admin/accounts/{}", house.stage.account);
    let save = async |lines: &str| desk.post(&format!("{own}/aliases"), &[("aliases", lines)]).await.status;
    assert_eq!(save("a.novak@acme.cz\r\n\r\n novak@acme.cz \r\n").await, StatusCode::SEE_OTHER);
    let page = desk.get(&own).await.text;
    assert!(page.contains("a.novak@acme.cz") && page.contains("novak@acme.cz"));
    assert_eq!(save("x@acme.cz\n<script>").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(save("x@acme.cz\nben@acme.cz").await, StatusCode::CONFLICT, "another mailbox has it");
    assert_eq!(save(&"y@acme.cz\n".repeat(51)).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!desk.get(&own).await.text.contains("x@acme.cz"), "none of them is taken");
    assert_eq!(save("").await, StatusCode::SEE_OTHER);
    assert!(!desk.get(&own).await.text.contains("a.novak@acme.cz"));
}

#[tokio::test]
async fn a_token_is_revoked_at_its_own_mailbox_only() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let told = desk.post("/admin/accounts/new", &[("lines", "ben@acme.cz"), ("register", "yes")]).await;
    assert_eq!(told.status, StatusCode::OK);
    let list = desk.get("/admin/accounts?q=ben").await.text;
    let ben =
        list.split("/postern/admin/accounts/").find_map(|part| part.get(..36).filter(|id| !id.contains('"')));
    let ben = ben.expect("a link to ben").to_owned();
    let own = format!("/admin/accounts/{}", house.stage.account);
    desk.post(&format!("{own}/tokens"), &[("name", "espo")]).await;
    let page = desk.get(&own).await.text;
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let told = desk.post(&format!("/admin/accounts/{ben}/revoke"), &[("token", &token)]).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
    let told = desk.post(&format!("{own}/revoke"), &[("token", &token)]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER);
    assert!(desk.get(&own).await.text.contains("revoked"));
}

// An admin's cookie is none here.
async fn a_stranger_is_asked_to_sign_in(admin: &Desk<'_>, row: &Entry) {
    assert!(row.path.starts_with("/me"), "{} is the owner's", row.path);
    let told = if row.method == "GET" { admin.get(row.path).await } else { admin.post(row.path, &[]).await };
    let asked = told.status == StatusCode::UNAUTHORIZED || told.text.contains("Sign in with Google");
    assert!(asked, "{}", row.path);
}

async fn no_cookie_opens_the_panel<'d>(
    house: &House,
    desks: impl Iterator<Item = &'d Desk<'d>>,
    row: &Entry,
) {
    assert!(row.path.starts_with("/panel/"), "{} is the panel's", row.path);
    for desk in desks {
        let told =
            if row.method == "GET" { desk.get(row.path).await } else { desk.post(row.path, &[]).await };
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "a cookie at {}", row.path);
    }
    let program = house.program(KeyScope::ALL).await;
    let told = program.ask(row.method.as_str(), row.path, &[], "").await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED, "an API key at {}", row.path);
}

async fn a_key_opens_it_and_no_cookie<'d>(
    house: &House,
    desks: impl Iterator<Item = &'d Desk<'d>>,
    row: &Entry,
    scope: KeyScope,
) {
    let path = row.path.replace("{id}", &house.stage.account.to_string());
    for desk in desks {
        let fields = [("cookie", desk.cookie.as_str())];
        let told = house.ask(row.method.as_str(), &format!("/postern{path}"), &fields, "").await;
        assert_eq!(told.status, StatusCode::UNAUTHORIZED, "a cookie at {path}");
    }
    let told = house.program(&[scope]).await.ask(row.method.as_str(), &path, &[], "").await;
    let barred = matches!(told.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    assert!(!barred && !told.status.is_server_error(), "{scope} at {path}: {}", told.status);
}
