//! Words that tell how grave and how urgent a matter is, and how its writer feels: shown beside a priority so that a person can check it.
//! Politeness, capitals and exclamation marks are none.

use orilla_learn::words::fold;
use serde::{Deserialize, Serialize};

/// What some words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Something does not work at all.
    Outage,
    /// Money is being lost.
    Money,
    /// Data, accounts or fraud.
    Security,
    /// Health or safety.
    Safety,
    /// It must be done by some time.
    Deadline,
    /// Many people or all of them.
    Scope,
    /// Its writer is about to leave, or has lost patience.
    Upset,
    /// Its writer says that it can wait.
    Patience,
}

/// Words and phrases without accents, in lower case; each tells one thing. Written for Orilla.
#[rustfmt::skip]
const WORDS: &[(Signal, &[&str])] = &[
    (Signal::Outage, &["is down", "are down", "outage", "not working at all", "cannot open", "blank page", "stopped working", "unreachable",
        "esta caido", "esta caida", "caidos", "se ha caido", "se cayo", "no funciona nada", "no carga", "dejo de funcionar", "no responde", "sin servicio", "parados", "paradas"]),
    (Signal::Money, &["losing money", "losing sales", "no orders", "charged twice", "overdraft", "wages", "payroll", "salary",
        "perdiendo dinero", "perdiendo ventas", "sin ventas", "cobrado dos veces", "descubierto", "nomina", "nominas", "sueldo", "sueldos"]),
    (Signal::Security, &["hacked", "breach", "leak", "leaked", "phishing", "fraud", "stolen", "someone else", "unauthorised", "unauthorized", "ransom",
        "hackeado", "hackeada", "hackearon", "fuga de datos", "filtracion", "fraude", "robado", "robada", "robaron", "suplantacion", "no autorizado", "no autorizada"]),
    (Signal::Safety, &["injured", "ambulance", "fire", "smoke", "gas leak", "medication", "insulin", "patient", "patients", "surgery", "trapped",
        "herido", "herida", "ambulancia", "incendio", "humo", "fuga de gas", "medicacion", "insulina", "paciente", "pacientes", "quirofano", "atrapado", "atrapada"]),
    (Signal::Deadline, &["today", "tonight", "by tomorrow", "tomorrow morning", "deadline", "within the hour", "in an hour", "before noon", "expires",
        "hoy", "esta noche", "manana por la manana", "antes de las", "en una hora", "plazo", "vence", "caduca", "ultimo dia"]),
    (Signal::Scope, &["all our", "everyone", "nobody can", "none of our", "all users", "all customers", "whole team", "entire", "hundreds of", "thousands of",
        "todos nuestros", "todas nuestras", "nadie puede", "ninguno de nuestros", "todos los clientes", "todo el equipo", "toda la empresa", "cientos de", "miles de"]),
    (Signal::Upset, &["cancel everything", "lawyer", "disgrace", "last time i", "unacceptable", "fed up", "leaving you", "switching to",
        "abogado", "verguenza", "inaceptable", "harto", "harta", "me voy a otra", "denuncia", "hoja de reclamaciones", "consumo"]),
    (Signal::Patience, &["no rush", "no hurry", "whenever you", "when you have time", "not urgent", "just curious", "low priority",
        "sin prisa", "no corre prisa", "cuando puedas", "cuando podais", "cuando puedan", "no es urgente", "por curiosidad"]),
];

/// What a text tells, each with the words that tell it; once for each signal.
#[must_use]
pub fn signals(text: &str) -> Vec<(Signal, &'static str)> {
    let folded = fold(text);
    let words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let spaced = format!(" {} ", words.join(" "));
    let says = |phrase: &&&'static str| spaced.contains(&format!(" {phrase} "));
    WORDS.iter().filter_map(|(signal, phrases)| Some((*signal, *phrases.iter().find(says)?))).collect()
}

/// Words of thanks and agreement, folded. Written for Orilla.
#[rustfmt::skip]
const THANKS: &[&str] = &[
    "thanks", "thank", "thx", "ty", "cheers", "you", "so", "much", "very", "a", "lot", "again", "great", "perfect", "awesome", "ok", "okay", "got", "it", "works", "worked",
    "that", "all", "good", "now", "for", "your", "the", "help", "quick", "reply", "appreciated", "solved", "fixed", "lovely", "noted", "understood", "will", "do", "best", "regards",
    "gracias", "muchas", "mil", "muchisimas", "genial", "perfecto", "vale", "de", "acuerdo", "recibido", "entendido", "por", "la", "ayuda", "todo", "bien", "listo", "solucionado",
    "resuelto", "ya", "funciona", "funciono", "estupendo", "saludos", "un", "saludo", "igualmente", "muy", "amable", "amables", "buen", "dia", "dale", "graciass", "grax", "oki",
];
/// Without one of these, the others are no thanks.
#[rustfmt::skip]
const SAYS_SO: &[&str] = &[
    "thanks", "thank", "thx", "ty", "cheers", "great", "perfect", "awesome", "ok", "okay", "appreciated", "noted", "understood", "lovely", "gracias", "graciass", "grax", "genial",
    "perfecto", "vale", "recibido", "entendido", "listo", "estupendo", "solucionado", "resuelto", "solved", "fixed", "dale", "oki", "works", "worked", "funciona", "funciono",
];
/// Words of the longest thanks. Chosen: who writes more has something to say.
const LONGEST: usize = 12;

/// Whether a message only says thanks, or that all is well: nobody waits for an answer to it.
#[must_use]
pub fn is_thanks(text: &str) -> bool {
    if text.contains('?') || text.contains('¿') {
        return false;
    }
    let folded = fold(text);
    let words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        // A thumb up; nothing at all is no thanks.
        return text.chars().any(|c| !c.is_whitespace() && !c.is_ascii());
    }
    words.len() <= LONGEST && words.iter().all(|word| THANKS.contains(word)) && words.iter().any(|word| SAYS_SO.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_and_politeness_does_not() {
        let of = |text: &str| signals(text).into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(of("Our shop IS DOWN and nobody can pay, we must be live today"), [Signal::Outage, Signal::Deadline, Signal::Scope]);
        assert_eq!(of("Han hackeado mi cuenta, miles de pacientes"), [Signal::Security, Signal::Safety, Signal::Scope]);
        assert_eq!(of("URGENT!!! PLEASE PLEASE, kindly help"), []);
        assert_eq!(of("sin prisa, cuando podáis"), [Signal::Patience]);
        assert_eq!(of("todayish firework"), [], "whole words");
    }

    #[test]
    fn thanks_are_thanks_and_questions_are_not() {
        for thanks in ["Thanks!", "ok gracias", "Perfecto, muchas gracias por la ayuda :)", "👍", "great, that works now. cheers"] {
            assert!(is_thanks(thanks), "{thanks}");
        }
        for other in [
            "Thanks, but it still fails",
            "gracias, ¿y la factura?",
            "",
            "...",
            "ok, and the second order",
            "you",
            "no",
            "thanks for nothing, fix it",
        ] {
            assert!(!is_thanks(other), "{other}");
        }
    }
}
