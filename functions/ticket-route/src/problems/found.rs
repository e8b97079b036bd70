//! A site's tickets of the last weeks, and the groups of those that mean the same.

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, Rows, SqlError, Statement, take};
use orilla_core::{Error, Request, Sql};
use orilla_desk::Status;
use orilla_knowledge::locale::stemming;
use orilla_learn::clusters::{self, Likenesses};
use orilla_learn::{Matrix, telling};
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use super::centres::Centres;
use crate::classify::text::Readable;
use crate::learn::unpacked;

/// From which cosine on, in the mean over the others, a ticket is of a group. Chosen on our training problems, for few strangers in groups.
pub const ALIKE: f32 = 0.36;
/// Tickets of the smallest group. Chosen: two that are alike are a coincidence.
pub const LEAST: usize = 3;
/// Tickets that are looked at, the latest. Chosen: comparing them with one another takes some tenths of a second.
const MOST: usize = 2_000;
/// Tickets that are read at a time. Source: the `Sql` contract promises a thousand rows.
const ROWS: u32 = 1_000;
/// How far back, in weeks, when the caller does not say, and at most.
const WEEKS: (u32, u32) = (8, 26);
/// How much of a ticket's first words is read, in characters: the beginning tells the matter.
const READ_CHARS: u32 = 1_000;
/// How much of them is shown.
const SHOWN_CHARS: usize = 200;
/// Words that are told of a problem. Chosen: a line.
const WORDS: usize = 6;
/// Tickets that stand for a problem.
const EXAMPLES: usize = 3;

/// A ticket, as far as its problem goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    id: String,
    number: i64,
    subject: String,
    /// What the customer wrote first, without what others wrote.
    words: Readable,
    /// Its language.
    pub locale: Locale,
    /// What it is about.
    pub category: String,
    /// Where the work stands.
    pub status: Status,
    /// When it came.
    pub created: DateTime<Utc>,
    /// When the team first wrote to the customer.
    pub replied: Option<DateTime<Utc>>,
    /// Its meaning, as it was when it came.
    pub vector: Vec<f32>,
}

impl Seen {
    fn read(row: Row<'_>) -> Result<Self, SqlError> {
        let subject = row.text("subject")?.to_owned();
        let first = row.optional_text("words")?.unwrap_or_default();
        // Of a conversation with the chat only the visitor's lines.
        let words = match row.text("source")? {
            "chat" => first.lines().filter_map(|line| line.strip_prefix("visitor: ")).collect::<Vec<_>>().join("\n"),
            _ => first.to_owned(),
        };
        Ok(Self {
            id: row.text("id")?.to_owned(),
            number: row.integer("number")?,
            words: Readable::new(&subject, &words),
            subject,
            locale: Locale::of_tag(row.text("locale")?).ok_or(SqlError::Column { name: "locale", expected: "a locale" })?,
            category: row.text("category")?.to_owned(),
            status: Status::parse(row.text("status")?).ok_or(SqlError::Column { name: "status", expected: "a status" })?,
            created: row.time("created_at")?,
            replied: row.optional_time("replied")?,
            vector: unpacked(row.blob("vector")?),
        })
    }

    /// What it says, subject and words.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.whole()
    }

    /// Enough to know it by.
    #[must_use]
    pub fn view(&self) -> Json {
        let text: String = self.words.body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN_CHARS).collect();
        json!({
            "id": self.id,
            "number": self.number,
            "subject": self.subject,
            "text": text,
            "locale": self.locale,
            "status": self.status,
            "created_at": rfc3339(self.created),
        })
    }
}

/// Tickets that mean the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Places in [`Look::tickets`], the most central first.
    pub members: Vec<usize>,
    /// The mean cosine of two of them.
    pub likeness: f32,
    /// What tells it from all the other tickets, the most telling first.
    pub words: Vec<String>,
}

