//! `events.watch` and `channels.stop`: who wants to hear of changes, and what they are sent.
//! A notification says that something changed, never what; and it may not arrive.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

use super::call::{Answer, Call};
use super::read::enter;
use super::refusal::Refusal;
use super::store::{Body, World, text};
use crate::mail::date;

const WEEK: Duration = Duration::from_secs(604_800);
const LONGEST: Duration = Duration::from_secs(30 * 86_400);
const LONGEST_ID: usize = 64;
const LONGEST_TOKEN: usize = 256;
/// Notices that nobody fetches are forgotten beyond this.
const MOST_NOTICES: usize = 10_000;

#[derive(Debug)]
pub(super) struct Channel {
    user: String,
    calendar: String,
    address: String,
    token: Option<String>,
    resource: String,
    uri: String,
    expires: Duration,
    number: u64,
    /// Its id stays taken.
    stopped: bool,
}

/// One notification: a POST without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where it goes.
    pub address: String,
    /// The `X-Goog-` headers.
    pub headers: Vec<(&'static str, String)>,
}

/// `POST calendars/{id}/events/watch`
pub(super) fn watch(world: &mut World, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let (calendar, _) = enter(world, call, id)?;
    if calendar.unwatched {
        let message = "Push notifications are not supported by this resource.";
        return Err(Refusal::global(400, "pushNotSupportedForRequestedResource", message));
    }
    let calendar = calendar.id.clone();
    let nothing = Body::new();
    let asked = call.body.as_object().unwrap_or(&nothing);
    let name = text(asked, "id").to_owned();
    check(world, asked, &name)?;
    let ttl = asked.get("params").and_then(|it| it.get("ttl")).and_then(seconds);
    let uri = format!("https://www.googleapis.com/calendar/v3/calendars/{calendar}/events?alt=json");
    let channel = Channel {
        user: call.user.clone(),
        resource: URL_SAFE_NO_PAD.encode(&calendar),
        address: text(asked, "address").to_owned(),
        token: asked.get("token").and_then(Value::as_str).map(str::to_owned),
        expires: call.now + ttl.unwrap_or(WEEK).min(LONGEST),
        number: 1,
        stopped: false,
        calendar,
        uri,
    };
    let mut body = json!({
        "kind": "api#channel",
        "id": name,
        "resourceId": channel.resource,
        "resourceUri": channel.uri,
        "expiration": channel.expires.as_millis().to_string(),
    });
    if let Some(token) = &channel.token {
        body["token"] = json!(token);
    }
    world.notify(channel.notice(&name, "sync"));
    world.channels.insert(name, channel);
    Ok(Answer::of(body))
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}

fn check(world: &World, asked: &Body, name: &str) -> Result<(), Refusal> {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_+/=".contains(it);
    if name.is_empty() {
        return Err(Refusal::required("Required parameter: id"));
    }
    if name.len() > LONGEST_ID || !name.chars().all(plain) {
        return Err(Refusal::invalid("Invalid channel id."));
    }
    if text(asked, "token").len() > LONGEST_TOKEN {
        return Err(Refusal::invalid("Invalid channel token."));
    }
    if !matches!(text(asked, "type"), "web_hook" | "webhook") {
        return Err(Refusal::global(400, "push.unknownDeliveryMechanism", "Unknown channel type."));
    }
    let address = text(asked, "address");
    let url = Url::parse(address).ok();
    let loopback = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let secure = url.is_some_and(|url| match url.scheme() {
        "https" => true,
        "http" => loopback(&url) && !world.policy.webhooks_must_be_https,
        _ => false,
    });
    if !secure {
        let message = format!("WebHook callback must be HTTPS: {address}");
        return Err(Refusal::global(400, "push.webhookUrlNotHttps", &message));
    }
    if world.channels.contains_key(name) {
        let message = format!("Channel id {name} not unique");
        return Err(Refusal::global(400, "channelIdNotUnique", &message));
    }
    Ok(())
}

/// `POST channels/stop`
pub(super) fn stop(world: &mut World, call: &Call) -> Result<Answer, Refusal> {
    let nothing = Body::new();
    let asked = call.body.as_object().unwrap_or(&nothing);
    let (name, resource) = (text(asked, "id"), text(asked, "resourceId"));
    let unknown =
        || Refusal::global(404, "notFound", &format!("Channel '{name}' not found for project 'sandbox'"));
    let channel = world.channels.get_mut(name).ok_or_else(unknown)?;
    if channel.resource != resource || channel.stopped || channel.expires <= call.now {
        return Err(unknown());
    }
    channel.stopped = true;
    Ok(Answer::empty(204))
}

impl Channel {
    fn notice(&self, name: &str, state: &str) -> Notice {
        let mut headers = vec![
            ("X-Goog-Channel-ID", name.to_owned()),
            ("X-Goog-Message-Number", self.number.to_string()),
            ("X-Goog-Resource-ID", self.resource.clone()),
            ("X-Goog-Resource-State", state.to_owned()),
            ("X-Goog-Resource-URI", self.uri.clone()),
            ("X-Goog-Channel-Expiration", date::http(self.expires.as_secs())),
        ];
        if let Some(token) = &self.token {
            headers.push(("X-Goog-Channel-Token", token.clone()));
        }
        Notice { address: self.address.clone(), headers }
    }
}

impl World {
    /// Tells every channel of a calendar that has changed since the last ring.
    pub(super) fn ring(&mut self, now: Duration) {
        let rung = std::mem::take(&mut self.rung);
        let mut notices = Vec::new();
        for (name, channel) in &mut self.channels {
            let calendar = rung.get(&channel.calendar).and_then(|it| self.calendars.get(it));
            let open = calendar.is_some_and(|it| it.role(&channel.user).is_some());
            if open && !channel.stopped && now < channel.expires {
                // Numbers grow, and not by one.
                channel.number += 7;
                notices.push(channel.notice(name, "exists"));
            }
        }
        for notice in notices {
            self.notify(notice);
        }
    }

    fn notify(&mut self, notice: Notice) {
        if self.policy.lose_notices > 0 {
            self.policy.lose_notices -= 1;
            return;
        }
        self.notices.push_back(notice);
        while self.notices.len() > MOST_NOTICES {
            self.notices.pop_front();
        }
    }

    /// How many channels live.
    pub(super) fn live_channels(&self, now: Duration) -> usize {
        self.channels.values().filter(|it| !it.stopped && now < it.expires).count()
    }
}
