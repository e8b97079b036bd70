//! What a site's own people teach: labels that they gave or mended, and the heads that are learnt of them, on top of the shipped ones.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Rows, Statement, take};
use orilla_core::{Error, Platform, Request, Response, Sql};
use orilla_desk::Priority;
use orilla_knowledge::model::{self, Embed as _};
use orilla_learn::landmarks::Landmarks;
use orilla_learn::matrix::Matrix;
use orilla_learn::sparse::Sparse;
use orilla_learn::two_views::{Solved, TwoViews};
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::TicketRoute;
use crate::classify::decide::{Arrived, Confidence, Judge, Own, Verdict, widened};
use crate::classify::heads::Heads;
use crate::classify::lens::FEW;
use crate::classify::text::Readable;
use crate::desk;
use crate::figures::thousandths;
use crate::intake::Arrival;
use crate::settings::Desk;
use crate::ticket::Ticket;

/// Lessons that one training takes, the latest. Source: the issue, which wants it done in seconds for 2,000.
const MOST_LESSONS: u32 = 2_000;
/// Lessons below which nothing is learnt. Chosen: fewer say nothing about the next ticket.
const LEAST_LESSONS: usize = 20;
/// A vector's number is kept in one byte. Chosen: a cosine moves by a thousandth at most.
const STEP: f32 = 127.0;

/// What decides for a site.
#[derive(Debug, Default)]
pub struct Learnt {
    category: Option<Own>,
    priority: Option<Own>,
}

/// A ticket that was weighed.
#[derive(Debug)]
pub struct Weighed {
    /// What it is taken for.
    pub verdict: Verdict,
    /// Its meaning, for the store.
    pub vector: Vec<u8>,
}

impl Learnt {
    /// The heads of a site; none where nothing was learnt, or by another version of the code.
    ///
    /// Errors: what the store gives.
    pub async fn of(sql: &impl Sql, site: &SiteId) -> Result<Self, Error> {
        let rows = sql.query(Statement::new("SELECT task, labels, bytes FROM ticket_heads WHERE site_id = ?1").bind(site)).await?;
        let mut learnt = Self::default();
        for row in rows.iter() {
            let labels: Vec<String> = row.json("labels")?;
            let landmarks = Heads::shipped().map_or(0, |shipped| shipped.lens.landmarks().len().min(FEW));
            let fits = |head: &TwoViews| head.classes() == labels.len() && head.landmarks() == landmarks;
            let head = TwoViews::parse(row.blob("bytes")?).ok().filter(fits);
            let own = head.map(|head| Own { labels, head });
            match row.text("task")? {
                "category" => learnt.category = own,
                _ => learnt.priority = own,
            }
        }
        Ok(learnt)
    }

    /// Weighs a ticket.
    ///
    /// Errors: `Internal` if the shipped models cannot be opened or do not fit each other, which is a defect.
    pub fn weigh(&self, desk: &Desk, ticket: &Readable, arrival: &Arrival, page: Locale) -> Result<Weighed, Error> {
        let shipped = shipped()?;
        let model = model::glance()?;
        let text = ticket.whole();
        let vector = model.embed(&[&text]).map_err(Error::internal)?;
        let seen = shipped.lens.see(vector, &text).map_err(Error::internal)?;
        let judge = Judge {
            shipped,
            category: self.category.as_ref(),
            priority: self.priority.as_ref(),
            rules: &desk.settings.rules,
            unsure_below: desk.settings.unsure_below,
        };
        let arrived = Arrived { ticket, from: arrival.requester.email.as_deref(), source: arrival.source, page };
        Ok(Weighed { verdict: judge.decide(arrived, &seen).map_err(Error::internal)?, vector: packed(&seen.vector) })
    }
}

/// Opens what is shipped before a request needs it. What cannot be opened is told to that request.
pub fn warm() {
    model::warm();
    let _ = Heads::shipped();
}

