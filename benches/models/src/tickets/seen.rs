//! Tickets as the function sees them, with vectors that were kept from one run to the next.

use std::path::Path;

use anyhow::{Result, anyhow};
use orilla_knowledge::model::{Embed as _, Glance, glance};
use orilla_learn::matrix::Matrix;
use ticket_route::classify::lens::{Lens, Seen};

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
        let each = tickets.iter().map(|it| {
            let text = it.example.ticket.whole();
            Ok(lens.see(self.vector(&text)?, &text)?)
        });
        each.collect()
    }

    /// What is learnt of these tickets before any label.
    pub fn lens(&self, tickets: &[&Ticket]) -> Result<Lens> {
        let vectors = tickets.iter().map(|it| self.vector(&it.example.ticket.whole())).collect::<Result<Vec<_>>>()?;
        Ok(Lens::learn(tickets.iter().map(|it| &it.example.ticket), &Matrix::from_rows(&vectors)?)?)
    }

    fn vector(&self, text: &str) -> Result<Vec<f32>> {
        match self.vectors.get(text) {
            Some(vector) => Ok(vector.to_vec()),
            None => Ok(self.model.embed(&[text])?),
        }
    }
}
