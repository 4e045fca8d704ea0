//! How webhooks arrive: in batches, signed twice, and not in the order in which things happened.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_sandbox::{Delivery, Version};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::espo::{ALICE, Espo, Outcome, VERSIONS};

/// A request that arrived.
#[derive(Debug, Clone)]
struct Arrived {
    path: String,
    head: String,
    body: String,
}

impl Arrived {
    fn header(&self, name: &str) -> &str {
        let prefix = format!("{}:", name.to_lowercase());
        let mut lines = self.head.lines();
        let line = lines.find(|line| line.to_lowercase().starts_with(&prefix)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim()).unwrap_or_default()
    }

    fn events(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

/// Where webhooks lead to, answering with one status.
struct Target {
    port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    status: Arc<Mutex<u16>>,
    _listener: JoinSet<()>,
}

impl Target {
    async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (arrived, status) = (Arc::<Mutex<Vec<Arrived>>>::default(), Arc::new(Mutex::new(200)));
        let mut tasks = JoinSet::new();
        let (told, answer) = (Arc::clone(&arrived), Arc::clone(&status));
        tasks.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let code = *answer.lock().expect("a status");
                if let Ok(request) = read(tcp, code).await {
                    told.lock().expect("a list").push(request);
                }
            }
        });
        Ok(Self { port, arrived, status, _listener: tasks })
    }

    /// What arrived since the last time.
    fn taken(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrived.lock().expect("a list"))
    }

    fn answer_with(&self, status: u16) {
        *self.status.lock().expect("a status") = status;
    }
}