fn shipped() -> Result<&'static Heads, Error> {
    Heads::shipped().ok_or_else(|| Error::internal("the shipped heads of tickets are damaged"))
}

/// A vector in bytes.
#[must_use]
pub fn packed(vector: &[f32]) -> Vec<u8> {
    let most = vector.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
    vector.iter().map(|value| ((value / most * STEP).round() as i8).cast_unsigned()).collect()
}

/// The vector of [`packed`], with norm 1.
#[must_use]
pub fn unpacked(bytes: &[u8]) -> Vec<f32> {
    let mut vector: Vec<f32> = bytes.iter().map(|byte| f32::from(byte.cast_signed())).collect();
    orilla_learn::matrix::normalise(&mut vector);
    vector
}

/// A label that somebody gave.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said<'a> {
    /// The category.
    pub category: Option<&'a str>,
    /// The priority.
    pub priority: Option<Priority>,
}

/// Remembers what somebody said of a ticket, beside what was thought of it. Its words are the customer's first ones.
#[must_use]
pub fn remember(site: &SiteId, ticket: &Ticket, words: &str, said: Said<'_>, now: DateTime<Utc>) -> Statement {
    let guessed = |name: &str| ticket.verdict[name]["label"].as_str().map(str::to_owned);
    Statement::new(
        "INSERT INTO ticket_lessons (site_id, id, words, vector, locale, category, priority, guessed_category, guessed_priority, learnt_at) \
         SELECT ?1, ?2, ?3, vector, ?4, ?5, ?6, ?7, ?8, ?9 FROM tickets WHERE site_id = ?1 AND id = ?2 AND vector IS NOT NULL \
         ON CONFLICT (site_id, id) DO UPDATE SET category = coalesce(excluded.category, category), \
           priority = coalesce(excluded.priority, priority), learnt_at = excluded.learnt_at",
    )
    .bind(site)
    .bind(ticket.id.as_str())
    .bind(words)
    .bind(ticket.locale.as_str())
    .bind(said.category)
    .bind(said.priority.map(Priority::name))
    .bind(guessed("category"))
    .bind(guessed("priority"))
    .bind(now)
}

/// A ticket of which somebody said something, as a head of the site's own sees it.
struct Lesson {
    near: Vec<f32>,
    words: Sparse,
    /// What the shipped heads tell of it, by the task.
    told: [Vec<f32>; 2],
    /// What somebody said of it, by the task.
    said: [Option<String>; 2],
}

/// What can be learnt to tell of tickets, by the names in the store.
const TASKS: [&str; 2] = ["category", "priority"];

impl<P: Platform> TicketRoute<P> {
    /// `POST /v1/tickets/classify`: what a ticket would be taken for; nothing is stored.
    ///
    /// Errors: what is wrong with it, and what the store gives.
    pub(crate) async fn classify(&self, site: &SiteId, request: &Request, limit: usize) -> Result<Response, Error> {
        let arrival = crate::intake::read(request, limit)?;
        let front = desk::known(&self.sql, site).await?;
        let learnt = Learnt::of(&self.sql, site).await?;
        let ticket = Readable::new(&arrival.subject, &arrival.text);
        let page = Locale::negotiate(arrival.locale.as_deref(), None, &front.locales);
        let verdict = learnt.weigh(&front.desk, &ticket, &arrival, page)?.verdict;
        let team = verdict
            .team
            .clone()
            .unwrap_or_else(|| front.desk.team_of((!verdict.is_unsure).then_some(verdict.category.label.as_str())).to_owned());
        let mut told = json!(verdict);
        told["team"] = team.into();
        json(StatusCode::OK, &told)
    }

