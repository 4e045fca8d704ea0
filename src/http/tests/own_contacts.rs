//! The page about a mailbox's contacts, for its owner.

use axum::http::StatusCode;
use postern_core::model::id::{BookId, DeadLetterId, HoldId, PairId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::several::{Item, Several};
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};
use serde_json::json;

use super::owner::Owner;
use super::{House, Told};
use crate::actions::contacts::view::{View, view};
use crate::store::Batch;
use crate::store::contacts::books;
use crate::store::contacts::links::{self, Link};
use crate::store::sync::calendars::Ended;
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::{dead_letters, holds};

pub const PAGE: &str = "/postern/me/contacts";
const GROUPS: &[(&str, &str)] =
    &[("contactGroups/g1", "CRM"), ("contactGroups/g2", "<script>alert(1)</script>")];

/// What a form says where nobody touches it.
pub const UNTOUCHED: &[(&str, &str)] = &[
    ("group", ""),
    ("newGroup", ""),
    ("direction", "to_google"),
    ("strangers", "ignore"),
    ("deletesPersons", "false"),
    ("deletesRecords", "false"),
    ("winner", "newest"),
    ("Contact", "yes"),
    ("Lead", "yes"),
    ("field", "given"),
    ("field", "emails"),
    ("country", ""),
    ("filter", ""),
];

impl House {
    /// Anna connects everything, and is a user of the CRM; Google lists these groups.
    pub async fn in_contacts(&self) -> Owner {
        self.stage.groups(GROUPS);
        self.is_user(Some("a1")).await;
        self.with_calendars(&[]).await
    }

    /// The same, and a group is chosen.
    pub async fn in_group(&self) -> Owner {
        let owner = self.in_contacts().await;
        let told = self.wish(&owner, "contacts/refresh").await;
        assert_eq!(told.header("location"), format!("{PAGE}?done=read"), "{}", told.text);
        let told = self.save_contacts(&owner, 0, &[("group", "contactGroups/g1")]).await;
        assert_eq!(told.header("location"), format!("{PAGE}?done=saved"), "{}", told.text);
        owner
    }

    /// Sends the form with these fields over the untouched ones.
    pub async fn save_contacts(&self, owner: &Owner, version: i64, fields: &[(&str, &str)]) -> Told {
        let version = version.to_string();
        let touched = |name: &str| fields.iter().any(|(other, _)| *other == name);
        let untouched = UNTOUCHED.iter().filter(|(name, _)| !touched(name));
        let all = [("version", version.as_str())];
        let fields: Vec<_> =
            all.iter().chain(untouched).chain(fields).copied().filter(|(_, value)| *value != "-").collect();
        self.wish_with(owner, "contacts", &fields).await
    }

    pub async fn contacts(&self) -> View {
        view(self.stage.store(), self.stage.account).await.unwrap()
    }

    pub async fn book(&self) -> BookId {
        self.contacts().await.book.unwrap().id
    }

    /// A link of somebody of that name with a record.
    pub async fn linked(&self, name: &str, record: &str, state: State) -> PairId {
        let store = self.stage.store();
        let id = PairId(store.dice().id(store.clock()).unwrap());
        let emails = Several(vec![Item::new(format!("{record}@x.cz"), "")]);
        let shown = Record::new()
            .with(Field::Given, Value::text(name))
            .with(Field::Family, Value::text("Nova"))
            .with(Field::Emails, Value::Several(emails));
        let link = Link {
            id,
            account: self.stage.account,
            book: self.book().await,
            resource: Some(format!("people/{record}")),
            source: None,
            entity: Entity::Contact,
            record: Some(record.to_owned()),
            origin: Side::Crm,
            state,
            visible: true,
            dirty: false,
            soils: 0,
            base: Base::of(shown.clone(), shown),
        };
        let mut batch = store.batch().await.unwrap();
        assert!(links::add(&mut batch, &link).await.unwrap());
        batch.commit().await.unwrap();
        id
    }

