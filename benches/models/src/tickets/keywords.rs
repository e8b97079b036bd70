//! The baseline that anybody could write in an afternoon: a ticket is what most of its words are of, by lists.

use orilla_desk::Priority;
use orilla_learn::words::fold;

/// Beginnings of words, or of several, for each category in its order. Chosen: what a help desk's first rules name, written before any figure.
#[rustfmt::skip]
const CATEGORIES: [&[&str]; 6] = [
    &[
        "error", "bug", "crash", "broken", "fail", "freez", "glitch", "slow", "not work", "doesnt work", "isnt work", "stopped working",
        "wont ", "timeout", "500", "load", "sync", "blank", "screen", "install", "update", "fall", "no funciona", "no carga", "no va",
        "cuelga", "se cierra", "lent", "pantalla", "sincroniza", "actualiza", "conexion", "caid", "rot",
    ],
    &[
        "invoice", "bill", "charg", "refund", "payment", "paid", "receipt", "vat ", "subscription", "card", "bank", "factura", "cobr",
        "cargo", "reembols", "devol", "pago", "pague", "recibo", "iva ", "tarjeta", "suscripcion", "banco", "importe",
    ],
    &[
        "feature", "would be nice", "would be great", "could you add", "please add", "suggest", "wish", "idea", "option to",
        "support for", "allow", "it would help", "estaria bien", "seria genial", "seria util", "sugerencia", "propuesta", "propongo",
        "podriais anadir", "podrian agregar", "anadir", "agregar", "opcion de", "me gustaria que", "echo en falta", "permitir", "ojala",
    ],
    &[
        "account", "password", "log in", "login", "sign in", "username", "user", "profile", "2fa", "verification", "code", "locked",
        "email address", "permission", "access", "cuenta", "contrasena", "clave", "iniciar sesion", "usuari", "perfil", "verificacion",
        "codigo", "bloquead", "acceso", "acceder", "entrar", "permiso", "darme de baja",
    ],
    &[
        "quote", "price", "pricing", "how much", "demo", "buy", "purchase", "order", "discount", "trial", "licen", "seats", "plan",
        "offer", "reseller", "wholesale", "presupuesto", "precio", "cuanto cuesta", "cuanto vale", "compr", "descuento", "prueba gratis",
        "tarifa", "oferta", "contratar", "catalogo", "distribui", "al por mayor",
    ],
    &[
        "thank", "press", "journalist", "job", "internship", "cv ", "partnership", "newsletter", "volunteer", "sponsor", "wrong address",
        "survey", "gracias", "prensa", "periodista", "empleo", "trabaj", "practicas", "curriculum", "colabora", "boletin", "voluntari",
        "patrocin", "encuesta", "felicid",
    ],
];

/// As above, for the priorities that have words of their own. What is "not urgent" is urgent as well, so low ones come before high ones.
#[rustfmt::skip]
const PRIORITIES: [(Priority, &[&str]); 3] = [
    (Priority::Critical, &[
        "outage", "is down", "are down", "everyone", "all users", "all our", "nobody can", "hack", "breach", "stolen", "fraud",
        "emergency", "data loss", "right now", "losing", "caid", "nadie puede", "todos los", "todas las", "hacke", "robad", "fraude",
        "emergencia", "ahora mismo", "perdiendo", "parad",
    ]),
    (Priority::Low, &[
        "no rush", "no hurry", "whenever", "not urgent", "curious", "wondering", "typo", "would be nice", "idea", "sin prisa",
        "no corre prisa", "no urge", "cuando podais", "cuando puedan", "curiosidad", "errata", "estaria bien", "felicid",
    ]),
    (Priority::High, &[
        "urgent", "asap", "as soon as", "today", "tomorrow", "tonight", "deadline", "blocked", "twice", "cannot", "cant ", "urge ",
        "cuanto antes", "hoy", "manana", "esta tarde", "esta noche", "plazo", "dos veces", "no puedo", "no podemos",
    ]),
];

/// The category with most words, the first of several; `other` without any. A place in the head's categories.
pub fn category(text: &str) -> usize {
    let words = words(text);
    let found = CATEGORIES.map(|list| hits(&words, list));
    let most = found.iter().copied().max().filter(|most| *most > 0);
    most.and_then(|most| found.iter().position(|hits| *hits == most)).unwrap_or(CATEGORIES.len() - 1)
}

/// The priority with most words, the first of several; normal without any.
pub fn priority(text: &str) -> Priority {
    let words = words(text);
    let found = PRIORITIES.map(|(priority, list)| (priority, hits(&words, list)));
    let most = found.iter().map(|it| it.1).max().filter(|most| *most > 0);
    most.and_then(|most| found.iter().find(|it| it.1 == most)).map_or(Priority::Normal, |it| it.0)
}

/// Folded words, each after a space, and a space at the end.
fn words(text: &str) -> String {
    let folded = fold(text).replace(['\'', '’'], "");
    let words = folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(String::from(" "), |text, word| text + word + " ")
}

fn hits(words: &str, list: &[&str]) -> usize {
    list.iter().filter(|start| words.contains(&format!(" {start}"))).count()
}

#[cfg(test)]
mod tests {
    use ticket_route::classify::heads;

    use super::*;

    #[test]
    fn the_lists_are_of_the_heads_categories() {
        let told = ["The app crashes", "¿Me devolvéis el cobro?", "Sería genial que…", "mi contraseña", "¿Precio de 20?", "Thank you, all"];
        assert_eq!(told.map(|text| heads::CATEGORIES[category(text)]), heads::CATEGORIES);
    }

    #[test]
    fn a_ticket_is_what_most_of_its_words_are_of() {
        use Priority::{Critical, High, Low, Normal};
        assert_eq!(category("Password: the invoice and its payment"), 1);
        assert_eq!((category("…"), category("unaccountable")), (5, 5));
        let told = ["Everyone is out", "URGENTE: hoy", "no rush", "x", "urgent outage", "no urge, gracias", "It can't wait"];
        assert_eq!(told.map(priority), [Critical, High, Low, Normal, Critical, Low, High]);
    }

    #[test]
    fn every_entry_could_be_found() {
        for entry in CATEGORIES.into_iter().chain(PRIORITIES.map(|it| it.1)).flatten() {
            assert!(words(entry).starts_with(&format!(" {}", entry.trim_end())), "{entry}");
        }
    }
}
