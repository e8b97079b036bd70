//! The lexical baseline: words, pairs of words and character n-grams by TF-IDF, and a linear SVM.
//!
//! Made to agree with `models/train/heads.py`, `tfidf`, and scikit-learn's `LinearSVC`; nothing of it ships.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::random::Random;

/// Character n-grams. Source: the published baseline, as the data folder's README tells it.
const SHORTEST: usize = 2;
const LONGEST: usize = 5;
/// How much errors weigh against the penalty. Source: scikit-learn's default.
const C: f64 = 1.0;
/// Passes over the examples at most, and the violation at which to stop. Chosen: another hundredfold changes no label of CLINC150 that counts.
const PASSES: usize = 60;
const ENOUGH: f64 = 0.05;

type Row = Vec<(u32, f32)>;

/// A classifier of texts.
pub struct TfIdf {
    views: [View; 2],
    /// Shape: `[features + 1, classes]`; the last row holds the intercepts.
    weights: Vec<f32>,
    classes: usize,
}

/// One kind of feature with its vocabulary.
struct View {
    is_words: bool,
    /// Number and weight.
    vocabulary: HashMap<String, (u32, f32)>,
}

impl TfIdf {
    /// Learns vocabulary, weights and SVM from the same texts.
    pub fn new(texts: &[&str], labels: &[usize]) -> Self {
        let mut first = 0;
        let views = [true, false].map(|is_words| {
            let view = View::new(texts, is_words, first);
            first += view.vocabulary.len() as u32;
            view
        });
        let width = first as usize;
        let rows: Vec<Row> = texts.iter().map(|text| features(&views, text)).collect();
        let classes = labels.iter().max().map_or(0, |label| label + 1);
        let numbers: Vec<usize> = (0..classes).collect();
        let solved =
            crate::parallel::map(&numbers, |class| Ok::<_, std::convert::Infallible>(one_against_all(&rows, labels, *class, width)));
        let solved = solved.unwrap_or_default();
        let mut weights = vec![0.0; (width + 1) * classes];
        for (class, own) in solved.iter().enumerate() {
            own.iter().enumerate().for_each(|(feature, weight)| weights[feature * classes + class] = *weight as f32);
        }
        Self { views, weights, classes }
    }

    /// The margin of each class.
    pub fn scores(&self, text: &str) -> Vec<f32> {
        let mut scores = self.weights[self.weights.len() - self.classes..].to_vec();
        for (feature, value) in features(&self.views, text) {
            let weights = &self.weights[feature as usize * self.classes..][..self.classes];
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += value * weight);
        }
        scores
    }
}

impl View {
    fn new(texts: &[&str], is_words: bool, first: u32) -> Self {
        let mut in_texts = HashMap::<String, u32>::new();
        for text in texts {
            counts(text, is_words).into_keys().for_each(|term| *in_texts.entry(term).or_default() += 1);
        }
        // In order, so that every run adds in the same order.
        let mut terms: Vec<_> = in_texts.into_iter().collect();
        terms.sort_unstable();
        let rarity = |count: u32| (((1 + texts.len()) as f64 / f64::from(1 + count)).ln() + 1.0) as f32;
        let numbered = terms.into_iter().zip(first..).map(|((term, count), number)| (term, (number, rarity(count))));
        Self { is_words, vocabulary: numbered.collect() }
    }
}

/// Both views, each of L2 norm 1.
fn features(views: &[View; 2], text: &str) -> Row {
    let mut all = Row::new();
    for view in views {
        let counts = counts(text, view.is_words);
        let known = counts.into_iter().filter_map(|(term, count)| Some((*view.vocabulary.get(&term)?, count)));
        let mut row: Row = known.map(|((number, weight), count)| (number, weight * (1.0 + (count as f32).ln()))).collect();
        row.sort_unstable_by_key(|entry| entry.0);
        let norm = row.iter().map(|entry| entry.1 * entry.1).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        all.extend(row.into_iter().map(|(number, value)| (number, value / norm)));
    }
    all
}

fn counts(text: &str, is_words: bool) -> HashMap<String, u32> {
    let text: String = text.to_lowercase().nfkd().filter(|&character| canonical_combining_class(character) == 0).collect();
    let mut counts = HashMap::new();
    let mut count = |term: String| *counts.entry(term).or_default() += 1;
    if is_words {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let words: Vec<&str> = text.split(|character| !is_part(character)).filter(|word| word.chars().nth(1).is_some()).collect();
        words.iter().for_each(|word| count((*word).to_owned()));
        words.windows(2).for_each(|pair| count(pair.join(" ")));
    } else {
        for word in text.split_whitespace() {
            let padded: Vec<char> = format!(" {word} ").chars().collect();
            for length in SHORTEST..=LONGEST.min(padded.len()) {
                padded.windows(length).for_each(|gram| count(gram.iter().collect()));
            }
        }
    }
    counts
}

/// The weights of one class, the intercept last, by dual coordinate descent on the squared hinge.
///
/// Source: Hsieh et al. 2008, algorithm 1, with the intercept as a feature that is always 1.
fn one_against_all(rows: &[Row], labels: &[usize], class: usize, width: usize) -> Vec<f64> {
    let mut weights = vec![0.0; width + 1];
    let mut alphas = vec![0.0_f64; rows.len()];
    let diagonal = 1.0 / (2.0 * C);
    let squares: Vec<f64> =
        rows.iter().map(|row| 1.0 + diagonal + row.iter().map(|entry| f64::from(entry.1).powi(2)).sum::<f64>()).collect();
    let order: Vec<usize> = (0..rows.len()).collect();
    let mut random = Random::new(0);
    for _ in 0..PASSES {
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for i in random.sample(&order, order.len()) {
            let truth = if labels[i] == class { 1.0 } else { -1.0 };
            let margin = weights[width] + rows[i].iter().map(|entry| weights[entry.0 as usize] * f64::from(entry.1)).sum::<f64>();
            let gradient = truth * margin - 1.0 + diagonal * alphas[i];
            let projected = if alphas[i] == 0.0 { gradient.min(0.0) } else { gradient };
            (highest, lowest) = (highest.max(projected), lowest.min(projected));
            if projected.abs() > 1e-12 {
                let next = (alphas[i] - gradient / squares[i]).max(0.0);
                let step = (next - alphas[i]) * truth;
                alphas[i] = next;
                rows[i].iter().for_each(|entry| weights[entry.0 as usize] += step * f64::from(entry.1));
                weights[width] += step;
            }
        }
        if highest - lowest < ENOUGH {
            break;
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::best;

    #[test]
    fn counts_as_scikit_learn_does() {
        let words = counts("The Café, the café a", true);
        assert_eq!((words.get("the"), words.get("cafe"), words.get("cafe the"), words.get("a")), (Some(&2), Some(&2), Some(&1), None));
        let grams = counts("ab", false);
        let mut found: Vec<_> = grams.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, [" a", " ab", " ab ", "ab", "ab ", "b "]);
    }

    #[test]
    fn learns_what_words_tell() {
        let texts = ["where is my card", "my card has not come", "send money abroad", "money to another country"];
        let head = TfIdf::new(&texts, &[0, 0, 1, 1]);
        assert_eq!(["has the card come", "money abroad"].map(|text| best(&head.scores(text))), [0, 1]);
    }
}
