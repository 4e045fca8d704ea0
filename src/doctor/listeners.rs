//! What mail clients meet: the values that people enter, and what EspoCRM has to
//! be told before it takes them.

use std::net::IpAddr;
use std::time::Duration;

use postern_core::model::finding::Finding;

use crate::config::{Advertised, Config};
use crate::net::lookup;
use crate::net::target::Target;

const LIMIT: Duration = Duration::from_secs(5);

/// Looks at every advertised host and port.
pub async fn look(config: &Config) -> Vec<Finding> {
    let listeners = config.imap.listen.iter().chain(&config.smtp.listen);
    let entered: Vec<&Advertised> = listeners.filter_map(|listener| listener.advertised.as_ref()).collect();
    let mut internal = Vec::new();
    for advertised in entered {
        if is_internal(advertised).await {
            internal.push(format!("{}:{}", advertised.host, advertised.port));
        }
    }
    internal.dedup();
    allow_list(&internal).into_iter().collect()
}

// EspoCRM asks DNS and nothing else: a name that only /etc/hosts knows is
// internal to it, and so is one that leads to a private address.
async fn is_internal(advertised: &Advertised) -> bool {
    if let Ok(ip) = advertised.host.parse() {
        return is_private(ip);
    }
    let target = Target { host: advertised.host.clone(), port: advertised.port };
    match tokio::time::timeout(LIMIT, lookup::addresses(&target)).await {
        Ok(Ok(addresses)) => addresses.iter().any(|address| is_private(address.ip())),
        _ => true,
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}

fn allow_list(internal: &[String]) -> Option<Finding> {
    if internal.is_empty() {
        return None;
    }
    let quoted: Vec<String> = internal.iter().map(|place| format!("'{place}'")).collect();
    let seen = format!("EspoCRM from 9.3.2 on refuses internal mail servers: {}", internal.join(", "));
    let remedy = format!(
        "where the CRM is EspoCRM, add to its data/config.php: 'emailServerAllowedAddressList' => [{}]",
        quoted.join(", ")
    );
    Some(Finding { remedy: Some(remedy), ..Finding::note("crm.allow_list", seen) })
}

#[cfg(test)]
mod tests {
    use super::{allow_list, is_private};

    #[test]
    fn what_espocrm_calls_internal_is_named_as_it_is_entered() {
        for ip in ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"] {
            assert!(is_private(ip.parse().unwrap()), "{ip}");
        }
        assert!(!is_private("192.0.2.1".parse().unwrap()) && !is_private("2001:db8::1".parse().unwrap()));
        let told = allow_list(&["127.0.0.1:1143".to_owned(), "127.0.0.1:1587".to_owned()]).unwrap();
        assert!(
            told.remedy
                .unwrap()
                .ends_with("'emailServerAllowedAddressList' => ['127.0.0.1:1143', '127.0.0.1:1587']")
        );
        assert_eq!(allow_list(&[]), None);
    }
}
