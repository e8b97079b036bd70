//! A keyphrase, or any word, forced in: too dense in one place, or repeated where machines look.

use std::collections::HashMap;

use orilla_prose::document::Kind;
use orilla_prose::{function_words, stem};

use super::wording::{counted, figure, share};
use super::{Assessment, Message, Page};
use crate::assessment::Part;
use crate::page::Use;

/// A window of so many words, in which a reader remembers that he has just read it; chosen.
const WINDOW: usize = 60;

/// Share of a window's words that uses of the keyphrase may take, in percent; chosen, twice what a definition's paragraph takes.
const WINDOW_SHARE: f64 = 14.0;

/// Share of all words that one word may take, in percent; chosen: in natural prose the most frequent word with a meaning stays under 4.
const WORD_SHARE: f64 = 6.0;

/// Words of a text from which a word's share means something; chosen.
const FROM_WORDS: usize = 80;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    let mut signs: Vec<Message> = Vec::new();
    let mut weight = 0;
    let mut spans = Vec::new();
    if let Some(topic) = &page.topic {
        let name = &topic.text;
        let size = topic.text.split_whitespace().count().max(1);
        let crowd = crowded(page, size);
        if let Some((uses, first)) = crowd {
            weight += if share(uses * size, WINDOW) > 2.0 * WINDOW_SHARE { 3 } else { 2 };
            spans.extend(first.iter().filter_map(|used| Some(page.document.blocks.get(used.number)?.text.span(used.range.clone()))));
            signs.push(Message::new(
                format!("«{name}» aparece {uses} veces en {WINDOW} palabras"),
                format!("“{name}” appears {uses} times within {WINDOW} words"),
            ));
        }
        let overall = share(page.uses.len() * size, page.words);
        if page.words >= FROM_WORDS && overall > WINDOW_SHARE {
            weight += 2;
            let shown = figure(overall);
            signs.push(Message::new(
                format!("{} % del texto es la frase clave", shown.es),
                format!("{}% of the text is the keyphrase", shown.en),
            ));
        }
        let twice = |text: Option<&str>| text.map_or(0, |text| topic.in_sentence(text).len());
        let (title, description) =
            (twice(page.title.as_ref().map(|text| text.as_str())), twice(page.description.as_ref().map(|text| text.as_str())));
        for (uses, most, es, en) in [(title, 1, "el título", "the title"), (description, 2, "la meta descripción", "the meta description")]
        {
            if uses > most {
                weight += 2;
                signs.push(Message::new(format!("{es} la repite {uses} veces"), format!("{en} repeats it {uses} times")));
            }
        }
        let alts: Vec<_> = page.document.images.iter().filter_map(|image| image.alt.as_deref()).filter(|alt| !alt.is_empty()).collect();
        let stuffed = alts.iter().filter(|alt| twice(Some(alt)) > 1).count();
        if stuffed > 0 {
            weight += 1;
            signs.push(Message::new(
                format!("{} la repiten", counted(stuffed, "texto alternativo", "textos alternativos")),
                format!("{} repeating it", counted(stuffed, "alternative text", "alternative texts")),
            ));
        }
        let items: Vec<_> = page.prose().filter(|(_, block, _)| matches!(block.kind, Kind::ListItem(_))).collect();
        let full = items.iter().filter(|(number, _, _)| page.uses.iter().any(|used| used.number == *number)).count();
        if items.len() >= 4 && share(full, items.len()) > 75.0 {
            weight += 1;
            signs.push(Message::new(
                format!("{full} de {} elementos de lista la repiten", items.len()),
                format!("{full} of {} list items repeat it", items.len()),
            ));
        }
    }
    if let Some((word, part)) = page.language.and_then(|_| frequent(page)) {
        weight += 2;
        let shown = figure(part);
        signs.push(Message::new(format!("«{word}» es {} % de las palabras", shown.es), format!("“{word}” is {}% of the words", shown.en)));
    }
    let score = match weight {
        0 => 9,
        1 => 6,
        2 => 3,
        3 => -10,
        _ => -50,
    };
    let message = if signs.is_empty() {
        Message::new("Ninguna palabra está forzada.", "No word is forced in.")
    } else {
        let join = |of: fn(&Message) -> &str| signs.iter().map(of).collect::<Vec<_>>().join("; ");
        Message::new(
            format!("Suena a relleno para buscadores: {}. Deja la que hace falta y usa sinónimos.", join(|sign| &sign.es)),
            format!("It reads as if stuffed for search engines: {}. Keep what is needed and use synonyms.", join(|sign| &sign.en)),
        )
    };
    into.push(Assessment::new("keywordStuffing", Part::Seo, score, message).value(f64::from(weight)).at_most(0.0).spans(spans));
}

/// The window with most uses, if it has too many: how many, and which.
fn crowded<'p>(page: &'p Page, size: usize) -> Option<(usize, &'p [Use])> {
    let mut before = Vec::with_capacity(page.passages.len());
    let mut sum = 0;
    for passage in &page.passages {
        before.push(sum);
        sum += if passage.counts { passage.words.len() } else { 0 };
    }
    let places: Vec<usize> = page
        .uses
        .iter()
        .map(|used| {
            let passage = page.passages.get(used.number);
            let inside = passage.map_or(0, |passage| passage.words.partition_point(|word| word.start < used.range.start));
            before.get(used.number).copied().unwrap_or_default() + inside
        })
        .collect();
    let mut from = 0;
    let mut most: Option<(usize, &[Use])> = None;
    for (index, place) in places.iter().enumerate() {
        while places.get(from).is_some_and(|first| first + WINDOW <= *place) {
            from += 1;
        }
        let uses = index + 1 - from;
        // A heading and the sentence after it may both name it.
        if uses > 3 && share(uses * size, WINDOW) > WINDOW_SHARE && most.is_none_or(|(known, _)| uses > known) {
            most = page.uses.get(from..=index).map(|which| (uses, which));
        }
    }
    most
}

/// The word that takes too much of a text, if one does.
fn frequent(page: &Page) -> Option<(String, f64)> {
    if page.words < FROM_WORDS {
        return None;
    }
    let mut counts: HashMap<String, (usize, &str)> = HashMap::new();
    for (_, block, passage) in page.prose() {
        let Some(language) = passage.language else { continue };
        for range in &passage.words {
            let word = block.text.as_str().get(range.clone()).unwrap_or_default();
            let counts_for = word.chars().any(char::is_alphabetic) && !function_words::is(word, language);
            if counts_for {
                counts.entry(stem::stem(word, language)).or_insert((0, word)).0 += 1;
            }
        }
    }
    let (count, word) = counts.into_values().max_by(|one, other| one.0.cmp(&other.0).then_with(|| other.1.cmp(one.1)))?;
    let part = share(count, page.words);
    (part > WORD_SHARE).then(|| (word.to_lowercase(), part))
}
