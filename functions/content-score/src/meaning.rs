//! What a text means as a whole, by the smaller shipped encoder: whether it is about what it wants to be found by, what strays from it, what it says
//! twice, and which of the site's own questions it leaves open.

use orilla_core::Error;
use orilla_knowledge::model::{self, Embed};
use orilla_learn::matrix::{dot, normalise};
use orilla_prose::Span;
use orilla_prose::language::Language;
use orilla_prose::phrase::{Forms, Phrase};
use orilla_text::Locale;

use crate::assess::wording::{counted, excerpt, figure, share};
use crate::assessment::{Assessment, Message, Part};
use crate::page::{Page, locale};

#[cfg(test)]
mod tests;

/// The shortest block that says something by itself, in words. Chosen: shorter ones are labels and calls.
const SHORTEST: usize = 12;
/// The most blocks that are heard. Chosen: a book's chapter; each is compared with each.
const MOST: usize = 200;
/// From how many blocks on one may stray from the others. Chosen.
const ENOUGH: usize = 5;
/// Cosines of a text's mean to what it is to be about, from which on it is, and below which it is not.
///
/// Chosen by the good pages of `benches/content/groups.jsonl`: none of them is below the first with its own keyphrase and title, and half are below the
/// second with another page's.
const ABOUT: f32 = 0.42;
const ASIDE: f32 = 0.30;
/// The cosine from which on two blocks say the same. Chosen by the same pages: none of the good ones has such a pair, most of the padded ones do.
const SAME: f32 = 0.80;
/// Below both a block strays: its cosine to what the text is about, and to the mean of the others. Chosen by the same pages, of whose paragraphs one in a
/// hundred is so far off.
const FAR_FROM_TOPIC: f32 = 0.15;
const FAR_FROM_OTHERS: f32 = 0.36;
/// The cosine from which on a question is of a text's matter. Chosen by the same pages: one in fifty of strange keyphrases comes as near.
const OF_THE_MATTER: f32 = 0.50;
/// The cosine from which on a block takes up a question. Chosen by our own help centres, of whose answers one in twenty comes as near to a question of
/// another entry.
const ANSWERS: f32 = 0.62;
/// The share of a question's content words, in any form, from which on a block takes it up. Chosen.
const ASKED: f64 = 0.75;
/// Open questions that a judgement names. Chosen: what one more section can take up.
const NAMED: usize = 3;

/// A question that the site's own articles answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// As the site words it.
    pub text: String,
    /// In which language.
    pub locale: Locale,
}

/// What was heard of a page.
#[derive(Debug)]
struct Heard<'p> {
    /// Long blocks, by what they say.
    blocks: Vec<Said<'p>>,
    /// Headings and long blocks: what may answer a question.
    answers: Vec<(&'p str, Vec<f32>)>,
    /// The direction of all long blocks together.
    whole: Vec<f32>,
}

#[derive(Debug)]
struct Said<'p> {
    text: &'p str,
    span: Span,
    vector: Vec<f32>,
}

/// Judges what a page means, by the encoder that is part of the program. Where that cannot be opened, which a test rules out, it judges nothing.
///
/// `questions`: what the site's own articles answer; those in the page's language count.
#[must_use]
pub fn assess(page: &Page, questions: &[Question]) -> Vec<Assessment> {
    model::quick().and_then(|model| judge(page, &model, questions)).unwrap_or_default()
}

/// Opens the encoder before a request needs it.
pub fn warm() {
    let _ = model::quick();
}

fn judge(page: &Page, model: &impl Embed, questions: &[Question]) -> Result<Vec<Assessment>, Error> {
    let mut judged = Vec::new();
    let Some(language) = page.language else { return Ok(judged) };
    let heard = hear(page, model)?;
    if heard.blocks.is_empty() {
        return Ok(judged);
    }
    let topic = topic(page).map(|text| one(model, &text)).transpose()?;
    if let Some(topic) = &topic {
        judged.push(focus(dot(&heard.whole, topic)));
    }
    if let Some(persona) = &page.asked.persona {
        judged.push(persona_focus(dot(&heard.whole, &one(model, persona)?)));
    }
    judged.extend(redundancy(&heard));
    if let Some(topic) = &topic {
        judged.extend(strays(&heard, topic));
        judged.extend(coverage(&heard, topic, model, questions, language)?);
    }
    Ok(judged)
}

