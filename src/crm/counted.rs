//! A way to the CRM that counts what became of each question.

use std::sync::Arc;

use crate::metrics::{Counters, Registry};
use crate::net::exchange::{Answer, Exchange, Request};

/// What is counted. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Counters<1>);

impl Metrics {
    /// Registers it.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self(registry.counters("postern_crm_requests_total", "Questions to the CRM", ["outcome"]))
    }
}

/// The way.
pub struct Counted {
    inner: Arc<dyn Exchange>,
    metrics: Metrics,
}

impl Counted {
    /// Counts what goes this way.
    #[must_use]
    pub fn new(inner: Arc<dyn Exchange>, metrics: Metrics) -> Self {
        Self { inner, metrics }
    }
}

impl Exchange for Counted {
    fn send(&self, request: Request) -> Answer<'_> {
        Box::pin(async move {
            let answer = self.inner.send(request).await;
            let outcome = match &answer {
                Ok(answer) => outcome(answer.status),
                Err(_) => "unreachable",
            };
            self.metrics.0.inc([outcome]);
            answer
        })
    }
}

// A 403 is the CRM's way to say that this address asked wrongly too often, too; see `fault`.
fn outcome(status: u16) -> &'static str {
    match status {
        200..=299 => "ok",
        401 => "key_refused",
        403 => "no_access",
        404 => "not_found",
        409 => "conflict",
        429 => "too_many",
        400..=499 => "refused",
        500..=599 => "failed",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::outcome;

    #[test]
    fn each_answer_counts_as_what_it_means() {
        let of = [200, 201, 401, 403, 404, 409, 429, 400, 503, 302].map(outcome);
        let wanted = [
            "ok",
            "ok",
            "key_refused",
            "no_access",
            "not_found",
            "conflict",
            "too_many",
            "refused",
            "failed",
            "other",
        ];
        assert_eq!(of, wanted);
    }
}
