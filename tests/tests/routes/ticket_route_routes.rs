//! A valid request for every route of ticket routing, in our words, Zendesk's and Postmark's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orilla_core::signing::Token;
use serde_json::json;

use crate::example::{Door, Example, ask};
use crate::world::{FEED, Site, desk};

/// By `METHOD /path`.
pub fn example(route: &str, of: &Site, by: &Site) -> Option<Example> {
    let ticket = |rest: &str| format!("/v1/tickets/{}{rest}", of.ticket);
    let (ana, own) = (of.named("ana"), by.named("ana"));
    let new = json!({ "subject": "Factura", "text": "Necesito la factura de octubre", "requester": { "email": of.mailbox } });
    let satisfaction = || {
        let later = "2026-11-28T10:00:00Z".parse().unwrap();
        format!("/v1/satisfaction/{}", Token::issue(&by.link_secret, "satisfaction", &format!("{}/{}", of.id, of.ticket), later))
    };
    Some(match route {
        "POST /v1/tickets" => ask("/v1/tickets").json(new).by(Door::WriteKey).about_the_caller(),
        "POST /v1/tickets/classify" => ask("/v1/tickets/classify").json(json!({ "text": "no puedo entrar" })).about_the_caller(),
        "GET /v1/tickets" => ask("/v1/tickets").about_the_caller(),
        "GET /v1/tickets/{ticket}" => ask(ticket("")),
        "PATCH /v1/tickets/{ticket}" => ask(ticket("")).json(json!({ "priority": "high" })),
        "DELETE /v1/tickets/{ticket}" => ask(ticket("")),
        "POST /v1/tickets/{ticket}/comments" => ask(ticket("/comments")).json(json!({ "text": "Lo miramos.", "agent": ana })),
        "POST /v1/tickets/{ticket}/claim" => ask(ticket("/claim")).json(json!({ "agent": own })),
        "POST /v1/tickets/{ticket}/merge" => ask(ticket("/merge")).json(json!({ "into": of.other_ticket, "agent": ana })),
        "POST /v1/tickets/{ticket}/macro" => ask(ticket("/macro")).json(json!({ "macro": by.named("refund"), "agent": own })),
        "POST /v1/tickets/{ticket}/satisfaction-link" => ask(format!("/v1/tickets/{}/satisfaction-link", of.solved)).json(json!({})),
        "GET /v1/tickets/{ticket}/suggestions" => ask(ticket("/suggestions")),
        // There is no generator here.
        "POST /v1/tickets/{ticket}/draft" => ask(ticket("/draft")).json(json!({ "agent": own })).own(503),
        "GET /v1/agents" => ask("/v1/agents").about_the_caller(),
        "PATCH /v1/agents/{agent}" => ask(format!("/v1/agents/{ana}")).json(json!({ "presence": "away" })),
        "GET /v1/routing/desk" => ask("/v1/routing/desk").about_the_caller(),
        "GET /v1/routing/macros" => ask(format!("/v1/routing/macros?ticket={}", of.ticket)),
        "GET /v1/routing/quality" => ask("/v1/routing/quality").about_the_caller(),
        "GET /v1/routing/report" => ask("/v1/routing/report").about_the_caller(),
        "GET /v1/routing/problems" => ask("/v1/routing/problems").about_the_caller(),
        "GET /v1/routing/gaps" => ask("/v1/routing/gaps").about_the_caller(),
        "POST /v1/routing/train" => ask("/v1/routing/train").json(json!({})).about_the_caller(),
        "GET /v1/satisfaction/{token}" => ask(satisfaction()).by(Door::Secret).foreign(403),
        "POST /v1/satisfaction/{token}" => ask(satisfaction()).by(Door::Secret).json(json!({ "score": 5 })).foreign(403),
        "POST /v1/surveys/nps" => {
            let answer = json!({ "score": 2, "visitor": of.visitor, "email": of.mailbox });
            ask("/v1/surveys/nps").by(Door::WriteKey).json(answer).about_the_caller()
        }
        "POST /v1/surveys/csat" => {
            let answer = json!({ "score": 2, "visitor": of.visitor, "email": of.mailbox });
            ask("/v1/surveys/csat").by(Door::WriteKey).json(answer).about_the_caller()
        }
        "POST /v1/surveys/{survey}/invitations" => {
            ask("/v1/surveys/csat/invitations").by(Door::WriteKey).json(json!({ "visitor": of.visitor })).about_the_caller()
        }
        "GET /v1/surveys/csat" => ask("/v1/surveys/csat").about_the_caller(),
        "DELETE /v1/surveys/csat" => ask(format!("/v1/surveys/csat?email={}", of.mailbox)),
        "GET /v1/surveys/nps" => ask("/v1/surveys/nps").about_the_caller(),
        "DELETE /v1/surveys/nps" => ask(format!("/v1/surveys/nps?email={}", of.mailbox)),
        "POST /api/v2/tickets.json" => {
            let sent = json!({ "ticket": { "subject": "Factura", "comment": { "body": "¿Y la factura?" }, "requester": { "email": of.mailbox } } });
            ask("/api/v2/tickets.json").json(sent).about_the_caller()
        }
        "GET /api/v2/tickets.json" => ask("/api/v2/tickets.json").about_the_caller(),
        "GET /api/v2/tickets/{ticket}" => ask(format!("/api/v2/tickets/{}.json", of.ticket)),
        "PUT /api/v2/tickets/{ticket}" => {
            ask(format!("/api/v2/tickets/{}.json", of.ticket)).json(json!({ "ticket": { "priority": "high" } }))
        }
        "GET /api/v2/tickets/{ticket}/comments.json" => ask(format!("/api/v2/tickets/{}/comments.json", of.ticket)),
        "GET /v1/routing/sources" => ask("/v1/routing/sources").about_the_caller(),
        "PUT /v1/routing/sources/{source}" => ask(format!("/v1/routing/sources/{}", of.named("mail")))
            .json(json!({ "kind": "postmark", "secret": "otro" }))
            .about_the_caller(),
        "DELETE /v1/routing/sources/{source}" => ask(format!("/v1/routing/sources/{}", of.named("mail"))),
        "PUT /v1/routing/calendars/{calendar}/holidays" => {
            let path = format!("/v1/routing/calendars/{}/holidays", of.named("office"));
            ask(path).header("content-type", "text/calendar").body(FEED)
        }
        "POST /v1/inbound/{source}" => {
            let shown = STANDARD.encode(format!("postmark:{}", by.inbound_secret));
            let mail = json!({
                "From": of.mailbox, "FromFull": { "Email": of.mailbox, "Name": "Eva" }, "Subject": "No puedo entrar", "TextBody": "¿Qué hago?",
                "MessageID": "73e6d360-66eb-11e1-8e72-a8904824019b", "Headers": [{ "Name": "Message-ID", "Value": "<n1@mail.example>" }],
            });
            ask(format!("/v1/inbound/{}", of.inbound))
                .by(Door::Secret)
                .header("authorization", format!("Basic {shown}"))
                .json(mail)
                .foreign(401)
        }
        "PUT /v1/routing/sites/{site}" => ask(format!("/v1/routing/sites/{}", of.id)).json(desk(of)).foreign(403),
        _ => return None,
    })
}
