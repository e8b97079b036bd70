//! What a transformer does between its matrices: norms, the softmax, GELU. Only sums, products, quotients and roots, whose results
//! IEEE 754 fixes, so that every host computes the same bits; no function of a host's own library.

use crate::lanes::dot;

/// Source: `models/train/small.py`, after BERT.
const EPSILON: f32 = 1e-12;

/// Layer normalisation.
#[derive(Debug, Clone)]
pub struct Norm {
    /// What multiplies each number.
    pub weight: Vec<f32>,
    /// What is added to it.
    pub bias: Vec<f32>,
}

impl Norm {
    /// Shape: `x` is `[n, d]`.
    pub fn apply(&self, x: &mut [f32]) {
        let count = self.weight.len() as f32;
        for row in x.chunks_exact_mut(self.weight.len()) {
            let mean = row.iter().sum::<f32>() / count;
            row.iter_mut().for_each(|value| *value -= mean);
            let inverse = 1.0 / (dot(row, row) / count + EPSILON).sqrt();
            for ((value, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
                *value = *value * inverse * weight + bias;
            }
        }
    }
}

/// The unit vector along the sum of rows.
///
/// Shape: `rows` is `[n, d]`; returns `[d]`.
pub fn unit(rows: &[f32], dimensions: usize) -> Vec<f32> {
    let mut total = vec![0.0; dimensions];
    for row in rows.chunks_exact(dimensions) {
        total.iter_mut().zip(row).for_each(|(total, value)| *total += value);
    }
    let length = (total.iter().map(|value| value * value).sum::<f32>() + EPSILON).sqrt();
    total.iter_mut().for_each(|value| *value /= length);
    total
}

/// Makes scores shares of one.
pub fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = exp(*score - largest));
    let total = scores.iter().sum::<f32>();
    scores.iter_mut().for_each(|score| *score /= total);
}

/// Gaussian error linear units.
///
/// Source: Hendrycks & Gimpel 2016, §2.
pub fn gelu(values: &mut [f32]) {
    for value in values {
        *value = 0.5 * *value * (1.0 + erf(*value * std::f32::consts::FRAC_1_SQRT_2));
    }
}

/// The error function, within 3e-7.
///
/// Source: Abramowitz & Stegun 1964, 7.1.28.
fn erf(x: f32) -> f32 {
    const TERMS: [f32; 7] = [4.306_38e-5, 2.765_672e-4, 1.520_143e-4, 0.009_270_527, 0.042_282_01, 0.070_523_076, 1.0];
    let size = x.abs();
    let sum = TERMS.iter().fold(0.0, |sum, term| sum * size + term);
    let power = (0..4).fold(sum, |power, _| power * power);
    (1.0 - 1.0 / power).copysign(x)
}

/// e to the power of a number that is not above zero; of less than −87 a number as good as nothing.
///
/// Source: Moshier's Cephes, `expf`: a polynomial over half an octave to either side, ln 2 in two parts.
fn exp(x: f32) -> f32 {
    const TERMS: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 0.041_665_796, 0.166_666_66, 0.5];
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    /// 1.5 × 2²³: a float so large has no place for a fraction, so adding it rounds, and its last bits are the integer.
    const ROUND: f32 = 12_582_912.0;
    let x = x.max(-87.0);
    let octaves = x * std::f32::consts::LOG2_E + ROUND;
    let whole = octaves - ROUND;
    let rest = x - whole * LN_2[0] - whole * LN_2[1];
    let sum = TERMS.iter().fold(0.0, |sum, term| sum * rest + term);
    let mantissa = sum * rest * rest + rest + 1.0;
    mantissa * f32::from_bits((octaves.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127)) << 23)
}

#[cfg(test)]
mod tests {
    use super::{erf, exp, softmax};

    #[test]
    fn functions_are_near_the_librarys() {
        for step in 0..=8_700 {
            let x = -step as f32 / 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 5e-7, "exp({x}) is {}", exp(x));
        }
        assert!(exp(-1e30) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
        // Source: Abramowitz & Stegun 1964, table 7.1.
        for (x, expect) in [(0.0, 0.0), (0.5, 0.520_499_9), (1.0, 0.842_700_8), (-1.0, -0.842_700_8), (2.0, 0.995_322_3), (30.0, 1.0)] {
            assert!((erf(x) - expect).abs() < 5e-7, "erf({x}) is {}", erf(x));
        }
        assert_eq!((erf(f32::MAX), erf(f32::MIN)), (1.0, -1.0));
    }

    #[test]
    fn shares_sum_up_to_one() {
        let mut scores = [1.0, 2.0, -300.0, 2.0];
        softmax(&mut scores);
        assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6 && scores[1] == scores[3] && scores[2] < 1e-30, "{scores:?}");
    }
}