    /// Something that could not be done, about what the key names.
    pub async fn contact_letter(&self, key: &str, why: &str) -> DeadLetterId {
        let (store, book) = (self.stage.store(), self.book().await);
        let mut batch = store.batch().await.unwrap();
        dead_letters::put(&mut batch, book, self.stage.account, key, Side::Google, why, "{}").await.unwrap();
        let all = dead_letters::of_calendar(store, &mut batch, book, 100).await.unwrap();
        batch.commit().await.unwrap();
        all.into_iter().find(|letter| letter.key == key).unwrap().id
    }

    /// Writes of a class that want a word, about these.
    pub async fn contact_hold(&self, class: &str, about: &[&str]) -> HoldId {
        let meant = |about: &&str| json!({ "hash": "x", "rule": "removal-deletes", "about": about });
        let content = json!(about.iter().map(meant).collect::<Vec<_>>()).to_string();
        let book = self.book().await;
        let mut batch = self.stage.store().batch().await.unwrap();
        let hold = holds::open(&mut batch, book, self.stage.account, class, 12, &content).await.unwrap();
        batch.commit().await.unwrap();
        hold
    }

    /// The book was run, and is due in ten minutes.
    pub async fn book_ran(&self, counts: Counts, fault: Option<&str>) {
        let book = self.book().await;
        let mut batch = self.stage.store().batch().await.unwrap();
        books::begin(&mut batch, book, self.stage.clock.now() + 600_000_000).await.unwrap();
        let run = runs::begin(&mut batch, book).await.unwrap();
        runs::end(&mut batch, book, run, &counts, fault).await.unwrap();
        self.ended(&mut batch, book, fault).await;
        batch.commit().await.unwrap();
    }

    async fn ended(&self, batch: &mut Batch, book: BookId, fault: Option<&str>) {
        let next_at = self.stage.clock.now() + 600_000_000;
        let ended = Ended { fault: fault.map(str::to_owned), failures: 0, next_at };
        books::end(batch, book, &ended).await.unwrap();
    }
}

#[tokio::test]
async fn who_has_not_given_contacts_reads_why_and_finds_the_button() {
    let house = House::build().await;
    let owner = house.connected().await;
    let told = house.see(&owner, PAGE).await;
    assert!(told.text.contains("does not offer contacts") && !told.text.contains("<form"), "{}", told.text);
    let google = (*house.stage.consents.google.now()).clone();
    let products = Product::ALL.to_vec();
    house.stage.welcome.set(crate::config::Google { products, ..google });
    for page in [PAGE.to_owned(), format!("{PAGE}/push"), format!("{PAGE}/review"), format!("{PAGE}/pairs")] {
        let told = house.see(&owner, &page).await;
        assert!(told.text.contains("You have not given the contacts"), "{page}: {}", told.text);
        assert!(told.text.contains("action=\"/postern/me/connect\""), "{page}: {}", told.text);
    }
    let told = house.save_contacts(&owner, 0, &[]).await;
    assert!(told.text.contains("You have not given"), "a form changes nothing either");
    assert_eq!(house.contacts().await.version, 0);
    house.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
    let told = house.connected_again().await;
    let owner = house.owner_of(&told).await;
    let own = house.see(&owner, "/postern/me").await.text;
    assert!(own.contains("href=\"/postern/me/contacts\""), "{own}");
    let off = [("product", "contacts"), ("switch", "off")];
    house.wish_with(&owner, "products", &off).await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("You have switched contacts off") && page.contains("Switch contacts on"), "{page}");
    let own = house.see(&owner, "/postern/me").await.text;
    assert!(!own.contains("href=\"/postern/me/contacts\""), "{own}");
}

