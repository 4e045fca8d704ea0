use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use postern_core::model::actor::Actor;
use postern_core::model::secret::Secret;

use crate::actions::setup::{Founded, SetupError, found, write_new};
use crate::actions::{By, Place};
use crate::clock::Clock;
use crate::dice::Dice;

async fn go(folder: &Path) -> Result<Founded, SetupError> {
    let url = Secret::new(format!("sqlite://{}", folder.join("data/postern.db").display()));
    let key_file = folder.join("data/postern.key");
    let place = Place { database_url: &url, key_file: &key_file, guarded: false, node: "main" };
    let dice = Dice::default();
    let by = By::new(Actor::CommandLine("root".into()), &dice).unwrap();
    found(&place, &by, &Clock::system(), &dice).await
}

#[tokio::test]
async fn the_second_time_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let first = go(folder.path()).await.unwrap();
    assert!(first.new_key && first.new_database && first.migrated > 0);
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/postern.key"), mode("data/postern.db")), (0o700, 0o600, 0o600));
    let key = fs::read(folder.path().join("data/postern.key")).unwrap();
    let second = go(folder.path()).await.unwrap();
    let same = Founded { new_key: false, new_database: false, migrated: 0, ..first };
    assert_eq!(second, same);
    assert_eq!(fs::read(folder.path().join("data/postern.key")).unwrap(), key);
}

#[tokio::test]
async fn a_database_without_its_key_gets_no_new_one() {
    let folder = tempfile::tempdir().unwrap();
    go(folder.path()).await.unwrap();
    let key = folder.path().join("data/postern.key");
    fs::rename(&key, folder.path().join("aside")).unwrap();
    assert!(matches!(go(folder.path()).await, Err(SetupError::KeyMissing(_))));
    assert!(!key.exists());
    fs::rename(folder.path().join("aside"), &key).unwrap();
    assert!(go(folder.path()).await.is_ok());
}

#[tokio::test]
async fn many_at_once_found_one_installation_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let all = futures_util::future::join_all((0..4).map(|_| go(folder.path()))).await;
    let founded: Vec<Founded> = all.into_iter().map(Result::unwrap).collect();
    let count = |what: fn(&Founded) -> bool| founded.iter().filter(|f| what(f)).count();
    assert_eq!((count(|f| f.new_key), count(|f| f.new_database)), (1, 1));
    assert!(founded.iter().all(|f| f.installation == founded[0].installation));
    go(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_key_is_kept_while_the_database_is_away() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/postern.db")).unwrap();
    assert!(matches!(go(folder.path()).await, Err(SetupError::Store(_))));
    fs::remove_dir(folder.path().join("data/postern.db")).unwrap();
    let key = fs::read(folder.path().join("data/postern.key")).unwrap();
    assert!(go(folder.path()).await.unwrap().new_database);
    assert_eq!(fs::read(folder.path().join("data/postern.key")).unwrap(), key);
}

#[test]
fn a_file_is_private_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/postern.toml");
    write_new(&path, "a").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(write_new(&path, "b"), Err(SetupError::Io { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a");
}
