//! Whether the person who consented is the one whose mailbox it is.

use postern_core::model::address::Address;

use super::ConsentFault;
use crate::google::id_token::Identity;
use crate::store::accounts::Account;

/// What is stored about the account and about Google's identity.
pub(super) struct Known<'a> {
    /// The account to connect.
    pub account: &'a Account,
    /// Its further addresses.
    pub aliases: &'a [Address],
    /// Whether another account has pinned the identity.
    pub elsewhere: bool,
    /// Workspace domains that may connect; empty when everyone may.
    pub allowed: &'a [String],
}

/// Returns the new address when the same person shows one.
pub(super) fn recognise(known: &Known<'_>, who: &Identity) -> Result<Option<Address>, ConsentFault> {
    let account = known.account;
    let own = who.email == account.address || known.aliases.contains(&who.email);
    let same = account.sub.as_ref().map(|sub| *sub == who.sub);
    if same != Some(true) {
        if !own {
            return Err(ConsentFault::WrongAccount {
                expected: account.address.clone(),
                got: who.email.clone(),
            });
        }
        if known.elsewhere {
            return Err(ConsentFault::KnownElsewhere { address: who.email.clone() });
        }
        if same == Some(false) {
            return Err(ConsentFault::AnotherPerson { address: who.email.clone() });
        }
    }
    if !welcome(known.allowed, who) {
        return Err(ConsentFault::WrongDomain { got: who.email.clone() });
    }
    Ok((!own).then(|| who.email.clone()))
}

// Only `hd` says that an organisation manages the account: anybody can open a
// consumer account with a company's address. gmail.com has no organisation.
fn welcome(allowed: &[String], who: &Identity) -> bool {
    let home = who.hd.as_deref().or_else(|| Some(who.email.domain()).filter(|d| *d == "gmail.com"));
    allowed.is_empty() || home.is_some_and(|home| allowed.iter().any(|a| a.eq_ignore_ascii_case(home)))
}

#[cfg(test)]
mod tests {
    use super::{Known, recognise};
    use crate::google::id_token::Identity;
    use crate::store::accounts::Account;
    use postern_core::model::account::State;
    use postern_core::model::address::Address;
    use postern_core::model::id::AccountId;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn judge(
        pinned: Option<&str>,
        elsewhere: bool,
        allowed: &[&str],
        who: (&str, &str, Option<&str>),
    ) -> String {
        let account = Account {
            id: AccountId(uuid::Uuid::nil()),
            address: address("anna@acme.cz"),
            crm_user: None,
            proposed_crm_user: None,
            unapproved: false,
            program_disabled: false,
            state: State::New,
            sub: pinned.map(str::to_owned),
            proposed_address: None,
            noted: None,
            throttled_until: 0,
            created_at: 0,
            changed_at: 0,
        };
        let allowed: Vec<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
        let aliases = [address("office@acme.cz")];
        let known = Known { account: &account, aliases: &aliases, elsewhere, allowed: &allowed };
        let (sub, email, hd) = who;
        let who = Identity {
            sub: sub.to_owned(),
            email: address(email),
            email_verified: true,
            hd: hd.map(str::to_owned),
        };
        match recognise(&known, &who) {
            Ok(None) => "own".to_owned(),
            Ok(Some(new)) => format!("renamed {new}"),
            Err(fault) => fault.why().to_owned(),
        }
    }

    #[test]
    fn the_table_of_identities() {
        let acme = Some("acme.cz");
        for (pinned, elsewhere, allowed, who, expected) in [
            (None, false, &[][..], ("1", "anna@acme.cz", None), "own"),
            (None, false, &[], ("1", "office@acme.cz", None), "own"),
            (None, false, &[], ("1", "eva@acme.cz", acme), "wrong_account"),
            (None, true, &[], ("1", "eva@acme.cz", acme), "wrong_account"),
            (None, true, &[], ("1", "anna@acme.cz", acme), "known_elsewhere"),
            (Some("1"), false, &[], ("1", "anna@acme.cz", acme), "own"),
            (Some("1"), false, &[], ("1", "anna.nova@acme.cz", acme), "renamed anna.nova@acme.cz"),
            (Some("1"), false, &[], ("2", "anna@acme.cz", acme), "another_person"),
            (Some("1"), true, &[], ("2", "anna@acme.cz", acme), "known_elsewhere"),
            (Some("1"), false, &[], ("2", "eva@acme.cz", acme), "wrong_account"),
            (None, false, &["acme.cz"], ("1", "anna@acme.cz", acme), "own"),
            (None, false, &["ACME.cz"], ("1", "anna@acme.cz", acme), "own"),
            (None, false, &["other.cz"], ("1", "anna@acme.cz", acme), "wrong_domain"),
            (None, false, &["acme.cz"], ("1", "anna@acme.cz", None), "wrong_domain"),
            (Some("1"), false, &["acme.cz"], ("1", "anna@gmail.com", None), "wrong_domain"),
            (Some("1"), false, &["gmail.com"], ("1", "anna@gmail.com", None), "renamed anna@gmail.com"),
        ] {
            assert_eq!(
                judge(pinned, elsewhere, allowed, who),
                expected,
                "{pinned:?} {elsewhere} {allowed:?} {who:?}"
            );
        }
    }
}
