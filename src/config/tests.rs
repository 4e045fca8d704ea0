//! The room as a whole: documents in, values or faults out.

use std::collections::BTreeMap;

use super::{
    Advertised, Config, DatabaseKind, FromPolicy, KEYS, Kind, ListenTls, LogFormat, Security, Template,
    annotated, environment,
};

const PAIR: &str = "[tls]\ncert = \"c.pem\"\nkey = \"k.pem\"\n";

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn config(text: &str) -> Config {
    Config::from_str(text, &BTreeMap::new()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn faults(text: &str) -> Vec<String> {
    faults_with(text, &[])
}

fn faults_with(text: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let faults = Config::from_str(text, &env(variables)).unwrap_err();
    faults.to_string().lines().map(str::to_owned).collect()
}

/// One fault, at that place and key, whose line holds that text.
fn check(text: &str, start: &str, part: &str) {
    let told = faults(text);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with(start) && told[0].contains(part), "{told:?}");
}

#[test]
fn an_empty_document_is_the_defaults() {
    let c = config("");
    assert_eq!(
        (c.database.shown().as_str(), c.database.kind),
        ("sqlite://data/postern.db", DatabaseKind::Sqlite)
    );
    assert_eq!(c.secrets.key_file.to_str(), Some("data/postern.key"));
    assert_eq!(c.http.public_url.as_str(), "http://127.0.0.1:8025/");
    assert_eq!((c.smtp.hostname.as_str(), c.smtp.from_policy), ("localhost", FromPolicy::Note));
    assert_eq!(c.google.jwks_url.as_str(), "https://www.googleapis.com/oauth2/v3/certs");
    assert_eq!(c.google.calendar_url.as_str(), "https://www.googleapis.com/calendar/v3/");
    assert_eq!(c.google.people_url.as_str(), "https://people.googleapis.com/v1/");
    assert_eq!((c.limits.imap_idle.as_secs(), c.limits.message_size), (1_860, 35_882_577));
    assert_eq!((c.node.name.as_str(), c.telemetry.log), ("main", LogFormat::Text));
    assert_eq!(c.serve_faults().0.len(), 1);
}

#[test]
fn people_are_asked_for_in_clear_on_this_machine_only() {
    let c = config("[google]\npeople_url = \"http://127.0.0.1:4000/people/v1\"");
    assert_eq!(c.google.people_url.as_str(), "http://127.0.0.1:4000/people/v1/");
    let clear = "[google]\npeople_url = \"http://people.googleapis.com/v1/\"";
    check(clear, "configuration:2: google.people_url:", "https");
}

#[test]
fn the_defaults_in_the_key_list_are_the_defaults_in_the_code() {
    let defaults = |skip: &str| {
        let mut tables: BTreeMap<&str, String> = BTreeMap::new();
        for key in KEYS.iter().filter(|key| !key.name.contains('[') && !key.name.starts_with(skip)) {
            let (section, name) = key.name.split_once('.').unwrap();
            if let Some(value) = key.default {
                tables.entry(section).or_default().push_str(&format!("{name} = {value}\n"));
            }
        }
        tables.iter().map(|(section, lines)| format!("[{section}]\n{lines}")).collect::<String>()
    };
    let written = config(&defaults("-"));
    assert_eq!(Config { set: BTreeMap::new(), ..written }, config(""));
    let bare = config("[[imap.listen]]\naddr = \"[::1]:1143\"\n").imap;
    assert_eq!((bare.listen[0].tls, bare.listen[0].allow_cleartext), (ListenTls::None, false));
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let text = "[[imap.listen]]\naddr = \"127.0.0.1:1143\"\ntls = \"ssl\"\n[limits]\ndial = \"5\"\nlogin = 25\n\
                message_size = \"36MB\"\n[node]\nname = \"Main\"\n[telemetry]\nlog = \"xml\"\nfilter = true\n";
    let told = faults(text);
    assert_eq!(
        told[0],
        "configuration:3: imap.listen[0].tls: \"ssl\" is not known; write one of none, implicit, starttls, auto"
    );
    let places: Vec<&str> =
        told.iter().map(|line| line.rsplit_once(": ").map_or("", |(place, _)| place)).collect();
    assert_eq!(
        places,
        [
            "configuration:3: imap.listen[0].tls",
            "configuration:5: limits.dial",
            "configuration:6: limits.login",
            "configuration:7: limits.message_size",
            "configuration:9: node.name",
            "configuration:11: telemetry.log",
            "configuration:12: telemetry.filter",
        ]
    );
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    check("[http]\npubic_url = \"x\"", "configuration:2: http.pubic_url:", "did you mean http.public_url?");
    check("[goggle]\n", "configuration:1: goggle:", "is not a known section; did you mean google?");
    check(
        "[[imap.listen]]\naddr = \"[::1]:1\"\ntsl = 1",
        "configuration:3: imap.listen[0].tsl:",
        "imap.listen[0].tls?",
    );
    check("public_url = \"x\"", "configuration:1: public_url:", "did you mean http.public_url?");
}

#[test]
fn keys_of_later_parts_are_refused() {
    let text = "[contacts]\nurl = 1\n[people]\n[google]\ncontacts_url = 1\n\
                [http]\nembed = 1\n";
    assert_eq!(faults(text).len(), 4);
}

#[test]
fn a_wrong_kind_is_a_fault_not_a_panic() {
    for text in [
        "database = 5",
        "imap = []",
        "[imap]\nlisten = \"127.0.0.1:1143\"",
        "[imap]\nlisten = [1]",
        "[imap.listen]\naddr = \"127.0.0.1:1\"",
        "[google]\nallowed_domains = \"a.com\"",
        "[google]\nallowed_domains = [\"a.com\", 5]",
        "[http]\nallow_cleartext = \"yes\"",
        "[node]\nname = 2026-01-01",
        "[limits]\nmessage_size = 1.5",
        "[node.name]\nx = 1",
        "[tls]\ndir = \" \"",
    ] {
        assert_eq!(faults(text).len(), 1, "{text}: {:?}", faults(text));
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let variables = env(&[
        ("POSTERN__GOOGLE__IMAP", "127.0.0.1:2993"),
        ("POSTERN__IMAP__LISTEN", "[{ addr = \"[::1]:1\" }, { addr = \"[::1]:2\", tls = \"auto\" }]"),
        ("POSTERN__GOOGLE__ALLOWED_DOMAINS", "[\"B.com\", \"a.com\", \"b.com\"]"),
        ("POSTERN__LIMITS__MESSAGE_SIZE", "25MB"),
        ("POSTERN__HTTP__ALLOW_CLEARTEXT", "true"),
        ("POSTERN_HOST", "another program's"),
    ]);
    let c = Config::from_str("[google]\nimap = \"a.b:1\"\n[[imap.listen]]\naddr = \"[::1]:3\"", &variables)
        .unwrap();
    assert_eq!(c.google.imap.to_string(), "127.0.0.1:2993");
    assert_eq!((c.imap.listen.len(), c.imap.listen[1].tls), (2, ListenTls::Auto));
    assert_eq!(c.google.allowed_domains, ["a.com", "b.com"]);
    assert_eq!((c.limits.message_size, c.http.allow_cleartext), (25_000_000, true));
}

#[test]
fn a_fault_of_the_environment_names_the_variable() {
    let told = faults_with("", &[("POSTERN__IMAP__LISTEN", "[{ addr = \"[::1]:1\", tls = \"ssl\" }]")]);
    assert!(
        told[0].starts_with("POSTERN__IMAP__LISTEN: imap.listen[0].tls: \"ssl\" is not known"),
        "{told:?}"
    );
    let told = faults_with("", &[("POSTERN__CALENDAR__URL", "https://a.b"), ("POSTERN__NODE__NAME", "")]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("POSTERN__NODE__NAME: node.name: is empty"), "{told:?}");
}

#[test]
fn every_key_outside_arrays_has_a_variable_that_is_read() {
    for key in KEYS.iter().filter(|key| !key.name.contains('[')) {
        let variable = environment::variable(key.name).unwrap();
        let told = Config::from_str("", &env(&[(&variable, "\u{1}")])).err().map(|f| f.to_string());
        let path = ["tls.dir", "secrets.key_file", "google.extra_ca_file"].contains(&key.name);
        assert_eq!(told.is_none(), path, "{variable}: {told:?}");
        assert!(told.is_none_or(|told| told.contains(key.name)), "{variable}");
    }
}

#[test]
fn a_file_is_named_in_its_faults_and_kept_in_the_value() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("postern.toml");
    std::fs::write(&path, "[node]\nname = \"A\"\n").unwrap();
    let told = Config::load(Some(&path), &BTreeMap::new()).unwrap_err().to_string();
    assert!(told.starts_with(&format!("{}:2: node.name: ", path.display())), "{told}");
    std::fs::write(&path, "").unwrap();
    let read = Config::load(Some(&path), &BTreeMap::new()).unwrap();
    assert_eq!(read.file.as_deref(), Some(path.as_path()));
    assert!(read.notes().iter().any(|note| note.contains("Relative paths") && note.contains("database.url")));
}

#[test]
fn broken_toml_does_not_hide_the_environment() {
    let told = faults_with("[node\nname = 1", &[("POSTERN__NODE__NAMES", "x")]);
    assert!(told.iter().any(|line| line.starts_with("configuration:1: this is not TOML")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("POSTERN__NODE__NAMES: ")), "{told:?}");
}

#[test]
fn a_secret_comes_from_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("url");
    std::fs::write(&file, "postgres://me:pw@db.example.com/p\n").unwrap();
    let c = config(&format!("[database]\nurl_file = {file:?}"));
    assert_eq!(c.database.url.reveal(), "postgres://me:pw@db.example.com/p");
    assert!(!format!("{c:?}").contains("pw@"));
    let both = format!("[database]\nurl = \"sqlite://x\"\nurl_file = {file:?}");
    check(&both, "configuration:3: database.url_file:", "database.url is set as well; keep one of the two");
    check(
        "[database]\nurl_file = \"/no/such\"",
        "configuration:2: database.url_file:",
        "/no/such cannot be read",
    );
    let over = env(&[("POSTERN__DATABASE__URL", "sqlite://y")]);
    let c = Config::from_str(&format!("[database]\nurl_file = {file:?}"), &over).unwrap();
    assert_eq!(c.database.shown(), "sqlite://y");
}

