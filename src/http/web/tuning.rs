//! `/admin/settings`: what may change while the gateway runs.
//!
//! Every form says which version it saw. Who saw an older one than holds gets
//! 409 and sees who was faster.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::role::Right;

use super::account::{author, failed};
use super::frame::{Frame, Place, answer};
use super::setting_words::{default, group, of, range, shown, source, unfit};
use crate::actions::settings::{self, Changed, SettingFault, Source, View, Wish};
use crate::config::Form as Kind;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Desk, Lang, Sentence, Settings, Text};

/// The page.
#[derive(Template)]
#[template(path = "settings.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    saved: bool,
    groups: Vec<(Settings, Vec<Row>)>,
}

/// One setting.
struct Row {
    name: &'static str,
    id: String,
    title: Settings,
    help: Settings,
    range: Option<String>,
    /// What holds, for reading.
    shown: String,
    /// Where that comes from.
    source: String,
    changed: Option<Changed>,
    version: i64,
    /// What stands in the form; none when it cannot be changed.
    entered: Option<String>,
    flag: bool,
    /// The default in words, where going back to it changes something.
    default: Option<String>,
    fault: Option<String>,
    stale: Option<Stale>,
}

/// Who was faster.
struct Stale {
    told: String,
    now: String,
    wanted: String,
}

/// What a form wanted and did not get.
struct Missed {
    name: String,
    /// None for the default.
    wanted: Option<String>,
    why: Why,
}

enum Why {
    Unfit(String),
    Stale,
    Fixed,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    show(&site, lang, admitted, Outcome::Looked).await
}

/// Changes one setting.
pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let (name, value) = (form.text("name"), form.text("value"));
    let wanted = form.get("default").is_none().then_some(value);
    let Ok(version) = form.text("version").parse() else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let wish = Wish { name: &name, version, value: wanted.as_deref() };
    let why = match settings::change(&site.store, &by, &site.tuning.base(), wish).await {
        // This node at once, the others by the feed.
        Ok(()) => match site.tuning.take(&site.store).await {
            Ok(()) => return show(&site, lang, admitted, Outcome::Saved).await,
            Err(error) => return failed(lang, &error.into()),
        },
        Err(SettingFault::Unknown) => return refusal(lang, StatusCode::NOT_FOUND, Text::BadRequestBody),
        Err(SettingFault::Store(error)) => return failed(lang, &error.into()),
        Err(SettingFault::Unfit(why)) => Why::Unfit(why),
        Err(SettingFault::Stale) => Why::Stale,
        Err(SettingFault::Fixed(_)) => Why::Fixed,
    };
    show(&site, lang, admitted, Outcome::Missed(Missed { name, wanted, why })).await
}

/// What the page is shown after.
enum Outcome {
    Looked,
    Saved,
    Missed(Missed),
}

impl Outcome {
    fn status(&self) -> StatusCode {
        match self {
            Self::Looked | Self::Saved => StatusCode::OK,
            Self::Missed(Missed { why: Why::Unfit(_), .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Missed(_) => StatusCode::CONFLICT,
        }
    }

    fn missed(&self, name: &str) -> Option<&Missed> {
        match self {
            Self::Missed(missed) if missed.name == name => Some(missed),
            _ => None,
        }
    }
}

async fn show(site: &Site, lang: Lang, admitted: Admitted, outcome: Outcome) -> Response {
    let all = match settings::list(&site.store, &site.tuning.base()).await {
        Ok(all) => all,
        Err(error) => return failed(lang, &error.into()),
    };
    let frame = Frame::new(site, lang, admitted, Place::Settings, Settings::Title);
    let mut groups: Vec<(Settings, Vec<Row>)> = Vec::new();
    for view in all {
        let (group, missed) = (group(view.tunable.name), outcome.missed(view.tunable.name));
        let row = row(&frame, view, missed);
        match groups.last_mut().filter(|(last, _)| *last == group) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((group, vec![row])),
        }
    }
    let saved = matches!(outcome, Outcome::Saved);
    answer(&Sheet { frame, saved, groups }, outcome.status())
}

fn row(frame: &Frame, view: View, missed: Option<&Missed>) -> Row {
    let (lang, tunable) = (frame.lang, view.tunable);
    let (title, help) = of(tunable.name);
    let open = frame.may(Right::Settings) && !matches!(view.origin, Source::Fixed(_));
    let entered = missed.and_then(|it| it.wanted.clone()).unwrap_or_else(|| view.value.clone());
    let changed = view.changed.map(|it| Changed { at: frame.time(&it.at), ..it });
    let stale =
        missed.filter(|it| matches!(it.why, Why::Stale)).zip(changed.as_ref()).map(|(it, changed)| Stale {
            told: Sentence::from(Settings::Stale).with("by", &changed.by).with("at", &changed.at).say(lang),
            now: shown(lang, tunable, &view.value),
            wanted: shown(lang, tunable, it.wanted.as_deref().unwrap_or(tunable.default())),
        });
    let source = source(lang, &view.origin);
    Row {
        name: tunable.name,
        id: tunable.name.replace(['.', '_'], "-"),
        title,
        help,
        range: range(lang, tunable),
        shown: shown(lang, tunable, &view.value),
        fault: missed.and_then(|it| match &it.why {
            Why::Unfit(why) => Some(unfit(lang, tunable, why)),
            Why::Fixed => Some(Sentence::from(Settings::Locked).with("where", &source).say(lang)),
            Why::Stale => None,
        }),
        source,
        version: view.version,
        entered: open.then_some(entered),
        flag: tunable.form == Kind::Flag,
        default: (view.origin != Source::Default).then(|| default(lang, tunable)),
        changed,
        stale,
    }
}
