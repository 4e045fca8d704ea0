//! Keys that an admin may also set on a page while the gateway runs: no secret,
//! no path, no listener, and nothing that only a restart can change.
//!
//! What file or environment say wins over what was stored, and that over the
//! default. A stored value is read by the same rules as one in the file.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::{Origin, Wrong};
use super::listed::listed;
use super::quantity::{duration, number, size, written};
use super::tree::{Table, Value};
use super::{Config, audit, google, keys, limits, notices};

/// What is written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A number from the first to the second.
    Number(u32, u32),
    /// Octets from the first to the second.
    Octets(u64, u64),
    /// A time from the first to the second.
    Time(Duration, Duration),
    /// `true` or `false`.
    Flag,
    /// Addresses of people, or none.
    Addresses,
    /// Domains, or all there are.
    Domains,
    /// Products, at least one.
    Products,
}

/// Such a key.
#[derive(Debug, Clone, Copy)]
pub struct Tunable {
    /// Its name in the file.
    pub name: &'static str,
    /// What is written into it.
    pub form: Form,
    read: fn(&Config) -> String,
    write: fn(&mut Config, &str) -> Result<(), Wrong>,
}

/// Values by the names of their keys, as admins set them.
pub type Stored = BTreeMap<String, String>;

macro_rules! numbers {
    ($($name:literal: $field:ident, $bounds:expr;)*) => {
        [$(Tunable {
            name: $name,
            form: Form::Number($bounds.0, $bounds.1),
            read: |config| config.limits.$field.to_string(),
            write: |config, text| {
                config.limits.$field = number($bounds.0, $bounds.1)(text)?;
                Ok(())
            },
        }),*]
    };
}

macro_rules! times {
    ($($name:literal: $field:ident, $longest:expr;)*) => {
        [$(Tunable {
            name: $name,
            form: Form::Time(SHORTEST, $longest),
            read: |config| written(config.limits.$field),
            write: |config, text| {
                config.limits.$field = duration($longest)(text)?;
                Ok(())
            },
        }),*]
    };
}

const SHORTEST: Duration = Duration::from_millis(1);

const NUMBERS: [Tunable; 4] = numbers! {
    "limits.account_sessions": account_sessions, limits::SESSIONS;
    "limits.account_smtp_sessions": account_smtp_sessions, limits::SESSIONS;
    "limits.connections_per_address": connections_per_address, limits::CONNECTIONS;
    "limits.login_throttle": login_throttle, limits::SECRETS;
};
const TIMES: [Tunable; 3] = times! {
    "limits.login_throttle_window": login_throttle_window, limits::DAY;
    "limits.login_throttle_delay": login_throttle_delay, limits::MINUTE;
    "limits.imap_idle": imap_idle, limits::DAY;
};
const ALLOWED_DOMAINS: Tunable = Tunable {
    name: "google.allowed_domains",
    form: Form::Domains,
    read: |config| config.google.allowed_domains.join(", "),
    write: |config, text| {
        config.google.allowed_domains = google::domains(text)?;
        Ok(())
    },
};
const CONNECT: Tunable = Tunable {
    name: "google.connect",
    form: Form::Flag,
    read: |config| config.google.connect.to_string(),
    write: |config, text| {
        config.google.connect = flag(text)?;
        Ok(())
    },
};
const PRODUCTS: Tunable = Tunable {
    name: "google.products",
    form: Form::Products,
    read: |config| {
        let names: Vec<&str> = config.google.products.iter().map(|product| product.name()).collect();
        names.join(", ")
    },
    write: |config, text| {
        config.google.products = google::products(text)?;
        Ok(())
    },
};
const MESSAGE_SIZE: Tunable = Tunable {
    name: "limits.message_size",
    form: Form::Octets(limits::SMALLEST, limits::MESSAGE_SIZE),
    read: |config| config.limits.message_size.to_string(),
    write: |config, text| {
        config.limits.message_size = size(limits::SMALLEST, limits::MESSAGE_SIZE)(text)?;
        Ok(())
    },
};
const RETENTION: Tunable = Tunable {
    name: "audit.retention",
    form: Form::Time(audit::DAY, audit::LONGEST),
    read: |config| written(config.audit.retention),
    write: |config, text| {
        config.audit.retention = audit::days(text)?;
        Ok(())
    },
};
const TO: Tunable = Tunable {
    name: "notices.to",
    form: Form::Addresses,
    read: |config| {
        let to: Vec<&str> = config.notices.to.iter().map(|address| address.as_str()).collect();
        to.join(", ")
    },
    write: |config, text| {
        config.notices.to = listed(text).map(notices::mailbox).collect::<Result<_, _>>()?;
        notices::told(&config.notices)
    },
};
const OWNERS: Tunable = Tunable {
    name: "notices.owners",
    form: Form::Flag,
    read: |config| config.notices.owners.to_string(),
    write: |config, text| {
        config.notices.owners = flag(text)?;
        notices::told(&config.notices)
    },
};

