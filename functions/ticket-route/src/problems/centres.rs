//! What tickets of one language have in common, whatever they are about: taken away, those of one problem are near in both languages.

use std::sync::OnceLock;

use orilla_learn::matrix::normalise;
use orilla_text::Locale;

/// How many of a site's own tickets the shipped centre of a language is worth. Chosen on our training problems: from 50 to 200 all do as well.
const WORTH: f32 = 100.0;

/// Mean vectors of our own tickets, of each of [`Locale::ALL`].
static SHIPPED: &[u8] = include_bytes!("../../../../models/tickets/centres.bin");

/// The mean vector of each language.
#[derive(Debug, Clone, PartialEq)]
pub struct Centres(Vec<Vec<f32>>);

impl Centres {
    /// The shipped ones, read once.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static READ: OnceLock<Centres> = OnceLock::new();
        READ.get_or_init(|| Self::parse(SHIPPED))
    }

    /// The means of these vectors.
    #[must_use]
    pub fn learn(vectors: &[(Locale, &[f32])]) -> Self {
        let mean = |locale: Locale| {
            let own: Vec<&[f32]> = vectors.iter().filter(|(it, _)| *it == locale).map(|(_, vector)| *vector).collect();
            let mut sum = vec![0.0; own.first().map_or(0, |vector| vector.len())];
            own.iter().for_each(|vector| add(&mut sum, vector));
            sum.iter().map(|value| value / own.len() as f32).collect()
        };
        Self(Locale::ALL.into_iter().map(mean).collect())
    }

    /// Reads [`Self::to_bytes`].
    fn parse(bytes: &[u8]) -> Self {
        let values: Vec<f32> = bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
        Self(values.chunks_exact((values.len() / Locale::ALL.len()).max(1)).map(<[f32]>::to_vec).collect())
    }

    /// One language after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// How long a vector is.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    /// The same directions, seen from the centre of their language: the shipped one, and what a site's tickets have in common with one another. Zeros
    /// stay zeros.
    ///
    /// Source: Libovický, Rosa & Fraser 2020, §3.
    #[must_use]
    pub fn centred(&self, vectors: &[(Locale, &[f32])]) -> Vec<Vec<f32>> {
        let mut centres: Vec<(Vec<f32>, f32)> =
            self.0.iter().map(|centre| (centre.iter().map(|value| value * WORTH).collect(), WORTH)).collect();
        for (locale, vector) in vectors {
            if let Some((sum, count)) = centres.get_mut(place(*locale)) {
                add(sum, vector);
                *count += 1.0;
            }
        }
        let one = |(locale, vector): &(Locale, &[f32])| {
            let mut seen = vector.to_vec();
            if let Some((sum, count)) = centres.get(place(*locale)).filter(|_| vector.iter().any(|value| *value != 0.0)) {
                seen.iter_mut().zip(sum).for_each(|(value, sum)| *value -= sum / count);
                normalise(&mut seen);
            }
            seen
        };
        vectors.iter().map(one).collect()
    }
}

fn place(locale: Locale) -> usize {
    Locale::ALL.iter().position(|it| *it == locale).unwrap_or_default()
}

fn add(sum: &mut [f32], vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
}

#[cfg(test)]
mod tests {
    use orilla_learn::matrix::dot;

    use super::*;

    #[test]
    fn the_shipped_centres_are_of_the_encoders_that_make_vectors() {
        use orilla_knowledge::model::{Embed, glance};
        let centres = Centres::shipped();
        assert_eq!((centres.0.len(), centres.dimensions()), (2, glance().unwrap().dimensions()));
        assert!(centres.0.iter().flatten().all(|value| value.is_finite()) && centres.0[0] != centres.0[1]);
    }

    #[test]
    fn what_a_language_has_in_common_is_taken_away() {
        let (es, en) = ([0.9, 0.0, 0.1, 0.0], [0.0, 0.9, 0.1, 0.0]);
        let centres = Centres::learn(&[(Locale::Es, &es), (Locale::En, &en)]);
        assert_eq!(Centres::parse(&centres.to_bytes()), centres);
        let (one, other) = ([0.9, 0.0, 0.1, 0.4], [0.0, 0.9, 0.1, 0.4]);
        let seen = centres.centred(&[(Locale::Es, &one), (Locale::En, &other), (Locale::En, &[0.0; 4])]);
        assert!(dot(&one, &other) < 0.2 && dot(&seen[0], &seen[1]) > 0.99, "{seen:?}");
        assert_eq!(seen[2], [0.0; 4]);
        assert_eq!(Centres::parse(&[]).centred(&[(Locale::Es, &one)]), [one.to_vec()]);
    }
}
