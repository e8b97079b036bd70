//! A head over two views of a text, its sentence vector and its hashed words: a logistic regression of each, and how much each counts.
//!
//! What vectors know of meaning and what words tell plainly err differently; added up they err less than either, and than one regression of
//! both, in which the many words drown the vector. A head may be learnt on top of another one's scores: then it learns what that gets wrong.

mod bytes;

use crate::error::Error;
use crate::heads::logistic::{Dense, Rows, Task, fit};
use crate::matrix::{Matrix, dot};
use crate::mix;
use crate::sparse::Sparse;

/// Parts that take turns in being held out. Chosen: each part is learnt without in some four fifths of the time.
const FOLDS: usize = 4;
/// The part of the first gradient at which a regression ends. Chosen: near enough for labels; the last digits cost most of the steps.
const TOLERANCE: f64 = 1e-3;

/// How much examples are trusted against the penalty. Chosen by cross-validation on our own tickets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    /// Of vectors.
    pub vectors: f64,
    /// Of words.
    pub words: f64,
    /// Whether every class counts the same, however few examples it has.
    pub is_balanced: bool,
}

/// Labelled texts in both views.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    /// Shape: `[n, d]`.
    pub vectors: &'a Matrix,
    /// Shape: `[n]`.
    pub words: &'a [Sparse],
    /// Shape: `[n]`.
    pub labels: &'a [usize],
    /// How many classes there are; some may have no example.
    pub classes: usize,
    /// What is known of each example before, as logits: `[n, classes]`.
    pub before: Option<&'a Matrix>,
}

/// A head. Words weigh in whole steps of a 127th of the heaviest of their class.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoViews {
    classes: usize,
    /// Shape: `[classes, d]`.
    vectors: Matrix,
    /// Of both views. Shape: `[2, classes]`.
    intercepts: Matrix,
    /// Shape: `[classes]`.
    scales: Vec<f32>,
    /// In ascending order; those that weigh nothing are left out.
    features: Vec<u32>,
    /// Shape: `[features, classes]`.
    words: Vec<i8>,
    /// What each view counts, and last what was known before, where something was.
    factors: Vec<f64>,
}

impl TwoViews {
    /// Learns.
    ///
    /// What each view counts is found on examples that were held out, a quarter at a time; which part one belongs to follows from its place,
    /// so the same lesson makes the same head.
    ///
    /// Errors: `Dimension` if the parts of the lesson disagree; `Label` if a label is none of the classes; `TooFew` for fewer than two classes
    /// or no example; `Range` for trust that is not above zero.
    pub fn learn(lesson: &Lesson<'_>, trust: Trust) -> Result<Self, Error> {
        lesson.check()?;
        let all: Vec<usize> = (0..lesson.labels.len()).collect();
        let whole = lesson.solve(&all, trust)?;
        let mut held: [Vec<f32>; 2] = [vec![0.0; all.len() * lesson.classes], vec![0.0; all.len() * lesson.classes]];
        if all.len() >= FOLDS {
            for fold in 0..FOLDS {
                let (out, rest): (Vec<_>, Vec<_>) = all.iter().partition(|example| *example % FOLDS == fold);
                let part = lesson.solve(&rest, trust)?;
                for example in out {
                    let scores = part.views(lesson.vectors.row(example), &lesson.words[example]);
                    for (held, scores) in held.iter_mut().zip(scores) {
                        held[example * lesson.classes..][..lesson.classes].copy_from_slice(&scores);
                    }
                }
            }
        }
        let heads = held.into_iter().map(|scores| Matrix::new(all.len(), lesson.classes, scores)).chain(lesson.before.cloned().map(Ok));
        let factors = mix::fit(&heads.collect::<Result<Vec<_>, _>>()?, lesson.labels)?;
        Ok(Self { factors, ..whole })
    }

    /// How many classes it tells apart.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// The length of the vectors that it knows.
    #[must_use]
    pub const fn dimensions(&self) -> usize {
        self.vectors.columns()
    }

