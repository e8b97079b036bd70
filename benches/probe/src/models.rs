//! The two encoders, whoever runs them.

use orilla_infer::{Embedded, Encoder};

use crate::Answer;

/// The encoders in `models/`.
#[derive(Debug)]
pub struct Models {
    /// The table.
    pub micro: Embedded,
    /// The transformer.
    pub small: Embedded,
}

impl Models {
    fn named(&self, name: &str) -> Result<&Embedded, String> {
        match name {
            "micro" => Ok(&self.micro),
            "small" => Ok(&self.small),
            _ => Err(format!("there is no model `{name}`")),
        }
    }

    /// An open encoder.
    pub(crate) fn encoder(&self, name: &str) -> Result<&Encoder, String> {
        self.named(name)?.encoder().map_err(|error| error.to_string())
    }
}

/// Opens both, for a snapshot; a failure shows again at the first question.
pub fn open(models: &Models) {
    for model in [&models.micro, &models.small] {
        let _ = model.encoder();
    }
}

pub(crate) fn encode(models: &Models, name: &str, texts: &[String], times: usize) -> Result<Answer, String> {
    let encoder = models.encoder(name)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut vectors = Vec::new();
    for _ in 0..times {
        vectors = encoder.encode(&texts).map_err(|error| error.to_string())?;
    }
    let ids = texts.iter().map(|text| encoder.ids(text)).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let vectors = vectors.chunks_exact(encoder.dimensions()).map(<[f32]>::to_vec).collect();
    Ok(Answer { vectors, ids, ..Answer::default() })
}

pub(crate) fn load(models: &Models, name: &str, times: usize) -> Result<Answer, String> {
    let model = models.named(name)?;
    for _ in 0..times {
        drop(model.open().map_err(|error| error.to_string())?);
    }
    Ok(Answer::default())
}
