//! Scores history again when the rules change: the same answers and events, the rules of today.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::{Error, Platform, Request, Response, Sql};
use serde::Serialize;

use crate::LeadCapture;
use crate::history::{self, History};
use crate::leads::{self, LeadFilter};
use crate::record::{self, ScoreRow};
use crate::score::RuleSet;
use crate::segment::store as segment;
use orilla_core::paging::PageOf;

/// One lead whose score is another now.
#[derive(Debug, Serialize)]
struct Change {
    lead: String,
    before: Reading,
    after: Reading,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Reading {
    score: i64,
    fit: i64,
    engagement: i64,
    band: String,
    rules_version: Option<i64>,
}

impl Reading {
    fn of(row: &ScoreRow) -> Self {
        Self {
            score: row.combined,
            fit: row.fit,
            engagement: row.engagement,
            band: row.band.clone(),
            rules_version: row.detail["rules_version"].as_i64(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Rescored {
    is_dry_run: bool,
    rules_version: i64,
    scored: usize,
    changes: Vec<Change>,
    next: Option<String>,
}

impl<P: Platform> LeadCapture<P> {
    /// `POST /v1/leads/rescore?dry_run= &cursor= &limit=`: one page of leads, as of each one's newest accepted submission.
    ///
    /// Errors: `Malformed` for a query that cannot be read, `NotFound` if the site has no rules, and what the store gives.
    pub(crate) async fn rescore(&self, site: &SiteId, request: &Request) -> Result<Response, Error> {
        let is_dry_run = request.asks_for("dry_run");
        let rules = history::current_rules(&self.sql, site).await?;
        let (version, rules) = rules.ok_or_else(|| Error::not_found("This site has no scoring rules."))?;
        let (page, next) = leads::page(&self.sql, site, &LeadFilter::default(), &PageOf::from_query(request)?).await?;
        let ids: Vec<String> = page.into_iter().map(|lead| lead.id).collect();
        let histories = history::read(&self.sql, site, &ids).await?;
        let (mut changes, mut statements) = (Vec::new(), Vec::new());
        for history in &histories {
            let Some((score, tags)) = assess(history, version, &rules, request.received) else { continue };
            if score == history.lead.score && tags == history.lead.tags {
                continue;
            }
            statements.push(record::update_score(site, &history.lead.id, history.revision, &score, &tags));
            changes.push(Change { lead: history.lead.id.clone(), before: Reading::of(&history.lead.score), after: Reading::of(&score) });
        }
        if !is_dry_run && !statements.is_empty() {
            let changed: Vec<String> = changes.iter().map(|change| change.lead.clone()).collect();
            statements.push(segment::mark(site, &changed, request.received));
            let written = self.sql.batch(statements).await?;
            // A lead that changed meanwhile has its new score from that change.
            changes = changes.into_iter().zip(written).filter(|(_, rows)| !rows.is_empty()).map(|(change, _)| change).collect();
            self.sort_soon();
        }
        let next = next.and_then(|page| page.cursor());
        json(StatusCode::OK, &Rescored { is_dry_run, rules_version: version, scored: histories.len(), changes, next })
    }
}

/// By accepted submissions; a lead that is only held back is scored by what it has.
fn assess(history: &History, version: i64, rules: &RuleSet, now: DateTime<Utc>) -> Option<(ScoreRow, Vec<String>)> {
    let is_accepted = history.lead.is_accepted;
    history.assess(version, rules, now, |submission| submission.is_accepted || !is_accepted)
}
