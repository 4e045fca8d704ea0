use postern_core::model::account::State;
use postern_core::model::secret::Secret;

use super::google::Person;
use super::{CLIENT, House, address};
use crate::actions::ActError;
use crate::actions::account::add::Way;
use crate::actions::account::{switch, view};
use crate::actions::client::set;
use crate::actions::service_account::import;
use crate::google::trial::pem;

#[tokio::test]
async fn another_client_sends_its_accounts_to_consent_and_the_same_does_not() {
    let house = House::new().await;
    for (of, sub, token) in [("a@x.cz", "1", "1//a"), ("b@x.cz", "2", "1//b"), ("c@x.cz", "3", "1//c")] {
        house.google.grant(token, Person::new(of, sub));
        house.import(of, token).await.unwrap();
    }
    house.add("new@x.cz", &[]).await.unwrap();
    let (store, by) = (&house.store, &house.by);
    switch::disable(store, by, &address("c@x.cz")).await.unwrap();
    let same = set(store, by, CLIENT, &Secret::new("GOCSPX-new")).await.unwrap();
    assert!(!same.replaced && same.reconnect.is_empty());
    let other = set(store, by, "2-b.apps.googleusercontent.com", &Secret::new("GOCSPX-b")).await.unwrap();
    assert!(other.replaced);
    assert_eq!(other.reconnect, [address("a@x.cz"), address("b@x.cz")]);
    let states: Vec<State> = view::all(store).await.unwrap().iter().map(|v| v.state).collect();
    assert_eq!(states, [State::NeedsConsent, State::NeedsConsent, State::Disabled, State::New]);
    let journal = house.journal().await;
    let last = journal.iter().rposition(|line| line.event == "client_set").unwrap();
    assert_eq!(journal[last].detail["accounts_to_reconnect"], 2);
    assert_eq!(journal[last + 1..].iter().filter(|l| l.event == "state_changed").count(), 2);
    let back = set(store, by, CLIENT, &Secret::new("GOCSPX-new")).await.unwrap();
    assert!(back.replaced && back.reconnect.is_empty());
    assert_eq!(back.restored, [address("a@x.cz"), address("b@x.cz")]);
    let states: Vec<State> = view::all(store).await.unwrap().iter().map(|v| v.state).collect();
    assert_eq!(states, [State::Active, State::Active, State::Disabled, State::New]);
    let again = set(store, by, CLIENT, &Secret::new("GOCSPX-new")).await.unwrap();
    assert!(again.restored.is_empty());
    assert!(matches!(set(store, by, "", &Secret::new("x")).await, Err(ActError::NotAClientId)));
    assert!(matches!(set(store, by, "a b", &Secret::new("x")).await, Err(ActError::NotAClientId)));
    assert!(matches!(set(store, by, CLIENT, &Secret::new("")).await, Err(ActError::Empty(_))));
}

fn key_file(email: &str) -> Secret {
    let json = serde_json::json!({"type": "service_account", "client_email": email,
        "client_id": "10987654321", "private_key_id": "k1", "private_key": pem(0)});
    Secret::new(json.to_string())
}

#[tokio::test]
async fn a_service_account_serves_its_own_domains_only() {
    let house = House::bare().await;
    let key = key_file("crm@project.iam.gserviceaccount.com");
    let domains = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let go = async |key: &Secret, asked: &[&str], allowed: &[&str]| {
        import(&house.store, &house.by, key, &domains(asked), &domains(allowed)).await
    };
    assert!(matches!(go(&key, &[], &[]).await, Err(ActError::NoDomain)));
    assert!(matches!(go(&key, &["gmail.com"], &[]).await, Err(ActError::PublicDomain(_))));
    assert!(matches!(go(&key, &["x"], &[]).await, Err(ActError::NotADomain(_))));
    assert!(matches!(go(&key, &["y.cz"], &["x.cz"]).await, Err(ActError::DomainNotAllowed(_))));
    assert!(matches!(go(&Secret::new("{}"), &["x.cz"], &[]).await, Err(ActError::KeyFile(_))));
    let stored = go(&key, &["X.cz", "x.cz"], &[]).await.unwrap();
    assert_eq!(
        (stored.client_id.as_str(), stored.domains.as_slice()),
        ("10987654321", &["x.cz".to_owned()][..])
    );
    assert_eq!(go(&key, &[], &["gmail.com", "x.cz"]).await.unwrap().domains, ["x.cz"]);
    let second = key_file("other@project.iam.gserviceaccount.com");
    assert!(matches!(go(&second, &["x.cz"], &[]).await, Err(ActError::DomainServed { .. })));
    let added = house.add("anna@x.cz", &[]).await.unwrap();
    assert!(matches!(added.way, Way::Served { .. }));
    assert!(matches!(house.add("anna@y.cz", &[]).await.unwrap().way, Way::Link { client_missing: true, .. }));
    let text = serde_json::to_string(&house.journal().await).unwrap();
    assert!(!text.contains("PRIVATE"));
}
