//! An answer that a model writes from what was found: whether one may, what is kept of it, and the words as they come. Without a model, or
//! where it fails, the words are the articles' own.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use orilla_core::ids::hex;
use orilla_core::ports::KV;
use orilla_core::sql::{Rows, take};
use orilla_core::{Error, Kv, Platform, Sql};
use orilla_generate::{self as generate, Ask, GeneratorConfig, Kind, Known, Piece, breaker};
use orilla_knowledge::found::Found;
use orilla_knowledge::model;
use orilla_learn::words::fold;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::FaqChat;
use crate::answer::{Choice, Cited, cited};
use crate::decide::Decision;
use crate::desk::Desk;
use crate::wanted;

/// How long a written answer is kept for the next who asks the same. Chosen: a change of any article ends it sooner.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A question that may be worth a model.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The message.
    pub text: &'a str,
    /// What the visitor said before, the oldest first.
    pub earlier: &'a [String],
    /// What was decided on it.
    pub decision: &'a Decision,
    /// The articles that were found.
    pub found: &'a [Found],
    /// The version of the knowledge.
    pub kb_version: u64,
}

/// Words as they come.
#[derive(Debug, Clone, PartialEq)]
pub enum Speech {
    /// Some of them.
    Text(String),
    /// The end, once and last.
    End(Spoken),
}

/// What was said in the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// All the words.
    pub text: String,
    /// What supports them.
    pub sources: Vec<Cited>,
    /// Whether a model wrote them; else they are the articles' own, and what was known of them holds.
    pub is_generated: bool,
}

impl Spoken {
    /// Whether an article that was offered is among what supports the words.
    #[must_use]
    pub fn cites(&self, choice: &Choice) -> bool {
        self.sources.iter().any(|source| source.id == choice.id)
    }
}

/// A model that may be asked now, or what it wrote before.
pub struct Plan<P: Platform> {
    job: Job<P>,
    work: Work,
}

/// What is known of the answer before a word of it is there.
struct Job<P: Platform> {
    platform: P,
    sql: P::Sql,
    site: String,
    /// Where the next who asks finds it.
    key: Option<String>,
    now: DateTime<Utc>,
    cited: Vec<Cited>,
}

enum Work {
    Kept(Spoken),
    Ask(GeneratorConfig, Ask),
}

impl<P: Platform> FaqChat<P> {
    /// A model's plan for the answer, if one may write it. Whatever fails here is the operator's to read; the visitor has the articles' own words.
    pub(crate) async fn plan(&self, desk: &Desk, question: Question<'_>, now: DateTime<Utc>) -> Option<Plan<P>> {
        self.planned(desk, question, now).await.unwrap_or_else(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            self.platform
                .log(format_args!("{{\"function\":\"faq-chat\",\"event\":\"no_generator\",\"cause\":{}}}", serde_json::Value::from(cause)));
            None
        })
    }

    /// Whether a model may write the answer, and how: the question asks for it, the site lets it and has tokens left, and some server is well.
    async fn planned(&self, desk: &Desk, question: Question<'_>, now: DateTime<Utc>) -> Result<Option<Plan<P>>, Error> {
        if !desk.policy.generates || wanted::wanted(question.text, question.decision).is_none() {
            return Ok(None);
        }
        let config = GeneratorConfig::read(&self.platform)?;
        if config.is_empty() {
            return Ok(None);
        }
        let ask = ask(question);
        let (site, day) = (desk.site.as_str().to_owned(), now.date_naive());
        let endpoints: Vec<&str> = config.endpoints.iter().map(|it| it.id.as_str()).collect();
        let [health, spent]: [Rows; 2] = take(self.sql.batch(breaker::look(&endpoints, &site, day).into()).await?)?;
        let config = config.awake(&breaker::health(&health)?, now);
        // What was said before is a part of the question: only one that stands alone is the same for everybody.
        let key = question.earlier.is_empty().then(|| key(&site, question));
        let kept = match &key {
            Some(key) => self.kept(key).await,
            None => None,
        };
        let work = match kept {
            Some(kept) => Work::Kept(kept),
            None if config.is_empty() || breaker::spent(&spent)?.is_over(desk.policy.daily_tokens, ask.most_tokens()) => return Ok(None),
            None => Work::Ask(config, ask),
        };
        let cited = question.found.iter().map(cited).collect();
        let job = Job { platform: self.platform.clone(), sql: self.sql.clone(), site, key, now, cited };
        Ok(Some(Plan { job, work }))
    }

    /// What was written for the same question. A cache that fails is as good as an empty one.
    async fn kept(&self, key: &str) -> Option<Spoken> {
        let kept = self.platform.kv(KV).ok()?.get(key).await.ok()??;
        serde_json::from_slice(&kept).ok()
    }
}

