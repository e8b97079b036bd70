//! Segments: who is in one, when that is news, who hears of it, and what a score makes of it.

use std::time::Duration;

use http::StatusCode;
use orilla_core::sql::Statement;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{OTHER, SITE, Shore, ana, demo, person, violations};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn near() -> Json {
    json!({ "id": "near", "label": { "es": "De cerca", "en": "Nearby" }, "when": { "one_of": { "field": "company", "values": ["Olas del Sur"] } } })
}

fn keen() -> Json {
    let did = json!({ "event": { "type": "page", "path": "/precios" }, "at_least": 2, "within_days": 7 });
    json!({ "id": "keen", "label": { "es": "Con ganas", "en": "Keen" }, "when": { "did": did } })
}

async fn shore(segments: Json) -> Shore {
    Shore::with(|site| site["segments"] = segments).await
}

/// A page view of a visitor, as event tracking stores it: the lead that the visitor is has to be sorted again.
async fn view(shore: &Shore, id: &str, visitor: &str, path: &str) {
    let event = "INSERT INTO events (site_id, source, message_id, type, visitor_id, person_id, session_id, sequence, name, url, properties, context, \
                   occurred_at, received_at, lead_id) \
                 SELECT ?1, 'web', ?2, 'page', ?3, ?3, 's', 0, 'page', 'https://marea.example' || ?4, '{}', '{}', ?5, ?5, \
                   (SELECT lead_id FROM people WHERE site_id = ?1 AND visitor_id = ?3)";
    shore.host.rows(Statement::new(event).bind(SITE).bind(id).bind(visitor).bind(path).bind(shore.now())).await;
    let mark = "UPDATE segment_standings SET due_at = ?2, revision = revision + 1 \
                WHERE site_id = ?1 AND lead_id IN (SELECT lead_id FROM people WHERE site_id = ?1 AND visitor_id = ?3)";
    shore.host.rows(Statement::new(mark).bind(SITE).bind(shore.now()).bind(visitor)).await;
}

async fn submit_as_visitor(shore: &Shore, email: &str, visitor: &str) {
    let mut fields = person(email);
    fields["_visitor"] = json!(visitor);
    assert!(shore.submit(&fields).await.status.is_success());
}

/// The news of segments, in order: `event segment email`.
async fn news(shore: &Shore) -> Vec<String> {
    let rows = shore.host.rows(Statement::new("SELECT body FROM outbox WHERE event LIKE 'segment.%' ORDER BY created_at, id")).await;
    let told = rows.iter().map(|row| row.json::<Json>("body").unwrap());
    let told = told.map(|it| {
        let (event, data) = (it["type"].as_str().unwrap().to_owned(), &it["data"]);
        format!("{event} {} {}", data["segment"]["id"].as_str().unwrap(), data["lead"]["email"].as_str().unwrap())
    });
    told.collect()
}

