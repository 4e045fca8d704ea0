//! What owners are asked for: what an admin offers, less what they leave out.

use axum::http::StatusCode;
use postern_core::model::role::Role;
use postern_core::model::scope::{Product, ScopeSet};
use serde_json::json;
use url::Url;

use super::{House, PUBLIC, Told, pages};
use crate::config::Google;

const START: &str = "/postern/oauth/google/start";
const ALL: [Product; 3] = Product::ALL;

impl House {
    async fn offering(products: &[Product]) -> Self {
        let house = Self::build().await;
        house.offer(products);
        house
    }

    fn offer(&self, products: &[Product]) {
        let google = (*self.stage.consents.google.now()).clone();
        self.stage.welcome.set(Google { products: products.to_vec(), ..google });
    }

    async fn chose(&self, ticks: &str) -> Told {
        self.post(START, &format!("link={}&{ticks}", self.stage.link)).await
    }

    /// Comes back from Google with these scopes.
    async fn gave(&self, told: &Told, scopes: &ScopeSet) -> Told {
        self.stage.fields(json!({ "scope": scopes.to_string() }));
        let query = self.stage.visit(&Url::parse(told.header("location")).unwrap());
        self.come_back(&format!("state={}&code=4/code", query["state"]), &told.cookie()).await
    }

    fn asked_for(&self, told: &Told) -> Vec<Product> {
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        let query = self.stage.visit(&Url::parse(told.header("location")).unwrap());
        ScopeSet::parse(&query["scope"]).products().collect()
    }

    async fn bars(&self, product: Product) -> Option<String> {
        let broker = pages(&self.stage, PUBLIC, false).gmail.broker;
        let token = broker.token(self.stage.account, &ScopeSet::of(product)).await;
        token.err().map(|no| no.to_string())
    }
}

#[tokio::test]
async fn what_is_offered_is_told_and_ticked_and_may_be_left_out() {
    let house = House::offering(&ALL).await;
    let page = house.get(&format!("{START}?link={}", house.stage.link)).await.text;
    assert!(page.contains("reads the mail") && page.contains("sees and edits the events"), "{page}");
    assert!(page.contains("sees and edits the people"), "{page}");
    for name in ["gmail", "calendar", "contacts"] {
        let tick = format!("<input type=\"checkbox\" name=\"{name}\" value=\"yes\" checked>");
        assert!(page.contains(&tick), "{page}");
    }
    for (ticks, asked) in [
        ("choice=yes&gmail=yes&calendar=yes&contacts=yes", &ALL[..]),
        ("choice=yes&gmail=yes&calendar=yes", &[Product::Gmail, Product::Calendar]),
        ("choice=yes&contacts=yes", &[Product::Contacts]),
        ("choice=yes&calendar=yes", &[Product::Calendar]),
        ("choice=yes&gmail=yes", &[Product::Gmail]),
        ("", &ALL),
    ] {
        assert_eq!(house.asked_for(&house.chose(ticks).await), asked, "{ticks}");
    }
    let none = house.chose("choice=yes").await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST);
    assert!(none.text.contains("at least one"), "{}", none.text);
}

#[tokio::test]
async fn the_page_before_google_says_what_stays_out_of_reach() {
    let house = House::offering(&ALL).await;
    let [mail, calendar, contacts] = ALL;
    for (offered, shut) in [
        (&[mail][..], "no access to your calendar, contacts or files"),
        (&[mail, calendar], "no access to your contacts or files"),
        (&[mail, contacts], "no access to your calendar or files"),
        (&[contacts], "no access to your calendar or files"),
        (&ALL, "no access to your files"),
    ] {
        house.offer(offered);
        let page = house.get(&format!("{START}?link={}", house.stage.link)).await.text;
        assert!(page.contains(shut), "{offered:?}: {page}");
        assert_eq!(page.contains("tick the box for Gmail"), offered == [mail], "{page}");
    }
}

