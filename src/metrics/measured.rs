//! Numbers that are looked up when they are scraped.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Looks the number up.
pub(super) type Measure = Box<dyn Fn() -> Option<f64> + Send + Sync>;

/// What the number is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only grows.
    Counter,
}

/// One such number.
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: Kind,
    pub(super) measure: Measure,
}

impl fmt::Debug for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measured").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Collector for Measured {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(value) = (self.measure)() else { return Ok(()) };
        match self.kind {
            Kind::Gauge => {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(self.name, self.help, None, gauge.metric_type())?)
            }
            Kind::Counter => {
                let counter = ConstCounter::new(value);
                counter.encode(encoder.encode_descriptor(
                    self.name,
                    self.help,
                    None,
                    counter.metric_type(),
                )?)
            }
        }
    }
}
