//! What the load generator sends: batches of events as Segment's browser client makes them, views and acts of visitors of a shop.

use chrono::{DateTime, Utc};
use orilla_core::ids::rfc3339;
use serde_json::{Value as Json, json};

use crate::bench::load::Shot;
use crate::clock::now;

/// Events that one visitor does in a row. Chosen: a short visit.
const PER_VISITOR: u64 = 10;
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// The batch with a number that nobody else's has; `size` events, none of which stands in any other batch.
pub fn parcel(number: u64, size: u64, key: &str) -> Shot {
    let now = now();
    // Short batches follow one another in a visit, a long one is a server's and has many visitors.
    let visitor =
        |index: u64| if size < PER_VISITOR { number * size / PER_VISITOR } else { number * size / PER_VISITOR + index / PER_VISITOR };
    let batch: Vec<Json> = (0..size).map(|index| event(number, index, visitor(index), size, now)).collect();
    let headers = format!(
        "origin: https://bench.example\r\nauthorization: Bearer {key}\r\nuser-agent: {BROWSER}\r\naccept-language: es\r\n\
         cf-connecting-ip: 203.0.113.{}\r\n",
        number % 250 + 1
    );
    Shot { path: "/v1/batch", headers, body: json!({ "batch": batch, "sentAt": rfc3339(now) }).to_string() }
}

fn event(number: u64, index: u64, visitor: u64, size: u64, now: DateTime<Utc>) -> Json {
    let page = ["/", "/precios", "/registro", "/cursos/vela"][usize::try_from((number + index) % 4).unwrap_or_default()];
    let mut event = json!({
        "messageId": format!("ajs-next-{size}-{number:08x}-{index:04x}"),
        "anonymousId": format!("{size:04x}{visitor:08x}-5b0c-4d8e-9f61-7a2c"),
        "timestamp": rfc3339(now),
        "context": {
            "page": { "url": format!("https://bench.example{page}"), "path": page, "referrer": "https://search.example/", "title": "Escuela de vela" },
            "userAgent": BROWSER,
            "locale": "es-ES",
        },
    });
    if (number + index).is_multiple_of(3) {
        event["type"] = "track".into();
        event["event"] = "Product Viewed".into();
        event["properties"] = json!({ "sku": format!("vela-{}", index % 60), "price": 49.5, "plan": "pro" });
    } else {
        event["type"] = "page".into();
    }
    event
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_events_share_an_id_and_the_longest_batch_is_taken() {
        let mut ids = BTreeSet::new();
        for size in [1, 10, 100, 1_000] {
            for number in 0..3 {
                let shot = parcel(number, size, "k");
                // Segment's limit, which ours keeps.
                assert!(shot.body.len() < 500_000, "{} bytes", shot.body.len());
                let body: Json = serde_json::from_str(&shot.body).unwrap();
                ids.extend(body["batch"].as_array().unwrap().iter().map(|event| event["messageId"].to_string()));
            }
        }
        assert_eq!(ids.len(), 3 * 1_111);
    }
}
