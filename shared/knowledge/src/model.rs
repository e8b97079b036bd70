//! What turns a text into a vector: both shipped encoders side by side, which err differently and together less.

use std::fmt::Debug;

use orilla_core::Error;
use orilla_infer::{Embedded, Encoder};
use sha2::{Digest, Sha256};

/// Makes unit vectors of texts.
pub trait Embed {
    /// How long a vector is.
    fn dimensions(&self) -> usize;

    /// What tells one model from another: vectors of different models are not comparable.
    fn checksum(&self) -> Checksum;

    /// Shape: `[n, d]`, row-major; every row has L2 norm 1.
    /// Errors: as [`Encoder::encode`].
    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error>;
}

/// The beginning of a SHA-256.
pub type Checksum = [u8; 16];

/// The beginning of a text's SHA-256.
#[must_use]
pub fn checksum(bytes: &[u8]) -> Checksum {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|at| digest[at])
}

/// Two encoders whose vectors stand one after the other: a cosine is the mean of both cosines.
///
/// Chosen on our dev help centres by a copy of this in Python: each alone finds less.
#[derive(Debug, Clone, Copy)]
pub struct Both<'a> {
    encoders: [&'a Encoder; 2],
    checksum: Checksum,
}

static SMALL: Embedded =
    Embedded::new(include_bytes!("../../../models/small/model.onnx"), include_bytes!("../../../models/small/tokenizer.json"));
static MICRO: Embedded =
    Embedded::new(include_bytes!("../../../models/micro/model.onnx"), include_bytes!("../../../models/micro/tokenizer.json"));
/// Hashing eight megabytes costs more than a start may; the sums that a test holds against the files do as well.
const SUMS: &str = concat!(include_str!("../../../models/small/SHA256SUMS"), include_str!("../../../models/micro/SHA256SUMS"));

impl Both<'static> {
    /// The models that are part of the program, opened at the first call.
    ///
    /// Errors: as [`Embedded::encoder`].
    pub fn shipped() -> Result<Self, orilla_infer::Error> {
        Ok(Self { encoders: [SMALL.encoder()?, MICRO.encoder()?], checksum: checksum(SUMS.as_bytes()) })
    }
}

/// Opens the shipped models before a request needs them. One that cannot be opened is told to that request.
pub fn warm() {
    let _ = Both::shipped();
    crate::locale::warm();
}

/// The shipped models, for a request.
///
/// Errors: `Internal` if they cannot be opened, which for files that are part of the program is a defect.
pub fn shipped() -> Result<Both<'static>, Error> {
    Both::shipped().map_err(Error::internal)
}

/// The smaller of the shipped models alone: a hundredth of the time, for many texts at once.
///
/// Errors: as [`shipped`].
pub fn quick() -> Result<Quick, Error> {
    MICRO.encoder().map(Quick).map_err(Error::internal)
}

/// Both shipped models for long texts: the larger hears the beginning only, where the matter stands, and costs a third.
///
/// Errors: as [`shipped`].
pub fn glance() -> Result<Glance, Error> {
    Ok(Glance([SMALL.encoder().map_err(Error::internal)?, MICRO.encoder().map_err(Error::internal)?]))
}