    /// Logits of one text; their softmax are probabilities. `before` is what it was learnt on top of, nothing where it was not.
    ///
    /// Shape: `vector` is `[d]`, `before` is `[classes]`; returns `[classes]`.
    /// Errors: `Dimension` if `vector` or `before` has another length; `NotFinite` if a value is.
    pub fn scores(&self, vector: &[f32], words: &Sparse, before: Option<&[f32]>) -> Result<Vec<f32>, Error> {
        if vector.len() != self.dimensions() {
            return Err(Error::Dimension { expected: self.dimensions(), found: vector.len() });
        }
        if let Some(before) = before.filter(|before| before.len() != self.classes) {
            return Err(Error::Dimension { expected: self.classes, found: before.len() });
        }
        let [of_vector, of_words] = self.views(vector, words);
        let views: Vec<&[f32]> = [Some(&of_vector[..]), Some(&of_words[..]), before].into_iter().flatten().collect();
        let scores: Vec<f32> = mix::mixed(&views, &self.factors).into_iter().map(|score| score as f32).collect();
        if scores.iter().all(|score| score.is_finite()) { Ok(scores) } else { Err(Error::NotFinite) }
    }

    /// What one feature adds to a class beyond what it adds to all of them on average.
    #[must_use]
    pub fn weight(&self, feature: u32, class: usize) -> f32 {
        let weights = self.weights_of(feature);
        if weights.is_empty() {
            return 0.0;
        }
        let scaled = |(weight, scale): (&i8, &f32)| f32::from(*weight) * scale;
        let mean = weights.iter().zip(&self.scales).map(scaled).sum::<f32>() / self.classes as f32;
        let own = weights.iter().zip(&self.scales).nth(class).map_or(0.0, scaled);
        (own - mean) * self.factors.get(1).copied().unwrap_or(1.0) as f32
    }

    /// The weights of a feature; none, if it weighs nothing.
    fn weights_of(&self, feature: u32) -> &[i8] {
        let Ok(at) = self.features.binary_search(&feature) else { return &[] };
        self.words.get(at * self.classes..(at + 1) * self.classes).unwrap_or_default()
    }

    /// The scores of both views. Shape: `[classes]` each.
    fn views(&self, vector: &[f32], words: &Sparse) -> [Vec<f32>; 2] {
        let mut of_words = self.intercepts.row(1).to_vec();
        for &(feature, value) in words.entries() {
            for ((sum, weight), scale) in of_words.iter_mut().zip(self.weights_of(feature)).zip(&self.scales) {
                *sum += value * f32::from(*weight) * scale;
            }
        }
        let of_vector = self.vectors.iter().zip(self.intercepts.row(0)).map(|(row, intercept)| dot(row, vector) + intercept);
        [of_vector.collect(), of_words]
    }
}

