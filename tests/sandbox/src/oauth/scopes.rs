//! Scopes: Google answers with the long spelling, whatever was asked.

use std::collections::BTreeSet;

pub(crate) const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
pub(crate) const PROFILE: &str = "https://www.googleapis.com/auth/userinfo.profile";
pub(crate) const OPENID: &str = "openid";

/// The scopes of a space list, in Google's spelling, without repeats.
pub(crate) fn parse(list: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    list.split_ascii_whitespace().map(spelled).filter(|scope| seen.insert(scope.clone())).collect()
}

/// Google's spelling of a scope.
pub(crate) fn spelled(scope: &str) -> String {
    match scope {
        "email" => EMAIL.into(),
        "profile" => PROFILE.into(),
        other => other.into(),
    }
}

/// Whether a scope belongs to signing in, which has no tick box.
pub(crate) fn is_sign_in(scope: &str) -> bool {
    matches!(scope, OPENID | EMAIL | PROFILE)
}
