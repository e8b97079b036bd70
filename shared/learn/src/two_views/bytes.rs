//! A head as bytes, little-endian, without gaps:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `ORTV` |
//! | 1 | version, 1 |
//! | 1 | classes, K |
//! | 1 | factors, 2 or 3 |
//! | 2 | length of a vector, d |
//! | 4 | features, F |
//! | 4 each | factors; intercepts of vectors, then of words, K each; scales, K; weights of vectors, K · d: all f32 |
//! | 4 F | features, ascending |
//! | F · K | weights of words, int8: all classes of the first feature, then of the second |

use super::TwoViews;
use crate::error::Error;
use crate::matrix::Matrix;

const MAGIC: [u8; 4] = *b"ORTV";
const VERSION: u8 = 1;

impl TwoViews {
    /// Writes it down.
    ///
    /// Errors: `TooMany` for more than 255 classes or vectors of more than 65,535 numbers.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let too_many = |found: usize, most: usize| Error::TooMany { most, found };
        let classes = u8::try_from(self.classes).map_err(|_| too_many(self.classes, 255))?;
        let dimensions = u16::try_from(self.dimensions()).map_err(|_| too_many(self.dimensions(), 65_535))?;
        let features = u32::try_from(self.features.len()).map_err(|_| too_many(self.features.len(), u32::MAX as usize))?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, classes, u8::try_from(self.factors.len()).unwrap_or_default()]);
        bytes.extend(dimensions.to_le_bytes());
        bytes.extend(features.to_le_bytes());
        let factors = self.factors.iter().map(|factor| *factor as f32);
        let rows = |matrix: &Matrix| matrix.iter().flatten().copied().collect::<Vec<_>>();
        let numbers = factors.chain(rows(&self.intercepts)).chain(self.scales.iter().copied()).chain(rows(&self.vectors));
        numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
        self.features.iter().for_each(|feature| bytes.extend(feature.to_le_bytes()));
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
        if version != VERSION || classes < 2 || !(2..=3).contains(&factors) {
            return Err(Error::Malformed("unknown version"));
        }
        let classes = usize::from(classes);
        let (dimensions, features) = (usize::from(u16::from_le_bytes(rest.array()?)), u32::from_le_bytes(rest.array()?) as usize);
        let factors = rest.numbers(usize::from(factors))?.into_iter().map(f64::from).collect();
        let intercepts = Matrix::new(2, classes, rest.numbers(2 * classes)?)?;
        let scales = rest.numbers(classes)?;
        let vectors = Matrix::new(classes, dimensions, rest.numbers(classes * dimensions)?)?;
        let features: Vec<u32> = rest.words(features)?.into_iter().map(u32::from_le_bytes).collect();
        if !features.is_sorted_by(|a, b| a < b) || Some(rest.0.len()) != features.len().checked_mul(classes) {
            return Err(Error::Malformed("sizes"));
        }
        let words = rest.0.iter().map(|weight| weight.cast_signed()).collect();
        Ok(Self { classes, vectors, intercepts, scales, features, words, factors })
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

    fn words(&mut self, count: usize) -> Result<Vec<[u8; 4]>, Error> {
        let bytes = count.checked_mul(4).filter(|bytes| *bytes <= self.0.len()).ok_or(Error::Malformed("too short"))?;
        let (taken, rest) = self.0.split_at(bytes);
        self.0 = rest;
        Ok(taken.as_chunks().0.to_vec())
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<f32>, Error> {
        let numbers: Vec<f32> = self.words(count)?.into_iter().map(f32::from_le_bytes).collect();
        if numbers.iter().all(|number| number.is_finite()) { Ok(numbers) } else { Err(Error::NotFinite) }
    }
}
