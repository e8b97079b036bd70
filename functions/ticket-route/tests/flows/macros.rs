//! What agents do with macros, and what of it is mailed.

use http::Method;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{SITE, Shore, kinds, office};

/// The office with three macros.
fn practised() -> Json {
    let mut desk = office();
    desk["agents"][0]["name"] = json!("Ana Ríos");
    desk["macros"] = json!([
        {
            "id": "refund", "name": "Reembolso", "then": { "status": "pending", "priority": "high", "category": "billing", "tags_add": ["refund", "vip"], "assignee": "carl" },
            "text": {
                "es": "Hola {{requester.name|\"cliente\"}}: vimos tu ticket {{ticket.number}} «{{ticket.subject}}». {{agent.name}}, {{site.name}}",
                "en": "Hi {{requester.name|\"there\"}}: we saw your ticket {{ticket.number}}.",
            },
        },
        { "id": "note", "name": "Nota", "then": { "is_public": false }, "text": { "es": "Llamar a {{requester.name}}" } },
        { "id": "close", "name": "Cerrar", "then": { "status": "solved" } },
    ]);
    desk
}

fn apply(shore: &Shore, ticket: &str, body: &Json) -> Call {
    Call::post(format!("/v1/tickets/{ticket}/macro")).key(&shore.admin).json(body)
}

