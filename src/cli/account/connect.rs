//! `postern account connect --paste`.

use anyhow::Context as _;
use clap::Args;
use postern_core::model::address::Address;
use postern_core::model::secret::Secret;
use url::Url;

use super::super::ask;
use super::super::desk::Desk;
use super::super::failure::Usage;
use super::{out, say};
use crate::actions::account::named;
use crate::actions::consent::Connected;

/// Connect a mailbox by a browser that cannot reach this machine
///
/// Prints Google's consent page. After the consent the browser ends on an
/// address that it may not be able to open: paste that address here, within
/// ten minutes. The redirect address of `postern client set` has to be
/// registered all the same.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = "Example:\n  postern account connect anna@example.com --paste")]
pub(in crate::cli) struct Connect {
    /// Address of the mailbox, registered by `account add`
    #[arg(value_name = "EMAIL")]
    address: Address,
    /// Paste back the address that the browser ended on
    #[arg(long, required = true)]
    paste: bool,
}

impl Connect {
    pub(in crate::cli) async fn run(self, desk: &Desk) -> anyhow::Result<()> {
        let account = named(&mut desk.parts.store.read().await?, &self.address).await?;
        let consents = desk.parts.consents();
        let started = consents.start_by_admin(&desk.by.actor, account.id, None).await?;
        say(&format!("Open this address and sign in as {}:", account.address));
        out(started.url.as_str())?;
        let pasted = ask::line("Paste the address that the browser ended on", "").context("stdin")?;
        let (state, answer) = read(&pasted)?;
        if state != started.state {
            return Err(Usage("this address belongs to another consent; start again".to_owned()).into());
        }
        let connected = consents.finish(&desk.by.actor, &state, Some(&started.cookie), answer).await?;
        tell(&connected);
        Ok(())
    }
}

fn tell(connected: &Connected) {
    say(&format!("{} is connected.", connected.address));
    if let Some(new) = &connected.renamed {
        say(&format!(
            "Google shows {new} for this person; confirm it: postern account rename {}",
            connected.address
        ));
    }
}

type Answer = Result<Secret, String>;

/// State and code, or state and error, of the address that Google sent the
/// browser to.
fn read(pasted: &str) -> Result<(String, Answer), Usage> {
    let wrong = || {
        let wanted = "the whole address of the browser's last page, with state= and code= in it";
        Usage(format!("this is not what was asked for: {wanted}"))
    };
    let url = Url::parse(pasted.trim()).map_err(|_| wrong())?;
    let part = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    let state = part("state").ok_or_else(wrong)?;
    match (part("code"), part("error")) {
        (_, Some(error)) => Ok((state, Err(error))),
        (Some(code), None) => Ok((state, Ok(Secret::new(code)))),
        (None, None) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_answer_is_found_in_the_address() {
        let at = "https://crm.example.com/postern/oauth/google/callback";
        let (state, code) = read(&format!(" {at}?state=s&code=4%2F0abc&scope=email\n")).unwrap();
        assert_eq!((state.as_str(), code.unwrap().reveal()), ("s", "4/0abc"));
        let (_, error) = read(&format!("{at}?error=access_denied&state=s")).unwrap();
        assert_eq!(error.unwrap_err(), "access_denied");
        for wrong in ["", "4/0abc", at, &format!("{at}?code=x"), &format!("{at}?state=s")] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
