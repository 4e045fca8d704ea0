//! Mailboxes from a file, and many of them behind the page.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::StatusCode;
use postern_core::model::id::ProgressId;
use postern_core::model::role::Role;

use super::admin::Desk;
use super::{House, Told};
use crate::actions::account::many;
use crate::store::progress;

const NEW: &str = "/admin/accounts/new";

impl Desk<'_> {
    /// Sends the form as browsers do where a file is chosen.
    async fn upload(&self, file: &str) -> Told {
        let part = |name: &str, more: &str, text: &str| {
            format!("--bound\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let body = [
            part("form_token", "", &self.token),
            part("lines", "", ""),
            part("file", "; filename=\"people.csv\"\r\nContent-Type: text/csv", file),
            "--bound--\r\n".to_owned(),
        ]
        .concat();
        let fields =
            [("cookie", self.cookie.as_str()), ("content-type", "multipart/form-data; boundary=bound")];
        self.house.ask("POST", &format!("/postern{NEW}"), &fields, &body).await
    }
}

async fn registered(house: &House) -> usize {
    house.stage.events().await.iter().filter(|event| *event == "account_added").count()
}

#[tokio::test]
async fn a_file_is_checked_like_lines_and_its_bad_lines_are_named() {
    let house = House::build().await;
    let desk = house.signed_in("eva", Role::Helpdesk).await;
    let before = registered(&house).await;
    let file = "Name;email;CRM user\r\nBen;ben@acme.cz;5f3a\r\n<b>;nobody;\r\nAnna;anna@acme.cz;\r\n\
                Office;office@acme.cz;\r\n";
    let told = desk.upload(file).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Lines that cannot be registered: 2") && told.text.contains("Register 2"));
    for (line, why) in [(3, "this is no address"), (5, "anna@acme.cz")] {
        let row = told.text.split(&format!("data-label=\"Line\">{line}<")).nth(1).expect("the line");
        assert!(row.split("</tr>").next().unwrap().contains(why), "{line}: {row}");
    }
    assert!(told.text.contains("is registered already") && !told.text.contains("<b>;"), "{}", told.text);
    assert_eq!(registered(&house).await, before, "a check registers nothing");
    // The second press sends the text along.
    let told = desk.post(NEW, &[("lines", file), ("register", "yes")]).await;
    assert_eq!(told.text.matches("oauth/google/start?link=").count(), 2, "{}", told.text);
    assert_eq!(registered(&house).await, before + 1);
}

#[tokio::test]
async fn a_form_with_a_file_wants_the_sessions_own_token_too() {
    let house = House::build().await;
    let desk = house.signed_in("eva", Role::Helpdesk).await;
    let forged = Desk { house: &house, cookie: desk.cookie.clone(), token: "guess".to_owned() };
    assert_eq!(forged.upload("ben@acme.cz").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn many_are_registered_behind_the_page_which_tells_how_far_it_is() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let before = registered(&house).await;
    let mut lines = String::new();
    for number in 0..60 {
        let _ = writeln!(lines, "person{number:02}@acme.cz");
    }
    // Taken between check and press.
    lines.push_str("x@acme.cz,,office@acme.cz\n");
    let told = desk.post(NEW, &[("lines", &lines), ("register", "yes")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    let run = told.header("location").trim_start_matches("/postern").to_owned();
    let done = async || {
        for _ in 0..600 {
            let page = desk.get(&run).await;
            assert_eq!(page.status, StatusCode::OK);
            if !page.text.contains("hx-get") {
                return page.text;
            }
            assert!(page.text.contains("<progress") && page.text.contains("http-equiv=\"refresh\""));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not end");
    };
    let page = done().await;
    assert!(page.contains("61 of 61 lines done") && page.contains("Registered: 60"), "{page}");
    assert!(page.contains("Lines that were not registered: 1") && page.contains("office@acme.cz"), "{page}");
    assert_eq!(registered(&house).await, before + 60);
    assert!(!page.contains("link="), "no link is kept for it");
    let links = async || {
        let events = house.stage.events().await;
        events.iter().filter(|event| *event == "consent_link_issued").count()
    };
    let made = links().await;
    let told = desk.post(&format!("{run}/links"), &[]).await;
    assert_eq!(told.text.matches("oauth/google/start?link=").count(), 60, "{}", told.status);
    assert_eq!(links().await, made + 60, "each with its row");
    let nobody = format!("{NEW}/{}", uuid::Uuid::nil());
    assert_eq!(desk.get(&nobody).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post(&format!("{nobody}/links"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_registration_runs_at_a_time_and_one_that_died_is_told() {
    let house = House::build().await;
    let desk = house.signed_in("jan", Role::Admin).await;
    let store = house.stage.store();
    let many::Begun::Run(run) = many::begin(store, 100).await.unwrap() else { panic!("another one") };
    let lines: String = (0..60).map(|number| format!("person{number}@acme.cz\n")).collect();
    let press = async || desk.post(NEW, &[("lines", &lines), ("register", "yes")]).await;
    let told = press().await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains(&format!("{NEW}/{run}")), "{}", told.text);
    let page = desk.get(&format!("{NEW}/{run}")).await.text;
    assert!(page.contains("0 of 100 lines done") && page.contains("This goes on by itself"), "{page}");
    house.stage.pass(61);
    let page = desk.get(&format!("{NEW}/{run}")).await.text;
    assert!(page.contains("This stopped before the end") && !page.contains("hx-get"), "{page}");
    assert_eq!(press().await.status, StatusCode::SEE_OTHER, "nobody waits for the dead");
    let mut batch = store.batch().await.unwrap();
    progress::prune(&mut batch, i64::MAX).await.unwrap();
    batch.commit().await.unwrap();
    let gone = progress::get(&mut store.read().await.unwrap(), ProgressId(run.0)).await.unwrap();
    assert_eq!(gone, None);
}
