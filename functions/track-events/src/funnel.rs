//! `GET /v1/funnels`: how many people did one thing after another, within how long, and where they were lost. Exact: everybody is
//! counted, nobody is sampled.

mod chain;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::ids::rfc3339;
use orilla_core::sites::SiteId;
use orilla_core::sql::{Row, SqlError, Statement};
use orilla_core::{Error, Request, Response, Sql};
use serde_json::{Value as Json, json};

use self::chain::{Chain, longest, moments};
use crate::numbers::{median, rate, seconds};
use crate::query;
use crate::span::Span;

/// How far back it looks when nobody says. Chosen: a month.
const DEFAULT_SPAN: TimeDelta = TimeDelta::days(30);
/// How long a person may take when nobody says. Chosen: a week.
const DEFAULT_WINDOW: &str = "7d";
/// The longest. Chosen: a year, and its leap day.
const MAX_WINDOW: TimeDelta = TimeDelta::days(366);
/// The fewest and the most steps. Chosen: one step is a count; what has more than eight is a path.
const STEPS: std::ops::RangeInclusive<usize> = 2..=8;
/// How many groups are listed when nobody says, and at most. Chosen: a screen, and what a report may want.
const LISTED: (u32, u32) = (10, 100);
/// How many people one statement reads. Chosen: two or three megabytes, of the 128 that a Worker has.
const PEOPLE: u32 = 20_000;

/// One step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// An event of this name.
    Event(String),
    /// A view of this path.
    Page(String),
}

impl Step {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("page:") {
            Some(path) => path.starts_with('/').then(|| Self::Page(path.to_owned())),
            None => (!text.is_empty()).then(|| Self::Event(text.to_owned())),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Event(name) => name.clone(),
            Self::Page(path) => format!("page:{path}"),
        }
    }

    /// The rows of this step, of which an index knows all that is read; what they are called is to follow.
    const fn table(&self) -> &'static str {
        match self {
            Self::Event(_) => "events e INDEXED BY events_by_name WHERE e.site_id = ?1 AND e.name",
            Self::Page(_) => "events e INDEXED BY events_by_path WHERE e.site_id = ?1 AND e.type = 'page' AND e.path",
        }
    }

    fn value(&self) -> &str {
        let (Self::Event(value) | Self::Page(value)) = self;
        value
    }
}

/// What a funnel is broken down by.
#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    /// A property of the first step's event.
    Property(String),
    /// A word of the visit in which the first step happened: a column of `sessions`.
    Session(&'static str),
    /// The variant that the visitor saw in this experiment.
    Variant(String),
}

impl By {
    fn parse(text: &str) -> Option<Self> {
        let named = |name: &str, by: fn(String) -> Self| (!name.is_empty()).then(|| by(name.to_owned()));
        match text.split_once(':') {
            Some(("property", name)) => named(name, Self::Property),
            Some(("variant", experiment)) => named(experiment, Self::Variant),
            _ => {
                ["source", "medium", "campaign", "country", "language", "device"].into_iter().find(|word| *word == text).map(Self::Session)
            }
        }
    }

    /// The group of an event `e`; `?7` is the name.
    fn group(&self) -> String {
        match self {
            Self::Property(_) => "(SELECT CASE p.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(p.value AS TEXT) END \
                                   FROM json_each(e.properties) p WHERE p.key = ?7)"
                .to_owned(),
            Self::Session(column) => format!("(SELECT s.{column} FROM sessions s WHERE s.site_id = ?1 AND s.session_id = e.session_id)"),
            Self::Variant(_) => {
                "(SELECT x.variant FROM exposures x WHERE x.site_id = ?1 AND x.experiment = ?7 AND x.visitor_id = e.visitor_id)".to_owned()
            }
        }
    }

    fn value(&self) -> Option<&str> {
        match self {
            Self::Property(name) | Self::Variant(name) => Some(name),
            Self::Session(_) => None,
        }
    }
}

