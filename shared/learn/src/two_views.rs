//! A head over two views of a text, what it means and which words it has: one kernel ridge regression of both.
//!
//! What vectors know of meaning and what words tell plainly err differently. The regression is solved over the examples, and then written
//! down without them: a weight for each landmark and one for each feature of the words. A head may be learnt on top of another one's scores:
//! then it learns what that gets wrong.

mod bytes;

use crate::error::Error;
use crate::landmarks::Landmarks;
use crate::linear::{Cholesky, Triangle, add};
use crate::matrix::{Matrix, dot};
use crate::mix;
use crate::sparse::{Postings, Sparse};

/// What is added to the similarity of each example to itself. Chosen by leave-one-out on our own tickets: half or twice of it changes nothing.
const RIDGE: f64 = 0.3;
/// What a score is times as a logit, before how much is found: scores go from 0 to 1. Chosen near what our own tickets ask for.
const SPREAD: f32 = 10.0;

/// Labelled texts in both views, solved once for whatever is to be told of them.
#[derive(Debug)]
pub struct Solved {
    words: Postings,
    /// Of the landmarks.
    root: Cholesky,
    /// What each example means, in directions that are apart. Shape: `[n, landmarks]`.
    meanings: Matrix,
    /// Of the examples.
    system: Cholesky,
    /// Of its inverse. Shape: `[n]`.
    diagonal: Vec<f64>,
}

/// A head. Words weigh in whole steps of a 127th of the heaviest of their class.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoViews {
    classes: usize,
    /// Shape: `[landmarks, classes]`.
    meaning: Matrix,
    /// Shape: `[classes]`.
    scales: Vec<f32>,
    /// In ascending order; those that weigh nothing are left out.
    features: Vec<u32>,
    /// Shape: `[features, classes]`.
    words: Vec<i8>,
    /// What its own scores count, and last what was known before, where something was.
    factors: Vec<f64>,
}

impl Solved {
    /// Solves.
    ///
    /// Time grows with the cube of the examples, memory with their square.
    ///
    /// Source: Saunders, Gammerman & Vovk 1998; Rasmussen & Williams 2006, §8.3.1, for landmarks in place of all examples.
    /// Shape: `near` is `[n, landmarks]`, as [`Landmarks::near`] tells it; `words` is `[n]`.
    /// Errors: `Dimension` if they disagree; `TooFew` without an example; `TooMany` beyond [`MOST_ROWS`](crate::linear::MOST_ROWS).
    pub fn new<'a>(
        landmarks: &Landmarks,
        near: Matrix,
        words: impl IntoIterator<Item = &'a Sparse, IntoIter: Clone>,
    ) -> Result<Self, Error> {
        let words = Postings::new(words);
        let (size, width) = (words.len(), landmarks.len());
        if size == 0 {
            return Err(Error::TooFew);
        }
        for (expected, found) in [(size, near.rows()), (width, near.columns())] {
            if expected != found {
                return Err(Error::Dimension { expected, found });
            }
        }
        let root = landmarks.root()?;
        let mut meanings = near;
        root.descend_rows(meanings.values_mut());
        let mut system = Triangle::from_rows(size, |i, row| {
            let own = meanings.row(i);
            row.iter_mut().zip(meanings.iter()).for_each(|(value, other)| *value = f64::from(dot(own, other)));
            row[i] += RIDGE;
        })?;
        for (_, having) in words.by_index() {
            let mut having = having;
            while let Some((earlier, value)) = having.next() {
                system.add(earlier, earlier, f64::from(value * value));
                having.clone().for_each(|(later, other)| system.add(later, earlier, f64::from(value * other)));
            }
        }
        let system = Cholesky::factor(system)?;
        let diagonal = system.inverse_diagonal();
        Ok(Self { words, root, meanings, system, diagonal })
    }

    /// Learns to tell classes apart.
    ///
    /// What scores count as logits is found on each example's score as it would be had that example not been there.
    ///
    /// Shape: `labels` is `[n]`; `before` is what is known of each example before, as [`TwoViews::told`]: `[n, classes]`.
    /// Errors: `Dimension` if the parts disagree; `Label` if a label is none of the classes; `TooFew` for fewer than two classes.
    pub fn head(&self, labels: &[usize], classes: usize, before: Option<&Matrix>) -> Result<TwoViews, Error> {
        let size = self.meanings.rows();
        for found in [labels.len(), before.map_or(size, Matrix::rows)] {
            if found != size {
                return Err(Error::Dimension { expected: size, found });
            }
        }
        if let Some(before) = before.filter(|before| before.columns() != classes) {
            return Err(Error::Dimension { expected: classes, found: before.columns() });
        }
        if let Some(label) = labels.iter().find(|label| **label >= classes) {
            return Err(Error::Label { label: *label, classes });
        }
        if classes < 2 {
            return Err(Error::TooFew);
        }
        let mut missing = vec![0.0; size * classes];
        for (i, (row, label)) in missing.chunks_exact_mut(classes).zip(labels).enumerate() {
            row[*label] = 1.0;
            if let Some(before) = before {
                row.iter_mut().zip(before.row(i)).for_each(|(value, known)| *value -= f64::from(*known));
            }
        }
        let mut weights = missing.clone();
        self.system.solve(&mut weights, classes)?;
        // Source: Rasmussen & Williams 2006, eq. 5.12.
        let rows = missing.chunks_exact(classes).zip(weights.chunks_exact(classes)).zip(&self.diagonal);
        let alone: Vec<f32> = rows
            .flat_map(|((missing, weights), inverse)| missing.iter().zip(weights).map(move |(a, b)| (a - b / inverse) as f32))
            .collect();
        let logits = |scores: Vec<f32>| Matrix::new(size, classes, scores.into_iter().map(|score| SPREAD * score).collect());
        let known = before.map(|before| logits(before.iter().flatten().copied().collect()));
        let factors = mix::fit(&std::iter::once(logits(alone)).chain(known).collect::<Result<Vec<_>, _>>()?, labels)?;
        self.written(&weights, classes, factors)
    }

    /// The weights of examples as those of landmarks and of features.
    fn written(&self, weights: &[f64], classes: usize, factors: Vec<f64>) -> Result<TwoViews, Error> {
        let mut meaning = vec![0.0; self.meanings.columns() * classes];
        for (own, weights) in self.meanings.iter().zip(weights.chunks_exact(classes)) {
            for (value, sums) in own.iter().zip(meaning.chunks_exact_mut(classes)) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += f64::from(*value) * weight);
            }
        }
        let (mut features, mut of_words) = (Vec::new(), Vec::new());
        for (feature, having) in self.words.by_index() {
            let at = of_words.len();
            features.push(feature);
            of_words.resize(at + classes, 0.0);
            for (example, value) in having {
                add(&mut of_words[at..], f64::from(value), &weights[example * classes..][..classes]);
            }
        }
        self.root.ascend(&mut meaning, classes);
        let heaviest = |class: usize| of_words.iter().skip(class).step_by(classes).fold(0.0_f64, |most, weight| most.max(weight.abs()));
        let scales: Vec<f32> = (0..classes).map(|class| (heaviest(class) / 127.0).max(1e-12) as f32).collect();
        let step = |(weight, scale): (&f64, &f32)| (weight / f64::from(*scale)).round().clamp(-127.0, 127.0) as i8;
        let (mut kept, mut words) = (Vec::new(), Vec::new());
        for (feature, weights) in features.iter().zip(of_words.chunks_exact(classes)) {
            let steps = weights.iter().zip(&scales).map(step);
            if steps.clone().any(|step| step != 0) {
                kept.push(*feature);
                words.extend(steps);
            }
        }
        let meaning = Matrix::new(self.meanings.columns(), classes, meaning.into_iter().map(|weight| weight as f32).collect())?;
        Ok(TwoViews { classes, meaning, scales, features: kept, words, factors })
    }
}

