//! What the chat itself says, in both languages. It promises nothing that it cannot keep, and says what it is.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use orilla_text::Locale;
use orilla_text::Locale::{En, Es};

use crate::decide::{Decision, Reason};
use crate::floor::Notice;

/// What stands above choices, or instead of an answer.
#[must_use]
pub fn clarification(decision: &Decision, site: &str) -> String {
    let has = |reason| decision.reasons.contains(&reason);
    let locale = decision.locale;
    if has(Reason::NoWords) {
        return match locale {
            Es => "Escríbeme tu pregunta con palabras y la busco.",
            En => "Write your question in words and I will look for it.",
        }
        .to_owned();
    }
    if decision.sources.is_empty() {
        return match locale {
            Es => format!("Eso no lo sé: respondo con lo que publica {site}. Puedo pasarte con una persona."),
            En => format!("I do not know that: I answer with what {site} has published. I can pass you to a person."),
        };
    }
    match (decision.is_lost(), locale) {
        (false, Es) => "¿Te refieres a una de estas preguntas?".to_owned(),
        (false, En) => "Do you mean one of these?".to_owned(),
        (true, Es) => "Eso no lo sé. Lo más parecido que tengo es esto; si no es, dilo de otra forma o habla con una persona.".to_owned(),
        (true, En) => "I do not know that. The nearest I have is this; if it is not it, say it another way or talk to a person.".to_owned(),
    }
}

/// What stands above an answer that exists in the other language only.
#[must_use]
pub const fn in_other_language(locale: Locale) -> &'static str {
    match locale {
        Es => "Esta respuesta solo está en inglés:",
        En => "This answer exists in Spanish only:",
    }
}

/// What a visitor is told of a change of the floor. `answers_at`: when somebody answers, while nobody does.
#[must_use]
pub fn notice(notice: Notice, locale: Locale, answers_at: Option<DateTime<Utc>>, zone: &str) -> String {
    let text = match (notice, locale) {
        (Notice::HandedOff, Es) => "He pasado tu conversación a una persona del equipo.",
        (Notice::HandedOff, En) => "I have passed your conversation to a person on the team.",
        (Notice::Taken, Es) => "Ya te atiende una persona.",
        (Notice::Taken, En) => "A person is with you now.",
        (Notice::Released, Es) => "Vuelve a responder el asistente.",
        (Notice::Released, En) => "The assistant answers again.",
        (Notice::Resolved, Es) => "La conversación queda resuelta. Si te queda algo, escríbelo aquí.",
        (Notice::Resolved, En) => "This conversation is resolved. If anything is left, write it here.",
    };
    match answers_at.filter(|_| notice == Notice::HandedOff) {
        None => text.to_owned(),
        Some(time) => format!("{text} {}", returns(time, locale, zone)),
    }
}

/// When somebody is there again, in the site's own time.
fn returns(time: DateTime<Utc>, locale: Locale, zone: &str) -> String {
    let local = time.with_timezone(&zone.parse().unwrap_or(Tz::UTC));
    let (day, hour) = (local.format("%d/%m"), local.format("%H:%M"));
    match locale {
        Es => format!("Ahora no hay nadie: responderán a partir del {day} a las {hour} ({zone})."),
        En => format!("Nobody is there now: they answer from {} at {hour} ({zone}).", local.format("%-d %b")),
    }
}

/// What a visitor is told who leaves an address.
#[must_use]
pub fn address_kept(email: &str, locale: Locale) -> String {
    match locale {
        Es => format!("Gracias. Si hace falta, te escribirán a {email}."),
        En => format!("Thank you. If needed, they will write to {email}."),
    }
}

/// What a client is told that asks for a person where nobody can be reached.
#[must_use]
pub const fn no_person_here(locale: Locale) -> &'static str {
    match locale {
        Es => "Por aquí no puedo pasarte con una persona; escribe en el chat de la página.",
        En => "I cannot pass you to a person from here; write in the chat on the page.",
    }
}

/// What stands in a ticket's subject without a question.
#[must_use]
pub const fn asked_for_person(locale: Locale) -> &'static str {
    match locale {
        Es => "Pide hablar con una persona",
        En => "Asks to talk to a person",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_hours_it_says_when_somebody_answers() {
        let at = "2026-11-30T08:00:00Z".parse().unwrap();
        let told = notice(Notice::HandedOff, Es, Some(at), "Europe/Madrid");
        assert!(told.ends_with("responderán a partir del 30/11 a las 09:00 (Europe/Madrid)."), "{told}");
        let told = notice(Notice::HandedOff, En, Some(at), "Europe/Madrid");
        assert!(told.ends_with("they answer from 30 Nov at 09:00 (Europe/Madrid)."), "{told}");
        assert!(!notice(Notice::Resolved, En, Some(at), "UTC").contains("Nobody"));
    }
}
