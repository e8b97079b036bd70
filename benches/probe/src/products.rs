//! Products of int8 vectors one at a time: the reference for those by lanes, inside the host that has the lanes.

use std::hint::black_box;

use orilla_learn::simd;

use crate::Answer;

/// Numbers that look random and are the same everywhere.
///
/// Source: Steele, Lea & Flood 2014, SplitMix64.
#[derive(Debug, Default)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// The next so many, from −128 to 127.
    pub(crate) fn take(&mut self, many: usize) -> Vec<i8> {
        (0..many).map(|_| self.next().to_le_bytes()[0].cast_signed()).collect()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The inner product, one number after the other; each passes through memory that the compiler may not look into, or it would make
/// lanes of its own.
pub(crate) fn scalar(left: &[i8], right: &[i8]) -> i32 {
    let mut sum = 0;
    for (a, b) in left.iter().zip(right) {
        sum = black_box(sum + i32::from(*a) * i32::from(*b));
    }
    sum
}

/// Every length up to past four registers, from every offset into one, and the extremes.
pub(crate) fn compare() -> Answer {
    let mut numbers = Numbers::default();
    let (mut compared, mut different) = (0, 0);
    let mut check = |left: &[i8], right: &[i8]| {
        compared += 1;
        different += usize::from(simd::dot(left, right) != scalar(left, right));
    };
    for length in 0..=70 {
        for offset in 0..16 {
            let (left, right) = (numbers.take(length + offset), numbers.take(length + 16));
            check(&left[offset..], &right[offset..]);
        }
    }
    for (a, b) in [(i8::MIN, i8::MIN), (i8::MIN, i8::MAX), (i8::MAX, i8::MAX)] {
        check(&vec![a; 4096], &vec![b; 4096]);
        check(&[a; 33], &[b; 70]);
    }
    Answer { products: Some((compared, different)), ..Answer::default() }
}
