//! An encoder that is part of the program, opened once.

use std::sync::OnceLock;

use crate::encoder::Encoder;
use crate::error::Error;

/// A model whose files are in the program, opened at the first call and kept for as long as the program lives: on Workers as long as
/// the isolate, natively as long as the process. On Spin every request has an instance of its own; there a snapshot is taken after
/// `wizer-initialize` has called [`Embedded::encoder`], and every instance begins with it open.
///
/// ```text
/// static SMALL: Embedded = Embedded::new(include_bytes!("model.onnx"), include_bytes!("tokenizer.json"));
/// let vectors = SMALL.encoder()?.encode(&["Where is my parcel?"])?;
/// ```
#[derive(Debug)]
pub struct Embedded {
    model: &'static [u8],
    tokenizer: &'static [u8],
    open: fn(&'static [u8], &[u8]) -> Result<Encoder, Error>,
    opened: OnceLock<Encoder>,
}

impl Embedded {
    /// Names the files of a model that runs where it stands; nothing is read yet.
    #[must_use]
    pub const fn new(model: &'static [u8], tokenizer: &'static [u8]) -> Self {
        Self { model, tokenizer, open: Encoder::in_place, opened: OnceLock::new() }
    }

    /// Names the files of a model that runs in tract.
    #[cfg(feature = "tract")]
    #[must_use]
    pub const fn in_tract(model: &'static [u8], tokenizer: &'static [u8]) -> Self {
        Self { model, tokenizer, open: |model, tokenizer| Encoder::load(model, tokenizer), opened: OnceLock::new() }
    }

    /// The encoder, opened if nobody has asked for it before.
    ///
    /// Errors: as [`Encoder::in_place`] or `Encoder::load`, and again at the next call.
    pub fn encoder(&self) -> Result<&Encoder, Error> {
        if let Some(encoder) = self.opened.get() {
            return Ok(encoder);
        }
        let opened = self.open()?;
        Ok(self.opened.get_or_init(|| opened))
    }

    /// An encoder of one's own.
    ///
    /// Errors: as for [`Embedded::encoder`].
    pub fn open(&self) -> Result<Encoder, Error> {
        (self.open)(self.model, self.tokenizer)
    }
}
