//! The journal's pages: filters, pages, both exports, the chain.

use axum::http::StatusCode;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::role::Role;

use super::House;
use super::admin::PASSWORD;
use crate::auth::visit::FRESH;

const PAGE: &str = "/admin/journal";

impl House {
    async fn happened(&self, actor: Actor, event: Event) {
        let act = self.stage.store().act(&actor, "ref=1").await.unwrap();
        act.commit(event).await.unwrap();
    }

    async fn sent(&self, from: &str, answer: &str) {
        let address = Address::parse(from).unwrap();
        let event = Event::MessageSent {
            sender: from.to_owned(),
            address,
            recipients: 1,
            size: 10,
            message_id: "=HYPERLINK(\"http://evil.test\")".to_owned(),
            outcome: "accepted",
            answer: answer.to_owned(),
            from: "own",
            reference: "r".to_owned(),
        };
        self.happened(Actor::CommandLine("=cmd|'/c calc'!A1,<b>".to_owned()), event).await;
    }
}

#[tokio::test]
async fn rows_are_told_in_words_with_people_by_name_and_nothing_unescaped() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Auditor).await;
    house.sent("anna@acme.cz", "250 <script>alert(1)</script>").await;
    let told = jan.get(PAGE).await;
    assert_eq!(told.status, StatusCode::OK);
    for part in ["Message sent", "anna@acme.cz", "Admin signed in", "admin:jan", "cli:=cmd|", "ref=1"] {
        assert!(told.text.contains(part), "{part}");
    }
    assert!(!told.text.contains("<script>") && !told.text.contains("!A1,<b>"));
    assert!(!told.text.contains("p-"), "no pseudonym is shown: {}", told.text);
    let eva = house.signed_in("eva", Role::Helpdesk).await;
    assert_eq!(eva.get(PAGE).await.status, StatusCode::FORBIDDEN);
    assert!(!eva.get("/admin").await.text.contains("/admin/journal"));
}

#[tokio::test]
async fn filters_find_by_event_actor_mailbox_and_time() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    house.sent("anna@acme.cz", "first").await;
    house.stage.pass(1200);
    house.sent("ben_1@acme.cz", "second").await;
    let shown = async |query: &str| {
        let text = jan.get(&format!("{PAGE}?{query}")).await.text;
        ["answer: first", "answer: second", "<b>Admin signed in</b>"].map(|part| text.contains(part))
    };
    assert_eq!(shown("").await, [true, true, true]);
    assert_eq!(shown("event=message_sent").await, [true, true, false]);
    assert_eq!(shown("actor=ADMIN%3Ajan").await, [false, false, true]);
    assert_eq!(shown("actor=%25cmd").await, [false; 3], "a wildcard stands for itself");
    assert_eq!(shown("mailbox=ANNA").await, [true, false, false]);
    assert_eq!(shown("mailbox=ben_1").await, [false, true, false]);
    assert_eq!(shown("mailbox=nobody").await, [false; 3]);
    assert_eq!(shown("event=message_sent&since=2026-11-22T00%3A10").await, [false, true, false]);
    assert_eq!(shown("event=message_sent&until=2026-11-22T00%3A10").await, [true, false, false]);
    assert_eq!(shown("mailbox=acme&event=message_sent&until=2026-11-22").await, [true, true, false]);
    let told = jan.get(&format!("{PAGE}?since=yesterday")).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    for number in 0..9 {
        house.sent(&format!("many{number}@acme.cz"), "x").await;
    }
    let told = jan.get(&format!("{PAGE}?mailbox=many")).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("Write more"), "{}", told.text);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    for number in 0..120 {
        // Many rows have one and the same time.
        if number % 40 == 0 {
            house.stage.pass(1);
        }
        house.sent("anna@acme.cz", &format!("number {number}.")).await;
    }
    let (mut path, mut seen) = (format!("{PAGE}?event=message_sent"), Vec::new());
    loop {
        let text = jan.get(&path).await.text;
        seen.extend(
            text.split("answer: number ")
                .skip(1)
                .map(|part| part.split('.').next().unwrap().parse::<u32>().unwrap()),
        );
        let Some(next) = text.split("rel=\"next\" href=\"/postern").nth(1) else { break };
        path = next.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    }
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn exports_want_the_password_defuse_cells_and_are_rows_themselves() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Auditor).await;
    house.sent("anna@acme.cz", "250 \"OK\"").await;
    house.stage.clock.advance(FRESH);
    let filter = [("event", "message_sent"), ("mailbox", "anna")];
    let path = format!("{PAGE}/csv");
    assert_eq!(jan.post(&path, &filter).await.status, StatusCode::FORBIDDEN);
    let told = jan.post(&path, &[filter.as_slice(), &[("password", PASSWORD)]].concat()).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.header("content-type").starts_with("text/csv"));
    assert!(told.header("content-disposition").contains("postern-journal.csv"));
    let lines: Vec<&str> = told.text.split("\r\n").collect();
    assert_eq!(lines[0], "at,node,seq,actor,event,detail,request");
    assert_eq!(lines.len(), 3, "one row and the end: {}", told.text);
    assert!(lines[1].contains("anna@acme.cz") && lines[1].contains("250 \\\"\"OK\\\"\""), "{}", lines[1]);
    assert!(!lines[1].contains(",=") && !lines[1].starts_with('='));

    let told = jan.post(&format!("{PAGE}/jsonl"), &[]).await;
    assert_eq!(told.header("content-type"), "application/x-ndjson");
    let rows: Vec<serde_json::Value> =
        told.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows[0]["event"], "journal_exported");
    assert_eq!(rows[0]["detail"]["format"], "jsonl");
    let csv = rows.iter().find(|row| row["detail"]["format"] == "csv").unwrap();
    assert_eq!(csv["detail"]["narrowed"], true);
    assert!(csv["actor"].as_str().unwrap().starts_with("admin:jan "));
    let message = rows.iter().find(|row| row["event"] == "message_sent").unwrap();
    assert_eq!(message["detail"]["sender"], "anna@acme.cz");
    let wrong = jan.post(&path, &[("since", "yesterday")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_export_of_many_pages_is_whole() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    for number in 0..1_010 {
        house.sent("anna@acme.cz", &number.to_string()).await;
    }
    let told = jan.post(&format!("{PAGE}/csv"), &[("event", "message_sent")]).await;
    assert_eq!(told.text.matches("\r\n").count(), 1_011);
    assert_eq!(told.text.matches("at,node,seq").count(), 1);
}

#[tokio::test]
async fn the_chain_is_verified_on_the_page() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Auditor).await;
    let told = jan.get(&format!("{PAGE}/verify")).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.text.contains("Every chain holds"), "{}", told.text);
    let head = told.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let kept = jan.get(&format!("{PAGE}/verify?heads={head}")).await.text;
    assert!(kept.contains("Every chain holds"));
    let ahead = jan.get(&format!("{PAGE}/verify?heads=test%3A9999%3AAAAA")).await.text;
    assert!(ahead.contains("tampered with") && ahead.contains("its end was cut"), "{ahead}");
    let odd = jan.get(&format!("{PAGE}/verify?heads=nonsense")).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
}