fn flag(text: &str) -> Result<bool, Wrong> {
    text.parse().map_err(|_| Wrong::new("is not known", "write true or false"))
}

/// All of them, in the order of their pages.
pub const TUNABLE: &[Tunable] = &[
    CONNECT,
    PRODUCTS,
    ALLOWED_DOMAINS,
    NUMBERS[0],
    NUMBERS[1],
    NUMBERS[2],
    TIMES[2],
    MESSAGE_SIZE,
    NUMBERS[3],
    TIMES[0],
    TIMES[1],
    RETENTION,
    TO,
    OWNERS,
];

impl Tunable {
    /// The key of that name, if it is one of these.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TUNABLE.iter().find(|tunable| tunable.name == name)
    }

    /// What the configuration says, as a person writes it.
    #[must_use]
    pub fn value(&self, config: &Config) -> String {
        (self.read)(config)
    }

    /// What holds when nobody says anything, as the reference has it.
    #[must_use]
    pub fn default(&self) -> &'static str {
        let default = keys::find(self.name).and_then(|key| key.default).unwrap_or_default();
        if default == "[]" { "" } else { default.trim_matches(['[', ']', '"']) }
    }
}

impl Config {
    /// Where file or environment set the key; none when they do not.
    #[must_use]
    pub fn set_at(&self, tunable: &Tunable) -> Option<&Origin> {
        self.set.get(tunable.name)
    }

