//! `postern sync status`.

use serde::Serialize;

use super::Desk;
use crate::actions::calendars::quota::{Today, today};
use crate::actions::calendars::status::{Standing, status};
use crate::actions::contacts::status as books;
use crate::cli::print::{Form, table};
use crate::clock::written;

/// Shows how each calendar and each address book stands.
pub(super) async fn show(desk: &Desk, form: Form) -> anyhow::Result<()> {
    let store = &desk.parts.store;
    let calendars: Vec<Calendar> = status(store).await?.iter().map(Calendar::of).collect();
    let books: Vec<Book> = books::status(store).await?.iter().map(Book::of).collect();
    let today = today(store).await?;
    let told = [text(&calendars), told(&books), spent(&today)];
    let told: Vec<&str> = told.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    let all: Vec<Row> =
        calendars.into_iter().map(Row::Calendar).chain(books.into_iter().map(Row::Book)).collect();
    form.print(&all, |_| told.join("\n\n"))
}

/// How much of Google's limit of a day is used.
fn spent(today: &Today) -> String {
    let [.., day] = Today::LIMITS;
    let rest = today.projected.map(|count| format!(", about {count} if it goes on like this"));
    let ends = written(today.ends_at);
    format!(
        "Google: {} of {day} requests of the day that ends {ends}{}",
        today.used,
        rest.unwrap_or_default()
    )
}

/// What a program reads, told apart by `kind`.
#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Calendar(Calendar),
    Book(Book),
}

#[derive(Serialize)]
struct Calendar {
    account: String,
    calendar: String,
    name: String,
    kind: &'static str,
    status: String,
    fault: Option<String>,
    last_ok: Option<String>,
    next: String,
    pairs: i64,
    dead_letters: i64,
    last_run: Option<String>,
}

impl Calendar {
    fn of(standing: &Standing) -> Self {
        Self {
            account: standing.address.to_string(),
            calendar: standing.calendar.to_string(),
            name: standing.name.clone(),
            kind: standing.kind.name(),
            status: standing.status.clone(),
            fault: standing.fault.clone(),
            last_ok: standing.last_ok_at.map(written),
            next: written(standing.next_at),
            pairs: standing.pairs,
            dead_letters: standing.dead_letters,
            last_run: standing.last_run.map(|run| run.to_string()),
        }
    }
}

#[derive(Serialize)]
struct Book {
    account: String,
    address_book: String,
    group: String,
    kind: &'static str,
    status: String,
    fault: Option<String>,
    last_ok: Option<String>,
    next: String,
    pairs: i64,
    pushed: i64,
    questions: i64,
    dead_letters: i64,
}

impl Book {
    fn of(standing: &books::Standing) -> Self {
        Self {
            account: standing.address.to_string(),
            address_book: standing.book.to_string(),
            group: standing.group.clone(),
            kind: "contacts",
            status: standing.status.clone(),
            fault: standing.fault.clone(),
            last_ok: standing.last_ok_at.map(written),
            next: written(standing.next_at),
            pairs: standing.links,
            pushed: standing.waiting,
            questions: standing.reviews,
            dead_letters: standing.dead_letters,
        }
    }
}

fn state(status: &str, fault: Option<&String>) -> String {
    fault.map_or_else(|| status.to_owned(), |fault| format!("{status}: {fault}"))
}

fn text(rows: &[Calendar]) -> String {
    if rows.is_empty() {
        return "Nobody has chosen a calendar yet.".to_owned();
    }
    let row = |row: &Calendar| {
        let state = state(&row.status, row.fault.as_ref());
        let last = row.last_ok.clone().unwrap_or_else(|| "never".to_owned());
        let run = row.last_run.clone().unwrap_or_default();
        [row.account.clone(), row.name.clone(), row.kind.to_owned(), state, last, row.pairs.to_string(), run]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(["ACCOUNT", "CALENDAR", "USE", "STATE", "LAST IN STEP", "PAIRS", "LAST CHANGED BY RUN"], &rows)
}

fn told(rows: &[Book]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let row = |row: &Book| {
        let state = state(&row.status, row.fault.as_ref());
        let last = row.last_ok.clone().unwrap_or_else(|| "never".to_owned());
        let [pairs, pushed, questions] =
            [row.pairs, row.pushed, row.questions].map(|count| count.to_string());
        [row.account.clone(), row.group.clone(), state, last, pairs, pushed, questions]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(["ACCOUNT", "GROUP", "STATE", "LAST IN STEP", "PAIRS", "TO BE PUSHED", "QUESTIONS"], &rows)
}
