//! Programs at the REST API, over sockets: signatures of another program, a CRM
//! that is asked, and a program that tries everything its document allows.

use postern::actions::By;
use postern::actions::api_key::{self, Made};
use postern::store::api_keys::{Reach, Terms};
use postern_core::model::actor::Actor;
use postern_core::model::key_scope::KeyScope;
use postern_sandbox::Crm;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::gateway::{Gateway, Setup};
use crate::support::program::{file, part, run};

/// A key that may do everything, faster than anybody asks.
async fn key(gateway: &Gateway, signs: bool) -> Made {
    let store = &gateway.parts.store;
    let by = By::new(Actor::CommandLine("test".to_owned()), store.dice()).unwrap();
    let terms = Terms {
        name: "program".to_owned(),
        scopes: KeyScope::ALL.iter().copied().collect(),
        reach: Reach::default(),
        signs,
        per_minute: 100_000,
    };
    api_key::create(store, &by, &terms).await.unwrap()
}

fn base(gateway: &Gateway) -> String {
    format!("http://127.0.0.1:{}/postern", gateway.http.port())
}

/// The commands that the reference shows for signing.
fn example() -> String {
    let reference = include_str!("../docs/reference.md");
    let chapter = reference.split("### Signed requests\n").nth(1).unwrap();
    chapter.split("```sh\n").nth(1).unwrap().split("```").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_a_signed_request_works_and_works_once() {
    let gateway = Gateway::start().await;
    let made = key(&gateway, true).await;
    let twice = format!(
        "{}\ncurl -sS \"$URL$path\" -H 'Content-Type: application/json' -d \"$body\" \
        -H \"X-Timestamp: $time\" -H \"X-Nonce: $nonce\" \
        -H \"X-Hmac-Authorization: $(printf '%s:%s' \"$ID\" \"$code\" | base64 -w0)\"",
        example()
    );
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &twice]).env("ID", made.id.to_string()).env("URL", base(&gateway));
    shell.env("SECRET", made.hmac.unwrap().reveal());
    let told = run(shell).await;
    assert!(told.ok, "{}", told.err);
    let mut answers = serde_json::Deserializer::from_str(&told.out).into_iter::<Value>();
    let (first, second) = (answers.next().unwrap().unwrap(), answers.next().unwrap().unwrap());
    assert_eq!(first["emailAddress"], "anna@example.com", "{first}");
    assert_eq!(second["reason"], "signatureReplayed", "{second}");
}

async fn curl(made: &Made, method: &str, url: &str, body: &Value) -> Value {
    let mut curl = Command::new(part("CURL"));
    curl.args(["-sS", "-X", method, "-H", "Content-Type: application/json", "-d", &body.to_string(), url]);
    curl.args(["-H", &format!("X-Api-Key: {}", made.key.reveal())]);
    let told = run(curl).await;
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {} {}", told.out, told.err))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crm_is_asked_whose_mailbox_it_is() {
    let crm = Crm::start().await.unwrap();
    crm.add_user("6b035d19485892bcb", &["Alice@example.com", "a.adams@example.com"]);
    let more = format!("[crm]\nurl = \"{}/\"\napi_key = \"{}\"\n", crm.url(), crm.key());
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    let made = key(&gateway, false).await;
    let url = format!("{}/api/v1/ExternalAccount", base(&gateway));
    let named = async |address: &str, user: &str| {
        let body = json!({ "emailAddress": address, "userId": user });
        let told = curl(&made, "POST", &url, &body).await;
        (told["userId"].clone(), told["proposedUserId"].clone())
    };
    let alice = json!("6b035d19485892bcb");
    assert_eq!(named("alice@example.com", "6b035d19485892bcb").await, (alice.clone(), Value::Null));
    // One that she may have added herself.
    assert_eq!(named("a.adams@example.com", "6b035d19485892bcb").await, (Value::Null, alice));
    assert_eq!(named("eva@example.com", "nobody").await, (Value::Null, json!("nobody")));
    assert_eq!(crm.asked(), ["6b035d19485892bcb", "6b035d19485892bcb", "nobody"]);
    drop(crm);
    assert_eq!(named("ota@example.com", "6b035d19485892bcb").await.0, Value::Null, "the CRM is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_document_allows_meets_no_fault() {
    let gateway = Gateway::start().await;
    let made = key(&gateway, false).await;
    let anna = gateway.connect("anna@example.com", &["info@example.com"]).await;
    gateway.token(anna).await;
    let mut program = Command::new(part("PYTHON"));
    program.args(["-m", "schemathesis.cli"]).env("PYTHONPATH", part("PYTHON_PACKAGES"));
    program.arg("--config-file").arg(file("schemathesis.toml"));
    let document = format!("{}/api/v1/openapi.json", base(&gateway));
    program.args(["run", &document, "--url", &base(&gateway), "--no-color", "--suppress-health-check=all"]);
    program.args(["--generation-with-security-parameters=false", "--generation-database=none"]);
    program.args(["--seed=1", "--max-examples=15", "--request-timeout=10"]);
    program.args(["-H", &format!("X-Api-Key: {}", made.key.reveal())]);
    program.current_dir(gateway.dir.path());
    let told = run(program).await;
    assert!(told.ok, "{}\n{}", told.out, told.err);
}