/// What a funnel is asked for.
#[derive(Debug)]
struct Question {
    steps: Vec<Step>,
    window: TimeDelta,
    /// When the first step happened.
    span: Span,
    by: Option<By>,
}

impl Question {
    fn of(request: &Request) -> Result<Self, Error> {
        let steps: Option<Vec<_>> = query::all(request, "steps").iter().map(|text| Step::parse(text)).collect();
        let steps = steps.filter(|steps| STEPS.contains(&steps.len())).ok_or_else(|| {
            Error::malformed(format!(
                "`steps` stands {} to {} times, each the name of an event or `page:/path`.",
                STEPS.start(),
                STEPS.end()
            ))
        })?;
        let window = request.query("window");
        let window = query::length(window.as_deref().unwrap_or(DEFAULT_WINDOW)).filter(|length| *length <= MAX_WINDOW);
        let window = window.ok_or_else(|| Error::malformed("`window` is a length of time such as 30m, 24h, 7d or 2w, up to a year."))?;
        let by = request.query("by").map(|text| {
            By::parse(&text).ok_or_else(|| {
                Error::malformed("`by` is property:<name>, variant:<experiment>, source, medium, campaign, country, language or device.")
            })
        });
        Ok(Self { steps, window, span: Span::from_query(request, DEFAULT_SPAN)?, by: by.transpose()? })
    }

    /// Those after `after` who did the first step, and when they did it and the others.
    fn page(&self, site: &SiteId, after: &str) -> Statement {
        let moments = "group_concat(e.occurred_at || ' ' || e.sequence)";
        let groups = self.by.as_ref().map(|by| format!(", json_group_array({}) AS groups", by.group())).unwrap_or_default();
        let later = |(place, step): (usize, &Step)| {
            format!(
                ", (SELECT {moments} FROM {} = ?{} AND e.person_id = entered.person_id \
                 AND e.occurred_at >= ?2 AND e.occurred_at < ?3 + ?4) AS {}",
                step.table(),
                8 + place,
                COLUMNS[place],
            )
        };
        let later: String = self.steps.iter().enumerate().skip(1).map(later).collect();
        let query = format!(
            "WITH entered AS MATERIALIZED (SELECT e.person_id, {moments} AS {}{groups} FROM {} = ?8 AND e.person_id > ?5 AND e.occurred_at >= ?2 AND e.occurred_at < ?3 \
               GROUP BY e.person_id ORDER BY e.person_id LIMIT ?6) \
             SELECT entered.*{later} FROM entered",
            COLUMNS[0],
            self.steps.first().map_or("", Step::table),
        );
        let statement = Statement::new(query)
            .bind(site)
            .bind(self.span.from)
            .bind(self.span.until)
            .bind(self.window.num_milliseconds())
            .bind(after)
            .bind(PEOPLE)
            .bind(self.by.as_ref().and_then(By::value));
        self.steps.iter().fold(statement, |statement, step| statement.bind(step.value()))
    }

    /// The furthest way of one person, and the group of the event it starts with.
    fn follow(&self, row: Row<'_>) -> Result<Option<(Chain, Option<String>)>, SqlError> {
        let mut steps = Vec::with_capacity(self.steps.len());
        let mut places = Vec::new();
        for (place, name) in COLUMNS.into_iter().enumerate().take(self.steps.len()) {
            let listed = moments(row.optional_text(name)?.unwrap_or_default());
            let listed = listed.ok_or(SqlError::Column { name, expected: "moments" })?;
            if place == 0 {
                places = listed.iter().map(|(_, place)| *place).collect();
            }
            steps.push(listed.into_iter().map(|(moment, _)| moment).collect());
        }
        let Some(chain) = longest(&steps, self.window.num_milliseconds()) else { return Ok(None) };
        let group = match self.by {
            // The list of groups has the order of the list of moments: one pass made both.
            Some(_) => {
                let mut groups: Vec<Option<String>> = row.json("groups")?;
                places.get(chain.start).filter(|place| **place < groups.len()).and_then(|place| groups.swap_remove(*place))
            }
            None => None,
        };
        Ok(Some((chain, group)))
    }
}

