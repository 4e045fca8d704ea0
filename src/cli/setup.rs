//! `postern setup`.

use std::path::{Path, PathBuf};

use clap::Args;
use postern_core::model::role::Role;

use super::desk::{Desk, author, configuration, place};
use super::failure::Usage;
use super::print::{counted, out, say};
use super::{Outside, ask};
use crate::actions::admin;
use crate::actions::setup::{Founded, found, write_new};
use crate::clock::Clock;
use crate::config::{Config, DEFAULT_FILES, Template, annotated};
use crate::dice::Dice;

/// Write configuration and keys, and prepare the database
///
/// Asks for what no flag says. A configuration that exists is never changed,
/// and a second run changes nothing.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Examples:\n  postern setup\n  \
    postern setup --yes --public-url https://crm.example.com/postern\n  \
    postern --config /etc/postern/postern.toml setup --yes \\\n      \
    --database-url sqlite:///var/lib/postern/postern.db --key-file /etc/postern/postern.key")]
pub(super) struct Setup {
    /// Database: sqlite://path or postgres://user:password@host/name
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where the keys are kept
    #[arg(long, value_name = "FILE")]
    key_file: Option<String>,
    /// The address under which people and Google reach our pages
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Name of the first admin, who gets a link to choose a password
    #[arg(long, value_name = "NAME", default_value = "admin")]
    admin: String,
    /// Ask nothing; what no flag says is the default
    #[arg(long, short)]
    yes: bool,
}

impl Setup {
    pub(super) async fn run(self, outside: &Outside) -> anyhow::Result<()> {
        let config = match existing(outside) {
            Some(path) => self.keep(&path, outside)?,
            None => self.write(outside)?,
        };
        let by = author(&outside.env)?;
        let founded = found(&place(&config), &by, &Clock::system(), &Dice::default()).await?;
        out(&report(&config, &founded))?;
        if founded.new_database {
            let desk =
                Desk::open(&Outside { config: self.written(outside), env: outside.env.clone() }).await?;
            let added =
                admin::add(&desk.parts.store, &desk.by, &self.admin, Role::Admin, &config.http.public_url);
            let link = added.await;
            desk.close().await;
            super::admin::tell(&link?)?;
        }
        Ok(())
    }

    // The file that this command has just read or written.
    fn written(&self, outside: &Outside) -> Option<PathBuf> {
        outside.config.clone().or_else(|| existing(outside))
    }

    fn keep(&self, path: &Path, outside: &Outside) -> anyhow::Result<Config> {
        let config = configuration(&Outside { config: Some(path.to_owned()), env: outside.env.clone() })?;
        say(&format!("{} exists and stays as it is", path.display()));
        let ignored = [
            ("--database-url", self.database_url.as_deref(), config.database.url.reveal().to_owned()),
            ("--key-file", self.key_file.as_deref(), config.secrets.key_file.display().to_string()),
            ("--public-url", self.public_url.as_deref(), config.http.public_url.to_string()),
        ];
        for (flag, given, stands) in ignored {
            if given.is_some_and(|given| given.trim_end_matches('/') != stands.trim_end_matches('/')) {
                let file = path.display();
                return Err(Usage(format!(
                    "{flag} differs from {file}; change it there, or name another file"
                ))
                .into());
            }
        }
        Ok(config)
    }

    fn write(&self, outside: &Outside) -> anyhow::Result<Config> {
        let path = outside.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILES[0]));
        let default = Template::default();
        let silent = self.yes || !ask::somebody();
        let settle = |given: &Option<String>, question: &str, default: &str| match given {
            Some(given) => Ok(given.clone()),
            None if silent => Ok(default.to_owned()),
            None => ask::line(question, default),
        };
        let database_url = settle(&self.database_url, "Database", default.database_url)?;
        let key_file = settle(&self.key_file, "Key file", default.key_file)?;
        let question = "Address under which people and Google reach our pages";
        let public_url = settle(&self.public_url, question, default.public_url)?;
        let values = Template { database_url: &database_url, key_file: &key_file, public_url: &public_url };
        let text = annotated(&values);
        // A fault is told before anything is written.
        Config::from_str(&text, &outside.env)?;
        write_new(&path, &text)?;
        say(&format!("{} was written", path.display()));
        Ok(configuration(&Outside { config: Some(path), env: outside.env.clone() })?)
    }
}

fn existing(outside: &Outside) -> Option<PathBuf> {
    match &outside.config {
        Some(path) => path.exists().then(|| path.clone()),
        None => DEFAULT_FILES.map(PathBuf::from).into_iter().find(|path| path.exists()),
    }
}

fn report(config: &Config, founded: &Founded) -> String {
    let key = config.secrets.key_file.display();
    let mut lines = Vec::new();
    if founded.new_key {
        lines.push(format!("Keys: {key} was made. Back it up apart from the database."));
    }
    if founded.migrated > 0 {
        let count = counted(founded.migrated, "migration");
        lines.push(format!("Database: {} is up to date ({count} applied).", config.database.shown()));
    }
    if founded.new_database {
        lines.push(format!("Installation {} is ready.", founded.installation));
        lines.push(
            "Next: `postern client set` or `postern service-account import`, then `postern account add`."
                .into(),
        );
    }
    if lines.is_empty() {
        lines.push(format!("Installation {} is set up already; nothing was changed.", founded.installation));
    }
    lines.join("\n")
}