/// What a page wants to be found by, in words; none where nobody says so.
fn topic(page: &Page) -> Option<String> {
    let keyphrase = page.asked.keyphrase.as_deref()?;
    let title = page.title.as_ref().map(|title| title.as_str()).unwrap_or_default();
    // Behind a bar stands the site's name.
    let title = title.split(['|', '—']).next().unwrap_or_default().trim();
    Some(if title.is_empty() { keyphrase.to_owned() } else { format!("{keyphrase}. {title}") })
}

fn hear<'p>(page: &'p Page, model: &impl Embed) -> Result<Heard<'p>, Error> {
    let mut blocks = Vec::new();
    let mut answers = Vec::new();
    for (_, block, passage) in page.prose() {
        let is_heading = matches!(block.kind, orilla_prose::document::Kind::Heading(_));
        let is_long = passage.words.len() >= SHORTEST && !is_heading;
        if (!is_heading && !is_long) || passage.language.is_none() || passage.words.is_empty() || answers.len() >= MOST {
            continue;
        }
        let vector = one(model, block.text.as_str())?;
        answers.push((block.text.as_str(), vector.clone()));
        if is_long {
            blocks.push(Said { text: block.text.as_str(), span: block.text.whole(), vector });
        }
    }
    let whole = sum(blocks.iter().map(|block| &block.vector[..]), model.dimensions());
    Ok(Heard { blocks, answers, whole })
}

fn one(model: &impl Embed, text: &str) -> Result<Vec<f32>, Error> {
    model.embed(&[text]).map_err(Error::internal)
}

/// The direction of several together.
fn sum<'v>(vectors: impl Iterator<Item = &'v [f32]>, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0; dimensions];
    for vector in vectors {
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    normalise(&mut sum);
    sum
}

fn band(nearness: f32) -> i32 {
    match nearness {
        it if it >= ABOUT => 9,
        it if it >= ASIDE => 6,
        _ => 3,
    }
}

fn focus(nearness: f32) -> Assessment {
    let score = band(nearness);
    let message = match score {
        9 => Message::new(
            "El texto trata de lo que prometen su título y su frase clave.",
            "The text is about what its title and keyphrase promise.",
        ),
        6 => Message::new(
            "El texto se aparta de lo que prometen su título y su frase clave: acerca sus párrafos al tema, o cambia la frase clave.",
            "The text drifts from what its title and keyphrase promise: bring its paragraphs closer to the topic, or change the keyphrase.",
        ),
        _ => Message::new(
            "El texto trata de otra cosa que su frase clave: elige una frase que diga de qué trata, o reescríbelo.",
            "The text is about something other than its keyphrase: choose one that says what it is about, or rewrite it.",
        ),
    };
    Assessment::new("topicalFocus", Part::Seo, score, message).value(f64::from(nearness)).at_least(f64::from(ABOUT))
}

/// A person is described in other words than a text for them is written in: what is far is a hint and no fault.
fn persona_focus(nearness: f32) -> Assessment {
    let (score, message) = if nearness >= ASIDE {
        (9, Message::new("El texto habla del mundo de la persona a la que va dirigido.", "The text speaks of the world of whom it is for."))
    } else {
        (
            6,
            Message::new(
                "El texto apenas toca el mundo de la persona a la que va dirigido: nombra su trabajo, su problema o su día.",
                "The text hardly touches the world of whom it is for: name their work, their problem or their day.",
            ),
        )
    };
    Assessment::new("personaFocus", Part::Persuasion, score, message).value(f64::from(nearness)).at_least(f64::from(ASIDE))
}

