//! Words that one cannot exchange for a similar one without saying something else, in both languages alike: days, months, periods, parts of
//! the day, all and only, free.

use orilla_learn::words::is_word;

/// A thing, and the folded words for it; where `~` ends a word, it may go on.
#[rustfmt::skip]
const EXACT: &[(&str, &[&str])] = &[
    ("monday", &["lunes", "monday~"]), ("tuesday", &["martes", "tuesday~"]), ("wednesday", &["miercoles", "wednesday~"]), ("thursday", &["jueves", "thursday~"]),
    ("friday", &["viernes", "friday~"]), ("saturday", &["sabado~", "saturday~"]), ("sunday", &["domingo~", "sunday~"]), ("weekend", &["finde", "finesde", "weekend~"]),
    ("january", &["enero", "january"]), ("february", &["febrero", "february"]), ("march", &["marzo"]), ("april", &["abril", "april"]), ("may", &["mayo"]), ("june", &["junio", "june"]),
    ("july", &["julio", "july"]), ("august", &["agosto", "august"]), ("september", &["septiembre", "setiembre", "september"]), ("october", &["octubre", "october"]),
    ("november", &["noviembre", "november"]), ("december", &["diciembre", "december"]),
    ("spring", &["primavera"]), ("summer", &["verano~", "summer~"]), ("autumn", &["otono~", "autumn"]), ("winter", &["invierno~", "winter~"]),
    ("minute", &["minuto~", "minute~"]), ("hour", &["hora", "horas", "hour~"]), ("day", &["dia", "dias", "diario", "diaria", "day", "days", "daily"]),
    ("week", &["semana~", "semanal~", "week", "weeks", "weekly"]), ("month", &["mes", "meses", "mensual~", "month~"]),
    ("quarter", &["trimestr~", "quarter~"]), ("year", &["ano", "anos", "anual~", "year~", "annual~"]),
    ("morning", &["manana~", "morning~"]), ("afternoon", &["tarde", "tardes", "afternoon~", "evening~"]), ("night", &["noche~", "night~"]), ("holiday", &["festivo~", "holiday~"]),
    ("working", &["laborable~", "habil~", "working", "business"]),
    ("all", &["todo", "toda", "todos", "todas", "cualquier", "cualquiera", "siempre", "ilimitad~", "all", "any", "every", "everyone", "everything", "always", "unlimited", "anytime", "whenever", "anyone"]),
    ("only", &["solo", "solamente", "unicamente", "only"]),
    ("free", &["gratis", "gratuit~", "free"]),
    ("half", &["mitad", "medio", "media", "half"]), ("double", &["doble", "double", "twice"]),
    ("guarantee", &["garanti~", "guarantee~"]), ("discount", &["descuento~", "rebaja~", "discount~"]),
    ("before", &["antes", "before"]), ("after", &["despues", "after"]),
];

/// What of these a folded text says.
pub(super) fn exact<'a>(words: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'static str> {
    words.filter_map(|word| EXACT.iter().find(|(_, spellings)| spellings.iter().any(|it| is_spelling(word, it))).map(|(name, _)| *name))
}

fn is_spelling(word: &str, spelling: &str) -> bool {
    match spelling.strip_suffix('~') {
        Some(begin) => word.strip_prefix(begin).is_some_and(|rest| rest.len() <= 3 && rest.chars().all(is_word)),
        None => word == spelling,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_the_same() {
        let said = |text: &str| exact(text.split(' ')).collect::<Vec<_>>();
        assert_eq!(said("los lunes por la manana todos los meses"), said("on mondays in the morning every month"));
        assert_eq!(said("solo en agosto y gratis"), ["only", "august", "free"]);
        assert!(said("anotar diagonal").is_empty());
    }
}
