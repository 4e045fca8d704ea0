//! The page about a mailbox's calendars.

use axum::http::StatusCode;
use postern_core::model::id::CalendarId;
use postern_core::model::role::Role;
use postern_core::model::scope::{Product, ScopeSet};
use serde_json::json;

use super::owner::Owner;
use super::{House, Told};
use crate::actions::calendars::view::{self, View};
use crate::store::sync::calendars::{self, Ended};
use crate::store::sync::runs::{self, Counts};

const USUAL: &[(&str, &str)] = &[("anna@acme.cz", "owner"), ("team", "writer"), ("boss", "reader")];
const PAGE: &str = "/postern/me/calendar";

/// What a form says where nobody touches it, without calendars.
pub const UNTOUCHED: &[(&str, &str)] = &[
    ("direction", "both"),
    ("private", "skip"),
    ("unanswered", "true"),
    ("guests", "true"),
    ("writesGuests", "false"),
    ("invitations", "none"),
    ("removes", "false"),
    ("removesNotHeld", "false"),
    ("winner", "newest"),
    ("takesPart", "false"),
    ("defaultTeam", ""),
    ("Meeting", "yes"),
    ("label-Meeting", ""),
    ("Call", "yes"),
    ("label-Call", "Call"),
    ("defaultKind", "Meeting"),
];

impl House {
    /// Anna connects mail and calendar; Google lists these calendars.
    pub async fn with_calendars(&self, all: &[(&str, &str)]) -> Owner {
        self.stage.calendars(all);
        self.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
        self.connected().await
    }

    /// The same, and the list was read.
    pub async fn listed(&self) -> Owner {
        let owner = self.with_calendars(USUAL).await;
        let told = self.wish(&owner, "calendar/refresh").await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text);
        owner
    }

    pub async fn look(&self, owner: &Owner, language: &str) -> Told {
        let fields = [("cookie", owner.cookie.as_str()), ("accept-language", language)];
        self.ask("GET", PAGE, &fields, "").await
    }

    /// Sends the form with these fields over the untouched ones.
    pub async fn save(&self, owner: &Owner, version: i64, fields: &[(&str, &str)]) -> Told {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("form_token", &owner.token).append_pair("version", &version.to_string());
        let touched = |name: &str| fields.iter().any(|(other, _)| *other == name);
        if !touched("defaults") {
            let standing = self.calendars().await.defaults_version.to_string();
            form.append_pair("defaults", &standing);
        }
        let untouched = UNTOUCHED.iter().filter(|(name, _)| !touched(name));
        for (name, value) in untouched.chain(fields).filter(|(_, value)| *value != "-") {
            form.append_pair(name, value);
        }
        self.ask("POST", PAGE, &[("cookie", &owner.cookie)], &form.finish()).await
    }

    pub async fn calendars(&self) -> View {
        view::one(self.stage.store(), self.stage.account).await.unwrap()
    }

    /// The identity of a calendar of Anna's.
    pub async fn calendar(&self, name: &str) -> String {
        let all = self.calendars().await.calendars;
        all.iter().find(|offer| offer.name == name).unwrap().id.to_string()
    }

    /// Every calendar was run with these counts.
    pub async fn calendars_ran(&self, counts: Counts, fault: Option<&str>) {
        let mut batch = self.stage.store().batch().await.unwrap();
        for offer in self.calendars().await.calendars {
            let run = runs::begin(&mut batch, offer.id).await.unwrap();
            runs::end(&mut batch, offer.id, run, &counts, fault).await.unwrap();
            let next_at = self.stage.clock.now() + 600_000_000;
            let ended = Ended { fault: fault.map(str::to_owned), failures: 0, next_at };
            calendars::end(&mut batch, offer.id, &ended).await.unwrap();
        }
        batch.commit().await.unwrap();
    }
}

