//! Which of the languages that the chat answers in a message is in.

use std::sync::OnceLock;

use orilla_learn::linear_model::LinearModel;
use orilla_learn::words::{Language, is_word};
use orilla_text::Locale;
use serde::Serialize;

/// As stemming wants it.
#[must_use]
pub const fn stemming(locale: Locale) -> Language {
    match locale {
        Locale::Es => Language::Spanish,
        Locale::En => Language::English,
    }
}

/// What language a message is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Spoken {
    /// Spanish.
    Es,
    /// English.
    En,
    /// Both: words of each.
    Mixed,
    /// Neither, or too little to tell.
    Other,
}

impl Spoken {
    /// The locale to answer in: what was spoken, else the page's own.
    #[must_use]
    pub const fn answered_in(self, page: Locale) -> Locale {
        match self {
            Self::Es => Locale::Es,
            Self::En => Locale::En,
            Self::Mixed | Self::Other => page,
        }
    }
}

/// The shipped model of languages; its card tells what it knows.
static MODEL: &[u8] = include_bytes!("../../../models/language/model.bin");

/// How much of a message is looked at, in bytes. Chosen: the model is right within a sentence.
const MAX_BYTES: usize = 1_000;
/// What Spanish or English must have of their sum for a message to be in that one alone. Chosen: what lies between is told by its halves.
const SURE: f32 = 0.8;
/// How much more probable than both a third language must be in a message of more than [`SHORT_WORDS`] to be believed. Source: the model's
/// card, where Spanish of a few words is often taken for Galician or Portuguese.
const THIRD: f32 = 0.9;
/// Words up to which a message leans to the page's language. Source: the model's card.
const SHORT_WORDS: usize = 3;
/// How sure a word's language must be to contradict a short message's page, or a half the other half. Chosen.
const PLAIN: f32 = 0.9;
/// Words that each half of a mixed message has at least. Chosen: a borrowed word or a name is no second language.
const HALF_WORDS: usize = 3;
/// Places at which a message is tried to part. Chosen: each costs two looks at the model, and languages mix in phrases.
const PLACES: usize = 3;

/// Which language a message is in. Of a few words the page's language is believed unless they plainly are of the other.
#[must_use]
pub fn spoken(message: &str, page: Locale) -> Spoken {
    let text = &message[..message.floor_char_boundary(MAX_BYTES)];
    let words: Vec<&str> = text.split_whitespace().filter(|word| word.chars().any(|c| is_word(c) && !c.is_numeric())).collect();
    let Some(whole) = weigh(text).filter(|_| !words.is_empty()) else { return Spoken::Other };
    if words.len() <= SHORT_WORDS {
        let other = page.other();
        return of(if whole.share(other) >= PLAIN { other } else { page });
    }
    if whole.third >= THIRD {
        return Spoken::Other;
    }
    if words.len() >= 2 * HALF_WORDS && is_mixed(&words) {
        return Spoken::Mixed;
    }
    let likelier = if whole.share(Locale::Es) >= 0.5 { Locale::Es } else { Locale::En };
    of(if whole.share(likelier) >= SURE { likelier } else { page })
}

const fn of(locale: Locale) -> Spoken {
    match locale {
        Locale::Es => Spoken::Es,
        Locale::En => Spoken::En,
    }
}

/// Whether some place in the message parts plain Spanish from plain English.
fn is_mixed(words: &[&str]) -> bool {
    let plain = |part: &[&str]| {
        let weight = weigh(&part.join(" "))?;
        Locale::ALL.into_iter().find(|locale| weight.share(*locale) >= PLAIN && weight.third < 0.5)
    };
    (HALF_WORDS..=words.len() - HALF_WORDS).step_by(words.len().div_ceil(PLACES)).any(|at| {
        let (left, right) = words.split_at(at);
        plain(left).zip(plain(right)).is_some_and(|(left, right)| left != right)
    })
}

/// What the model says of a text.
#[derive(Debug, Clone, Copy)]
struct Weight {
    spanish: f32,
    english: f32,
    /// The most probable language of all the others.
    third: f32,
}

impl Weight {
    /// Of the two languages that are spoken here, how probable this one is.
    fn share(&self, locale: Locale) -> f32 {
        let own = match locale {
            Locale::Es => self.spanish,
            Locale::En => self.english,
        };
        own / (self.spanish + self.english).max(f32::MIN_POSITIVE)
    }
}

fn weigh(text: &str) -> Option<Weight> {
    let mut weight = Weight { spanish: 0.0, english: 0.0, third: 0.0 };
    let model = model()?;
    for (label, probability) in model.labels().iter().zip(model.probabilities(text)) {
        match *label {
            "es" => weight.spanish = probability,
            "en" => weight.english = probability,
            _ => weight.third = weight.third.max(probability),
        }
    }
    Some(weight)
}

/// Reads the model before a message needs it.
pub fn warm() {
    let _ = model();
}

/// The model, read once. None only of a file that is damaged, which a test rules out.
fn model() -> Option<&'static LinearModel<'static>> {
    static READ: OnceLock<Option<LinearModel<'static>>> = OnceLock::new();
    READ.get_or_init(|| LinearModel::parse(MODEL).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(message: &str, page: Locale, expect: Spoken) {
        assert_eq!(spoken(message, page), expect, "{message}");
    }

    #[test]
    fn tells_the_language_of_a_message() {
        assert!(model().is_some());
        check("¿Cuánto cuesta el plan para tres instructores?", Locale::En, Spoken::Es);
        check("How much is it for three instructors a month?", Locale::Es, Spoken::En);
        check("quiero saber si puedo pagar con tarjeta but I don't have a bank account in Europe", Locale::En, Spoken::Mixed);
        check("wie viel kostet das für drei Lehrer im Monat bitte", Locale::En, Spoken::Other);
    }

    #[test]
    fn a_few_words_lean_to_the_page() {
        check("precio", Locale::Es, Spoken::Es);
        check("wifi", Locale::Es, Spoken::Es);
        check("wifi", Locale::En, Spoken::En);
        check("the refund please", Locale::Es, Spoken::En);
        check("los precios", Locale::En, Spoken::Es);
        check("", Locale::Es, Spoken::Other);
        check("🌊🌊🌊 12345", Locale::Es, Spoken::Other);
    }

    #[test]
    fn reads_tags() {
        for (tag, expect) in [("es-MX", Some(Locale::Es)), ("EN_gb", Some(Locale::En)), ("de", None), ("", None)] {
            assert_eq!(Locale::of_tag(tag), expect, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(message in any::<String>()) {
            let _ = spoken(&message, Locale::Es);
        }
    }
}
