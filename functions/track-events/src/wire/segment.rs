//! Segment's HTTP tracking API, which RudderStack speaks too and which is our native one.
//!
//! Our own script adds two words: a batch may name its site by the public id in the key's place, and a context may be `cookieless`,
//! for pages that give their visitors no id.
//!
//! Source: the requests of `@segment/analytics-node` 3.1, `analytics-next` 1.84, `analytics-python` 2.4, `rudder-sdk-node` 3.0 and
//! `@rudderstack/analytics-js` 3.34, recorded; limits from Segment's documentation.

use orilla_core::sites::SiteId;
use orilla_core::sql::MAX_SAFE_INTEGER;
use orilla_core::{Error, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json, json};

use super::json::{self as loose, Fields};
use super::{Door, Parcel};
use crate::event::{Context, Event, Kind};
use crate::instant;
use crate::verdict::Reason;

/// The most bytes of one event. Source: Segment's limits, 32 KB.
pub const EVENT_BYTES: usize = 32 * 1024;
/// The most events of one request. Source: Segment's limits.
pub const MAX_EVENTS: usize = 2_500;
/// The most bytes of a batch's own context, which every event of it has. Chosen: several times a browser's; 2,500 copies are 20 MB, of the
/// 128 MB that a Worker has.
pub const MAX_SHARED_BYTES: usize = 8 * 1024;

/// The envelope of a batch; each event stays unread, so that one that is damaged spoils no other.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    batch: Vec<&'a RawValue>,
    write_key: Option<String>,
    sent_at: Option<Json>,
    #[serde(default)]
    context: Option<Map<String, Json>>,
}

/// `POST /v1/batch`, `/v1/b`, `/v1/import`.
///
/// Errors: `Malformed` for what is no object with a list `batch`, `TooLarge`.
pub fn read_batch(request: &Request, limit: usize) -> Result<Parcel, Error> {
    let text = loose::text(request, limit)?;
    let envelope: Envelope<'_> = serde_json::from_str(&text).map_err(|_| Error::malformed("A batch is {\"batch\": [event, …]}."))?;
    let shared = envelope.context.unwrap_or_default();
    let is_shared_long = !shared.is_empty() && Json::from(shared.clone()).to_string().len() > MAX_SHARED_BYTES;
    let read = |(index, raw): (usize, &&RawValue)| match index {
        MAX_EVENTS.. => Err(Reason::TooMany),
        _ if is_shared_long => Err(Reason::TooLarge),
        _ => event(None, raw.get(), &shared),
    };
    Ok(Parcel {
        door: envelope.write_key.map(door),
        sent: envelope.sent_at.as_ref().and_then(instant::parse).or_else(|| sent_header(request)),
        events: envelope.batch.iter().enumerate().map(read).collect(),
    })
}

/// A write key, or the site's id, which is no secret either.
fn door(text: String) -> Door {
    SiteId::parse(&text).map_or(Door::Key(text), Door::Site)
}

/// `POST /v1/track` and its like: one event.
///
/// Errors: `Malformed` for what is no JSON object, `TooLarge`.
pub fn read_one(kind: Kind, request: &Request, limit: usize) -> Result<Parcel, Error> {
    let text = loose::text(request, limit)?;
    let object: Map<String, Json> = serde_json::from_str(&text).map_err(|_| Error::malformed("An event is a JSON object."))?;
    let fields = Fields(&object);
    Ok(Parcel {
        door: fields.text("writeKey").map(door),
        sent: fields.time("sentAt").or_else(|| sent_header(request)),
        events: vec![event(Some(kind), &text, &Map::new())],
    })
}

/// What Segment's browser client loads itself by, `GET /v1/projects/{key}/settings`.
#[must_use]
pub fn settings(key: &str) -> Json {
    json!({ "integrations": { "Segment.io": { "apiKey": key } }, "plan": {} })
}

/// RudderStack's browser client says in a header when it sent.
fn sent_header(request: &Request) -> Option<chrono::DateTime<chrono::Utc>> {
    request.header("sentat").and_then(|text| instant::parse(&Json::from(text)))
}

/// Reads one event. `kind` is the path's where the path names it; `shared` is a batch's own context, of which an event's own wins.
///
/// Source: Segment's documentation of `batch`: its context is merged with that of each message.
pub(super) fn event(kind: Option<Kind>, text: &str, shared: &Map<String, Json>) -> Result<Event, Reason> {
    if text.len() > EVENT_BYTES {
        return Err(Reason::TooLarge);
    }
    let object: Map<String, Json> = serde_json::from_str(text).map_err(|_| Reason::Malformed)?;
    let fields = Fields(&object);
    let named = || fields.text("type").and_then(|name| Kind::of(&name));
    let kind = kind.or_else(named).ok_or(Reason::UnknownType)?;
    let mut context = shared.clone();
    context.extend(fields.map("context"));
    let context = Fields(&context);
    let name = match kind {
        Kind::Track => fields.text("event"),
        Kind::Page | Kind::Screen => fields.text("name"),
        Kind::Identify | Kind::Alias | Kind::Group => None,
    };
    let mut event = Event::new(kind, name.unwrap_or_default());
    event.message_id = fields.text("messageId");
    event.anonymous_id = fields.text("anonymousId");
    event.user_id = fields.text("userId");
    event.previous_id = fields.text("previousId");
    // RudderStack keeps the device's own time under another name.
    event.occurred = fields.time("originalTimestamp").or_else(|| fields.time("timestamp"));
    event.session_id = context.text("sessionId");
    let sequence = context.object("orilla").and_then(|orilla| orilla.0.get("sequence")?.as_i64());
    // Rows go to the store as JSON, where no bound parameter is looked at.
    event.sequence = sequence.filter(|it| it.unsigned_abs() <= MAX_SAFE_INTEGER.unsigned_abs());
    event.properties = match kind {
        // RudderStack's browser and Python clients say in the context who somebody is.
        Kind::Identify => context.map("traits").into_iter().chain(fields.map("traits")).collect(),
        Kind::Group => fields.map("traits"),
        Kind::Track | Kind::Page | Kind::Screen | Kind::Alias => fields.map("properties"),
    };
    if kind == Kind::Group {
        event.properties.extend(fields.0.get("groupId").map(|id| ("groupId".to_owned(), id.clone())));
    }
    event.context = context_of(context, &event.properties);
    event.claims.address = context.text("ip").and_then(|address| address.parse().ok());
    event.is_cookieless = context.flag("cookieless") == Some(true);
    if event.anonymous_id.is_none() && event.user_id.is_none() && !event.is_cookieless {
        return Err(Reason::IdentityMissing);
    }
    Ok(event)
}

fn context_of(context: Fields<'_>, properties: &Map<String, Json>) -> Context {
    let (page, own) = (context.object("page"), Fields(properties));
    let of_page = |name: &str| page.and_then(|page| page.text(name)).or_else(|| own.text(name));
    let mut campaign = Map::new();
    if let Some(given) = context.object("campaign") {
        for (theirs, ours) in [("source", "source"), ("medium", "medium"), ("name", "campaign"), ("term", "term"), ("content", "content")] {
            campaign.extend(given.text(theirs).map(|value| (ours.to_owned(), value.into())));
        }
    }
    Context {
        url: of_page("url"),
        title: of_page("title"),
        referrer: of_page("referrer"),
        campaign,
        language: context.text("locale"),
        library: context.object("library").and_then(|library| library.versioned("name", "version")),
        user_agent: context.text("userAgent"),
        consent: context.object("consent").and_then(|consent| consent.0.get("given")?.as_bool()),
    }
}
