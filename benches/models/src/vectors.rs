//! The vectors of texts by one encoder, kept on disk: what was encoded once is read the next time.
//!
//! A file per model, named by the SHA-256 of its two files; in it, one after another, 16 bytes of a text's SHA-256 and its vector. A text
//! cut short by a crash is encoded again. To have everything encoded anew, remove the folder.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use orilla_infer::Encoder;
use orilla_learn::Matrix;
use sha2::{Digest, Sha256};

use crate::parallel;

type Key = [u8; 16];

/// Texts encoded together. Chosen: two seconds of work at most, for the progress shown.
const CHUNK: usize = 256;

/// Vectors of one model.
pub struct Vectors {
    dimensions: usize,
    places: HashMap<Key, usize>,
    values: Vec<f32>,
}

impl Vectors {
    /// Reads what is kept, encodes what is not, and keeps that.
    pub fn of<'a>(folder: &Path, cache: &Path, texts: impl Iterator<Item = &'a str>) -> Result<Self> {
        let read = |name: &str| std::fs::read(folder.join(name)).with_context(|| format!("cannot read {} of {}", name, folder.display()));
        let (model, tokenizer) = (read("model.onnx")?, read("tokenizer.json")?);
        let digest = Sha256::new().chain_update(&model).chain_update(&tokenizer).finalize();
        let file = cache.join(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
        let encoder = load(&model, &tokenizer).with_context(|| format!("cannot open {}", folder.display()))?;
        Self::kept(&file, encoder.dimensions(), texts, |texts| Ok(encoder.encode(texts)?))
    }

    /// As [`Self::of`], in a file of its own, by whatever encodes: it gives as many numbers for each text.
    pub fn kept<'a>(
        file: &Path,
        dimensions: usize,
        texts: impl Iterator<Item = &'a str>,
        encode: impl Fn(&[&str]) -> Result<Vec<f32>> + Sync,
    ) -> Result<Self> {
        let folder = file.parent().context("vectors are kept in a folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut vectors = Self { dimensions, places: HashMap::new(), values: Vec::new() };
        let whole = vectors.read(file)?;
        let mut missing: Vec<(Key, &str)> = Vec::new();
        for text in texts {
            let key = key(text);
            if let Entry::Vacant(place) = vectors.places.entry(key) {
                place.insert(usize::MAX);
                missing.push((key, text));
            }
        }
        // Long ones together, so that no core is left with them at the end.
        missing.sort_by_key(|(_, text)| std::cmp::Reverse(text.len()));
        let kept = File::options().create(true).append(true).open(file).with_context(|| format!("cannot open {}", file.display()))?;
        kept.set_len(whole)?;
        let mut kept = BufWriter::new(kept);
        let all = missing.len();
        for (round, part) in missing.chunks(CHUNK * 16).enumerate() {
            eprintln!("{}: {} of {all} texts to encode …", file.display(), all - round * CHUNK * 16);
            let chunks: Vec<_> = part.chunks(CHUNK).collect();
            let encoded = parallel::map(&chunks, |chunk| encode(&chunk.iter().map(|it| it.1).collect::<Vec<_>>()))?;
            for (chunk, encoded) in chunks.into_iter().zip(encoded) {
                for ((key, _), vector) in chunk.iter().zip(encoded.chunks_exact(vectors.dimensions)) {
                    kept.write_all(key)?;
                    vector.iter().try_for_each(|value| kept.write_all(&value.to_le_bytes()))?;
                    vectors.push(*key, vector.iter().copied());
                }
            }
            kept.flush()?;
        }
        Ok(vectors)
    }

    /// The vectors of texts that were among those given.
    ///
    /// Shape: `[n, d]`.
    pub fn matrix<'a>(&self, texts: impl ExactSizeIterator<Item = &'a str>) -> Result<Matrix> {
        let count = texts.len();
        let mut values = Vec::with_capacity(count * self.dimensions);
        for text in texts {
            values.extend_from_slice(self.get(text).with_context(|| format!("not encoded: {text}"))?);
        }
        Ok(Matrix::new(count, self.dimensions, values)?)
    }

    /// The vector of a text, if it was among those given or in the file.
    pub fn get(&self, text: &str) -> Option<&[f32]> {
        let place = self.places.get(&key(text))?;
        self.values.get(place * self.dimensions..)?.get(..self.dimensions)
    }

    fn push(&mut self, key: Key, vector: impl Iterator<Item = f32>) {
        self.places.insert(key, self.values.len() / self.dimensions);
        self.values.extend(vector);
    }

    /// Reads a file and says how much of it is whole.
    fn read(&mut self, file: &Path) -> Result<u64> {
        if !file.exists() {
            return Ok(0);
        }
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let records = bytes.chunks_exact(size_of::<Key>() + 4 * self.dimensions);
        let whole = bytes.len() - records.remainder().len();
        for record in records {
            let (key, vector) = record.split_at(size_of::<Key>());
            let value = |bytes: &[u8]| bytes.try_into().map_or(f32::NAN, f32::from_le_bytes);
            self.push(key.try_into()?, vector.chunks_exact(4).map(value));
        }
        ensure!(self.values.iter().all(|value| value.is_finite()), "{} is damaged; remove it", file.display());
        Ok(whole as u64)
    }
}

#[cfg(feature = "tract")]
fn load(model: &[u8], tokenizer: &[u8]) -> Result<Encoder> {
    Ok(Encoder::load(model, tokenizer)?)
}

/// Of the build that measures the FAQ chat alone.
#[cfg(not(feature = "tract"))]
fn load(_model: &[u8], _tokenizer: &[u8]) -> Result<Encoder> {
    anyhow::bail!("this build opens no model at run time: the feature `tract` is missing")
}

fn key(text: &str) -> Key {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|at| digest[at])
}
