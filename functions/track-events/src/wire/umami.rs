//! Umami's collector: pages, named events, identities and measurements of a site that is known by its public id.
//!
//! Its clients show no key, so that `ip`, `userAgent` and `timestamp` in a payload are anybody's word; here they count only beside a
//! secret key. Without an id of the site's own, a visitor is today's hash of network and browser.
//!
//! Source: the requests of `@umami/node` 0.4, recorded; Umami 3, `src/tracker/index.js`, `src/app/api/send` and `src/app/api/batch`.

use http::StatusCode;
use orilla_core::http::json as json_answer;
use orilla_core::ids::uuid_of;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Request, Response, auth};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use url::Url;

use super::json::{self as loose, Fields};
use super::segment::{EVENT_BYTES, MAX_EVENTS};
use super::{Door, Parcel, of_one_site, told};
use crate::collect::Outcome;
use crate::event::{Event, Kind};
use crate::verdict::{Reason, Verdict};

/// The longest name of an event. Source: Umami's schema.
const MAX_NAME_CHARS: usize = 50;
/// The longest title. Source: Umami's schema, where it is cut off.
const MAX_TITLE_CHARS: usize = 500;
/// The longest URL or referrer. Chosen: Umami cuts path and query off at 500 each; this is the next protocol's limit of a path.
const MAX_URL_CHARS: usize = 2_000;

/// `POST /api/send`.
///
/// Errors: `Malformed` for what is no JSON object or names no site, `TooLarge`.
pub fn read_one(request: &Request, limit: usize) -> Result<Parcel, Error> {
    let text = loose::text(request, limit)?;
    let object: Map<String, Json> =
        serde_json::from_str(&text).map_err(|_| Error::malformed("An event is {\"type\": \"event\", \"payload\": {…}}."))?;
    let events = std::iter::once((door(&object), if text.len() > EVENT_BYTES { Err(Reason::TooLarge) } else { event(&object) }));
    parcel(request, events)
}

/// `POST /api/batch`: a list of the same.
///
/// Errors: `Malformed` for what is no list or names no site, `TooLarge`.
pub fn read_batch(request: &Request, limit: usize) -> Result<Parcel, Error> {
    let text = loose::text(request, limit)?;
    let list: Vec<&RawValue> =
        serde_json::from_str(&text).map_err(|_| Error::malformed("A batch is [{\"type\": …, \"payload\": {…}}, …]."))?;
    let read = |(index, raw): (usize, &&RawValue)| match serde_json::from_str::<Map<String, Json>>(raw.get()) {
        Err(_) => (None, Err(Reason::Malformed)),
        Ok(_) if index >= MAX_EVENTS => (None, Err(Reason::TooMany)),
        Ok(object) if raw.get().len() > EVENT_BYTES => (door(&object), Err(Reason::TooLarge)),
        Ok(object) => (door(&object), event(&object)),
    };
    parcel(request, list.iter().enumerate().map(read))
}

fn parcel(request: &Request, events: impl Iterator<Item = (Option<Door>, Result<Event, Reason>)>) -> Result<Parcel, Error> {
    let (door, events) = of_one_site(None, events);
    if door.is_none() && auth::shown_key(request).is_none() {
        return Err(Error::malformed("`payload.website` is the site's id."));
    }
    Ok(Parcel { door, sent: None, events })
}

fn door(object: &Map<String, Json>) -> Option<Door> {
    Fields(object).object("payload")?.text("website").and_then(|id| SiteId::parse(&id)).map(Door::Site)
}

fn event(object: &Map<String, Json>) -> Result<Event, Reason> {
    let fields = Fields(object);
    let payload = fields.object("payload").ok_or(Reason::Malformed)?;
    let name = payload.text("name").unwrap_or_default();
    let (kind, name) = match fields.text("type").as_deref() {
        Some("event") if name.is_empty() => (Kind::Page, name),
        Some("event") => (Kind::Track, name),
        Some("identify") => (Kind::Identify, String::new()),
        Some(measured @ ("performance" | "engagement")) => (Kind::Track, measured.to_owned()),
        _ => return Err(Reason::UnknownType),
    };
    let is_long = |name: &str, most| payload.text(name).is_some_and(|text| text.chars().count() > most);
    if is_long("name", MAX_NAME_CHARS)
        || is_long("title", MAX_TITLE_CHARS)
        || is_long("url", MAX_URL_CHARS)
        || is_long("referrer", MAX_URL_CHARS)
    {
        return Err(Reason::TooLarge);
    }
    let mut event = Event::new(kind, name);
    event.properties = match payload.0.get("data") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(data)) => data.clone(),
        Some(_) => return Err(Reason::Malformed),
    };
    for own in ["tag", "lcp", "inp", "cls", "fcp", "ttfb", "engagement"] {
        if let Some(value) = payload.0.get(own).filter(|value| value.is_string() || value.is_number()) {
            event.properties.entry(own).or_insert_with(|| value.clone());
        }
    }
    event.user_id = payload.text("id");
    // Newer trackers keep a visitor's id in the browser.
    event.anonymous_id = payload.text("vid");
    let base = payload.text("hostname").and_then(|host| Url::parse(&format!("https://{host}")).ok());
    let whole = |url: String| base.as_ref().and_then(|base| base.join(&url).ok()).map_or(url, String::from);
    event.context.url = payload.text("url").map(whole);
    event.context.referrer = payload.text("referrer").map(whole);
    event.context.title = payload.text("title");
    event.context.language = payload.text("language");
    event.claims.address = payload.text("ip").and_then(|address| address.parse().ok());
    event.claims.user_agent = payload.text("userAgent");
    event.claims.occurred = payload.time("timestamp");
    Ok(event)
}

/// What the tracker hears: who it was, or that it is a robot. `cache` saves Umami a query; here it is the visit again and not asked for.
///
/// Errors: `Malformed` for an event that can never be one.
pub fn answer_one(outcome: &Outcome) -> Result<Response, Error> {
    if let Some((_, reason)) = outcome.rejected.first() {
        return Err(Error::malformed(format!("The event was refused: {}.", reason.name())));
    }
    json_answer(
        StatusCode::OK,
        &match (&outcome.first, outcome.filtered.first()) {
            (_, Some((_, reason))) if reason.verdict() == Verdict::Bot => json!({ "beep": "boop", "filtered": reason.name() }),
            (_, Some((_, reason))) => json!({ "filtered": reason.name() }),
            (first, None) => ids(first.as_ref()),
        },
    )
}

/// What a sender of a batch hears: how many were taken, and of the others why not.
///
/// Errors: none that our own types cause.
pub fn answer_batch(outcome: &Outcome) -> Result<Response, Error> {
    let errors = outcome.rejected.len();
    let processed = outcome.accepted + outcome.duplicate + outcome.filtered.len();
    let details: Vec<_> = outcome
        .rejected
        .iter()
        .map(|(index, reason)| json!({ "index": index, "response": { "error": { "code": reason.name() } } }))
        .collect();
    let mut answer = ids(outcome.first.as_ref());
    answer["size"] = (processed + errors).into();
    answer["processed"] = processed.into();
    answer["errors"] = errors.into();
    answer["details"] = details.into();
    answer["duplicate"] = outcome.duplicate.into();
    answer["filtered"] = told(&outcome.filtered).into();
    json_answer(StatusCode::OK, &answer)
}

fn ids(first: Option<&(String, String)>) -> Json {
    first.map_or_else(
        || json!({}),
        |(visitor, visit)| json!({ "cache": visit, "sessionId": uuid_of(&format!("umami\n{visitor}")).to_string(), "visitId": visit }),
    )
}
