//! What mail services and Zendesk send becomes tickets and words in them: once, whoever forges, repeats or breaks what.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use orilla_core::ids::hex;
use orilla_core::outbox::{MAIL_API_KEY, MAIL_API_URL, MAIL_FROM};
use orilla_core::signing::{Secret, mac, sign};
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_core::{Clock, Platform};
use orilla_native::testing::{Answer, Call, Reply, SqlFault};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::{OTHER, Shore, kinds, office};

const SIGNED: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

impl Shore {
    /// Adds a source and gives its path.
    async fn source(&self, key: &str, kind: &str, secret: Option<&str>) -> String {
        let call = Call::put(format!("/v1/routing/sources/{kind}")).key(key).json(&json!({ "kind": kind, "secret": secret }));
        self.ok(call).await["path"].as_str().unwrap().to_owned()
    }

    async fn postmark(&self, path: &str, mail: &Json) -> Json {
        self.ok(Call::post(path).json(mail)).await
    }

    /// A form as Mailgun signs it at this moment.
    fn mailgun(&self, path: &str, token: &str, fields: &[(&str, &str)]) -> Call {
        let timestamp = self.host.clock().now().timestamp().to_string();
        let signature = hex(&mac(b"key-1", &[timestamp.as_bytes(), token.as_bytes()]));
        let signed = [("timestamp", timestamp.as_str()), ("token", token), ("signature", &signature)];
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<_> = fields.iter().chain(&signed).map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Call::post(path).header("content-type", "application/x-www-form-urlencoded").body(body.join("&"))
    }

    fn resend(&self, path: &str, event: &Json, late: TimeDelta) -> Call {
        let (body, at) = (event.to_string(), self.host.clock().now() - late);
        let signature = sign(&[Secret::parse(SIGNED).unwrap()], "msg_1", at, body.as_bytes());
        let call = Call::post(path).header("svix-id", "msg_1").header("svix-timestamp", at.timestamp().to_string());
        call.header("svix-signature", signature).header("content-type", "application/json").body(body)
    }

    fn zendesk(&self, path: &str, body: &Json, late: TimeDelta) -> Call {
        let (body, at) = (body.to_string(), (self.host.clock().now() - late).format("%Y-%m-%dT%H:%M:%SZ").to_string());
        let signature = STANDARD.encode(mac(b"zd-secret", &[at.as_bytes(), body.as_bytes()]));
        let call = Call::post(path).header("x-zendesk-webhook-signature", signature).header("x-zendesk-webhook-signature-timestamp", at);
        call.header("content-type", "application/json").body(body)
    }
}

/// As Postmark's documentation shows one, with this text and Message-ID.
fn postmark(message: &str, from: &str, text: &str) -> Json {
    json!({
        "FromName": "Eva Mar", "MessageStream": "inbound", "From": from, "FromFull": { "Email": from, "Name": "Eva Mar", "MailboxHash": "" },
        "To": "\"Ayuda\" <451d9b70cf9364d23ff6f9d51d870251569e@inbound.postmarkapp.com>",
        "ToFull": [{ "Email": "451d9b70cf9364d23ff6f9d51d870251569e@inbound.postmarkapp.com", "Name": "Ayuda", "MailboxHash": "" }],
        "Cc": "", "CcFull": [], "Bcc": "", "BccFull": [],
        "OriginalRecipient": "451d9b70cf9364d23ff6f9d51d870251569e@inbound.postmarkapp.com",
        "Subject": "No puedo entrar", "MessageID": format!("73e6d360-66eb-11e1-8e72-{message}"), "ReplyTo": "", "MailboxHash": "",
        "Date": "Fri, 27 Nov 2026 10:59:01 +0100", "TextBody": text, "HtmlBody": "", "StrippedTextReply": "", "Tag": "",
        "Headers": [
            { "Name": "X-Spam-Status", "Value": "No" }, { "Name": "MIME-Version", "Value": "1.0" },
            { "Name": "Message-ID", "Value": format!("<{message}@mail.example>") },
        ],
        "Attachments": [],
    })
}

fn with_header(mut mail: Json, name: &str, value: &str) -> Json {
    mail["Headers"].as_array_mut().unwrap().push(json!({ "Name": name, "Value": value }));
    mail
}

fn event(shore: &Shore, kind: &str, detail: &Json, event: &Json) -> Json {
    json!({
        "type": format!("zen:event-type:ticket.{kind}"), "account_id": 22_129_848, "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
        "time": orilla_core::ids::rfc3339(shore.host.clock().now()), "zendesk_event_version": "2022-11-06", "subject": "zen:ticket:5158", "detail": detail, "event": event,
    })
}

