//! Who asked Marea's desk for help, and what its people did. Invented; telling it again opens no ticket twice.

use anyhow::Result;
use serde_json::json;
use ureq::http::Method;

use super::Server;

/// Somebody, what they wrote, and the agent who has answered them, with what they said.
struct Asked {
    name: &'static str,
    /// Below `escuela.example`; every person asks once.
    mailbox: &'static str,
    locale: &'static str,
    subject: &'static str,
    text: &'static str,
    answered: Option<Answered>,
}

struct Answered {
    agent: &'static str,
    text: &'static str,
    is_solved: bool,
}

#[rustfmt::skip]
const ASKED: [Asked; 8] = [
    Asked { name: "Ainhoa Lertxundi", mailbox: "ainhoa", locale: "es", subject: "No carga el calendario y abrimos en una hora",
        text: "Desde las ocho la página de reservas no carga en ningún equipo. Hay veinte alumnos citados a las nueve y no podemos ver la lista. ¡Ayuda, por favor!", answered: None },
    Asked { name: "Tom Pascoe", mailbox: "tom", locale: "en", subject: "Charged twice in October",
        text: "Hello, my card statement shows two payments for the October invoice. Could you refund one of them?",
        answered: Some(Answered { agent: "lucia", text: "Hello Tom, you are right: the second payment is on its way back to your card and arrives within three working days.", is_solved: false }) },
    Asked { name: "Rafa Montes", mailbox: "rafa", locale: "es", subject: "Factura con otro NIF",
        text: "Buenas, necesito que la factura de noviembre salga a nombre de la sociedad nueva. Os paso el NIF cuando me digáis. No corre prisa.", answered: None },
    Asked { name: "Greta Lindqvist", mailbox: "greta", locale: "en", subject: "Tide chart on the booking page",
        text: "It would be lovely if our students could see the tide of the day next to each class. Any plans for that?", answered: None },
    Asked { name: "Íñigo Barrios", mailbox: "inigo", locale: "es", subject: "Perdí el teléfono y no puedo entrar",
        text: "Se me cayó el teléfono al agua y el código de acceso llega ahí. ¿Cómo entro en mi cuenta?",
        answered: Some(Answered { agent: "nerea", text: "Hola, Íñigo: ya puedes entrar con uno de tus códigos de respaldo, y desde tu perfil registrar el teléfono nuevo.", is_solved: true }) },
    Asked { name: "Morwenna Teague", mailbox: "morwenna", locale: "en", subject: "Price for three beaches",
        text: "We run three small schools in Cornwall with twelve instructors in season. What would Marea cost us, and is there a trial?", answered: None },
    Asked { name: "Pilar Quiroga", mailbox: "pilar", locale: "es", subject: "Correos con datos de otra escuela",
        text: "Un alumno nuestro recibió un recordatorio con el nombre y el teléfono de una persona que no es de nuestra escuela. ¿Hay una fuga de datos?", answered: None },
    Asked { name: "Oihan Zabala", mailbox: "oihan", locale: "es", subject: "¿Puedo pausar en invierno?",
        text: "Cerramos de diciembre a marzo. ¿Se puede pausar la cuenta sin perder las reservas de primavera?", answered: None },
];

/// Who is at their desk.
const ONLINE: [&str; 2] = ["nerea", "iker"];

/// Tells it; how many tickets are new.
pub(super) fn tell(server: &Server) -> Result<usize> {
    for agent in ONLINE {
        server.manage(Method::PATCH, &format!("/v1/agents/{agent}"), &json!({ "presence": "online" }))?;
    }
    let mut new = 0;
    for asked in &ASKED {
        let email = format!("{}@escuela.example", asked.mailbox);
        let earlier = server.manage(Method::GET, &format!("/v1/tickets?requester={email}"), &json!({}))?;
        if earlier["tickets"].as_array().is_some_and(|tickets| !tickets.is_empty()) {
            continue;
        }
        let requester = json!({ "name": asked.name, "email": email });
        let ticket =
            json!({ "subject": asked.subject, "text": asked.text, "locale": asked.locale, "requester": requester, "tags": ["demo"] });
        let opened = server.manage(Method::POST, "/v1/tickets", &ticket)?;
        new += 1;
        let Some(answered) = &asked.answered else { continue };
        let path = format!("/v1/tickets/{}", opened["number"]);
        server.manage(Method::PATCH, &path, &json!({ "agent": answered.agent, "assignee": answered.agent }))?;
        let mut reply = json!({ "agent": answered.agent, "text": answered.text });
        if answered.is_solved {
            reply["status"] = "solved".into();
        }
        server.manage(Method::POST, &format!("{path}/comments"), &reply)?;
    }
    Ok(new)
}
