//! A valid request for every route of lead capture.

use chrono::{DateTime, Utc};
use orilla_core::signing::Token;
use serde_json::json;

use crate::example::{Door, Example, ask};
use crate::world::{Site, definition};

fn later() -> DateTime<Utc> {
    "2026-11-28T10:00:00Z".parse().unwrap()
}

/// A link as the caller could sign it.
fn signed(by: &Site, purpose: &'static str, subject: &str) -> String {
    let token = Token::issue(&by.link_secret, purpose, subject, later()).to_string();
    token.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// By `METHOD /path`.
pub fn example(route: &str, of: &Site, by: &Site) -> Option<Example> {
    let (form, site) = (of.named("form"), &of.id);
    let person = json!({ "email": format!("new@{}-mail.example", of.prefix), "consent": true, "company": "Mar", "_elapsed_ms": 9000, "_locale": "es" });
    let public = |uri: String| ask(uri).by(Door::Name).foreign(403);
    let link = |uri: String| ask(uri).by(Door::Secret).foreign(403);
    let confirms = || signed(by, "confirm", &format!("{form}/{}", of.lead));
    Some(match route {
        "GET /v1/forms/{form}" => public(format!("/v1/forms/{form}")),
        "POST /v1/forms/{form}/submissions" => public(format!("/v1/forms/{form}/submissions")).json(person),
        "POST /v1/forms/{form}/exposures" => public(format!("/v1/forms/{form}/exposures")).json(json!({ "visitor": of.named("newcomer") })),
        "GET /f/{form}" => public(format!("/f/{form}")),
        "POST /f/{form}" => public(format!("/f/{form}")).header("accept", "application/json").json(person),
        "GET /f/{form}/thanks" => public(format!("/f/{form}/thanks")),
        "GET /v1/confirm" => link(format!("/v1/confirm?token={}", confirms())),
        "POST /v1/confirm" => {
            let token = Token::issue(&by.link_secret, "confirm", &format!("{form}/{}", of.lead), later()).to_string();
            link("/v1/confirm".into()).json(json!({ "token": token }))
        }
        "GET /v1/assets/{asset}" => {
            let asset = of.named("guia.pdf");
            link(format!("/v1/assets/{asset}?form={form}&token={}", signed(by, "download", &asset)))
        }
        "GET /v1/forms" => ask("/v1/forms").about_the_caller(),
        "GET /v1/leads" => ask("/v1/leads").about_the_caller(),
        "GET /v1/leads.csv" => ask("/v1/leads.csv").about_the_caller(),
        "GET /v1/leads/{lead}" => ask(format!("/v1/leads/{}", of.lead)),
        "GET /v1/submissions" => ask("/v1/submissions").about_the_caller(),
        "GET /v1/experiments/{experiment}" => ask(format!("/v1/experiments/{form}")),
        "GET /v1/deliveries" => ask("/v1/deliveries").about_the_caller(),
        "GET /v1/destinations" => ask("/v1/destinations").about_the_caller(),
        "POST /v1/submissions/{submission}/release" => ask(format!("/v1/submissions/{}/release", of.held)).json(json!({})),
        "POST /v1/leads/import" => {
            let rows = format!("email,company\n{},Otra\n", of.mailbox);
            ask("/v1/leads/import").header("content-type", "text/csv").body(rows).about_the_caller()
        }
        "POST /v1/leads/rescore" => ask("/v1/leads/rescore").json(json!({})).about_the_caller(),
        "DELETE /v1/leads/{lead}" => ask(format!("/v1/leads/{}", of.lead)),
        "POST /v1/deliveries/replay" => ask("/v1/deliveries/replay").json(json!({})).about_the_caller(),
        "POST /v1/deliveries/{delivery}/replay" => ask(format!("/v1/deliveries/{}/replay", of.delivery)).json(json!({})),
        "POST /v1/destinations" => {
            ask("/v1/destinations").json(json!({ "kind": "webhook", "target": "https://hooks.example/x" })).about_the_caller()
        }
        "DELETE /v1/destinations/{destination}" => ask(format!("/v1/destinations/{}", of.named("crm"))),
        "POST /v1/destinations/{destination}/rotate" => ask(format!("/v1/destinations/{}/rotate", of.named("crm"))).json(json!({})),
        "POST /v1/destinations/{destination}/enable" => ask(format!("/v1/destinations/{}/enable", of.named("crm"))).json(json!({})),
        "GET /v1/segments" => ask("/v1/segments").about_the_caller(),
        "GET /v1/segments/{segment}/leads" => ask(format!("/v1/segments/{}/leads", of.named("here"))),
        "PUT /v1/sites/{site}" => ask(format!("/v1/sites/{site}")).json(definition(of)).foreign(403),
        "GET /v1/sites/{site}" => ask(format!("/v1/sites/{site}")).foreign(403),
        "POST /v1/sites/{site}/keys" => ask(format!("/v1/sites/{site}/keys")).json(json!({ "kind": "admin" })).foreign(403),
        "PUT /v1/sites/{site}/assets/{asset}" => {
            ask(format!("/v1/sites/{site}/assets/{}", of.named("guia.pdf"))).body("%PDF another").foreign(403)
        }
        "GET /v1/backup" => ask(format!("/v1/backup?site={site}")).foreign(403),
        "POST /v1/sites/{site}/restore" => {
            let header = json!({ "orilla_backup": 1, "site": site, "schema": 1, "taken_at": "2026-11-27T10:00:00.000Z" });
            let row =
                json!({ "table": "keys", "row": { "hash": { "base64": "AAAA" }, "site_id": site, "kind": "admin", "created_at": 1 } });
            ask(format!("/v1/sites/{site}/restore")).body(format!("{header}\n{row}\n")).foreign(403)
        }
        _ => return None,
    })
}