#[tokio::test]
async fn a_source_has_a_path_that_stays_and_a_secret_that_is_shown_once() {
    let shore = Shore::with(office()).await;
    let put = |body: Json| Call::put("/v1/routing/sources/help").key(&shore.admin).json(&body);
    let made = shore.send(put(json!({ "kind": "postmark" }))).await;
    let (status, made) = (made.status.as_u16(), made.json());
    assert_eq!((status, made["has_secret"].as_bool(), made["id"].as_str().unwrap().len()), (201, Some(true), 43), "{made}");
    let secret = made["secret"].as_str().unwrap().to_owned();
    let again = shore.send(put(json!({ "kind": "postmark" }))).await;
    assert_eq!((again.status.as_u16(), again.json()["id"].clone(), again.json()["secret"].clone()), (200, made["id"].clone(), Json::Null));
    let listed = shore.ok(Call::get("/v1/routing/sources").key(&shore.admin)).await;
    assert_eq!(listed["sources"][0]["path"], made["path"]);
    assert!(!listed.to_string().contains(&secret) && !again.text().contains(&secret));
    assert_eq!(shore.send(Call::get("/v1/routing/sources").key(&shore.read)).await.status.as_u16(), 403, "a path opens tickets");
    for (body, field) in [
        (json!({ "kind": "mailgun" }), "kind"),
        (json!({ "kind": "postmark", "secret": "" }), "secret"),
        (json!({ "kind": "postmark", "secret": "x".repeat(513) }), "secret"),
    ] {
        let reply = shore.send(put(body)).await;
        assert_eq!((reply.status.as_u16(), reply.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{}", reply.text());
    }
    let wrong = Call::put("/v1/routing/sources/r").key(&shore.admin).json(&json!({ "kind": "resend", "secret": "not base64!" }));
    assert_eq!(shore.send(wrong).await.status.as_u16(), 422);
    let gone = shore.send(Call::delete("/v1/routing/sources/help").key(&shore.admin)).await;
    assert_eq!(gone.status.as_u16(), 204);
    assert_eq!(shore.send(Call::delete("/v1/routing/sources/help").key(&shore.admin)).await.status.as_u16(), 404);
    let late = Call::post(made["path"].as_str().unwrap()).json(&postmark("a", "eva@mar.example", "Hola"));
    assert_eq!(shore.send(late).await.status.as_u16(), 404);
    assert_eq!(shore.count("tickets").await, 0);
}

#[tokio::test]
async fn a_mail_of_postmarks_becomes_a_routed_ticket_once() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let mut mail = postmark("a", "Eva@mar.example", "Me habéis cobrado dos veces la factura de octubre.\n\n> older words");
    mail["Attachments"] = json!([{ "Name": "factura.pdf", "Content": "JVBERi0=", "ContentType": "application/pdf", "ContentLength": 6 }]);
    let told = shore.postmark(&path, &mail).await;
    assert_eq!((told["is_ignored"].clone(), told["number"].clone(), told["is_duplicate"].clone()), (json!(false), json!(1), json!(false)));
    let ticket = shore.ticket(told["ticket_id"].as_str().unwrap()).await;
    assert_eq!((ticket["source"].as_str(), ticket["category"].as_str()), (Some("email"), Some("billing")), "{ticket}");
    assert_eq!(ticket["requester"], json!({ "name": "Eva Mar", "email": "Eva@mar.example" }));
    let kept = ticket["events"][0]["text"].as_str().unwrap();
    assert!(kept.ends_with("> older words\n\n[Archivos, no guardados aquí: factura.pdf]"), "{kept}");
    // The same mail by another of the site's routes, with other headers and days later.
    shore.pass(9 * 24 * 60);
    let again = shore.postmark(&path, &with_header(mail, "X-Other", "1")).await;
    assert_eq!((again["ticket_id"].clone(), again["is_duplicate"].clone()), (told["ticket_id"].clone(), json!(true)));
    assert_eq!((shore.count("tickets").await, shore.count("ticket_events").await), (1, 1));
    assert!(!shore.host.take_log().join("\n").to_lowercase().contains("mar.example"));
}

#[tokio::test]
async fn postmarks_url_carries_the_password() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", Some("s3cret:x")).await;
    let call = |credentials: &str| {
        let header = format!("Basic {}", STANDARD.encode(credentials));
        Call::post(&path).header("authorization", header).json(&postmark("a", "eva@mar.example", "Hola"))
    };
    for wrong in ["postmark:other", "postmark:", "s3cret:x:", ":"] {
        assert_eq!(shore.send(call(wrong)).await.status.as_u16(), 401, "{wrong}");
    }
    assert_eq!(shore.send(Call::post(&path).json(&postmark("a", "eva@mar.example", "Hola"))).await.status.as_u16(), 401);
    assert_eq!(shore.count("tickets").await, 0);
    let log = shore.host.take_log().join("\n");
    let id = path.rsplit('/').next().unwrap();
    assert!(log.contains("/v1/inbound/{source}") && !log.contains(id) && !log.contains("s3cret"), "{log}");
    assert_eq!(shore.send(call("postmark:s3cret:x")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn an_answer_of_the_requester_is_their_word_and_opens_the_ticket_again() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    shore.listen().await;
    shore.postmark(&path, &postmark("a", "eva@mar.example", "No puedo entrar en mi cuenta.")).await;
    shore.patch("1", json!({ "status": "solved", "agent": "ana" })).await;
    let thanks =
        with_header(postmark("b", "EVA@mar.example", "Gracias\n\nOn Friday Ana wrote:\n> it fails"), "In-Reply-To", "<a@mail.example>");
    let told = shore.postmark(&path, &thanks).await;
    assert_eq!((told["number"].clone(), told["is_reply"].clone()), (json!(1), json!(true)), "{told}");
    assert_eq!(shore.ticket("1").await["status"], "solved", "thanks want nothing");
    let words = "Sigue sin ir\n\nEl viernes Ana escribió:\n> prueba otra vez";
    let again = with_header(postmark("c", "eva@mar.example", words), "References", "<z@x> <a@mail.example> <b@mail.example>");
    for _ in 0..2 {
        shore.postmark(&path, &again).await;
    }
    let ticket = shore.ticket("1").await;
    assert_eq!((ticket["status"].as_str(), kinds(&ticket)), (Some("open"), vec!["opened", "status", "comment", "comment", "status"]));
    assert_eq!(
        (ticket["events"][3]["actor"].as_str(), ticket["events"][3]["text"].as_str()),
        (Some("customer"), Some(words)),
        "all is kept"
    );
    // Behind the plus, and in the subject.
    let mut plus = postmark("d", "eva@mar.example", "Una cosa más");
    plus["MailboxHash"] = json!("1");
    let mut subject = postmark("e", "eva@mar.example", "Y otra");
    subject["Subject"] = json!("RE: [#1] No puedo entrar");
    for mail in [plus, subject] {
        assert_eq!(shore.postmark(&path, &mail).await["is_reply"], true);
    }
    assert_eq!(shore.count("tickets").await, 1);
    assert_eq!(shore.told().await.iter().filter(|name| *name == "ticket.commented").count(), 4);
}

#[tokio::test]
async fn somebody_elses_answer_is_a_ticket_of_its_own() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    shore.postmark(&path, &postmark("a", "eva@mar.example", "No puedo entrar en mi cuenta.")).await;
    let mut mail =
        with_header(postmark("b", "leo@mar.example", "Soy Leo, cambiad el correo de la cuenta"), "In-Reply-To", "<a@mail.example>");
    mail["Subject"] = json!("Re: [#1] No puedo entrar");
    let told = shore.postmark(&path, &mail).await;
    assert_eq!((told["number"].clone(), told["is_reply"].clone()), (json!(2), json!(false)));
    assert_eq!(shore.ticket("2").await["tags"], json!(["answers-1"]));
    assert_eq!(kinds(&shore.ticket("1").await), ["opened"]);
    // A sender without an address is nobody's requester.
    let mut nobody = postmark("c", "not an address", "Hola, escribo sobre el 1");
    nobody["Subject"] = json!("[#1]");
    assert_eq!(shore.postmark(&path, &nobody).await["is_reply"], false);
    assert_eq!(shore.ticket("3").await["requester"], json!({ "name": "Eva Mar" }));
}

#[tokio::test]
async fn an_answer_to_a_merged_ticket_goes_where_it_went() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    shore.postmark(&path, &postmark("a", "eva@mar.example", "No puedo entrar en mi cuenta.")).await;
    shore.open("Otra", "La web no carga", "leo@mar.example").await;
    shore.ok(Call::post("/v1/tickets/1/merge").key(&shore.admin).json(&json!({ "into": "2" }))).await;
    let mail = with_header(postmark("b", "eva@mar.example", "¿Hay novedades?"), "In-Reply-To", "<a@mail.example>");
    assert_eq!(shore.postmark(&path, &mail).await["number"], 2);
    assert_eq!(kinds(&shore.ticket("2").await).last(), Some(&"comment"));
}

