//! What Yoast's plugin says of reading: sentences, paragraphs, transitions, the passive, beginnings, complex words.

use orilla_prose::document::Kind;
use orilla_prose::{complex, passive, transitions};

use super::wording::{counted, figure, plural, share};
use super::{Assessment, Message, Page};
use crate::assessment::Part;
use crate::page::{Said, locale};

mod beginnings;

/// Characters of text under which there is nothing to judge. Source: Yoast's `textPresence`, measured.
const PRESENT: usize = 50;

/// Characters of a centred block from which it is hard to read. Source: Yoast's `textAlignment`.
const CENTRED: usize = 50;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    into.extend(presence(page));
    into.extend(alignment(page));
    into.push(paragraphs(page));
    let sentences: Vec<Said> = page.sentences().collect();
    if sentences.is_empty() {
        return;
    }
    into.push(lengths(page, &sentences));
    into.push(linked(page, &sentences));
    into.push(passives(page, &sentences));
    into.push(beginnings::assess(page));
    into.push(complexity(page));
}

fn lengths(page: &Page, sentences: &[Said]) -> Assessment {
    let profile = page.profile;
    let limit = |said: &Said| match locale(said.language) {
        orilla_text::Locale::Es => profile.sentence_words.es,
        orilla_text::Locale::En => profile.sentence_words.en,
    };
    let long: Vec<&Said> = sentences.iter().filter(|said| said.length() > limit(said)).collect();
    let part = share(long.len(), sentences.len());
    let words = long.first().or(sentences.first().as_ref()).map_or(profile.sentence_words.en, |said| limit(said));
    let (shown, most) = (figure(part), figure(profile.long_sentences.good));
    let longest = long.iter().map(|said| said.length()).max().unwrap_or_default();
    let score = profile.long_sentences.at_most(part);
    let message = if long.is_empty() {
        Message::new(
            format!("Ninguna oración pasa de {words} palabras: se leen bien."),
            format!("No sentence is longer than {words} words: they read well."),
        )
    } else {
        let es = format!("{} de {words} palabras ({} %)", counted(long.len(), "oración pasa", "oraciones pasan"), shown.es);
        let en = format!("{} longer than {words} words ({}%)", counted(long.len(), "sentence is", "sentences are"), shown.en);
        if score == 9 {
            Message::new(format!("{es}: está bien."), format!("{en}: that is fine."))
        } else {
            Message::new(
                format!("{es}; lo bueno es hasta {} %. Parte en dos las marcadas; la más larga tiene {longest} palabras.", most.es),
                format!("{en}; up to {}% is good. Split the marked ones in two; the longest has {longest} words.", most.en),
            )
        }
    };
    Assessment::new("textSentenceLength", Part::Readability, score, message)
        .value(part)
        .at_most(profile.long_sentences.good)
        .spans(long.iter().map(|said| said.span()))
}

fn paragraphs(page: &Page) -> Assessment {
    let steps = page.profile.paragraph_words;
    let blocks = page.prose().filter(|(_, block, _)| !matches!(block.kind, Kind::Heading(_)));
    let long: Vec<_> =
        blocks.map(|(_, block, passage)| (block, passage.words.len())).filter(|(_, words)| *words as f64 > steps.good).collect();
    let longest = page
        .prose()
        .filter(|(_, block, _)| !matches!(block.kind, Kind::Heading(_)))
        .map(|(_, _, passage)| passage.words.len())
        .max()
        .unwrap_or_default();
    let most = figure(steps.good).en;
    let message = if long.is_empty() {
        Message::new(
            format!("Ningún párrafo pasa de {most} palabras; el más largo tiene {longest}."),
            format!("No paragraph is longer than {most} words; the longest has {longest}."),
        )
    } else {
        Message::new(
            format!(
                "{} de {most} palabras; el más largo tiene {longest}. Córtalo donde empieza otra idea.",
                counted(long.len(), "párrafo pasa", "párrafos pasan")
            ),
            format!(
                "{} longer than {most} words; the longest has {longest}. Break it where another idea begins.",
                counted(long.len(), "paragraph is", "paragraphs are")
            ),
        )
    };
    Assessment::new("textParagraphTooLong", Part::Readability, steps.at_most(longest as f64), message)
        .value(longest as f64)
        .at_most(steps.good)
        .spans(long.iter().map(|(block, _)| block.text.whole()))
}

fn linked(page: &Page, sentences: &[Said]) -> Assessment {
    let profile = page.profile;
    let found: Vec<_> = sentences.iter().filter_map(|said| Some((said, transitions::find(said.text(), said.language)?))).collect();
    let joined = if profile.counts_loose_transitions {
        sentences.iter().filter(|said| transitions::has_loosely(said.text(), said.language)).count()
    } else {
        found.len()
    };
    let part = share(joined, sentences.len());
    let is_short = page.words < profile.transitions_from_words;
    let score = if is_short { 9 } else { profile.transitions.at_least(part) };
    let (shown, least) = (figure(part), figure(profile.transitions.good));
    let message = if is_short {
        Message::new(
            format!("El texto es corto: no necesita conectores (hoy {} %).", shown.es),
            format!("The text is short: it needs no transition words (now {}%).", shown.en),
        )
    } else if score == 9 {
        Message::new(
            format!("{} % de las oraciones tienen un conector: las ideas se siguen bien.", shown.es),
            format!("{}% of the sentences have a transition word: the ideas follow well.", shown.en),
        )
    } else {
        let wanted = (profile.transitions.good * sentences.len() as f64 / 100.0).ceil() as usize;
        let more = wanted.saturating_sub(joined).max(1);
        Message::new(
            format!(
                "Solo {} % de las oraciones tienen un conector; se espera {} %. Une {more} más con «por eso», «además», «sin embargo» o «por ejemplo».",
                shown.es, least.es
            ),
            format!(
                "Only {}% of the sentences have a transition word; {}% is expected. Join {more} more with “so”, “also”, “however” or “for example”.",
                shown.en, least.en
            ),
        )
    };
    Assessment::new("textTransitionWords", Part::Readability, score, message).value(part).at_least(profile.transitions.good).spans(
        found.iter().map(|(said, range)| {
            let from = said.sentence.range.start;
            said.block.text.span(from + range.start..from + range.end)
        }),
    )
}

