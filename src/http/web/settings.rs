//! What a person enters in the CRM beside the token.

use crate::config::{Advertised, Config, HostPort, Listener, Security};

/// The listeners that people are told about.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Reading.
    pub imap: Option<Advertised>,
    /// Sending.
    pub smtp: Option<Advertised>,
    /// Every name that a record of the CRM may reach us by, in lower case and
    /// without brackets.
    pub names: Vec<String>,
}

impl Settings {
    /// What the configuration advertises.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            imap: Listener::best(&config.imap.listen).cloned(),
            smtp: Listener::best(&config.smtp.listen).cloned(),
            names: names(config),
        }
    }

    /// The line of `data/config.php` that lets EspoCRM reach these listeners.
    #[must_use]
    pub fn allow_list(&self) -> Option<String> {
        let quoted = |at: &Advertised| {
            let place = HostPort { host: at.host.clone(), port: at.port }.to_string();
            format!("'{}'", place.replace(['\\', '\''], ""))
        };
        let all: Vec<String> = [&self.imap, &self.smtp].into_iter().flatten().map(quoted).collect();
        (!all.is_empty()).then(|| format!("'emailServerAllowedAddressList' => [{}],", all.join(", ")))
    }
}

fn names(config: &Config) -> Vec<String> {
    let all = || config.imap.listen.iter().chain(&config.smtp.listen);
    let advertised = all().filter_map(|listener| Some(listener.advertised.as_ref()?.host.as_str()));
    let local = all().any(|listener| listener.addr.is_loopback() || listener.addr.is_unspecified());
    let local = ["localhost", "127.0.0.1", "::1"].into_iter().filter(|_| local);
    let mut names: Vec<String> = advertised
        .chain(config.http.public_url.host_str())
        .chain(local)
        .map(|name| name.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The word for it in EspoCRM's form; none for no encryption.
pub(in crate::http) fn security(security: &Security) -> Option<&'static str> {
    match security {
        Security::None => None,
        Security::Ssl => Some("SSL/TLS"),
        Security::StartTls => Some("STARTTLS"),
    }
}