#[tokio::test]
async fn what_programs_send_is_answered_and_opens_nothing() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    shore.host.set_variable(MAIL_FROM, "Marea <hola@marea.example>");
    let mail = || postmark("a", "eva@mar.example", "Estoy fuera de la oficina");
    for (mail, why) in [
        (with_header(mail(), "Auto-Submitted", "auto-replied"), "automatic"),
        (with_header(mail(), "X-Autoreply", "yes"), "automatic"),
        (with_header(mail(), "Precedence", "bulk"), "bulk"),
        (with_header(mail(), "Return-Path", "<>"), "bounce"),
        (postmark("a", "hola@marea.example", "Nuevo ticket"), "own_address"),
        (json!({ "From": "eva@mar.example", "MessageID": "1" }), "empty"),
    ] {
        assert_eq!(shore.postmark(&path, &mail).await, json!({ "is_ignored": true, "why": why }));
    }
    assert_eq!(shore.count("tickets").await, 0);
}

#[tokio::test]
async fn two_programs_that_answer_each_other_are_slowed_down() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let call = |number: u32| Call::post(&path).json(&postmark(&number.to_string(), "bot@mar.example", &format!("respuesta {number}")));
    for number in 0..20 {
        assert_eq!(shore.send(call(number)).await.status.as_u16(), 200);
    }
    let refused = shore.send(call(20)).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "600"));
    assert_eq!(shore.postmark(&path, &postmark("x", "eva@mar.example", "Hola, la web no carga")).await["is_ignored"], false);
    shore.pass(11);
    assert_eq!(shore.send(call(20)).await.status.as_u16(), 200, "what waited comes in");
}

