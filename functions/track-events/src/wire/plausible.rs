//! Plausible's events API: one page view or goal of a site that is known by its domain.
//!
//! Its clients show no key and name no visitor. A list of domains means the first that is a site of this deployment: each of
//! Plausible's would store the event once, and here one site's statistics are whole by themselves.
//!
//! Source: the requests of `@plausible-analytics/tracker` 0.4, recorded; Plausible, `lib/plausible/ingestion/request.ex`.

use http::{HeaderName, HeaderValue, StatusCode};
use orilla_core::http::text;
use orilla_core::{Error, Request, Response, auth};
use serde_json::{Map, Value as Json};
use url::Url;

use super::json::{self as loose, Fields};
use super::segment::EVENT_BYTES;
use super::{Door, Parcel, remark};
use crate::collect::Outcome;
use crate::event::{Event, Kind};
use crate::verdict::Reason;

/// The longest name of an event. Source: Plausible's ingestion, as the following ones.
const MAX_NAME_CHARS: usize = 120;
/// The longest path or referrer.
const MAX_PATH_CHARS: usize = 2_000;
/// The most properties.
const MAX_PROPS: usize = 30;
/// The longest name of a property.
const MAX_KEY_BYTES: usize = 300;
/// The longest value of a property.
const MAX_VALUE_BYTES: usize = 2_000;
/// The most domains of one event. Chosen: a site and its roll-ups.
const MAX_DOMAINS: usize = 10;
/// Says that an event was not kept. Source: Plausible.
const DROPPED: HeaderName = HeaderName::from_static("x-plausible-dropped");

/// `POST /api/event`: JSON under `text/plain`, with long names or the tracker's short ones.
///
/// Errors: `Malformed` for what is no JSON object or names no domain, `TooLarge`.
pub fn read(request: &Request, limit: usize) -> Result<Parcel, Error> {
    let body = loose::text(request, limit)?;
    let object: Map<String, Json> =
        serde_json::from_str(&body).map_err(|_| Error::malformed("An event is {\"name\": …, \"url\": …, \"domain\": …}."))?;
    let fields = Fields(&object);
    let url = either(fields, "u", "url");
    let domains = domains(fields, url.as_deref());
    if domains.is_empty() && auth::shown_key(request).is_none() || domains.len() > MAX_DOMAINS {
        return Err(Error::malformed(format!("`domain` is the site's, or a list of at most {MAX_DOMAINS} with commas.")));
    }
    let door = (!domains.is_empty()).then_some(Door::Domains(domains));
    let mut event = if body.len() > EVENT_BYTES { Err(Reason::TooLarge) } else { event(fields, url) };
    if let Ok(event) = &mut event {
        // Its servers' way to name the visitor.
        let forwarded = request.header("x-forwarded-for").and_then(|list| list.split(',').next());
        event.claims.address = forwarded.and_then(|address| address.trim().parse().ok());
    }
    Ok(Parcel { door, sent: None, events: vec![event] })
}

fn either(fields: Fields<'_>, short: &str, long: &str) -> Option<String> {
    fields.text(short).or_else(|| fields.text(long))
}

/// The domains named, else the page's host.
fn domains(fields: Fields<'_>, url: Option<&str>) -> Vec<String> {
    let host = || Url::parse(url?).ok()?.host_str().map(str::to_owned);
    let list = either(fields, "d", "domain").or_else(host).unwrap_or_default().to_lowercase();
    let names = list.split(',').map(str::trim).map(|name| name.strip_prefix("www.").unwrap_or(name));
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn event(fields: Fields<'_>, url: Option<String>) -> Result<Event, Reason> {
    let name = either(fields, "n", "name").ok_or(Reason::NameMissing)?;
    let url = url.filter(|url| !url.starts_with("data:")).ok_or(Reason::Malformed)?;
    let referrer = either(fields, "r", "referrer");
    let path = Url::parse(&url).map_or_else(|_| url.clone(), |url| url.path().to_owned());
    let is_long = |text: &str| text.chars().count() > MAX_PATH_CHARS;
    if name.chars().count() > MAX_NAME_CHARS || is_long(&path) || referrer.as_deref().is_some_and(is_long) {
        return Err(Reason::TooLarge);
    }
    let mut event = if name == "pageview" { Event::new(Kind::Page, "") } else { Event::new(Kind::Track, name) };
    event.properties = props(fields)?;
    let revenue = object(fields.0.get("$").or_else(|| fields.0.get("revenue")))?;
    for (theirs, ours) in [("amount", "revenue"), ("currency", "currency")] {
        event.properties.extend(revenue.get(theirs).map(|value| (ours.to_owned(), value.clone())));
    }
    for (short, long, ours) in
        [("i", "interactive", "interactive"), ("sd", "scrollDepth", "scroll_depth"), ("e", "engagementTime", "engagement_time")]
    {
        event.properties.extend(fields.0.get(short).or_else(|| fields.0.get(long)).map(|value| (ours.to_owned(), value.clone())));
    }
    event.context.url = Some(url);
    event.context.referrer = referrer;
    event.context.library = fields.text("v").map(|version| format!("plausible {version}"));
    Ok(event)
}

fn props(fields: Fields<'_>) -> Result<Map<String, Json>, Reason> {
    let props = object(["m", "meta", "p", "props"].into_iter().find_map(|name| fields.0.get(name).filter(|value| !value.is_null())))?;
    if props.len() > MAX_PROPS {
        return Err(Reason::TooManyProperties);
    }
    let length = |value: &Json| value.as_str().map_or_else(|| value.to_string().len(), str::len);
    let is_long = props.iter().any(|(name, value)| name.len() > MAX_KEY_BYTES || length(value) > MAX_VALUE_BYTES);
    if is_long { Err(Reason::TooLarge) } else { Ok(props) }
}

/// An object, which older trackers write as a text.
fn object(value: Option<&Json>) -> Result<Map<String, Json>, Reason> {
    match value {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object.clone()),
        Some(Json::String(text)) if text.is_empty() => Ok(Map::new()),
        Some(Json::String(text)) => serde_json::from_str(text).map_err(|_| Reason::Malformed),
        Some(_) => Err(Reason::Malformed),
    }
}

/// `202 ok` in any case, and in headers whether and why the event was not kept.
#[must_use]
pub fn answer(outcome: &Outcome) -> Response {
    let mut response = text(StatusCode::ACCEPTED, "text/plain; charset=utf-8", "ok");
    if remark(&mut response, outcome) {
        response.headers_mut().insert(DROPPED, HeaderValue::from_static("1"));
    }
    response
}