#[test]
fn a_proxy_has_its_login_in_a_file_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("proxy");
    std::fs::write(&file, "http://me:pw@proxy.lan:3128\n").unwrap();
    let c = config(&format!("[google]\nproxy_file = {file:?}\nno_proxy = [\".lan\", \"10.0.0.0/8\"]"));
    let proxy = c.google.proxy.clone().unwrap();
    assert_eq!((proxy.at.to_string().as_str(), proxy.login.unwrap().1.reveal()), ("proxy.lan:3128", "pw"));
    assert!(c.google.no_proxy[0].covers("a.lan") && c.google.no_proxy[1].covers("10.1.1.1"));
    assert!(!format!("{c:?}").contains("pw"));
    let over = env(&[("POSTERN__GOOGLE__PROXY", "socks5://[::1]:1080")]);
    let c = Config::from_str(&format!("[google]\nproxy_file = {file:?}"), &over).unwrap();
    assert_eq!(c.google.proxy.unwrap().at.to_string(), "[::1]:1080");
    check("[google]\nproxy = \"me:hunter2@proxy\"", "configuration:2: google.proxy:", "is not the address");
    check("[google]\nno_proxy = [\"*\"]", "configuration:2: google.no_proxy:", "\"*\" is neither");
}

#[test]
fn the_crm_is_named_with_its_key_and_its_origins() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, "0123abcd\n").unwrap();
    let text = format!("[crm]\nurl = \"https://crm.example.com/\"\napi_key_file = {file:?}\n");
    let c = config(&format!("{text}embed_origin = \"https://crm.example.com\"\n"));
    assert_eq!(c.crm.url.as_ref().map(|url| url.path()), Some("/"));
    assert_eq!(c.crm.api_key.as_ref().map(|key| key.reveal()), Some("0123abcd"));
    assert_eq!(c.crm.embed_origins, ["https://crm.example.com"]);
    assert!(!format!("{c:?}").contains("0123abcd"));
    assert_eq!(config("").needs_restart(&c), ["[crm]"]);
    let list = env(&[("POSTERN__CRM__EMBED_ORIGIN", "[\"https://b.example\", \"https://a.example\"]")]);
    let two = Config::from_str(&text, &list).unwrap();
    assert_eq!(two.crm.embed_origins, ["https://a.example", "https://b.example"]);
    let one = Config::from_str("", &env(&[("POSTERN__CRM__EMBED_ORIGIN", "https://a.example")])).unwrap();
    assert_eq!(one.crm.embed_origins, ["https://a.example"]);
    check("[crm]\nurl = \"http://crm.example.com\"", "configuration:2: crm.url:", "is not encrypted");
    check("[crm]\nembed_origin = 7", "configuration:2: crm.embed_origin:", "is a number");
    check(
        "[crm]\nembed_origin = [\"https://a.b/c\"]",
        "configuration:2: crm.embed_origin:",
        "more than an origin",
    );
    check("[crm]\napi_key = \"a b\"", "configuration:2: crm.api_key:", "is not a key of the CRM");
}

