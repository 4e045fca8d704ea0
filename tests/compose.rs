//! The settings of `config/compose.yaml`, checked by the gateway itself, and against what EspoCRM is told
//! there.

use std::path::Path;

use crate::support::process::postern;

const COMPOSE: &str = include_str!("../config/compose.yaml");

/// What stands below `content: |`, without the indentation that ends it.
fn settings() -> String {
    let (_, block) = COMPOSE.split_once("    content: |\n").expect("the settings stand in the file");
    let inside = block.lines().take_while(|line| line.starts_with("      "));
    inside.map(|line| format!("{}\n", &line[6..])).collect()
}

async fn run(config: &Path, words: &[&str]) -> (bool, String) {
    let done = postern(config).args(words).output().await.unwrap();
    let told = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&told).into_owned())
}

#[tokio::test]
async fn the_settings_of_the_compose_file_are_good_and_the_crm_is_told_the_same_places() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().display().to_string();
    let text = settings();
    assert!(text.lines().count() > 15, "{text}");
    // The volumes of the container.
    let text = text.replace("/var/lib/postern-key", &home).replace("/var/lib/postern", &home);
    let config = dir.path().join("postern.toml");
    std::fs::write(&config, text).unwrap();
    let (good, told) = run(&config, &["setup", "--yes"]).await;
    assert!(good, "{told}");
    let (good, told) = run(&config, &["check"]).await;
    assert!(good, "{told}");
    for place in ["postern:1143", "postern:1587"] {
        assert!(told.contains(place), "{place}: {told}");
        let listed = format!("'{place}'");
        let list = COMPOSE.lines().find(|line| line.contains("emailServerAllowedAddressList")).unwrap();
        assert!(list.contains(&listed), "EspoCRM is not told of {place}: {list}");
    }
    // In the clear inside the network alone: no port of a mail listener leads out.
    let ports = COMPOSE.lines().filter(|line| line.trim_start().starts_with("ports:"));
    let ports: Vec<&str> = ports.collect();
    assert!(ports.iter().all(|line| line.contains("127.0.0.1:")), "{ports:?}");
    assert!(ports.iter().all(|line| !line.contains("1143") && !line.contains("1587")), "{ports:?}");
    // As the doctor would tell an admin of EspoCRM.
    let (_, told) = run(&config, &["doctor", "--json"]).await;
    assert!(told.contains("'postern:1143'") && told.contains("'postern:1587'"), "{told}");
}
