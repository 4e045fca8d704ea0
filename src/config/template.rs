//! The annotated file that `setup` writes.

/// `config/postern.toml` of the repository: the defaults, annotated.
const ANNOTATED: &str = include_str!("../../config/postern.toml");

/// What `setup` puts into the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template<'a> {
    /// `database.url`. It stands in the file as it is: a password with it.
    pub database_url: &'a str,
    /// `secrets.key_file`.
    pub key_file: &'a str,
    /// `http.public_url`.
    pub public_url: &'a str,
}

impl Default for Template<'_> {
    /// SQLite below the working directory, pages on this machine.
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/postern.db",
            key_file: "data/postern.key",
            public_url: "http://127.0.0.1:8025",
        }
    }
}

/// The annotated file with these values; with the default ones it is
/// `config/postern.toml`, octet for octet.
#[must_use]
pub fn annotated(values: &Template<'_>) -> String {
    let given =
        [("url", values.database_url), ("key_file", values.key_file), ("public_url", values.public_url)];
    let mut text = String::with_capacity(ANNOTATED.len() + 256);
    for line in ANNOTATED.split_inclusive('\n') {
        let key = line.split_once(" = ").map(|(key, _)| key);
        match given.iter().find(|(name, _)| key == Some(*name)) {
            Some((name, value)) => {
                let value = toml::Value::String((*value).to_owned());
                text.push_str(&format!("{name} = {value}\n"));
            }
            None => text.push_str(line),
        }
    }
    text
}
