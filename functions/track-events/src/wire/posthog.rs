//! PostHog's capture API: events of its browser, mobile and server libraries, and the little that they ask before.
//!
//! Bodies come as JSON, gzip without a word of it, and forms with JSON or base64 in a field `data`; lz-string, which libraries stopped
//! sending in 2020, is refused. `$set` beside an event other than an identity is no part of it. There are no feature flags here.
//!
//! Source: the requests of `posthog-js` 1.449, `posthog-node` 5.70 and `posthog` 7.91 on PyPI, recorded; PostHog, `rust/capture`.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode};
use orilla_core::http::json as json_answer;
use orilla_core::{Error, Request, Response};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};
use url::form_urlencoded;

use super::json::{self as loose, Fields};
use super::segment::MAX_EVENTS;
use super::{Door, Parcel, of_one_site, tally};
use crate::collect::Outcome;
use crate::event::{Event, Kind};
use crate::instant;
use crate::verdict::Reason;

/// The most bytes of one event. Source: posthog-python's own limit; PostHog takes 2 MB, and D1 no more than that in one statement,
/// in which an event's quotation marks count twice.
pub const EVENT_BYTES: usize = 900 * 1024;
/// Libraries of servers, whose `distinct_id` is a user's. Newer ones say `$is_server` as well. Source: their `$lib`.
const SERVER_LIBRARIES: [&str; 10] = [
    "posthog-node",
    "posthog-edge",
    "posthog-python",
    "posthog-ruby",
    "posthog-php",
    "posthog-go",
    "posthog-java",
    "posthog-dotnet",
    "posthog-elixir",
    "posthog-rs",
];
/// What stands for a visitor of whom nothing is kept in the browser. Source: posthog-js, its cookieless mode.
const COOKIELESS: &str = "$posthog_cookieless";
/// Properties that have their own place in an event, and those that are kept nowhere: keys, addresses, browsers.
const PLACED: [&str; 14] = [
    "token",
    "api_key",
    "distinct_id",
    "$ip",
    "$raw_user_agent",
    "$insert_id",
    "$anon_distinct_id",
    "$user_id",
    "$device_id",
    "$session_id",
    "$current_url",
    "$referrer",
    "$lib",
    "$lib_version",
];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// What a request is: a batch, or one event with its key beside it.
#[derive(Debug, Default, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    batch: Option<Vec<&'a RawValue>>,
    api_key: Option<Json>,
    token: Option<Json>,
    sent_at: Option<Json>,
}

/// `POST /batch`, `/e`, `/i/v0/e`, `/capture`, `/track` and `/engage`, which differ in nothing that matters here.
///
/// Errors: `Malformed` for what is neither an object nor a list in any of the encodings, `TooLarge`.
pub fn read(request: &Request, limit: usize) -> Result<Parcel, Error> {
    let text = content(request, limit)?;
    let broken = |_| Error::malformed("Events are a JSON object, a list of them, or {\"api_key\": …, \"batch\": [event, …]}.");
    let envelope: Envelope<'_> = if text.starts_with('[') {
        Envelope { batch: Some(serde_json::from_str(&text).map_err(broken)?), ..Envelope::default() }
    } else {
        serde_json::from_str(&text).map_err(broken)?
    };
    let texts = match envelope.batch {
        Some(batch) => batch.into_iter().map(RawValue::get).collect(),
        None => vec![text.as_str()],
    };
    let told = [&envelope.api_key, &envelope.token].into_iter().flatten().find_map(Json::as_str).map(|key| Door::Key(key.to_owned()));
    // Older browser libraries say in the query when they sent.
    let in_query = || request.query("_").and_then(|millis| instant::parse(&millis.into()));
    let sent = envelope.sent_at.as_ref().and_then(instant::parse).or_else(in_query);
    let read = |(index, text): (usize, &str)| {
        if index >= MAX_EVENTS {
            return (None, Err(Reason::TooMany));
        }
        if text.len() > EVENT_BYTES {
            return (None, Err(Reason::TooLarge));
        }
        match serde_json::from_str::<Map<String, Json>>(text) {
            Ok(object) => (key(&object).map(Door::Key), event(&object, sent.unwrap_or(request.received))),
            Err(_) => (None, Err(Reason::Malformed)),
        }
    };
    let (door, events) = of_one_site(told, texts.into_iter().enumerate().map(read));
    Ok(Parcel { door, sent, events })
}