#[test]
fn webhooks_that_were_made_by_hand_are_named_with_their_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    std::fs::write(&file, "e90b5cca\n").unwrap();
    let one = format!("[[crm.webhook]]\nid = \"6b03607aba0455fe4\"\nsecret_file = {file:?}\n");
    let c = config(&format!("{one}[[crm.webhook]]\nid = \"a-b_c\"\nsecret = \"s\""));
    let hooks: Vec<_> = c.crm.webhooks.iter().map(|hook| (&*hook.id, hook.secret.reveal())).collect();
    assert_eq!(hooks, [("6b03607aba0455fe4", "e90b5cca"), ("a-b_c", "s")]);
    assert!(!format!("{c:?}").contains("e90b5cca"));
    let wrong = "[[crm.webhook]]\nid = \"../x\"\nsecret = \"s\"";
    check(wrong, "configuration:2: crm.webhook[0].id:", "is not an identity of the CRM");
    check("[[crm.webhook]]\nid = \"a\"", "configuration:1: crm.webhook[0].secret_file:", "is missing");
    check("[[crm.webhook]]\nsecret = \"s\"", "configuration:1: crm.webhook[0].id:", "is missing");
}

#[test]
fn an_administrator_of_the_crm_has_a_name_and_a_password() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "s3cret phrase\n").unwrap();
    let c = config(&format!("[crm]\nadmin_user = \"postern\"\nadmin_password_file = {file:?}\n"));
    let admin = c.crm.admin.as_ref().unwrap();
    assert_eq!((admin.user.as_str(), admin.password.reveal()), ("postern", "s3cret phrase"));
    assert!(!format!("{c:?}").contains("s3cret"));
    assert!(c.notes().iter().any(|note| note.contains("crm.admin_user is set without crm.url")));
    for (half, key) in [("admin_user", "crm.admin_user:"), ("admin_password", "crm.admin_password:")] {
        check(&format!("[crm]\n{half} = \"x\""), &format!("configuration:2: {key}"), "half of a sign-in");
    }
    check(
        "[crm]\nadmin_user = \"a:b\"\nadmin_password = \"x\"",
        "configuration:2: crm.admin_user:",
        "is not a user name",
    );
}

