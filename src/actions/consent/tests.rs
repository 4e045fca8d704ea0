//! Every way a consent can go.

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::trial::{START, Stage, Tokens};
use super::{ConsentFault, LinkFault};
use crate::config::Google;
use crate::store::{access_tokens, clients, grants};
use crate::texts::Lang;

impl Stage {
    async fn grant(&self) -> Option<grants::Grant> {
        grants::of(self.store(), &mut self.store().read().await.unwrap(), self.account).await.unwrap()
    }

    async fn why(&self) -> &'static str {
        self.connect().await.unwrap_err().fault.why()
    }
}

#[tokio::test]
async fn a_consent_connects_the_mailbox_and_uses_the_links_up() {
    let stage = Stage::set().await;
    let second = stage.invite(stage.account).await;
    let connected = stage.connect().await.unwrap();
    assert_eq!(connected.address.as_str(), "anna@acme.cz");
    assert_eq!((connected.products, connected.renamed), (vec![Product::Gmail], None));
    let account = stage.account(stage.account).await;
    assert_eq!((account.state, account.sub.as_deref()), (State::Active, Some("1076")));
    let grant = stage.grant().await.unwrap();
    assert_eq!(grant.refresh_token.reveal(), "1//fresh");
    assert_eq!(grant.scopes, ScopeSet::consent(&[Product::Gmail]));
    let mut read = stage.store().read().await.unwrap();
    let token = access_tokens::of(stage.store(), &mut read, stage.account, &ScopeSet::mail()).await.unwrap();
    assert_eq!(token.unwrap().token.reveal(), "ya29.fresh");
    for link in [&stage.link, &second] {
        assert!(matches!(stage.consents.look(link).await, Err(LinkFault::Used)));
        assert!(matches!(stage.consents.start(link, None).await, Err(LinkFault::Used)));
    }
    assert_eq!(stage.events().await[1..], ["consent_started", "consent_granted", "state_changed"]);
}

#[tokio::test]
async fn the_address_of_the_consent_page_binds_the_answer() {
    let stage = Stage::below("https://crm.example.com/postern", &["acme.cz"]).await;
    let started = stage.consents.start(&stage.link, None).await.unwrap();
    let query = stage.visit(&started.url);
    assert_eq!(query["state"], started.state);
    assert_eq!(query["redirect_uri"], "https://crm.example.com/postern/oauth/google/callback");
    assert_eq!((query["login_hint"].as_str(), query["hd"].as_str()), ("anna@acme.cz", "acme.cz"));
    assert_eq!((query["access_type"].as_str(), query["prompt"].as_str()), ("offline", "consent"));
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(ScopeSet::parse(&query["scope"]), ScopeSet::consent(&[Product::Gmail]));
    assert!(started.state.len() >= 43 && started.cookie.len() >= 43 && query["nonce"].len() >= 43);
    stage.finish(&started).await.unwrap();
    let asked = stage.google.asked();
    assert!(asked[0].contains("code_verifier=") && asked[0].contains("client_secret=s3cret"));
}

#[tokio::test]
async fn an_id_token_that_is_not_googles_word_to_us_now_is_refused() {
    let stage = Stage::set().await;
    stage.answers(Tokens::Grant { claims: json!({}), fields: json!({}), key: 1 });
    assert_eq!(stage.why().await, "id_token_signature");
    for (claims, why) in [
        (json!({"aud": "other"}), "id_token_audience"),
        (json!({"iss": "https://evil.test"}), "id_token_issuer"),
        (json!({"nonce": "n"}), "id_token_nonce"),
        (json!({"exp": START - 61}), "id_token_expired"),
        (json!({"iat": START + 120}), "id_token_issued_in_future"),
        (json!({"sub": null}), "id_token_claim"),
        (json!({"email_verified": false}), "email_not_verified"),
    ] {
        stage.claims(claims);
        assert_eq!(stage.why().await, why);
    }
    for (fields, why) in [
        (json!({"id_token": null}), "id_token_missing"),
        (json!({"id_token": "a.b.c"}), "id_token_malformed"),
        (json!({"scope": null}), "google_unavailable"),
        (json!({"refresh_token": null}), "no_refresh_token"),
    ] {
        stage.fields(fields);
        assert_eq!(stage.why().await, why);
    }
    assert!(stage.grant().await.is_none());
    let account = stage.account(stage.account).await;
    assert_eq!((account.state, account.sub), (State::New, None));
    let rows = stage.audit().await;
    assert_eq!(rows.iter().filter(|(event, _)| event == "consent_refused").count(), 12);
    assert!(rows.iter().any(|(_, detail)| detail.contains("id_token_nonce")));
    stage.claims(json!({}));
    stage.connect().await.unwrap();
}

