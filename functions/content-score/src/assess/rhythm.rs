//! How a text sounds: whether its sentences vary, and its words.

use std::collections::HashMap;

use super::wording::figure;
use super::{Assessment, Message, Page};
use crate::assessment::Part;
use orilla_prose::document::Kind;

/// Sentences from which a rhythm can be heard; chosen.
const SENTENCES: usize = 6;

/// Deviation of sentence lengths over their mean under which they all sound alike; chosen, edited prose stands around 0.5.
const VARIED: f64 = 0.3;

/// Words in a window over which different ones are counted. Source: the moving-average type–token ratio, Covington & McFall 2010.
const WINDOW: usize = 50;

/// Share of different words in the average window that is rich enough; chosen, natural prose stands around 75.
const RICH: f64 = 65.0;

pub(super) fn assess(page: &Page, into: &mut Vec<Assessment>) {
    into.extend(rhythm(page));
    into.extend(diversity(page));
}

fn rhythm(page: &Page) -> Option<Assessment> {
    let running = page.sentences().filter(|said| matches!(said.block.kind, Kind::Paragraph | Kind::Quote));
    let lengths: Vec<f64> = running.map(|said| said.length() as f64).collect();
    if lengths.len() < SENTENCES {
        return None;
    }
    let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
    let deviation = (lengths.iter().map(|length| (length - mean).powi(2)).sum::<f64>() / lengths.len() as f64).sqrt();
    let value = if mean > 0.0 { deviation / mean } else { 0.0 };
    let shown = figure(mean);
    let (score, message) = if value >= VARIED {
        (
            9,
            Message::new(
                format!("Las oraciones varían de largo (media: {} palabras).", shown.es),
                format!("The sentences vary in length (mean: {} words).", shown.en),
            ),
        )
    } else {
        (
            6,
            Message::new(
                format!("Casi todas las oraciones tienen {} palabras: alterna una corta con una larga.", shown.es),
                format!("Nearly all sentences have {} words: let a short one follow a long one.", shown.en),
            ),
        )
    };
    Some(Assessment::new("sentenceRhythm", Part::Readability, score, message).value(value).at_least(VARIED))
}

/// The moving average of different words per window, in percent.
pub(crate) fn diversity_of(page: &Page) -> Option<f64> {
    let mut words: Vec<String> = Vec::new();
    for (_, block, passage) in page.prose().filter(|(_, _, passage)| passage.language.is_some()) {
        words.extend(passage.words.iter().filter_map(|range| block.text.as_str().get(range.clone())).map(str::to_lowercase));
    }
    if words.len() < WINDOW {
        return None;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut sum = 0;
    for (index, word) in words.iter().enumerate() {
        *counts.entry(word).or_default() += 1;
        if index >= WINDOW
            && let Some(old) = words.get(index - WINDOW)
            && let Some(count) = counts.get_mut(old.as_str())
        {
            *count -= 1;
            if *count == 0 {
                let _ = counts.remove(old.as_str());
            }
        }
        if index + 1 >= WINDOW {
            sum += counts.len();
        }
    }
    Some(sum as f64 * 100.0 / ((words.len() - WINDOW + 1) * WINDOW) as f64)
}

fn diversity(page: &Page) -> Option<Assessment> {
    let value = diversity_of(page)?;
    let shown = figure(value);
    let (score, message) = if value >= RICH {
        (
            9,
            Message::new(
                format!("De cada 50 palabras, {} % son distintas: el vocabulario es variado.", shown.es),
                format!("Of every 50 words {}% are different: the vocabulary is varied.", shown.en),
            ),
        )
    } else {
        (
            if value >= RICH - 10.0 { 6 } else { 3 },
            Message::new(
                format!("De cada 50 palabras, solo {} % son distintas: las mismas se repiten. Di lo nuevo con palabras nuevas.", shown.es),
                format!("Of every 50 words only {}% are different: the same ones come back. Say what is new in new words.", shown.en),
            ),
        )
    };
    Some(Assessment::new("lexicalDiversity", Part::Readability, score, message).value(value).at_least(RICH))
}