    /// `POST /v1/routing/train`: learns from everything that the site's people said.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn train(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let desk = desk::read(&self.sql, site).await?;
        let select = Statement::new(
            "SELECT words, vector, category, priority FROM ticket_lessons WHERE site_id = ?1 ORDER BY learnt_at DESC, id LIMIT ?2",
        );
        let rows = self.sql.query(select.bind(site).bind(MOST_LESSONS)).await?;
        let shipped = shipped()?;
        let lessons = lessons(&rows, shipped)?;
        drop(rows);
        let categories: Vec<String> = desk.categories().map(str::to_owned).collect();
        let priorities: Vec<String> = Priority::ALL.map(|it| it.name().to_owned()).to_vec();
        let landmarks = shipped.lens.landmarks().fewer(FEW).map_err(Error::internal)?;
        let mut told = json!({});
        let mut statements = Vec::new();
        let mut solved = None;
        for (at, (task, labels)) in TASKS.into_iter().zip([categories, priorities]).enumerate() {
            let (learnable, chosen) = learnable(&lessons, at, &labels);
            told[task] = json!({ "lessons": chosen.len(), "is_learnt": chosen.len() >= LEAST_LESSONS });
            if chosen.len() < LEAST_LESSONS {
                continue;
            }
            if solved.as_ref().is_none_or(|(of, _)| *of != learnable) {
                // There is memory for one.
                drop(solved.take());
                let one = solve(&lessons, &learnable, &landmarks).map_err(Error::internal)?;
                solved = Some((learnable.clone(), one));
            }
            let Some((_, solved)) = &solved else { continue };
            let before = before(&lessons, &learnable, at, labels.len()).map_err(Error::internal)?;
            let learnt = solved.head(&chosen, labels.len(), Some(&before)).map_err(Error::internal)?;
            let put = "INSERT INTO ticket_heads (site_id, task, labels, bytes, lessons, learnt_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                       ON CONFLICT (site_id, task) DO UPDATE SET labels = excluded.labels, bytes = excluded.bytes, lessons = excluded.lessons, \
                       learnt_at = excluded.learnt_at";
            let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
            let bytes = learnt.to_bytes().map_err(Error::internal)?;
            let put = Statement::new(put).bind(site).bind(task).bind(json!(labels).to_string()).bind(bytes);
            statements.push(put.bind(count).bind(request.received));
        }
        if !statements.is_empty() {
            self.sql.batch(statements).await?;
        }
        json(StatusCode::OK, &told)
    }

    /// `GET /v1/routing/quality`: how often what was thought was what people said, and how sure it was.
    ///
    /// Errors: what the store gives.
    pub(crate) async fn quality(&self, site: &SiteId) -> Result<Response, Error> {
        let confusion = |task: &str| {
            let counted = format!(
                "SELECT guessed_{task} AS guessed, {task} AS said, count(*) AS tickets FROM ticket_lessons \
                 WHERE site_id = ?1 AND {task} IS NOT NULL AND guessed_{task} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
            );
            Statement::new(counted).bind(site)
        };
        let bands = Statement::new(
            "SELECT verdict ->> '$.category.confidence' AS band, count(*) AS tickets FROM tickets WHERE site_id = ?1 GROUP BY 1",
        );
        let heads = Statement::new("SELECT task, lessons, learnt_at FROM ticket_heads WHERE site_id = ?1 ORDER BY task").bind(site);
        let [category, priority, bands, heads]: [Rows; 4] =
            take(self.sql.batch(vec![confusion("category"), confusion("priority"), bands.bind(site), heads]).await?)?;
        let mut counts = [0_i64; 3];
        for row in bands.iter() {
            let band = row.optional_text("band")?.unwrap_or_default();
            for (count, confidence) in counts.iter_mut().zip(Confidence::ALL) {
                if json!(confidence) == band {
                    *count += row.integer("tickets")?;
                }
            }
        }
        let all: i64 = counts.iter().sum();
        let share = |count: i64| if all == 0 { 0.0 } else { thousandths(count as f64 / all as f64) };
        let mut learnt = Vec::new();
        for row in heads.iter() {
            let at = orilla_core::ids::rfc3339(row.time("learnt_at")?);
            learnt.push(json!({ "task": row.text("task")?, "lessons": row.integer("lessons")?, "learnt_at": at }));
        }
        // Source: Zendesk's bar for intelligent triage, 30 % of tickets at high and 60 % at medium confidence or better.
        let bar = json!({ "high": 0.3, "medium_or_better": 0.6 });
        let told = json!({
            "tickets": all,
            "confidence": { "high": share(counts[2]), "medium": share(counts[1]), "low": share(counts[0]) },
            "bar": bar,
            "is_above_bar": all > 0 && share(counts[2]) >= 0.3 && share(counts[2] + counts[1]) >= 0.6,
            "category": table(&category)?,
            "priority": table(&priority)?,
            "heads": learnt,
        });
        json(StatusCode::OK, &told)
    }
}