#[test]
fn half_of_the_crm_is_a_hint() {
    for (set, missing) in [("url = \"https://a.b\"", "crm.api_key"), ("api_key = \"k\"", "crm.url")] {
        let notes = config(&format!("[crm]\n{set}")).notes();
        assert!(notes.iter().any(|note| note.contains(&format!("without {missing}"))), "{notes:?}");
    }
}

#[test]
fn the_key_ring_may_be_a_credential() {
    let dir = tempfile::tempdir().unwrap();
    let place = [("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap())];
    let before = Config::from_str("", &env(&place)).unwrap().secrets;
    assert_eq!((before.key_file.to_str(), before.from_credentials), (Some("data/postern.key"), false));
    std::fs::write(dir.path().join("postern.key"), "k").unwrap();
    let after = Config::from_str("", &env(&place)).unwrap().secrets;
    assert_eq!((after.key_file, after.from_credentials), (dir.path().join("postern.key"), true));
    let named = Config::from_str("[secrets]\nkey_file = \"own.key\"", &env(&place)).unwrap().secrets;
    assert_eq!((named.key_file.to_str(), named.from_credentials), (Some("own.key"), false));
}

#[test]
fn cleartext_for_other_machines_is_asked_for() {
    let text = "[[smtp.listen]]\naddr = \"0.0.0.0:1587\"\n";
    check(text, "configuration:1: smtp.listen[0].tls:", "allow_cleartext = true beside it");
    let c = config(&format!("{text}allow_cleartext = true"));
    assert!(c.smtp.listen[0].allow_cleartext);
    assert_eq!(c.smtp.listen[0].advertised, None);
    assert!(c.notes().iter().any(|note| note.contains("in the clear")));
    check(
        "[http]\nlisten = \"0.0.0.0:80\"\npublic_url = \"https://a.bc\"",
        "configuration:1: http.tls:",
        "clear",
    );
}

#[test]
fn trusted_proxies_are_addresses_and_networks() {
    let listen = "[[imap.listen]]\naddr = \"127.0.0.1:1143\"\nproxy_trusted = ";
    let c = config(&format!("{listen}[\"127.0.0.1\", \"fd00::/8\"]"));
    let trusted = &c.imap.listen[0].proxy_trusted;
    assert!(trusted[0].holds("127.0.0.1".parse().unwrap()) && trusted[1].holds("fd00::7".parse().unwrap()));
    assert!(c.notes().iter().any(|note| note.contains("that proxy has to end TLS")));
    let key = "configuration:3: imap.listen[0].proxy_trusted:";
    check(&format!("{listen}[\"proxy.lan\"]"), key, "\"proxy.lan\" is neither");
    check(&format!("{listen}[\"10.0.0.5/24\"]"), key, "write \"10.0.0.5\" or \"10.0.0.0/24\"");
    check(&format!("{listen}\"10.0.0.5\""), key, "write a list");
}

#[test]
fn tls_for_other_machines_needs_certificate_and_advertise() {
    for tls in ["implicit", "starttls", "auto"] {
        let text = format!("[[imap.listen]]\naddr = \"0.0.0.0:1993\"\ntls = \"{tls}\"\n");
        let told = faults(&text);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("imap.listen[0].advertise: is missing"), "{told:?}");
        assert!(told[1].contains("the generated certificate serves loopback only"), "{told:?}");
        let c = config(&format!("{text}advertise = \"mail.example.com:993\"\n{PAIR}"));
        assert!(!c.imap.listen[0].allow_cleartext, "{tls}");
    }
}

#[test]
fn what_people_enter_is_told() {
    let text = "[[imap.listen]]\naddr = \"127.0.0.1:1143\"\n[[imap.listen]]\naddr = \"localhost:1144\"\n\
                tls = \"starttls\"\n[[imap.listen]]\naddr = \"0.0.0.0:1993\"\ntls = \"implicit\"\n\
                advertise = \"mail.example.com:993\"\n";
    let c = config(&format!("{text}{PAIR}"));
    let shown: Vec<_> = c.imap.listen.iter().map(|listener| listener.advertised.clone().unwrap()).collect();
    let entry = |host: &str, port, security| Advertised { host: host.to_owned(), port, security };
    assert_eq!(
        shown,
        [
            entry("127.0.0.1", 1143, Security::None),
            entry("localhost", 1144, Security::StartTls),
            entry("mail.example.com", 993, Security::Ssl),
        ]
    );
    assert!(!c.imap.listen[0].allow_cleartext);
}

#[test]
fn one_address_has_one_listener() {
    let text = "[[imap.listen]]\naddr = \"127.0.0.1:1143\"\n[[smtp.listen]]\naddr = \"[::1]:1143\"\n";
    check(text, "configuration:4: smtp.listen[0].addr:", "is taken by imap.listen[0].addr");
    let text = "[http]\nlisten = \"127.0.0.1:1143\"\n[[imap.listen]]\naddr = \"127.0.0.1:1143\"\n";
    assert_eq!(faults(text).len(), 1);
}

#[test]
fn half_a_pair_is_one_fault() {
    check(
        "[tls]\ncert = \"c.pem\"",
        "configuration:1: tls.key:",
        "is missing beside tls.cert; set both or none",
    );
}

#[test]
fn the_public_address_is_made_or_asked_for() {
    let https = config("[http]\nlisten = \"localhost:8443\"\ntls = \"implicit\"").http;
    assert_eq!(https.address_of("/healthz"), "https://localhost:8443/healthz");
    let below = config("[http]\npublic_url = \"https://crm.example.com/postern/\"");
    assert_eq!(below.http.address_of("/r/x"), "https://crm.example.com/postern/r/x");
    assert_eq!((below.http.base_path(), below.smtp.hostname.as_str()), ("/postern", "crm.example.com"));
    let far = format!("[http]\nlisten = \"0.0.0.0:443\"\ntls = \"implicit\"\n{PAIR}");
    check(&far, "configuration:1: http.public_url:", "is missing for a listener that other machines reach");
    check("[http]\npublic_url = \"https://10.0.0.5\"", "configuration:2: http.public_url:", "Google refuses");
}

#[test]
fn hints_are_sentences() {
    let c = config(
        "[google]\nsmtp = \"smtp.gmail.com:587\"\n[http]\npublic_url = \"https://crm.lan\"\n[limits]\nimap_idle = \"5m\"",
    );
    let notes = c.notes();
    for part in ["google.smtp", "crm.lan", "limits.imap_idle", "[[imap.listen]]", "[[smtp.listen]]"] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:?}");
    }
}

