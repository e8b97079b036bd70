//! Sorting what waits for it, a bounded part at each tick: leads whose time has come, and after a change of the segments everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::sites::SiteId;
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Clock, Error, Function, Platform, Sql};
use serde_json::json;

use super::sorting::{About, Before, Subject};
use super::{Segments, store};
use crate::LeadCapture;
use crate::history::{self, History};
use crate::site::Site;
use crate::store::site_id;

/// Leads that are sorted together. Chosen: their events stay well under what one answer of a store may hold.
const TOGETHER: u32 = 50;
/// Rounds of a tick. Chosen: five hundred leads a minute on the hosts whose clock ticks each minute, in a fraction of what they may work.
const ROUNDS: u32 = 10;
/// How long whoever claimed leads may take before another tick sorts them. Chosen: a tick takes a second.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Sites that sort everybody anew which are looked at in one round. Chosen: each costs two statements.
const SWEEPS: u32 = 10;

impl<P: Platform> LeadCapture<P> {
    /// Sorts what waits; gives how many leads there were. Two ticks at a time sort different leads.
    ///
    /// Errors: what the store gives; what is left waits for the next tick.
    pub(crate) async fn sort_due(&self) -> Result<u32, Error> {
        let mut sorted = 0;
        for _ in 0..ROUNDS {
            let now = self.clock.now();
            self.sweep(now).await?;
            let claimed = self.claim(now).await?;
            let count: usize = claimed.values().map(Vec::len).sum();
            for (site, leads) in claimed {
                self.sort_leads(&site, &leads, now).await?;
            }
            sorted += u32::try_from(count).unwrap_or(u32::MAX);
            if count < TOGETHER as usize {
                break;
            }
        }
        Ok(sorted)
    }

    /// The same, once the answer is out, and sends what became news; if the host cuts that short, the next tick does it.
    pub(crate) fn sort_soon(&self) {
        let platform = self.platform.clone();
        self.platform.defer(async move {
            let Ok(this) = Self::open(&platform) else { return };
            // Logged by the tick that finds the same rows again.
            let _ = this.sort_due().await;
            let _ = this.courier.drain().await;
        });
    }

    /// Tells the next leads of each site whose segments changed to wait for their turn.
    async fn sweep(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let open = "SELECT site_id, version, after_at, after_id FROM segment_sweeps INDEXED BY segment_sweeps_open WHERE is_done = 0 \
                    ORDER BY site_id LIMIT ?1";
        for row in self.sql.query(Statement::new(open).bind(SWEEPS)).await?.iter() {
            let site = site_id(&row)?;
            let (version, after_at, after_id) =
                (row.integer("version")?, row.optional_integer("after_at")?, row.optional_text("after_id")?);
            let next = Statement::new(
                "SELECT id, created_at FROM leads WHERE site_id = ?1 AND (?2 IS NULL OR (created_at, id) > (?2, ?3)) \
                 ORDER BY created_at, id LIMIT ?4",
            )
            .bind(&site)
            .bind(after_at)
            .bind(after_id)
            .bind(TOGETHER);
            let leads = self.sql.query(next).await?;
            let ids = leads.iter().map(|lead| Ok(lead.text("id")?.to_owned())).collect::<Result<Vec<_>, SqlError>>()?;
            let last = leads
                .iter()
                .last()
                .map(|lead| Ok::<_, SqlError>((lead.integer("created_at")?, lead.text("id")?.to_owned())))
                .transpose()?;
            // Another tick that is as far moves on to the same place; one that is further is left alone.
            let moved = Statement::new(
                "UPDATE segment_sweeps SET after_at = coalesce(?3, after_at), after_id = coalesce(?4, after_id), is_done = ?5 \
                 WHERE site_id = ?1 AND version = ?2 AND after_id IS ?6",
            )
            .bind(&site)
            .bind(version)
            .bind(last.as_ref().map(|(at, _)| *at))
            .bind(last.as_ref().map(|(_, id)| id.as_str()))
            .bind(ids.len() < TOGETHER as usize)
            .bind(after_id);
            self.sql.batch(vec![store::enlist(&site, &json!(ids), now), moved]).await?;
        }
        Ok(())
    }

    /// Takes the leads whose time has come, those that waited longest first, by site.
    async fn claim(&self, now: DateTime<Utc>) -> Result<BTreeMap<SiteId, Vec<String>>, Error> {
        let claim = Statement::new(
            "UPDATE segment_standings SET due_at = ?2 WHERE (site_id, lead_id) IN (SELECT site_id, lead_id FROM segment_standings \
               WHERE due_at IS NOT NULL AND due_at <= ?1 ORDER BY due_at LIMIT ?3) RETURNING site_id, lead_id",
        )
        .bind(now)
        .bind(now + LEASE)
        .bind(TOGETHER);
        let mut claimed: BTreeMap<SiteId, Vec<String>> = BTreeMap::new();
        for row in self.sql.query(claim).await?.iter() {
            claimed.entry(site_id(&row)?).or_default().push(row.text("lead_id")?.to_owned());
        }
        Ok(claimed)
    }

    async fn sort_leads(&self, site: &SiteId, leads: &[String], now: DateTime<Utc>) -> Result<(), Error> {
        let Some((settings, segments)) = store::of_site(&self.sql, site).await? else { return Ok(()) };
        let mut before: BTreeMap<String, Before> = BTreeMap::new();
        for row in self.sql.query(store::before_of(site, leads)).await?.iter() {
            before.insert(row.text("id")?.to_owned(), store::before(&row)?);
        }
        // Read after how they were sorted: what happens between the two has them sorted once more.
        for history in history::read(&self.sql, site, leads).await? {
            let Some(before) = before.get(&history.lead.id) else { continue };
            self.sort_lead(site, &settings, &segments, &history, before, now).await?;
        }
        Ok(())
    }

    async fn sort_lead(
        &self,
        site: &SiteId,
        settings: &Site,
        segments: &Segments,
        history: &History,
        before: &Before,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let lead = &history.lead;
        let events = history.deeds(|submission| submission.is_accepted);
        let subject = Subject { lead, events: &events, consents: &before.consents, first_seen: history.first_seen, now };
        let sorting = segments.sort(&subject, before);
        let about = About { site, settings, segments, lead };
        match self.sql.batch(sorting.statements(&about, now, &self.random)).await {
            // Somebody else sorted it meanwhile, or it was erased.
            Ok(_) | Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
