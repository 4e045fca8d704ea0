//! What a person enters in the CRM beside the token.

use crate::config::{Advertised, Config, HostPort, Listener, Security};

/// The listeners that people are told about.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Reading.
    pub imap: Option<Advertised>,
    /// Sending.
    pub smtp: Option<Advertised>,
}

impl Settings {
    /// What the configuration advertises.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            imap: Listener::best(&config.imap.listen).cloned(),
            smtp: Listener::best(&config.smtp.listen).cloned(),
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

/// The word for it in EspoCRM's form; none for no encryption.
pub(super) fn security(security: &Security) -> Option<&'static str> {
    match security {
        Security::None => None,
        Security::Ssl => Some("SSL/TLS"),
        Security::StartTls => Some("STARTTLS"),
    }
}
