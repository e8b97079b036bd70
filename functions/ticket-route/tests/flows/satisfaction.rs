//! How the help was: links, the page, votes, what becomes of them.

use http::StatusCode;
use orilla_core::sql::Statement;
use orilla_native::testing::{Call, Reply, SqlFault};
use serde_json::{Value as Json, json};
use ticket_route::PUBLIC_URL;

use crate::support::{SITE, Shore, kinds, office};

const DAY: u64 = 24 * 60;

/// A site whose ticket 1 is solved by Ana, and the path of its link.
async fn solved() -> (Shore, String) {
    let shore = Shore::with(office()).await;
    shore.open("Factura <script>", "Necesito la factura de octubre", "eva@mar.example").await;
    shore.patch("1", json!({ "agent": "ana", "assignee": "ana", "status": "solved" })).await;
    let path = link(&shore, "1").await;
    (shore, path)
}

async fn link(shore: &Shore, ticket: &str) -> String {
    let told = shore.ok(Call::post(format!("/v1/tickets/{ticket}/satisfaction-link")).key(&shore.admin)).await;
    told["url"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned()
}

async fn browse(shore: &Shore, path: &str) -> Reply {
    shore.send(Call::get(path).header("accept", "text/html").header("accept-language", "en")).await
}

async fn submit(shore: &Shore, path: &str, form: &str) -> Reply {
    let call = Call::post(path).header("accept", "text/html,*/*").header("content-type", "application/x-www-form-urlencoded");
    shore.send(call.body(form.to_owned())).await
}

#[tokio::test]
async fn a_link_that_a_scanner_opens_stores_nothing() {
    let (shore, path) = solved().await;
    for score in 1..=5 {
        let page = browse(&shore, &format!("{path}?score={score}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(&format!("value={score} required checked")) && page.text().contains(&format!("data-chosen={score}")));
    }
    let ticket = shore.ticket("1").await;
    assert_eq!((ticket["satisfaction"].clone(), kinds(&ticket).contains(&"rated")), (json!(null), false));
}

#[tokio::test]
async fn the_page_is_its_own_and_speaks_the_tickets_language() {
    let (shore, path) = solved().await;
    let page = browse(&shore, &format!("{path}?score=9")).await;
    let text = page.text();
    assert!(
        text.contains("<html lang=es>") && text.contains("¿Cómo fue la ayuda que recibiste?") && !text.contains("data-chosen="),
        "{text}"
    );
    assert!(text.contains("#1 · Factura &lt;script&gt;") && text.contains(&format!("action=\"{path}\"")));
    let policy = page.header("content-security-policy");
    assert!(
        !policy.contains("unsafe") && policy.contains("default-src 'none'; style-src 'sha256-") && policy.contains("script-src 'sha256-")
    );
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "private, no-store"));
    for mark in ["src=", "href=", "url(", "@import", "http"] {
        assert!(!text.contains(mark), "the page loads {mark}: {text}");
    }
}

#[tokio::test]
async fn a_vote_counts_may_be_changed_for_a_week_and_is_told() {
    let (shore, path) = solved().await;
    shore.listen().await;
    let vote = |body: Json| Call::post(&path).json(&body);
    let first = shore.ok(vote(json!({ "score": 4 }))).await;
    assert_eq!((first["score"].as_i64(), first["comment"].clone()), (Some(4), json!(null)));
    assert_eq!(first["changes_until"], "2026-12-04T10:00:00.000Z");
    shore.ok(vote(json!({ "score": 4 }))).await;
    assert_eq!(shore.told().await, ["ticket.rated"], "the same again is no news");
    shore.pass(3 * DAY);
    shore.ok(vote(json!({ "score": 2, "comment": " Tardó mucho " }))).await;
    let kept = shore.ok(vote(json!({ "score": 3 }))).await;
    assert_eq!((kept["score"].as_i64(), kept["comment"].as_str()), (Some(3), Some("Tardó mucho")), "the words stay");
    let ticket = shore.ticket("1").await;
    let rating = &ticket["satisfaction"];
    assert_eq!((rating["score"].as_i64(), rating["agent"].as_str()), (Some(3), Some("ana")), "{rating}");
    assert_eq!((ticket["status"].as_str(), kinds(&ticket).iter().filter(|kind| **kind == "rated").count()), (Some("solved"), 3));
    assert!(ticket["events"].as_array().unwrap().iter().rev().take(3).all(|event| event["actor"] == "customer"));
    assert_eq!(shore.ok(vote(json!({ "score": 3, "comment": "" }))).await["comment"], json!(null), "an empty word takes it away");
    shore.pass(4 * DAY);
    let late = shore.send(vote(json!({ "score": 5 }))).await;
    assert_eq!((late.status, late.json()["code"].as_str()), (StatusCode::GONE, Some("expired")));
    let page = browse(&shore, &path).await;
    assert_eq!((page.status, page.text().contains("The time to answer has passed")), (StatusCode::GONE, true));
    let rows = shore.host.rows(Statement::new("SELECT body FROM outbox WHERE event = 'ticket.rated'")).await;
    let told: Vec<Json> = rows.iter().map(|row| row.json("body").unwrap()).collect();
    let worse = told.iter().find(|news| news["data"]["score"] == 2).unwrap();
    assert_eq!((worse["data"]["agent"].as_str(), worse["data"]["text"].as_str()), (Some("ana"), Some("Tardó mucho")), "{worse}");
}

#[tokio::test]
async fn a_page_without_a_script_stores_by_its_button() {
    let (shore, path) = solved().await;
    let stored = submit(&shore, &path, "score=5&comment=%C2%A1Genial%21+%3Cb%3E").await;
    assert_eq!(stored.status, StatusCode::OK);
    let text = stored.text();
    assert!(text.contains("guardamos tu respuesta, 5 de 5") && text.contains("¡Genial! &lt;b&gt;</textarea>"), "{text}");
    assert!(text.contains("value=5 required checked") && !text.contains("data-chosen="));
    assert_eq!(shore.ticket("1").await["satisfaction"]["comment"], "¡Genial! <b>");
    let refused = submit(&shore, &path, "score=7&comment=Hola").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("Elige un número del 1 al 5") && refused.text().contains("Hola</textarea>"), "{}", refused.text());
    let opened = browse(&shore, &format!("{path}?score=5")).await.text();
    assert!(!opened.contains("data-chosen="), "what is stored is not sent again");
}

