//! What the site's knowledge lacks: questions without a good answer, like ones together, the commonest first, each with the draft of an
//! article. `GET /v1/kb/gaps`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, SqlError, Statement};
use orilla_core::{Error, Request, Response, Sql};
use orilla_knowledge::model::Embed;
use orilla_learn::matrix::{dot, normalise};
use orilla_learn::words::fold;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::answer::Answer;

/// Questions that are looked at, the latest. Chosen: what a person works through in a month.
const LOOKED_AT: u32 = 1_000;
/// How far back, in days, when the caller does not say, and at most.
const DAYS: (u32, u32) = (90, 365);
/// Groups that are shown.
const SHOWN: usize = 50;
/// From which cosine on two questions are one. Chosen on the paraphrases of our dev help centres: below it strangers meet, above it twins part.
const ALIKE: f32 = 0.62;
/// Paraphrases of a draft.
const PARAPHRASES: usize = 8;

/// Why a question is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The bot was not sure.
    Unsure,
    /// The visitor said that the answer did not help.
    Unhelpful,
}

impl Why {
    const fn name(self) -> &'static str {
        match self {
            Self::Unsure => "unsure",
            Self::Unhelpful => "unhelpful",
        }
    }
}

/// Keeps a question, in the batch of its turn.
#[must_use]
pub fn note(site: &SiteId, answer: &Answer, question: &str, why: Why, now: DateTime<Utc>) -> Statement {
    Statement::new(
        "INSERT INTO kb_questions (site_id, conversation_id, number, question, locale, reason, asked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (site_id, conversation_id, number) DO NOTHING",
    )
    .bind(site)
    .bind(answer.conversation_id.as_str())
    .bind(answer.number)
    .bind(question)
    .bind(answer.locale.as_str())
    .bind(why.name())
    .bind(now)
}

/// Forgets a question whose answer helped after all.
#[must_use]
pub fn forget(site: &SiteId, conversation: &str, number: u32, why: Why) -> Statement {
    Statement::new("DELETE FROM kb_questions WHERE site_id = ?1 AND conversation_id = ?2 AND number = ?3 AND reason = ?4")
        .bind(site)
        .bind(conversation)
        .bind(number)
        .bind(why.name())
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    text: String,
    locale: String,
    conversation: String,
    is_unhelpful: bool,
    at: DateTime<Utc>,
}

/// `?days= `: groups of like questions.
///
/// Errors: `Malformed` for a query that cannot be read, and what the store and the model give.
pub async fn show(sql: &impl Sql, model: &impl Embed, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let since = request.received - TimeDelta::days(i64::from(request.number("days", DAYS.0, DAYS.1)?));
    let select = Statement::new(
        "SELECT question, locale, conversation_id, reason, asked_at FROM kb_questions INDEXED BY kb_questions_by_time \
         WHERE site_id = ?1 AND asked_at >= ?2 ORDER BY asked_at DESC LIMIT ?3",
    );
    let asked = read(&sql.query(select.bind(site).bind(since).bind(LOOKED_AT)).await?)?;
    let texts: Vec<&str> = asked.iter().map(|it| it.text.as_str()).collect();
    let vectors = model.embed(&texts).map_err(Error::internal)?;
    let mut groups = grouped(&vectors, model.dimensions());
    groups.sort_by_key(|group| (Reverse(people(&asked, group)), group.first().copied()));
    let shown: Vec<Json> = groups.iter().take(SHOWN).map(|group| view(&asked, &vectors, model.dimensions(), group)).collect();
    json(StatusCode::OK, &json!({ "questions": asked.len(), "gaps": shown }))
}

fn read(rows: &Rows) -> Result<Vec<Asked>, SqlError> {
    let asked = rows.iter().map(|row| {
        Ok(Asked {
            text: row.text("question")?.to_owned(),
            locale: row.text("locale")?.to_owned(),
            conversation: row.text("conversation_id")?.to_owned(),
            is_unhelpful: row.text("reason")? == Why::Unhelpful.name(),
            at: row.time("asked_at")?,
        })
    });
    asked.collect()
}

