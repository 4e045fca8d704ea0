//! Hints: nothing is wrong, yet a person may want to know.

use std::path::Path;
use std::time::Duration;

use super::{Config, HostPort, ListenTls, Listener};

impl Config {
    /// Plain sentences about what works but may not be meant. They hold no
    /// secret.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let sides = [("imap", &self.imap.listen), ("smtp", &self.smtp.listen)];
        for (name, listen) in sides {
            if listen.is_empty() {
                notes.push(format!("There is no [[{name}.listen]]: {} is not served.", name.to_uppercase()));
            }
            for (index, listener) in listen.iter().enumerate() {
                notes.extend(of_listener(&format!("{name}.listen[{index}]"), listener));
            }
        }
        notes.extend(of_http(self));
        notes.extend(direct_tls("google.imap", &self.google.imap, 143, 993));
        notes.extend(direct_tls("google.smtp", &self.google.smtp, 587, 465));
        notes.extend(of_crm(self));
        notes.extend(of_limits(self));
        if self.database.travels_in_clear() {
            let note = "database.url reaches another machine without sslmode=verify-full: \
                        someone between could read the connection.";
            notes.push(note.to_owned());
        }
        notes.extend(of_paths(self));
        notes
    }
}

fn of_listener(key: &str, listener: &Listener) -> Vec<String> {
    let mut notes = Vec::new();
    let far = !listener.addr.is_loopback();
    match listener.tls {
        ListenTls::None | ListenTls::Auto if far && listener.allow_cleartext => {
            notes.push(format!("{key} carries tokens and mail in the clear to other machines."));
        }
        ListenTls::Implicit | ListenTls::StartTls if listener.allow_cleartext => {
            notes.push(format!("{key}.allow_cleartext changes nothing: no login there is in the clear."));
        }
        _ => {}
    }
    if listener.tls == ListenTls::None && !listener.proxy_trusted.is_empty() {
        notes.push(format!("{key} is in the clear behind a proxy: that proxy has to end TLS."));
    }
    if listener.advertised.is_none() {
        notes.push(format!("{key} has no advertise: nobody can be told what to enter."));
    }
    notes
}

fn of_http(config: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    let http = &config.http;
    if !http.listen.is_loopback() && http.tls == ListenTls::None {
        notes.push("http.listen carries sign-ins in the clear to other machines.".to_owned());
    }
    if http.is_private_name() {
        notes.push(format!(
            "Google accepts only public host names to send a person back to; {} may not be one.",
            http.public_url
        ));
    }
    notes
}

fn of_crm(config: &Config) -> Option<String> {
    let (set, missing) = match (&config.crm.url, &config.crm.api_key) {
        (Some(_), None) => ("crm.url", "crm.api_key"),
        (None, Some(_)) => ("crm.api_key", "crm.url"),
        (None, None) if config.crm.admin.is_some() => {
            return Some(
                "crm.admin_user is set without crm.url: nothing is written into the CRM.".to_owned(),
            );
        }
        _ => return None,
    };
    Some(format!("{set} is set without {missing}: the CRM is not asked who its users are."))
}

fn direct_tls(key: &str, place: &HostPort, starttls: u16, implicit: u16) -> Option<String> {
    (place.port == starttls).then(|| {
        format!("{key} is dialled with TLS from the first octet; port {starttls} is for STARTTLS, {implicit} is meant.")
    })
}

fn of_limits(config: &Config) -> Vec<String> {
    let limits = &config.limits;
    let mut notes = Vec::new();
    if limits.dial >= limits.login {
        notes.push("limits.dial is not shorter than limits.login: the login ends first.".to_owned());
    }
    if limits.imap_idle < Duration::from_secs(30 * 60) {
        notes.push("limits.imap_idle is under 30m: clients renew IDLE only each 29 minutes.".to_owned());
    }
    if limits.smtp_verdict < Duration::from_secs(10 * 60) {
        let note =
            "limits.smtp_verdict is under 10m: a slow verdict leaves a message delivered and called unknown.";
        notes.push(note.to_owned());
    }
    notes
}

/// A service and a shell have different working directories.
fn of_paths(config: &Config) -> Option<String> {
    if !config.file.as_deref().is_some_and(Path::is_absolute) {
        return None;
    }
    let database = config.database.sqlite_path();
    let named = [
        ("database.url", database.as_deref()),
        ("secrets.key_file", Some(config.secrets.key_file.as_path())),
        ("tls.cert", config.tls.pair.as_ref().map(|pair| pair.cert.as_path())),
        ("tls.key", config.tls.pair.as_ref().map(|pair| pair.key.as_path())),
        ("google.extra_ca_file", config.google.extra_ca_file.as_deref()),
    ];
    let relative: Vec<&str> =
        named.iter().filter(|(_, path)| path.is_some_and(Path::is_relative)).map(|(key, _)| *key).collect();
    (!relative.is_empty()).then(|| {
        let keys = relative.join(", ");
        format!(
            "Relative paths follow the working directory, which a service and a shell do not share: {keys}."
        )
    })
}
