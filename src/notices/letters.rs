//! Letters to owners that wait for nothing: a link that somebody asked for, and
//! word of a CRM token that somebody else issued. They leave whether or not
//! owners are told of what happens to their mailbox.

use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocols;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Notices;
use super::digest::{Letter, letter};
use super::mail::Trouble;
use super::round::{BEGIN, Line};
use crate::actions::account::invite;
use crate::actions::{ActError, By};
use crate::clock::written;
use crate::store::crm_tokens::{self, CrmToken};
use crate::store::letters::Issuer;
use crate::store::outbox::{Audience, Claim, News, Outcome, Subject};
use crate::store::{StoreError, accounts};
use crate::texts::{Accounts, Lang, Letters, Sentence, Text};

impl Notices {
    /// Sends what was claimed, one by one.
    pub(super) async fn send_letters(
        &self,
        line: &mut Line<'_>,
        claim: &Claim,
        began: Instant,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        for (index, news) in claim.news.iter().enumerate() {
            let rest = claim.news.get(index..).unwrap_or_default();
            if stop.is_cancelled() || began.elapsed() > BEGIN {
                return self.put_back(claim, rest).await;
            }
            // The way first: no link is made that cannot be sent.
            if let Err(trouble) = line.ready().await {
                return self.trouble(Audience::Letters, claim, rest, &trouble).await;
            }
            let written = match &news.subject {
                Subject::Link { account } => self.link_letter(*account).await,
                Subject::Token { account, token, issuer } => {
                    self.token_letter(*account, *token, *issuer).await.map_err(ActError::from)
                }
                Subject::Account { .. }
                | Subject::Client { .. }
                | Subject::Gone { .. }
                | Subject::Certificate { .. } => Ok(None),
            };
            self.send_letter(line, claim, news, written).await?;
        }
        Ok(())
    }

    async fn send_letter(
        &self,
        line: &mut Line<'_>,
        claim: &Claim,
        news: &News,
        written: Result<Option<(Address, Letter)>, ActError>,
    ) -> Result<(), StoreError> {
        let sent = match written {
            Ok(Some((to, letter))) => line.send(&[to], &letter, news).await,
            Ok(None) => return self.mark(claim, Some(news), Outcome::Unwanted).await,
            Err(ActError::Store(error)) => return Err(error),
            Err(error) => Err(Trouble::Later(error.to_string())),
        };
        match sent {
            Ok(()) => {
                tracing::info!(notice.id = %news.id, "a letter to an owner has left");
                self.metrics.message(Audience::Letters, Outcome::Sent.name());
                self.mark(claim, Some(news), Outcome::Sent).await
            }
            Err(trouble) => {
                self.trouble(Audience::Letters, claim, std::slice::from_ref(news), &trouble).await
            }
        }
    }

    async fn link_letter(&self, account: AccountId) -> Result<Option<(Address, Letter)>, ActError> {
        let Some(known) = accounts::by_id(&mut self.store.read().await?, account).await? else {
            return Ok(None);
        };
        let by = By::new(Actor::Gateway, self.store.dice())?;
        let link = invite::asked(&self.store, &by, account, &self.policy.public_url).await?;
        Ok(link.map(|link| {
            let letter = with_link(&known.address, &link.url, &self.place(), self.policy.lang);
            (known.address, letter)
        }))
    }

    // Also of one that was revoked meanwhile: it may have been used.
    async fn token_letter(
        &self,
        account: AccountId,
        token: TokenId,
        issuer: Issuer,
    ) -> Result<Option<(Address, Letter)>, StoreError> {
        let mut read = self.store.read().await?;
        let known = accounts::by_id(&mut read, account).await?;
        let token = crm_tokens::by_id(&mut read, token).await?;
        Ok(known.zip(token).map(|(known, token)| {
            let letter = of_token(&known.address, &token, issuer, &self.place(), self.policy.lang);
            (known.address, letter)
        }))
    }
}

