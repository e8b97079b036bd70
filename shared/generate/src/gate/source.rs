//! A passage as support: its sentences one by one and in pairs, what each says, and its vector once that is asked for.

use std::cmp::Ordering;

use orilla_knowledge::locale::stemming;
use orilla_knowledge::model::Embed;
use orilla_learn::matrix::dot;
use orilla_text::Locale;

use crate::claims::Claims;
use crate::orders::is_order;
use crate::prompt::Known;
use crate::sentence::sentences;

/// Parts that are compared in meaning, those of the most shared words. Chosen: a paraphrase shares words with what it says again.
const COMPARED: usize = 3;

/// A passage.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) locale: Locale,
    /// What all of it says.
    pub(super) claims: Claims,
    /// What its title asks: it names what the passage is about, and claims nothing.
    pub(super) title: Claims,
    /// Its sentences, then the pairs of neighbours.
    windows: Vec<Window>,
    sentences: usize,
}

#[derive(Debug)]
struct Window {
    text: String,
    claims: Claims,
    vector: Option<Vec<f32>>,
}

/// The part of a passage that is nearest to a sentence.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) claims: Claims,
    pub(super) cosine: f32,
}

impl Source {
    pub(super) fn new(known: &Known) -> Self {
        let read = |text: String| Window { claims: Claims::read(&text, stemming(known.locale)), text, vector: None };
        let kept = sentences(&known.text).into_iter().map(|part| part.text).filter(|part| !is_order(part));
        let single: Vec<String> = kept.collect();
        let pairs = single.windows(2).map(|pair| pair.join(" "));
        let windows: Vec<Window> = single.iter().cloned().chain(pairs).map(read).collect();
        let claims = Claims::of_all(windows.iter().map(|it| &it.claims));
        Self { locale: known.locale, claims, title: Claims::read(&known.title, stemming(known.locale)), windows, sentences: single.len() }
    }

    /// What each of its sentences says.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &Claims> {
        self.windows.iter().take(self.sentences).map(|window| &window.claims)
    }

    /// The nearest part: in the same language of those that share most words, else of all. What says one number is in one sentence.
    ///
    /// Errors: as [`Embed::embed`].
    pub(super) fn nearest(
        &mut self,
        embed: &impl Embed,
        claims: &Claims,
        vector: &[f32],
        is_same: bool,
    ) -> Result<Part, orilla_infer::Error> {
        let mut order: Vec<(f32, usize)> = self.windows.iter().enumerate().map(|(at, it)| (claims.share(&it.claims), at)).collect();
        if !is_same && claims.numbers.len() == 1 {
            order.truncate(self.sentences);
        }
        if is_same {
            order.sort_by(|a, b| b.0.total_cmp(&a.0));
            order.truncate(COMPARED);
        }
        let mut best: Option<(f32, usize)> = None;
        for (_, at) in order {
            let window = &mut self.windows[at];
            let own = match &mut window.vector {
                Some(own) => own,
                none => none.insert(embed.embed(&[&window.text])?),
            };
            let cosine = dot(vector, own);
            if best.is_none_or(|(most, _)| cosine.total_cmp(&most) == Ordering::Greater) {
                best = Some((cosine, at));
            }
        }
        Ok(match best {
            Some((cosine, at)) => Part { text: self.windows[at].text.clone(), claims: self.windows[at].claims.clone(), cosine },
            None => Part { text: String::new(), claims: Claims::default(), cosine: 0.0 },
        })
    }
}
