//! Codes, refresh tokens and access tokens that are alive, and the dead ones Google remembers.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::dice;

/// For so long Google still says "expired or revoked"; later only "Bad Request".
const REMEMBERED: Duration = Duration::from_secs(12 * 3600);
const CODE_LIFE: Duration = Duration::from_secs(600);

/// Who allowed what to whom.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) sub: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
}

/// A code between consent and exchange.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<(String, bool)>,
    pub(crate) nonce: Option<String>,
    pub(crate) with_refresh: bool,
    pub(crate) expires: Duration,
}

#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) grant: Grant,
    pub(crate) born: Duration,
    pub(crate) order: u64,
    pub(crate) predecessor: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) grant: Grant,
    pub(crate) expires: Duration,
    pub(crate) robot: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
    access: HashMap<String, Access>,
    dead: HashMap<String, Duration>,
    consents: HashMap<String, BTreeSet<String>>,
    made: u64,
}

impl Tokens {
    /// Notes a consent; tells whether it is the person's first in this project.
    pub(crate) fn consent(&mut self, sub: &str, scopes: &[String]) -> bool {
        let first = !self.consents.contains_key(sub);
        let known = self.consents.entry(sub.to_owned()).or_default();
        known.extend(scopes.iter().cloned());
        first
    }

    /// What a person has allowed this project so far.
    pub(crate) fn consented(&self, sub: &str) -> Vec<String> {
        let known = self.consents.get(sub);
        known.into_iter().flatten().cloned().collect()
    }

    pub(crate) fn add_code(&mut self, mut code: Code, now: Duration) -> String {
        let name = format!("4/0A{}", dice::letters(70));
        code.expires = now + CODE_LIFE;
        self.codes.insert(name.clone(), code);
        name
    }

    /// A code is good for one use, whatever comes of it.
    pub(crate) fn take_code(&mut self, name: &str, now: Duration) -> Option<Code> {
        self.codes.remove(name).filter(|code| now < code.expires)
    }

    /// Issues a refresh token; the oldest ones beyond `most` die without a word.
    pub(crate) fn add_refresh(
        &mut self,
        grant: &Grant,
        predecessor: Option<&str>,
        now: Duration,
        most: usize,
    ) -> String {
        let name = format!("1//0{}", dice::letters(98));
        self.made += 1;
        let refresh = Refresh {
            grant: grant.clone(),
            born: now,
            order: self.made,
            predecessor: predecessor.map(str::to_owned),
        };
        self.refresh.insert(name.clone(), refresh);
        self.drop_oldest(grant, most, now);
        name
    }

    fn drop_oldest(&mut self, grant: &Grant, most: usize, now: Duration) {
        let same = |other: &Grant| other.sub == grant.sub && other.client_id == grant.client_id;
        let mut names: Vec<(u64, String)> = self
            .refresh
            .iter()
            .filter(|(_, refresh)| same(&refresh.grant))
            .map(|(name, refresh)| (refresh.order, name.clone()))
            .collect();
        names.sort();
        let excess = names.len().saturating_sub(most);
        for (_, name) in names.into_iter().take(excess) {
            self.kill_refresh(&name, now);
        }
    }

    /// A refresh token that is alive. Its first use ends the one it replaced.
    pub(crate) fn use_refresh(&mut self, name: &str, now: Duration) -> Option<Refresh> {
        let refresh = self.refresh.get_mut(name)?;
        let replaced = refresh.predecessor.take();
        let refresh = refresh.clone();
        if let Some(replaced) = replaced {
            self.kill_refresh(&replaced, now);
        }
        Some(refresh)
    }

    pub(crate) fn refresh(&self, name: &str) -> Option<&Refresh> {
        self.refresh.get(name)
    }

    pub(crate) fn kill_refresh(&mut self, name: &str, now: Duration) {
        if self.refresh.remove(name).is_some() {
            self.dead.insert(name.to_owned(), now);
        }
    }

    /// Whether Google still remembers this dead refresh token.
    pub(crate) fn remembers(&self, name: &str, now: Duration) -> bool {
        let died = self.dead.get(name);
        died.is_some_and(|died| now.saturating_sub(*died) < REMEMBERED)
    }

    /// Issues an access token: about 220 characters for a user, 1,024 for a robot.
    pub(crate) fn add_access(&mut self, access: Access) -> String {
        let length = if access.robot { 1024 } else { 220 };
        let name = format!("ya29.{}", dice::letters(length - 5));
        self.access.insert(name.clone(), access);
        name
    }

    /// An access token that is alive.
    pub(crate) fn access(&self, name: &str, now: Duration) -> Option<&Access> {
        self.access.get(name).filter(|access| now < access.expires)
    }

    /// Drops every grant of a person in this project, and the memory of the consent.
    pub(crate) fn revoke_person(&mut self, sub: &str, now: Duration) {
        self.kill_refresh_of(sub, now, |_| true);
        self.access.retain(|_, access| access.grant.sub != sub);
        self.codes.retain(|_, code| code.grant.sub != sub);
        self.consents.remove(sub);
    }

    /// Ends those refresh tokens of a person whose grant fits.
    pub(crate) fn kill_refresh_of(&mut self, sub: &str, now: Duration, fits: impl Fn(&Grant) -> bool) {
        let named: Vec<String> = self
            .refresh
            .iter()
            .filter(|(_, refresh)| refresh.grant.sub == sub && fits(&refresh.grant))
            .map(|(name, _)| name.clone())
            .collect();
        for name in named {
            self.kill_refresh(&name, now);
        }
    }

    pub(crate) fn kill_access(&mut self, name: &str) {
        self.access.remove(name);
    }

    pub(crate) fn kill_access_of(&mut self, sub: &str) {
        self.access.retain(|_, access| access.grant.sub != sub);
    }

    /// The person behind a refresh or access token, and whether it is a robot's.
    pub(crate) fn person_behind(&self, token: &str) -> Option<(String, bool)> {
        if let Some(refresh) = self.refresh.get(token) {
            return Some((refresh.grant.sub.clone(), false));
        }
        let access = self.access.get(token)?;
        Some((access.grant.sub.clone(), access.robot))
    }

    /// The person behind a code that has not been used.
    pub(crate) fn person_of_code(&self, code: &str) -> Option<&str> {
        self.codes.get(code).map(|code| code.grant.sub.as_str())
    }

    /// The refresh tokens of a person that are alive, oldest first.
    pub(crate) fn refresh_tokens_of(&self, sub: &str) -> Vec<String> {
        let mut alive: Vec<_> = self.refresh.iter().filter(|(_, refresh)| refresh.grant.sub == sub).collect();
        alive.sort_by_key(|(_, refresh)| refresh.order);
        alive.into_iter().map(|(name, _)| name.clone()).collect()
    }
}
