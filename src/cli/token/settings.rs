//! What a person enters in the CRM beside the token.

use postern_core::model::address::Address;
use postern_core::model::token::{Protocol, Protocols};

use crate::config::{Config, HostPort, Listener, Security};

/// The values for a mailbox, from the listeners that are advertised.
pub(super) fn of(config: &Config, address: &Address, protocols: Protocols) -> String {
    let sides =
        [(Protocol::Imap, "IMAP", &config.imap.listen), (Protocol::Smtp, "SMTP", &config.smtp.listen)];
    let mut text = String::from("Enter in the CRM, with the token as the password:\n");
    let mut internal = Vec::new();
    for (protocol, name, listeners) in sides {
        if !protocols.allows(protocol) {
            continue;
        }
        match Listener::best(listeners) {
            Some(at) => {
                let (host, port, security) = (&at.host, at.port, security(at.security));
                text.push_str(&format!(
                    "  {name}  host {host}  port {port}  security {security}  user {address}\n"
                ));
                internal.push(format!("'{}'", HostPort { host: host.clone(), port }));
            }
            None => text.push_str(&format!("  {name}  is not served: no listener is advertised\n")),
        }
    }
    if !internal.is_empty() {
        let list = internal.join(", ");
        text.push_str("EspoCRM refuses internal hosts unless data/config.php has this line:\n");
        text.push_str(&format!("  'emailServerAllowedAddressList' => [{list}],"));
    }
    text.trim_end().to_owned()
}

fn security(security: Security) -> &'static str {
    match security {
        Security::None => "none",
        Security::Ssl => "SSL/TLS",
        Security::StartTls => "STARTTLS",
    }
}
