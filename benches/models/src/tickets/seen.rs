//! Tickets as the function sees them, with vectors that were kept from one run to the next.

use std::path::Path;

use anyhow::{Result, anyhow};
use orilla_knowledge::model::{Checksum, Embed, Glance, glance};
use ticket_route::classify::lens::{Lens, Seen};
use ticket_route::classify::text::Readable;

use super::rows::Ticket;
use crate::vectors::Vectors;

/// The function's encoder, and what it made of texts before.
pub struct Kept {
    model: Glance,
    vectors: Vectors,
}

impl Kept {
    /// Encodes tickets, or reads what was encoded before.
    pub fn of<'t>(cache: &Path, tickets: impl Iterator<Item = &'t Ticket>) -> Result<Self> {
        let model = glance().map_err(|error| anyhow!("{error}"))?;
        let sum: String = model.checksum().iter().map(|byte| format!("{byte:02x}")).collect();
        let texts: Vec<String> = tickets.map(|it| it.example.ticket.whole()).collect();
        let file = cache.join(format!("{sum}-{}", Glance::CHARS));
        let vectors = Vectors::kept(&file, model.dimensions(), texts.iter().map(String::as_str), |texts| Ok(model.embed(texts)?))?;
        Ok(Self { model, vectors })
    }

    /// The encoder itself.
    pub const fn model(&self) -> &Glance {
        &self.model
    }

    /// Looks at tickets.
    pub fn see(&self, lens: &Lens, tickets: &[&Ticket]) -> Result<Vec<Seen>> {
        let readable: Vec<&Readable> = tickets.iter().map(|it| &it.example.ticket).collect();
        Ok(lens.see(self, &readable)?)
    }
}

impl Embed for Kept {
    fn dimensions(&self) -> usize {
        self.model.dimensions()
    }

    fn checksum(&self) -> Checksum {
        self.model.checksum()
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, orilla_infer::Error> {
        let mut vectors = Vec::with_capacity(texts.len() * self.dimensions());
        for text in texts {
            match self.vectors.get(text) {
                Some(vector) => vectors.extend_from_slice(vector),
                None => vectors.extend(self.model.embed(&[text])?),
            }
        }
        Ok(vectors)
    }
}
