//! How easy it is to read by the language's own formula, each block by its own.

use orilla_prose::formulas::{self, Band, Counts};
use orilla_prose::language::Language;
use orilla_prose::syllables;

use super::wording::figure;
use super::{Assessment, Message, Page};
use crate::assessment::Part;
use crate::report::Formula;

/// Words from which a formula means something. Source: Flesch took samples of 100 words.
const SAMPLE: usize = 100;

/// What the formulas count, of everything in that language.
#[must_use]
pub(crate) fn counts(page: &Page, language: Language) -> Counts {
    let mut counts = Counts::default();
    for (_, block, passage) in page.prose().filter(|(_, _, passage)| passage.counts && passage.language == Some(language)) {
        counts.sentences += passage.sentences.len();
        for range in &passage.words {
            let word = block.text.as_str().get(range.clone()).unwrap_or_default();
            let syllables = syllables::count(word, language);
            counts.words += 1;
            counts.syllables += syllables;
            counts.letters += word.chars().filter(|character| character.is_alphanumeric()).count();
            counts.long_words += usize::from(syllables >= 3);
        }
    }
    counts
}

/// Every formula of the language.
#[must_use]
pub(crate) fn all(counts: Counts, language: Language) -> Vec<Formula> {
    if counts.words == 0 || counts.sentences == 0 {
        return Vec::new();
    }
    let of = |id, value: f64, band: Option<&'static str>| Formula { id, value: (value * 1000.0).round() / 1000.0, band };
    match language {
        Language::Spanish => {
            let (huerta, szigriszt) = (formulas::fernandez_huerta(counts), formulas::szigriszt_pazos(counts));
            vec![
                of("fernandez_huerta", huerta, Some(Band::of_ease(huerta).spanish())),
                of("szigriszt_pazos", szigriszt, Some(Band::inflesz(szigriszt).spanish())),
                of("gutierrez_polini", formulas::gutierrez_polini(counts), None),
                of("crawford", formulas::crawford(counts), None),
            ]
        }
        Language::English => {
            let flesch = formulas::flesch(counts);
            vec![
                of("flesch", flesch, Some(Band::of_ease(flesch).english())),
                of("flesch_kincaid", formulas::flesch_kincaid(counts), None),
                of("gunning_fog", formulas::gunning_fog(counts), None),
                of("smog", formulas::smog(counts), None),
                of("coleman_liau", formulas::coleman_liau(counts), None),
                of("ari", formulas::ari(counts), None),
            ]
        }
    }
}

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let each = [Language::Spanish, Language::English].map(|language| (language, counts(page, language)));
    let Some((language, counts)) = each.into_iter().max_by_key(|(_, counts)| counts.words) else { return };
    if counts.words < SAMPLE || counts.sentences == 0 {
        return;
    }
    let steps = page.profile.reading_ease;
    let (value, name, band) = match language {
        Language::Spanish => {
            let value = formulas::szigriszt_pazos(counts);
            (value, "INFLESZ", Band::inflesz(value))
        }
        Language::English => {
            let value = formulas::flesch(counts);
            (value, "Flesch", Band::of_ease(value))
        }
    };
    let score = steps.at_least(value);
    let shown = figure(value);
    let (es, en) = (band.spanish(), band.english());
    let least = figure(steps.good);
    let message = if score == 9 {
        Message::new(format!("Facilidad de lectura ({name}): {}, {es}.", shown.es), format!("Reading ease ({name}): {}, {en}.", shown.en))
    } else {
        Message::new(
            format!("Facilidad de lectura ({name}): {}, {es}; se busca {} o más. Usa oraciones y palabras más cortas.", shown.es, least.es),
            format!("Reading ease ({name}): {}, {en}; {} or more is wanted. Use shorter sentences and words.", shown.en, least.en),
        )
    };
    into.push(Assessment::new("readingEase", Part::Readability, score, message).value(value).at_least(steps.good));
}
