//! The keyphrase in the text: at its beginning, often enough, in its headings, all the way through.

use orilla_prose::document::Kind;
use orilla_prose::{function_words, stem};

use super::wording::{counted, figure, share};
use super::{Assessment, Message, Page};
use crate::asked;
use crate::assessment::Part;
use crate::page::{Topic, is_blank};

mod density;

/// A heading reflects the keyphrase if it has more than this share of its words. Source: Yoast's `subheadingsKeyword`, measured.
const REFLECTS: f64 = 50.0;

/// Words of a text that is long enough for the keyphrase to be spread over it; chosen.
const SPREAD_FROM_WORDS: usize = 200;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let is_yoast = page.profile.name == "yoast";
    let Some(topic) = &page.topic else {
        into.push(missing());
        if is_yoast {
            into.extend(unanswered());
        }
        return;
    };
    into.push(length(page, topic));
    into.extend(function_words_only(page, topic));
    into.push(introduction(page, topic));
    into.push(density::assess(page, topic));
    if page.asked.kind == asked::Kind::Email && !is_yoast {
        return;
    }
    into.push(subheadings(page, topic));
    into.extend(distribution(page));
    into.extend(slug(page, topic));
}

fn missing() -> Assessment {
    Assessment::new(
        "keyphraseLength",
        Part::Seo,
        -999,
        Message::new(
            "No hay frase clave: di con qué búsqueda quieres que te encuentren.",
            "There is no keyphrase: say which search you want to be found by.",
        ),
    )
    .value(0.0)
    .at_least(1.0)
}

/// What Yoast says of each of these without a keyphrase.
fn unanswered() -> Vec<Assessment> {
    let each = [("introductionKeyword", 3), ("keyphraseDensity", -50), ("subheadingsKeyword", 1), ("slugKeyword", 3)];
    let says = || Message::new("Falta la frase clave para juzgarlo.", "A keyphrase is needed to judge this.");
    each.into_iter().map(|(id, score)| Assessment::new(id, Part::Seo, score, says())).collect()
}

fn length(page: &Page, topic: &Topic) -> Assessment {
    let steps = page.profile.keyphrase_words;
    let words = topic.length();
    let score = steps.at_most(words as f64);
    let most = figure(steps.good).en;
    let message = if score == 9 {
        Message::new("La frase clave tiene un buen largo.", "The keyphrase has a good length.")
    } else {
        Message::new(
            format!("La frase clave tiene {words} palabras con significado; acórtala a {most} o menos, como la gente busca."),
            format!("The keyphrase has {words} words that carry meaning; shorten it to {most} or fewer, as people search."),
        )
    };
    Assessment::new("keyphraseLength", Part::Seo, score, message).value(words as f64).within(1.0, steps.good)
}

fn function_words_only(page: &Page, topic: &Topic) -> Option<Assessment> {
    let language = page.language?;
    let is_only = topic.text.split_whitespace().all(|word| function_words::is(&word.to_lowercase(), language));
    is_only.then(|| {
        Assessment::new(
            "functionWordsInKeyphrase",
            Part::Seo,
            0,
            Message::new(
                format!("«{}» son solo palabras de enlace: nadie busca así. Elige una frase que diga un tema.", topic.text),
                format!("“{}” is function words only: nobody searches like that. Choose one that names a topic.", topic.text),
            ),
        )
    })
}

