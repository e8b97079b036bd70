//! The arithmetic of labels that were told against those that are: counts, their shares, and how much a probability is worth.

/// Bins of equal width. Source: Guo et al. 2017, §4.
const BINS: usize = 15;

/// How often each label was told for each: in percent what is a share, not a number where there is nothing to divide by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    classes: usize,
    /// Shape: `[classes, classes]`, the truth's rows.
    counts: Vec<usize>,
}

impl Counts {
    /// Of pairs of what is and what was told, each below `classes`.
    pub fn of(classes: usize, pairs: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![0; classes * classes];
        pairs.for_each(|(truth, told)| counts[truth * classes + told] += 1);
        Self { classes, counts }
    }

    /// How often a label was told for another, or for itself.
    pub fn count(&self, truth: usize, told: usize) -> usize {
        self.counts[truth * self.classes + told]
    }

    /// All of them.
    pub fn all(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Those that are of a class.
    pub fn support(&self, class: usize) -> usize {
        (0..self.classes).map(|told| self.count(class, told)).sum()
    }

    fn told(&self, class: usize) -> usize {
        (0..self.classes).map(|truth| self.count(truth, class)).sum()
    }

    /// Those where another label was told.
    pub fn errors(&self) -> usize {
        self.all() - (0..self.classes).map(|class| self.count(class, class)).sum::<usize>()
    }

    /// How many were told right.
    pub fn accuracy(&self) -> f64 {
        share(self.all() - self.errors(), self.all())
    }

    /// How many of those told to be of a class are.
    pub fn precision(&self, class: usize) -> f64 {
        share(self.count(class, class), self.told(class))
    }

    /// How many of a class were told to be.
    pub fn recall(&self, class: usize) -> f64 {
        share(self.count(class, class), self.support(class))
    }

    /// The harmonic mean of both: zero for a class of which none was found.
    pub fn f1(&self, class: usize) -> f64 {
        share(2 * self.count(class, class), self.support(class) + self.told(class))
    }

    /// The mean over the classes that there are, or that were told. Source: scikit-learn, `f1_score(average="macro")`.
    pub fn macro_f1(&self) -> f64 {
        let each: Vec<f64> = (0..self.classes).map(|class| self.f1(class)).filter(|it| it.is_finite()).collect();
        each.iter().sum::<f64>() / each.len() as f64
    }

    /// How many are at most one class away, where classes stand in an order.
    pub fn near(&self) -> f64 {
        let pairs = (0..self.classes).flat_map(|truth| (0..self.classes).map(move |told| (truth, told)));
        share(pairs.filter(|(truth, told)| truth.abs_diff(*told) < 2).map(|(truth, told)| self.count(truth, told)).sum(), self.all())
    }
}

/// How far probabilities are from how often they come true, in percent: the mean over bins, each by how many are in it.
///
/// Shape: of each outcome the probability of what was told, and whether it was right.
/// Source: Guo et al. 2017, eq. 3.
pub fn calibration_error(outcomes: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0); BINS];
    for (probability, is_right) in outcomes {
        // A bin has its upper edge: (0, 1/15], …
        let bin = ((probability * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
        bins[bin].0 += probability;
        bins[bin].1 += f64::from(u8::from(*is_right));
    }
    100.0 * bins.iter().map(|(sure, right)| (sure - right).abs()).sum::<f64>() / outcomes.len() as f64
}

/// In percent.
pub fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expect: f64) {
        assert!((found - expect).abs() < 1e-9, "{found}, expected {expect}");
    }

    /// The example of scikit-learn's documentation, `classification_report`, and its figures.
    #[test]
    fn counts_as_scikit_learn_does() {
        let counts = Counts::of(3, [0, 1, 2, 2, 2].into_iter().zip([0, 0, 2, 2, 1]));
        near(counts.accuracy(), 60.0);
        near(counts.macro_f1(), 100.0 * (2.0 / 3.0 + 0.0 + 0.8) / 3.0);
        near(counts.precision(0), 50.0);
        near(counts.recall(2), 200.0 / 3.0);
        near(counts.f1(2), 80.0);
        assert_eq!((counts.errors(), counts.support(2), counts.count(1, 0), counts.all()), (2, 3, 1, 5));
    }

    #[test]
    fn a_class_that_is_nowhere_does_not_count_and_one_never_found_does() {
        near(Counts::of(4, [(0, 0), (1, 1)].into_iter()).macro_f1(), 100.0);
        near(Counts::of(4, [(0, 0), (1, 0)].into_iter()).macro_f1(), 100.0 * (2.0 / 3.0) / 2.0);
        let none = Counts::of(2, std::iter::empty());
        assert!(none.accuracy().is_nan() && none.macro_f1().is_nan() && none.near().is_nan());
    }

    #[test]
    fn one_step_off_is_near() {
        near(Counts::of(4, [(0, 0), (1, 2), (3, 2), (3, 1)].into_iter()).near(), 75.0);
        near(Counts::of(4, [(0, 3), (3, 0)].into_iter()).near(), 0.0);
    }

    #[test]
    fn probabilities_that_come_true_as_often_have_no_error() {
        let of = |probability: f64, right: usize, all: usize| (0..all).map(move |at| (probability, at < right));
        let honest: Vec<_> = of(0.8, 8, 10).chain(of(0.5, 5, 10)).collect();
        near(calibration_error(&honest), 0.0);
        let boasting: Vec<_> = of(1.0, 5, 10).chain(of(0.7, 7, 10)).collect();
        near(calibration_error(&boasting), 25.0);
        // Both are in one bin, (0.8, 0.8667], where what one lacks the other has.
        near(calibration_error(&[(0.86, true), (0.86, true), (0.84, true), (0.84, false)]), 10.0);
        near(calibration_error(&[(0.0, false)]), 0.0);
    }
}
