//! Figures for Prometheus: the registry, what a part registers in it, and the
//! text that is scraped.
//!
//! Each part has a `metrics.rs` of its own with a struct of its families and a
//! `register(&Registry)`; names stand there as they are scraped, with
//! `postern_` in front, and each in `docs/reference.md`. A label's value is a
//! text of this program ([`Values`]): no address, no name of a peer and nothing
//! a user wrote can become one. Counting is an atomic addition; a family with
//! labels looks its member up first, so what counts often keeps the member.

mod measured;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry as Inner};

pub use prometheus_client::metrics::counter::Counter;
pub use prometheus_client::metrics::gauge::Gauge;
pub use prometheus_client::metrics::histogram::Histogram;

use measured::{Kind, Measured};

/// What [`Registry::text`] is, for the header of an answer.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The values of a family's labels, in the order of their names.
pub type Values<const N: usize> = [&'static str; N];

type Labels<const N: usize> = [(&'static str, &'static str); N];

/// All families of a process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry(Arc<Mutex<Families>>);

#[derive(Default)]
struct Families {
    inner: Inner,
    names: Vec<&'static str>,
}

impl Registry {
    /// A number that only grows; its name ends in `_total`.
    #[must_use]
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        self.add(name, help, Counter::default())
    }

    /// Such numbers, one for each combination of labels.
    #[must_use]
    pub fn counters<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        labels: Values<N>,
    ) -> Counters<N> {
        Counters { labels, family: self.add(name, help, Family::default()) }
    }

    /// A number that goes up and down.
    #[must_use]
    pub fn gauge(&self, name: &'static str, help: &'static str) -> Gauge {
        self.add(name, help, Gauge::default())
    }

    /// Such numbers, one for each combination of labels.
    #[must_use]
    pub fn gauges<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        labels: Values<N>,
    ) -> Gauges<N> {
        Gauges { labels, family: self.add(name, help, Family::default()) }
    }

    /// How values are spread; `bounds` are the upper ends of the buckets.
    #[must_use]
    pub fn histogram(&self, name: &'static str, help: &'static str, bounds: &'static [f64]) -> Histogram {
        self.add(name, help, Histogram::new(bounds.iter().copied()))
    }

    /// The same, one for each combination of labels.
    #[must_use]
    pub fn histograms<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        labels: Values<N>,
        bounds: &'static [f64],
    ) -> Histograms<N> {
        let family = Family::new_with_constructor(Buckets(bounds));
        Histograms { labels, family: self.add(name, help, family) }
    }

    /// A number that is looked up when it is scraped; `None` leaves it out.
    pub fn measured(
        &self,
        name: &'static str,
        help: &'static str,
        measure: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) {
        self.collect(name, help, Kind::Gauge, Box::new(measure));
    }

    /// The same for a number that only grows; its name ends in `_total`.
    pub fn counted(
        &self,
        name: &'static str,
        help: &'static str,
        count: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        self.collect(name, help, Kind::Counter, Box::new(move || Some(count() as f64)));
    }

    /// Facts about the program; the name ends in `_info`.
    pub fn info<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        facts: [(&'static str, &'static str); N],
    ) {
        let mut families = self.lock();
        families.names.push(name);
        families.inner.register(stem(name), help, Info::new(facts));
    }

    /// The names of all families, as they are scraped.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.lock().names.clone()
    }

    /// Everything in the OpenMetrics text form.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _written = encode(&mut text, &self.lock().inner);
        text
    }

    fn add<M: Metric + Clone>(&self, name: &'static str, help: &'static str, metric: M) -> M {
        let mut families = self.lock();
        families.names.push(name);
        families.inner.register(stem(name), help, metric.clone());
        metric
    }

    fn collect(&self, name: &'static str, help: &'static str, kind: Kind, measure: measured::Measure) {
        let mut families = self.lock();
        families.names.push(name);
        families.inner.register_collector(Box::new(Measured { name: stem(name), help, kind, measure }));
    }

    fn lock(&self) -> MutexGuard<'_, Families> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// The encoder puts what a kind's name ends in behind it.
