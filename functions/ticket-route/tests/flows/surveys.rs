//! Who would recommend the site.

use http::StatusCode;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply};
use serde_json::{Value as Json, json};

use crate::support::{OTHER, SITE, Shore};

const DAY: u64 = 24 * 60;

/// As a page of the site sends it.
async fn answer(shore: &Shore, mut body: Json) -> Reply {
    body["site"] = json!(SITE);
    shore.send(Call::post("/v1/surveys/nps").header("origin", "https://marea.example").json(&body)).await
}

async fn shown(shore: &Shore, query: &str) -> Json {
    shore.ok(Call::get(format!("/v1/surveys/nps{query}")).key(&shore.read)).await
}

#[tokio::test]
async fn answers_become_a_figure_with_what_can_be_said_of_so_few() {
    let shore = Shore::bare().await;
    for (at, (score, locale)) in [(10, "es"), (9, "es"), (8, "en"), (6, "es"), (0, "en")].into_iter().enumerate() {
        let reply = answer(&shore, json!({ "score": score, "visitor": format!("v{at}"), "locale": locale })).await;
        assert_eq!((reply.status, reply.json()), (StatusCode::CREATED, json!({ "is_change": false })));
        assert_eq!(reply.header("access-control-allow-origin"), "https://marea.example");
    }
    let told = shown(&shore, "").await;
    let counts = ["answers", "promoters", "passives", "detractors"].map(|name| told[name].as_i64().unwrap());
    assert_eq!((counts, told["nps"].as_f64()), ([5, 2, 1, 2], Some(0.0)), "{told}");
    let (low, high) = (told["interval"]["low"].as_f64().unwrap(), told["interval"]["high"].as_f64().unwrap());
    assert!(low < -50.0 && high > 50.0, "{low} {high}");
    assert_eq!((told["weeks"][0]["week"].as_str(), told["weeks"][0]["answers"].as_i64()), (Some("2026-11-23"), Some(5)));
    let locales: Vec<_> = told["locales"].as_array().unwrap().iter().map(|it| (it["locale"].clone(), it["nps"].clone())).collect();
    assert_eq!(locales, [(json!("en"), json!(-50.0)), (json!("es"), json!(33.3))]);
    assert_eq!(told["satisfaction"]["answers"], 0);
    let nothing = Shore::bare().await;
    let told = shown(&nothing, "?days=7").await;
    assert_eq!((told["nps"].clone(), told["interval"].clone(), told["weeks"].clone()), (json!(null), json!(null), json!([])));
}

#[tokio::test]
async fn a_second_answer_within_a_month_changes_the_first() {
    let shore = Shore::bare().await;
    answer(&shore, json!({ "score": 2, "visitor": "v", "comment": "Lento" })).await;
    shore.pass(29 * DAY);
    let second = answer(&shore, json!({ "score": 9, "visitor": "v", "email": "Eva@Mar.example" })).await;
    assert_eq!((second.status, second.json()), (StatusCode::OK, json!({ "is_change": true })));
    answer(&shore, json!({ "score": 10, "visitor": "elsewhere", "email": "eva@mar.example" })).await;
    let told = shown(&shore, "").await;
    assert_eq!((told["answers"].as_i64(), told["promoters"].as_i64(), told["comments"].clone()), (Some(1), Some(1), json!([])));
    shore.pass(2 * DAY);
    let later = answer(&shore, json!({ "score": 3, "email": "eva@mar.example" })).await;
    assert_eq!(later.status, StatusCode::CREATED, "a month after the first it is another answer");
    assert_eq!(shown(&shore, "").await["answers"], 2);
}

#[tokio::test]
async fn two_answers_that_turn_out_to_be_one_persons_become_one() {
    let shore = Shore::bare().await;
    answer(&shore, json!({ "score": 2, "visitor": "phone" })).await;
    answer(&shore, json!({ "score": 5, "visitor": "desktop", "email": "eva@mar.example" })).await;
    assert_eq!(shown(&shore, "").await["answers"], 2);
    let linked = answer(&shore, json!({ "score": 9, "visitor": "phone", "email": "eva@mar.example" })).await;
    assert_eq!(linked.json()["is_change"], true);
    let told = shown(&shore, "").await;
    assert_eq!((told["answers"].as_i64(), told["nps"].as_f64()), (Some(1), Some(100.0)));
}