#[tokio::test]
async fn html_alone_is_read_as_text() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let mut mail = postmark("a", "eva@mar.example", "");
    mail["HtmlBody"] = json!("<p>La aplicación da <b>error 500</b></p><blockquote>Su factura</blockquote>");
    shore.postmark(&path, &mail).await;
    let ticket = shore.ticket("1").await;
    assert_eq!(
        (ticket["category"].as_str(), ticket["events"][0]["text"].as_str()),
        (Some("technical"), Some("La aplicación da error 500"))
    );
}

#[tokio::test]
async fn a_mail_of_mailguns_comes_as_a_form_and_with_files_as_multipart() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "mailgun", Some("key-1")).await;
    let headers =
        json!([["Message-Id", "<CAOKM@mail.example>"], ["From", "Eva <eva@mar.example>"], ["X-Mailgun-Incoming", "Yes"]]).to_string();
    let fields = [
        ("recipient", "ayuda@mg.marea.example"),
        ("sender", "eva@mar.example"),
        ("subject", "Re: Cobro doble"),
        ("from", "\"Mar, Eva\" <eva@mar.example>"),
        ("X-Envelope-From", "<eva@mar.example>"),
        ("body-plain", "Me habéis cobrado dos veces la factura\r\n\r\n> viejo\r\n"),
        ("stripped-text", "Me habéis cobrado dos veces la factura"),
        ("stripped-signature", ""),
        ("message-headers", &headers),
    ];
    let told = shore.ok(shore.mailgun(&path, "t1", &fields)).await;
    let ticket = shore.ticket(told["ticket_id"].as_str().unwrap()).await;
    assert_eq!((ticket["category"].as_str(), ticket["requester"]["name"].as_str()), (Some("billing"), Some("Mar, Eva")));
    let timestamp = shore.host.clock().now().timestamp().to_string();
    let signature = hex(&mac(b"key-1", &[timestamp.as_bytes(), b"t2"]));
    let mut body = String::new();
    for (name, value) in [
        ("from", "Eva <eva@mar.example>"),
        ("sender", "eva@mar.example"),
        ("subject", "Re: Cobro"),
        ("body-plain", "Aquí va la factura, ¿la veis?"),
        ("In-Reply-To", "<CAOKM@mail.example>"),
        ("Message-Id", "<two@mail.example>"),
        ("timestamp", &timestamp),
        ("token", "t2"),
        ("signature", &signature),
    ] {
        body += &format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--xyz\r\nContent-Disposition: form-data; name=\"attachment-1\"; filename=\"factura.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--xyz--\r\n";
    let told = shore.ok(Call::post(&path).header("content-type", "multipart/form-data; boundary=xyz").body(body)).await;
    assert_eq!((told["number"].clone(), told["is_reply"].clone()), (json!(1), json!(true)));
    let said = shore.ticket("1").await["events"][1]["text"].as_str().unwrap().to_owned();
    assert_eq!(said, "Aquí va la factura, ¿la veis?\n\n[Archivos, no guardados aquí: factura.pdf]");
}

#[tokio::test]
async fn mailguns_signature_is_fresh_and_serves_one_mail() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "mailgun", Some("key-1")).await;
    let fields = |message: &'static str| [("from", "eva@mar.example"), ("body-plain", "La web no carga"), ("Message-Id", message)];
    let call = shore.mailgun(&path, "t1", &fields("<a@x>"));
    for _ in 0..2 {
        assert_eq!(shore.send(call.clone()).await.status.as_u16(), 200, "sent again, it is the same");
    }
    assert_eq!(shore.send(shore.mailgun(&path, "t1", &fields("<b@x>"))).await.status.as_u16(), 401, "the token served another mail");
    let forged = shore.mailgun(&path, "t3", &fields("<c@x>"));
    let other = shore.source(&shore.admin, "mailgun", Some("key-2")).await;
    assert_eq!(other, path);
    assert_eq!(shore.send(forged).await.status.as_u16(), 401);
    shore.source(&shore.admin, "mailgun", Some("key-1")).await;
    let late = shore.mailgun(&path, "t4", &fields("<d@x>"));
    shore.pass(530);
    assert_eq!(shore.send(call).await.json()["is_duplicate"], true, "sent again hours later");
    shore.pass(11);
    assert_eq!(shore.send(late).await.status.as_u16(), 401, "nine hours and a minute old");
    assert_eq!(shore.send(Call::post(&path).body("from=eva@mar.example&body-plain=hola")).await.status.as_u16(), 401);
    assert_eq!(shore.count("tickets").await, 1);
}

