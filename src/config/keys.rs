//! Every key there is. What is not listed here is refused by name.

use super::fault::{Fault, Origin};
use super::tree::{Node, Table, Value};

/// What a key holds, and so how a variable of the environment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A number of octets, or a text such as `"25MB"`.
    Size,
    /// A list of texts.
    Texts,
    /// A text, or a list of texts.
    OneOrMore,
    /// An array of tables.
    Tables,
}

/// A key, as `docs/configuration.md` lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Section and name; `imap.listen[].tls` is a key of each `[[imap.listen]]`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The default as it is written in TOML, where one value is the default.
    pub default: Option<&'static str>,
}

const fn key(name: &'static str, kind: Kind, default: Option<&'static str>) -> Key {
    Key { name, kind, default }
}

/// The keys, section by section.
pub const KEYS: &[Key] = &[
    key("database.url", Kind::Text, Some("\"sqlite://data/postern.db\"")),
    key("database.url_file", Kind::Text, None),
    key("secrets.key_file", Kind::Text, Some("\"data/postern.key\"")),
    key("tls.cert", Kind::Text, None),
    key("tls.key", Kind::Text, None),
    key("tls.dir", Kind::Text, Some("\"certs\"")),
    key("imap.listen", Kind::Tables, None),
    key("imap.listen[].addr", Kind::Text, None),
    key("imap.listen[].tls", Kind::Text, Some("\"none\"")),
    key("imap.listen[].advertise", Kind::Text, None),
    key("imap.listen[].allow_cleartext", Kind::Flag, Some("false")),
    key("imap.listen[].proxy_trusted", Kind::Texts, Some("[]")),
    key("smtp.listen", Kind::Tables, None),
    key("smtp.listen[].addr", Kind::Text, None),
    key("smtp.listen[].tls", Kind::Text, Some("\"none\"")),
    key("smtp.listen[].advertise", Kind::Text, None),
    key("smtp.listen[].allow_cleartext", Kind::Flag, Some("false")),
    key("smtp.listen[].proxy_trusted", Kind::Texts, Some("[]")),
    key("smtp.hostname", Kind::Text, None),
    key("smtp.from_policy", Kind::Text, Some("\"note\"")),
    key("http.listen", Kind::Text, Some("\"127.0.0.1:8025\"")),
    key("http.tls", Kind::Text, Some("\"none\"")),
    key("http.public_url", Kind::Text, None),
    key("http.advertise", Kind::Text, None),
    key("http.trusted_proxies", Kind::Texts, Some("[]")),
    key("http.allow_cleartext", Kind::Flag, Some("false")),
    key("google.imap", Kind::Text, Some("\"imap.gmail.com:993\"")),
    key("google.smtp", Kind::Text, Some("\"smtp.gmail.com:465\"")),
    key("google.auth_url", Kind::Text, Some("\"https://accounts.google.com/o/oauth2/v2/auth\"")),
    key("google.token_url", Kind::Text, Some("\"https://oauth2.googleapis.com/token\"")),
    key("google.revoke_url", Kind::Text, Some("\"https://oauth2.googleapis.com/revoke\"")),
    key("google.tokeninfo_url", Kind::Text, Some("\"https://oauth2.googleapis.com/tokeninfo\"")),
    key("google.jwks_url", Kind::Text, Some("\"https://www.googleapis.com/oauth2/v3/certs\"")),
    key("google.calendar_url", Kind::Text, Some("\"https://www.googleapis.com/calendar/v3/\"")),
    key("google.people_url", Kind::Text, Some("\"https://people.googleapis.com/v1/\"")),
    key("google.extra_ca_file", Kind::Text, None),
    key("google.allowed_domains", Kind::Texts, Some("[]")),
    key("google.connect", Kind::Flag, Some("true")),
    key("google.products", Kind::OneOrMore, Some("[\"gmail\"]")),
    key("google.proxy", Kind::Text, None),
    key("google.proxy_file", Kind::Text, None),
    key("google.no_proxy", Kind::Texts, Some("[]")),
    key("crm.url", Kind::Text, None),
    key("crm.api_key", Kind::Text, None),
    key("crm.api_key_file", Kind::Text, None),
    key("crm.admin_user", Kind::Text, None),
    key("crm.admin_password", Kind::Text, None),
    key("crm.admin_password_file", Kind::Text, None),
    key("crm.embed_origin", Kind::OneOrMore, Some("[]")),
    key("crm.webhook", Kind::Tables, None),
    key("crm.webhook[].id", Kind::Text, None),
    key("crm.webhook[].secret", Kind::Text, None),
    key("crm.webhook[].secret_file", Kind::Text, None),
    key("limits.message_size", Kind::Size, Some("35882577")),
    key("limits.preauth", Kind::Text, Some("\"60s\"")),
    key("limits.dial", Kind::Text, Some("\"5s\"")),
    key("limits.login", Kind::Text, Some("\"25s\"")),
    key("limits.imap_idle", Kind::Text, Some("\"31m\"")),
    key("limits.smtp_command", Kind::Text, Some("\"5m\"")),
    key("limits.smtp_data", Kind::Text, Some("\"3m\"")),
    key("limits.smtp_verdict", Kind::Text, Some("\"10m\"")),
    key("limits.connections", Kind::Size, Some("20000")),
    key("limits.connections_per_address", Kind::Size, Some("1000")),
    key("limits.account_sessions", Kind::Size, Some("10")),
    key("limits.account_smtp_sessions", Kind::Size, Some("10")),
    key("limits.login_throttle", Kind::Size, Some("20")),
    key("limits.login_throttle_window", Kind::Text, Some("\"10m\"")),
    key("limits.login_throttle_delay", Kind::Text, Some("\"10s\"")),
    key("limits.drain", Kind::Text, Some("\"30s\"")),
    key("node.name", Kind::Text, Some("\"main\"")),
    key("audit.retention", Kind::Text, Some("\"3650d\"")),
    key("sync.calendar_interval", Kind::Text, Some("\"10m\"")),
    key("sync.contacts_delay", Kind::Text, Some("\"15m\"")),
    key("sync.contacts_interval", Kind::Text, Some("\"60m\"")),
    key("sync.contacts_per_minute", Kind::Number, Some("30")),
    key("notices.to", Kind::Texts, Some("[]")),
    key("notices.via", Kind::Text, None),
    key("notices.via_file", Kind::Text, None),
    key("notices.from", Kind::Text, None),
    key("notices.owners", Kind::Flag, Some("true")),
    key("notices.gather", Kind::Text, Some("\"10m\"")),
    key("notices.language", Kind::Text, Some("\"en\"")),
    key("telemetry.log", Kind::Text, Some("\"text\"")),
    key("telemetry.filter", Kind::Text, Some("\"info\"")),
    key("telemetry.listen", Kind::Text, None),
    key("telemetry.allow_cleartext", Kind::Flag, Some("false")),
];