/// With a link that connects the mailbox.
fn with_link(address: &Address, link: &Secret, place: &str, lang: Lang) -> Letter {
    let subject = Sentence::from(Letters::LinkSubject).with("address", address);
    let parts = [
        Sentence::from(Letters::LinkBody).with("address", address).say(lang),
        format!("{}\n\n{}", Text::NoticeOwnerLink.say(lang), link.reveal()),
        Sentence::from(Text::NoticeOwnerDoubt).with("place", place).say(lang),
    ];
    letter(&subject, &parts, place, lang)
}

/// That somebody else issued a CRM token.
fn of_token(address: &Address, token: &CrmToken, issuer: Issuer, place: &str, lang: Lang) -> Letter {
    let subject = Sentence::from(Letters::TokenSubject).with("address", address);
    let usable = match token.protocols {
        Protocols::Both => Accounts::TokenBoth,
        Protocols::Imap => Accounts::TokenImap,
        Protocols::Smtp => Accounts::TokenSmtp,
    };
    let who = match issuer {
        Issuer::Admin => Letters::ByAdmin,
        Issuer::Program => Letters::ByProgram,
        Issuer::Shell => Letters::ByShell,
        Issuer::Panel => Letters::ByPanel,
    };
    // An admin's or a program's words; a line of its own is not for them to make.
    let name = PeerText::new(&token.name);
    let mut facts = vec![
        Sentence::from(Letters::TokenName).with("name", name.as_str()),
        Sentence::from(Letters::TokenUse).with("use", &usable.say(lang)),
        Sentence::from(Letters::TokenBy).with("who", &who.say(lang)),
    ];
    facts.extend(token.revoked_at.map(|_| Letters::TokenRevoked.into()));
    let facts: Vec<String> = facts.iter().map(|fact| fact.say(lang)).collect();
    let body = Sentence::from(Letters::TokenBody).with("when", &written(token.created_at));
    let parts = [
        body.with("address", address).say(lang),
        facts.join("\n"),
        Sentence::from(Letters::TokenObject).with("page", &format!("{place}/me")).say(lang),
    ];
    letter(&subject, &parts, place, lang)
}

#[cfg(test)]
mod tests {
    use super::{of_token, with_link};
    use crate::store::crm_tokens::CrmToken;
    use crate::store::letters::Issuer;
    use crate::texts::Lang;
    use postern_core::model::address::Address;
    use postern_core::model::id::{AccountId, TokenId};
    use postern_core::model::secret::Secret;
    use postern_core::model::token::Protocols;
    use uuid::Uuid;

    const PLACE: &str = "https://crm.example.com/postern";

    fn anna() -> Address {
        Address::parse("anna@example.com").unwrap()
    }

    #[test]
    fn a_link_stands_alone_on_its_line_and_not_in_the_subject() {
        for (lang, subject) in [
            (Lang::English, "Please connect your mailbox anna@example.com"),
            (Lang::Czech, "Připojte prosím svou schránku anna@example.com"),
        ] {
            let letter = with_link(&anna(), &Secret::new("https://x/?link=w"), PLACE, lang);
            assert_eq!(letter.subject, subject);
            assert!(letter.body.reveal().contains("\n\nhttps://x/?link=w\n\n"), "{}", letter.body.reveal());
        }
    }

    #[test]
    fn a_token_is_told_by_name_use_and_issuer_and_its_name_makes_no_line() {
        let token = CrmToken {
            id: TokenId(Uuid::nil()),
            account: AccountId(Uuid::nil()),
            name: "espo\r\nIssued by: you".to_owned(),
            protocols: Protocols::Smtp,
            created_at: 1_795_305_600_000_000,
            expires_at: None,
            revoked_at: None,
        };
        let letter = of_token(&anna(), &token, Issuer::Program, PLACE, Lang::English);
        let body = letter.body.reveal();
        assert_eq!(letter.subject, "A new CRM token opens your mailbox anna@example.com");
        assert!(body.contains("Its name: espo  Issued by: you\n"), "{body}");
        assert!(body.contains("What it opens: sending (SMTP)\nIssued by: a program"), "{body}");
        assert!(body.contains("On 2026-11-22T") && body.contains(&format!("{PLACE}/me")), "{body}");
        let czech = of_token(&anna(), &token, Issuer::Shell, PLACE, Lang::Czech);
        assert!(czech.body.reveal().contains("na příkazovém řádku"), "{}", czech.body.reveal());
    }
}
