//! Four floats at a time: the additions and products of every sum here, in one order on every host, so that all of them compute the
//! same bits.

use wide::f32x4;

/// How many floats a register of every host holds.
pub const WIDTH: usize = 4;

/// The sum of products of two rows; the shorter one decides how far, and what fills no lane is left out.
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let lanes = left.as_chunks().0.iter().zip(right.as_chunks().0);
    lanes.fold(Lanes::ZERO, |sum, (a, b)| sum.add_product(Lanes::load(a), Lanes::load(b))).sum()
}

/// A register.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(f32x4);

impl Lanes {
    pub const ZERO: Self = Self(f32x4::ZERO);

    #[inline(always)]
    pub fn load(from: &[f32; WIDTH]) -> Self {
        Self(f32x4::new(*from))
    }

    /// Two roundings, as every host has them; a fused product has one.
    #[inline(always)]
    pub fn add_product(self, Self(a): Self, Self(b): Self) -> Self {
        Self(self.0 + a * b)
    }

    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = self.0.to_array();
        (a + c) + (b + d)
    }
}
