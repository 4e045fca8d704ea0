//! What a plan says is to be done: each operation by its rule, about what it is, and with
//! what an approval of it names.

use serde::Serialize;

use super::merge::Outcome;
use super::record::fingerprint;
use super::rule::Rule;

/// An operation on `S`, by which `W` is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation<S, W> {
    /// What it is about.
    pub subject: S,
    /// By which rule.
    pub rule: Rule,
    /// What is to be done.
    pub what: W,
    /// What there is to tell of single fields.
    pub fields: Vec<Outcome>,
    /// Whether guests outside would notice.
    pub guests: bool,
    /// Of what the sides of the pair showed.
    pub basis: Vec<[u8; 32]>,
}

impl<S, W> Operation<S, W> {
    /// One of which there is nothing else to tell.
    #[must_use]
    pub fn new(subject: S, rule: Rule, what: W) -> Self {
        Self { subject, rule, what, fields: Vec::new(), guests: false, basis: Vec::new() }
    }
}

impl<S: Serialize, W: Serialize> Operation<S, W> {
    /// Of what is done to whom: an approval is good for the same only.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&(&self.subject, &self.what, &self.basis))
    }
}

/// A plan of operations `O` on `S`; some are left for the reason `L`.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<O, S, L> {
    /// What is to be done; nothing of it was guarded yet.
    pub operations: Vec<O>,
    /// What is left alone, and why.
    pub left: Vec<(S, L)>,
}

impl<O, S, L> Default for Plan<O, S, L> {
    fn default() -> Self {
        Self { operations: Vec::new(), left: Vec::new() }
    }
}
