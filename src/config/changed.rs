//! What differs between two configurations, by section.

use std::time::Duration;

use super::Config;
use super::google::Google;
use super::notices::{Language, Notices, Sending};

impl Config {
    /// The sections, and in `[telemetry]` the keys, in which `new` differs
    /// although a running process cannot take them over. `[limits]`, `[audit]`,
    /// `google.allowed_domains`, `google.connect`, `google.products`, `notices.to` and
    /// `notices.owners`, `telemetry.filter` and what stands in the files that `[tls]` names are not among them: those are taken over.
    #[must_use]
    pub fn needs_restart(&self, new: &Self) -> Vec<&'static str> {
        // Taken apart, so that a new section cannot be forgotten here.
        let Self {
            file: _,
            database,
            secrets,
            tls,
            imap,
            smtp,
            http,
            google,
            crm,
            limits: _,
            audit: _,
            sync,
            node,
            notices,
            telemetry,
            set: _,
        } = self;
        [
            ("[database]", *database != new.database),
            ("[secrets]", *secrets != new.secrets),
            ("[tls]", *tls != new.tls),
            ("[imap]", *imap != new.imap),
            ("[smtp]", *smtp != new.smtp),
            ("[http]", *http != new.http),
            ("[google]", whereabouts(google) != whereabouts(&new.google)),
            ("[crm]", *crm != new.crm),
            ("[sync]", *sync != new.sync),
            ("[node]", *node != new.node),
            ("[notices]", told(notices) != told(&new.notices)),
            ("telemetry.log", telemetry.log != new.telemetry.log),
            (
                "telemetry.listen",
                telemetry.listen != new.telemetry.listen
                    || telemetry.allow_cleartext != new.telemetry.allow_cleartext,
            ),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

/// Without what is taken over.
fn whereabouts(google: &Google) -> Google {
    Google { allowed_domains: Vec::new(), connect: true, products: Vec::new(), ..google.clone() }
}

fn told(notices: &Notices) -> (&Option<Sending>, Duration, Language) {
    let Notices { to: _, owners: _, sending, gather, language } = notices;
    (sending, *gather, *language)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use std::collections::BTreeMap;

    fn config(text: &str) -> Config {
        Config::from_str(text, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn only_what_a_running_process_cannot_take_over_is_named() {
        let old = config("");
        assert!(old.needs_restart(&old).is_empty());
        let taken = config(
            "[limits]\npreauth = \"5s\"\n[telemetry]\nfilter = \"debug\"\n[audit]\nretention = \"7d\"\n\
             [notices]\nowners = false\n[google]\nproducts = [\"calendar\"]\n",
        );
        assert!(old.needs_restart(&taken).is_empty());
        let other = config(
            "[database]\nurl = \"sqlite://x.db\"\n[node]\nname = \"two\"\n[telemetry]\nlog = \"json\"\n\
             listen = \"127.0.0.1:9464\"\n[[imap.listen]]\naddr = \"127.0.0.1:1143\"\n",
        );
        assert_eq!(
            old.needs_restart(&other),
            ["[database]", "[imap]", "[node]", "telemetry.log", "telemetry.listen"]
        );
    }
}
