//! A valid request for every route of event tracking, in each client's words.

use serde_json::{Value as Json, json};

use crate::example::{Door, Example, ask};
use crate::world::Site;

/// What answers the key alone, so that any page may hear it.
pub const TELLS_NOTHING: [&str; 6] = [
    "GET /v1/projects/{key}/settings",
    "GET /sourceConfig",
    "POST /flags",
    "POST /decide",
    "GET /array/{key}/config",
    "GET /array/{key}/config.js",
];

/// By `METHOD /path`.
pub fn example(route: &str, of: &Site, by: &Site) -> Option<Example> {
    let (visitor, key) = (&of.visitor, &by.write);
    // What names another site's visitor is about a visitor of the caller's own, of the same name.
    let keyed = |uri: &str| ask(uri).by(Door::WriteKey).about_the_caller();
    let inside = |uri: String| ask(uri).by(Door::KeyInside).about_the_caller();
    let event = |id: &str, more: Json| {
        let mut event = json!({ "messageId": id, "anonymousId": visitor });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let track = || event("n1", json!({ "type": "track", "event": "Plan" }));
    let posthog = || json!({ "api_key": key, "uuid": "01a20834-9450-7dce-96cc-bc8ff23fbe66", "event": "Plan", "distinct_id": visitor, "properties": {} });
    let umami =
        || json!({ "type": "event", "payload": { "website": of.id, "url": "/home", "hostname": format!("{}.example", of.prefix) } });
    Some(match route {
        "POST /v1/batch" | "POST /v1/b" | "POST /v1/import" | "POST /o/{word}" => {
            let uri = route.trim_start_matches("POST ").replace("{word}", "marea");
            keyed(&uri).json(json!({ "batch": [track()] }))
        }
        "POST /v1/track" | "POST /v1/t" => keyed(&route[5..]).json(track()),
        "POST /v1/page" | "POST /v1/p" => keyed(&route[5..]).json(event("n2", json!({ "properties": { "url": "https://x.example/" } }))),
        "POST /v1/screen" | "POST /v1/s" => keyed(&route[5..]).json(event("n3", json!({ "name": "Home" }))),
        "POST /v1/identify" | "POST /v1/i" => {
            keyed(&route[5..]).json(event("n4", json!({ "userId": of.named("user"), "traits": { "email": of.mailbox } })))
        }
        "POST /v1/group" | "POST /v1/g" => keyed(&route[5..]).json(event("n5", json!({ "groupId": "g", "traits": {} }))),
        "POST /v1/alias" | "POST /v1/a" => {
            keyed(&route[5..]).json(json!({ "messageId": "n6", "userId": of.named("user"), "previousId": visitor }))
        }
        "GET /v1/projects/{key}/settings" => inside(format!("/v1/projects/{key}/settings")),
        "POST /beacon/v1/batch" => inside(format!("/beacon/v1/batch?writeKey={key}")).json(json!({ "batch": [track()] })),
        "GET /pixel/v1/track" => inside(format!("/pixel/v1/track?writeKey={key}&event=Opened&anonymousId={visitor}&messageId=n7")),
        "GET /pixel/v1/page" => inside(format!("/pixel/v1/page?writeKey={key}&name=Mail&anonymousId={visitor}&messageId=n8")),
        "GET /sourceConfig" => inside(format!("/sourceConfig?writeKey={key}")),
        "POST /api/send" => ask("/api/send").by(Door::Name).json(umami()).foreign(403),
        "POST /api/batch" => ask("/api/batch").by(Door::Name).json(json!([umami()])).foreign(403),
        // A key says more than a domain: the event is the key's own site's.
        "POST /api/event" => {
            let body = json!({ "name": "pageview", "url": format!("{}/p", of.origin), "domain": format!("{}.example", of.prefix) });
            ask("/api/event").by(Door::Name).json(body).about_the_caller()
        }
        "POST /batch" => inside("/batch".into()).json(json!({ "api_key": key, "batch": [posthog()] })),
        "POST /e" | "POST /i/v0/e" | "POST /capture" | "POST /track" => inside(route[5..].to_owned()).json(posthog()),
        "POST /engage" => inside("/engage".into())
            .json(json!({ "token": key, "event": "$identify", "distinct_id": visitor, "properties": {}, "$set": { "plan": "pro" } })),
        "POST /flags" | "POST /decide" => inside(route[5..].to_owned()).json(json!({ "api_key": key, "distinct_id": visitor })),
        "GET /array/{key}/config" => inside(format!("/array/{key}/config")),
        "GET /array/{key}/config.js" => inside(format!("/array/{key}/config.js")),
        "GET /v1/events" => ask("/v1/events").about_the_caller(),
        "GET /v1/ledger" => ask("/v1/ledger").about_the_caller(),
        "GET /v1/stats" => ask("/v1/stats").about_the_caller(),
        "GET /v1/funnels" => ask("/v1/funnels?steps=page:/&steps=Plan").about_the_caller(),
        "GET /v1/retention" => ask("/v1/retention").about_the_caller(),
        "GET /v1/people/{id}/journey" => ask(format!("/v1/people/{visitor}/journey")),
        "DELETE /v1/people/{id}" => ask(format!("/v1/people/{visitor}")),
        _ => return None,
    })
}