/// What was looked at, and found.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// How many weeks back.
    pub weeks: u32,
    /// From when on tickets are known: the site's first one, the oldest that was looked at, or the first of the weeks.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Whether there were more tickets than are looked at.
    pub is_capped: bool,
    /// The oldest first.
    pub tickets: Vec<Seen>,
    /// The largest first.
    pub problems: Vec<Problem>,
}

impl Look {
    /// `?weeks= &locale= `: reads the tickets and groups them. A ticket that is part of another one is not counted twice.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub async fn at(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Self, Error> {
        let weeks = request.number("weeks", WEEKS.0, WEEKS.1)?;
        let asked = request.query("locale");
        let locale = asked.as_deref().map(|tag| Locale::of_tag(tag).ok_or_else(|| Error::malformed("`locale` is es or en.")));
        let (locale, to) = (locale.transpose()?, request.received);
        let begin = to - TimeDelta::weeks(i64::from(weeks));
        let mut tickets: Vec<Seen> = Vec::new();
        let first = Statement::new("SELECT created_at FROM tickets WHERE site_id = ?1 ORDER BY number LIMIT 1").bind(site);
        let [first, mut rows]: [Rows; 2] = take(sql.batch(vec![first, page(site, begin, to, locale, None)]).await?)?;
        loop {
            for row in rows.iter() {
                tickets.push(Seen::read(row)?);
            }
            let last = tickets.last().filter(|_| rows.len() == ROWS as usize && tickets.len() <= MOST);
            let Some(last) = last.map(|it| (it.created, it.id.clone())) else { break };
            rows = sql.query(page(site, begin, to, locale, Some(last))).await?;
        }
        let is_capped = tickets.len() > MOST;
        tickets.truncate(MOST);
        tickets.retain(|it| it.vector.len() == Centres::shipped().dimensions());
        tickets.reverse();
        let known = first.first().map(|row| row.time("created_at")).transpose()?.into_iter();
        let oldest = tickets.first().filter(|_| is_capped).map(|it| it.created);
        let from = known.chain(oldest).fold(begin, DateTime::max);
        let problems = grouped(&tickets)?;
        Ok(Self { weeks, from, to, is_capped, tickets, problems })
    }

    /// The tickets of a problem, the most central first.
    pub fn members(&self, problem: &Problem) -> impl Iterator<Item = &Seen> {
        problem.members.iter().filter_map(|at| self.tickets.get(*at))
    }

    /// Those that stand for it: the most central ones, and one of each language that it has.
    #[must_use]
    pub fn examples(&self, problem: &Problem) -> Vec<&Seen> {
        let members: Vec<&Seen> = self.members(problem).collect();
        let mut chosen: Vec<&Seen> = members.iter().take(EXAMPLES).copied().collect();
        for locale in Locale::ALL {
            let own = members.iter().find(|it| it.locale == locale);
            if let Some(own) = own.filter(|_| chosen.iter().all(|it| it.locale != locale)) {
                chosen.pop();
                chosen.push(own);
            }
        }
        chosen
    }

    /// What is told of the look itself.
    #[must_use]
    pub fn view(&self) -> Json {
        let grouped: usize = self.problems.iter().map(|problem| problem.members.len()).sum();
        json!({
            "from": rfc3339(self.from),
            "to": rfc3339(self.to),
            "tickets": self.tickets.len(),
            "is_capped": self.is_capped,
            "left_over": self.tickets.len() - grouped,
        })
    }

    /// What is told of any problem.
    #[must_use]
    pub fn outline(&self, problem: &Problem) -> Json {
        let count = |locale: Locale| self.members(problem).filter(|it| it.locale == locale).count();
        json!({
            "tickets": problem.members.len(),
            "words": problem.words,
            "likeness": crate::figures::thousandths(f64::from(problem.likeness)),
            "category": self.category(problem),
            "unsolved": self.unsolved(problem),
            "locales": Locale::ALL.into_iter().map(|locale| (locale.as_str().to_owned(), count(locale).into())).collect::<serde_json::Map<_, _>>(),
            "examples": self.examples(problem).into_iter().map(Seen::view).collect::<Vec<_>>(),
            "numbers": self.numbers(problem),
        })
    }

    /// What people call its tickets, in order.
    #[must_use]
    pub fn numbers(&self, problem: &Problem) -> Vec<i64> {
        let mut numbers: Vec<i64> = self.members(problem).map(|it| it.number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The category of most of its tickets; of equals the first of the alphabet.
    #[must_use]
    pub fn category(&self, problem: &Problem) -> &str {
        let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        self.members(problem).for_each(|it| *counts.entry(&it.category).or_default() += 1);
        counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or("", |(category, _)| category)
    }

    /// How many of its tickets still want something.
    #[must_use]
    pub fn unsolved(&self, problem: &Problem) -> usize {
        self.members(problem).filter(|it| !it.status.is_done()).count()
    }
}

/// A page of tickets, the latest first. A ticket changed when it came, or later: the index of changes finds those that came. What is large is read of
/// the page alone.
fn page(site: &SiteId, from: DateTime<Utc>, to: DateTime<Utc>, locale: Option<Locale>, last: Option<(DateTime<Utc>, String)>) -> Statement {
    let (at, id) = last.unzip();
    Statement::new(
        "SELECT t.id, t.number, t.source, t.subject, t.locale, t.category, t.status, t.created_at, t.vector, substr(e.text, 1, ?7) AS words, \
         (SELECT min(r.created_at) FROM ticket_events r WHERE r.site_id = t.site_id AND r.ticket_id = t.id AND r.kind = 'comment' \
           AND r.actor LIKE 'agent:%' AND r.data ->> '$.is_public' = 1) AS replied \
         FROM (SELECT id FROM tickets WHERE site_id = ?1 AND updated_at >= ?2 AND created_at >= ?2 AND created_at < ?3 \
           AND (?4 IS NULL OR locale = ?4) AND (?5 IS NULL OR (created_at, id) < (?5, ?6)) AND merged_into IS NULL AND vector IS NOT NULL \
           ORDER BY created_at DESC, id DESC LIMIT ?8) p \
         JOIN tickets t ON t.site_id = ?1 AND t.id = p.id \
         LEFT JOIN ticket_events e ON e.site_id = t.site_id AND e.ticket_id = t.id AND e.number = 1 \
         ORDER BY t.created_at DESC, t.id DESC",
    )
    .bind(site)
    .bind(from)
    .bind(to)
    .bind(locale.map(Locale::as_str))
    .bind(at)
    .bind(id)
    .bind(READ_CHARS)
    .bind(ROWS)
}

/// The groups of these tickets, each with its words.
fn grouped(tickets: &[Seen]) -> Result<Vec<Problem>, Error> {
    let vectors: Vec<(Locale, &[f32])> = tickets.iter().map(|it| (it.locale, &it.vector[..])).collect();
    let found = groups(&vectors).map_err(Error::internal)?;
    let texts: Vec<String> = tickets.iter().map(Seen::text).collect();
    let read: Vec<_> = texts.iter().zip(tickets).map(|(text, it)| (text.as_str(), stemming(it.locale))).collect();
    let members: Vec<&[usize]> = found.iter().map(|group| &group.members[..]).collect();
    let words = telling::words(&read, &members, WORDS);
    let problem = |(group, words): (clusters::Group, Vec<telling::Word>)| Problem {
        members: group.members,
        likeness: group.likeness,
        words: words.into_iter().map(|word| word.text).collect(),
    };
    Ok(found.into_iter().zip(words).map(problem).collect())
}

/// Groups of vectors that mean the same, in whichever language.
///
/// Errors: as [`Likenesses::of`].
pub fn groups(vectors: &[(Locale, &[f32])]) -> Result<Vec<clusters::Group>, orilla_learn::Error> {
    let likenesses = Likenesses::of(&Matrix::from_rows(&Centres::shipped().centred(vectors))?)?;
    Ok(clusters::groups(&likenesses, ALIKE, LEAST))
}
