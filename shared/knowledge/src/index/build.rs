//! Makes an index of articles: which texts are encoded, and what becomes of their vectors.

use std::collections::BTreeMap;

use orilla_learn::matrix::normalise;
use orilla_learn::search::Int8;
use orilla_text::Locale;

use super::calibrate::{Calibration, Trial};
use super::lexicon::Lexicon;
use super::{BuildError, Held, Index, LOCALES, Rows};
use crate::kb::{Article, markdown};
use crate::locale::stemming;
use crate::model::{Checksum, Embed, checksum};
use crate::passage;

/// The most articles of one index. Chosen: ten thousand entries in two languages.
pub const MAX_ARTICLES: usize = 20_000;
/// What a question with its answer counts beside one paraphrase. Chosen on our dev help centres by a copy of this in Python.
const WITH_ANSWER: f32 = 2.0;
/// Articles whose questions are tried on the rest of the index. Chosen: enough for a quantile, and an index of thousands is made in time.
const TRIED: usize = 150;
/// Paraphrases of one article that are tried. Chosen.
const TRIED_PARAPHRASES: usize = 3;

/// Builds an index; of two articles of one id and language the later counts.
///
/// Vectors of texts that an older index of the same model has are taken from there.
///
/// Errors: as [`BuildError`] lists.
pub fn build(articles: &[Article], model: &impl Embed, older: Option<&Index>, kb_version: u64) -> Result<Index, BuildError> {
    build_some(articles, model, older, kb_version, usize::MAX).map(|built| built.index)
}

/// An index, and what is still missing from it.
#[derive(Debug)]
pub struct Built {
    /// The index, of all articles but those that would have cost too much.
    pub index: Index,
    /// How many are missing; building again with this index as the older one adds more of them.
    pub missing: usize,
}

/// Builds an index and encodes about `most` texts for it at most: a host gives a request so much time. The next call goes on from there.
///
/// Errors: as [`BuildError`] lists.
pub fn build_some(
    articles: &[Article],
    model: &impl Embed,
    older: Option<&Index>,
    kb_version: u64,
    most: usize,
) -> Result<Built, BuildError> {
    let ordered: BTreeMap<(&str, Locale), &Article> = articles.iter().map(|it| ((it.id.as_str(), it.locale), it)).collect();
    let articles: Vec<&Article> = ordered.into_values().collect();
    if articles.len() > MAX_ARTICLES {
        return Err(BuildError::TooMany(articles.len()));
    }
    let mut texts = Texts::new(model, older);
    let mut entries: Vec<String> = Vec::new();
    let mut taken: Vec<&Article> = Vec::with_capacity(articles.len());
    let mut held = Vec::with_capacity(articles.len());
    let tried_every = articles.len().div_ceil(TRIED).max(1);
    let mut tried = Vec::new();
    for (at, article) in articles.iter().enumerate() {
        let wanted = Wanted::of(article, at % tried_every == 0);
        if texts.encoded > 0 && texts.encoded + texts.unknown(&wanted) > most {
            continue;
        }
        if entries.last() != Some(&article.id) {
            entries.push(article.id.clone());
        }
        let whole = texts.row(&wanted.whole)?;
        let paraphrases = article.paraphrases.iter().map(|text| texts.row(text)).collect::<Result<Vec<_>, _>>()?;
        let prototype = if paraphrases.is_empty() { whole } else { texts.mean(&weighted(whole, &paraphrases))? };
        let passages = texts.passages(&wanted.passages)?;
        if let Some(answer) = &wanted.tried {
            let without_question = texts.row(answer)?;
            tried.push((held.len(), texts.row(&article.question)?, weighted(without_question, &paraphrases)));
            for left_out in paraphrases.iter().take(TRIED_PARAPHRASES) {
                let others: Vec<_> = paraphrases.iter().copied().filter(|row| row != left_out).collect();
                tried.push((held.len(), *left_out, weighted(whole, &others)));
            }
        }
        held.push(Held { entry: entries.len() - 1, locale: article.locale, prototype, passages });
        taken.push(article);
    }
    let trials = tried
        .into_iter()
        .map(|(article, question, rest)| Ok(Trial { article, question: texts.rows.get(question), rest: texts.direction(&rest)? }));
    let trials = trials.collect::<Result<Vec<_>, BuildError>>()?;
    let mut index = Index {
        kb_version,
        model: model.checksum(),
        entries,
        lexicons: LOCALES.map(|locale| lexicon(&taken, locale)),
        articles: held,
        rows: texts.rows,
        calibration: Calibration::default(),
    };
    index.calibration = Calibration::of(&index, &trials);
    Ok(Built { index, missing: articles.len() - taken.len() })
}

