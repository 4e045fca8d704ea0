//! `[sync]`: how often Google and the CRM are brought in step.

use std::time::Duration;

use super::fault::{Wrong, quoted};
use super::quantity::{duration, number};
use super::section::Section;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// The synchronisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// Time between two runs of a calendar. Default ten minutes.
    pub calendar_interval: Duration,
    /// Time between two runs of an address book. Default an hour.
    pub contacts_interval: Duration,
    /// How long Google may hide a person that was made. Default a quarter of an hour.
    pub contacts_delay: Duration,
    /// Contacts of one user that are written in a minute at most, as the project's quota at Google
    /// says. Default 30.
    pub contacts_per_minute: u32,
}

pub(super) fn read(section: &Section<'_>) -> Option<Sync> {
    let calendar_interval = section.or("calendar_interval", "10m", interval);
    let contacts_interval = section.or("contacts_interval", "60m", interval);
    let contacts_delay = section.or("contacts_delay", "15m", interval);
    let contacts_per_minute = section.number_or("contacts_per_minute", "30", number(1, 10_000));
    Some(Sync {
        calendar_interval: calendar_interval?,
        contacts_interval: contacts_interval?,
        contacts_delay: contacts_delay?,
        contacts_per_minute: contacts_per_minute?,
    })
}

fn interval(text: &str) -> Result<Duration, Wrong> {
    let time = duration(LONGEST)(text)?;
    if time < SHORTEST {
        return Err(Wrong::new(format!("{} is too short", quoted(text)), "write at least \"1s\""));
    }
    Ok(time)
}