async fn read(tcp: TcpStream, status: u16) -> io::Result<Arrived> {
    let mut tcp = BufReader::new(tcp);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if tcp.read_line(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut arrived = Arrived { path, head, body: String::new() };
    let mut body = vec![0; arrived.header("content-length").parse().unwrap_or(0)];
    tcp.read_exact(&mut body).await?;
    arrived.body = String::from_utf8_lossy(&body).into_owned();
    tcp.write_all(format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n").as_bytes()).await?;
    tcp.shutdown().await?;
    Ok(arrived)
}

/// A CRM with webhooks for these events; their answers.
async fn hooked(version: Version, events: &[&str], own: bool) -> io::Result<(Espo, Target, Vec<Value>)> {
    let (espo, target) = (Espo::stand_in(version).await?, Target::start().await?);
    let place = format!("localhost:{}", target.port);
    espo.crm().allow_webhooks_to(&place);
    let mut hooks = Vec::new();
    for event in events {
        let hook = json!({ "event": event, "url": format!("http://{place}/hook/{event}"), "skipOwn": !own });
        hooks.push(espo.post("Webhook", &hook).await.json());
    }
    Ok((espo, target, hooks))
}

#[tokio::test]
async fn both_signatures_are_those_of_the_body_under_the_secret() -> Outcome {
    for version in VERSIONS {
        let (espo, target, hooks) = hooked(version, &["Meeting.create"], true).await?;
        espo.meeting(&json!({})).await;
        assert_eq!(espo.crm().cron().await, 1);
        let arrived = target.taken().remove(0);
        let key = hooks[0]["secretKey"].as_str().expect("a secret");
        let digest = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), arrived.body.as_bytes());
        let letters: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        let named = format!("{}:", hooks[0]["id"].as_str().expect("an identity"));
        let signature = STANDARD.encode(format!("{named}{letters}"));
        let legacy = STANDARD.encode([named.as_bytes(), digest.as_ref()].concat());
        assert_eq!(arrived.header("Signature"), signature);
        assert_eq!(arrived.header("X-Signature"), legacy);
        assert_eq!(arrived.header("Content-Type"), "application/json");
        let client = if version == Version::V10_0_0 { "GuzzleHttp/7" } else { "" };
        assert_eq!(arrived.header("User-Agent"), client, "{version:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_create_is_told_flat_without_answers() -> Outcome {
    for version in VERSIONS {
        let (espo, target, _) = hooked(version, &["Meeting.create"], true).await?;
        let carl = espo.contact("Carl").await;
        let about = json!({ "contactsIds": [carl], "dateEnd": "2026-12-01 14:00:00" });
        let id = espo.meeting(&about).await;
        espo.crm().cron().await;
        let event = &target.taken().remove(0).events()[0];
        assert_eq!((&event["id"], &event["duration"]), (&json!(id), &json!(3600)));
        assert_eq!((&event["usersIds"], &event["contactsIds"]), (&json!([ALICE]), &json!([carl])));
        assert!(event["contactsNames"].is_object(), "{event}");
        for name in ["usersNames", "usersColumns", "contactsColumns", "leadsIds", "teamsIds", "reminders"] {
            assert_eq!(event.get(name), None, "{name}");
        }
        let dates = event.get("dateStartDate").is_some();
        assert_eq!(dates, version == Version::V10_0_0, "{version:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_update_is_told_as_what_changed_and_the_events_leave_by_kind() -> Outcome {
    let events = ["Meeting.create", "Meeting.update", "Meeting.delete", "Meeting.fieldUpdate.status"];
    let (espo, target, _) = hooked(Version::V10_0_0, &events, true).await?;
    let id = espo.meeting(&json!({})).await;
    let path = format!("Meeting/{id}");
    espo.put(&path, &json!({ "status": "Held" })).await.good();
    espo.put(&path, &json!({ "description": "x" })).await.good();
    espo.put(&path, &json!({ "usersIds": [espo.bob] })).await.good();
    espo.put(&path, &json!({ "usersColumns": { ALICE: { "status": "Declined" } } })).await.good();
    espo.delete(&path).await.good();
    espo.crm().cron().await;
    let arrived = target.taken();
    let paths: Vec<&str> = arrived.iter().map(|it| it.path.as_str()).collect();
    let kinds = ["Meeting.create", "Meeting.delete", "Meeting.update", "Meeting.fieldUpdate.status"];
    assert_eq!(paths, kinds.map(|kind| format!("/hook/{kind}")));
    assert_eq!(arrived[1].events(), json!([{ "id": id }]));
    let api = espo.crm().api_user();
    let told = json!([
        { "id": id, "status": "Held", "reminders": [], "modifiedById": api, "modifiedByName": "gwapi" },
        { "id": id, "description": "x", "reminders": [] },
        { "id": id, "usersIds": [espo.bob, ALICE], "reminders": [],
            "usersNames": { (espo.bob.as_str()): "Bob Brown", ALICE: "Alice Adams" } },
        { "id": id, "reminders": [], "usersColumns": { (espo.bob.as_str()): { "status": "None" },
            ALICE: { "status": "Declined" } } },
    ]);
    assert_eq!(arrived[2].events(), told);
    assert_eq!(arrived[3].events(), json!([{ "id": id, "status": "Held" }]));
    Ok(())
}

#[tokio::test]
async fn own_deeds_are_told_unless_they_are_to_be_skipped() -> Outcome {
    for own in [true, false] {
        let (espo, target, _) = hooked(Version::V9_3_10, &["Meeting.create"], own).await?;
        espo.meeting(&json!({})).await;
        espo.crm().as_user(ALICE).create("Meeting", &espo.about(&json!({ "name": "Hers" })))?;
        espo.crm().cron().await;
        let events = target.taken().remove(0).events();
        assert_eq!(events.as_array().map(Vec::len), Some(1 + usize::from(own)));
    }
    Ok(())
}

#[tokio::test]
async fn a_batch_holds_50_events() -> Outcome {
    let (espo, target, _) = hooked(Version::V10_0_0, &["Meeting.create"], true).await?;
    for _ in 0..51 {
        espo.crm().as_user(ALICE).create("Meeting", &espo.about(&json!({})))?;
    }
    assert_eq!((espo.crm().waiting_events(), espo.crm().cron().await), (51, 2));
    let sizes = target.taken().iter().map(|it| it.events().as_array().map(Vec::len)).collect::<Vec<_>>();
    assert_eq!(sizes, [Some(50), Some(1)]);
    Ok(())
}

#[tokio::test]
async fn a_410_ends_the_webhook_and_a_503_brings_the_events_back_in_ten_minutes() -> Outcome {
    let (espo, target, hooks) = hooked(Version::V10_0_0, &["Meeting.create"], true).await?;
    target.answer_with(503);
    espo.meeting(&json!({})).await;
    for _ in 0..4 {
        assert_eq!((espo.crm().cron().await, target.taken().len()), (1, 1));
        assert_eq!(espo.crm().cron().await, 0, "not before its time");
        espo.crm().clock().advance(Duration::from_secs(601));
    }
    assert_eq!((espo.crm().cron().await, espo.crm().waiting_events()), (0, 0), "given up");
    for (status, waiting) in [(429, 0), (410, 0)] {
        target.answer_with(status);
        espo.meeting(&json!({})).await;
        espo.crm().cron().await;
        assert_eq!(espo.crm().waiting_events(), waiting, "{status}");
    }
    let path = format!("Webhook/{}", hooks[0]["id"].as_str().unwrap_or_default());
    assert_eq!(espo.get(&path).await.status, 404);
    Ok(())
}

#[tokio::test]
async fn deliveries_can_be_late_doubled_reversed_and_lost() -> Outcome {
    let (espo, target, _) = hooked(Version::V10_0_0, &["Meeting.create", "Meeting.delete"], true).await?;
    let crm = espo.crm();
    crm.set_delivery(Delivery { late: 300, ..Delivery::default() });
    let first = espo.meeting(&json!({})).await;
    assert_eq!(crm.cron().await, 0);
    crm.clock().advance(Duration::from_secs(301));
    assert_eq!((crm.cron().await, target.taken().len()), (1, 1));
    crm.set_delivery(Delivery { twice: true, ..Delivery::default() });
    espo.delete(&format!("Meeting/{first}")).await.good();
    assert_eq!((crm.cron().await, target.taken().len()), (1, 2));
    crm.set_delivery(Delivery { reversed: true, ..Delivery::default() });
    let pair = [espo.meeting(&json!({})).await, espo.meeting(&json!({})).await];
    espo.delete(&format!("Meeting/{}", pair[0])).await.good();
    crm.cron().await;
    let arrived = target.taken();
    assert_eq!(arrived[0].path, "/hook/Meeting.delete");
    assert_eq!(arrived[1].events()[0]["id"], json!(pair[1]));
    crm.set_delivery(Delivery { lost: 1, ..Delivery::default() });
    espo.meeting(&json!({})).await;
    assert_eq!((crm.cron().await, crm.waiting_events(), target.taken().len()), (0, 0, 0));
    Ok(())
}

#[tokio::test]
async fn one_address_without_a_name_stops_every_delivery_of_10() -> Outcome {
    for (version, delivered) in [(Version::V9_3_10, 2), (Version::V10_0_0, 0)] {
        let (espo, target, _) = hooked(version, &["Meeting.create"], true).await?;
        let place = format!("127.0.0.1:{}", target.port);
        espo.crm().allow_webhooks_to(&place);
        let hook = json!({ "event": "Meeting.create", "url": format!("http://{place}/") });
        assert_eq!(espo.post("Webhook", &hook).await.status, 201);
        espo.meeting(&json!({})).await;
        assert_eq!(espo.crm().cron().await, delivered, "{version:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_job_can_run_by_itself() -> Outcome {
    let (mut espo, target, _) = hooked(Version::V10_0_0, &["Meeting.create"], true).await?;
    espo.crm.as_mut().expect("the stand-in").cron_every(Duration::from_millis(20));
    espo.meeting(&json!({})).await;
    for _ in 0..200 {
        if !target.taken().is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing arrived");
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_is_told_nothing() -> Outcome {
    let (espo, target, hooks) = hooked(Version::V10_0_0, &["Meeting.create"], true).await?;
    let path = format!("Webhook/{}", hooks[0]["id"].as_str().unwrap_or_default());
    espo.put(&path, &json!({ "isActive": false })).await.good();
    espo.meeting(&json!({})).await;
    assert_eq!((espo.crm().cron().await, target.taken().len()), (0, 0));
    Ok(())
}

#[tokio::test]
async fn what_its_owner_may_not_see_is_not_told() -> Outcome {
    let (espo, target, _) = hooked(Version::V10_0_0, &["Meeting.update"], true).await?;
    let id = espo.meeting(&json!({})).await;
    espo.crm().set_visible("Meeting", &id, false);
    espo.crm().as_user(ALICE).edit("Meeting", &id, &json!({ "name": "Secret" }))?;
    assert_eq!((espo.crm().cron().await, target.taken().len()), (0, 0));
    Ok(())
}