impl Lesson<'_> {
    fn check(&self) -> Result<(), Error> {
        let expected = self.labels.len();
        let before = self.before.map_or(expected, Matrix::rows);
        if let Some(found) = [self.vectors.rows(), self.words.len(), before].into_iter().find(|found| *found != expected) {
            return Err(Error::Dimension { expected, found });
        }
        if let Some(before) = self.before.filter(|before| before.columns() != self.classes) {
            return Err(Error::Dimension { expected: self.classes, found: before.columns() });
        }
        match self.labels.iter().find(|label| **label >= self.classes) {
            Some(label) => Err(Error::Label { label: *label, classes: self.classes }),
            None => Ok(()),
        }
    }

    /// Both regressions of some of the examples.
    fn solve(&self, examples: &[usize], trust: Trust) -> Result<TwoViews, Error> {
        let labels: Vec<usize> = examples.iter().map(|example| self.labels[*example]).collect();
        let mut task = Task::new(&labels, self.classes);
        if trust.is_balanced {
            task.importance = balanced(&labels, self.classes);
        }
        if let Some(before) = self.before {
            task.offsets = examples.iter().flat_map(|example| before.row(*example)).map(|logit| f64::from(*logit)).collect();
        }
        let chosen: Vec<&[f32]> = examples.iter().map(|example| self.vectors.row(*example)).collect();
        let vectors = Matrix::from_rows(&chosen)?;
        let dense = fit(&Dense(&vectors), &task, trust.vectors, TOLERANCE)?;
        let words = Words::new(examples.iter().map(|example| &self.words[*example]));
        let sparse = fit(&words, &task, trust.words, TOLERANCE)?;
        let (dense, of_vectors) = dense.split_at(vectors.columns() * self.classes);
        let (sparse, of_words) = sparse.split_at(words.columns() * self.classes);
        let heaviest = |class: usize| sparse.iter().skip(class).step_by(self.classes).fold(0.0_f64, |most, weight| most.max(weight.abs()));
        let scales: Vec<f32> = (0..self.classes).map(|class| (heaviest(class) / 127.0).max(1e-12) as f32).collect();
        let step = |(weight, scale): (&f64, &f32)| (weight / f64::from(*scale)).round().clamp(-127.0, 127.0) as i8;
        let (mut features, mut stepped) = (Vec::new(), Vec::new());
        for (feature, weights) in words.features.iter().zip(sparse.chunks_exact(self.classes)) {
            let steps = weights.iter().zip(&scales).map(step);
            if steps.clone().any(|step| step != 0) {
                features.push(*feature);
                stepped.extend(steps);
            }
        }
        Ok(TwoViews {
            classes: self.classes,
            vectors: Matrix::new(self.classes, vectors.columns(), dense.iter().map(|weight| *weight as f32).collect())?,
            intercepts: Matrix::new(2, self.classes, of_vectors.iter().chain(of_words).map(|it| *it as f32).collect())?,
            features,
            words: stepped,
            scales,
            factors: vec![1.0; 2 + usize::from(self.before.is_some())],
        })
    }
}

/// `n / (classes × count)` for each example. Source: scikit-learn, `class_weight="balanced"`.
fn balanced(labels: &[usize], classes: usize) -> Vec<f64> {
    let mut counts = vec![0.0; classes];
    labels.iter().for_each(|label| counts[*label] += 1.0);
    let present = counts.iter().filter(|count| **count > 0.0).count() as f64;
    labels.iter().map(|label| labels.len() as f64 / (present * counts[*label])).collect()
}

/// Sparse rows whose features are numbered by those that occur; weights feature by feature.
struct Words {
    features: Vec<u32>,
    /// Where each row ends.
    ends: Vec<usize>,
    entries: Vec<(usize, f32)>,
}

impl Words {
    fn new<'s>(rows: impl Iterator<Item = &'s Sparse> + Clone) -> Self {
        let mut features: Vec<u32> = rows.clone().flat_map(Sparse::entries).map(|entry| entry.0).collect();
        features.sort_unstable();
        features.dedup();
        let (mut ends, mut entries) = (Vec::new(), Vec::new());
        for row in rows {
            entries.extend(row.entries().iter().map(|(feature, value)| (features.partition_point(|it| it < feature), *value)));
            ends.push(entries.len());
        }
        Self { features, ends, entries }
    }

    fn rows(&self) -> impl Iterator<Item = &[(usize, f32)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.entries[start..*end])
    }
}

impl Rows for Words {
    fn columns(&self) -> usize {
        self.features.len()
    }

    fn forward(&self, weights: &[f64], classes: usize, logits: &mut [f64]) {
        for (row, logits) in self.rows().zip(logits.chunks_exact_mut(classes)) {
            for (column, value) in row {
                let weights = &weights[column * classes..][..classes];
                logits.iter_mut().zip(weights).for_each(|(logit, weight)| *logit += f64::from(*value) * weight);
            }
        }
    }

    fn backward(&self, residuals: &[f64], classes: usize, sums: &mut [f64]) {
        for (row, residuals) in self.rows().zip(residuals.chunks_exact(classes)) {
            for (column, value) in row {
                let sums = &mut sums[column * classes..][..classes];
                sums.iter_mut().zip(residuals).for_each(|(sum, residual)| *sum += f64::from(*value) * residual);
            }
        }
    }
}

#[cfg(test)]
mod tests;
