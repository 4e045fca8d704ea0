//! What differs between two configurations, by section.

use super::Config;

impl Config {
    /// The sections, and in `[telemetry]` the keys, in which `new` differs
    /// although a running process cannot take them over. `[limits]`,
    /// `telemetry.filter` and what stands in the files that `[tls]` names are
    /// not among them: those are taken over.
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
            audit,
            node,
            notices,
            telemetry,
        } = self;
        [
            ("[database]", *database != new.database),
            ("[secrets]", *secrets != new.secrets),
            ("[tls]", *tls != new.tls),
            ("[imap]", *imap != new.imap),
            ("[smtp]", *smtp != new.smtp),
            ("[http]", *http != new.http),
            ("[google]", *google != new.google),
            ("[crm]", *crm != new.crm),
            ("[audit]", *audit != new.audit),
            ("[node]", *node != new.node),
            ("[notices]", *notices != new.notices),
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
        let taken = config("[limits]\npreauth = \"5s\"\n[telemetry]\nfilter = \"debug\"\n");
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
