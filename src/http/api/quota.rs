//! `CalendarQuota`: how much of Google's limits for the Calendar API is used
//! today, of all nodes together.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use serde_json::{Value, json};

use super::error::Fault;
use super::time;
use crate::actions::calendars::quota::{JOBS, Spent, Today, today};
use crate::http::site::Site;

pub(super) async fn answer(Of(site): Of<Arc<Site>>) -> Result<Json<Value>, Fault> {
    let today = today(&site.store).await?;
    let [user, minute, day] = Today::LIMITS;
    let accounts: Vec<Value> = today.accounts.iter().map(spent).collect();
    Ok(Json(json!({
        "date": today.date,
        "endsAt": time::told(today.ends_at),
        "used": today.used,
        "projected": today.projected,
        "busiestMinute": today.busiest,
        "limits": { "userAMinute": user, "projectAMinute": minute, "projectADay": day },
        "accounts": accounts,
    })))
}

fn spent(spent: &Spent) -> Value {
    let jobs: Vec<(&str, i64)> = JOBS.into_iter().zip(spent.jobs).collect();
    let jobs: Value = jobs.into_iter().map(|(job, count)| (job.to_owned(), json!(count))).collect();
    json!({
        "externalAccountId": spent.account,
        "emailAddress": spent.address,
        "used": spent.used,
        "busiestMinute": spent.busiest,
        "jobs": jobs,
    })
}