    /// This configuration with stored values below what file and environment
    /// set; and what of it cannot be used, with the reason.
    #[must_use]
    pub fn over(&self, stored: &Stored) -> (Self, Vec<(&'static str, String)>) {
        let (mut config, mut unfit) = (self.clone(), Vec::new());
        for tunable in TUNABLE.iter().filter(|tunable| self.set_at(tunable).is_none()) {
            let Some(text) = stored.get(tunable.name) else { continue };
            let mut next = config.clone();
            match (tunable.write)(&mut next, text) {
                Ok(()) => config = next,
                Err(Wrong { what, remedy }) => unfit.push((tunable.name, format!("{what}; {remedy}"))),
            }
        }
        (config, unfit)
    }
}

/// Where each of these keys is set in the document, variables laid over it.
pub(super) fn origins(root: &Table) -> BTreeMap<&'static str, Origin> {
    let at = |name: &str| {
        let (section, key) = name.split_once('.')?;
        let Value::Table(table) = &root.get(section)?.value else { return None };
        Some(table.get(key)?.at.clone())
    };
    TUNABLE.iter().filter_map(|tunable| Some((tunable.name, at(tunable.name)?))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{Form, Stored, TUNABLE, Tunable, written};
    use crate::config::Config;

    fn config(text: &str) -> Config {
        Config::from_str(text, &BTreeMap::new()).unwrap()
    }

    fn stored(pairs: &[(&str, &str)]) -> Stored {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const VIA: &str = "[notices]\nvia = \"smtp://mail.example.com\"\n";

    #[test]
    fn every_one_is_a_key_with_its_default_and_takes_what_is_stored() {
        let base = config(VIA);
        for tunable in TUNABLE {
            assert_eq!(tunable.value(&base), tunable.default(), "{}", tunable.name);
            let other = match tunable.form {
                Form::Number(least, _) => least.to_string(),
                Form::Octets(least, _) => least.to_string(),
                Form::Time(..) => "2d".to_owned(),
                Form::Flag => "false".to_owned(),
                Form::Addresses => "it@example.com".to_owned(),
                Form::Domains => "a.example, b.example".to_owned(),
                Form::Products => "gmail, calendar, contacts".to_owned(),
            };
            let other = if tunable.name == "limits.login_throttle_delay" { "1s".to_owned() } else { other };
            let other = if tunable.value(&base).ends_with('m') { "7m".to_owned() } else { other };
            let mut all = stored(&[("notices.to", "it@example.com")]);
            all.insert(tunable.name.to_owned(), other.clone());
            let (taken, unfit) = base.over(&all);
            assert!(unfit.is_empty(), "{unfit:?}");
            assert_eq!(tunable.value(&taken), other, "{}", tunable.name);
            assert_ne!(tunable.value(&taken), tunable.default(), "{}", tunable.name);
        }
    }

    // The page names these bounds, the rules of the file hold them.
    #[test]
    fn the_bounds_are_those_of_the_file() {
        let fits = |tunable: &Tunable, text: &str| {
            let (section, key) = tunable.name.split_once('.').unwrap();
            let file = format!("[{section}]\n{key} = \"{text}\"\n");
            let file = Config::from_str(&file, &BTreeMap::new()).is_ok();
            let page = config("").over(&stored(&[(tunable.name, text)])).1.is_empty();
            assert_eq!(file, page, "{} = {text}", tunable.name);
            page
        };
        for tunable in TUNABLE {
            let (inside, outside) = match tunable.form {
                Form::Number(least, most) => {
                    ([least, most].map(|n| n.to_string()), [least - 1, most + 1].map(|n| n.to_string()))
                }
                Form::Octets(least, most) => {
                    ([least, most].map(|n| n.to_string()), [least - 1, most + 1].map(|n| n.to_string()))
                }
                Form::Time(least, most) => {
                    let outside = [least - Duration::from_millis(1), most + Duration::from_millis(1)];
                    ([least, most].map(written), outside.map(written))
                }
                Form::Flag | Form::Addresses | Form::Domains | Form::Products => continue,
            };
            assert!(inside.iter().all(|text| fits(tunable, text)), "{} {inside:?}", tunable.name);
            assert!(!outside.iter().any(|text| fits(tunable, text)), "{} {outside:?}", tunable.name);
        }
    }

    #[test]
    fn file_and_environment_win_and_say_where() {
        let env = BTreeMap::from([("POSTERN__AUDIT__RETENTION".to_owned(), "9d".to_owned())]);
        let base = Config::from_str("\n[limits]\naccount_sessions = 3\n", &env).unwrap();
        let all = stored(&[
            ("limits.account_sessions", "5"),
            ("audit.retention", "5d"),
            ("limits.login_throttle", "5"),
            ("database.url", "sqlite://elsewhere.db"),
        ]);
        let (taken, unfit) = base.over(&all);
        assert!(unfit.is_empty(), "{unfit:?}");
        assert_eq!((taken.limits.account_sessions, taken.limits.login_throttle), (3, 5));
        assert_eq!(taken.database, base.database, "only these keys are ever stored");
        let at = |name: &str| {
            base.set_at(Tunable::named(name).unwrap()).map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(at("limits.account_sessions"), "configuration:3");
        assert_eq!(at("audit.retention"), "POSTERN__AUDIT__RETENTION");
        assert_eq!(at("limits.login_throttle"), "");
    }

    #[test]
    fn products_are_known_ones_and_at_least_one() {
        let taken = |text: &str| {
            let (taken, unfit) = config("").over(&stored(&[("google.products", text)]));
            unfit.is_empty().then(|| Tunable::named("google.products").unwrap().value(&taken))
        };
        assert_eq!(taken(" calendar;gmail gmail").as_deref(), Some("gmail, calendar"));
        assert_eq!(taken("calendar").as_deref(), Some("calendar"));
        assert_eq!(taken("contacts gmail").as_deref(), Some("gmail, contacts"));
        assert_eq!((taken(""), taken("gmail, mail"), taken("Gmail")), (None, None, None));
        for (list, whole) in
            [("[\"calendar\"]", true), ("[]", false), ("[\"drive\"]", false), ("\"gmail\"", true)]
        {
            let file = format!("[google]\nproducts = {list}\n");
            assert_eq!(Config::from_str(&file, &BTreeMap::new()).is_ok(), whole, "{list}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_alone() {
        let all = stored(&[
            ("limits.account_sessions", "many"),
            ("limits.login_throttle", "5"),
            ("notices.to", "it@example.com"),
        ]);
        let (taken, unfit) = config("").over(&all);
        assert_eq!((taken.limits.account_sessions, taken.limits.login_throttle), (10, 5));
        assert!(taken.notices.to.is_empty(), "nothing could be sent");
        let names: Vec<_> = unfit.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["limits.account_sessions", "notices.to"]);
        assert!(unfit[1].1.contains("notices.via"), "{unfit:?}");
        let (_, unfit) = config(VIA).over(&stored(&[("notices.owners", "false")]));
        assert_eq!(unfit.len(), 1, "nobody would be told");
    }
}
