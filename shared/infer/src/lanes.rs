//! Four floats at a time: the additions and products of every sum here, in one order on every host, so that all of them compute the
//! same bits. No `unsafe`: lanes are filled from checked arrays.

/// How many floats a register of every host holds.
pub const WIDTH: usize = 4;

/// The sum of products of two rows; the shorter one decides how far, and what fills no lane is left out.
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let lanes = left.as_chunks().0.iter().zip(right.as_chunks().0);
    lanes.fold(Lanes::ZERO, |sum, (a, b)| sum.add_product(Lanes::load(a), Lanes::load(b))).sum()
}

#[cfg(target_arch = "wasm32")]
pub use simd128::Lanes;

/// Every build for Wasm has `simd128`: `.cargo/config.toml`.
#[cfg(target_arch = "wasm32")]
mod simd128 {
    use std::arch::wasm32::{f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, v128};

    #[derive(Debug, Clone, Copy)]
    pub struct Lanes(v128);

    impl Lanes {
        pub const ZERO: Self = Self(f32x4(0.0, 0.0, 0.0, 0.0));

        #[inline(always)]
        pub fn load(from: &[f32; 4]) -> Self {
            Self(f32x4(from[0], from[1], from[2], from[3]))
        }

        #[inline(always)]
        pub fn add_product(self, a: Self, b: Self) -> Self {
            Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
        }

        #[inline(always)]
        pub fn sum(self) -> f32 {
            let Self(it) = self;
            (f32x4_extract_lane::<0>(it) + f32x4_extract_lane::<2>(it)) + (f32x4_extract_lane::<1>(it) + f32x4_extract_lane::<3>(it))
        }
    }
}

/// The compiler's own lanes.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug, Clone, Copy)]
pub struct Lanes([f32; WIDTH]);

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    pub const ZERO: Self = Self([0.0; WIDTH]);

    #[inline(always)]
    pub fn load(from: &[f32; WIDTH]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    pub fn add_product(self, Self(a): Self, Self(b): Self) -> Self {
        let Self(it) = self;
        Self([it[0] + a[0] * b[0], it[1] + a[1] * b[1], it[2] + a[2] * b[2], it[3] + a[3] * b[3]])
    }

    #[inline(always)]
    pub fn sum(self) -> f32 {
        let Self(it) = self;
        (it[0] + it[2]) + (it[1] + it[3])
    }
}
