//! Weights of 4 bits, a row at a time: groups of 32 numbers share a scale. Says what the nodes of `models/train/export.py` say that
//! widen them, number for number.

/// How many numbers share a scale. Source: `models/train/int4.py`.
pub const GROUP: usize = 32;

/// Widens one row.
///
/// Shape: `[columns / 2]` bytes, the first half of the row in their high four bits, the second in the low ones, each 8 too large; and
/// `[columns / 32]` halves; gives `[columns]`. What does not fit together is left as it was.
pub fn widen(stored: &[u8], scales: &[u8], into: &mut [f32]) {
    let Some((high, low)) = into.split_at_mut_checked(stored.len()) else { return };
    let scales = scales.as_chunks().0;
    let (high_scales, low_scales) = scales.split_at(scales.len() / 2);
    let highs = high.as_chunks_mut::<GROUP>().0.iter_mut().zip(high_scales);
    let lows = low.as_chunks_mut::<GROUP>().0.iter_mut().zip(low_scales);
    for ((bytes, (high, high_scale)), (low, low_scale)) in stored.as_chunks::<GROUP>().0.iter().zip(highs).zip(lows) {
        let (high_scale, low_scale) = (half(*high_scale), half(*low_scale));
        for ((byte, high), low) in bytes.iter().zip(high).zip(low) {
            *high = (i32::from(byte >> 4) - 8) as f32 * high_scale;
            *low = (i32::from(byte & 15) - 8) as f32 * low_scale;
        }
    }
}

/// The number that two bytes stand for, little end first; of infinities and NaN, which no weight is, large numbers.
///
/// Source: IEEE 754-2008, §3.4: binary16 has 5 bits of exponent, biased by 15, and 10 of fraction.
pub fn half(bytes: [u8; 2]) -> f32 {
    /// 2¹¹² moves the exponent from the bias of a half to that of a float, subnormal numbers included.
    const REBIAS: f32 = f32::from_bits((127 + 112) << 23);
    let bits = u32::from(u16::from_le_bytes(bytes));
    (f32::from_bits((bits & 0x7fff) << 13) * REBIAS).copysign(f32::from_bits(bits << 16))
}

/// Many of them.
pub fn halves(bytes: &[u8]) -> impl ExactSizeIterator<Item = f32> {
    bytes.as_chunks().0.iter().map(|bytes| half(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{half, widen};

    #[test]
    fn halves_are_what_ieee_says() {
        for (bits, expect) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0400, 2.0_f32.powi(-14)), (0x0001, 2.0_f32.powi(-24)), (0x0000, 0.0)]
        {
            assert_eq!(half(u16::to_le_bytes(bits)), expect, "{bits:#06x}");
        }
        assert!(half([0, 0x80]).is_sign_negative());
    }

    #[test]
    fn the_first_half_of_a_row_stands_in_the_high_bits() {
        let mut row = [0.0; 64];
        let mut stored = [0x88; 32];
        (stored[0], stored[31]) = (0xf1, 0x19);
        widen(&stored, &[0x00, 0x3c, 0x00, 0x40], &mut row);
        assert_eq!((row[0], row[31], row[32], row[63]), (7.0, -7.0, -14.0, 2.0));
        assert_eq!(row.iter().filter(|number| **number != 0.0).count(), 4);
    }

    #[test]
    fn what_does_not_fit_is_left_alone() {
        let mut row = [1.0; 3];
        widen(&[0; 32], &[0; 4], &mut row);
        widen(&[], &[], &mut row);
        assert_eq!(row, [1.0; 3]);
    }
}