#[tokio::test]
async fn the_wrong_google_account_is_told_who_is_expected() {
    let stage = Stage::set().await;
    stage.claims(json!({"sub": "2", "email": "eva@acme.cz"}));
    match stage.connect().await.unwrap_err().fault {
        ConsentFault::WrongAccount { expected, got } => {
            assert_eq!((expected.as_str(), got.as_str()), ("anna@acme.cz", "eva@acme.cz"));
        }
        other => panic!("{other}"),
    }
    assert!(stage.grant().await.is_none());
    assert!(stage.consents.look(&stage.link).await.is_ok());
}

#[tokio::test]
async fn an_alias_of_the_account_is_the_account() {
    let stage = Stage::set().await;
    stage.claims(json!({"email": "Office@Acme.cz"}));
    assert_eq!(stage.connect().await.unwrap().renamed, None);
}

#[tokio::test]
async fn a_recycled_address_is_another_person() {
    let mut stage = Stage::set().await;
    stage.connect().await.unwrap();
    stage.link = stage.invite(stage.account).await;
    stage.answers(Tokens::Grant {
        claims: json!({"sub": "2"}),
        fields: json!({"refresh_token": "1//theirs"}),
        key: 0,
    });
    assert_eq!(stage.why().await, "another_person");
    assert_eq!(stage.grant().await.unwrap().refresh_token.reveal(), "1//fresh");
    assert_eq!(stage.account(stage.account).await.state, State::Active);
}

#[tokio::test]
async fn a_google_account_that_is_known_elsewhere_is_not_connected_twice() {
    let mut stage = Stage::set().await;
    stage.connect().await.unwrap();
    let nova = stage.register("nova@acme.cz", &[]).await;
    stage.link = stage.invite(nova).await;
    stage.claims(json!({"email": "nova@acme.cz"}));
    assert_eq!(stage.why().await, "known_elsewhere");
    assert_eq!(stage.account(nova).await.state, State::New);
}

#[tokio::test]
async fn a_new_address_of_the_same_person_waits_for_an_admin() {
    let mut stage = Stage::set().await;
    stage.connect().await.unwrap();
    for proposed in [1, 1] {
        stage.link = stage.invite(stage.account).await;
        stage.claims(json!({"email": "nova@acme.cz"}));
        let connected = stage.connect().await.unwrap();
        assert_eq!(connected.renamed.unwrap().as_str(), "nova@acme.cz");
        assert_eq!(connected.address.as_str(), "anna@acme.cz");
        assert_eq!(stage.events().await.iter().filter(|e| *e == "rename_proposed").count(), proposed);
    }
    let account = stage.account(stage.account).await;
    assert_eq!(account.address.as_str(), "anna@acme.cz");
    assert_eq!(account.proposed_address.unwrap().as_str(), "nova@acme.cz");
}

#[tokio::test]
async fn only_allowed_organisations_connect() {
    let stage = Stage::below("https://crm.example.com", &["acme.cz"]).await;
    stage.claims(json!({"hd": null}));
    assert_eq!(stage.why().await, "wrong_domain");
    stage.claims(json!({"hd": "ACME.cz"}));
    stage.connect().await.unwrap();
}

