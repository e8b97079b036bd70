//! A/B tests without cookies: who sees what, what came of it, and whether the numbers can be believed.
//! Assignment is integer arithmetic and the same on every host; nothing is stored to assign somebody again.

mod chi_squared;
mod comparison;

use serde::Serialize;
use sha2::{Digest, Sha256};

pub use comparison::Comparison;

/// The index of a visitor's own variant, the same for ever; `None` if no variant has a weight.
///
/// Shape: one weight per variant. A variant's share is its weight's part of the sum.
/// Changing weights moves visitors, and only as many as the change asks for.
#[must_use]
pub fn bucket(site: &str, experiment: &str, visitor: &str, weights: &[u32]) -> Option<usize> {
    let parts: u64 = weights.iter().copied().map(u64::from).sum();
    // Neither a site's id nor an experiment's has a `|`, so no two triples read alike.
    let hash = Sha256::digest(format!("{site}|{experiment}|{visitor}"));
    let point = hash.iter().take(8).fold(0_u64, |point, byte| point << 8 | u64::from(*byte));
    // The hash as a fraction of all parts; 2⁶⁴ points make the unevenness of rounding too small to measure.
    let place = u64::try_from((u128::from(point) * u128::from(parts)) >> 64).ok()?;
    let mut end = 0;
    weights.iter().position(|weight| {
        end += u64::from(*weight);
        place < end
    })
}

/// What is counted of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// The variant.
    pub id: String,
    /// Its part of the visitors, relative to the others'.
    pub weight: u32,
    /// Visitors who saw it.
    pub exposed: u64,
    /// Of these, who sent the form.
    pub converted: u64,
}

/// An experiment in numbers. The first variant is the one that the others are compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The experiment.
    pub experiment: String,
    /// Visitors who saw any variant.
    pub exposed: u64,
    /// Of these, who sent the form.
    pub converted: u64,
    /// Variant by variant.
    pub variants: Vec<VariantReport>,
    /// Whether visitors were split as the weights ask; if not, no other number here means anything.
    pub sample_ratio: SampleRatio,
    /// Each further variant against the first.
    pub comparisons: Vec<Comparison>,
}

/// One variant in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VariantReport {
    /// The variant.
    pub id: String,
    /// Its part of the visitors, relative to the others'.
    pub weight: u32,
    /// Visitors who saw it.
    pub exposed: u64,
    /// Of these, who sent the form.
    pub converted: u64,
    /// `converted` of `exposed`; none before the first visitor.
    pub rate: Option<f64>,
    /// Where the true rate lies, 95 times in 100: from here …
    pub rate_low: Option<f64>,
    /// … to here.
    pub rate_high: Option<f64>,
}

/// The test for a sample ratio mismatch.
///
/// Source: Fabijan et al. 2019, "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments": a χ² test of fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRatio {
    /// How far the counts are from the weights.
    pub chi_squared: Option<f64>,
    /// One less than variants with a weight.
    pub degrees_of_freedom: u32,
    /// How often chance alone is as far off or farther; none while there are too few visitors to tell.
    pub p_value: Option<f64>,
    /// Below [`MISMATCH`]: somebody is counted wrongly, such as bots, redirects or a cached page. Or the weights were
    /// changed while the experiment ran.
    pub is_mismatch: bool,
}

/// The p-value below which a split is called wrong. Chosen: the strict end of the 0.01 to 0.001 in common use, since a report is
/// looked at again and again, and a false alarm stops an experiment.
pub const MISMATCH: f64 = 0.001;
/// The fewest visitors a variant should have for the χ² test to mean something. Source: Cochran 1954, expected counts of 5.
const MIN_EXPECTED: f64 = 5.0;
/// The normal distribution's 97.5 % point.
const Z_95: f64 = 1.959_963_984_540_054;

/// Puts an experiment's counts into numbers a person can judge by.
#[must_use]
pub fn report(experiment: &str, arms: &[Arm]) -> Report {
    Report {
        experiment: experiment.to_owned(),
        exposed: arms.iter().map(|arm| arm.exposed).sum(),
        converted: arms.iter().map(|arm| arm.converted).sum(),
        variants: arms.iter().map(variant).collect(),
        sample_ratio: sample_ratio(arms),
        comparisons: comparison::against_first(arms),
    }
}

fn variant(arm: &Arm) -> VariantReport {
    let interval = wilson(arm.converted, arm.exposed);
    VariantReport {
        id: arm.id.clone(),
        weight: arm.weight,
        exposed: arm.exposed,
        converted: arm.converted,
        rate: arm.rate(),
        rate_low: interval.map(|(low, _)| low),
        rate_high: interval.map(|(_, high)| high),
    }
}

impl Arm {
    fn rate(&self) -> Option<f64> {
        (self.exposed > 0).then(|| float(self.converted) / float(self.exposed))
    }
}

/// The 95 % interval of a rate. Source: Wilson 1927, "Probable inference", the score interval.
fn wilson(successes: u64, trials: u64) -> Option<(f64, f64)> {
    if trials == 0 {
        return None;
    }
    let (n, z2) = (float(trials), Z_95 * Z_95);
    let p = float(successes) / n;
    let centre = p + z2 / (2.0 * n);
    let reach = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).max(0.0).sqrt();
    let scale = 1.0 + z2 / n;
    Some((((centre - reach) / scale).clamp(0.0, 1.0), ((centre + reach) / scale).clamp(0.0, 1.0)))
}

fn sample_ratio(arms: &[Arm]) -> SampleRatio {
    let parts: f64 = arms.iter().map(|arm| f64::from(arm.weight)).sum();
    let seen: u64 = arms.iter().map(|arm| arm.exposed).sum();
    let weighted: Vec<_> = arms.iter().filter(|arm| arm.weight > 0).map(|arm| (arm, float(seen) * f64::from(arm.weight) / parts)).collect();
    let degrees_of_freedom = u32::try_from(weighted.len().saturating_sub(1)).unwrap_or(u32::MAX);
    if degrees_of_freedom == 0 || weighted.iter().any(|(_, expected)| *expected < MIN_EXPECTED) {
        return SampleRatio { chi_squared: None, degrees_of_freedom, p_value: None, is_mismatch: false };
    }
    let chi_squared: f64 = weighted.iter().map(|(arm, expected)| (float(arm.exposed) - expected).powi(2) / expected).sum();
    let is_off_the_weights = arms.iter().any(|arm| arm.weight == 0 && arm.exposed > 0);
    let p_value = if is_off_the_weights { 0.0 } else { chi_squared::survival(chi_squared, degrees_of_freedom) };
    SampleRatio { chi_squared: Some(chi_squared), degrees_of_freedom, p_value: Some(p_value), is_mismatch: p_value < MISMATCH }
}

/// Counts as numbers to reckon with; exact up to 2⁵³, which no count here reaches.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