#[test]
fn the_files_in_the_repository_are_without_fault() {
    let default = config(include_str!("../../config/postern.toml"));
    assert_eq!(default.notes(), Vec::<String>::new());
    assert!(default.serve_faults().is_empty());
    let postgres = config(include_str!("../../config/postern.postgres.toml"));
    assert_eq!(postgres.notes(), Vec::<String>::new());
    assert_eq!(postgres.database.kind, DatabaseKind::Postgres);
}

#[test]
fn the_annotated_file_holds_the_defaults_and_takes_others() {
    assert_eq!(annotated(&Template::default()), include_str!("../../config/postern.toml"));
    let written = config(&annotated(&Template::default()));
    let mut bare = config("");
    bare.imap = written.imap.clone();
    bare.smtp = written.smtp.clone();
    assert_eq!(written, bare);
    let given = Template {
        database_url: "postgres://me:a\"b@h/p",
        key_file: "/etc/post\\ern/a \"key\"",
        public_url: "https://crm.example.com/postern",
    };
    let read = config(&annotated(&given));
    assert_eq!(read.database.url.reveal(), given.database_url);
    assert_eq!(read.secrets.key_file.to_str(), Some(given.key_file));
    assert_eq!(read.http.public_url.as_str(), given.public_url);
}

#[test]
fn the_reference_lists_every_key_and_its_default() {
    let rows: Vec<(String, Option<String>)> = include_str!("../../docs/configuration.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter(|(name, _)| name.contains('.'))
        .map(|(name, rest)| {
            let default = rest.split(" | ").next().unwrap_or_default();
            let code = default.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
            (name.to_owned(), code.map(str::to_owned))
        })
        .collect();
    let keys: Vec<_> = KEYS.iter().map(|key| (key.name.to_owned(), key.default.map(str::to_owned))).collect();
    assert_eq!(rows, keys);
    assert_eq!(KEYS.iter().filter(|key| key.kind == Kind::Tables).count(), 3);
}