#[tokio::test]
async fn an_unticked_gmail_changes_nothing_and_keeps_an_older_grant() {
    let mut stage = Stage::set().await;
    let unticked = json!({"scope": "openid email", "refresh_token": "1//less"});
    stage.fields(unticked.clone());
    assert_eq!(stage.why().await, "product_missing");
    assert!(stage.grant().await.is_none());
    assert_eq!(stage.account(stage.account).await.state, State::New);
    stage.fields(json!({}));
    stage.connect().await.unwrap();
    stage.link = stage.invite(stage.account).await;
    stage.fields(unticked);
    assert_eq!(stage.why().await, "product_missing");
    assert_eq!(stage.grant().await.unwrap().refresh_token.reveal(), "1//fresh");
    assert_eq!(stage.account(stage.account).await.state, State::Active);
}

#[tokio::test]
async fn consenting_again_replaces_the_grant_and_revokes_nothing() {
    let mut stage = Stage::set().await;
    stage.connect().await.unwrap();
    stage.enter(State::NeedsConsent).await;
    stage.link = stage.invite(stage.account).await;
    stage.fields(json!({"refresh_token": "1//second"}));
    stage.connect().await.unwrap();
    assert_eq!(stage.grant().await.unwrap().refresh_token.reveal(), "1//second");
    assert_eq!(stage.account(stage.account).await.state, State::Active);
    assert!(stage.google.asked().iter().all(|body| body.contains("authorization_code")));
}

#[tokio::test]
async fn a_state_works_once_in_its_browser_within_ten_minutes() {
    let stage = Stage::set().await;
    let started = stage.start().await;
    let code = || Ok(Secret::new("4/code"));
    for cookie in [None, Some(""), Some("other")] {
        let started = stage.start().await;
        let fault =
            stage.consents.finish(&Actor::Owner, &started.state, cookie, code()).await.unwrap_err().fault;
        assert_eq!(fault.why(), "cookie");
        // It was shown to somebody else: it is spent.
        assert_eq!(stage.finish(&started).await.unwrap_err().fault.why(), "state_unknown");
    }
    stage.pass(600);
    assert_eq!(stage.finish(&started).await.unwrap_err().fault.why(), "state_expired");
    assert!(stage.google.asked().is_empty());
    let fresh = stage.start().await;
    stage.pass(599);
    stage.claims(json!({"iat": START + 1100, "exp": START + 4000}));
    stage.finish(&fresh).await.unwrap();
    assert_eq!(stage.finish(&fresh).await.unwrap_err().fault.why(), "state_unknown");
}

