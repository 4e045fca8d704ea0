//! `postern client`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::desk::Desk;
use super::print::{counted, out, say};
use super::read;
use crate::actions::client::{ClientSet, set};

#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Set the OAuth client that users consent to
    ///
    /// Make a client of the type "Web application" in the Google Cloud console
    /// and register the redirect address that this command prints. With the
    /// same client id only the secret changes. Another client id cannot use
    /// the grants there are: their owners have to connect again.
    #[command(verbatim_doc_comment)]
    #[command(after_help = "Examples:\n  \
        postern client set --client-id 12345-abc.apps.googleusercontent.com --client-secret-file secret.txt\n  \
        pass show google/postern | postern client set --client-id 12345-abc.apps.googleusercontent.com \
        --client-secret-file -")]
    Set {
        /// Client id, as Google shows it
        #[arg(long, value_name = "ID")]
        client_id: String,
        /// File that holds the client secret; - is stdin
        #[arg(long, value_name = "FILE")]
        client_secret_file: PathBuf,
    },
}

impl Client {
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<ExitCode> {
        let Self::Set { client_id, client_secret_file } = self;
        let secret = read::word(&client_secret_file)?;
        let done = set(&desk.parts.store, &desk.by, client_id.trim(), &secret).await?;
        if !client_id.trim().ends_with(".apps.googleusercontent.com") {
            say("This client id does not look like one of Google's (something.apps.googleusercontent.com).");
        }
        report(&done);
        say("Register this redirect address for the client at Google, exactly so:");
        out(desk.parts.redirect_uri.as_str())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn report(done: &ClientSet) {
    say(if done.replaced { "The OAuth client was replaced." } else { "The OAuth client is set." });
    if !done.restored.is_empty() {
        let count = counted(done.restored.len(), "account");
        say(&format!("{count} had connected by this client before and can be used again."));
    }
    if done.reconnect.is_empty() {
        return;
    }
    say(&format!("{} must reconnect:", counted(done.reconnect.len(), "account")));
    for address in &done.reconnect {
        say(&format!("  {address}"));
    }
    say("Make a link for each with `postern account add EMAIL`.");
}
