use std::collections::{BTreeMap, BTreeSet};

use super::{Listeners, Parts, serve};
use crate::config::Config;
use crate::health::Stage;

const REFERENCE: &str = include_str!("../../docs/reference.md");

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

#[tokio::test]
async fn every_figure_is_in_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let parts = gateway(folder.path()).await;
    assert_eq!(parts.health.stage(), Stage::Up);
    let names: BTreeSet<_> = parts.metrics.names().into_iter().collect();
    assert_eq!(names, documented(), "figures and docs/reference.md differ");
    assert_eq!(names.len(), parts.metrics.names().len(), "a figure is registered twice");
    parts.store.close().await;
}
