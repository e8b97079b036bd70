//! What to do about what is not well, by rules: concrete advice for each judgement, and other wordings made of the text's own words. No rule knows
//! more than the text says.

use orilla_prose::{Span, width};
use orilla_text::Locale;
use serde::Serialize;

use crate::assessment::{Message, Rating};
use crate::candidates::{Author, Candidate, Place};
use crate::page::{Page, locale};
use crate::report::Report;

/// Images without alternative text that are named. Chosen: who has more begins with these.
const IMAGES: usize = 20;

/// What to do about one judgement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Which judgement.
    pub id: &'static str,
    /// What it means.
    pub rating: Rating,
    /// What to do.
    pub message: Message,
    /// Where, in the input.
    pub spans: Vec<Span>,
}

/// Advice for everything that is not well, in the report's order.
#[must_use]
pub fn advice(page: &Page<'_>, report: &Report) -> Vec<Advice> {
    let failing = report.assessments.iter().filter(|it| matches!(it.rating, Rating::Bad | Rating::Ok));
    failing
        .map(|it| {
            let mut spans = it.spans.clone();
            let more = match it.id {
                "imageAltTags" | "imageKeyphrase" | "images" => {
                    let bare = page.document.images.iter().filter(|image| image.alt.as_deref().is_none_or(|alt| alt.trim().is_empty()));
                    let bare: Vec<_> = bare.take(IMAGES).map(|image| image.span).collect();
                    (!bare.is_empty() && spans.is_empty()).then(|| spans = bare.clone());
                    bare.first().map(|_| alternative(page))
                }
                "slugKeyword" => slug(page).map(|slug| said("Por ejemplo", "For example", &slug)),
                "textSentenceLength" => longest(page).map(|(words, start)| {
                    Message::new(
                        format!("Empieza por la más larga, de {words} palabras: «{start}…». Pártela donde cambie la idea."),
                        format!("Begin with the longest, of {words} words: “{start}…”. Split it where the idea changes."),
                    )
                }),
                _ => None,
            };
            let message = match more {
                Some(more) => Message::new(format!("{} {}", it.message.es, more.es), format!("{} {}", it.message.en, more.en)),
                None => it.message.clone(),
            };
            Advice { id: it.id, rating: it.rating, message, spans }
        })
        .collect()
}

fn said(es: &str, en: &str, text: &str) -> Message {
    Message::new(format!("{es}: «{text}»."), format!("{en}: “{text}”."))
}

fn alternative(page: &Page<'_>) -> Message {
    let about = page.asked.keyphrase.clone().or_else(|| first_heading(page)).unwrap_or_default();
    Message::new(
        format!("Describe lo que se ve en cada imagen sin texto alternativo; si muestra «{about}», dilo así."),
        format!("Describe what each image without alternative text shows; where it shows “{about}”, say so."),
    )
}

/// How long the longest sentence is, and its first words.
fn longest(page: &Page<'_>) -> Option<(usize, String)> {
    let said = page.sentences().max_by_key(|said| said.length())?;
    Some((said.length(), said.words().take(6).collect::<Vec<_>>().join(" ")))
}

fn first_heading(page: &Page<'_>) -> Option<String> {
    page.headings().next().map(|(_, _, block)| block.text.as_str().to_owned())
}

/// Other wordings that the text itself offers, the likeliest first.
#[must_use]
pub fn wordings(page: &Page<'_>) -> Vec<Candidate> {
    let of = |place, texts: Vec<String>| texts.into_iter().map(move |text| Candidate { place, text, author: Author::Rule });
    let mut all: Vec<Candidate> = of(Place::Title, titles(page)).collect();
    all.extend(of(Place::MetaDescription, descriptions(page)));
    all.extend(of(Place::Slug, slug(page).into_iter().collect()));
    all.extend(of(Place::Headline, headlines(page)));
    all.extend(of(Place::CallToAction, actions(page)));
    all
}