/// What was thought against what was said.
fn table(rows: &Rows) -> Result<Json, Error> {
    let (mut right, mut all, mut cells) = (0, 0, Vec::new());
    for row in rows.iter() {
        let (guessed, said, tickets) = (row.text("guessed")?, row.text("said")?, row.integer("tickets")?);
        all += tickets;
        right += if guessed == said { tickets } else { 0 };
        cells.push(json!({ "guessed": guessed, "said": said, "tickets": tickets }));
    }
    let accuracy = if all == 0 { Json::Null } else { json!(thousandths(right as f64 / all as f64)) };
    Ok(json!({ "said": all, "accuracy": accuracy, "confusion": cells }))
}

fn lessons(rows: &Rows, shipped: &Heads) -> Result<Vec<Lesson>, Error> {
    let mut lessons = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        // Of another encoder it says nothing to this one.
        let Ok(seen) = shipped.lens.see(unpacked(row.blob("vector")?), row.text("words")?) else { continue };
        let told = |head: &TwoViews| head.told(&seen.near, &seen.words).map_err(Error::internal);
        let told = [told(&shipped.category)?, told(&shipped.priority)?];
        let said = |task| Ok::<_, Error>(row.optional_text(task)?.map(str::to_owned));
        lessons.push(Lesson { near: seen.near_few(), told, said: [said(TASKS[0])?, said(TASKS[1])?], words: seen.words });
    }
    Ok(lessons)
}

/// The lessons that say something of a task, by their numbers, and which of the labels each says.
fn learnable(lessons: &[Lesson], task: usize, labels: &[String]) -> (Vec<usize>, Vec<usize>) {
    let said = |lesson: &Lesson| labels.iter().position(|label| Some(label) == lesson.said[task].as_ref());
    lessons.iter().enumerate().filter_map(|(at, lesson)| Some((at, said(lesson)?))).unzip()
}

/// Solves for whatever is to be told of these lessons.
fn solve(lessons: &[Lesson], learnable: &[usize], landmarks: &Landmarks) -> Result<Solved, orilla_learn::Error> {
    let near: Vec<&[f32]> = learnable.iter().map(|at| &lessons[*at].near[..]).collect();
    Solved::new(landmarks, Matrix::from_rows(&near)?, learnable.iter().map(|at| &lessons[*at].words))
}

/// What the shipped head tells of these lessons: a site's own learns what that gets wrong.
fn before(lessons: &[Lesson], learnable: &[usize], task: usize, labels: usize) -> Result<Matrix, orilla_learn::Error> {
    Matrix::from_rows(&learnable.iter().map(|at| widened(lessons[*at].told[task].clone(), labels)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_survives_a_byte_a_number() {
        let mut vector: Vec<f32> = (0..576).map(|i| ((i * 37 % 101) as f32 - 50.0) / 100.0).collect();
        orilla_learn::matrix::normalise(&mut vector);
        let back = unpacked(&packed(&vector));
        assert!(orilla_learn::matrix::dot(&vector, &back) > 0.9995);
        assert_eq!(unpacked(&packed(&[0.0; 4])), [0.0; 4]);
    }
}
