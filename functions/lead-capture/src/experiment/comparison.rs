//! Which of two rates is higher, in a way that stays honest when somebody looks every day and stops when they like what they see.
//!
//! An ordinary p-value is only good for one look at a size fixed beforehand. This one holds at every look.

use serde::Serialize;

use super::{Arm, float};

/// A variant against the first one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The variant.
    pub variant: String,
    /// What it is compared with.
    pub control: String,
    /// How the p-value and the interval were reached.
    pub method: &'static str,
    /// The variant's rate less the control's.
    pub difference: Option<f64>,
    /// Where the true difference lies, 95 times in 100 over all looks together: from here …
    pub difference_low: Option<f64>,
    /// … to here.
    pub difference_high: Option<f64>,
    /// Always valid, and corrected for the number of variants; none while there are too few visitors to tell.
    pub p_value: Option<f64>,
    /// Below `SIGNIFICANT`.
    pub is_significant: bool,
}

/// The level that is promised over all looks and all variants together. Chosen: the convention.
pub const SIGNIFICANT: f64 = 0.05;
/// What is tested: a mixture sequential probability ratio test.
const METHOD: &str = "always_valid_msprt";
/// The spread of differences that the mixture expects. Chosen: a few points of a landing page's rate; the promise holds for any
/// choice, only the speed of finding a difference depends on it.
const MIXTURE_SPREAD: f64 = 0.03;
/// The fewest visitors of a variant before anything is said. Chosen: below, a rate is not yet close to normal.
const MIN_EXPOSED: u64 = 100;

/// Every further variant against the first. Several are corrected for by dividing the level among them (Bonferroni).
pub fn against_first(arms: &[Arm]) -> Vec<Comparison> {
    let Some((control, others)) = arms.split_first() else { return Vec::new() };
    let looks_wide = f64::from(u32::try_from(others.len()).unwrap_or(u32::MAX));
    others.iter().map(|arm| compare(control, arm, looks_wide)).collect()
}

fn compare(control: &Arm, arm: &Arm, variants: f64) -> Comparison {
    let difference = arm.rate().zip(control.rate()).map(|(rate, base)| rate - base);
    let evidence = difference.filter(|_| arm.exposed.min(control.exposed) >= MIN_EXPOSED).map(|difference| {
        let variance = variance(arm) + variance(control);
        let p_value = (variants / likelihood_ratio(difference, variance)).min(1.0);
        let reach = reach(variance, SIGNIFICANT / variants);
        (p_value, difference - reach, difference + reach)
    });
    Comparison {
        variant: arm.id.clone(),
        control: control.id.clone(),
        method: METHOD,
        difference,
        difference_low: evidence.map(|(_, low, _)| low.max(-1.0)),
        difference_high: evidence.map(|(.., high)| high.min(1.0)),
        p_value: evidence.map(|(p_value, ..)| p_value),
        is_significant: evidence.is_some_and(|(p_value, ..)| p_value < SIGNIFICANT),
    }
}

/// The variance of a rate, with one success and one failure added so that a rate of 0 or 1 is not taken for certain.
fn variance(arm: &Arm) -> f64 {
    let trials = float(arm.exposed) + 2.0;
    let rate = (float(arm.converted) + 1.0) / trials;
    rate * (1.0 - rate) / trials
}

/// How much likelier a difference of about [`MIXTURE_SPREAD`] makes what was seen than no difference does. Without one, it
/// ever exceeds 1/α with probability α at most, over all looks; so its inverse is an always-valid p-value.
///
/// Source: Johari, Koomen, Pekelis & Walsh 2022, "Always Valid Inference", Operations Research 70(3): the mixture over a normal prior.
fn likelihood_ratio(difference: f64, variance: f64) -> f64 {
    let mixture = MIXTURE_SPREAD * MIXTURE_SPREAD;
    let whole = variance + mixture;
    (variance / whole).sqrt() * (mixture * difference * difference / (2.0 * variance * whole)).exp()
}

/// The differences that the likelihood ratio does not rule out at `level`.
fn reach(variance: f64, level: f64) -> f64 {
    let mixture = MIXTURE_SPREAD * MIXTURE_SPREAD;
    let whole = variance + mixture;
    (variance * whole / mixture * (2.0 * (1.0 / level).ln() + (whole / variance).ln())).sqrt()
}
