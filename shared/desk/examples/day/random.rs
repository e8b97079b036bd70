//! Numbers that are the same on every machine.

/// Source: SplitMix64 (Steele, Lea & Flood 2014).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        it ^ (it >> 31)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    pub fn is(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// Exponential.
    pub fn around(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// One of these, by weight.
    pub fn of<T: Copy>(&mut self, all: &[(T, f64)]) -> T {
        let mut at = self.unit() * all.iter().map(|(_, weight)| weight).sum::<f64>();
        let place = all.iter().position(|(_, weight)| {
            at -= weight;
            at < 0.0
        });
        all[place.unwrap_or(all.len() - 1)].0
    }
}