/// The body's JSON, out of whatever it is wrapped in.
///
/// Errors: `Malformed` for what is no JSON, form or base64; `TooLarge`, also for what is wrapped.
fn content(request: &Request, limit: usize) -> Result<String, Error> {
    let is_json = |text: &str| text.trim_start().starts_with(['{', '[']);
    let text = loose::text(request, limit)?;
    if is_json(&text) {
        return Ok(text);
    }
    let field = form_urlencoded::parse(text.as_bytes()).find(|(name, _)| name == "data").map(|(_, data)| data.into_owned());
    let data = field.unwrap_or(text);
    let inner = if is_json(&data) {
        data.into_bytes()
    } else {
        // A form reads the plus sign of base64 as a space.
        let sextets: String = data.trim().chars().map(|c| if c == ' ' { '+' } else { c }).collect();
        BASE64.decode(sextets).map_err(|_| Error::malformed("The body is neither JSON, nor a form with `data`, nor base64."))?
    };
    // What is inside may be compressed once more.
    let inner = loose::text(&Request { body: inner.into(), headers: HeaderMap::new(), ..request.clone() }, limit)?;
    if is_json(&inner) { Ok(inner) } else { Err(Error::malformed("The body is neither JSON, nor a form with `data`, nor base64.")) }
}

/// The key that an event itself names.
fn key(object: &Map<String, Json>) -> Option<String> {
    let fields = Fields(object);
    let own = ["api_key", "token", "$token"].into_iter().find_map(|name| fields.text(name));
    own.or_else(|| fields.object("properties")?.text("token"))
}

