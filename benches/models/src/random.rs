//! Chance that is the same on every machine.

/// A generator of numbers from a seed.
///
/// Source: Steele, Lea & Flood 2014, SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, each as likely but for what 64 bits round.
    pub const fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z as u128 * bound as u128) >> 64) as usize
    }

    /// `count` of the items in a random order, or all of them.
    pub fn sample<T: Copy>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut pool = items.to_vec();
        let count = count.min(pool.len());
        for i in 0..count {
            let other = i + self.below(pool.len() - i);
            pool.swap(i, other);
        }
        pool.truncate(count);
        pool
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn samples_without_repeats_and_always_alike() {
        let items: Vec<usize> = (0..50).collect();
        let sample = Random::new(3).sample(&items, 20);
        assert_eq!(sample, Random::new(3).sample(&items, 20));
        assert_ne!(sample, Random::new(4).sample(&items, 20));
        let mut sorted = sample;
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), 20);
        assert_eq!(Random::new(3).sample(&items, 99).len(), 50);
    }
}
