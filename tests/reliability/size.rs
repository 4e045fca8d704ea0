//! How large a scenario is, and how its figures are told.

use std::fmt::Write as _;
use std::time::Duration;

/// Whether the long forms are asked for.
pub fn long() -> bool {
    variable("RELIABILITY").is_some_and(|word| word == "long")
}

/// `POSTERN_TEST_<name>` where it is set, else the number of the form that is asked for.
pub fn number(name: &str, short: u64, at_length: u64) -> u64 {
    let unset = if long() { at_length } else { short };
    variable(name).map_or(unset, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// As [`number`], in seconds.
pub fn seconds(name: &str, short: u64, at_length: u64) -> Duration {
    Duration::from_secs(number(name, short, at_length))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(format!("POSTERN_TEST_{name}")).ok()
}

/// Prints the figures of a scenario in one line: `reliability scenario name=value ...`.
pub fn tell(scenario: &str, figures: &[(&str, String)]) {
    let mut line = format!("reliability {scenario}");
    for (name, value) in figures {
        write!(line, " {name}={value}").expect("a string takes it");
    }
    println!("{line}");
}

/// Milliseconds, for a line of figures.
pub fn ms(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

/// The value that a part of all does not exceed; `part` of a hundred.
pub fn percentile(times: &[Duration], part: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * part / 100).copied().unwrap_or_default()
}

/// Numbers that a seed decides, so that a run can be repeated as far as time allows.
pub struct Chance(u64);

impl Chance {
    /// From `POSTERN_TEST_SEED`, or from this process's own number.
    pub fn new() -> Self {
        Self(number("SEED", u64::from(std::process::id()), u64::from(std::process::id())).max(1))
    }

    /// The seed as it stands.
    pub fn seed(&self) -> u64 {
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