/// How many conversations asked for it: one person who asks five times is one.
fn people(asked: &[Asked], group: &[usize]) -> usize {
    group.iter().filter_map(|at| asked.get(*at)).map(|it| it.conversation.as_str()).collect::<BTreeSet<_>>().len()
}

/// Greedy: each question joins the group whose mean direction it is nearest to, if it is near, or begins one.
fn grouped(vectors: &[f32], dimensions: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<(Vec<f32>, Vec<usize>)> = Vec::new();
    for (at, vector) in vectors.chunks_exact(dimensions.max(1)).enumerate() {
        let near = groups.iter_mut().map(|group| (cosine(&group.0, vector), group)).max_by(|a, b| a.0.total_cmp(&b.0));
        match near {
            Some((likeness, (sum, members))) if likeness >= ALIKE => {
                sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
                members.push(at);
            }
            _ => groups.push((vector.to_vec(), vec![at])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

fn cosine(sum: &[f32], vector: &[f32]) -> f32 {
    let mut mean = sum.to_vec();
    normalise(&mut mean);
    dot(&mean, vector)
}

fn view(asked: &[Asked], vectors: &[f32], dimensions: usize, group: &[usize]) -> Json {
    let mut sum = vec![0.0; dimensions];
    let vector = |at: usize| vectors.get(at * dimensions..(at + 1) * dimensions).unwrap_or_default();
    for at in group {
        sum.iter_mut().zip(vector(*at)).for_each(|(sum, value)| *sum += value);
    }
    // The question that says best what all of them say.
    let mut ordered = group.to_vec();
    ordered.sort_by(|a, b| cosine(&sum, vector(*b)).total_cmp(&cosine(&sum, vector(*a))));
    let members: Vec<&Asked> = ordered.iter().filter_map(|at| asked.get(*at)).collect();
    let Some(central) = members.first() else { return Json::Null };
    let mut seen = BTreeSet::from([fold(&central.text)]);
    let others = members.iter().filter(|it| it.locale == central.locale && seen.insert(fold(&it.text)));
    let paraphrases: Vec<&str> = others.map(|it| it.text.as_str()).take(PARAPHRASES).collect();
    json!({
        "question": central.text,
        "locale": central.locale,
        "people": people(asked, group),
        "asked": group.len(),
        "unhelpful": members.iter().filter(|it| it.is_unhelpful).count(),
        "last_asked_at": members.iter().map(|it| it.at).max().map(rfc3339),
        "conversations": members.iter().map(|it| it.conversation.as_str()).collect::<BTreeSet<_>>().into_iter().take(5).collect::<Vec<_>>(),
        // To be filled in and sent to `PUT /v1/kb/articles/{id}`.
        "draft": {
            "id": slug(&central.text),
            "locale": central.locale,
            "question": central.text,
            "paraphrases": paraphrases,
            "answer": "",
        },
    })
}

/// An id made of the first words of a question.
fn slug(question: &str) -> String {
    let folded = fold(question);
    let words: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).take(6).collect();
    if words.is_empty() { "question".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orilla_knowledge::model::testing::Words;

    #[test]
    fn like_questions_are_one_gap() {
        let texts = [
            "do you rent wetsuits here",
            "rent wetsuits here please",
            "where can dogs sleep",
            "here do you rent wetsuits today",
            "can dogs sleep there",
        ];
        let vectors = Words(1).embed(&texts).unwrap();
        assert_eq!(grouped(&vectors, 256), [vec![0, 1, 3], vec![2, 4]]);
    }

    #[test]
    fn an_id_is_made_of_words() {
        assert_eq!(slug("¿Alquiláis trajes de neopreno para niños pequeños?"), "alquilais-trajes-de-neopreno-para-ninos");
        assert_eq!(slug("¿?"), "question");
    }
}