/// The columns of the steps' moments.
const COLUMNS: [&str; 8] = ["step_1", "step_2", "step_3", "step_4", "step_5", "step_6", "step_7", "step_8"];

/// A funnel: `?steps=A&steps=page:/b&steps=C &window=7d &from= &until= &by= &limit=`. Whoever did the first step in the span is counted
/// once, by the furthest they came.
///
/// Errors: `Malformed` for a query that cannot be read, and what the store gives.
pub async fn show(sql: &impl Sql, site: &SiteId, request: &Request) -> Result<Response, Error> {
    let question = Question::of(request)?;
    let listed = request.number("limit", LISTED.0, LISTED.1)?;
    let mut all = Tally::new(question.steps.len());
    let mut groups: BTreeMap<Option<String>, Tally> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let rows = sql.query(question.page(site, &after)).await?;
        for row in rows.iter() {
            let Some((chain, group)) = question.follow(row)? else { continue };
            all.count(&chain);
            if question.by.is_some() {
                groups.entry(group).or_insert_with(|| Tally::new(question.steps.len())).count(&chain);
            }
        }
        match rows.iter().last() {
            Some(row) if rows.len() >= PEOPLE as usize => row.text("person_id")?.clone_into(&mut after),
            _ => break,
        }
    }
    let mut answer = json!({
        "from": rfc3339(question.span.from),
        "until": rfc3339(question.span.until),
        "window_s": question.window.num_seconds(),
        "sampled": false,
        "people": all.people(),
        "steps": all.into_json(&question.steps),
    });
    if question.by.is_some() {
        let mut groups: Vec<_> = groups.into_iter().collect();
        // The largest first; those as large stay in the order of their names.
        groups.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.people()));
        let left_out = groups.split_off(groups.len().min(listed as usize)).len();
        let group = |(name, tally): (Option<String>, Tally)| json!({ "name": name, "people": tally.people(), "steps": tally.into_json(&question.steps) });
        answer["by"] = request.query("by").into();
        answer["groups"] = groups.into_iter().map(group).collect();
        answer["groups_left_out"] = left_out.into();
    }
    json(StatusCode::OK, &answer)
}

/// How many came how far, and how long they took.
#[derive(Debug, Clone)]
struct Tally {
    reached: Vec<i64>,
    /// Milliseconds from each step to the next, of everybody who came that far.
    gaps: Vec<Vec<i64>>,
}

impl Tally {
    fn new(steps: usize) -> Self {
        Self { reached: vec![0; steps], gaps: vec![Vec::new(); steps.saturating_sub(1)] }
    }

    fn people(&self) -> i64 {
        self.reached.first().copied().unwrap_or_default()
    }

    fn count(&mut self, chain: &Chain) {
        self.reached.iter_mut().zip(&chain.times).for_each(|(reached, _)| *reached += 1);
        self.gaps
            .iter_mut()
            .zip(chain.times.windows(2))
            .for_each(|(gaps, pair)| gaps.extend(pair.last().zip(pair.first()).map(|(to, from)| to - from)));
    }

    fn into_json(mut self, steps: &[Step]) -> Vec<Json> {
        let people = self.people();
        let mut before = people;
        let mut listed = Vec::with_capacity(steps.len());
        for (place, (step, reached)) in steps.iter().zip(&self.reached).enumerate() {
            let gaps = place.checked_sub(1).and_then(|gap| self.gaps.get_mut(gap));
            listed.push(json!({
                "step": step.name(),
                "people": reached,
                "of_first": rate(*reached, people),
                "of_previous": rate(*reached, before),
                "median_s": gaps.and_then(|gaps| median(gaps)).map(seconds),
            }));
            before = *reached;
        }
        listed
    }
}