fn stem(name: &'static str) -> &'static str {
    name.strip_suffix("_total").or_else(|| name.strip_suffix("_info")).unwrap_or(name)
}

/// Counters by labels. Cheap to clone.
#[derive(Clone)]
pub struct Counters<const N: usize> {
    labels: Values<N>,
    family: Family<Labels<N>, Counter>,
}

impl<const N: usize> Counters<N> {
    /// The one with these values, for whoever counts often.
    #[must_use]
    pub fn of(&self, values: Values<N>) -> Counter {
        self.family.get_or_create_owned(&named(self.labels, values))
    }

    /// One more.
    pub fn inc(&self, values: Values<N>) {
        self.family.get_or_create(&named(self.labels, values)).inc();
    }
}

/// Gauges by labels. Cheap to clone.
#[derive(Clone)]
pub struct Gauges<const N: usize> {
    labels: Values<N>,
    family: Family<Labels<N>, Gauge>,
}

impl<const N: usize> Gauges<N> {
    /// The one with these values.
    #[must_use]
    pub fn of(&self, values: Values<N>) -> Gauge {
        self.family.get_or_create_owned(&named(self.labels, values))
    }
}

/// Histograms by labels. Cheap to clone.
#[derive(Clone)]
pub struct Histograms<const N: usize> {
    labels: Values<N>,
    family: Family<Labels<N>, Histogram, Buckets>,
}

impl<const N: usize> Histograms<N> {
    /// The one with these values.
    #[must_use]
    pub fn of(&self, values: Values<N>) -> Histogram {
        self.family.get_or_create_owned(&named(self.labels, values))
    }
}

#[derive(Clone)]
struct Buckets(&'static [f64]);

impl prometheus_client::metrics::family::MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// Counts something that is there: one more until it is dropped.
#[derive(Debug)]
pub struct There(Gauge);

impl There {
    /// Counts one more.
    #[must_use]
    pub fn count(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for There {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn named<const N: usize>(labels: Values<N>, values: Values<N>) -> Labels<N> {
    let mut values = values.into_iter();
    labels.map(|label| (label, values.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{Registry, There};

    #[test]
    fn names_are_scraped_as_they_are_written() {
        let registry = Registry::default();
        let logins = registry.counters("postern_logins_total", "Logins", ["protocol", "outcome"]);
        logins.inc(["imap", "ok"]);
        logins.of(["smtp", "wrong_token"]).inc_by(2);
        let sessions = registry.gauges("postern_sessions", "Open sessions", ["protocol"]);
        let one = There::count(sessions.of(["imap"]));
        drop(There::count(sessions.of(["imap"])));
        let spread = registry.histograms("postern_login_seconds", "Logins", ["protocol"], &[0.1, 1.0]);
        spread.of(["imap"]).observe(0.5);
        registry.measured("postern_audit_queue", "Waiting", || Some(1.5));
        registry.measured("postern_unknown", "Not known yet", || None);
        registry.counted("postern_audit_lost_total", "Lost", || 3);
        registry.info("postern_build_info", "The program", [("version", "1.2.3")]);

        let text = registry.text();
        for line in [
            "# HELP postern_logins Logins.\n# TYPE postern_logins counter\n",
            "postern_logins_total{protocol=\"imap\",outcome=\"ok\"} 1\n",
            "postern_logins_total{protocol=\"smtp\",outcome=\"wrong_token\"} 2\n",
            "postern_sessions{protocol=\"imap\"} 1\n",
            "postern_login_seconds_count{protocol=\"imap\"} 1\n",
            "postern_login_seconds_bucket{le=\"0.1\",protocol=\"imap\"} 0\n",
            "postern_audit_queue 1.5\n",
            "postern_audit_lost_total 3.0\n",
            "postern_build_info{version=\"1.2.3\"} 1\n",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("postern_unknown"), "{text}");
        assert!(text.ends_with("# EOF\n"));
        assert!(registry.names().contains(&"postern_logins_total"));
        drop(one);
        assert!(registry.text().contains("postern_sessions{protocol=\"imap\"} 0\n"));
    }
}
