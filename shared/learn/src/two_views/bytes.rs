//! A head as bytes, little-endian, without gaps:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `ORTV` |
//! | 1 | version, 2 |
//! | 1 | classes, K |
//! | 1 | factors, 1 or 2 |
//! | 4 | landmarks, L |
//! | 4 | bytes of the map of features, M |
//! | 4 each | factors; scales, K; weights of landmarks, L · K, all classes of the first, then of the second: all f32 |
//! | M | a bit for each feature, the lowest of the first byte first: whether it weighs |
//! | K each | weights of the features that do, int8, all classes of the first, then of the second |

use super::TwoViews;
use crate::error::Error;
use crate::matrix::Matrix;

const MAGIC: [u8; 4] = *b"ORTV";
const VERSION: u8 = 2;
/// The longest map of features. Source: [`crate::hashed::MAX_BITS`], of two kinds.
const MOST_MAP: usize = 1 << (crate::hashed::MAX_BITS - 2);

impl TwoViews {
    /// Writes it down.
    ///
    /// Errors: `TooMany` for more than 255 classes, or features beyond what hashing makes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let too_many = |found: usize, most: usize| Error::TooMany { most, found };
        let classes = u8::try_from(self.classes).map_err(|_| too_many(self.classes, 255))?;
        let last = self.features.last().map_or(0, |feature| *feature as usize / 8 + 1);
        if last > MOST_MAP {
            return Err(too_many(last, MOST_MAP));
        }
        let mut map = vec![0_u8; last];
        self.features.iter().for_each(|feature| map[*feature as usize / 8] |= 1 << (feature % 8));
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, classes, u8::try_from(self.factors.len()).unwrap_or_default()]);
        for size in [self.landmarks(), map.len()] {
            bytes.extend(u32::try_from(size).map_err(|_| too_many(size, u32::MAX as usize))?.to_le_bytes());
        }
        let factors = self.factors.iter().map(|factor| *factor as f32);
        let numbers = factors.chain(self.scales.iter().copied()).chain(self.meaning.iter().flatten().copied());
        numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend(map);
        bytes.extend(self.words.iter().map(|weight| weight.cast_unsigned()));
        Ok(bytes)
    }

    /// Reads [`Self::to_bytes`].
    ///
    /// Errors: `Malformed` if it is none, of another version, too short or too long; `NotFinite` for a number that is.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut rest = Reader(bytes);
        if rest.array()? != MAGIC {
            return Err(Error::Malformed("no head"));
        }
        let [version, classes, factors] = rest.array()?;
        if version != VERSION || classes < 2 || !(1..=2).contains(&factors) {
            return Err(Error::Malformed("unknown version"));
        }
        let classes = usize::from(classes);
        let [landmarks, map] = [rest.array()?, rest.array()?].map(|size| u32::from_le_bytes(size) as usize);
        let factors = rest.numbers(usize::from(factors))?.into_iter().map(f64::from).collect();
        let scales = rest.numbers(classes)?;
        let meaning = rest.numbers(landmarks.checked_mul(classes).ok_or(Error::Malformed("too short"))?)?;
        let (map, words) = rest.0.split_at_checked(map).filter(|_| map <= MOST_MAP).ok_or(Error::Malformed("too short"))?;
        let bits =
            map.iter().zip(0_u32..).flat_map(|(byte, at)| (0..8).filter(move |bit| byte >> bit & 1 == 1).map(move |bit| at * 8 + bit));
        let features: Vec<u32> = bits.collect();
        if Some(words.len()) != features.len().checked_mul(classes) {
            return Err(Error::Malformed("sizes"));
        }
        let words = words.iter().map(|weight| weight.cast_signed()).collect();
        Ok(Self { classes, meaning: Matrix::new(landmarks, classes, meaning)?, scales, features, words, factors })
    }
}

/// What is left of the bytes.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Error::Malformed("too short"))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<f32>, Error> {
        let bytes = count.checked_mul(4).filter(|bytes| *bytes <= self.0.len()).ok_or(Error::Malformed("too short"))?;
        let (taken, rest) = self.0.split_at(bytes);
        self.0 = rest;
        let numbers: Vec<f32> = taken.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if numbers.iter().all(|number| number.is_finite()) { Ok(numbers) } else { Err(Error::NotFinite) }
    }
}
