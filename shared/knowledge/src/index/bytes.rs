//! Numbers and texts in a row of bytes, little-endian, as the index keeps them.

use super::Refusal;

/// Writes one after another.
#[derive(Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    pub fn u32(&mut self, value: usize) {
        self.0.extend(u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    pub fn f32(&mut self, value: f32) {
        self.0.extend(value.to_le_bytes());
    }

    pub fn u32s(&mut self, values: &[u32]) {
        self.u32(values.len());
        values.iter().for_each(|value| self.0.extend(value.to_le_bytes()));
    }

    pub fn text(&mut self, text: &str) {
        self.u32(text.len());
        self.0.extend(text.as_bytes());
    }
}

/// Reads what [`Writer`] wrote; anything else ends in `Damaged`.
#[derive(Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Refusal::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        self.take(N)?.try_into().map_err(|_| Refusal::Damaged)
    }

    pub fn u32(&mut self) -> Result<u32, Refusal> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A number of things that follow.
    pub fn count(&mut self) -> Result<usize, Refusal> {
        Ok(self.u32()? as usize)
    }

    pub fn u64(&mut self) -> Result<u64, Refusal> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn f32(&mut self) -> Result<f32, Refusal> {
        Some(f32::from_le_bytes(self.array()?)).filter(|value| value.is_finite()).ok_or(Refusal::Damaged)
    }

    pub fn u32s(&mut self) -> Result<Vec<u32>, Refusal> {
        let count = self.count()?;
        let (chunks, _) = self.take(count.checked_mul(4).ok_or(Refusal::Damaged)?)?.as_chunks();
        Ok(chunks.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    pub fn text(&mut self) -> Result<&'a str, Refusal> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).map_err(|_| Refusal::Damaged)
    }
}