#[tokio::test]
async fn the_groups_are_read_one_is_chosen_and_what_is_chosen_is_shown() {
    let house = House::build().await;
    let owner = house.in_contacts().await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(
        page.contains("Read them first, or make a new one") && page.contains("No group is chosen"),
        "{page}"
    );
    house.wish(&owner, "contacts/refresh").await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains(">CRM (0 people)</option>"), "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62; (0 people)"), "{page}");
    assert!(!page.contains("<script>") && !page.contains("value=\"contactGroups/g1\" selected"), "{page}");
    let family = "name=\"field\" value=\"family\" checked disabled";
    assert!(page.contains(family) && page.contains("A last name is needed"), "{page}");
    for off in ["deletesPersons", "deletesRecords"] {
        assert!(page.contains(&format!("name=\"{off}\" value=\"false\" checked")), "{off}: {page}");
    }

    let fields = [
        ("group", "contactGroups/g1"),
        ("monitored", "contactGroups/g2"),
        ("direction", "both"),
        ("strangers", "contact"),
        ("deletesPersons", "true"),
        ("Lead", "-"),
        ("country", "cz"),
        ("filter", "onlyMy"),
        ("winner", "crm"),
    ];
    let told = house.save_contacts(&owner, 0, &fields).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=saved"), "{}", told.text);
    let view = house.contacts().await;
    assert_eq!((view.version, view.choices.group.as_deref()), (1, Some("contactGroups/g1")));
    assert_eq!(view.choices.monitored, ["contactGroups/g2".to_owned()].into());
    assert_eq!(view.choices.kinds, [Entity::Contact]);
    assert!(view.choices.deletes_persons && !view.choices.deletes_records);
    let chosen: Vec<_> = view.choices.fields.iter().map(|field| field.name()).collect();
    assert_eq!(chosen, ["given", "family", "emails"], "nobody is without a last name");
    let page = house.see(&owner, &format!("{PAGE}?done=saved")).await.text;
    for shown in [
        "brought in step within a few minutes",
        "value=\"contactGroups/g1\" selected",
        "name=\"monitored\" value=\"contactGroups/g1\">",
        "name=\"monitored\" value=\"contactGroups/g2\" checked",
        "name=\"direction\" value=\"both\" checked",
        "name=\"strangers\" value=\"contact\" checked",
        "name=\"deletesPersons\" value=\"true\" checked",
        "name=\"field\" value=\"emails\" checked",
        "name=\"country\" value=\"CZ\"",
        "name=\"filter\" value=\"onlyMy\"",
        "name=\"version\" value=\"1\"",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(
        !page.contains("name=\"Lead\" value=\"yes\" checked") && !page.contains("value=\"note\" checked")
    );
    assert_eq!(house.stage.events().await.last().unwrap(), "contact_choices_set");
}

#[tokio::test]
async fn a_group_that_google_took_away_stays_chosen_and_is_told() {
    let house = House::build().await;
    let owner = house.in_group().await;
    house.stage.groups(&[]);
    house.wish(&owner, "contacts/refresh").await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("CRM (Google does not list it any more)"), "{page}");
    let told = house.save_contacts(&owner, 1, &[("group", "contactGroups/g1"), ("winner", "crm")]).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
    house.stage.groups_down();
    let told = house.wish(&owner, "contacts/refresh").await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    assert!(told.text.contains("Try again in a few minutes"), "{}", told.text);
}

