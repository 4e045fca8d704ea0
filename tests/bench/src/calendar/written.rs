//! What people have written into their calendars.

use serde_json::{Value, json};

/// The `n`th event: an hour on a working day of 2037, no two of them at the same time
/// under the same title.
pub fn event(n: usize) -> Value {
    let (start, end) = times(n);
    json!({
        "summary": format!("Review {n} with Acme"),
        "description": format!(
            "Agenda for meeting {n}:\n- what was agreed last time\n- open points of the offer\n- next steps, \
             and who takes them\nPlease read the minutes before, they are in the shared folder."
        ),
        "location": format!("Room {}", n % 12),
        "start": { "dateTime": start, "timeZone": "Europe/Prague" },
        "end": { "dateTime": end, "timeZone": "Europe/Prague" },
    })
}

/// When it begins and ends.
pub fn times(n: usize) -> (String, String) {
    let (hour, day, month) = (7 + n % 9, 1 + n / 9 % 28, 1 + n / 252 % 12);
    let at = |hour: usize| format!("2037-{month:02}-{day:02}T{hour:02}:00:00Z");
    (at(hour), at(hour + 1))
}