/// As [`Both`], but the larger encoder hears no more than [`Glance::CHARS`] of a text.
#[derive(Debug, Clone, Copy)]
pub struct Glance([&'static Encoder; 2]);

impl Glance {
    /// Some 48 pieces. Chosen on our dev tickets, which are told apart as well by them as by 128, at a third of the time.
    pub const CHARS: usize = 220;
}

impl Embed for Glance {
    fn dimensions(&self) -> usize {
        self.0.iter().map(|encoder| encoder.dimensions()).sum()
    }

    fn checksum(&self) -> Checksum {
        checksum(
            concat!("glance", include_str!("../../../models/small/SHA256SUMS"), include_str!("../../../models/micro/SHA256SUMS"))
                .as_bytes(),
        )
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        let [small, micro] = self.0;
        let mut vectors = Vec::with_capacity(texts.len() * self.dimensions());
        for text in texts {
            let of_each = small.encode(&[beginning(text)])?.into_iter().chain(micro.encode(&[text])?);
            vectors.extend(of_each.map(|value| value * std::f32::consts::FRAC_1_SQRT_2));
        }
        Ok(vectors)
    }
}

/// Whole words of the first [`Glance::CHARS`]; of one endless word its beginning.
fn beginning(text: &str) -> &str {
    let Some((end, _)) = text.char_indices().nth(Glance::CHARS) else { return text };
    let cut = &text[..end];
    cut.rfind(char::is_whitespace).map_or(cut, |at| &cut[..at])
}

/// One encoder by itself.
#[derive(Debug, Clone, Copy)]
pub struct Quick(&'static Encoder);

impl Embed for Quick {
    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    fn checksum(&self) -> Checksum {
        checksum(concat!("micro", include_str!("../../../models/micro/SHA256SUMS")).as_bytes())
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        self.0.encode(texts)
    }
}

impl Embed for Both<'_> {
    fn dimensions(&self) -> usize {
        self.encoders.iter().map(|encoder| encoder.dimensions()).sum()
    }

    fn checksum(&self) -> Checksum {
        self.checksum
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        let part = (self.encoders.len() as f32).sqrt().recip();
        let mut vectors = Vec::with_capacity(texts.len() * self.dimensions());
        for text in texts {
            for encoder in self.encoders {
                vectors.extend(encoder.encode(&[text])?.into_iter().map(|value| value * part));
            }
        }
        Ok(vectors)
    }
}

pub mod testing {
    //! A model of words for tests: each word has a direction of its own, so that texts are near that share words, or their translations.

    use super::*;

    /// Counts hashed words.
    #[derive(Debug, Clone, Copy)]
    pub struct Words(pub u8);

    impl Embed for Words {
        fn dimensions(&self) -> usize {
            256
        }

        fn checksum(&self) -> Checksum {
            [self.0; 16]
        }

        fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
            Ok(texts.iter().flat_map(|text| vector(text)).collect())
        }
    }

    /// Words that have the direction of another.
    #[rustfmt::skip]
    const SAME: [(&str, &str); 8] = [
        ("cuesta", "cost"), ("tienda", "tent"), ("cien", "hundred"), ("devuelvo", "return"), ("pedido", "order"), ("cuanto", "much"),
        ("lavar", "washed"), ("cosas", "things"),
    ];

    fn vector(text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; 256];
        vector[0] = 0.5;
        let folded = orilla_learn::words::fold(text);
        for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2) {
            let word = SAME.iter().find(|same| same.0 == word).map_or(word, |same| same.1);
            vector[usize::from(checksum(word.as_bytes())[0])] += 1.0;
        }
        orilla_learn::matrix::normalise(&mut vector);
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_files() {
        let hex = |bytes: &[u8]| orilla_core::ids::hex(&Sha256::digest(bytes));
        let small = include_bytes!("../../../models/small/model.onnx");
        let micro = include_bytes!("../../../models/micro/model.onnx");
        assert!(SUMS.contains(&hex(small)) && SUMS.contains(&hex(micro)), "SHA256SUMS are of other files");
    }

    #[test]
    fn a_vector_is_both_models_in_one() {
        let both = Both::shipped().unwrap();
        let vectors = both.embed(&["where is my order", "dónde está mi pedido"]).unwrap();
        let (one, other) = vectors.split_at(both.dimensions());
        let norm = |vector: &[f32]| vector.iter().map(|it| it * it).sum::<f32>().sqrt();
        assert!((norm(one) - 1.0).abs() < 1e-4 && (norm(other) - 1.0).abs() < 1e-4);
        assert!(orilla_learn::matrix::dot(one, other) > 0.5);
    }

    #[test]
    fn of_a_long_text_the_larger_model_hears_the_beginning() {
        let glance = glance().unwrap();
        let long = "the shop is down and nobody can pay ".repeat(20);
        assert_eq!((beginning("short"), beginning(&"x".repeat(300)).len()), ("short", 220));
        assert!(long.starts_with(beginning(&long)) && (200..220).contains(&beginning(&long).len()));
        let vectors = glance.embed(&["where is my order", &long, beginning(&long)]).unwrap();
        let rows: Vec<_> = vectors.chunks_exact(glance.dimensions()).collect();
        assert!(orilla_learn::matrix::dot(rows[0], &Both::shipped().unwrap().embed(&["where is my order"]).unwrap()) > 0.9999);
        let small = SMALL.encoder().unwrap().dimensions();
        assert_eq!(rows[1][..small], rows[2][..small]);
    }
}