/// The keyphrase first, then what the title says already, as far as it is shown.
fn titles(page: &Page<'_>) -> Vec<String> {
    let title = page.title.as_ref().map(|it| it.as_str().trim().to_owned());
    let heading = first_heading(page);
    let widest = page.profile.title_pixels.max;
    let mut found = Vec::new();
    if let Some(keyphrase) = &page.asked.keyphrase {
        let keyphrase = capital(keyphrase.trim_matches('"'));
        for rest in [title.as_ref(), heading.as_ref()].into_iter().flatten() {
            found.push(fitting(&format!("{keyphrase}: {}", lower(rest)), widest));
            found.push(fitting(&format!("{keyphrase} | {rest}"), widest));
        }
        found.push(keyphrase);
    }
    found.extend(title.as_deref().map(|title| fitting(title, widest)));
    found.extend(heading.as_deref().map(|heading| fitting(heading, widest)));
    found.retain(|text| !text.is_empty());
    found.dedup();
    found
}

/// As many whole words as are shown.
fn fitting(text: &str, pixels: f64) -> String {
    let mut kept = String::new();
    for word in text.split_whitespace() {
        let longer = if kept.is_empty() { word.to_owned() } else { format!("{kept} {word}") };
        if f64::from(width::pixels(&longer)) > pixels {
            break;
        }
        kept = longer;
    }
    kept.trim_end_matches([':', '|', ',', '-', '–', ' ']).to_owned()
}

/// Whole sentences, as many as fit: the description's own, then the text's, those with the keyphrase first.
fn descriptions(page: &Page<'_>) -> Vec<String> {
    let most = page.profile.meta_description.max;
    let fits = |text: &str| text.chars().count() as f64 <= most;
    let joined = |sentences: &[&str]| {
        let mut kept = String::new();
        for sentence in sentences.iter().map(|it| it.trim()) {
            let longer = if kept.is_empty() { sentence.to_owned() } else { format!("{kept} {sentence}") };
            if fits(&longer) {
                kept = longer;
            } else if !kept.is_empty() {
                break;
            }
        }
        kept
    };
    let mut found = Vec::new();
    let own = page.description.as_ref().map(|it| it.as_str().to_owned()).unwrap_or_default();
    if let Some(language) = page.language {
        let own: Vec<&str> = orilla_prose::sentences::sentences(&own, language).into_iter().filter_map(|range| own.get(range)).collect();
        found.push(joined(&own));
    }
    let prose = || page.sentences().filter(|said| !matches!(said.block.kind, orilla_prose::document::Kind::Heading(_)));
    let all: Vec<&str> = prose().take(60).map(|said| said.text()).collect();
    if let Some(first) =
        page.uses.iter().find_map(|used| prose().take(60).position(|said| said.number == used.number && holds(&said, used)))
    {
        found.push(joined(all.get(first..).unwrap_or_default()));
    }
    found.push(joined(&all));
    if !own.is_empty() && fits(&own) {
        let whole: Vec<&str> = std::iter::once(own.as_str()).chain(all.iter().copied()).collect();
        found.push(joined(&whole));
    }
    found.retain(|text| !text.is_empty());
    found.dedup();
    found
}

fn holds(said: &crate::page::Said<'_>, used: &crate::page::Use) -> bool {
    said.sentence.range.contains(&used.range.start)
}

/// The keyphrase as an address spells it.
fn slug(page: &Page<'_>) -> Option<String> {
    let text = page.asked.keyphrase.clone().or_else(|| first_heading(page))?;
    let folded = orilla_learn::words::fold(&text);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    Some(parts.join("-")).filter(|slug| !slug.is_empty())
}

fn headlines(page: &Page<'_>) -> Vec<String> {
    let Some(heading) = first_heading(page) else { return Vec::new() };
    let keyphrase = page.asked.keyphrase.as_ref().map(|it| format!("{}: {}", capital(it.trim_matches('"')), lower(&heading)));
    keyphrase.into_iter().chain(page.title.as_ref().map(|it| it.as_str().to_owned())).collect()
}

/// Verbs of clear steps. Source: our own, as everywhere in this file.
fn actions(page: &Page<'_>) -> Vec<String> {
    let list: &[&str] = match page.language.map(locale) {
        Some(Locale::Es) => &["Reserva tu plaza ahora", "Pide tu presupuesto gratis", "Empieza hoy gratis"],
        Some(Locale::En) => &["Book your place now", "Get your free quote", "Start free today"],
        None => &[],
    };
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn capital(text: &str) -> String {
    let mut chars = text.trim().chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// With a small first letter, unless its first word is a name or shouts.
fn lower(text: &str) -> String {
    let mut chars = text.trim().chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.trim().to_owned(),
    }
}