fn ask(question: Question<'_>) -> Ask {
    let known = |it: &Found| Known { title: it.article.question.clone(), text: it.passage.text.clone(), locale: it.source.locale };
    Ask {
        kind: Kind::Answer,
        message: question.text.to_owned(),
        earlier: question.earlier.to_vec(),
        locale: question.decision.locale,
        passages: question.found.iter().map(known).collect(),
    }
}

/// Of the site, the version of its knowledge, the language, and the question without what makes no difference.
fn key(site: &str, question: Question<'_>) -> String {
    let folded = fold(question.text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let digest = hex(&Sha256::digest(words.join(" ")));
    format!("answer/{site}/{}/{}/{digest}", question.kb_version, question.decision.locale.as_str())
}

impl<P: Platform> Plan<P> {
    /// Has it written. `instead` is said where nothing of it can be.
    ///
    /// Errors: `Internal` if the models cannot be opened.
    pub fn speak(self, instead: String) -> Result<LocalBoxStream<'static, Speech>, Error> {
        let (config, ask) = match self.work {
            Work::Kept(kept) => return Ok(stream::iter([Speech::Text(kept.text.clone()), Speech::End(kept)]).boxed_local()),
            Work::Ask(config, ask) => (config, ask),
        };
        let pieces = generate::generate(self.job.platform.fetch(), model::shipped()?, config, ask);
        let writing = Writing { pieces, job: self.job, instead, text: String::new(), ready: VecDeque::new() };
        Ok(stream::unfold(writing, |mut writing| async move { writing.next().await.map(|speech| (speech, writing)) }).boxed_local())
    }
}

/// An answer on its way.
struct Writing<P: Platform> {
    pieces: LocalBoxStream<'static, Piece>,
    job: Job<P>,
    instead: String,
    text: String,
    ready: VecDeque<Speech>,
}

impl<P: Platform> Writing<P> {
    async fn next(&mut self) -> Option<Speech> {
        if let Some(speech) = self.ready.pop_front() {
            return Some(speech);
        }
        match self.pieces.next().await? {
            Piece::Text(text) => {
                self.text.push_str(&text);
                Some(Speech::Text(text))
            }
            Piece::End(outcome) => {
                let spoken = self.spoken(&outcome.sources);
                self.record(&outcome, &spoken).await;
                if !spoken.is_generated {
                    self.ready.push_back(Speech::End(spoken));
                    return Some(Speech::Text(std::mem::take(&mut self.instead)));
                }
                Some(Speech::End(spoken))
            }
        }
    }

    fn spoken(&self, sources: &[usize]) -> Spoken {
        if self.text.is_empty() {
            return Spoken { text: self.instead.clone(), sources: Vec::new(), is_generated: false };
        }
        let sources = sources.iter().filter_map(|at| self.job.cited.get(*at).cloned()).collect();
        Spoken { text: self.text.clone(), sources, is_generated: true }
    }

    /// What it cost, how each server was, and the answer for the next who asks. The visitor has the words by now: none of this may take them away.
    async fn record(&self, outcome: &generate::Outcome, spoken: &Spoken) {
        let problem = outcome.problem.map_or("none", |it| it.name());
        let recorded = self.job.sql.batch(outcome.record(&self.job.site, self.job.now.date_naive(), self.job.now)).await;
        self.job.platform.log(format_args!(
            "{{\"function\":\"faq-chat\",\"event\":\"generated\",\"problem\":\"{problem}\",\"sentences\":{},\"cut\":{},\"is_recorded\":{}}}",
            outcome.sentences,
            outcome.cut.len(),
            recorded.is_ok(),
        ));
        let is_whole = spoken.is_generated && outcome.problem.is_none();
        if let (Some(key), Ok(kv), Ok(kept), true) = (&self.job.key, self.job.platform.kv(KV), serde_json::to_vec(spoken), is_whole) {
            // A cache that fails is as good as an empty one.
            let _ = kv.put(key, &kept, Some(KEPT)).await;
        }
    }
}
