//! How long the text is, and how long it takes to read.

use orilla_prose::language::Language;

use super::wording::counted;
use super::{Assessment, Message, Page};
use crate::asked::Kind;
use crate::assessment::Part;

/// Words per minute of adults who read silently.
///
/// Source: English 238, Brysbaert 2019, "How many words do we read per minute?", J. Mem. Lang. 109; Spanish 218, Trauzettel-Klosinski & Dietz 2012,
/// "Standardized Assessment of Reading Performance: The New International Reading Speed Texts IReST", IOVS 53(9).
#[must_use]
pub(crate) fn pace(language: Option<Language>) -> f64 {
    match language {
        Some(Language::Spanish) => 218.0,
        _ => 238.0,
    }
}

/// Seconds to read so many words.
#[must_use]
pub(crate) fn seconds(words: usize, language: Option<Language>) -> u32 {
    (words as f64 * 60.0 / pace(language)).round() as u32
}

/// Words of an e-mail that is no longer read whole; chosen, two minutes of reading.
const EMAIL_MOST: usize = 400;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    into.push(words(page));
    if page.words > 0 {
        into.push(time(page));
    }
}

fn words(page: &Page) -> Assessment {
    let bounds = page.profile.length.of(page.asked.kind);
    let words = page.words;
    let is_email = page.asked.kind == Kind::Email && page.profile.name != "yoast";
    if is_email && words > EMAIL_MOST {
        let message = Message::new(
            format!("El correo tiene {words} palabras; pocos leen más de {EMAIL_MOST}. Deja una idea y enlaza el resto."),
            format!("The e-mail has {words} words; few read more than {EMAIL_MOST}. Keep one idea and link to the rest."),
        );
        return Assessment::new("textLength", Part::Structure, 6, message)
            .value(words as f64)
            .within(bounds.good as f64, EMAIL_MOST as f64);
    }
    let score = match words {
        _ if words >= bounds.good => 9,
        _ if words >= bounds.ok => 6,
        _ if words >= bounds.short => 3,
        _ if words >= bounds.scant => -10,
        _ => -20,
    };
    let message = if score == 9 {
        Message::new(
            format!("El texto tiene {}: es suficiente.", counted(words, "palabra", "palabras")),
            format!("The text has {}: that is enough.", counted(words, "word", "words")),
        )
    } else {
        let (good, missing) = (bounds.good, bounds.good - words);
        Message::new(
            format!(
                "El texto tiene {}; se esperan {good}. Faltan {missing}: agrega ejemplos, datos o preguntas frecuentes.",
                counted(words, "palabra", "palabras")
            ),
            format!(
                "The text has {}; {good} are expected. {missing} are missing: add examples, figures or frequent questions.",
                counted(words, "word", "words")
            ),
        )
    };
    let part = if page.profile.name == "yoast" { Part::Seo } else { Part::Structure };
    Assessment::new("textLength", part, score, message).value(words as f64).at_least(bounds.good as f64)
}

fn time(page: &Page) -> Assessment {
    let seconds = seconds(page.words, page.language);
    let minutes = (f64::from(seconds) / 60.0).round().max(1.0) as usize;
    let message = if seconds < 60 {
        Message::new(format!("Se lee en {seconds} segundos."), format!("It is read in {seconds} seconds."))
    } else {
        Message::new(
            format!("Se lee en {}.", counted(minutes, "minuto", "minutos")),
            format!("It is read in {}.", counted(minutes, "minute", "minutes")),
        )
    };
    Assessment::new("readingTime", Part::Readability, 0, message).value(f64::from(seconds))
}