/// Mailgun signs a mail once, however often it sends it.
#[tokio::test]
async fn a_mail_of_mailguns_that_had_to_wait_is_taken_when_it_comes_again() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "mailgun", Some("key-1")).await;
    let call = shore.mailgun(&path, "t1", &[("from", "eva@mar.example"), ("body-plain", "La web no carga"), ("Message-Id", "<a@x>")]);
    // First the token cannot be kept, then the ticket.
    for statement in ["INSERT INTO idempotency", "INSERT INTO tickets"] {
        shore.host.fail_sql(SqlFault::on(statement));
        assert_eq!(shore.send(call.clone()).await.status.as_u16(), 503, "{statement}");
        shore.host.heal();
        shore.pass(25);
    }
    assert_eq!(shore.send(call).await.status.as_u16(), 200);
    assert_eq!(shore.count("tickets").await, 1);
}

#[tokio::test]
async fn a_groups_mails_are_questions_where_the_site_says_so() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let mail = with_header(postmark("a", "eva@mar.example", "La web no carga"), "Precedence", "list");
    assert_eq!(shore.postmark(&path, &mail).await["why"], "bulk");
    let put = Call::put("/v1/routing/sources/postmark").key(&shore.admin).json(&json!({ "kind": "postmark", "takes_lists": true }));
    assert_eq!(shore.ok(put).await["takes_lists"], true);
    assert_eq!(shore.source(&shore.admin, "postmark", None).await, path, "another secret, and the rest stays");
    assert_eq!(shore.postmark(&path, &mail).await["number"], 1);
}

#[tokio::test]
async fn a_source_without_its_secret_asks_to_be_sent_again() {
    let shore = Shore::with(office()).await;
    for kind in ["mailgun", "resend", "zendesk"] {
        let path = shore.source(&shore.admin, kind, None).await;
        assert_eq!(shore.send(Call::post(path).body("a=b")).await.status.as_u16(), 503, "{kind}");
    }
}

/// As Resend's documentation shows the event, and the mail that is fetched.
fn received() -> Json {
    json!({
        "type": "email.received", "created_at": "2026-11-27T09:59:59.000Z",
        "data": {
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "created_at": "2026-11-27T09:59:58.894719+00:00", "from": "Eva <eva@mar.example>",
            "to": ["ayuda@marea.example"], "bcc": [], "cc": [], "message_id": "<example+123@mail.example>", "subject": "Error 500",
            "attachments": [{ "id": "2a0c9ce0-3112-4728-976e-47ddcd16a318", "filename": "captura.png", "content_type": "image/png",
                "content_disposition": "inline", "content_id": "img001" }],
        },
    })
}

fn fetched() -> Json {
    json!({
        "object": "email", "id": "56761188-7520-42d8-8898-ff6fc54ce618", "to": ["ayuda@marea.example"], "from": "Eva <eva@mar.example>",
        "created_at": "2026-11-27 09:59:58.894719+00", "subject": "Error 500", "html": null, "text": "La aplicación da error 500 al guardar",
        "headers": { "mime-version": "1.0", "received": ["by a", "by b"] }, "bcc": [], "cc": [], "reply_to": [],
        "message_id": "<example+123@mail.example>", "attachments": [],
    })
}

#[tokio::test]
async fn a_mail_of_resends_is_fetched_and_comes_again_until_it_can_be() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "resend", Some(SIGNED)).await;
    let send = || shore.send(shore.resend(&path, &received(), TimeDelta::zero()));
    assert_eq!(send().await.status.as_u16(), 503, "no key is set");
    shore.host.set_variable(MAIL_API_KEY, "re_key");
    shore.host.set_variable(MAIL_API_URL, "https://mail.example/");
    for answer in [(404, "{}".to_owned()), (500, String::new()), (200, "[]".to_owned()), (200, "x".repeat(8 * 1024 * 1024))] {
        shore.host.answer_fetches(move |_| {
            let (status, body) = answer.clone();
            Ok(Answer { status: status.try_into().unwrap(), headers: http::HeaderMap::new(), body: body.into() })
        });
        assert_eq!(send().await.status.as_u16(), 503);
    }
    assert_eq!(shore.count("tickets").await, 0);
    assert_eq!(shore.host.take_fetches().len(), 4);
    shore.host.answer_fetches(|_| {
        Ok(Answer { status: http::StatusCode::OK, headers: http::HeaderMap::new(), body: fetched().to_string().into() })
    });
    let told = send().await.json();
    let asked = shore.host.take_fetches();
    assert_eq!(asked[0].destination.url().as_str(), "https://mail.example/emails/receiving/56761188-7520-42d8-8898-ff6fc54ce618");
    assert_eq!(asked[0].headers["authorization"], "Bearer re_key");
    let ticket = shore.ticket(told["ticket_id"].as_str().unwrap()).await;
    assert_eq!((ticket["category"].as_str(), ticket["subject"].as_str()), (Some("technical"), Some("Error 500")), "{ticket}");
    assert!(ticket["events"][0]["text"].as_str().unwrap().ends_with("captura.png]"));
    assert_eq!(send().await.json()["is_duplicate"], true);
    let mut whole = received();
    (whole["data"]["text"], whole["data"]["message_id"]) = (json!("Otra cosa distinta"), json!("<other@x>"));
    shore.host.answer_fetches(|_| panic!("its words came along"));
    assert_eq!(shore.send(shore.resend(&path, &whole, TimeDelta::zero())).await.json()["number"], 2);
}