#[tokio::test]
async fn who_says_nothing_of_themselves_is_told_apart_for_a_day() {
    let shore = Shore::bare().await;
    let by = |address: [u8; 4], score: i64| {
        Call::post("/v1/surveys/nps")
            .header("origin", "https://marea.example")
            .header("user-agent", "Firefox")
            .from_address(address)
            .json(&json!({ "site": SITE, "score": score }))
    };
    shore.ok(by([203, 0, 113, 7], 3)).await;
    assert_eq!(shore.ok(by([203, 0, 113, 7], 9)).await["is_change"], true);
    assert_eq!(shore.ok(by([198, 51, 100, 7], 9)).await["is_change"], false);
    assert_eq!(shown(&shore, "").await["answers"], 2);
    assert!(!shore.dump().await.contains("203.0.113"));
}

#[tokio::test]
async fn a_key_stores_one_answer_however_often_it_is_sent() {
    let shore = Shore::bare().await;
    let call = |score: i64, key: &str| {
        Call::post("/v1/surveys/nps").key(&shore.admin).header("idempotency-key", key).json(&json!({ "score": score, "visitor": "v" }))
    };
    assert_eq!(shore.send(call(9, "one")).await.status, StatusCode::CREATED);
    assert_eq!(shore.send(call(9, "one")).await.status, StatusCode::CREATED, "the same answer again");
    assert_eq!(shore.send(call(8, "one")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shore.send(call(8, "two")).await.status, StatusCode::OK);
    assert_eq!(shore.count("survey_answers").await, 1);
}

#[tokio::test]
async fn strangers_floods_and_nonsense_are_turned_away() {
    let shore = Shore::bare().await;
    let foreign = Call::post("/v1/surveys/nps").header("origin", "https://evil.example").json(&json!({ "site": SITE, "score": 9 }));
    assert_eq!(shore.send(foreign).await.status, StatusCode::FORBIDDEN);
    for (body, field) in [
        (json!({ "score": 11 }), "score"),
        (json!({ "score": -1 }), "score"),
        (json!({ "score": 9.5 }), "body"),
        (json!({ "score": 9, "stars": 5 }), "body"),
        (json!({ "score": 9, "email": "nobody" }), "email"),
    ] {
        let reply = answer(&shore, body).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{}", reply.text());
    }
    for at in 0..10 {
        assert!(answer(&shore, json!({ "score": 9, "visitor": at.to_string() })).await.status.is_success());
    }
    assert_eq!(answer(&shore, json!({ "score": 9, "visitor": "one more" })).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(shore.count("survey_answers").await, 10);
    for query in ["?days=0", "?days=366", "?cursor=!!", "?limit=0"] {
        assert_eq!(
            shore.send(Call::get(format!("/v1/surveys/nps{query}")).key(&shore.read)).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
}

#[tokio::test]
async fn comments_come_newest_first_page_by_page() {
    let shore = Shore::bare().await;
    for at in 0..5 {
        let body =
            json!({ "score": at, "comment": format!("c{at}"), "visitor": format!("v{at}"), "page": "https://marea.example/precios" });
        answer(&shore, body).await;
        shore.pass(1);
    }
    answer(&shore, json!({ "score": 9, "visitor": "silent" })).await;
    let (mut said, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let told = shown(&shore, &query).await;
        let comments = told["comments"].as_array().unwrap();
        assert!(comments.len() <= 2 && told["answers"] == 6);
        said.extend(comments.iter().map(|it| it["comment"].as_str().unwrap().to_owned()));
        match told["next"].as_str() {
            Some(next) => query = format!("?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(said, ["c4", "c3", "c2", "c1", "c0"]);
}

#[tokio::test]
async fn what_somebody_answered_is_erased_and_nobody_elses() {
    let shore = Shore::bare().await;
    shore.site(OTHER).await;
    let elsewhere = shore.key(OTHER, orilla_core::sites::Kind::Admin).await;
    let say = |body: Json| Call::post("/v1/surveys/nps").key(&shore.admin).header("idempotency-key", "k").json(&body);
    shore.ok(say(json!({ "score": 1, "comment": "xiloprax", "email": "Eva@mar.example", "visitor": "v-xiloprax" }))).await;
    shore.pass(40 * DAY);
    answer(&shore, json!({ "score": 2, "comment": "xiloprax", "email": "eva@mar.example", "visitor": "v-xiloprax" })).await;
    answer(&shore, json!({ "score": 9, "comment": "Bien", "visitor": "w" })).await;
    let erase = |query: &str, key: &str| Call::delete(format!("/v1/surveys/nps{query}")).key(key);
    assert_eq!(shore.send(erase("?email=eva@mar.example", &elsewhere)).await.status, StatusCode::NOT_FOUND);
    let receipt = shore.ok(erase("?email=EVA@mar.example", &shore.admin)).await;
    assert_eq!(receipt["rows"]["survey_answers"], 2, "{receipt}");
    assert_eq!(shore.count("erasures").await, 1);
    assert!(!shore.dump().await.contains("xiloprax"));
    assert_eq!(shore.ok(erase("?visitor=w", &shore.admin)).await["rows"]["survey_answers"], 1);
    for (query, status) in [("", 400), ("?visitor=a&email=b@c.example", 400), ("?email=nobody", 404), ("?visitor=w", 404)] {
        assert_eq!(shore.send(erase(query, &shore.admin)).await.status.as_u16(), status, "{query}");
    }
}

/// As a browser of this address asks whether to ask.
async fn invited(shore: &Shore, survey: &str, address: [u8; 4], mut body: Json) -> Json {
    body["site"] = json!(SITE);
    let call =
        Call::post(format!("/v1/surveys/{survey}/invitations")).header("origin", "https://marea.example").header("user-agent", "Firefox");
    shore.ok(call.from_address(address).json(&body)).await
}

#[tokio::test]
async fn a_visit_is_asked_one_question_and_the_browser_keeps_nothing() {
    let shore = Shore::bare().await;
    let home = [203, 0, 113, 7];
    let first = invited(&shore, "nps", home, json!({ "locale": "es" })).await;
    assert_eq!((&first["ask"], &first["survey"], &first["locale"]), (&json!(true), &json!("nps"), &json!("es")));
    assert!(first["words"]["question"].as_str().unwrap().starts_with("¿Qué tan probable"), "{first}");
    assert_eq!(invited(&shore, "nps", home, json!({})).await, json!({ "ask": false }), "another page of the visit");
    assert_eq!(invited(&shore, "csat", home, json!({})).await, json!({ "ask": false }), "another question");
    let english = invited(&shore, "csat", [198, 51, 100, 7], json!({ "locale": "en" })).await;
    assert!(english["words"]["question"].as_str().unwrap().starts_with("How is"), "{english}");
    shore.pass(DAY);
    assert_eq!(invited(&shore, "nps", home, json!({})).await["ask"], true, "tomorrow is another visit");
    shore.pass(3 * DAY);
    invited(&shore, "nps", [192, 0, 2, 9], json!({})).await;
    assert_eq!(shore.count("survey_invitations").await, 1, "what is over is forgotten");
    let dump = shore.dump().await;
    assert!(!dump.contains("203.0.113") && !dump.contains("192.0.2"));
}

#[tokio::test]
async fn who_answered_lately_or_wants_to_be_remembered_by_nobody_is_not_asked() {
    let shore = Shore::bare().await;
    let home = [203, 0, 113, 7];
    answer(&shore, json!({ "score": 9, "visitor": "eva", "email": "eva@mar.example" })).await;
    assert_eq!(invited(&shore, "nps", home, json!({ "visitor": "eva" })).await["ask"], false);
    assert_eq!(invited(&shore, "nps", home, json!({ "visitor": "phone", "email": "EVA@mar.example" })).await["ask"], false);
    assert_eq!(invited(&shore, "csat", home, json!({ "visitor": "eva" })).await["ask"], true, "that is another question");
    shore.pass(31 * DAY);
    assert_eq!(invited(&shore, "nps", home, json!({ "visitor": "eva" })).await["ask"], true);
    for signal in ["dnt", "sec-gpc"] {
        let call = Call::post("/v1/surveys/nps/invitations").header("origin", "https://marea.example").header(signal, "1");
        let before = shore.count("survey_invitations").await;
        assert_eq!(shore.ok(call.from_address([192, 0, 2, 1]).json(&json!({ "site": SITE }))).await, json!({ "ask": false }));
        assert_eq!(shore.count("survey_invitations").await, before, "and that is not noted either");
    }
    let foreign = Call::post("/v1/surveys/nps/invitations").header("origin", "https://evil.example").json(&json!({ "site": SITE }));
    assert_eq!(shore.send(foreign).await.status, StatusCode::FORBIDDEN);
    let unknown = Call::post("/v1/surveys/stars/invitations").header("origin", "https://marea.example").json(&json!({ "site": SITE }));
    assert_eq!(shore.send(unknown).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn satisfaction_of_visitors_is_a_share_with_its_interval() {
    let shore = Shore::bare().await;
    let rate = async |visitor: &str, score: i64| {
        let body = json!({ "site": SITE, "score": score, "visitor": visitor, "locale": "es", "email": format!("{visitor}@mar.example") });
        shore.send(Call::post("/v1/surveys/csat").header("origin", "https://marea.example").json(&body)).await
    };
    for (visitor, score) in [("a", 5), ("b", 4), ("c", 3), ("d", 1)] {
        assert_eq!(rate(visitor, score).await.status, StatusCode::CREATED);
    }
    assert_eq!(rate("d", 2).await.json(), json!({ "is_change": true }));
    assert_eq!(rate("e", 6).await.status.as_u16(), 422);
    // Two of them are leads of a segment.
    for visitor in ["a", "d"] {
        shore
            .host
            .rows(Statement::new(
                "INSERT INTO leads (id, site_id, email, email_key, fields, locale, verdict, form_id, first_touch, last_touch, tags, score, fit, \
                 engagement, band, score_detail, is_confirmed, submissions, revision, created_at, updated_at) \
                 VALUES (?1, ?2, ?3, ?3, '{}', 'es', 'accept', 'f', '{}', '{}', '[]', 0, 0, 0, 'C3', '{}', 1, 1, 1, 0, 0)",
            ).bind(format!("lead-{visitor}")).bind(SITE).bind(format!("{visitor}@mar.example")))
            .await;
        shore
            .host
            .rows(
                Statement::new("INSERT INTO segment_members (site_id, segment, lead_id, since) VALUES (?1, 'near', ?2, 0)")
                    .bind(SITE)
                    .bind(format!("lead-{visitor}")),
            )
            .await;
    }
    let told = shore.ok(Call::get("/v1/surveys/csat").key(&shore.read)).await;
    let counts = ["answers", "satisfied", "neutral", "dissatisfied"].map(|name| told[name].as_i64().unwrap());
    assert_eq!((counts, told["share"].as_f64(), told["mean"].as_f64()), ([4, 2, 1, 1], Some(0.5), Some(3.5)), "{told}");
    // Source: Wilson's interval of 2 in 4.
    assert_eq!((told["interval"]["low"].as_f64(), told["interval"]["high"].as_f64()), (Some(0.15), Some(0.85)), "{told}");
    assert_eq!(told["segments"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&told["segments"][0]["segment"], &told["segments"][0]["answers"], &told["segments"][0]["satisfied"]),
        (&json!("near"), &json!(2), &json!(1))
    );
    assert_eq!(shown(&shore, "").await["answers"], 0, "another question has its own answers");
    let erased = shore.ok(Call::delete("/v1/surveys/csat?email=d@mar.example").key(&shore.admin)).await;
    assert_eq!(erased["rows"]["csat_answers"], 1);
}