async fn open(shore: &Shore, name: Option<&str>, locale: &str, text: &str) -> Json {
    let sent = json!({ "subject": "Factura", "text": text, "locale": locale, "requester": { "name": name, "email": "eva@mar.example" } });
    let told = shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&sent)).await;
    shore.ticket(told["ticket_id"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_macro_does_all_that_it_says_as_one_deed_of_its_agent() {
    let shore = Shore::with(practised()).await;
    shore.listen().await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero de octubre").await;
    shore.patch("1", json!({ "tags": ["vip"], "category": "technical" })).await;
    let before = shore.ticket("1").await["events"].as_array().unwrap().len();
    let told = shore.ok(apply(&shore, "1", &json!({ "macro": "refund", "agent": "ana" }))).await;
    let ticket = &told["ticket"];
    assert_eq!(
        (ticket["status"].as_str(), ticket["priority"].as_str(), ticket["category"].as_str(), ticket["team"].as_str()),
        (Some("pending"), Some("high"), Some("billing"), Some("money")),
        "{ticket}"
    );
    assert_eq!((ticket["assignee"].as_str(), ticket["tags"].clone()), (Some("carl"), json!(["refund", "vip"])));
    let fresh = &ticket["events"].as_array().unwrap()[before..];
    assert_eq!((fresh[0]["kind"].as_str(), fresh[0]["id"].as_str()), (Some("macro"), Some("refund")));
    assert_eq!(fresh[1]["text"], "Hola Eva: vimos tu ticket 1 «Factura». Ana Ríos, Marea");
    assert!(fresh.iter().all(|event| event["actor"] == "agent:ana" && event["created_at"] == fresh[0]["created_at"]), "{fresh:?}");
    assert_eq!(told["macro"]["rendered"]["is_other_language"], false);
    assert_eq!(shore.told().await.iter().filter(|name| *name == "ticket.commented").count(), 1);
}

#[tokio::test]
async fn a_macro_sent_again_is_done_once_and_a_fault_leaves_nothing_half_done() {
    let shore = Shore::with(practised()).await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    let call = |id: &str| apply(&shore, "1", &json!({ "macro": id, "agent": "ana" })).header("idempotency-key", "once");
    shore.host.fail_sql(orilla_native::testing::SqlFault::on("INSERT INTO ticket_events").times(1));
    assert_eq!(shore.send(call("refund")).await.status.as_u16(), 503);
    assert_eq!(kinds(&shore.ticket("1").await), ["opened"]);
    let first = shore.ok(call("refund")).await;
    let again = shore.ok(call("refund")).await;
    assert_eq!(kinds(&first["ticket"]), kinds(&again["ticket"]));
    assert_eq!(shore.send(call("close")).await.status.as_u16(), 422, "the key was another macro's");
}

#[tokio::test]
async fn a_requester_called_like_a_variable_stays_called_so() {
    let shore = Shore::with(practised()).await;
    open(&shore, Some("{{agent.name}}\n\nSu saldo: 0"), "es", "Quiero que me devuelvan el dinero").await;
    let told = shore.ok(apply(&shore, "1", &json!({ "macro": "refund", "agent": "bea" }))).await;
    let text = told["ticket"]["events"][2]["text"].as_str().unwrap();
    assert_eq!(text, "Hola {{agent.name}} Su saldo: 0: vimos tu ticket 1 «Factura». bea, Marea");
}

#[tokio::test]
async fn macros_are_shown_as_they_read_in_a_ticket_in_its_language_where_there_is_one() {
    let shore = Shore::with(practised()).await;
    open(&shore, None, "en", "I want my money back for the invoice of October, please").await;
    let listed = shore.ok(Call::get("/v1/routing/macros?ticket=1&agent=ana").key(&shore.read)).await;
    let rendered = |at: usize| listed["macros"][at]["rendered"].clone();
    assert_eq!(rendered(0)["text"], "Hi there: we saw your ticket 1.");
    assert_eq!((rendered(0)["locale"].as_str(), rendered(0)["is_other_language"].as_bool()), (Some("en"), Some(false)));
    let other = json!({ "text": "Llamar a ", "locale": "es", "is_other_language": true, "missing": ["requester.name"] });
    assert_eq!((rendered(1), rendered(2)), (other, json!(null)));
    let raw = shore.ok(Call::get("/v1/routing/macros").key(&shore.read)).await;
    assert_eq!(raw["macros"][1]["text"]["es"], "Llamar a {{requester.name}}");
    assert_eq!(shore.send(Call::get("/v1/routing/macros?ticket=9").key(&shore.read)).await.status.as_u16(), 404);
}

#[tokio::test]
async fn an_agents_own_words_stand_in_for_the_macros_and_a_note_stays_private() {
    let shore = Shore::with(practised()).await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    let noted = shore.ok(apply(&shore, "1", &json!({ "macro": "note", "agent": "ana", "text": "Llamar hoy a {{requester.name}}" }))).await;
    let said = noted["ticket"]["events"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((said["text"].as_str(), said["is_public"].as_bool()), (Some("Llamar hoy a {{requester.name}}"), Some(false)));
    assert_eq!(noted["ticket"]["status"], "new", "a note answers nobody");
    let silent = shore.ok(apply(&shore, "1", &json!({ "macro": "refund", "agent": "ana", "text": "" }))).await;
    assert_eq!((silent["ticket"]["status"].as_str(), silent["ticket"]["replied_at"].clone()), (Some("pending"), json!(null)));
    for (body, field) in [
        (json!({ "macro": "none", "agent": "ana" }), "macro"),
        (json!({ "macro": "note", "agent": "zoe" }), "agent"),
        (json!({ "macro": "note", "agent": "ana", "text": "a".repeat(262_145) }), "text"),
    ] {
        let reply = shore.send(apply(&shore, "1", &body)).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{}", reply.text());
    }
}

#[tokio::test]
async fn who_has_a_ticket_keeps_it_where_a_change_of_team_names_them() {
    let shore = Shore::with(practised()).await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    shore.patch("1", json!({ "team": "support", "assignee": "carl" })).await;
    let moved = shore.patch("1", json!({ "team": "money", "assignee": "carl" })).await;
    assert_eq!((moved["team"].as_str(), moved["assignee"].as_str()), (Some("money"), Some("carl")));
}

#[tokio::test]
async fn a_desk_with_a_macro_that_names_no_variable_of_ours_is_refused() {
    let shore = Shore::bare().await;
    let mut desk = practised();
    desk["macros"][1]["text"]["en"] = json!("{{requester.password}}");
    let reply = shore.send(Call::put(format!("/v1/routing/sites/{SITE}")).key(&shore.admin).json(&desk)).await;
    assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some("macros[1].text.en")), "{}", reply.text());
    assert_eq!(shore.count("desks").await, 0);
}

#[tokio::test]
async fn every_public_reply_is_mailed_once_in_the_tickets_language_and_nothing_else_is() {
    let mut desk = practised();
    desk["mail"] = json!({ "replies": true, "reply_to": "ayuda@marea.example" });
    let shore = Shore::with(desk).await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    shore.write_into("1", json!({ "agent": "ana", "text": "Lo miramos.\n\n<b>Hoy</b>" })).await;
    shore.pass(1);
    shore.write_into("1", json!({ "agent": "ana", "text": "Ya está." })).await;
    shore.pass(1);
    shore.write_into("1", json!({ "agent": "ana", "text": "Ojo con esta", "is_public": false })).await;
    shore.write_into("1", json!({ "text": "¿Seguro?" })).await;
    shore.ok(apply(&shore, "1", &json!({ "macro": "refund", "agent": "ana" }))).await;
    shore.pass(1);
    let zendesk = json!({ "ticket": { "comment": { "body": "Desde Zendesk" } } });
    shore.ok(Call::new(Method::PUT, "/api/v2/tickets/1.json").key(&shore.admin).json(&zendesk)).await;
    let mails = shore.mails().await;
    let texts: Vec<_> =
        mails.iter().map(|(_, mail)| mail["text"].as_str().unwrap().split("\n\nMarea").next().unwrap().to_owned()).collect();
    let refund = "Hola Eva: vimos tu ticket 1 «Factura». Ana Ríos, Marea";
    assert_eq!(texts, ["Lo miramos.\n\n<b>Hoy</b>", "Ya está.", refund, "Desde Zendesk"]);
    let (to, first) = &mails[0];
    assert_eq!((to.as_str(), first["subject"].as_str()), ("eva@mar.example", Some("[#1] Factura")));
    assert_eq!(first["reply_to"], "ayuda@marea.example");
    let html = first["html"].as_str().unwrap();
    assert!(html.contains("<p>Lo miramos.</p><p>&lt;b&gt;Hoy&lt;/b&gt;</p>") && html.contains("responde a este correo"), "{html}");
}

#[tokio::test]
async fn nothing_is_mailed_where_the_desk_does_not_ask_or_nobody_can_be_reached() {
    let shore = Shore::with(practised()).await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    shore.write_into("1", json!({ "agent": "ana", "text": "Lo miramos.", "status": "solved" })).await;
    assert!(shore.mails().await.is_empty());
    let mut desk = practised();
    desk["mail"] = json!({ "replies": true });
    shore.apply(&desk).await;
    shore.ok(Call::post("/v1/tickets").key(&shore.admin).json(&json!({ "text": "Sin dirección" }))).await;
    shore.write_into("2", json!({ "agent": "ana", "text": "Lo miramos." })).await;
    assert!(shore.mails().await.is_empty());
}

#[tokio::test]
async fn a_macro_that_solves_is_told_as_a_solution_and_can_be_rated() {
    let shore = Shore::with(practised()).await;
    shore.listen().await;
    open(&shore, Some("Eva"), "es", "Quiero que me devuelvan el dinero").await;
    let told = shore.ok(apply(&shore, "1", &json!({ "macro": "close", "agent": "bea" }))).await;
    assert_eq!((told["ticket"]["status"].as_str(), told["macro"]["rendered"].clone()), (Some("solved"), json!(null)));
    assert_eq!(shore.told().await.iter().filter(|name| *name == "ticket.solved").count(), 1);
    let link = shore.ok(Call::post("/v1/tickets/1/satisfaction-link").key(&shore.admin)).await;
    let path = link["url"].as_str().unwrap().strip_prefix("http://localhost").unwrap();
    shore.ok(Call::post(path).json(&json!({ "score": 5 }))).await;
    assert_eq!(shore.ticket("1").await["satisfaction"]["agent"], "bea", "nobody had it: it was hers who solved it");
}

#[tokio::test]
async fn a_subject_that_came_back_with_its_number_keeps_one() {
    let mut desk = practised();
    desk["mail"] = json!({ "replies": true });
    let shore = Shore::with(desk).await;
    shore.open("Factura [#1]", "Sigo esperando", "eva@mar.example").await;
    shore.write_into("1", json!({ "agent": "ana", "text": "Ya va." })).await;
    let mails = shore.mails().await;
    assert_eq!((mails[0].1["subject"].as_str(), mails[0].1.get("reply_to")), (Some("Factura [#1]"), None));
    assert!(!mails[0].1["text"].as_str().unwrap().contains("responde"), "who cannot be answered does not ask for it");
}