fn passives(page: &Page, sentences: &[Said]) -> Assessment {
    let steps = page.profile.passives;
    let found: Vec<_> = sentences.iter().filter(|said| passive::find(said.text(), said.language).is_some()).collect();
    // The cells of a table together are one sentence here, as they are to Yoast: they say little in any voice.
    let is_cell = |said: &Said| said.block.kind == Kind::Cell;
    let further = sentences.windows(2).filter(|pair| is_cell(&pair[0]) && is_cell(&pair[1])).count();
    let part = share(found.len(), sentences.len() - further);
    let (shown, most) = (figure(part), figure(steps.good));
    let score = steps.at_most(part);
    let message = if score == 9 {
        Message::new(
            format!("{} % de las oraciones están en voz pasiva: está bien.", shown.es),
            format!("{}% of the sentences are in the passive voice: that is fine.", shown.en),
        )
    } else {
        Message::new(
            format!(
                "{} en voz pasiva ({} %); lo bueno es hasta {} %. Di quién hace qué en las marcadas.",
                counted(found.len(), "oración está", "oraciones están"),
                shown.es,
                most.es
            ),
            format!(
                "{} in the passive voice ({}%); up to {}% is good. Say who does what in the marked ones.",
                counted(found.len(), "sentence is", "sentences are"),
                shown.en,
                most.en
            ),
        )
    };
    Assessment::new("passiveVoice", Part::Readability, score, message)
        .value(part)
        .at_most(steps.good)
        .spans(found.iter().map(|said| said.span()))
}

fn complexity(page: &Page) -> Assessment {
    let mut words = 0;
    let mut complex = 0;
    let mut spans = Vec::new();
    for (_, block, passage) in page.prose() {
        let Some(language) = passage.language else { continue };
        for range in &passage.words {
            words += 1;
            let word = block.text.as_str().get(range.clone()).unwrap_or_default();
            if complex::is(word, language) {
                complex += 1;
                if spans.len() < 200 {
                    spans.push(block.text.span(range.clone()));
                }
            }
        }
    }
    let part = share(complex, words);
    let most = page.profile.complex_words;
    let (shown, bound) = (figure(part), figure(most));
    let (score, message) = if part < most {
        (
            9,
            Message::new(
                format!("{} % de las palabras son complejas: el vocabulario es claro.", shown.es),
                format!("{}% of the words are complex: the vocabulary is plain.", shown.en),
            ),
        )
    } else {
        (
            6,
            Message::new(
                format!(
                    "{} % de las palabras son complejas; lo bueno es menos de {} %. Cambia las marcadas que tengan un sinónimo corto.",
                    shown.es, bound.es
                ),
                format!(
                    "{}% of the words are complex; less than {}% is good. Replace marked ones that have a short synonym.",
                    shown.en, bound.en
                ),
            ),
        )
    };
    Assessment::new("wordComplexity", Part::Readability, score, message).value(part).at_most(most).spans(spans)
}

fn presence(page: &Page) -> Option<Assessment> {
    let characters: usize = page.prose().map(|(_, block, _)| block.text.as_str().chars().count()).sum();
    (characters < PRESENT).then(|| {
        Assessment::new(
            "textPresence",
            Part::Readability,
            3,
            Message::new(
                format!(
                    "Hay {} de texto: escribe al menos {PRESENT} para que se pueda juzgar.",
                    counted(characters, "carácter", "caracteres")
                ),
                format!(
                    "There are {} of text: write at least {PRESENT} so that it can be judged.",
                    counted(characters, "character", "characters")
                ),
            ),
        )
        .value(characters as f64)
        .at_least(PRESENT as f64)
    })
}

fn alignment(page: &Page) -> Option<Assessment> {
    let centred: Vec<_> = page.prose().filter(|(_, block, _)| block.is_centred && block.text.as_str().chars().count() > CENTRED).collect();
    if centred.is_empty() {
        return None;
    }
    let number = centred.len();
    Some(
        Assessment::new(
            "textAlignment",
            Part::Readability,
            2,
            Message::new(
                format!(
                    "{}: {} a la izquierda, porque el ojo pierde el comienzo de cada línea.",
                    counted(number, "bloque largo está centrado", "bloques largos están centrados"),
                    plural(number, "alinéalo", "alinéalos")
                ),
                format!(
                    "{}: align {} left, because the eye loses where each line begins.",
                    counted(number, "long block is centred", "long blocks are centred"),
                    plural(number, "it", "them")
                ),
            ),
        )
        .value(number as f64)
        .at_most(0.0)
        .spans(centred.iter().map(|(_, block, _)| block.text.whole())),
    )
}