/// The key of that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The names that may stand in a table (`""` is the document), in order.
pub(super) fn children(of: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for key in KEYS {
        let rest = if of.is_empty() {
            Some(key.name)
        } else {
            key.name.strip_prefix(of).and_then(|rest| rest.strip_prefix('.'))
        };
        let Some(name) = rest.and_then(|rest| rest.split(['.', '[']).next()) else { continue };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A fault for every key that is not known.
pub(super) fn unknown(root: &Table) -> Vec<Fault> {
    let mut faults = Vec::new();
    walk(root, "", "", &mut faults);
    faults
}

/// `pattern` is the table's name as [`KEYS`] spells it, `shown` as a fault does.
fn walk(table: &Table, pattern: &str, shown: &str, faults: &mut Vec<Fault>) {
    let known = children(pattern);
    for (name, node) in table {
        let (pattern, shown) = (joined(pattern, name), joined(shown, name));
        if !known.contains(&name.as_str()) {
            faults.push(refused(&shown, name, &known, &node.at));
            continue;
        }
        descend(node, &pattern, &shown, faults);
    }
}

fn descend(node: &Node, pattern: &str, shown: &str, faults: &mut Vec<Fault>) {
    match (&node.value, find(pattern).map(|key| key.kind)) {
        (Value::Table(inner), None) => walk(inner, pattern, shown, faults),
        (Value::List(items), Some(Kind::Tables)) => {
            for (index, item) in items.iter().enumerate() {
                if let Value::Table(inner) = &item.value {
                    walk(inner, &format!("{pattern}[]"), &format!("{shown}[{index}]"), faults);
                }
            }
        }
        _ => {}
    }
}

fn refused(shown: &str, name: &str, siblings: &[&str], at: &Origin) -> Fault {
    let table = shown.strip_suffix(name).unwrap_or_default().trim_end_matches('.');
    let what = if table.is_empty() { "is not a known section" } else { "is not a known key" };
    Fault {
        origin: at.clone(),
        key: shown.to_owned(),
        what: what.to_owned(),
        remedy: suggestion(name, table, siblings),
    }
}

fn suggestion(name: &str, table: &str, siblings: &[&str]) -> String {
    if let Some(near) = nearest(name, siblings) {
        return format!("did you mean {}?", joined(table, near));
    }
    let elsewhere = KEYS.iter().find(|key| key.name.rsplit('.').next() == Some(name));
    match elsewhere {
        Some(key) => format!("did you mean {}?", key.name),
        None => format!("known here: {}", siblings.join(", ")),
    }
}

/// The name that a mistyped one was most likely meant to be.
pub(super) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    let distances = names.iter().map(|known| (edits(name, known), *known));
    distances.filter(|(edits, _)| *edits <= most).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

fn joined(table: &str, name: &str) -> String {
    if table.is_empty() { name.to_owned() } else { format!("{table}.{name}") }
}

/// Levenshtein's distance, by rows; letters in another order are one edit.
fn edits(from: &str, to: &str) -> usize {
    if from != to && letters(from) == letters(to) {
        return 1;
    }
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for (column, (right, above)) in to.iter().zip(row.windows(2)).enumerate() {
            let [diagonal, up] = above else { continue };
            let replaced = diagonal + usize::from(left != *right);
            let before = next.get(column).copied().unwrap_or(usize::MAX - 1);
            next.push(replaced.min(up + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::{children, edits, nearest};

    #[test]
    fn children_are_the_names_one_level_down() {
        assert_eq!(children("smtp"), ["listen", "hostname", "from_policy"]);
        assert_eq!(
            children("imap.listen[]"),
            ["addr", "tls", "advertise", "allow_cleartext", "proxy_trusted"]
        );
        assert!(children("").contains(&"telemetry"));
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!((edits("tsl", "tls"), edits("tls", "tls")), (1, 0));
        assert_eq!(nearest("pubic_url", &["listen", "public_url"]), Some("public_url"));
        assert_eq!(nearest("sync", &["smtp", "http"]), None);
    }
}