#[tokio::test]
async fn what_the_consent_page_says_is_told() {
    let stage = Stage::set().await;
    for (error, why) in [
        ("access_denied", "declined"),
        ("org_internal", "org_internal"),
        ("admin_policy_enforced", "admin_policy_enforced"),
        ("server_error", "google_unavailable"),
        ("<script>", "google_unavailable"),
    ] {
        let started = stage.start().await;
        let answer = Err(error.to_owned());
        let cookie = Some(started.cookie.as_str());
        let refused = stage.consents.finish(&Actor::Owner, &started.state, cookie, answer).await.unwrap_err();
        assert_eq!(refused.fault.why(), why);
        assert!(!refused.reference.is_empty());
    }
    let mut read = stage.store().read().await.unwrap();
    // A browser can claim anything; the client is not blamed for it.
    assert_eq!(clients::current(stage.store(), &mut read).await.unwrap().unwrap().fault, None);
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_changes_nothing_and_the_button_works_again() {
    let stage = Stage::set().await;
    for (tokens, why) in [
        (Tokens::Down, "google_unavailable"),
        (Tokens::Says(503, "<html>"), "google_unavailable"),
        (Tokens::Says(200, "{}"), "google_unavailable"),
        (Tokens::Says(400, r#"{"error":"invalid_grant"}"#), "code_refused"),
        (Tokens::Says(401, r#"{"error":"invalid_client"}"#), "invalid_client"),
    ] {
        stage.answers(tokens);
        assert_eq!(stage.why().await, why);
        assert_eq!(stage.account(stage.account).await.state, State::New);
    }
    let fault = async || {
        let mut read = stage.store().read().await.unwrap();
        clients::current(stage.store(), &mut read).await.unwrap().unwrap().fault
    };
    assert_eq!(fault().await.as_deref(), Some("invalid_client"));
    stage.claims(json!({}));
    stage.connect().await.unwrap();
    assert_eq!(fault().await, None);
}

#[tokio::test]
async fn links_that_offer_nothing_say_why() {
    let stage = Stage::set().await;
    assert_eq!(stage.consents.look(&stage.link).await.unwrap().address.as_str(), "anna@acme.cz");
    assert!(matches!(stage.consents.look("guess").await, Err(LinkFault::Unknown)));
    assert!(matches!(stage.consents.start("", None).await, Err(LinkFault::Unknown)));
    for state in [State::Disabled, State::AwaitingApproval] {
        stage.enter(state).await;
        assert!(matches!(stage.consents.look(&stage.link).await, Err(LinkFault::Barred(_))));
        let by_admin = stage.consents.start_by_admin(&Actor::Gateway, stage.account, None).await;
        assert!(matches!(by_admin, Err(LinkFault::Barred(_))));
    }
    stage.enter(State::New).await;
    stage.pass(7 * 86_400);
    assert!(matches!(stage.consents.look(&stage.link).await, Err(LinkFault::Expired)));
    assert!(matches!(stage.consents.start(&stage.link, None).await, Err(LinkFault::Expired)));
}

#[tokio::test]
async fn an_admin_switches_connecting_off_and_on() {
    let stage = Stage::set().await;
    let open = Google::clone(&stage.welcome.live().now());
    stage.welcome.set(Google { connect: false, ..open.clone() });
    let by_admin = stage.consents.start_by_admin(&Actor::Gateway, stage.account, None).await;
    for closed in [
        stage.consents.look(&stage.link).await.err(),
        stage.consents.start(&stage.link, None).await.err(),
        by_admin.err(),
    ] {
        assert!(matches!(closed, Some(LinkFault::Closed)), "{closed:?}");
    }
    assert!(matches!(stage.consents.look("guess").await, Err(LinkFault::Unknown)), "a guess learns nothing");
    stage.welcome.set(open);
    stage.connect().await.unwrap();
}

#[tokio::test]
async fn without_a_google_client_the_link_stays_good() {
    let stage = Stage::without_client().await;
    assert!(matches!(stage.consents.look(&stage.link).await, Err(LinkFault::NoClient)));
    assert!(matches!(stage.consents.start(&stage.link, None).await, Err(LinkFault::NoClient)));
    stage.refer("ref1", "needs_consent").await;
    let help = stage.consents.help("ref1").await.unwrap().unwrap();
    assert!(help.needs_consent && !help.has_client);
    assert!(matches!(stage.consents.start_by_reference("ref1", None).await, Err(LinkFault::NoClient)));
    stage.client().await;
    stage.connect().await.unwrap();
}

#[tokio::test]
async fn an_account_that_was_disabled_meanwhile_is_not_connected() {
    let stage = Stage::set().await;
    let started = stage.start().await;
    stage.enter(State::Disabled).await;
    assert_eq!(stage.finish(&started).await.unwrap_err().fault.why(), "disabled");
    assert!(stage.grant().await.is_none() && stage.google.asked().is_empty());
}

#[tokio::test]
async fn a_reference_offers_the_button_only_where_a_consent_helps() {
    let stage = Stage::set().await;
    stage.refer("ref1", "needs_consent").await;
    stage.refer("ref2", "wrong_token").await;
    assert!(stage.consents.help("ref1").await.unwrap().unwrap().needs_consent);
    assert!(!stage.consents.help("ref2").await.unwrap().unwrap().needs_consent);
    assert!(stage.consents.help("none").await.unwrap().is_none());
    assert!(stage.consents.help(&"a".repeat(10_000)).await.unwrap().is_none());
    assert!(matches!(stage.consents.start_by_reference("ref2", None).await, Err(LinkFault::NotNeeded)));
    assert!(matches!(stage.consents.start_by_reference("none", None).await, Err(LinkFault::Unknown)));
    let started = stage.consents.start_by_reference("ref1", None).await.unwrap();
    stage.visit(&started.url);
    stage.finish(&started).await.unwrap();
    assert!(!stage.consents.help("ref1").await.unwrap().unwrap().needs_consent);
    stage.enter(State::NeedsSignIn).await;
    assert!(stage.consents.help("ref2").await.unwrap().unwrap().needs_consent);
    stage.pass(30 * 86_400);
    assert!(matches!(stage.consents.start_by_reference("ref1", None).await, Err(LinkFault::Unknown)));
}

#[tokio::test]
async fn an_admin_finishes_at_the_shell() {
    let stage = Stage::set().await;
    let admin = Actor::CommandLine("root".into());
    let started = stage.consents.start_by_admin(&admin, stage.account, None).await.unwrap();
    stage.visit(&started.url);
    let code = Ok(Secret::new("4/code"));
    stage.consents.finish(&admin, &started.state, Some(&started.cookie), code).await.unwrap();
    assert_eq!(stage.account(stage.account).await.state, State::Active);
}

#[tokio::test]
async fn nothing_secret_is_in_the_audit() {
    let stage = Stage::set().await;
    let started = stage.start().await;
    stage.finish(&started).await.unwrap();
    let all = Value::from(stage.audit().await.into_iter().map(|(_, detail)| detail).collect::<Vec<_>>())
        .to_string();
    for secret in ["4/code", "ya29", "1//", &started.state, &started.cookie, &stage.link, "anna@"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert_eq!(format!("{started:?}"), "Started");
}

#[tokio::test]
async fn contacts_alone_are_given_alone_and_named_when_they_are_not() {
    let mut stage = Stage::set().await;
    let google = (*stage.consents.google.now()).clone();
    stage.welcome.set(Google { products: Product::ALL.to_vec(), ..google });
    let only = [Product::Contacts];
    stage.fields(json!({ "scope": ScopeSet::consent(&[Product::Calendar]).to_string() }));
    let started = stage.consents.start(&stage.link, Some(&only)).await.unwrap();
    stage.visit(&started.url);
    let fault = stage.finish(&started).await.unwrap_err().fault;
    assert!(matches!(fault, ConsentFault::ProductMissing(Product::Contacts)), "{fault:?}");
    assert!(fault.told().say(Lang::English).contains("The contacts were not ticked"));
    assert!(stage.grant().await.is_none());
    stage.link = stage.invite(stage.account).await;
    stage.fields(json!({ "scope": ScopeSet::consent(&only).to_string() }));
    let started = stage.consents.start(&stage.link, Some(&only)).await.unwrap();
    stage.visit(&started.url);
    assert_eq!(stage.finish(&started).await.unwrap().products, only);
    assert_eq!(stage.grant().await.unwrap().scopes.products().collect::<Vec<_>>(), only);
}

#[tokio::test]
async fn what_was_asked_for_cannot_be_changed_on_the_way() {
    let stage = Stage::set().await;
    let google = (*stage.consents.google.now()).clone();
    stage.welcome.set(Google { products: Product::ALL.to_vec(), ..google });
    let started = stage.consents.start(&stage.link, Some(&[Product::Calendar])).await.unwrap();
    stage.visit(&started.url);
    let other = started.state.replace(".calendar", ".gmail");
    assert_ne!(other, started.state);
    let code = || Ok(Secret::new("4/code"));
    let cookie = Some(started.cookie.as_str());
    let refused = stage.consents.finish(&Actor::Owner, &other, cookie, code()).await.unwrap_err();
    assert_eq!(refused.fault.why(), "state_unknown");
    stage.fields(json!({ "scope": ScopeSet::consent(&[Product::Calendar]).to_string() }));
    let connected = stage.consents.finish(&Actor::Owner, &started.state, cookie, code()).await.unwrap();
    assert_eq!(connected.products, [Product::Calendar]);
    let mut read = stage.store().read().await.unwrap();
    for (scopes, there) in
        [(ScopeSet::calendar(), true), (ScopeSet::mail(), false), (ScopeSet::contacts(), false)]
    {
        let token = access_tokens::of(stage.store(), &mut read, stage.account, &scopes).await.unwrap();
        assert_eq!(token.is_some(), there, "{scopes}");
    }
}