#[tokio::test]
async fn a_new_group_is_made_by_its_name_and_chosen() {
    let house = House::build().await;
    let owner = house.in_contacts().await;
    let before = house.stage.events().await.len();
    let told = house.save_contacts(&owner, 7, &[("newGroup", "Customers")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "nothing is made for choices that are not taken");
    let told =
        house.save_contacts(&owner, 0, &[("newGroup", "Customers"), ("Contact", "-"), ("Lead", "-")]).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("value=\"Customers\""), "what was entered stays entered: {}", told.text);
    assert_eq!(house.stage.events().await.len(), before);
    let told = house.save_contacts(&owner, 0, &[("newGroup", "CRM")]).await;
    assert!(told.text.contains("There is a group of that name already"), "{}", told.text);
    let told = house.save_contacts(&owner, 0, &[("newGroup", &"x".repeat(101))]).await;
    assert!(told.text.contains("at most 100 letters"), "{}", told.text);
    let told = house.save_contacts(&owner, 0, &[("newGroup", "Customers")]).await;
    assert_eq!(told.header("location"), format!("{PAGE}?done=saved"), "{}", told.text);
    let events = house.stage.events().await;
    assert!(
        events.ends_with(&["contact_group_made", "contact_choices_set"].map(str::to_owned)),
        "{events:?}"
    );
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("selected>Customers (0 people)"), "{page}");
}

#[tokio::test]
async fn whoever_saves_later_sees_who_was_faster_and_what_differs() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let told = house.save_contacts(&owner, 0, &[("direction", "both"), ("filter", "mine")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("you yourself, in another window was faster"), "{}", told.text);
    let alert = told.text.split("role=\"alert\"").nth(1).unwrap().split("</div>").next().unwrap();
    for words in ["Only from the CRM to Google", "Both ways", "CRM (0 people)", "none: nothing", "mine"] {
        assert!(alert.contains(words), "{words}: {alert}");
    }
    assert!(!alert.contains("the later change holds"), "only what differs: {alert}");
    assert!(told.text.contains("name=\"version\" value=\"1\""), "the next save counts");
}

#[tokio::test]
async fn what_cannot_be_is_not_saved_and_said_beside_the_form() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let before = house.stage.events().await.len();
    for (fields, status, words) in [
        (&[("Contact", "-"), ("Lead", "-")][..], 422, "at least one kind"),
        (&[("Lead", "-"), ("strangers", "lead")], 422, "has to be one of those"),
        (&[("country", "Q1")], 422, "two letters, such as CZ"),
        (&[("filter", "a b<c>")], 422, "letters, digits, hyphens"),
        (&[("group", "contactGroups/foreign")], 422, "does not list this group"),
        (&[("group", "people/c1")], 422, "does not list this group"),
        (&[("group", "contactGroups/g1"), ("monitored", "contactGroups/foreign")], 422, "does not list this"),
        (&[("direction", "sideways")], 400, ""),
        (&[("winner", "-")], 400, ""),
        (&[("field", "when")], 400, ""),
        (&[("version", "x")], 400, ""),
    ] {
        let told = house.save_contacts(&owner, 1, fields).await;
        assert_eq!(told.status.as_u16(), status, "{fields:?}: {}", told.text);
        assert!(told.text.contains(words) && !told.text.contains("<c>"), "{fields:?}: {}", told.text);
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing was done");
}

#[tokio::test]
async fn the_page_says_how_the_last_run_went_and_when_the_next_begins() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("has not run yet") && page.contains("hx-trigger=\"every 5s\""), "{page}");
    house.linked("Eva", "r1", State::Active).await;
    house.linked("Dan", "r2", State::Detached).await;
    let counts = Counts { seen: 9, made: 4, written: 3, held: 12, failed: 2, ..Counts::default() };
    house.book_ran(counts, None).await;
    let page = house.see(&owner, PAGE).await.text;
    for words in [
        "went well",
        "Looked at: 9. Made: 4. Changed: 3.",
        "12 changes wait",
        "2 changes could not",
        "The next run begins at 2026-",
        "<b>1</b> kept in step",
        "<b>1</b> let go",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("hx-get") && !page.contains("<script"), "{page}");
    for (way, events) in [("asked", 1), ("nothing", 0)] {
        let before = house.stage.events().await.len();
        let told = house.wish(&owner, "contacts/run").await;
        assert_eq!(told.header("location"), format!("{PAGE}?done={way}"));
        assert_eq!(house.stage.events().await.len() - before, events, "{way}");
    }
    house.stage.pass(60);
    house.book_ran(Counts::default(), Some("group_gone")).await;
    let page = house.see(&owner, PAGE).await.text;
    assert!(page.contains("failed: the group is gone from Google; choose another one"), "{page}");
}

