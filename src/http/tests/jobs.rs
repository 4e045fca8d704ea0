//! Recurring work on its page and for programs.

use std::time::Duration;

use axum::http::StatusCode;
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Role;
use tokio_util::sync::CancellationToken;

use super::House;
use super::admin::Desk;
use super::api::domain;
use crate::node::jobs::{Recurring, turn};
use crate::store::{StoreError, jobs};

const PAGE: &str = "/admin/jobs";
const JOB: Recurring = Recurring { name: "AuditRetention", beat: Duration::from_secs(3_600) };

impl House {
    /// A job that has run.
    pub async fn job(&self) -> String {
        self.works(Ok(None)).await;
        self.works(Ok(None)).await;
        let mut read = self.stage.store().read().await.unwrap();
        jobs::by_name(&mut read, JOB.name).await.unwrap().unwrap().id.to_string()
    }

    /// What a process does about its job now.
    async fn works(&self, outcome: Result<Option<u64>, StoreError>) {
        let work = || async {
            match &outcome {
                Ok(count) => Ok(*count),
                Err(_) => Err(StoreError::LeaseLost),
            }
        };
        turn(self.stage.store(), JOB, &work, &CancellationToken::new()).await.unwrap();
    }
}

async fn id(desk: &Desk<'_>) -> String {
    let page = desk.get(PAGE).await.text;
    page.split("/admin/jobs/").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_job_shows_its_runs_and_is_started_and_paused() {
    let house = House::build().await;
    let jan = house.signed_in("jan", Role::Admin).await;
    assert!(jan.get(PAGE).await.text.contains("No job is known yet"));
    house.works(Ok(None)).await;
    let page = jan.get(PAGE).await.text;
    for words in ["Shorten the journal", "every hour", "runs by itself", "It has not run yet."] {
        assert!(page.contains(words), "{words}");
    }
    house.works(Ok(Some(7))).await;
    assert!(jan.get(PAGE).await.text.contains("rows removed: 7"));
    let job = id(&jan).await;
    for _ in 0..2 {
        let told = jan.post(&format!("{PAGE}/{job}/run"), &[]).await;
        assert_eq!(told.header("location"), "/postern/admin/jobs?asked=1");
    }
    let page = jan.get(&format!("{PAGE}?asked=1")).await.text;
    assert!(page.contains("a run was asked for") && page.contains("It begins within a few seconds."));
    house.works(Err(StoreError::LeaseLost)).await;
    let page = jan.get(PAGE).await.text;
    assert!(page.contains("class=\"bad\">failed: ") && page.contains("admin:jan"), "{page}");
    assert!(!page.contains("a run was asked for"));
    assert!(jan.get("/admin").await.text.contains("The last run of the job Shorten the journal failed"));
    let switch = format!("{PAGE}/{job}/switch");
    assert_eq!(jan.post(&switch, &[("on", "no")]).await.status, StatusCode::SEE_OTHER);
    let page = jan.get(PAGE).await.text;
    assert!(page.contains("paused: runs only when asked") && page.contains("Resume"), "{page}");
    jan.post(&switch, &[("on", "yes")]).await;
    assert_eq!(jan.post(&switch, &[("on", "maybe")]).await.status, StatusCode::BAD_REQUEST);
    let events = house.stage.events().await;
    assert!(
        events.ends_with(&["job_requested", "job_switched", "job_switched"].map(str::to_owned)),
        "{events:?}"
    );
    let otto = house.signed_in("otto", Role::Auditor).await;
    let page = otto.get(PAGE).await.text;
    assert!(page.contains("rows removed: 7") && !page.contains("/run\""));
    assert_eq!(otto.post(&format!("{PAGE}/{job}/run"), &[]).await.status, StatusCode::FORBIDDEN);
    let unknown = format!("{PAGE}/00000000-0000-7000-8000-000000000000/run");
    assert_eq!(jan.post(&unknown, &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_lists_starts_and_follows_a_job() {
    let house = House::build().await;
    house.works(Ok(None)).await;
    house.works(Ok(Some(7))).await;
    let program = house.program(&[KeyScope::SyncRun]).await;
    let list = program
        .ask(
            "GET",
            "/api/v1/Job?where[0][type]=equals&where[0][attribute]=name&where[0][value]=AuditRetention",
            &[],
            "",
        )
        .await
        .json();
    assert_eq!(list["total"], 1);
    let (job, id) = (&list["list"][0], list["list"][0]["id"].as_str().unwrap());
    assert_eq!(
        (&job["status"], &job["enabled"], &job["beatSeconds"]),
        (&"ok".into(), &true.into(), &3600.into())
    );
    let path = format!("/api/v1/Job/{id}");
    for _ in 0..2 {
        let told = program.ask("POST", &format!("{path}/run"), &[], "").await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
        assert!(told.json()["requestedAt"].is_string());
    }
    house.stage.pass(1);
    house.works(Ok(Some(9))).await;
    let runs = program.ask("GET", &format!("{path}/runs?maxSize=1"), &[], "").await.json();
    assert_eq!((&runs["total"], &runs["list"][0]["count"]), (&2.into(), &9.into()));
    assert!(runs["list"][0]["requestedBy"].as_str().unwrap().starts_with("key:crm"));
    assert!(program.ask("GET", &path, &[], "").await.json()["requestedAt"].is_null());
    assert_eq!(house.stage.events().await.iter().filter(|event| *event == "job_requested").count(), 1);
    let limited = house.limited(&[KeyScope::SyncRun], domain("acme.cz"), 600).await;
    let told = limited.ask("POST", &format!("{path}/run"), &[], "").await;
    assert_eq!(told.reason(), "domainNotAllowed");
    for path in ["/api/v1/Job", &path, &format!("{path}/runs")] {
        assert_eq!(limited.ask("GET", path, &[], "").await.reason(), "domainNotAllowed", "{path}");
    }
    for path in ["/api/v1/Job/7", "/api/v1/Job/00000000-0000-7000-8000-000000000000/runs"] {
        assert_eq!(program.ask("GET", path, &[], "").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let told = program
        .ask(
            "GET",
            &format!("{path}/runs?where[0][type]=equals&where[0][attribute]=jobId&where[0][value]={id}"),
            &[],
            "",
        )
        .await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST, "a run is looked for at its own job");
}
