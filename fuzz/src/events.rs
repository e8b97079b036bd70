//! The wires of event tracking: each event is read by itself, and no request becomes much more than was sent.

use http::Uri;
use orilla_core::Request;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use track_events::event::{Event, Kind};
use track_events::verdict::Reason;
use track_events::wire::segment::MAX_SHARED_BYTES;
use track_events::wire::{Parcel, plausible, posthog, rudder, segment, umami};

use crate::sent::{LIMIT, post, read, with};

/// How much longer a text may be once it is written as JSON again. Chosen: a byte that is no UTF-8 becomes three, `1e9` eleven characters.
const MOST_LONGER: usize = 8;

/// Segment's batch and single events.
pub fn segment(input: &[u8]) {
    let request = post(input);
    check(&request, |request| segment::read_batch(request, LIMIT));
    for kind in [Kind::Track, Kind::Identify, Kind::Group] {
        check(&request, |request| segment::read_one(kind, request, LIMIT));
    }
    if let Some(raw) = one(input) {
        let good = r#"{"type":"track","event":"A","userId":"u","properties":{"a":1}}"#;
        let batch = |events: &str| events_of(segment::read_batch(&post(format!("{{\"batch\":[{events}]}}").as_bytes()), LIMIT));
        apart(&raw, good, batch);
    }
}

/// RudderStack's pixel; its beacon is Segment's batch.
pub fn rudder(input: &[u8]) {
    let Ok(uri) = Uri::try_from([b"/pixel/v1/track?", input].concat()) else { return };
    let request = Request { uri, ..post(b"") };
    for kind in [Kind::Track, Kind::Page] {
        let parcel = rudder::read_pixel(kind, &request).unwrap();
        assert!(parcel.door.is_none() && parcel.events.len() == 1);
        bounded(&parcel, input.len());
    }
}

/// Umami's single events and batches.
pub fn umami(input: &[u8]) {
    let request = with(&[("x-write-key", "orl_write_x")], input);
    check(&request, |request| umami::read_one(request, LIMIT));
    check(&request, |request| umami::read_batch(request, LIMIT));
    check(&post(input), |request| umami::read_batch(request, LIMIT));
    if let Some(raw) = one(input) {
        let good = r#"{"type":"event","payload":{"website":"5e0f3c1a-9b7d-4c62-8a54-2d1f6b8e7a90","hostname":"a.example","url":"/a","data":{"a":1}}}"#;
        let batch = |events: &str| events_of(umami::read_batch(&post(format!("[{good},{events}]").as_bytes()), LIMIT))[1..].to_vec();
        apart(&raw, good, batch);
    }
}

/// Plausible's events.
pub fn plausible(input: &[u8]) {
    check(&post(input), |request| plausible::read(request, LIMIT));
    let trusted = with(&[("x-write-key", "orl_write_x"), ("x-forwarded-for", "203.0.113.9, 10.0.0.1")], input);
    check(&trusted, |request| plausible::read(request, LIMIT));
}

/// PostHog's events, in whatever they are wrapped.
pub fn posthog(input: &[u8]) {
    let request = post(input);
    check(&request, |request| posthog::read(request, LIMIT));
    let _ = read(&request, |request| posthog::token(request, LIMIT));
    if let Some(raw) = one(input) {
        let good = r#"{"event":"A","distinct_id":"d","properties":{"a":1}}"#;
        let batch = |events: &str| events_of(posthog::read(&post(format!("{{\"api_key\":\"k\",\"batch\":[{events}]}}").as_bytes()), LIMIT));
        apart(&raw, good, batch);
    }
}

/// Reads a request, and finds its events bounded by it.
fn check(request: &Request, wire: impl Fn(&Request) -> Result<Parcel, orilla_core::Error>) {
    if let Ok(parcel) = read(request, wire) {
        // What was compressed is bounded by what came out of it, which the limit is for.
        bounded(
            &parcel,
            if request.body.starts_with(&[0x1f, 0x8b]) || parcel_is_wrapped(&request.body) { LIMIT } else { request.body.len() },
        );
    }
}

/// Whether a body may be base64, in which it may be compressed.
fn parcel_is_wrapped(body: &[u8]) -> bool {
    !body.trim_ascii_start().starts_with(b"{") && !body.trim_ascii_start().starts_with(b"[")
}

fn bounded(parcel: &Parcel, sent: usize) {
    assert!(parcel.events.len() <= sent.max(1));
    let kept: usize = parcel.events.iter().flatten().map(size).sum();
    let most = MOST_LONGER * (sent + parcel.events.len() * MAX_SHARED_BYTES.min(sent) + 64);
    assert!(kept <= most, "{} events of {sent} bytes became {kept}", parcel.events.len());
}

fn size(event: &Event) -> usize {
    let written = |map: &serde_json::Map<String, Json>| serde_json::to_string(map).unwrap().len();
    written(&event.properties) + written(&event.context.campaign) + event.context.url.as_ref().map_or(0, String::len) + event.name.len()
}

/// An input that is one JSON value, as a batch would have it.
fn one(input: &[u8]) -> Option<String> {
    let raw: &RawValue = serde_json::from_slice(input).ok()?;
    Some(raw.get().to_owned())
}

fn events_of(parcel: Result<Parcel, orilla_core::Error>) -> Vec<Result<Event, Reason>> {
    parcel.expect("a batch of JSON values can be read").events
}

/// An event is read the same whatever stands beside it, and spoils nothing.
fn apart(raw: &str, good: &str, batch: impl Fn(&str) -> Vec<Result<Event, Reason>>) {
    let alone = batch(good);
    let (Some(alone), 1) = (alone.first(), alone.len()) else { panic!("a good event is one") };
    assert!(alone.is_ok());
    let [first, between, last] = batch(&format!("{raw},{good},{raw}")).try_into().expect("three events are three");
    assert_eq!((&between, &first), (alone, &last), "beside {raw}");
}
