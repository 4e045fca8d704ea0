use std::collections::{BTreeMap, BTreeSet};

use super::{Listeners, Parts, serve};
use crate::config::Config;
use crate::health::Stage;

const REFERENCE: &str = include_str!("../../docs/reference.md");
const DASHBOARD: &str = include_str!("../../docs/monitoring/grafana.json");
const ALERTS: &str = include_str!("../../docs/monitoring/postern.rules.yaml");

/// A gateway in a folder of its own, on ports that the system chooses.
async fn gateway(folder: &std::path::Path) -> Parts {
    let at = folder.display();
    let text = format!(
        "[database]\nurl = \"sqlite://{at}/postern.db\"\n[secrets]\nkey_file = \"{at}/postern.key\"\n\
         [[imap.listen]]\naddr = \"127.0.0.1:0\"\n[[smtp.listen]]\naddr = \"127.0.0.1:0\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\
         [telemetry]\nlisten = \"127.0.0.1:0\"\n"
    );
    let parts = Parts::open_or_found(Config::from_str(&text, &BTreeMap::new()).unwrap()).await.unwrap();
    let listeners = Listeners::bind(&parts.config).unwrap();
    assert_eq!(parts.health.stage(), Stage::Starting);
    serve(&parts, listeners).await.unwrap();
    parts
}

// The first column of the table of figures.
fn documented() -> BTreeSet<&'static str> {
    REFERENCE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("postern_"))
        .collect()
}

// The figures that a text asks for; a histogram is asked for its parts.
fn asked_for(text: &'static str) -> BTreeSet<&'static str> {
    text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .filter(|word| word.starts_with("postern_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word))
        .map(|word| word.strip_suffix("_sum").unwrap_or(word))
        .map(|word| word.strip_suffix("_count").unwrap_or(word))
        .collect()
}

#[tokio::test]
async fn every_figure_is_in_the_reference_and_in_the_dashboard() {
    let folder = tempfile::tempdir().unwrap();
    let parts = gateway(folder.path()).await;
    assert_eq!(parts.health.stage(), Stage::Up);
    let names: BTreeSet<_> = parts.metrics.names().into_iter().collect();
    assert_eq!(names, documented(), "figures and docs/reference.md differ");
    assert_eq!(names, asked_for(DASHBOARD), "figures and docs/monitoring/grafana.json differ");
    let unknown: Vec<_> = asked_for(ALERTS).difference(&names).copied().collect();
    assert!(unknown.is_empty(), "no figures, but in docs/monitoring/postern.rules.yaml: {unknown:?}");
    assert_eq!(names.len(), parts.metrics.names().len(), "a figure is registered twice");
    parts.store.close().await;
}
