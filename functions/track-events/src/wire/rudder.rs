//! What RudderStack has beside Segment's API, which its clients speak otherwise: a configuration, a beacon and a pixel.
//!
//! Source: the requests of `@rudderstack/analytics-js` 3.34, recorded; rudder-server, `gateway/handle_http_beacon.go` and
//! `handle_http_pixel.go`. Its `/v1/merge` is not answered: none of its published clients sends it, and its own `gateway/openapi.yaml`
//! does not list it; an alias joins two ids.

use chrono::{DateTime, Utc};
use http::{HeaderValue, StatusCode, header};
use orilla_core::http::text;
use orilla_core::ids::{rfc3339, uuid_of};
use orilla_core::{Error, Request, Response};
use serde_json::{Map, Value as Json, json};
use url::form_urlencoded;

use super::{Parcel, remark, segment};
use crate::collect::Outcome;
use crate::event::Kind;

/// How deep the dots of a parameter's name reach. Chosen: `context.traits.address.city` is as deep as its documentation goes.
const MAX_DEPTH: usize = 4;
/// A transparent image of one dot. Source: GIF89a.
const DOT: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// `GET /pixel/v1/track` and `/pixel/v1/page`: one event in the query, where dots in a name stand for objects. The write key is there
/// too.
///
/// Errors: none; what is no event has its verdict.
pub fn read_pixel(kind: Kind, request: &Request) -> Result<Parcel, Error> {
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes()) {
        let value = if name == "anonymousId" { value.trim_matches('"') } else { &value };
        let mut parts: Vec<_> = name.splitn(MAX_DEPTH, '.').collect();
        let last = parts.pop().unwrap_or_default();
        let inner = parts.into_iter().try_fold(&mut object, |object, part| object.entry(part).or_insert_with(|| json!({})).as_object_mut());
        // The first of a name counts, as it does there.
        if let Some(inner) = inner {
            inner.entry(last).or_insert_with(|| value.into());
        }
    }
    Ok(Parcel { door: None, sent: None, events: vec![segment::event(Some(kind), &Json::from(object).to_string(), &Map::new())] })
}

/// The image, whatever became of the event.
#[must_use]
pub fn answer_pixel(outcome: &Outcome) -> Response {
    let mut response = text(StatusCode::OK, "image/gif", DOT);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    remark(&mut response, outcome);
    response
}

/// What its browser client loads itself by: a source that is on and has no destinations of its own.
#[must_use]
pub fn source_config(key: &str, now: DateTime<Utc>) -> Json {
    let id = uuid_of(&format!("rudder\n{key}"));
    json!({
        "source": {
            "id": id.to_string(), "name": "Orilla", "writeKey": key, "workspaceId": id.to_string(), "enabled": true,
            "config": {}, "connections": [], "destinations": [], "updatedAt": rfc3339(now),
        },
        "updatedAt": rfc3339(now),
    })
}