fn introduction(page: &Page, topic: &Topic) -> Assessment {
    let links_only = |number: usize, text: &str| {
        let inside = page.document.links.iter().filter(|link| link.block == Some(number));
        let linked: usize = inside.map(|link| link.range.len()).sum();
        linked > 0 && linked >= text.trim().len()
    };
    let mut blocks = page.prose().filter(|(number, block, _)| {
        let text = block.text.as_str();
        !matches!(block.kind, Kind::Heading(_) | Kind::Caption | Kind::Quote) && !is_blank(text) && !links_only(*number, text)
    });
    let first = blocks.next();
    let (score, spans) = match first {
        None => (3, None),
        Some((_, block, passage)) => {
            let text = block.text.as_str();
            let mut sentences = passage.sentences.iter().filter_map(|sentence| text.get(sentence.range.clone()));
            let score = if sentences.any(|sentence| topic.covered(sentence).is_whole()) {
                9
            } else if topic.covered(text).is_whole() {
                if passage.sentences.is_empty() { 9 } else { 6 }
            } else {
                3
            };
            (score, Some(block.text.whole()))
        }
    };
    let name = &topic.text;
    let message = match score {
        9 => {
            Message::new("El primer párrafo dice la frase clave en una oración.", "The first paragraph says the keyphrase in one sentence.")
        }
        6 => Message::new(
            format!("Las palabras de «{name}» están en el primer párrafo, pero en oraciones distintas: júntalas en una."),
            format!("The words of “{name}” are in the first paragraph, but in different sentences: bring them into one."),
        ),
        _ => Message::new(
            format!("El primer párrafo no dice «{name}»: nómbrala ahí, para que el tema quede claro desde el comienzo."),
            format!("The first paragraph does not say “{name}”: name it there, so that the topic is clear from the start."),
        ),
    };
    Assessment::new("introductionKeyword", Part::Seo, score, message).spans(spans)
}

fn subheadings(page: &Page, topic: &Topic) -> Assessment {
    let new = |score, message| Assessment::new("subheadingsKeyword", Part::Seo, score, message);
    if page.is_blank() {
        return new(1, Message::new("Falta el texto para juzgarlo.", "A text is needed to judge this."));
    }
    let headings: Vec<_> = page.headings().filter(|(_, level, _)| matches!(level, 2 | 3)).map(|(_, _, block)| block).collect();
    let within = page.profile.reflecting;
    if headings.is_empty() {
        let is_long = page.words as f64 > page.profile.bare_words;
        return if is_long {
            new(
                2,
                Message::new(
                    "El texto es largo y no tiene subtítulos H2 o H3: agrégalos, y di la frase clave en algunos.",
                    "The text is long and has no H2 or H3: add some, and say the keyphrase in a few.",
                ),
            )
        } else {
            new(
                9,
                Message::new(
                    "El texto es corto: no necesita subtítulos con la frase clave.",
                    "The text is short: it needs no subheadings with the keyphrase.",
                ),
            )
        };
    }
    let reflecting: Vec<_> = headings.iter().filter(|block| topic.covered(block.text.as_str()).share() > REFLECTS).collect();
    let part = share(reflecting.len(), headings.len());
    let is_single = headings.len() == 1 && reflecting.len() == 1;
    let (found, all) = (reflecting.len(), headings.len());
    let (min, max) = (figure(within.min), figure(within.max));
    let (score, message) = if is_single || within.holds(part) {
        (
            9,
            Message::new(
                format!("{found} de {all} subtítulos dicen la frase clave."),
                format!("{found} of {all} subheadings say the keyphrase."),
            ),
        )
    } else if part < within.min {
        (
            3,
            Message::new(
                format!(
                    "{found} de {all} subtítulos H2 y H3 dicen la frase clave; se espera entre {} y {} %. Nómbrala donde venga al caso.",
                    min.es, max.es
                ),
                format!("{found} of {all} H2 and H3 say the keyphrase; {} to {}% is expected. Name it where it belongs.", min.en, max.en),
            ),
        )
    } else {
        (
            3,
            Message::new(
                format!(
                    "{found} de {all} subtítulos H2 y H3 dicen la frase clave: son demasiados (hasta {} %). Cambia algunos por lo que dice su sección.",
                    max.es
                ),
                format!(
                    "{found} of {all} H2 and H3 say the keyphrase: that is too many (up to {}%). Let some say what their section is about.",
                    max.en
                ),
            ),
        )
    };
    new(score, message).value(part).within(within.min, within.max).spans(reflecting.iter().map(|block| block.text.whole()))
}

