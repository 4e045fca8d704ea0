//! `[crm]`: the CRM that the mailboxes belong to. Everything in it may be left
//! out: nothing is asked of a CRM then, and no page of it may embed ours.

use postern_core::model::secret::Secret;
use url::{Host, Url};

use super::address;
use super::fault::{Wrong, quoted};
use super::section::Section;
use super::web;

/// The CRM.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crm {
    /// Where people open it, without a slash at the end of its path; its API is
    /// below. Default: none.
    pub url: Option<Url>,
    /// Key of an API user of the CRM. Default: none.
    pub api_key: Option<Secret>,
    /// One of its administrators, for what it lets no API user do. Default:
    /// none.
    pub admin: Option<CrmAdmin>,
    /// Origins whose pages may show the panel in a frame, as a browser writes
    /// them. Default: none.
    pub embed_origins: Vec<String>,
    /// Webhooks that were made by hand in the CRM. Default: none, the gateway
    /// makes its own.
    pub webhooks: Vec<Webhook>,
}

/// A webhook of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity there.
    pub id: String,
    /// What it signs with.
    pub secret: Secret,
}

/// An administrator of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmAdmin {
    /// The name to sign in with.
    pub user: String,
    /// The password.
    pub password: Secret,
}

pub(super) fn read(section: &Section<'_>) -> Crm {
    let url = section.get("url", site);
    let api_key = section.secret("api_key").filter(|key| {
        let fits = sendable(key);
        if !fits {
            let name = if section.has("api_key") { "api_key" } else { "api_key_file" };
            section.fault(name, "is not a key of the CRM", "copy the key from the API user in the CRM");
        }
        fits
    });
    let mut embed_origins = section.one_or_more("embed_origin", origin);
    embed_origins.sort();
    embed_origins.dedup();
    let webhooks = section.tables("webhook").iter().filter_map(webhook).collect();
    Crm { url, api_key, admin: admin(section), embed_origins, webhooks }
}

fn webhook(section: &Section<'_>) -> Option<Webhook> {
    let (id, secret) = (section.get("id", identity), section.secret("secret"));
    let missing = |key: &str, what: &str| {
        let remedy = format!("copy {what} from the webhook in the CRM");
        section.fault(key, "is missing", remedy);
    };
    if !section.has("id") {
        missing("id", "the last part of its address");
    }
    if !section.has("secret") && !section.has("secret_file") {
        missing("secret_file", "its secret key into a file");
    }
    Some(Webhook { id: id?, secret: secret? })
}

fn identity(text: &str) -> Result<String, Wrong> {
    let plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
    if plain && text.len() <= 36 {
        return Ok(text.to_owned());
    }
    let what = format!("{} is not an identity of the CRM", quoted(text));
    Err(Wrong::new(what, "copy the last part of the webhook's address in the CRM"))
}

/// Name and password are set both or not at all.
fn admin(section: &Section<'_>) -> Option<CrmAdmin> {
    let user = section.get("admin_user", signs_in);
    let password = section.secret("admin_password");
    let has_password = section.has("admin_password") || section.has("admin_password_file");
    if section.has("admin_user") != has_password {
        let set = if has_password { "admin_password" } else { "admin_user" };
        let named = if section.has("admin_password_file") { "admin_password_file" } else { set };
        let remedy = "set crm.admin_user and crm.admin_password_file, or neither";
        section.fault(named, "is half of a sign-in", remedy);
    }
    Some(CrmAdmin { user: user?, password: password? })
}

/// A colon would end the name where the password begins.
fn signs_in(text: &str) -> Result<String, Wrong> {
    if text.len() <= 100 && !text.contains(|c: char| c == ':' || c.is_control()) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} is not a user name of the CRM", quoted(text)),
        "write it as it is entered there",
    ))
}

/// What a header can carry.
fn sendable(key: &Secret) -> bool {
    let key = key.reveal();
    key.len() <= 512 && key.bytes().all(|octet| octet.is_ascii_graphic())
}

fn site(text: &str) -> Result<Url, Wrong> {
    let mut url = web::read(text, "https://crm.example.com")?;
    if url.query().is_some() {
        return Err(Wrong::new(format!("{} has a query", quoted(text)), "leave out what follows the ?"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Scheme, host and port and nothing else: what stands here goes into
/// `frame-ancestors` as it is.
fn origin(text: &str) -> Result<String, Wrong> {
    let url = web::read(text, "https://crm.example.com")?;
    let one_host = match url.host() {
        Some(Host::Domain(name)) => address::name(name).is_some(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    if !one_host {
        let remedy = "write one origin for each host, such as \"https://crm.example.com\"";
        return Err(Wrong::new(format!("{} does not name one host", quoted(text)), remedy));
    }
    let origin = url.origin().ascii_serialization();
    if text.contains(['?', '\\']) || url.path() != "/" || text.ends_with('/') {
        let what = format!("{} is more than an origin", quoted(text));
        return Err(Wrong::new(what, format!("write \"{origin}\"")));
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::{origin, site};

    #[test]
    fn the_crm_is_reached_by_https_or_on_this_machine() {
        assert_eq!(site("https://example.com/crm/").unwrap().path(), "/crm");
        for text in ["http://127.0.0.1:8080", "http://localhost", "https://10.0.0.5"] {
            assert!(site(text).is_ok(), "{text}");
        }
        for text in ["http://crm.example.com", "https://a.b/?x=1", "https://me:pw@a.b", "crm.example.com"] {
            assert!(site(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_is_exact() {
        let fits = [
            ("https://crm.example.com", "https://crm.example.com"),
            ("https://CRM.example.com:443", "https://crm.example.com"),
            ("https://crm.example.com:8443", "https://crm.example.com:8443"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ];
        for (text, shown) in fits {
            assert_eq!(origin(text).unwrap(), shown);
        }
        for text in [
            "http://crm.example.com",
            "https://crm.example.com/",
            "https://crm.example.com/crm",
            "https://crm.example.com?x",
            "https://*.example.com",
            "https://*",
            "*",
            "'self'",
            "https:",
            "https://a.b; script-src *",
            "https://me@crm.example.com",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
        let wrong = origin("https://crm.example.com/crm").unwrap_err();
        assert_eq!(wrong.remedy, "write \"https://crm.example.com\"");
    }
}