#[tokio::test]
async fn a_run_is_followed_while_it_runs_and_no_longer() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let book = house.book().await;
    let mut batch = house.stage.store().batch().await.unwrap();
    let run = runs::begin(&mut batch, book).await.unwrap();
    let counts = Counts { seen: 60, made: 10, planned: 40, done: 10, ..Counts::default() };
    runs::note(&mut batch, run, &counts).await.unwrap();
    batch.commit().await.unwrap();
    let page = house.see(&owner, PAGE).await;
    for words in [
        "hx-get=\"/postern/me/contacts/runs\" hx-trigger=\"every 2s\"",
        "10 of 40 done",
        "max=\"40\" value=\"10\"",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'"));
    let part = house.see(&owner, &format!("{PAGE}/runs")).await.text;
    assert!(part.starts_with("<section id=\"runs\"") && part.contains(&owner.token), "{part}");
    house.stage.clock.advance(std::time::Duration::from_secs(1));
    house.book_ran(Counts::default(), None).await;
    let part = house.see(&owner, &format!("{PAGE}/runs")).await.text;
    assert!(!part.contains("hx-get") && part.contains("went well"), "{part}");
}

#[tokio::test]
async fn the_pages_are_ones_own_and_want_their_own_forms() {
    let house = House::build().await;
    let owner = house.in_group().await;
    let id = uuid::Uuid::from_u128(7);
    for path in [
        "contacts".to_owned(),
        "contacts/refresh".to_owned(),
        "contacts/run".to_owned(),
        "contacts/push".to_owned(),
        format!("contacts/push/{id}/cancel"),
        format!("contacts/review/{id}"),
        format!("contacts/hold/{id}/approve"),
        format!("contacts/letter/{id}/retry"),
    ] {
        let forged = Owner { cookie: owner.cookie.clone(), token: "guess".to_owned() };
        assert_eq!(house.wish(&forged, &path).await.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = Owner { cookie: String::new(), token: owner.token.clone() };
        assert_eq!(house.wish(&stranger, &path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for page in ["", "/push", "/review", "/pairs", "/runs"] {
        let told = house.get(&format!("{PAGE}{page}")).await;
        assert!(told.text.contains("Sign in with Google") && !told.text.contains("CRM (0"), "{}", told.text);
    }
}

#[tokio::test]
async fn both_languages_and_a_label_for_every_field() {
    let house = House::build().await;
    let owner = house.in_group().await;
    house.book_ran(Counts::default(), None).await;
    for (path, english, czech) in [
        ("", "Which way changes go", "Kterým směrem jdou změny"),
        ("/push", "Kind of record", "Druh záznamu"),
        ("/review", "Nobody waits", "nikdo nečeká"),
        ("/pairs", "Nobody is linked", "není spojen nikdo"),
    ] {
        for (language, words, other) in [("en", english, czech), ("cs", czech, english)] {
            let fields = [("cookie", owner.cookie.as_str()), ("accept-language", language)];
            let page = house.ask("GET", &format!("{PAGE}{path}"), &fields, "").await.text;
            assert!(page.contains(words) && !page.contains(other), "{path} {language}: {page}");
            assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
            let tags = ["<input ", "<select ", "<textarea "];
            let fields = tags.map(|tag| page.split(tag).skip(1).collect::<Vec<_>>()).concat();
            let fields = fields.iter().map(|field| field.split('>').next().unwrap());
            for field in fields.filter(|field| !field.contains("type=\"hidden\"")) {
                let inside = page.contains(&format!("<label class=\"tick\"><input {field}>"));
                let named = field.split("id=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
                assert!(inside || page.contains(&format!("<label for=\"{}\">", named.unwrap())), "{field}");
            }
        }
    }
}
