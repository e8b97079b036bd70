//! Whether it shouts: capitals and exclamation marks.

use orilla_prose::{Text, words};

use super::wording::counted;
use super::{Assessment, Message, Page};
use crate::assessment::Part;

/// Letters from which a word in capitals is no abbreviation any more; chosen.
const LETTERS: usize = 5;

/// Exclamations per hundred words; chosen.
const EXCLAMATIONS: f64 = 1.0;

pub(super) fn shouting(page: &Page) -> Option<Assessment> {
    if page.language.is_none() || page.is_blank() {
        return None;
    }
    let mut spans = Vec::new();
    let mut look = |text: &Text, words: &[std::ops::Range<usize>]| {
        let capitals: Vec<_> = words.iter().filter(|range| text.as_str().get((*range).clone()).is_some_and(is_shouted)).cloned().collect();
        spans.extend(capitals.iter().map(|range| text.span(range.clone())));
        (capitals.len(), text.as_str().matches('!').count(), text.as_str().contains("!!"))
    };
    let (mut loud, mut doubled) = (0, false);
    if let Some(title) = &page.title {
        let words: Vec<_> = words::words(title.as_str()).collect();
        let (capitals, exclamations, is_doubled) = look(title, &words);
        // A title is read first, and alone.
        loud += 2 * capitals + exclamations.saturating_sub(1);
        doubled |= is_doubled;
    }
    let mut exclamations = 0;
    for (_, block, passage) in page.prose() {
        let (capitals, marks, is_doubled) = look(&block.text, &passage.words);
        loud += capitals;
        exclamations += marks;
        doubled |= is_doubled;
    }
    let allowed = 1 + (page.words as f64 * EXCLAMATIONS / 100.0).round() as usize;
    loud += exclamations.saturating_sub(allowed) + usize::from(doubled) * 2;
    let score = match loud {
        0 => 9,
        1..=2 => 6,
        _ => 3,
    };
    let message = if loud == 0 {
        Message::new("El tono es sereno.", "The tone is calm.")
    } else {
        Message::new(
            format!(
                "El texto grita: {} y {}. Deja que el dato llame la atención.",
                counted(spans.len(), "palabra en mayúsculas", "palabras en mayúsculas"),
                counted(exclamations, "signo de exclamación", "signos de exclamación")
            ),
            format!(
                "The text shouts: {} and {}. Let the fact draw attention.",
                counted(spans.len(), "word in capitals", "words in capitals"),
                counted(exclamations, "exclamation mark", "exclamation marks")
            ),
        )
    };
    Some(Assessment::new("shouting", Part::Persuasion, score, message).value(loud as f64).at_most(0.0).spans(spans))
}

fn is_shouted(word: &str) -> bool {
    word.chars().filter(|character| character.is_alphabetic()).count() >= LETTERS && word.chars().all(|character| !character.is_lowercase())
}
