//! One person: what they did, and how they are forgotten.

use std::collections::BTreeMap;

use http::StatusCode;
use orilla_core::erasure::holdings;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{OTHER, SITE, Shore, codes, track};

/// Ana on two devices, and somebody else.
async fn ana() -> Shore {
    let shore = Shore::new().await;
    shore.batch(json!([{ "type": "page", "messageId": "m1", "anonymousId": "phone", "properties": { "url": "https://marea.example/precios" } }])).await;
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    for (id, who) in [("m2", "phone"), ("m3", "desk")] {
        let identify =
            json!({ "type": "identify", "messageId": id, "anonymousId": who, "userId": "ana", "traits": { "email": "Ana@olas.example" } });
        shore.batch(json!([identify])).await;
    }
    shore.host.manual_clock().advance(std::time::Duration::from_secs(60));
    shore.batch(json!([track("m4", "desk", "Signup"), track("x1", "stranger", "Signup")])).await;
    shore
}

fn ids(journey: &Json) -> Vec<&str> {
    journey["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_journey_is_the_same_by_any_id() {
    let shore = ana().await;
    for id in ["ana", "user:ana", "user%3Aana", "phone", "desk", "ana@olas.example", "ANA@olas.example"] {
        let journey = shore.ask(&format!("/v1/people/{id}/journey")).await;
        assert_eq!(ids(&journey), ["m1", "m2", "m3", "m4"], "{id}");
        let identities: Vec<_> =
            journey["identities"].as_array().unwrap().iter().map(|it| (it["visitor"].clone(), it["person"].clone())).collect();
        assert_eq!(json!(identities), json!([["desk", "user:ana"], ["phone", "user:ana"]]));
        assert_eq!(journey["sessions"].as_array().unwrap().len(), 2);
    }
    let journey = shore.ask("/v1/people/stranger/journey").await;
    assert_eq!((ids(&journey), &journey["identities"], &journey["next_cursor"]), (vec!["x1"], &json!([]), &Json::Null));
}

#[tokio::test]
async fn a_leads_journey_is_that_of_their_mailbox() {
    let shore = ana().await;
    let lead = "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, visitor_id, first_touch, last_touch, tags, score, fit, \
         engagement, band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
         VALUES ('lead-1', ?1, 'ana@olas.example', 'ana@olas.example', '{}', 'es', 'accept', 'demo', 'phone', '{}', '{}', '[]', 0, 0, 0, 'C3', '{}', 1, 1, 1, 0, 0)";
    shore.host.rows(Statement::new(lead).bind(SITE)).await;
    let journey = shore.ask("/v1/people/lead-1/journey").await;
    assert_eq!((ids(&journey), &journey["leads"]), (vec!["m1", "m2", "m3", "m4"], &json!(["lead-1"])));
}

#[tokio::test]
async fn a_journey_goes_on_where_its_cursor_says() {
    let shore = ana().await;
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let journey = shore.ask(&format!("/v1/people/ana/journey?limit=1{cursor}")).await;
        seen.extend(ids(&journey).into_iter().map(str::to_owned));
        assert_eq!(journey["sessions"].as_array().unwrap().len(), 1);
        match journey["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["m1", "m2", "m3", "m4"]);
    for query in ["limit=0", "limit=1001", "cursor=x", "cursor=W10"] {
        shore.refuses(&format!("/v1/people/ana/journey?{query}")).await;
    }
}

async fn erase(shore: &Shore, id: &str) -> Reply {
    let admin = shore.key(SITE, Kind::Admin).await;
    shore.send(Call::delete(format!("/v1/people/{id}")).key(&admin)).await
}

#[tokio::test]
async fn a_person_is_erased_by_any_id_and_stays_erased() {
    for id in ["ana", "phone", "desk", "ana@olas.example"] {
        let shore = ana().await;
        let before = shore.check_ledger().await;
        let reply = erase(&shore, id).await;
        assert_eq!(reply.status, StatusCode::OK, "{id}: {}", reply.text());
        let rows: BTreeMap<String, i64> = serde_json::from_value(reply.json()["rows"].clone()).unwrap();
        let some: Vec<_> = rows.iter().filter(|(_, count)| **count > 0).map(|(table, count)| (table.as_str(), *count)).collect();
        assert_eq!(some, [("events", 4), ("mailboxes", 2), ("people", 2), ("sessions", 2)], "{id}");
        let left: Vec<_> = shore.events().await.iter().map(|event| event["id"].clone()).collect();
        assert_eq!(left, ["x1"], "{id}");
        for table in ["sessions", "people", "mailboxes", "events"] {
            let query = format!("SELECT count(*) AS n FROM {table} WHERE visitor_id <> 'stranger'");
            assert_eq!(shore.host.rows(Statement::new(query)).await.first().unwrap().integer("n").unwrap(), 0, "{table}");
        }
        // What only counts stays.
        assert_eq!(shore.count("SELECT sum(views) AS n FROM page_views").await, 1);
        let receipt = "SELECT count(*) AS n FROM erasures WHERE subject_kind = 'person' AND counts ->> '$.events' = 4";
        assert_eq!(shore.count(receipt).await, 1);
        // Whoever comes again by any of the ids is kept out; the stranger is not.
        let again = json!([
            track("n1", "phone", "A"), track("n2", "desk", "A"), { "type": "track", "messageId": "n3", "anonymousId": "new", "userId": "ana", "event": "A" },
            { "type": "identify", "messageId": "n4", "anonymousId": "newer", "traits": { "email": "ana@OLAS.example" } },
            { "type": "alias", "messageId": "n5", "userId": "somebody", "previousId": "phone" }, track("n6", "stranger", "A"),
        ]);
        let reply = shore.send(shore.call("/v1/batch").json(&json!({ "batch": again }))).await.json();
        assert_eq!(
            (&reply["accepted"], codes(&reply["filtered"])),
            (&json!(1), (0..5).map(|n| format!("{n} suppressed")).collect()),
            "{id}"
        );
        let lines = shore.ledger().await;
        let sum = |name: &str| lines.iter().map(|line| line[name].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("received"), sum("accepted"), sum("quarantined")), (before["received"] + 6, before["accepted"] + 1, 5));
        assert_eq!(shore.events().await.len(), 2);
        assert_eq!(erase(&shore, id).await.status, StatusCode::NOT_FOUND);
    }
}

/// Ana as the other functions know her: a lead, two conversations, a ticket out of one of them, one by mail, and an answer; beside her Eva, a lead of the
/// same browser with a conversation of her own.
async fn known_everywhere(shore: &Shore) {
    let lead = "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, visitor_id, first_touch, last_touch, tags, score, fit, \
         engagement, band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
         VALUES ('lead-' || ?2, ?1, ?2, ?2, '{}', 'es', 'accept', 'demo', 'phone', '{}', '{}', '[]', 0, 0, 0, 'C3', '{}', 1, 1, 1, 0, 0)";
    let consent = "INSERT INTO consents (submission_id, site_id, lead_id, item, is_given, text_hash, form_version, locale, given_at) \
         VALUES ('of-' || ?2, ?1, 'lead-' || ?2, 'consent', 1, 'h', 1, 'es', 0)";
    let conversation = "INSERT INTO conversations (site_id, id, state, locale, visitor_id, contact, created_at, updated_at) VALUES (?1, ?2, 'bot', 'es', ?3, ?4, 0, 0)";
    let message = "INSERT INTO messages (site_id, conversation_id, number, author, text, detail, created_at) VALUES (?1, ?2, 1, 'visitor', '¿Cuánto?', '{}', 0)";
    let question = "INSERT INTO kb_questions (site_id, conversation_id, number, question, locale, reason, asked_at) VALUES (?1, ?2, 2, '¿Cuánto?', 'es', 'unsure', 0)";
    let request = "INSERT INTO ticket_requests (site_id, id, source, subject_id, body, created_at) VALUES (?1, ?2, 'chat', ?3, '{}', 0)";
    let ticket = "INSERT INTO tickets (site_id, id, number, source, subject, requester, requester_key, locale, status, priority, category, team, tags, verdict, \
         fingerprint, events, created_at, updated_at) VALUES (?1, ?2, ?3, 'chat', 'x', '{}', ?4, 'es', 'new', 'normal', 'other', 't', '[]', '{}', 'f', 1, 0, 0)";
    let event = "INSERT INTO ticket_events (site_id, ticket_id, number, kind, actor, text, data, created_at) VALUES (?1, ?2, 1, 'opened', 'customer', 'x', '{}', 0)";
    let answer = "INSERT INTO survey_answers (site_id, id, visitor, email, score, locale, created_at, updated_at) VALUES (?1, ?2, 'phone', ?3, 9, 'es', 0, 0)";
    let outbox = "INSERT INTO outbox (id, site_id, destination_id, kind, target, event, subject_id, body, status, next_at, created_at) \
         VALUES (?2, ?1, 'd', 'webhook', '{}', 'x', ?2, '{}', 'pending', 0, 0)";
    let run = async |sql: &'static str, values: &[&str]| {
        let statement = values.iter().fold(Statement::new(sql).bind(SITE), |statement, value| statement.bind(*value));
        shore.host.rows(statement).await;
    };
    let (ana, eva) = ("ana@olas.example", "eva@olas.example");
    for email in [ana, eva] {
        run(lead, &[email]).await;
        run(consent, &[email]).await;
    }
    for (id, visitor, contact) in [
        ("by-visitor", "phone", "{}"),
        ("by-mailbox", "library", r#"{"email":"Ana@olas.example","key":"ana@olas.example"}"#),
        ("of-eva", "phone", r#"{"email":"eva@olas.example","key":"eva@olas.example"}"#),
    ] {
        run(conversation, &[id, visitor, contact]).await;
        run(message, &[id]).await;
        run(question, &[id]).await;
        run(outbox, &[id]).await;
    }
    for (id, from) in [("from-chat", "by-visitor"), ("from-eva", "of-eva")] {
        run(request, &[id, from]).await;
    }
    for (id, number, requester) in [("from-chat", "1", None), ("by-mail", "2", Some(ana)), ("from-eva", "3", Some(eva))] {
        let statement = Statement::new(ticket).bind(SITE).bind(id).bind(number.parse::<i64>().unwrap()).bind(requester);
        shore.host.rows(statement).await;
        run(event, &[id]).await;
    }
    run(answer, &["answer-of-ana", ana]).await;
    run(answer, &["answer-of-eva", eva]).await;
}

#[tokio::test]
async fn one_erasure_takes_what_every_function_keeps_of_somebody_and_nothing_of_who_shares_their_browser() {
    for id in ["ana@olas.example", "lead-ana@olas.example"] {
        let shore = ana().await;
        known_everywhere(&shore).await;
        let reply = erase(&shore, id).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let (rows, leads) = (&reply.json()["rows"], &reply.json()["leads"]);
        assert_eq!(leads, &json!(["lead-ana@olas.example"]));
        for (table, count) in [
            ("events", 4),
            ("leads", 1),
            ("consents", 1),
            ("conversations", 2),
            ("messages", 2),
            ("kb_questions", 2),
            ("ticket_requests", 1),
            ("tickets", 2),
            ("ticket_events", 2),
            ("survey_answers", 1),
            ("outbox", 2),
        ] {
            assert_eq!(rows[table], count, "{table}: {rows}");
        }
        for table in [
            "leads",
            "consents",
            "conversations",
            "messages",
            "kb_questions",
            "ticket_requests",
            "tickets",
            "ticket_events",
            "survey_answers",
            "outbox",
        ] {
            let left = shore.host.rows(Statement::new(format!("SELECT count(*) AS n FROM {table}"))).await;
            assert_eq!(left.first().unwrap().integer("n").unwrap(), 1, "what is Eva's in {table}");
        }
        assert_eq!(erase(&shore, id).await.status, StatusCode::NOT_FOUND);
        assert_eq!(shore.count("SELECT count(*) AS n FROM erasures").await, 1);
    }
}

#[tokio::test]
async fn somebody_who_only_wrote_mails_is_erased_by_their_address() {
    let shore = Shore::new().await;
    known_everywhere(&shore).await;
    shore.host.rows(Statement::new("DELETE FROM leads")).await;
    let reply = erase(&shore, "ana@olas.example").await;
    assert_eq!((reply.status, &reply.json()["rows"]["tickets"]), (StatusCode::OK, &json!(1)), "{}", reply.text());
    assert_eq!(erase(&shore, "nobody@olas.example").await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.count("SELECT count(*) AS n FROM suppressions").await, 3, "of Ana's address alone: as visitor, user and mailbox");
}

/// Columns that say whose a row is.
const NAMES_SOMEBODY: [&str; 14] = [
    "visitor_id",
    "visitor",
    "person_id",
    "lead_id",
    "email",
    "email_key",
    "contact",
    "requester",
    "requester_key",
    "conversation_id",
    "ticket_id",
    "subject_id",
    "address_hash",
    "session_id",
];

#[tokio::test]
async fn no_table_that_names_people_is_left_out_of_their_erasure() {
    let shore = Shore::new().await;
    let columns = "SELECT m.name AS t, group_concat(c.name) AS columns FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' GROUP BY m.name";
    let rows = shore.host.rows(Statement::new(columns)).await;
    let erased: Vec<_> = holdings().into_iter().map(|(table, _)| table).collect();
    let (mut seen, mut missing) = (0, Vec::new());
    for row in rows.iter() {
        let table = row.text("t").unwrap();
        if row.text("columns").unwrap().split(',').any(|column| NAMES_SOMEBODY.contains(&column)) {
            seen += 1;
            missing.extend((!erased.contains(&table)).then(|| table.to_owned()));
        }
    }
    assert!(seen > 15, "only {seen} tables name somebody");
    assert_eq!(missing, [""; 0]);
}

#[tokio::test]
async fn a_failed_erasure_erases_nothing() {
    let shore = ana().await;
    let admin = shore.key(SITE, Kind::Admin).await;
    shore.host.rows(Statement::new("CREATE TRIGGER broken BEFORE INSERT ON suppressions BEGIN SELECT RAISE(ABORT, 'broken'); END")).await;
    let reply = shore.send(Call::delete("/v1/people/ana").key(&admin)).await;
    assert!(reply.status.is_server_error() || reply.status == StatusCode::CONFLICT, "{}", reply.status);
    assert_eq!((shore.events().await.len(), shore.count("SELECT count(*) AS n FROM erasures").await), (5, 0));
}

#[tokio::test]
async fn only_the_sites_own_keys_open_a_person() {
    let shore = ana().await;
    shore.site(OTHER, &json!({})).await;
    let (read, admin) = (shore.key(OTHER, Kind::Read).await, shore.key(OTHER, Kind::Admin).await);
    assert_eq!(shore.send(Call::get("/v1/people/ana/journey").key(&read)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.send(Call::delete("/v1/people/ana").key(&admin)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shore.send(Call::delete("/v1/people/ana").key(&shore.read)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(shore.send(Call::get("/v1/people/ana/journey")).await.status, StatusCode::UNAUTHORIZED);
    for id in ["nobody", "%27%20OR%201", "nobody@olas.example"] {
        assert_eq!(shore.send(Call::get(format!("/v1/people/{id}/journey")).key(&shore.read)).await.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert_eq!(shore.events().await.len(), 5);
}