fn distribution(page: &Page) -> Option<Assessment> {
    if page.words < SPREAD_FROM_WORDS || page.uses.is_empty() {
        return None;
    }
    let steps = page.profile.keyphrase_gap;
    let mut before = Vec::with_capacity(page.passages.len());
    let mut sum = 0;
    for passage in &page.passages {
        before.push(sum);
        sum += if passage.counts { passage.words.len() } else { 0 };
    }
    let at = |used: &crate::page::Use| {
        let words = page.passages.get(used.number).map(|passage| passage.words.partition_point(|word| word.start < used.range.start));
        before.get(used.number).copied().unwrap_or_default() + words.unwrap_or_default()
    };
    let mut last = 0;
    let mut widest = 0;
    for place in page.uses.iter().map(at).chain([page.words]) {
        widest = widest.max(place.saturating_sub(last));
        last = place;
    }
    let gap = share(widest, page.words);
    let score = match steps.at_most(gap) {
        3 => 1,
        other => other,
    };
    let shown = figure(gap);
    let message = if score == 9 {
        Message::new("La frase clave está bien repartida.", "The keyphrase is well spread over the text.")
    } else {
        Message::new(
            format!(
                "{} % del texto seguido no dice la frase clave ({}): nómbrala también ahí.",
                shown.es,
                counted(widest, "palabra", "palabras")
            ),
            format!(
                "A stretch of {}% of the text does not say the keyphrase ({}): name it there too.",
                shown.en,
                counted(widest, "word", "words")
            ),
        )
    };
    Some(
        Assessment::new("keyphraseDistribution", Part::Seo, score, message)
            .value(gap)
            .at_most(steps.good)
            .spans(page.uses.iter().filter_map(|used| Some(page.document.blocks.get(used.number)?.text.span(used.range.clone())))),
    )
}

/// As an address has it, between hyphens: a keyphrase with a hyphen of its own ("no-shows") is in it too.
fn hyphened(text: &str) -> String {
    let mut made = String::from("-");
    for character in stem::fold(text).chars() {
        if character.is_alphanumeric() {
            made.push(if character == 'ñ' { 'n' } else { character });
        } else if !made.ends_with('-') {
            made.push('-');
        }
    }
    if !made.ends_with('-') {
        made.push('-');
    }
    made
}

fn slug(page: &Page, topic: &Topic) -> Option<Assessment> {
    let new = |score, message| Some(Assessment::new("slugKeyword", Part::Seo, score, message));
    let Some(slug) = page.asked.slug.as_deref().filter(|slug| !is_blank(slug)) else {
        if page.profile.name != "yoast" {
            return None;
        }
        return new(
            3,
            Message::new("No hay slug: pon la frase clave en la dirección.", "There is no slug: put the keyphrase in the address."),
        );
    };
    let covered = topic.covered_itself(&slug.replace(['-', '_', '/', '.', '+'], " "));
    let is_written_out = page.asked.keyphrase.as_deref().is_some_and(|keyphrase| hyphened(slug).contains(&hyphened(keyphrase)));
    let is_good = is_written_out || covered.is_whole() || (covered.of > 2 && covered.share() > 50.0);
    if is_good {
        new(9, Message::new("La dirección dice la frase clave.", "The address says the keyphrase."))
    } else {
        new(
            6,
            Message::new(
                format!("La dirección «{slug}» no dice toda la frase clave: ponla, con guiones y sin acentos."),
                format!("The address “{slug}” does not say the whole keyphrase: put it there, with hyphens."),
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_keyphrase_whatever_hyphens_and_accents_it_has_itself() {
        let has = |slug: &str, keyphrase: &str| hyphened(slug).contains(&hyphened(keyphrase));
        assert!(has("reduce-no-shows-clinic", "reduce no-shows"));
        assert!(has("/blog/clases-de-espanol/", "Clases de español"));
        assert!(!has("reduce-no-showstoppers", "reduce no-shows"));
    }
}
