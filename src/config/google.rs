//! `[google]`: where Google is. The defaults are Google's own; other addresses
//! serve tests and the demo.

use std::path::PathBuf;

use postern_core::model::exempt::Exempt;
use postern_core::model::scope::Product;
use url::Url;

use super::address::{self, HostPort};
use super::fault::{Wrong, quoted};
use super::listed::listed;
use super::proxy::{self, Proxy};
use super::section::Section;
use super::web;

const CALENDAR: &str = "https://www.googleapis.com/calendar/v3/";
const PEOPLE: &str = "https://people.googleapis.com/v1/";

/// Google's servers, and whose mailboxes are welcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Google {
    /// IMAP over TLS. Default `imap.gmail.com:993`.
    pub imap: HostPort,
    /// Submission over TLS. Default `smtp.gmail.com:465`.
    pub smtp: HostPort,
    /// Where a browser is sent for consent.
    pub auth_url: Url,
    /// Token endpoint.
    pub token_url: Url,
    /// Revocation endpoint.
    pub revoke_url: Url,
    /// Endpoint that tells whose an access token is.
    pub tokeninfo_url: Url,
    /// Keys that sign id tokens.
    pub jwks_url: Url,
    /// What the paths of the Calendar API are put behind; ends in a slash.
    pub calendar_url: Url,
    /// What the paths of the People API are put behind; ends in a slash.
    pub people_url: Url,
    /// PEM file of certificate authorities trusted beside the system's.
    /// Default: none.
    pub extra_ca_file: Option<PathBuf>,
    /// Workspace domains that may connect, in lower case. Default: empty,
    /// everyone may.
    pub allowed_domains: Vec<String>,
    /// Whether owners may connect mailboxes. Default: true.
    pub connect: bool,
    /// What owners are asked for, in the order of [`Product::ALL`]; never
    /// empty. Default: Gmail.
    pub products: Vec<Product>,
    /// What everything to Google goes through. Default: nothing.
    pub proxy: Option<Proxy>,
    /// Hosts that are reached without it. Default: none; loopback always is.
    pub no_proxy: Vec<Exempt>,
}

pub(super) fn read(section: &Section<'_>) -> Option<Google> {
    let imap = section.or("imap", "imap.gmail.com:993", address::host_port);
    let smtp = section.or("smtp", "smtp.gmail.com:465", address::host_port);
    let auth = section.or("auth_url", "https://accounts.google.com/o/oauth2/v2/auth", web::endpoint);
    let token = section.or("token_url", "https://oauth2.googleapis.com/token", web::endpoint);
    let revoke = section.or("revoke_url", "https://oauth2.googleapis.com/revoke", web::endpoint);
    let tokeninfo = section.or("tokeninfo_url", "https://oauth2.googleapis.com/tokeninfo", web::endpoint);
    let jwks = section.or("jwks_url", "https://www.googleapis.com/oauth2/v3/certs", web::endpoint);
    let calendar = section.or("calendar_url", CALENDAR, |text| web::base(text, CALENDAR));
    let people = section.or("people_url", PEOPLE, |text| web::base(text, PEOPLE));
    let extra_ca_file = section.path("extra_ca_file");
    let allowed_domains = sorted(section.texts("allowed_domains", domain));
    let connect = section.flag_or("connect", true);
    let products = offered(section);
    let proxy = proxy::read(section);
    let no_proxy = section.texts("no_proxy", exempt);
    Some(Google {
        imap: imap?,
        smtp: smtp?,
        auth_url: auth?,
        token_url: token?,
        revoke_url: revoke?,
        tokeninfo_url: tokeninfo?,
        jwks_url: jwks?,
        calendar_url: calendar?,
        people_url: people?,
        extra_ca_file,
        allowed_domains,
        connect,
        products: products?,
        proxy,
        no_proxy,
    })
}

fn exempt(text: &str) -> Result<Exempt, Wrong> {
    text.parse().map_err(|why| {
        let remedy = "write \"intern.example.com\" (with what is below it), \"10.0.0.5\" or \"10.0.0.0/8\"";
        Wrong::new(format!("{} {why}", quoted(text)), remedy)
    })
}

/// Domains as a person writes several of them, apart by blanks or commas.
pub(super) fn domains(text: &str) -> Result<Vec<String>, Wrong> {
    Ok(sorted(listed(text).map(domain).collect::<Result<_, _>>()?))
}

fn offered(section: &Section<'_>) -> Option<Vec<Product>> {
    if !section.has("products") {
        return Some(vec![Product::Gmail]);
    }
    let words = section.one_or_more("products", |text| Ok(text.to_owned()));
    let named = words.iter().map(|word| product(word)).collect::<Result<_, _>>();
    section.kept("products", named.and_then(some))
}

/// Products as a person writes them, apart by blanks or commas.
pub(super) fn products(text: &str) -> Result<Vec<Product>, Wrong> {
    some(listed(text).map(product).collect::<Result<_, _>>()?)
}

fn some(mut products: Vec<Product>) -> Result<Vec<Product>, Wrong> {
    products.sort();
    products.dedup();
    if products.is_empty() { Err(Wrong::new("names no product", "write \"gmail\"")) } else { Ok(products) }
}

fn product(text: &str) -> Result<Product, Wrong> {
    let known = || Product::ALL.map(Product::name).join(", ");
    Product::named(text).ok_or_else(|| {
        Wrong::new(format!("{} is not known", quoted(text)), format!("write one of {}", known()))
    })
}

fn sorted(mut domains: Vec<String>) -> Vec<String> {
    domains.sort();
    domains.dedup();
    domains
}

fn domain(text: &str) -> Result<String, Wrong> {
    let wrong = || Wrong::new(format!("{} is not a domain", quoted(text)), "write \"example.com\"");
    address::name(text).ok_or_else(wrong)
}