/// Reads one event. `sent` is when its library's clock says that it was sent, else when it was received.
fn event(object: &Map<String, Json>, sent: DateTime<Utc>) -> Result<Event, Reason> {
    let fields = Fields(object);
    let empty = Map::new();
    let properties = fields.object("properties").unwrap_or(Fields(&empty));
    // What `/engage` takes has no name and says who somebody is.
    let is_engagement = || object.contains_key("$set") || object.contains_key("$set_once");
    let name = fields.text("event").or_else(|| is_engagement().then(|| "$identify".to_owned())).ok_or(Reason::NameMissing)?;
    let (kind, name) = match name.as_str() {
        "$pageview" => (Kind::Page, String::new()),
        "$screen" => (Kind::Screen, properties.text("$screen_name").unwrap_or_default()),
        "$identify" | "$set" => (Kind::Identify, String::new()),
        "$create_alias" => (Kind::Alias, String::new()),
        "$groupidentify" => (Kind::Group, String::new()),
        _ => (Kind::Track, name.clone()),
    };
    let mut event = Event::new(kind, name);
    let uuid = fields.text("uuid");
    let made = uuid.as_deref().and_then(made);
    event.message_id = uuid.or_else(|| properties.text("$insert_id"));
    (event.anonymous_id, event.user_id) = identity(fields, properties, kind)?;
    if kind == Kind::Alias {
        alias(&mut event, fields, properties);
    }
    event.session_id = properties.text("$session_id");
    event.sequence = made.map(|(_, sequence)| sequence);
    let offset = || sent.checked_sub_signed(TimeDelta::try_milliseconds(object.get("offset")?.as_i64()?)?);
    event.occurred = fields.time("timestamp").or_else(offset).or(made.map(|(time, _)| time));
    event.context.url = properties.text("$current_url");
    event.context.title = properties.text("title").filter(|_| kind == Kind::Page);
    event.context.referrer = properties.text("$referrer").filter(|referrer| referrer != "$direct");
    event.context.language = properties.text("$browser_language");
    event.context.library = properties.versioned("$lib", "$lib_version");
    event.context.user_agent = properties.text("$raw_user_agent");
    event.claims.address = properties.text("$ip").and_then(|address| address.parse().ok());
    event.properties = match kind {
        Kind::Identify => {
            let places = [(properties, "$set_once"), (fields, "$set_once"), (properties, "$set"), (fields, "$set")];
            places.into_iter().flat_map(|(of, name)| of.map(name)).collect()
        }
        Kind::Group => {
            let named = [("$group_key", "groupId"), ("$group_type", "groupType")];
            let named = named.into_iter().filter_map(|(theirs, ours)| Some((ours.to_owned(), properties.0.get(theirs)?.clone())));
            properties.map("$group_set").into_iter().chain(named).collect()
        }
        Kind::Track | Kind::Page | Kind::Screen | Kind::Alias => properties
            .0
            .iter()
            .filter(|(name, _)| !PLACED.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    };
    Ok(event)
}

/// Whose event it is: the visitor's id and the user's, of which `distinct_id` is either.
///
/// It is the user's where the event is an `$identify`, where `$user_id` or `$is_identified` says so, or where a server sent it. It is the
/// visitor's wherever else, and always where `$is_identified` or `$process_person_profile` is false: libraries' words for somebody unknown.
/// A user's visitor is the device, so that a history stays one when its visitor is identified; a group's own event names nobody.
fn identity(fields: Fields<'_>, properties: Fields<'_>, kind: Kind) -> Result<(Option<String>, Option<String>), Reason> {
    let id = fields.text("distinct_id").or_else(|| fields.text("$distinct_id")).or_else(|| properties.text("distinct_id"));
    let id = id.ok_or(Reason::IdentityMissing)?;
    if id == COOKIELESS {
        return Ok((None, None));
    }
    let named = properties.text("$user_id");
    let is_anonymous = [properties.flag("$is_identified"), properties.flag("$process_person_profile")].contains(&Some(false));
    let is_known = named.is_some() || properties.flag("$is_identified") == Some(true) || is_servers(properties);
    let is_identify = matches!(fields.text("event").as_deref(), None | Some("$identify"));
    let is_groups = kind == Kind::Group && id.starts_with('$');
    if is_groups || !is_identify && (is_anonymous || !is_known) {
        return Ok((Some(id), None));
    }
    let user = named.filter(|_| !is_identify).unwrap_or(id);
    let device = properties.text("$anon_distinct_id").or_else(|| properties.text("$device_id"));
    Ok((device.filter(|device| *device != user), Some(user)))
}

/// Which of an alias's two ids is the user's, and which the one that was: the wire does not say, and libraries differ. Those of servers
/// send the user's as `distinct_id`; Python's, and those of browsers and apps, send the one that was. Whichever is the user's, what was
/// done under either becomes one person's.
///
/// Source: `alias` of `posthog-node` 5.70, `posthog` 7.91 on PyPI and `posthog-js` 1.449.
fn alias(event: &mut Event, fields: Fields<'_>, properties: Fields<'_>) {
    let Some(alias) = properties.text("alias") else { return };
    let is_pythons = properties.text("$lib").as_deref() == Some("posthog-python");
    if is_servers(properties) && !is_pythons {
        event.previous_id = Some(alias);
    } else {
        event.previous_id = properties.text("distinct_id").or_else(|| fields.text("distinct_id"));
        event.user_id = Some(alias);
    }
}

/// Whether a server sent it.
fn is_servers(properties: Fields<'_>) -> bool {
    let is_named = || properties.text("$lib").is_some_and(|lib| SERVER_LIBRARIES.contains(&lib.as_str()));
    properties.flag("$is_server") == Some(true) || is_named()
}

/// When a UUIDv7 was made, and its place among those of its maker: two seconds' worth of milliseconds and the maker's own count within
/// one, in 53 bits that every reader of JSON keeps. A clock that is set back leaves the order as it was.
///
/// Source: RFC 9562 §5.7 and §6.2; the libraries' generators count in the first 42 of the random bits.
fn made(uuid: &str) -> Option<(DateTime<Utc>, i64)> {
    let digits: String = uuid.chars().filter(|c| *c != '-').collect();
    let bits = if digits.len() == 32 { u128::from_str_radix(&digits, 16).ok()? } else { return None };
    let millis = bits >> 80;
    let count = ((bits >> 64) & 0xfff) << 30 | ((bits >> 32) & 0x3fff_ffff);
    let sequence = i64::try_from((millis & 0x7ff) << 42 | count).ok()?;
    let time = DateTime::from_timestamp_millis(i64::try_from(millis).ok()?)?;
    ((bits >> 76) & 0xf == 7).then_some((time, sequence))
}

/// `{"status": 1}`, which is all that a library reads, and what became of each event.
///
/// Errors: none that our own types cause.
pub fn answer(outcome: &Outcome) -> Result<Response, Error> {
    let mut answer = tally(outcome);
    answer["status"] = 1.into();
    json_answer(StatusCode::OK, &answer)
}

/// The key of a request for flags; empty if it names none.
///
/// Errors: as [`read`].
pub fn token(request: &Request, limit: usize) -> Result<String, Error> {
    let object: Map<String, Json> =
        serde_json::from_str(&content(request, limit)?).map_err(|_| Error::malformed("A question is a JSON object."))?;
    Ok(key(&object).unwrap_or_default())
}

/// What `/flags` and, of older libraries, `/decide` hear: there are none, and nothing failed.
#[must_use]
pub fn flags() -> Json {
    let mut answer = behaviour();
    answer["flags"] = json!({});
    answer["featureFlags"] = json!({});
    answer["featureFlagPayloads"] = json!({});
    answer["errorsWhileComputingFlags"] = false.into();
    answer
}

/// What `posthog-js` loads itself by, `GET /array/{key}/config`.
#[must_use]
pub fn config(key: &str) -> Json {
    let mut answer = behaviour();
    answer["token"] = key.into();
    // Saves it the question.
    answer["hasFeatureFlags"] = false.into();
    answer
}

/// The same as a script, `GET /array/{key}/config.js`.
#[must_use]
pub fn config_script(key: &str) -> String {
    let entry = json!({ "config": config(key), "siteApps": [] });
    format!("(window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {{}})[{}] = {entry};\n", Json::from(key))
}

/// How a library behaves towards this server: it sends events, compressed, and nothing else. Where `surveys` is named, whatever its value,
/// `posthog-js` asks for the script of them, which is not here.
fn behaviour() -> Json {
    json!({
        "supportedCompression": ["gzip", "gzip-js"],
        "analytics": { "endpoint": "/i/v0/e/" },
        "elementsChainAsString": true,
        "defaultIdentifiedOnly": true,
        "autocapture_opt_out": false,
        "autocaptureExceptions": false,
        "capturePerformance": false,
        "captureDeadClicks": false,
        "heatmaps": false,
        "sessionRecording": false,
        "productTours": false,
        "logs": { "captureConsoleLogs": false },
        "isAuthenticated": false,
        "toolbarParams": {},
        "siteApps": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(properties: Json, expect: (Option<&str>, Option<&str>)) {
        let object = json!({ "event": "A", "distinct_id": "d", "properties": properties });
        let event = event(object.as_object().unwrap(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((event.anonymous_id.as_deref(), event.user_id.as_deref()), expect, "{properties}");
    }

    #[test]
    fn a_distinct_id_is_a_visitors_or_a_users() {
        check(json!({}), (Some("d"), None));
        check(json!({ "$device_id": "d" }), (Some("d"), None));
        check(json!({ "$device_id": "old", "$is_identified": false }), (Some("d"), None));
        check(json!({ "$device_id": "dev", "$is_identified": true }), (Some("dev"), Some("d")));
        check(json!({ "$device_id": "dev", "$user_id": "d" }), (Some("dev"), Some("d")));
        check(json!({ "$is_server": true }), (None, Some("d")));
        check(json!({ "$lib": "posthog-python" }), (None, Some("d")));
        check(json!({ "$lib": "posthog-ios" }), (Some("d"), None));
        check(json!({ "$is_server": true, "$process_person_profile": false }), (Some("d"), None));
    }

    #[test]
    fn a_uuid_of_version_7_tells_time_and_order() {
        let order = |uuid| made(uuid).unwrap();
        let (time, first) = order("01a20834-9450-7dce-96cc-bc8ff23fbe66");
        assert_eq!(time.to_rfc3339(), "2026-11-23T11:39:53.296+00:00");
        assert!(first < order("01a20834-9450-7dce-96cc-bc90f23fbe66").1);
        assert!(first < order("01a20834-9450-7dcf-8000-000000000000").1);
        assert!(first < order("01a20834-9451-7000-8000-000000000000").1);
        assert!(first < 1 << 53);
        for other in ["103d9be6-fac2-4cfb-8712-da3f1b427891", "", "no uuid", "01a20834-9450-7dce-96cc-bc8ff23fbe6"] {
            assert_eq!(made(other), None, "{other}");
        }
    }
}