/// The texts of an article that are encoded, its paraphrases aside.
struct Wanted<'a> {
    article: &'a Article,
    whole: String,
    /// None of an article that is one passage.
    passages: Vec<String>,
    /// The answer without its question, where the question is tried.
    tried: Option<String>,
}

impl<'a> Wanted<'a> {
    fn of(article: &'a Article, is_tried: bool) -> Self {
        let answer = markdown::plain(&article.answer).text;
        let passages = passage::split(article);
        let is_long = passages.len() > 1;
        Self {
            article,
            whole: format!("{} {answer}", article.question),
            passages: passages.iter().filter(|_| is_long).map(|it| format!("{} {}", article.question, it.searched())).collect(),
            tried: is_tried.then_some(answer),
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let tried = self.tried.iter().flat_map(|answer| [answer, &self.article.question]);
        [&self.whole].into_iter().chain(&self.article.paraphrases).chain(&self.passages).chain(tried).map(String::as_str)
    }
}

fn weighted(whole: usize, paraphrases: &[usize]) -> Vec<(usize, f32)> {
    std::iter::once((whole, WITH_ANSWER)).chain(paraphrases.iter().map(|row| (*row, 1.0))).collect()
}

fn lexicon(articles: &[&Article], locale: Locale) -> Lexicon {
    let text = |article: &Article| {
        let answer = markdown::plain(&article.answer).text;
        [&article.question, &answer].into_iter().chain(&article.paraphrases).map(String::as_str).collect::<Vec<_>>().join("\n")
    };
    let texts: Vec<_> = (0u32..).zip(articles).filter(|(_, it)| it.locale == locale).map(|(at, it)| (at, text(it))).collect();
    Lexicon::new(texts.iter().map(|(at, text)| (*at, text.as_str())), stemming(locale))
}

/// Rows as they are made, each text once.
struct Texts<'a, E> {
    model: &'a E,
    older: Option<(&'a Index, BTreeMap<Checksum, usize>)>,
    known: BTreeMap<Checksum, usize>,
    rows: Rows,
    /// How many were encoded, not taken over.
    encoded: usize,
}

impl<'a, E: Embed> Texts<'a, E> {
    fn new(model: &'a E, older: Option<&'a Index>) -> Self {
        let older = older.filter(|it| it.model == model.checksum()).map(|it| (it, it.known()));
        let rows = Rows { dimensions: model.dimensions(), ..Rows::default() };
        Self { model, older, known: BTreeMap::new(), rows, encoded: 0 }
    }

    /// The row of a text.
    fn row(&mut self, text: &str) -> Result<usize, BuildError> {
        let key = checksum(text.as_bytes());
        if let Some(row) = self.known.get(&key) {
            return Ok(*row);
        }
        let vector = match self.taken_over(&key) {
            Some(vector) => vector,
            None => {
                self.encoded += 1;
                Int8::new(&self.model.embed(&[text])?)?
            }
        };
        self.known.insert(key, self.rows.len());
        self.rows.push(&vector, key);
        Ok(self.rows.len() - 1)
    }

    fn taken_over(&self, key: &Checksum) -> Option<Int8> {
        let (older, known) = self.older.as_ref()?;
        known.get(key).map(|row| older.rows.get(*row))
    }

    /// How many texts of an article would have to be encoded.
    fn unknown(&self, wanted: &Wanted<'_>) -> usize {
        let is_unknown = |text: &&str| {
            let key = checksum(text.as_bytes());
            !self.known.contains_key(&key) && self.older.as_ref().is_none_or(|(_, known)| !known.contains_key(&key))
        };
        wanted.all().filter(is_unknown).count()
    }

    /// Rows of the passages of a long article.
    fn passages(&mut self, passages: &[String]) -> Result<std::ops::Range<usize>, BuildError> {
        let first = self.rows.len();
        for passage in passages {
            // One after another, even where a text was there already: a passage is known by its place.
            let place = self.rows.len();
            let row = self.row(passage)?;
            if row < place {
                let copy = self.rows.get(row);
                self.rows.push(&copy, Checksum::default());
            }
        }
        Ok(first..self.rows.len())
    }

    /// A new row for the mean direction of others.
    fn mean(&mut self, parts: &[(usize, f32)]) -> Result<usize, BuildError> {
        let vector = self.direction(parts)?;
        self.rows.push(&vector, Checksum::default());
        Ok(self.rows.len() - 1)
    }

    fn direction(&self, parts: &[(usize, f32)]) -> Result<Int8, BuildError> {
        let mut sum = vec![0.0; self.rows.dimensions];
        for (row, weight) in parts {
            let Int8 { scale, values } = self.rows.get(*row);
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += weight * scale * f32::from(value));
        }
        normalise(&mut sum);
        Ok(Int8::new(&sum)?)
    }
}
