//! Problems that come again: tickets that mean the same, week by week, whether they come more often, and how they are dealt with.

pub mod centres;
pub mod found;

use chrono::TimeDelta;
use http::StatusCode;
use orilla_core::http::{json, text};
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Request, Response};
use orilla_learn::rising::{chance, corrected};
use orilla_text::csv_out::{self, Dialect};
use serde_json::{Value as Json, json};

use self::found::{Look, Problem};
use crate::TicketRoute;
use crate::figures::thousandths;

/// Problems that are shown. Chosen: what a team can look at in a week.
const SHOWN: usize = 50;
/// Below which chance a problem comes more often than before. Source: the usual 5 %, corrected for how many problems are looked at.
const SURE_BELOW: f64 = 0.05;
/// The columns of the file.
const COLUMNS: [&str; 11] = [
    "tickets",
    "this_week",
    "earlier_mean",
    "p_value",
    "is_rising",
    "unsolved",
    "median_reply_seconds",
    "category",
    "words",
    "example",
    "numbers",
];

/// How often a problem came this week, and before.
#[derive(Debug, Clone, PartialEq)]
struct Trend {
    /// Week by week until now, the oldest first.
    weeks: Vec<u32>,
    /// How many weeks before this one there were tickets at all.
    earlier_weeks: f64,
    /// How probable this week is if nothing has changed, as it is worth among many problems; none where nothing came before.
    p_value: Option<f64>,
}

impl Trend {
    fn this_week(&self) -> u32 {
        self.weeks.last().copied().unwrap_or_default()
    }

    fn earlier(&self) -> u32 {
        self.weeks.iter().rev().skip(1).sum()
    }

    fn earlier_mean(&self) -> Option<f64> {
        (self.earlier_weeks > 0.0).then(|| f64::from(self.earlier()) / self.earlier_weeks)
    }

    fn is_rising(&self) -> bool {
        self.p_value.is_some_and(|chance| chance < SURE_BELOW)
    }
}

impl<P: Platform> TicketRoute<P> {
    /// `GET /v1/routing/problems?weeks= &locale= &format=csv`.
    ///
    /// Errors: `Malformed` for a query that cannot be read, and what the store gives.
    pub(crate) async fn problems(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let is_csv = request.query("format").map(|format| if format == "csv" { Ok(()) } else { Err(Error::malformed("`format` is csv.")) });
        let is_csv = is_csv.transpose()?.is_some();
        let look = Look::at(&self.sql, site, request).await?;
        let trends = trends(&look);
        let shown = look.problems.iter().zip(&trends).take(SHOWN);
        if is_csv {
            let mut bytes = csv_out::header(Dialect::Plain, &COLUMNS).map_err(Error::internal)?;
            bytes.extend(
                csv_out::rows(Dialect::Plain, shown.map(|(problem, trend)| cells(&look, problem, trend))).map_err(Error::internal)?,
            );
            return Ok(text(StatusCode::OK, "text/csv; charset=utf-8", bytes));
        }
        let problems: Vec<Json> = shown.map(|(problem, trend)| view(&look, problem, trend)).collect();
        let mut told = look.view();
        told["problems"] = problems.into();
        json(StatusCode::OK, &told)
    }
}

/// How each problem went. The part of the time that was this week is reckoned from when there were tickets at all, so that a young site's problems do
/// not all seem to rise.
fn trends(look: &Look) -> Vec<Trend> {
    let week = TimeDelta::weeks(1);
    let earlier = (look.to - week - look.from).max(TimeDelta::zero());
    let earlier_weeks = earlier.num_seconds() as f64 / week.num_seconds() as f64;
    let mut trends: Vec<Trend> = look
        .problems
        .iter()
        .map(|problem| {
            let mut weeks = vec![0; look.weeks as usize];
            for ticket in look.members(problem) {
                let ago = (look.to - ticket.created).num_seconds() / week.num_seconds();
                let at = usize::try_from(ago).ok().and_then(|ago| weeks.len().checked_sub(ago + 1));
                if let Some(count) = at.and_then(|at| weeks.get_mut(at)) {
                    *count += 1;
                }
            }
            Trend { weeks, earlier_weeks, p_value: None }
        })
        .collect();
    if earlier_weeks > 0.0 {
        let alone = |trend: &Trend| chance(trend.this_week(), trend.this_week() + trend.earlier(), (1.0 + earlier_weeks).recip());
        let chances: Vec<f64> = trends.iter().map(alone).collect();
        trends.iter_mut().zip(corrected(&chances)).for_each(|(trend, chance)| trend.p_value = Some(chance));
    }
    trends
}

/// The median time to the first reply, of the tickets that had one.
fn median_reply(look: &Look, problem: &Problem) -> Option<i64> {
    let mut waits: Vec<i64> = look.members(problem).filter_map(|it| Some((it.replied? - it.created).num_seconds())).collect();
    waits.sort_unstable();
    let (low, high) = (waits.get(waits.len().checked_sub(1)? / 2)?, waits.get(waits.len() / 2)?);
    Some(i64::midpoint(*low, *high))
}

/// To millionths: a chance that is small is not none.
fn finely(chance: f64) -> f64 {
    (chance * 1e6).round() / 1e6
}

fn view(look: &Look, problem: &Problem, trend: &Trend) -> Json {
    let mut view = look.outline(problem);
    view["weeks"] = json!(trend.weeks);
    view["trend"] = json!({
        "this_week": trend.this_week(),
        "earlier_mean": trend.earlier_mean().map(thousandths),
        "p_value": trend.p_value.map(finely),
        "is_rising": trend.is_rising(),
    });
    view["median_reply_seconds"] = json!(median_reply(look, problem));
    view
}

fn cells(look: &Look, problem: &Problem, trend: &Trend) -> Vec<String> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let example = look.examples(problem).first().map(|it| it.view());
    vec![
        problem.members.len().to_string(),
        trend.this_week().to_string(),
        number(trend.earlier_mean().map(thousandths)),
        number(trend.p_value.map(finely)),
        trend.is_rising().to_string(),
        look.unsolved(problem).to_string(),
        median_reply(look, problem).map(|seconds| seconds.to_string()).unwrap_or_default(),
        look.category(problem).to_owned(),
        problem.words.join(" "),
        example.and_then(|it| it["subject"].as_str().map(str::to_owned)).unwrap_or_default(),
        look.numbers(problem).iter().map(i64::to_string).collect::<Vec<_>>().join(" "),
    ]
}