fn redundancy(heard: &Heard) -> Option<Assessment> {
    if heard.blocks.len() < 2 {
        return None;
    }
    let mut again = Vec::new();
    for (at, later) in heard.blocks.iter().enumerate() {
        if let Some(earlier) = heard.blocks[..at].iter().find(|earlier| dot(&earlier.vector, &later.vector) >= SAME) {
            again.push((earlier, later));
        }
    }
    let number = again.len();
    let (score, message) = match again.first() {
        None => (9, Message::new("Ningún párrafo repite lo que ya dijo otro.", "No paragraph says again what another said.")),
        Some((earlier, later)) => (
            // A list repeats its pattern once in a while.
            if number == 1 { 6 } else { 3 },
            Message::new(
                format!(
                    "{} lo que ya estaba dicho: «{}» repite «{}». Déjalo una vez.",
                    if number == 1 { "Un párrafo repite".to_owned() } else { format!("{number} párrafos repiten") },
                    excerpt(later.text),
                    excerpt(earlier.text),
                ),
                format!(
                    "{} what was said before: “{}” repeats “{}”. Keep it once.",
                    if number == 1 { "One paragraph says".to_owned() } else { format!("{number} paragraphs say") },
                    excerpt(later.text),
                    excerpt(earlier.text),
                ),
            ),
        ),
    };
    let spans = again.into_iter().map(|(_, later)| later.span);
    Some(Assessment::new("redundancy", Part::Readability, score, message).value(number as f64).at_most(0.0).spans(spans))
}

/// A hint without weight: a price list or an address is far from every topic, and belongs there.
fn strays(heard: &Heard, topic: &[f32]) -> Option<Assessment> {
    if heard.blocks.len() < ENOUGH {
        return None;
    }
    let mut far = Vec::new();
    for (at, block) in heard.blocks.iter().enumerate() {
        let others = heard.blocks.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| &other.vector[..]);
        if dot(&block.vector, topic) < FAR_FROM_TOPIC && dot(&block.vector, &sum(others, topic.len())) < FAR_FROM_OTHERS {
            far.push(block);
        }
    }
    let first = far.first()?;
    let (shown, number) = (excerpt(first.text), far.len());
    let message = Message::new(
        format!("{} parece apartarse del tema: «{shown}». Mira si hace falta aquí.", counted(number, "párrafo", "párrafos")),
        format!("{} may stray from the topic: “{shown}”. See whether it is needed here.", counted(number, "paragraph", "paragraphs")),
    );
    Some(Assessment::new("offTopic", Part::Seo, 0, message).value(number as f64).spans(far.into_iter().map(|block| block.span)))
}

/// How many of the site's own questions on this matter are taken up here. Without weight: a page need not answer all.
fn coverage(
    heard: &Heard,
    topic: &[f32],
    model: &impl Embed,
    questions: &[Question],
    language: Language,
) -> Result<Option<Assessment>, Error> {
    let (mut all, mut open) = (0, Vec::new());
    for question in questions.iter().filter(|question| question.locale == locale(language)) {
        let vector = one(model, &question.text)?;
        let nearness = dot(&vector, topic);
        if nearness < OF_THE_MATTER {
            continue;
        }
        all += 1;
        let phrase = Phrase::new(&question.text, &[], language);
        let takes_up = |(text, answer): &(&str, Vec<f32>)| dot(answer, &vector) >= ANSWERS || phrase.coverage(text, Forms::Stems) >= ASKED;
        if !heard.answers.iter().any(takes_up) {
            open.push((nearness, question.text.as_str()));
        }
    }
    if all == 0 {
        return Ok(None);
    }
    open.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let covered = share(all - open.len(), all);
    let message = if open.is_empty() {
        Message::new(
            format!("El texto retoma lo que preguntan sobre este tema ({all} preguntas de tu centro de ayuda)."),
            format!("The text takes up what people ask on this topic ({all} questions of your help centre)."),
        )
    } else {
        let named = |quotes: [&str; 2]| {
            open.iter().take(NAMED).map(|(_, question)| format!("{}{question}{}", quotes[0], quotes[1])).collect::<Vec<_>>().join(", ")
        };
        let shown = figure(covered);
        Message::new(
            format!(
                "De lo que preguntan sobre este tema, el texto retoma el {} %. Ideas para otra sección: {}.",
                shown.es,
                named(["«", "»"])
            ),
            format!("Of what people ask on this topic the text takes up {}%. Ideas for another section: {}.", shown.en, named(["“", "”"])),
        )
    };
    Ok(Some(Assessment::new("questionCoverage", Part::Structure, 0, message).value(covered).at_least(100.0)))
}
