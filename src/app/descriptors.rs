//! Open files: as many as the system lets this process have, and how many
//! connections that carries.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Limits;

/// A session has a connection on either side.
const EACH: u64 = 2;
/// Pages, the database, Google's endpoints, listeners, the log.
const RESERVE: u64 = 600;
/// Where raising to the hard limit fails, systems still grant this.
const MODEST: u64 = 10_240;

/// Raises the limit of open files as far as it goes, and says what it is then;
/// `None` when there is none.
pub fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    for wanted in [limit.maximum, Some(MODEST)] {
        let higher = wanted.is_none_or(|wanted| limit.current.is_some_and(|now| now < wanted));
        if higher && setrlimit(Resource::Nofile, Rlimit { current: wanted, maximum: limit.maximum }).is_ok() {
            return wanted;
        }
    }
    limit.current
}

/// What the limit can be raised to.
#[must_use]
pub fn most() -> Option<u64> {
    getrlimit(Resource::Nofile).maximum
}

/// How many connections of mail clients so many open files carry.
#[must_use]
pub fn connections(limits: &Limits, files: Option<u64>) -> u32 {
    let Some(files) = files else { return limits.connections };
    let carried = u32::try_from(files.saturating_sub(RESERVE) / EACH).unwrap_or(u32::MAX);
    carried.clamp(1, limits.connections)
}

/// How many open files carry all connections that the configuration asks for.
#[must_use]
pub fn needed(limits: &Limits) -> u64 {
    u64::from(limits.connections) * EACH + RESERVE
}

/// What is to be said when that is less than the configuration asks for.
#[must_use]
pub fn note(limits: &Limits, files: Option<u64>) -> Option<String> {
    let carried = connections(limits, files);
    (carried < limits.connections).then(|| {
        format!(
            "limits.connections is {}, but {} open files carry only {carried}: raise LimitNOFILE (ulimit -n) to {}.",
            limits.connections,
            files.unwrap_or_default(),
            needed(limits),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{connections, most, note, raise};
    use crate::config::Config;

    #[test]
    fn fewer_files_carry_fewer_connections_and_it_is_said() {
        let limits = Config::from_str("", &BTreeMap::new()).unwrap().limits;
        for (files, carried) in [
            (None, 20_000),
            (Some(1 << 20), 20_000),
            (Some(40_600), 20_000),
            (Some(40_598), 19_999),
            (Some(1_024), 212),
            (Some(256), 1),
        ] {
            assert_eq!(connections(&limits, files), carried, "{files:?}");
            assert_eq!(note(&limits, files).is_some(), carried < 20_000, "{files:?}");
        }
        let told = note(&limits, Some(1_024)).unwrap();
        assert!(told.contains("carry only 212") && told.contains("40600"), "{told}");
    }

    #[test]
    fn the_limit_goes_up_to_what_the_system_grants() {
        let raised = raise();
        assert!(raised.is_none() || raised == most() || raised >= Some(super::MODEST), "{raised:?}");
        assert_eq!(raise(), raised, "it stays there");
    }
}