#[tokio::test]
async fn resends_signature_is_its_own_and_fresh() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "resend", Some(SIGNED)).await;
    let mut whole = received();
    whole["data"]["text"] = json!("La web no carga");
    for late in [TimeDelta::minutes(6), TimeDelta::minutes(-6)] {
        assert_eq!(shore.send(shore.resend(&path, &whole, late)).await.status.as_u16(), 401);
    }
    let changed = shore.resend(&path, &whole, TimeDelta::zero()).body(whole.to_string().replace("carga", "paga"));
    assert_eq!(shore.send(changed).await.status.as_u16(), 401);
    assert_eq!(shore.send(Call::post(&path).json(&whole)).await.status.as_u16(), 401);
    let other =
        json!({ "type": "email.delivered", "created_at": "2026-11-27T09:59:59.000Z", "data": { "email_id": "x", "to": ["a@b.example"] } });
    assert_eq!(shore.ok(shore.resend(&path, &other, TimeDelta::zero())).await, json!({ "is_ignored": true, "why": "unknown_event" }));
    let mut strange = received();
    strange["data"]["email_id"] = json!("../../domains");
    assert_eq!(shore.send(shore.resend(&path, &strange, TimeDelta::zero())).await.status.as_u16(), 400);
    assert!(shore.host.take_fetches().is_empty());
    assert_eq!(shore.count("tickets").await, 0);
}

#[tokio::test]
async fn a_trigger_of_zendesks_becomes_one_ticket() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "zendesk", Some("zd-secret")).await;
    let body = json!({
        "ticket_id": "35436", "subject": "Cobro doble", "description": "Me habéis cobrado dos veces la factura", "requester_email": "eva@mar.example",
        "requester_name": "Eva",
    });
    let told = shore.ok(shore.zendesk(&path, &body, TimeDelta::zero())).await;
    let ticket = shore.ticket(told["ticket_id"].as_str().unwrap()).await;
    assert_eq!((ticket["source"].as_str(), ticket["external_id"].as_str()), (Some("zendesk"), Some("35436")));
    assert_eq!((ticket["category"].as_str(), ticket["requester"]["email"].as_str()), (Some("billing"), Some("eva@mar.example")));
    shore.pass(8 * 24 * 60);
    let mut again = body.clone();
    again["subject"] = json!("Cobro doble (cambiado)");
    assert_eq!(shore.ok(shore.zendesk(&path, &again, TimeDelta::zero())).await["is_duplicate"], true);
    for late in [TimeDelta::minutes(6), TimeDelta::minutes(-6)] {
        assert_eq!(shore.send(shore.zendesk(&path, &body, late)).await.status.as_u16(), 401);
    }
    let forged = shore.zendesk(&path, &body, TimeDelta::zero()).body(body.to_string().replace("Eva", "Leo"));
    assert_eq!(shore.send(forged).await.status.as_u16(), 401);
    assert_eq!(shore.send(Call::post(&path).json(&body)).await.status.as_u16(), 401);
    assert_eq!(shore.count("tickets").await, 1);
}

