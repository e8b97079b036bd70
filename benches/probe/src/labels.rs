//! A head over an encoder, learnt and asked in one go.

use orilla_learn::heads::{Examples, Head, KernelRidge};
use orilla_learn::{Error, Matrix};

use crate::Answer;
use crate::models::Models;

pub(crate) fn label(models: &Models, model: &str, examples: &[(String, usize)], texts: &[String]) -> Result<Answer, String> {
    let encoder = models.encoder(model)?;
    let vectors = |texts: Vec<&str>| {
        let vectors = encoder.encode(&texts).map_err(|error| error.to_string())?;
        Matrix::new(texts.len(), encoder.dimensions(), vectors).map_err(|error| error.to_string())
    };
    let known = vectors(examples.iter().map(|(text, _)| text.as_str()).collect())?;
    let asked = vectors(texts.iter().map(String::as_str).collect())?;
    let scores = scores(known, examples.iter().map(|(_, label)| *label).collect(), &asked).map_err(|error| error.to_string())?;
    let best = |scores: &Vec<f32>| (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
    Ok(Answer { labels: scores.iter().map(best).collect(), scores, ..Answer::default() })
}

fn scores(known: Matrix, labels: Vec<usize>, asked: &Matrix) -> Result<Vec<Vec<f32>>, Error> {
    let head = KernelRidge::new(Examples::new(known, labels)?)?;
    asked.iter().map(|query| head.scores(query)).collect()
}
