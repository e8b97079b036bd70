//! The inner product of int8 vectors: the one hot loop of a search. Lanes where the target has them, and the same integers everywhere.
//!
//! No `unsafe`: lanes are filled from checked chunks. On x86-64 the compiler's own lanes do.

/// Inner product; the shorter side decides how far. Exact for up to [`MOST_COLUMNS`] values.
#[must_use]
pub fn dot(left: &[i8], right: &[i8]) -> i32 {
    #[cfg(target_arch = "wasm32")]
    return wasm::dot(left, right);
    #[cfg(not(target_arch = "wasm32"))]
    scalar(left, right)
}

/// The longest vector whose inner product cannot overflow: 2³¹ / 128².
pub const MOST_COLUMNS: usize = 131_071;

#[cfg(any(test, not(target_arch = "wasm32")))]
fn scalar(left: &[i8], right: &[i8]) -> i32 {
    left.iter().zip(right).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b))).sum()
}

/// Every edge host has `simd128`; a module that carries it is refused by the rest when it is compiled, not when it runs.
#[cfg(target_arch = "wasm32")]
mod wasm {
    use std::arch::wasm32::{
        i16x8_extend_high_i8x16, i16x8_extend_low_i8x16, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane, i32x4_splat, u64x2, v128,
    };

    #[target_feature(enable = "simd128")]
    pub(super) fn dot(left: &[i8], right: &[i8]) -> i32 {
        let length = left.len().min(right.len());
        let (left_blocks, left_rest) = left[..length].as_chunks();
        let (right_blocks, right_rest) = right[..length].as_chunks();
        let (mut low, mut high) = (i32x4_splat(0), i32x4_splat(0));
        for (a, b) in left_blocks.iter().zip(right_blocks) {
            let (a, b) = (load(a), load(b));
            low = i32x4_add(low, i32x4_dot_i16x8(i16x8_extend_low_i8x16(a), i16x8_extend_low_i8x16(b)));
            high = i32x4_add(high, i32x4_dot_i16x8(i16x8_extend_high_i8x16(a), i16x8_extend_high_i8x16(b)));
        }
        let sums = i32x4_add(low, high);
        let lanes =
            i32x4_extract_lane::<0>(sums) + i32x4_extract_lane::<1>(sums) + i32x4_extract_lane::<2>(sums) + i32x4_extract_lane::<3>(sums);
        lanes + left_rest.iter().zip(right_rest).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>()
    }

    /// Two words make a register in two instructions; sixteen lanes one by one would take sixteen.
    #[target_feature(enable = "simd128")]
    fn load(block: &[i8; 16]) -> v128 {
        let word = |first: usize| u64::from_le_bytes(std::array::from_fn(|i| block[first + i].cast_unsigned()));
        u64x2(word(0), word(8))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_vectors_do_not_overflow() {
        let lowest = vec![i8::MIN; MOST_COLUMNS];
        assert_eq!(dot(&lowest, &lowest), 131_071 * 128 * 128);
        assert_eq!(dot(&lowest, &[]), 0);
    }

    proptest! {
        #[test]
        fn lanes_and_scalars_agree(left in prop::collection::vec(any::<i8>(), 0..70), right in prop::collection::vec(any::<i8>(), 0..70)) {
            prop_assert_eq!(dot(&left, &right), scalar(&left, &right));
        }
    }
}
