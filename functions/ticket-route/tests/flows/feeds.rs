//! Holidays from a feed close a calendar, move deadlines, and outlive the desk's files.

use orilla_core::sites::Kind;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{OTHER, Shore, office};

const PATH: &str = "/v1/routing/calendars/madrid/holidays";
/// The Monday after the day of the tests, and a dinner.
const FEED: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Fiesta\r\nDTSTART;VALUE=DATE:20261130\r\nEND:VEVENT\r\n\
                    BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Cena\r\nDTSTART:20261201T200000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

async fn put(shore: &Shore, query: &str, feed: &str) -> Reply {
    shore.send(Call::put(format!("{PATH}{query}")).key(&shore.admin).header("content-type", "text/calendar").body(feed.to_owned())).await
}

async fn resolution(shore: &Shore) -> Json {
    let ticket = shore.ticket("1").await;
    ticket["due_at"].clone()
}

#[tokio::test]
async fn a_feed_moves_what_is_due_and_stays_when_the_desk_is_applied_again() {
    let mut desk = office();
    desk["promises"] = json!([{ "policy": { "id": "day", "targets": {
        "critical": { "first_reply": { "seconds": 36_000 } }, "high": { "first_reply": { "seconds": 36_000 } },
        "normal": { "first_reply": { "seconds": 36_000 } }, "low": { "first_reply": { "seconds": 36_000 } },
    } } }]);
    let shore = Shore::with(desk.clone()).await;
    shore.open("Factura", "Necesito la factura de octubre, por favor.", "eva@mar.example").await;
    // Ten open hours from Friday at eleven: seven that day, three on Monday.
    assert_eq!(resolution(&shore).await, "2026-11-30T11:00:00.000Z");
    let dry = put(&shore, "?dry_run=1", FEED).await.json();
    assert_eq!((dry["is_changed"].clone(), shore.count("desk_holidays").await), (json!(true), 0));
    let told = put(&shore, "", FEED).await.json();
    assert_eq!(told["holidays"], json!([{ "from": "2026-11-30", "to": "2026-11-30", "name": "Fiesta" }]), "{told}");
    assert_eq!(told["left_out"], json!([{ "name": "Cena", "why": "timed" }]));
    shore.tick().await;
    assert_eq!(resolution(&shore).await, "2026-12-01T11:00:00.000Z", "the feast is closed");
    desk["reassigns_after_minutes"] = json!(120);
    assert_eq!(shore.apply(&desk).await["is_changed"], true);
    shore.tick().await;
    assert_eq!(resolution(&shore).await, "2026-12-01T11:00:00.000Z", "it still is");
    assert_eq!(put(&shore, "", FEED).await.json()["is_changed"], false);
    assert_eq!(put(&shore, "", "BEGIN:VCALENDAR\nEND:VCALENDAR").await.json()["is_changed"], true);
    shore.tick().await;
    assert_eq!(resolution(&shore).await, "2026-11-30T11:00:00.000Z", "a feed without events takes it away");
}

#[tokio::test]
async fn a_bad_feed_is_told_with_its_line_and_nothing_is_stored() {
    let shore = Shore::with(office()).await;
    for (feed, status, line) in [
        ("<html>404</html>", 422, "line 1:"),
        ("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\n", 422, "line 3:"),
        ("", 422, "line 1:"),
    ] {
        let reply = put(&shore, "", feed).await;
        let message = reply.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        assert!(reply.status.as_u16() == status && message.starts_with(line), "{}", reply.text());
    }
    let binary = shore.send(Call::put(PATH).key(&shore.admin).body(vec![0xff, 0xfe])).await;
    assert_eq!(binary.status.as_u16(), 400);
    let huge = put(&shore, "", &"X".repeat(1024 * 1024 + 1)).await;
    assert_eq!(huge.status.as_u16(), 413);
    let other = Call::put("/v1/routing/calendars/mars/holidays").key(&shore.admin).body(FEED);
    assert_eq!(shore.send(other).await.status.as_u16(), 404);
    assert_eq!(shore.count("desk_holidays").await, 0);
}

#[tokio::test]
async fn a_feed_and_a_desk_that_close_too_much_together_are_refused() {
    let holidays = |first: i32, days: u32| -> Vec<Json> {
        let of = |day: u32| chrono::NaiveDate::from_yo_opt(first + i32::try_from(day / 365).unwrap(), day % 365 + 1).unwrap();
        (0..days).map(|day| json!({ "from": of(day), "to": of(day) })).collect()
    };
    let mut desk = office();
    desk["calendars"]["madrid"]["holidays"] = json!(holidays(2026, 1_999));
    let shore = Shore::with(desk.clone()).await;
    assert_eq!(put(&shore, "", FEED).await.status.as_u16(), 200);
    desk["calendars"]["madrid"]["holidays"] = json!(holidays(2026, 2_000));
    let path = format!("/v1/routing/sites/{}", crate::support::SITE);
    assert_eq!(shore.send(Call::put(path).key(&shore.admin).json(&desk)).await.status.as_u16(), 422);
    let two = FEED.replace("END:VCALENDAR", "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT\nEND:VCALENDAR");
    assert_eq!(put(&shore, "", &two).await.status.as_u16(), 422);
}

#[tokio::test]
async fn one_sites_feed_closes_nothing_of_another() {
    let shore = Shore::with(office()).await;
    shore.site(OTHER).await;
    let admin = shore.key(OTHER, Kind::Admin).await;
    assert_eq!(shore.send(Call::put(PATH).key(&admin).body(FEED)).await.status.as_u16(), 404, "it has no such calendar");
    shore.ok(Call::put(format!("/v1/routing/sites/{OTHER}")).key(&admin).json(&office())).await;
    shore.ok(Call::put(PATH).key(&admin).body(FEED)).await;
    shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&json!({ "text": "la web no carga" }))).await;
    shore.pass(3 * 24 * 60);
    assert_eq!(shore.ok(Call::get("/v1/agents").key(&shore.read)).await["agents"][0]["is_working"], true, "Monday is a day like others");
    assert_eq!(shore.ok(Call::get("/v1/agents").key(&admin)).await["agents"][0]["is_working"], false);
}