impl TwoViews {
    /// How many classes it tells apart.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// How many landmarks it knows.
    #[must_use]
    pub const fn landmarks(&self) -> usize {
        self.meaning.rows()
    }

    /// What it tells of a text: near 1 for its class and near 0 for the others; of one that was learnt on top of another, what is to be added.
    ///
    /// Shape: `near` is `[landmarks]`; returns `[classes]`.
    /// Errors: `Dimension` if `near` has another length; `NotFinite` if a value is.
    pub fn told(&self, near: &[f32], words: &Sparse) -> Result<Vec<f32>, Error> {
        if near.len() != self.landmarks() {
            return Err(Error::Dimension { expected: self.landmarks(), found: near.len() });
        }
        let mut told = vec![0.0; self.classes];
        for (near, weights) in near.iter().zip(self.meaning.iter()) {
            told.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += near * weight);
        }
        for &(feature, value) in words.entries() {
            for ((sum, weight), scale) in told.iter_mut().zip(self.weights_of(feature)).zip(&self.scales) {
                *sum += value * f32::from(*weight) * scale;
            }
        }
        if told.iter().all(|score| score.is_finite()) { Ok(told) } else { Err(Error::NotFinite) }
    }

    /// Logits; their softmax are probabilities. `before` is what was told by what it was learnt on top of, nothing where it was not.
    ///
    /// Shape: `told` and `before` are `[classes]`; returns `[classes]`.
    /// Errors: `Dimension` if one has another length.
    pub fn logits(&self, told: &[f32], before: Option<&[f32]>) -> Result<Vec<f64>, Error> {
        for found in [told.len(), before.map_or(self.classes, <[f32]>::len)] {
            if found != self.classes {
                return Err(Error::Dimension { expected: self.classes, found });
            }
        }
        let views: Vec<&[f32]> = std::iter::once(told).chain(before).collect();
        Ok(mix::mixed(&views, &self.factors).into_iter().map(|score| f64::from(SPREAD) * score).collect())
    }

    /// What one feature adds to the logit of a class beyond what it adds to all of them on average.
    #[must_use]
    pub fn weight(&self, feature: u32, class: usize) -> f32 {
        let weights = self.weights_of(feature);
        if weights.is_empty() {
            return 0.0;
        }
        let scaled = |(weight, scale): (&i8, &f32)| f32::from(*weight) * scale;
        let mean = weights.iter().zip(&self.scales).map(scaled).sum::<f32>() / self.classes as f32;
        let own = weights.iter().zip(&self.scales).nth(class).map_or(0.0, scaled);
        (own - mean) * SPREAD * self.factors.first().copied().unwrap_or(1.0) as f32
    }

    /// The weights of a feature; none, if it weighs nothing.
    fn weights_of(&self, feature: u32) -> &[i8] {
        let Ok(at) = self.features.binary_search(&feature) else { return &[] };
        self.words.get(at * self.classes..(at + 1) * self.classes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