/// The options of the main calendar with their words, the selected one first.
fn options(page: &str) -> Vec<&str> {
    let select = page.split("<select id=\"main\"").nth(1).unwrap().split("</select>").next().unwrap();
    let mut all: Vec<&str> = select.split("<option ").skip(1).collect();
    all.sort_by_key(|option| !option.contains(" selected"));
    all.iter().map(|option| option.split('>').nth(1).unwrap().split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn who_has_not_given_the_calendar_reads_what_to_do() {
    let house = House::build().await;
    let owner = house.connected().await;
    let told = house.look(&owner, "").await;
    assert!(told.text.contains("does not offer the calendar"), "{}", told.text);
    let google = (*house.stage.consents.google.now()).clone();
    let products = Product::ALL.to_vec();
    house.stage.welcome.set(crate::config::Google { products, ..google });
    let told = house.look(&owner, "").await;
    assert!(told.text.contains("press Connect again") && !told.text.contains("<form"), "{}", told.text);
    let own = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    assert!(own.contains("press Connect again") && !own.contains("/me/calendar"), "{own}");
    let told = house.save(&owner, 0, &[]).await;
    assert!(told.text.contains("press Connect again"), "a form changes nothing either");
    assert_eq!(house.calendars().await.version, 0);
    house.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
    house.stage.calendars(USUAL);
    let told = house.connected_again().await;
    let owner = house.owner_of(&told).await;
    assert!(house.look(&owner, "").await.text.contains("boss"), "the list is there with the consent");
    let own = house.ask("GET", "/postern/me", &[("cookie", &owner.cookie)], "").await.text;
    assert!(own.contains("href=\"/postern/me/calendar\""), "{own}");
    let off = format!("form_token={}&product=calendar&switch=off", owner.token);
    house.ask("POST", "/postern/me/products", &[("cookie", &owner.cookie)], &off).await;
    assert!(house.look(&owner, "").await.text.contains("You have switched the calendar off"));
}

#[tokio::test]
async fn the_list_is_read_the_own_calendar_proposed_and_what_is_chosen_shown() {
    let house = House::build().await;
    house.stage.calendars_down();
    house.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
    let owner = house.connected().await;
    house.stage.calendars(USUAL);
    let page = house.look(&owner, "").await.text;
    assert!(page.contains("Read the list first") && !page.contains("<select"), "{page}");
    house.wish(&owner, "calendar/refresh").await;
    let page = house.look(&owner, "").await.text;
    assert_eq!(
        options(&page),
        [
            "anna@acme.cz (your own; proposed)",
            "none",
            "boss (read only: cannot be written)",
            "team (you may write)"
        ]
    );
    assert!(house.calendars().await.main().is_none(), "proposed is not chosen");
    assert!(page.contains("belongs to no user of the CRM") && page.contains("No calendar is chosen"));

    let (team, boss) = (house.calendar("team").await, house.calendar("boss").await);
    let fields = [
        ("main", team.as_str()),
        ("monitored", boss.as_str()),
        ("since", "2026-11-01"),
        ("direction", "to_google"),
        ("removes", "true"),
        ("label-Call", "Hovor <b>"),
        ("defaultKind", ""),
    ];
    let told = house.save(&owner, 0, &fields).await;
    assert_eq!(
        (told.status, told.header("location")),
        (StatusCode::SEE_OTHER, "/postern/me/calendar?done=saved")
    );
    let view = house.calendars().await;
    let (main, monitored) = (view.main().unwrap().to_string(), view.monitored()[0].to_string());
    assert_eq!((main, monitored, view.version), (team.clone(), boss.clone(), 1));
    assert!(view.choices.removes && !view.choices.removes_not_held && view.choices.default_kind.is_none());
    let page = house.look(&owner, "").await.text;
    assert_eq!(options(&page)[0], "team (you may write)");
    for shown in [
        format!("name=\"monitored\" value=\"{boss}\" checked"),
        "name=\"direction\" value=\"to_google\" checked".to_owned(),
        "name=\"removes\" value=\"true\" checked".to_owned(),
        "name=\"defaultKind\" value=\"\" checked".to_owned(),
        "name=\"since\" value=\"2026-11-01\"".to_owned(),
        "value=\"Hovor &#60;b&#62;\"".to_owned(),
    ] {
        assert!(page.contains(&shown), "{shown}: {page}");
    }
}

#[tokio::test]
async fn whoever_saves_later_sees_who_was_faster_and_what_differs() {
    let house = House::build().await;
    let owner = house.listed().await;
    let (team, boss) = (house.calendar("team").await, house.calendar("boss").await);
    house.save(&owner, 0, &[("main", &team), ("direction", "to_crm")]).await;
    let told = house.save(&owner, 0, &[("monitored", &boss), ("direction", "to_google")]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("you yourself, in another window was faster"), "{}", told.text);
    let alert = told.text.split("role=\"alert\"").nth(1).unwrap().split("</div>").next().unwrap();
    for words in ["Only from Google to the CRM", "Only from the CRM to Google", "team", "boss"] {
        assert!(alert.contains(words), "{words}: {alert}");
    }
    assert!(!alert.contains("Private events"), "only what differs: {alert}");
    // The form shows what holds, and the next save counts.
    assert!(told.text.contains("name=\"version\" value=\"1\"") && options(&told.text)[0].starts_with("team"));
    let path = format!("/api/v1/ExternalAccount/{}/calendar", house.stage.account);
    let program = house.program(postern_core::model::key_scope::KeyScope::ALL).await;
    let wish = json!({ "version": 1, "choices": { "direction": "both" } }).to_string();
    assert_eq!(program.ask("PUT", &path, &[], &wish).await.status, StatusCode::OK);
    let told = house.save(&owner, 1, &[]).await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text.contains("the program crm was faster"), "{}", told.text);
}

#[tokio::test]
async fn what_cannot_be_is_not_saved_and_said_beside_the_form() {
    let house = House::build().await;
    let owner = house.listed().await;
    let boss = house.calendar("boss").await;
    let foreign = uuid::Uuid::from_u128(7).to_string();
    let before = house.stage.events().await.len();
    for (fields, status, words) in [
        (&[("main", foreign.as_str())][..], 422, "does not list one of these calendars"),
        (&[("monitored", &foreign)], 422, "does not list one of these calendars"),
        (&[("main", &boss)], 422, "you may write to"),
        (&[("Meeting", "-"), ("Call", "-"), ("defaultKind", "")], 422, "at least one kind"),
        (&[("Meeting", "-")], 422, "has to be one of those"),
        (&[("label-Call", "")], 422, "cannot be told apart"),
        (&[("since", "tomorrow")], 422, "written as 2026-11-22"),
        (&[("direction", "sideways")], 400, ""),
        (&[("winner", "-")], 400, ""),
        (&[("main", "x")], 400, ""),
        (&[("version", "x")], 400, ""),
    ] {
        let told = house.save(&owner, 0, fields).await;
        assert_eq!(told.status.as_u16(), status, "{fields:?}: {}", told.text);
        assert!(told.text.contains(words), "{fields:?}: {}", told.text);
    }
    assert_eq!(house.stage.events().await.len(), before, "nothing was done");
    let told = house.save(&owner, 0, &[("label-Call", ""), ("private", "full")]).await;
    assert!(told.text.contains("name=\"private\" value=\"full\" checked"), "what was entered stays entered");
}

#[tokio::test]
async fn the_page_says_how_the_last_run_went() {
    let house = House::build().await;
    let owner = house.listed().await;
    let team = house.calendar("team").await;
    house.save(&owner, 0, &[("main", &team)]).await;
    assert!(house.look(&owner, "").await.text.contains("has not run yet"));
    let counts =
        Counts { seen: 9, made: 4, written: 3, removed: 1, held: 12, failed: 2, ..Counts::default() };
    house.calendars_ran(counts, None).await;
    let page = house.look(&owner, "").await.text;
    for words in
        ["went well", "seen 9, made 4, changed 3, deleted 1", "12 changes wait", "2 changes could not"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for (way, events) in [("asked", 1), ("nothing", 0)] {
        let before = house.stage.events().await.len();
        let told = house.wish(&owner, "calendar/run").await;
        assert_eq!(told.header("location"), format!("{PAGE}?done={way}"));
        assert_eq!(house.stage.events().await.len() - before, events, "{way}");
    }
    house.stage.pass(60);
    house.calendars_ran(Counts::default(), Some("not_found")).await;
    assert!(house.look(&owner, "").await.text.contains("failed (not_found)"));
}

#[tokio::test]
async fn a_run_is_followed_while_it_runs_and_no_longer() {
    let house = House::build().await;
    let owner = house.listed().await;
    let team = house.calendar("team").await;
    house.save(&owner, 0, &[("main", &team)]).await;
    let page = house.look(&owner, "").await;
    assert!(page.text.contains("hx-trigger=\"every 5s\""), "it is due: {}", page.text);
    house.calendars_ran(Counts::default(), None).await;
    let page = house.look(&owner, "").await;
    assert!(!page.text.contains("hx-get") && !page.text.contains("<script"), "{}", page.text);

    let calendar: CalendarId = team.parse().unwrap();
    house.stage.pass(60);
    let mut batch = house.stage.store().batch().await.unwrap();
    let run = runs::begin(&mut batch, calendar).await.unwrap();
    batch.commit().await.unwrap();
    assert!(house.look(&owner, "").await.text.contains("Reading what has changed"));
    for (done, seconds) in [(0, 10), (400, 100)] {
        house.stage.pass(seconds);
        let mut batch = house.stage.store().batch().await.unwrap();
        let counts = Counts { seen: 4_100, made: done, planned: 4_000, done, ..Counts::default() };
        runs::note(&mut batch, run, &counts).await.unwrap();
        batch.commit().await.unwrap();
    }
    let page = house.look(&owner, "").await;
    for words in [
        "hx-get=\"/postern/me/calendar/runs\" hx-trigger=\"every 2s\"",
        "<script src=\"/postern/assets/htmx-",
        "400 of 4000 done. 4.0 a second, about 15 minutes left.",
        "max=\"4000\" value=\"400\"",
        "seen 4100, made 400",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(page.header("content-security-policy").contains("script-src 'self'; connect-src 'self'"));
    let fields = [("cookie", owner.cookie.as_str())];
    let part = house.ask("GET", "/postern/me/calendar/runs", &fields, "").await.text;
    assert!(part.starts_with("<section id=\"runs\"") && part.contains("400 of 4000"), "{part}");
    assert!(!part.contains("<html") && part.contains(&owner.token), "its form works as well: {part}");
    house.calendars_ran(Counts::default(), None).await;
    let part = house.ask("GET", "/postern/me/calendar/runs", &fields, "").await.text;
    assert!(!part.contains("hx-get") && part.contains("went well"), "{part}");
}

#[tokio::test]
async fn google_that_shows_no_list_changes_nothing() {
    let house = House::build().await;
    let owner = house.listed().await;
    house.stage.calendars_down();
    let before = house.stage.events().await.len();
    let told = house.wish(&owner, "calendar/refresh").await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    assert!(told.text.contains("Try again in a few minutes"), "{}", told.text);
    assert_eq!(house.stage.events().await.len(), before);
    assert!(house.calendars().await.calendars.iter().all(|offer| offer.listed));
}

#[tokio::test]
async fn admins_read_the_sheet_and_only_some_of_them_start_a_run() {
    let house = House::build().await;
    let owner = house.listed().await;
    let (team, boss) = (house.calendar("team").await, house.calendar("boss").await);
    house.save(&owner, 0, &[("main", &team), ("monitored", &boss), ("private", "busy")]).await;
    house.calendars_ran(Counts { made: 4, ..Counts::default() }, None).await;
    let at = format!("/admin/accounts/{}", house.stage.account);
    for (role, starts) in [(Role::Auditor, false), (Role::Helpdesk, false), (Role::Admin, true)] {
        let desk = house.signed_in(role.name(), role).await;
        assert!(desk.get(&at).await.text.contains(&format!("{at}/calendar")), "{role:?}");
        let page = desk.get(&format!("{at}/calendar")).await;
        assert_eq!(page.status, StatusCode::OK, "{role:?}");
        for words in ["team", "boss", "block the time in the CRM", "made 4", "Meetings, Calls (label Call)"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("<input type=\"radio\"") && !page.text.contains("<select"));
        assert_eq!(page.text.contains("Synchronise now"), starts, "{role:?}");
        let told = desk.post(&format!("{at}/calendar/run"), &[]).await;
        let status = if starts { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(told.status, status, "{role:?}");
    }
    assert_eq!(house.stage.events().await.last().unwrap(), "sync_requested");
    let desk = house.signed_in("eva", Role::Admin).await;
    for id in [uuid::Uuid::from_u128(7).to_string(), "x".to_owned()] {
        let told = desk.get(&format!("/admin/accounts/{id}/calendar")).await;
        assert_eq!(told.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[tokio::test]
async fn the_page_is_ones_own_and_wants_its_own_form() {
    let house = House::build().await;
    let owner = house.listed().await;
    for path in ["calendar", "calendar/refresh", "calendar/run"] {
        let forged = Owner { cookie: owner.cookie.clone(), token: "guess".to_owned() };
        assert_eq!(house.wish(&forged, path).await.status, StatusCode::FORBIDDEN, "{path}");
        let stranger = Owner { cookie: String::new(), token: owner.token.clone() };
        assert_eq!(house.wish(&stranger, path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let told = house.get(PAGE).await;
    assert!(told.text.contains("Sign in with Google") && !told.text.contains("team"), "{}", told.text);
}

#[tokio::test]
async fn both_languages_and_a_label_for_every_field() {
    let house = House::build().await;
    let owner = house.listed().await;
    let (english, czech) = (house.look(&owner, "en").await.text, house.look(&owner, "cs").await.text);
    assert!(english.contains("lang=\"en\"") && english.contains("Both ways"), "{english}");
    assert!(czech.contains("lang=\"cs\"") && czech.contains("Oběma směry"), "{czech}");
    for words in ["Main calendar", "Private events", "Save<", "Meetings"] {
        assert!(english.contains(words) && !czech.contains(words), "{words}");
    }
    for page in [english, czech] {
        assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
        let fields = ["<input ", "<select "].map(|tag| page.split(tag).skip(1).collect::<Vec<_>>()).concat();
        let fields = fields.iter().map(|field| field.split('>').next().unwrap());
        for field in fields.filter(|field| !field.contains("type=\"hidden\"")) {
            // A tick stands inside its label.
            let inside = page.contains(&format!("<label class=\"tick\"><input {field}>"));
            let named = field.split("id=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
            assert!(inside || page.contains(&format!("<label for=\"{}\">", named.unwrap())), "{field}");
        }
    }
}