async fn members(shore: &Shore, segment: &str) -> Vec<String> {
    let page = shore.read(&format!("/v1/segments/{segment}/leads")).await;
    page["leads"].as_array().unwrap().iter().map(|lead| lead["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_submission_enters_a_segment_in_its_own_batch_and_that_is_news_once() {
    let shore = shore(json!([near()])).await;
    shore.submit_as("k", &ana()).await;
    shore.submit_as("k", &ana()).await;
    let mut eva = person("eva@mar.example");
    eva["company"] = json!("Otra");
    shore.submit(&eva).await;
    assert_eq!(news(&shore).await, ["segment.entered near ana@olas.example"]);
    assert_eq!(members(&shore, "near").await, ["ana@olas.example"]);
    shore.tick().await;
    let listed = shore.read("/v1/segments").await;
    assert_eq!(
        (&listed["segments"][0]["id"], &listed["segments"][0]["leads"], &listed["is_settled"]),
        (&json!("near"), &json!(1), &json!(true))
    );
    let lead = shore.leads().await.into_iter().find(|lead| lead["email"] == "ana@olas.example").unwrap();
    assert_eq!(lead["segments"], json!(["near"]));
    let csv = shore.send(Call::get("/v1/leads.csv?segment=near").key(&shore.read)).await.text();
    assert!(csv.contains("ana@olas.example") && !csv.contains("eva@mar.example"), "{csv}");
    assert_eq!(shore.read("/v1/leads?segment=near").await["leads"].as_array().unwrap().len(), 1);
    for uri in ["/v1/leads?segment=none", "/v1/leads.csv?segment=none", "/v1/segments/none/leads"] {
        assert_eq!(shore.send(Call::get(uri).key(&shore.read)).await.status, StatusCode::NOT_FOUND, "{uri}");
    }
    // A second answer that changes the field: she leaves, once.
    shore.host.manual_clock().advance(Duration::from_secs(1));
    let mut moved = ana();
    moved["company"] = json!("Olas del Norte");
    shore.submit(&moved).await;
    shore.tick().await;
    shore.tick().await;
    assert_eq!(news(&shore).await, ["segment.entered near ana@olas.example", "segment.left near ana@olas.example"]);
    assert_eq!(members(&shore, "near").await, [""; 0]);
}

#[tokio::test]
async fn what_is_held_back_is_in_no_segment_until_somebody_says_that_it_is_no_spam() {
    let shore = shore(json!([near()])).await;
    let mut spam = ana();
    spam["_gotcha"] = json!("x");
    shore.submit(&spam).await;
    shore.tick().await;
    assert_eq!((members(&shore, "near").await.len(), news(&shore).await.len()), (0, 0));
    let submission = shore.read("/v1/submissions").await["submissions"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        shore.post(&format!("/v1/submissions/{submission}/release")).await;
    }
    assert_eq!(members(&shore, "near").await, ["ana@olas.example"]);
    assert_eq!(news(&shore).await, ["segment.entered near ana@olas.example"]);
}

#[tokio::test]
async fn events_bring_a_lead_in_and_time_alone_takes_it_out() {
    let shore = shore(json!([keen()])).await;
    submit_as_visitor(&shore, "ana@olas.example", "v-1").await;
    view(&shore, "m-1", "v-1", "/precios").await;
    shore.tick().await;
    assert_eq!(members(&shore, "keen").await, [""; 0], "once is not twice");
    view(&shore, "m-2", "v-1", "/precios/anual").await;
    shore.tick().await;
    assert_eq!(members(&shore, "keen").await, ["ana@olas.example"]);
    shore.host.manual_clock().advance(DAY * 6);
    let before = shore.text("SELECT coalesce(group_concat(sorted_at), '') AS it FROM segment_standings").await;
    shore.tick().await;
    let after = shore.text("SELECT coalesce(group_concat(sorted_at), '') AS it FROM segment_standings").await;
    assert_eq!(before, after, "nobody is looked at before time may have changed the answer");
    shore.host.manual_clock().advance(DAY + Duration::from_secs(1));
    shore.tick().await;
    shore.tick().await;
    assert_eq!(members(&shore, "keen").await, [""; 0]);
    assert_eq!(news(&shore).await, ["segment.entered keen ana@olas.example", "segment.left keen ana@olas.example"]);
}

#[tokio::test]
async fn a_change_is_news_once_although_ticks_overlap() {
    let shore = shore(json!([keen()])).await;
    for n in 0..5 {
        submit_as_visitor(&shore, &format!("p{n}@olas.example"), &format!("v-{n}")).await;
        view(&shore, &format!("a-{n}"), &format!("v-{n}"), "/precios").await;
        view(&shore, &format!("b-{n}"), &format!("v-{n}"), "/precios").await;
    }
    // Whoever claimed them and died: the leads are everybody's again, while the first one may still be at work.
    let anew = || async {
        shore.host.rows(Statement::new("UPDATE segment_standings SET due_at = ?1").bind(shore.now())).await;
        shore.tick().await
    };
    tokio::join!(shore.tick(), anew(), shore.tick(), anew());
    let mut told = news(&shore).await;
    told.sort();
    assert_eq!(told, (0..5).map(|n| format!("segment.entered keen p{n}@olas.example")).collect::<Vec<_>>());
}

#[tokio::test]
async fn new_rules_sort_everybody_a_part_at_a_time_and_in_silence() {
    let shore = Shore::new().await;
    for n in 0..130 {
        shore.host.manual_clock().advance(Duration::from_secs(20));
        shore.submit(&person(&format!("p{n}@olas.example"))).await;
    }
    let mut site = demo();
    site["segments"] = json!([near()]);
    shore.apply(SITE, &site).await;
    assert_eq!(shore.read("/v1/segments").await["is_settled"], false);
    shore.tick().await;
    let listed = shore.read("/v1/segments").await;
    assert_eq!((&listed["segments"][0]["leads"], &listed["is_settled"]), (&json!(130), &json!(true)));
    assert_eq!(news(&shore).await, [""; 0], "a change of rules is no news of people");
    // The same files again change nothing, and sort nobody.
    let before = shore.text("SELECT group_concat(revision) AS it FROM segment_standings").await;
    shore.apply(SITE, &site).await;
    shore.tick().await;
    assert_eq!(shore.text("SELECT group_concat(revision) AS it FROM segment_standings").await, before);
    // A segment that is gone takes its members with it; a second one is sorted anew.
    site["segments"] = json!([keen()]);
    shore.apply(SITE, &site).await;
    shore.tick().await;
    assert_eq!((shore.count("segment_members").await, news(&shore).await.len()), (0, 0));
    let mut moved = person("p1@olas.example");
    moved["company"] = json!("Otra");
    shore.submit(&moved).await;
    assert_eq!(news(&shore).await, [""; 0], "nobody leaves what is not there");
}

#[tokio::test]
async fn imports_and_new_scores_sort_as_well() {
    let hot = json!({ "id": "hot", "label": { "es": "Calientes" }, "when": { "score": { "of": "combined", "min": 40 } } });
    let shore = shore(json!([near(), hot])).await;
    let file = "email,company\nana@olas.example,Olas del Sur\neva@mar.example,Otra\n";
    shore.send(Call::post("/v1/leads/import").key(&shore.admin).body(file)).await;
    shore.tick().await;
    assert_eq!(members(&shore, "near").await, ["ana@olas.example"]);
    assert_eq!(news(&shore).await, [""; 0], "a file is no news");
    assert_eq!(members(&shore, "hot").await, [""; 0]);
    let mut site = demo();
    site["segments"] =
        json!([near(), { "id": "hot", "label": { "es": "Calientes" }, "when": { "score": { "of": "combined", "min": 40 } } }]);
    site["scoring"] = json!({
        "weights": { "fit": 1, "engagement": 0 },
        "fit": { "groups": { "all": { "cap": 100 } }, "rules": [
            { "id": "near", "group": "all", "label": { "es": "De cerca" }, "points": 50, "when": { "segment": "near" } },
        ] },
    });
    shore.apply(SITE, &site).await;
    shore.post("/v1/leads/rescore").await;
    shore.tick().await;
    assert_eq!(members(&shore, "hot").await, ["ana@olas.example"], "a score that a segment raised brings into the next one");
    assert_eq!(news(&shore).await, ["segment.entered hot ana@olas.example"]);
    let lead = shore.leads().await.into_iter().find(|lead| lead["email"] == "ana@olas.example").unwrap();
    assert_eq!((&lead["score"], &lead["contributions"][0]["rule"], &lead["rules_version"]), (&json!(50), &json!("near"), &json!(2)));
    // What a rule borrows is part of its version.
    site["segments"][0]["when"] = json!({ "one_of": { "field": "company", "values": ["Otra"] } });
    shore.apply(SITE, &site).await;
    assert_eq!(shore.post("/v1/leads/rescore").await.json()["rules_version"], 3);
}

#[tokio::test]
async fn a_destination_of_a_segment_hears_of_its_leads_and_of_no_others() {
    let shore = Shore::with(|site| {
        site["segments"] = json!([near(), keen()]);
        site["site"]["destinations"] = json!([
            { "id": "all", "kind": "webhook", "url": "https://all.example/hook" },
            { "id": "some", "kind": "webhook", "url": "https://some.example/hook", "segment": "near" },
        ]);
    })
    .await;
    shore.submit(&ana()).await;
    let mut eva = person("eva@mar.example");
    eva["company"] = json!("Otra");
    shore.submit(&eva).await;
    let mut moved = ana();
    moved["company"] = json!("Otra");
    shore.submit(&moved).await;
    let heard = async |destination: &str| {
        let rows = shore
            .host
            .rows(Statement::new("SELECT event FROM outbox WHERE destination_id = ?1 ORDER BY created_at, id").bind(destination))
            .await;
        let mut heard: Vec<_> = rows.iter().map(|row| row.text("event").unwrap().to_owned()).collect();
        heard.sort();
        heard
    };
    assert_eq!(heard("some").await, ["lead.created", "segment.entered", "segment.left"]);
    assert_eq!(heard("all").await, ["lead.created", "lead.created", "lead.updated", "segment.entered", "segment.left"]);
    let listed = shore.send(Call::get("/v1/destinations").key(&shore.admin)).await.json();
    assert_eq!((&listed["destinations"][0]["segment"], &listed["destinations"][1]["segment"]), (&json!(null), &json!("near")));
    // Over the API, too; a segment that a destination needs stays.
    let add = |segment: &str| {
        Call::post("/v1/destinations")
            .key(&shore.admin)
            .json(&json!({ "kind": "webhook", "target": "https://x.example/", "segment": segment }))
    };
    assert_eq!(violations(&shore.send(add("none")).await), ["segment unknown"]);
    assert_eq!(shore.send(add("near")).await.status, StatusCode::CREATED);
    let mut site = demo();
    site["segments"] = json!([keen()]);
    let reply = shore.send(Call::put(format!("/v1/sites/{SITE}")).key("operator").json(&site)).await;
    assert_eq!(violations(&reply), ["segments in_use"]);
    site["site"]["destinations"] = json!([{ "id": "some", "kind": "webhook", "url": "https://some.example/hook", "segment": "nowhere" }]);
    let reply = shore.send(Call::put(format!("/v1/sites/{SITE}")).key("operator").json(&site)).await;
    assert_eq!(violations(&reply), ["site.destinations[0].segment unknown", "segments in_use"]);
}

#[tokio::test]
async fn a_consent_stands_until_it_is_taken_back_whatever_other_forms_ask() {
    let may_hear = json!({ "id": "may-hear", "label": { "es": "Quiere noticias" }, "when": { "consent": { "name": "news" } } });
    let shore = Shore::with(|site| {
        site["segments"] = json!([may_hear]);
        let mut asks = site["forms"]["demo"].clone();
        asks["consents"] = json!([{ "name": "news", "text": { "es": "Noticias", "en": "News" }, "required": false }]);
        site["forms"]["asks"] = asks;
    })
    .await;
    let asked = async |answer: bool| {
        let fields =
            json!({ "email": "ana@olas.example", "company": "Olas", "news": answer, "_elapsed_ms": 9000, "message": answer.to_string() });
        let reply = shore.send(Call::post("/v1/forms/asks/submissions").json(&fields)).await;
        assert!(reply.status.is_success(), "{}", reply.text());
        shore.host.manual_clock().advance(Duration::from_secs(1200));
    };
    asked(true).await;
    assert_eq!(members(&shore, "may-hear").await.len(), 1);
    shore.submit(&ana()).await;
    assert_eq!(members(&shore, "may-hear").await.len(), 1, "a form that does not ask takes nothing back");
    shore.post("/v1/leads/rescore").await;
    shore.host.rows(Statement::new("UPDATE segment_standings SET due_at = 0")).await;
    shore.tick().await;
    assert_eq!(members(&shore, "may-hear").await.len(), 1, "a tick reads the same as a submission");
    asked(false).await;
    assert_eq!(members(&shore, "may-hear").await.len(), 0);
}

#[tokio::test]
async fn segments_are_each_sites_own_and_an_erased_lead_is_in_none() {
    let shore = shore(json!([near()])).await;
    let mut theirs = demo();
    theirs["site"]["id"] = json!(OTHER);
    theirs["forms"] = json!({ "theirs": theirs["forms"]["demo"] });
    theirs["segments"] = json!([near()]);
    shore.apply(OTHER, &theirs).await;
    let key = shore.issue(OTHER, "read").await;
    shore.submit(&ana()).await;
    let listed = shore.send(Call::get("/v1/segments").key(&key)).await.json();
    assert_eq!(listed["segments"][0]["leads"], 0);
    let page = shore.send(Call::get("/v1/segments/near/leads").key(&key)).await.json();
    assert_eq!(page["leads"], json!([]));
    let id = shore.leads().await[0]["id"].as_str().unwrap().to_owned();
    let receipt = shore.send(Call::delete(format!("/v1/leads/{id}")).key(&shore.admin)).await.json();
    assert_eq!((&receipt["rows"]["segment_members"], &receipt["rows"]["segment_standings"]), (&json!(1), &json!(1)));
    assert_eq!(shore.tables_with(&id).await, [""; 0]);
    shore.tick().await;
    assert_eq!(shore.tables_with("ana@olas.example").await, [""; 0]);
}

#[tokio::test]
async fn what_somebody_answered_before_they_became_a_lead_counts() {
    let happy = json!({ "id": "happy", "label": { "es": "Contentos" }, "when": { "nps": { "min": 9 } } });
    let shore = shore(json!([happy])).await;
    let answer = "INSERT INTO survey_answers (site_id, id, visitor, email, score, locale, created_at, updated_at) VALUES (?1, ?2, 'v', ?3, ?4, 'es', ?5, ?5)";
    let said = async |id: &str, email: &str, score: i64| {
        shore.host.rows(Statement::new(answer).bind(SITE).bind(id).bind(email).bind(score).bind(shore.now())).await;
    };
    said("1", "ana@olas.example", 10).await;
    said("2", "eva@mar.example", 3).await;
    shore.submit(&ana()).await;
    shore.submit(&person("eva@mar.example")).await;
    assert_eq!(members(&shore, "happy").await, ["ana@olas.example"]);
}