#[tokio::test]
async fn events_of_zendesks_are_mirrored_in_whatever_order_they_come() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "zendesk", Some("zd-secret")).await;
    let detail = json!({
        "actor_id": "8447388090494", "created_at": "2026-11-27T09:59:00Z", "description": "No puedo entrar en la aplicación", "external_id": null,
        "id": "5158", "is_public": true, "priority": "HIGH", "requester_id": "8447388090494", "status": "OPEN", "subject": "Login",
        "tags": ["app"], "type": "INCIDENT", "updated_at": "2026-11-27T10:00:00Z", "via": { "channel": "web" },
    });
    let comment = |id: u64, text: &str, is_staff: bool, is_public: bool| {
        let author = json!({ "id": 8_447_388_090_495_u64, "is_staff": is_staff, "name": "Alguien" });
        event(&shore, "comment_added", &detail, &json!({ "comment": { "id": id, "body": text, "is_public": is_public, "author": author } }))
    };
    let (here, to) = (&shore, &path);
    let send = |body: Json| async move { here.ok(here.zendesk(to, &body, TimeDelta::zero())).await };
    let first = send(comment(1, "No puedo entrar en la aplicación", false, true)).await;
    assert_eq!(first, json!({ "is_ignored": true, "why": "first_words" }));
    assert_eq!(send(event(&shore, "created", &detail, &json!({}))).await["is_duplicate"], true, "the comment opened it");
    for _ in 0..2 {
        send(comment(2, "Lo estamos mirando.", true, true)).await;
    }
    send(comment(3, "Es del servidor viejo", true, false)).await;
    assert_eq!(send(comment(4, "Sigue igual, ¿algo nuevo?", false, true)).await["is_reply"], true);
    let ticket = shore.ticket("1").await;
    let said: Vec<_> = ticket["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "comment").collect();
    let told: Vec<_> = said.iter().map(|event| (event["actor"] == "customer", event["is_public"].as_bool().unwrap())).collect();
    assert_eq!(told, [(false, true), (false, false), (true, true)], "{ticket}");
    assert_eq!((ticket["external_id"].as_str(), ticket["status"].as_str()), (Some("5158"), Some("open")));
    assert_eq!(send(event(&shore, "tags_changed", &detail, &json!({}))).await, json!({ "is_ignored": true, "why": "unknown_event" }));
    let bare = event(&shore, "created", &json!({ "id": "35436", "status": "Open", "via": { "channel": "web" } }), &json!({}));
    assert_eq!(send(bare).await["number"], 2);
    assert_eq!(shore.ticket("2").await["subject"], "Zendesk #35436");
}

#[tokio::test]
async fn what_is_too_large_says_what_to_do() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let mut mail = postmark("a", "eva@mar.example", "Va la foto");
    mail["Attachments"] = json!([{ "Name": "foto.png", "Content": "A".repeat(6 * 1024 * 1024), "ContentType": "image/png" }]);
    assert_eq!(shore.postmark(&path, &mail).await["number"], 1);
    mail["Attachments"][0]["Content"] = json!("A".repeat(7 * 1024 * 1024));
    let reply = shore.send(Call::post(&path).json(&mail)).await;
    assert!(reply.status.as_u16() == 413 && reply.json()["detail"].as_str().unwrap().contains("by a link"), "{}", reply.text());
    let mut long = postmark("b", "eva@mar.example", &"palabra ".repeat(100_000));
    long["Subject"] = json!("s".repeat(400));
    assert_eq!(shore.postmark(&path, &long).await["number"], 2, "a long text is kept as far as a ticket goes");
}

#[tokio::test]
async fn what_is_malformed_is_refused_by_field() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    for (name, value) in [
        ("FromFull", json!("eva@mar.example")),
        ("FromFull", json!({ "Email": 1 })),
        ("Subject", json!(7)),
        ("TextBody", json!([])),
        ("HtmlBody", json!({})),
        ("StrippedTextReply", json!(true)),
        ("MailboxHash", json!(1)),
        ("MessageID", json!({})),
        ("Headers", json!({})),
        ("Headers", json!([{ "Name": "x" }])),
        ("Attachments", json!("none")),
        ("Attachments", json!([{ "Name": 3 }])),
        ("OriginalRecipient", json!([])),
    ] {
        let mut mail = postmark("a", "eva@mar.example", "Hola");
        mail[name] = value.clone();
        assert_eq!(shore.send(Call::post(&path).json(&mail)).await.status.as_u16(), 422, "{name}: {value}");
    }
    for (body, status) in [("", 400), ("[", 400), ("null", 422), ("{\"TextBody\":\"a\\u0000b\"}", 400), ("{}", 422), ("a=b", 400)] {
        assert_eq!(shore.send(Call::post(&path).body(body)).await.status.as_u16(), status, "{body}");
    }
    assert_eq!(shore.send(Call::post(&path).body(vec![0xff; 10])).await.status.as_u16(), 400);
    let zendesk = shore.source(&shore.admin, "zendesk", Some("zd-secret")).await;
    let detail = json!({ "id": "1" });
    for body in [
        json!({}),
        json!({ "ticket_id": "" }),
        json!({ "ticket_id": [] }),
        json!({ "ticket_id": "1", "requester_email": "nobody" }),
        event(&shore, "created", &json!({}), &json!({})),
        event(&shore, "created", &json!({ "id": "x".repeat(65) }), &json!({})),
        event(&shore, "comment_added", &detail, &json!({})),
        event(&shore, "comment_added", &detail, &json!({ "comment": { "id": 1 } })),
    ] {
        assert_eq!(shore.send(shore.zendesk(&zendesk, &body, TimeDelta::zero())).await.status.as_u16(), 422, "{body}");
    }
    assert_eq!(shore.count("tickets").await, 0);
}