#[tokio::test]
async fn a_forged_or_old_link_is_a_friendly_dead_end() {
    let (shore, path) = solved().await;
    let broken = browse(&shore, &format!("{path}x")).await;
    assert_eq!((broken.status, broken.text().contains("This link leads nowhere")), (StatusCode::FORBIDDEN, true));
    let spanish = shore.send(Call::get("/v1/satisfaction/nothing").header("accept", "text/html").header("accept-language", "es")).await;
    assert_eq!((spanish.status, spanish.text().contains("no lleva a ninguna parte")), (StatusCode::BAD_REQUEST, true));
    let forged = shore.send(Call::post(format!("{path}x")).json(&json!({ "score": 5 }))).await;
    assert_eq!((forged.status, forged.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("forbidden")));
    shore.pass(30 * DAY);
    for reply in [browse(&shore, &path).await, submit(&shore, &path, "score=5").await] {
        assert_eq!((reply.status, reply.header("content-type")), (StatusCode::GONE, "text/html; charset=utf-8"));
    }
    let ticket = shore.ticket("1").await;
    assert_eq!(ticket["satisfaction"], json!(null));
    shore.ok(Call::delete("/v1/tickets/1").key(&shore.admin)).await;
    assert_eq!(browse(&shore, &path).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn only_what_is_solved_can_be_rated_and_each_solution_anew() {
    let (shore, path) = solved().await;
    shore.ok(Call::post(&path).json(&json!({ "score": 1 }))).await;
    shore.write_into("1", json!({ "text": "Sigue igual" })).await;
    let early = shore.send(Call::post("/v1/tickets/1/satisfaction-link").key(&shore.admin)).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    shore.pass(8 * DAY);
    assert_eq!(shore.send(Call::post(&path).json(&json!({ "score": 5 }))).await.status, StatusCode::GONE);
    shore.patch("1", json!({ "agent": "bea", "status": "solved" })).await;
    let again = link(&shore, "1").await;
    shore.ok(Call::post(&again).json(&json!({ "score": 5 }))).await;
    assert_eq!(shore.ticket("1").await["satisfaction"]["score"], 5);
}

#[tokio::test]
async fn a_script_that_votes_without_end_is_stopped_and_a_token_is_never_logged() {
    let (shore, path) = solved().await;
    for at in 0..20 {
        shore.ok(Call::post(&path).json(&json!({ "score": at % 5 + 1 }))).await;
    }
    let one_more = shore.send(Call::post(&path).json(&json!({ "score": 1 }))).await;
    assert_eq!(one_more.status, StatusCode::TOO_MANY_REQUESTS);
    shore.host.fail_sql(SqlFault::always().times(1));
    assert_eq!(shore.send(Call::post(&path).json(&json!({ "score": 2 }))).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let log = shore.host.take_log().join("\n");
    let token = path.rsplit('/').next().unwrap();
    assert!(log.contains("/v1/satisfaction/{token}") && !log.contains(token), "{log}");
}

#[tokio::test]
async fn a_solution_asks_by_mail_and_by_webhook_and_never_twice_in_a_row() {
    let mut desk = office();
    desk["mail"] = json!({ "replies": true, "satisfaction": true });
    let shore = Shore::bare().await;
    let refused = shore.send(Call::put(format!("/v1/routing/sites/{SITE}")).key(&shore.admin).json(&desk)).await;
    assert_eq!(refused.json()["errors"][0]["field"], "mail.satisfaction", "there is no address to link to: {}", refused.text());
    shore.host.set_variable(PUBLIC_URL, "https://marea.example/");
    shore.apply(&desk).await;
    shore.listen().await;
    let sent = json!({ "text": "I cannot log in to my account", "locale": "en", "requester": { "email": "al@mar.example" } });
    shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&sent)).await;
    shore.write_into("1", json!({ "agent": "ana", "text": "Try again now.", "status": "solved" })).await;
    let mails = shore.mails().await;
    let (text, html) = (mails[0].1["text"].as_str().unwrap(), mails[0].1["html"].as_str().unwrap());
    assert!(
        mails.len() == 1 && text.starts_with("Try again now.\n\nHow was the help you got?\nhttps://marea.example/v1/satisfaction/"),
        "{text}"
    );
    assert_eq!(html.matches("https://marea.example/v1/satisfaction/").count(), 5, "{html}");
    assert!((1..=5).all(|score| html.contains(&format!("?score={score}\""))));
    let path = text.lines().find_map(|line| line.strip_prefix("https://marea.example")).unwrap().to_owned();
    shore.ok(Call::post(&path).json(&json!({ "score": 5 }))).await;
    let rows = shore.host.rows(Statement::new("SELECT body FROM outbox WHERE event = 'ticket.solved'")).await;
    let told: Json = rows.first().unwrap().json("body").unwrap();
    assert_eq!(told["data"]["satisfaction_link"]["url"], format!("https://marea.example{path}"));
    shore.pass(1);
    for status in ["open", "solved", "open", "solved"] {
        shore.patch("1", json!({ "agent": "ana", "status": status })).await;
    }
    let mails = shore.mails().await;
    assert_eq!(mails.len(), 2, "a solution without a reply asks by itself, once in a while: {mails:?}");
    assert!(mails[1].1["text"].as_str().unwrap().starts_with("We have marked what you asked us as solved."));
}

#[tokio::test]
async fn the_report_counts_the_last_votes_of_each_agents_tickets() {
    let (shore, path) = solved().await;
    for (number, agent, score) in [(2, "ana", 5), (3, "carl", 2)] {
        shore.open("Algo", &format!("Mensaje {number}"), "leo@mar.example").await;
        shore.patch(&number.to_string(), json!({ "agent": agent, "assignee": agent, "status": "solved" })).await;
        let path = link(&shore, &number.to_string()).await;
        shore.ok(Call::post(&path).json(&json!({ "score": score }))).await;
    }
    for score in [1, 4] {
        shore.ok(Call::post(&path).json(&json!({ "score": score }))).await;
    }
    shore.pass(1);
    let told = shore.ok(Call::get("/v1/routing/report?days=7").key(&shore.read)).await["satisfaction"].clone();
    assert_eq!((told["answers"].as_i64(), told["share"].as_f64(), told["mean"].as_f64()), (Some(3), Some(0.667), Some(3.67)), "{told}");
    let agents: Vec<_> =
        told["agents"].as_array().unwrap().iter().map(|it| (it["agent"].clone(), it["answers"].clone(), it["mean"].clone())).collect();
    assert_eq!(agents, [(json!("ana"), json!(2), json!(4.5)), (json!("carl"), json!(1), json!(2.0))]);
}

#[tokio::test]
async fn erasing_a_ticket_erases_its_vote_and_its_mails() {
    let mut desk = office();
    desk["mail"] = json!({ "replies": true });
    let shore = Shore::with(desk).await;
    shore.open("Secreto", "Necesito ayuda", "eva@mar.example").await;
    shore.write_into("1", json!({ "agent": "ana", "text": "Hecho xiloprax", "status": "solved" })).await;
    let path = link(&shore, "1").await;
    shore.ok(Call::post(&path).json(&json!({ "score": 1, "comment": "Fatal xiloprax" }))).await;
    shore.ok(Call::delete("/v1/tickets/1").key(&shore.admin)).await;
    let dump = shore.dump().await;
    assert!(!dump.contains("xiloprax") && !dump.contains("eva@mar.example"));
    assert_eq!(browse(&shore, &path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_same_vote_sent_twice_at_a_time_is_one() {
    let (shore, path) = solved().await;
    let vote = || shore.ok(Call::post(&path).json(&json!({ "score": 5 })));
    let (one, two) = tokio::join!(vote(), vote());
    assert_eq!(one, two);
    assert_eq!(kinds(&shore.ticket("1").await).iter().filter(|kind| **kind == "rated").count(), 1);
}
