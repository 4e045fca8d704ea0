//! One page with both sides of a person's calendar, to look at and to edit by hand: the events
//! of the stand-in Google beside the meetings of the stand-in CRM. What is done here is done as
//! that person would, past every client.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::crm::Crm;
use crate::google::Google;

/// A running page. Dropping it ends it.
#[derive(Debug)]
pub struct Desk {
    url: String,
    /// Ends with the set.
    _tasks: JoinSet<()>,
}

struct Both {
    google: Arc<Google>,
    crm: Arc<Crm>,
    /// Address at Google and identity in the CRM.
    person: (String, String),
}

#[derive(Deserialize)]
struct Wish {
    side: String,
    act: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    start: String,
    #[serde(default)]
    minutes: i64,
    /// How many weeks in a row.
    #[serde(default)]
    weeks: u32,
}

impl Desk {
    /// Listens at `listen` for the person with this address and this identity in the CRM.
    pub async fn start(
        listen: SocketAddr,
        google: Arc<Google>,
        crm: Arc<Crm>,
        address: &str,
        user: &str,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let both = Arc::new(Both { google, crm, person: (address.to_owned(), user.to_owned()) });
        let router = Router::new().route("/", get(page).post(press)).with_state(both);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // It ends by being aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, _tasks: tasks })
    }

    /// Where the page is.
    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn page(State(both): State<Arc<Both>>) -> Html<String> {
    let (address, user) = &both.person;
    let events = both.google.live_events(address);
    let meetings = both.crm.records("Meeting").into_iter().chain(both.crm.records("Call"));
    let events: String = events.iter().map(event).collect();
    let meetings: String = meetings.map(|record| meeting(&record)).collect();
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Both calendars</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\
         <h1>Both calendars of {address}</h1>\
         <p>Stand-ins of Google and the CRM. Change something on one side, and <a href=\"/\">look again</a> \
         after a few seconds.</p><main>\
         <section><h2>Google</h2>{events}{new_event}</section>\
         <section><h2>CRM ({user})</h2>{meetings}{new_meeting}</section></main></body></html>",
        address = escaped(address),
        user = escaped(user),
        new_event = form("google", "", "", "", "New event"),
        new_meeting = form("crm", "", "", "", "New meeting"),
    ))
}

async fn press(State(both): State<Arc<Both>>, Form(wish): Form<Wish>) -> Response {
    let done = match wish.side.as_str() {
        "google" => on_google(&both, &wish),
        _ => on_crm(&both, &wish),
    };
    match done {
        Ok(()) => Redirect::to("/").into_response(),
        Err(why) => (StatusCode::UNPROCESSABLE_ENTITY, Html(escaped(&why))).into_response(),
    }
}

fn on_google(both: &Both, wish: &Wish) -> Result<(), String> {
    let (google, address) = (&both.google, both.person.0.as_str());
    let told = |refused| format!("{refused:?}");
    if wish.act == "delete" {
        return google.delete_event(address, address, &wish.id).map_err(told);
    }
    let (start, end) = times(wish, 'T', "Z")?;
    let event = json!({
        "summary": wish.title, "start": { "dateTime": start, "timeZone": "UTC" },
        "end": { "dateTime": end, "timeZone": "UTC" },
    });
    if wish.id.is_empty() {
        let mut event = event;
        if wish.weeks > 1 {
            event["recurrence"] = json!([format!("RRULE:FREQ=WEEKLY;COUNT={}", wish.weeks.min(52))]);
        }
        return google.put_event(address, address, event).map(drop).map_err(told);
    }
    google.edit_event(address, address, &wish.id, event).map_err(told)
}

fn on_crm(both: &Both, wish: &Wish) -> Result<(), String> {
    let hand = both.crm.as_user(&both.person.1);
    let entity = if both.crm.record("Call", &wish.id).is_some() { "Call" } else { "Meeting" };
    if wish.act == "delete" {
        return hand.delete(entity, &wish.id);
    }
    let (start, end) = times(wish, ' ', "")?;
    let mut record = json!({ "name": wish.title, "dateStart": start, "dateEnd": end });
    if wish.id.is_empty() {
        record["status"] = json!("Planned");
        return hand.create("Meeting", &record).map(drop);
    }
    hand.edit(entity, &wish.id, &record)
}

// The page knows times in UTC, to the minute: `YYYY-MM-DDTHH:MM`.
fn times(wish: &Wish, between: char, zone: &str) -> Result<(String, String), String> {
    let start: jiff::civil::DateTime = wish.start.parse().map_err(|_| "no such time".to_owned())?;
    let minutes = wish.minutes.clamp(1, 24 * 60);
    let end = start.checked_add(jiff::Span::new().minutes(minutes)).map_err(|error| error.to_string())?;
    let write =
        |at: jiff::civil::DateTime| at.strftime(&format!("%Y-%m-%d{between}%H:%M:%S{zone}")).to_string();
    Ok((write(start), write(end)))
}

fn event(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (start, end) = (text(&event["start"]["dateTime"]), text(&event["end"]["dateTime"]));
    let utc = |at: &str| at.parse::<jiff::Timestamp>().ok();
    row("google", &text(&event["id"]), &text(&event["summary"]), utc(&start), utc(&end))
}

fn meeting(record: &Value) -> String {
    let text = |name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let utc = |at: &str| format!("{}Z", at.replacen(' ', "T", 1)).parse::<jiff::Timestamp>().ok();
    let status = match text("status").as_str() {
        "Planned" => String::new(),
        status => format!("<small>{}</small>", escaped(status)),
    };
    row("crm", &text("id"), &text("name"), utc(&text("dateStart")), utc(&text("dateEnd"))) + &status
}

fn row(
    side: &str,
    id: &str,
    title: &str,
    start: Option<jiff::Timestamp>,
    end: Option<jiff::Timestamp>,
) -> String {
    let (Some(start), Some(end)) = (start, end) else {
        return format!("<p>{} (whole days)</p>", escaped(title));
    };
    let minutes = (end.as_second() - start.as_second()) / 60;
    form(side, id, title, &start.strftime("%Y-%m-%dT%H:%M").to_string(), &minutes.to_string())
}

// `last` is the length in minutes, or the words on the button for a new one.
fn form(side: &str, id: &str, title: &str, start: &str, last: &str) -> String {
    let (minutes, save) = if id.is_empty() { ("60", last) } else { (last, "Save") };
    let delete = if id.is_empty() { "" } else { "<button name=\"act\" value=\"delete\">Delete</button>" };
    // Only Google knows what repeats.
    let weeks = if id.is_empty() && side == "google" {
        "<label>weeks <input name=\"weeks\" type=\"number\" value=\"1\" min=\"1\" max=\"52\"></label>"
    } else {
        ""
    };
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"side\" value=\"{side}\">\
         <input type=\"hidden\" name=\"id\" value=\"{id}\">\
         <input name=\"title\" aria-label=\"Title\" value=\"{title}\">\
         <input name=\"start\" type=\"datetime-local\" aria-label=\"Start, UTC\" value=\"{start}\" required>\
         <input name=\"minutes\" type=\"number\" aria-label=\"Minutes\" value=\"{minutes}\" min=\"1\">{weeks}\
         <button name=\"act\" value=\"save\">{save}</button>{delete}</form>",
        id = escaped(id),
        title = escaped(title),
        save = escaped(save),
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:1rem;max-width:80rem}\
    main{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:2rem}\
    form{display:flex;flex-wrap:wrap;gap:.3rem;border-top:1px solid #ccc;padding:.5rem 0}\
    input[type=number]{width:5rem}";
