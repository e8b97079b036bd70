//! What each step sends: the same for the same visitor, so that what is stored afterwards can be looked for.

use orilla_core::ids::rfc3339;
use serde_json::json;

use super::plan::{Route, Step};
use crate::bench::load::Shot;
use crate::bench::visitor::submission;
use crate::clock::now;

/// Carries each visitor's own address: one alone may ask thirty things a minute.
pub const ADDRESS: &str = "x-bench-client";
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const PAGES: [&str; 3] = ["/?utm_source=news&utm_medium=email&utm_campaign=spring", "/precios", "/ayuda"];
/// Asked of the demo's articles, in both languages; some of it none answers.
const QUESTIONS: [&str; 6] = [
    "¿Cuánto cuesta?",
    "¿Puedo cancelar cuando quiera?",
    "How do I import my students?",
    "¿Cómo cobro las clases con tarjeta?",
    "Do you have an app for phones?",
    "¿Se puede pagar con conchas?",
];
const MATTERS: [(&str, &str); 4] = [
    ("Cobro doble", "Me habéis cobrado dos veces la cuota de octubre, necesito que me devolváis una."),
    ("Cannot log in", "Since this morning the page says that my password is wrong, and the reset mail never comes."),
    ("El calendario no carga", "Al abrir la semana sale un error y no vemos las clases de mañana."),
    ("Two schools", "We want to run a second school. Can both share instructors and payments?"),
];
const TEXT: &str = "<h1>Clases de surf en Marea</h1><p>Aprende a surfear con monitores titulados, a tu ritmo y con todo el material incluido. \
                    Las clases de surf son de dos horas, en grupos pequeños.</p><h2>¿Cuánto cuesta?</h2><p>Desde 35 € por persona. Sin embargo, \
                    los bonos de cinco clases salen mejor. <a href=\"/reservas\">Reserva tu clase</a></p>";

/// Who may do what.
#[derive(Debug, Clone)]
pub struct Keys {
    pub write: String,
    /// A header line of whoever manages the site.
    pub admin: String,
}

/// The id that a view is sent under.
pub fn view_id(step: &Step) -> String {
    format!("journey-{}-{}", step.visitor, step.nth)
}

/// The document that a text is judged as.
pub fn document(step: &Step) -> String {
    format!("journey-{}", step.visitor)
}

/// The mailbox that a visitor sends the form from.
pub fn mailbox(step: &Step) -> String {
    let shot: serde_json::Value = serde_json::from_str(&submission(u64::from(step.visitor)).body).unwrap_or_default();
    shot["email"].as_str().unwrap_or_default().to_owned()
}

/// The request of a step, and the status that says that it is done.
pub fn shot(step: &Step, keys: &Keys) -> (Shot, u16) {
    let visitor = step.visitor;
    let pick = |count: usize| usize::try_from(visitor).unwrap_or_default() % count;
    let address = format!("{ADDRESS}: 198.18.{}.{}\r\n", visitor / 250 % 250, visitor % 250 + 1);
    let common = format!("origin: https://bench.example\r\nuser-agent: {BROWSER}\r\naccept-language: es\r\n{address}");
    let open = format!("{common}x-write-key: {}\r\n", keys.write);
    let (mail, at) = (format!("visitor-{visitor}@journeys.example"), rfc3339(now()));
    match step.route {
        Route::View => {
            let url = format!("https://bench.example{}", PAGES[step.nth as usize % PAGES.len()]);
            let page = json!({ "url": url, "title": "Marea", "referrer": "https://search.example/" });
            let event = json!({
                "type": "page", "messageId": view_id(step), "anonymousId": format!("journey-visitor-{visitor}"), "timestamp": at,
                "context": { "page": page, "locale": "es-ES", "userAgent": BROWSER },
            });
            (Shot { path: "/v1/batch", headers: open, body: json!({ "batch": [event], "sentAt": at }).to_string() }, 200)
        }
        Route::Ask => {
            let body = json!({ "message": QUESTIONS[pick(QUESTIONS.len())], "locale": "es", "page": "https://bench.example/precios" });
            (Shot { path: "/v1/chat", headers: open, body: body.to_string() }, 200)
        }
        Route::Person => {
            let words = format!("Quiero hablar con una persona, soy la número {visitor}");
            let body = json!({ "message": words, "want": "person", "contact": { "email": mail }, "locale": "es" });
            (Shot { path: "/v1/chat", headers: open, body: body.to_string() }, 200)
        }
        Route::Ticket => {
            let (subject, text) = MATTERS[pick(MATTERS.len())];
            let text = format!("{text} ({visitor})");
            let body =
                json!({ "subject": subject, "text": text, "requester": { "email": mail }, "external_id": format!("journey-{visitor}") });
            (Shot { path: "/v1/tickets", headers: open, body: body.to_string() }, 201)
        }
        Route::Submit => {
            let Shot { path, headers, body } = submission(u64::from(visitor));
            (Shot { path, headers: headers + &address, body }, 201)
        }
        Route::Judge => {
            let body =
                json!({ "content": TEXT, "format": "html", "keyphrase": "clases de surf", "kind": "landing", "document": document(step) });
            (Shot { path: "/v1/content/score", headers: format!("{}{address}", keys.admin), body: body.to_string() }, 200)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::bench::journeys::plan::steps;

    #[test]
    fn no_two_steps_store_the_same() {
        let keys = Keys { write: "w".into(), admin: String::new() };
        let plan = steps(600, Duration::from_secs(10), 3);
        let of = |route: Route, name: fn(&Step) -> String| {
            let all: Vec<_> = plan.iter().filter(|step| step.route == route).map(name).collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        };
        of(Route::View, view_id);
        of(Route::Submit, mailbox);
        of(Route::Judge, document);
        let tickets: Vec<_> = plan.iter().filter(|step| step.route == Route::Ticket).map(|step| shot(step, &keys).0.body).collect();
        assert_eq!(tickets.iter().collect::<BTreeSet<_>>().len(), tickets.len());
        assert!(mailbox(&plan[0]).contains('@'));
    }
}