#[tokio::test]
async fn a_store_that_fails_makes_the_service_send_again() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let mail = postmark("a", "eva@mar.example", "La web no carga");
    shore.host.fail_sql(SqlFault::on("INSERT INTO tickets"));
    assert_eq!(shore.send(Call::post(&path).json(&mail)).await.status.as_u16(), 503);
    shore.host.heal();
    assert_eq!(shore.postmark(&path, &mail).await["is_duplicate"], false);
    assert_eq!(shore.count("tickets").await, 1);
}

#[tokio::test]
async fn a_source_writes_into_its_own_site_alone() {
    let shore = Shore::with(office()).await;
    shore.site(OTHER).await;
    let admin = shore.key(OTHER, Kind::Admin).await;
    let (mine, theirs) = (shore.source(&shore.admin, "postmark", None).await, shore.source(&admin, "postmark", None).await);
    assert_ne!(mine, theirs);
    let mail = postmark("a", "eva@mar.example", "No puedo entrar en mi cuenta.");
    shore.postmark(&mine, &mail).await;
    let told = shore.postmark(&theirs, &mail).await;
    assert_eq!((told["number"].clone(), told["is_duplicate"].clone()), (json!(1), json!(false)), "the same mail is another site's, too");
    let mut answer = with_header(postmark("b", "eva@mar.example", "¿Y bien?"), "In-Reply-To", "<a@mail.example>");
    answer["Subject"] = json!("[#1]");
    shore.postmark(&theirs, &answer).await;
    assert_eq!(kinds(&shore.ticket("1").await), ["opened"]);
    assert_eq!(shore.send(Call::delete("/v1/routing/sources/postmark").key(&admin)).await.status.as_u16(), 204);
    assert_eq!(shore.postmark(&mine, &answer).await["is_reply"], true, "mine is there");
    let sites = shore.host.rows(Statement::new("SELECT DISTINCT site_id FROM ticket_origins ORDER BY 1")).await;
    assert_eq!(sites.len(), 2);
}

#[tokio::test]
async fn an_erased_ticket_leaves_nothing_of_its_mails() {
    let shore = Shore::with(office()).await;
    let path = shore.source(&shore.admin, "postmark", None).await;
    let told = shore.postmark(&path, &postmark("unheard-of", "eva@mar.example", "Bergamota en el trastero")).await;
    let answer = with_header(postmark("b", "eva@mar.example", "Otra bergamota"), "In-Reply-To", "<unheard-of@mail.example>");
    shore.postmark(&path, &answer).await;
    assert_eq!(shore.count("ticket_origins").await, 2);
    let path = format!("/v1/tickets/{}", told["ticket_id"].as_str().unwrap());
    let receipt = shore.ok(Call::delete(path).key(&shore.admin)).await;
    assert_eq!(receipt["rows"]["ticket_origins"], 2);
    let rest = shore.dump().await.to_lowercase();
    assert!(!rest.contains("bergamota") && !rest.contains("unheard-of") && !rest.contains("eva@mar"));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        ".{0,20}".prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            "[a-z_]{1,8}",
            prop::sample::select(vec![
                "FromFull",
                "From",
                "Email",
                "Name",
                "Value",
                "Subject",
                "TextBody",
                "HtmlBody",
                "Headers",
                "Attachments",
                "MessageID",
                "type",
                "data",
                "detail",
                "event",
                "comment",
                "id",
                "ticket_id",
                "subject",
                "description",
                "body",
                "author",
            ])
            .prop_map(str::to_owned),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

/// What each source answers to some bytes that are signed as they should be.
async fn answers(shore: &Shore, paths: &[String; 3], body: &Json) -> Vec<Reply> {
    let mut kind = body.clone();
    if kind.is_object() {
        kind["type"] = json!("email.received");
    }
    let mut replies = vec![shore.send(Call::post(&paths[0]).json(body)).await];
    replies.push(shore.send(shore.zendesk(&paths[1], body, TimeDelta::zero())).await);
    replies.push(shore.send(shore.resend(&paths[2], &kind, TimeDelta::zero())).await);
    replies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_json_makes_a_source_fail(body in any_json()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let replies = runtime.block_on(async {
            let shore = Shore::bare().await;
            let paths = [
                shore.source(&shore.admin, "postmark", None).await,
                shore.source(&shore.admin, "zendesk", Some("zd-secret")).await,
                shore.source(&shore.admin, "resend", Some(SIGNED)).await,
            ];
            answers(&shore, &paths, &body).await
        });
        for reply in replies {
            // A mail whose words cannot be fetched waits.
            prop_assert!([200, 400, 422, 503].contains(&reply.status.as_u16()), "{}", reply.text());
            prop_assert!(reply.status.as_u16() != 503 || body.get("data").is_some(), "{}", reply.text());
        }
    }
}
