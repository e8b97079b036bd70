//! One text, judged.

use orilla_prose::document::Kind;
use orilla_prose::language::Language;

use crate::asked::Asked;
use crate::assess;
use crate::assessment::{Assessment, Message, Part};
use crate::grade;
use crate::meaning::{self, Question};
use crate::page::Page;
use crate::profile::Profile;
use crate::report::{Report, Stats};

#[cfg(test)]
mod tests;

/// Judges a text by a profile. The same text and profile give the same report, on every host.
#[must_use]
pub fn score(asked: &Asked, profile: &Profile) -> Report {
    of(&Page::read(asked, profile), &[])
}

/// Judges a page that was read, beside the questions that the site's own articles answer.
#[must_use]
pub fn of(page: &Page, questions: &[Question]) -> Report {
    let mut assessments = assess::all(page);
    if page.asked.hears_meaning {
        assessments.extend(meaning::assess(page, questions));
    }
    if page.language.is_none() {
        assessments.push(unsupported());
    }
    let total = grade::sum(&mut assessments, page.asked.kind);
    let yoast = grade::yoast(&assessments);
    // The weightiest first; those that cost nothing stay in the order of their families.
    assessments.sort_by(|one, other| other.costs.total_cmp(&one.costs));
    let [seo, readability, structure, persuasion] = total.parts;
    Report {
        score: total.score,
        grade: total.grade,
        seo,
        readability,
        structure,
        persuasion,
        yoast,
        assessments,
        language: page.languages.clone(),
        stats: stats(page),
    }
}

fn unsupported() -> Assessment {
    Assessment::new(
        "languageNotSupported",
        Part::Readability,
        0,
        Message::new(
            "El texto no está en español ni en inglés: se juzga solo lo que no depende del idioma.",
            "The text is neither Spanish nor English: only what does not depend on the language is judged.",
        ),
    )
}

fn stats(page: &Page) -> Stats {
    let counts = [Language::Spanish, Language::English].map(|language| assess::ease::counts(page, language));
    let [spanish, english] = counts;
    let main = page.language.unwrap_or(Language::English);
    let of_main = if main == Language::Spanish { spanish } else { english };
    let both = spanish + english;
    let paragraphs =
        page.prose().filter(|(_, block, passage)| matches!(block.kind, Kind::Paragraph | Kind::Quote) && !passage.words.is_empty()).count();
    Stats {
        words: page.words,
        sentences: both.sentences,
        paragraphs,
        syllables: both.syllables,
        letters: both.letters,
        long_words: both.long_words,
        reading_seconds: assess::length::seconds(page.words, page.language),
        formulas: if page.language.is_some() { assess::ease::all(of_main, main) } else { Vec::new() },
    }
}