#[tokio::test]
async fn what_is_not_offered_is_not_asked_for_whatever_a_form_says() {
    let house = House::offering(&[Product::Gmail]).await;
    let page = house.get(&format!("{START}?link={}", house.stage.link)).await.text;
    assert!(page.contains("no access to your calendar") && !page.contains("checkbox"), "{page}");
    let told = house.chose("choice=yes&gmail=yes&calendar=yes&contacts=yes").await;
    assert_eq!(house.asked_for(&told), [Product::Gmail]);
    assert_eq!(house.chose("choice=yes&contacts=yes").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.chose("choice=yes&calendar=yes").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_reference_leads_to_the_same_choice() {
    let house = House::offering(&ALL).await;
    house.stage.refer("ref1", "needs_consent").await;
    assert!(house.get("/postern/r/ref1").await.text.contains("name=\"calendar\""));
    let told = house.post("/postern/r/ref1/connect", "choice=yes&gmail=yes").await;
    assert_eq!(house.asked_for(&told), [Product::Gmail]);
}

#[tokio::test]
async fn each_product_is_given_and_switched_off_by_itself() {
    let house = House::offering(&ALL).await;
    let told = house.gave(&house.chose("").await, &ScopeSet::consent(&ALL)).await;
    let owner = house.owner_of(&told).await;
    assert_eq!((house.bars(Product::Gmail).await, house.bars(Product::Calendar).await), (None, None));
    let own = async || house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    let page = own().await;
    assert!(page.contains("Mail is on") && page.contains("The calendar is on"), "{page}");
    let off = format!("form_token={}&product=calendar&switch=off", owner.token);
    house.ask("POST", "/postern/me/products", &[("cookie", &owner.cookie)], &off).await;
    let page = own().await;
    assert!(page.contains("Mail is on") && page.contains("Switch the calendar on"), "{page}");
    let barred = house.bars(Product::Calendar).await;
    assert_eq!(barred.as_deref(), Some("the owner has switched this product off"));
    assert_eq!(house.bars(Product::Gmail).await, None);
    // Mail alone, given anew, does not switch the calendar on.
    house.gave(&house.wish(&owner, "connect").await, &ScopeSet::mail()).await;
    assert!(house.bars(Product::Calendar).await.is_some());
}

#[tokio::test]
async fn contacts_are_switched_off_and_on_by_themselves() {
    let house = House::offering(&ALL).await;
    let told = house.gave(&house.chose("").await, &ScopeSet::consent(&ALL)).await;
    let owner = house.owner_of(&told).await;
    let switch = async |way: &str| {
        let form = format!("form_token={}&product=contacts&switch={way}", owner.token);
        house.ask("POST", "/postern/me/products", &[("cookie", &owner.cookie)], &form).await;
        house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text
    };
    let page = switch("off").await;
    assert!(page.contains("You have switched contacts off") && page.contains("Switch contacts on"), "{page}");
    assert!(page.contains("Mail is on") && page.contains("The calendar is on"), "{page}");
    let barred = house.bars(Product::Contacts).await;
    assert_eq!(barred.as_deref(), Some("the owner has switched this product off"));
    assert_eq!((house.bars(Product::Gmail).await, house.bars(Product::Calendar).await), (None, None));
    let desk = house.signed_in("jan", Role::Auditor).await;
    let steps = desk.get("/admin/accounts/onboarding").await.text;
    let mail_off = steps.contains("Only the owner can switch it on");
    assert!(steps.contains("anna@acme.cz") && !mail_off, "it is not mail that is off: {steps}");
    let page = switch("on").await;
    assert!(page.contains("Contacts are on") && page.contains("Switch contacts off"), "{page}");
    assert_eq!(house.bars(Product::Contacts).await, None);
    // Switched off, and then given anew at Google: they are wanted here.
    switch("off").await;
    house.gave(&house.wish(&owner, "connect").await, &ScopeSet::consent(&ALL)).await;
    assert_eq!(house.bars(Product::Contacts).await, None);
}

#[tokio::test]
async fn contacts_alone_may_be_given_or_be_left_out() {
    let house = House::offering(&ALL).await;
    let told = house.chose("choice=yes&contacts=yes").await;
    let nothing = house.gave(&told, &ScopeSet::parse("openid email")).await;
    assert_eq!(nothing.status, StatusCode::FORBIDDEN);
    assert!(nothing.text.contains("The contacts were not ticked"), "{}", nothing.text);
    let told = house.chose("choice=yes&contacts=yes").await;
    let owner = house.owner_of(&house.gave(&told, &ScopeSet::consent(&[Product::Contacts])).await).await;
    assert_eq!(house.bars(Product::Contacts).await, None);
    let lacks = Some("the user did not grant this product");
    assert_eq!(house.bars(Product::Gmail).await.as_deref(), lacks);
    assert_eq!(house.bars(Product::Calendar).await.as_deref(), lacks);
    let own = async || house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    let page = own().await;
    assert!(page.contains("Gmail: not given") && page.contains("Contacts are on"), "{page}");
    assert!(page.contains("connected, but without Gmail") && !page.contains("can read and send"), "{page}");
    assert!(
        page.contains("Calendar: not given") && !page.contains("You have not given the contacts"),
        "{page}"
    );
    // Asked for everything, Google's page is left with no tick for contacts.
    let scopes = ScopeSet::consent(&[Product::Gmail, Product::Calendar]);
    house.gave(&house.wish(&owner, "connect").await, &scopes).await;
    let page = own().await;
    assert!(
        page.contains("Contacts: not given") && page.contains("You have not given the contacts"),
        "{page}"
    );
    assert!(page.contains("The calendar is on") && !page.contains("Switch contacts"), "{page}");
    assert_eq!(house.bars(Product::Contacts).await.as_deref(), lacks);
    let desk = house.signed_in("jan", Role::Auditor).await;
    let sheet = desk.get(&format!("/admin/accounts/{}", house.stage.account)).await.text;
    assert!(sheet.contains("Contacts: not given"), "{sheet}");
}

#[tokio::test]
async fn the_calendar_alone_may_be_given_but_not_in_the_place_of_mail() {
    let house = House::offering(&ALL).await;
    let told = house.chose("").await;
    let lacking = house.gave(&told, &ScopeSet::consent(&[Product::Calendar])).await;
    assert_eq!(lacking.status, StatusCode::FORBIDDEN, "mail was asked for");
    let told = house.chose("choice=yes&calendar=yes").await;
    let nothing = house.gave(&told, &ScopeSet::parse("openid email")).await;
    assert_eq!(nothing.status, StatusCode::FORBIDDEN);
    assert!(nothing.text.contains("The calendar was not ticked"), "{}", nothing.text);
    let told = house.chose("choice=yes&calendar=yes").await;
    let owner = house.owner_of(&house.gave(&told, &ScopeSet::calendar()).await).await;
    assert_eq!(house.bars(Product::Calendar).await, None);
    assert_eq!(house.bars(Product::Gmail).await.as_deref(), Some("the user did not grant this product"));
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    assert!(page.contains("Gmail: not given") && page.contains("The calendar is on"), "{page}");
}

#[tokio::test]
async fn what_was_given_stays_listed_and_is_asked_for_again_when_it_is_no_longer_offered() {
    let house = House::offering(&ALL).await;
    let told = house.gave(&house.chose("").await, &ScopeSet::consent(&ALL)).await;
    let owner = house.owner_of(&told).await;
    house.offer(&[Product::Gmail]);
    let page = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    assert!(page.contains("The calendar is on"), "{page}");
    let desk = house.signed_in("jan", Role::Auditor).await;
    let sheet = desk.get(&format!("/admin/accounts/{}", house.stage.account)).await.text;
    assert!(sheet.contains("Calendar (seeing and editing events)"), "{sheet}");
    assert!(sheet.contains("Contacts (seeing and editing people)"), "{sheet}");
    assert_eq!(house.asked_for(&house.wish(&owner, "connect").await), ALL);
}

#[tokio::test]
async fn an_admin_reads_which_scopes_belong_to_what_is_offered() {
    let house = House::offering(&ALL).await;
    let desk = house.signed_in("jan", Role::Admin).await;
    for path in ["/admin/google", "/admin/google/service-accounts"] {
        let page = desk.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for scope in ALL.iter().flat_map(|product| product.scopes()) {
            assert!(page.text.contains(scope), "{path}: {scope}");
        }
        let apis = page.text.contains("Gmail API, Google Calendar API, People API");
        assert_eq!(apis, path == "/admin/google", "{path}");
    }
}
