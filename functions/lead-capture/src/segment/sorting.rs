//! Sorting one lead: in which segments it is, which of that is news, when to look again, and what is written of it in one batch.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use orilla_core::Random;
use orilla_core::ids::rfc3339;
use orilla_core::outbox::{Event, Note};
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_text::Locale;
use serde_json::json;

use super::{ENTERED, LEFT, Saved, Segments, apart};
use crate::notify;
use crate::record::LeadRow;
use crate::score::{Known, Person, Standing, VisitorEvent};
use crate::site::Site;

/// How a lead was sorted before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    /// By which version of the segments; 0 if it never was.
    pub version: i64,
    /// The optimistic lock; none if it never was and nothing waits.
    pub revision: Option<i64>,
    /// The segments it is in.
    pub members: BTreeSet<String>,
    /// The consents that stand, by the latest word on each.
    pub consents: Vec<String>,
    /// Its latest answer to the NPS question.
    pub nps: Option<i64>,
}

/// A lead to be sorted.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// As it stands now.
    pub lead: &'a LeadRow,
    /// What it did.
    pub events: &'a [VisitorEvent],
    /// The consents that stand.
    pub consents: &'a [String],
    /// Since when it is known.
    pub first_seen: DateTime<Utc>,
    /// When it is sorted.
    pub now: DateTime<Utc>,
}

/// A lead, sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorting {
    /// The version of the segments.
    version: i64,
    /// As it was sorted before.
    before: Before,
    /// What it is in now.
    members: BTreeSet<String>,
    /// When time alone may change that.
    pub due_at: Option<DateTime<Utc>>,
}

impl Segments {
    /// Sorts a lead.
    #[must_use]
    pub fn sort(&self, subject: &Subject<'_>, before: &Before) -> Sorting {
        let lead = subject.lead;
        let standing = Standing {
            combined: lead.score.combined,
            fit: lead.score.fit,
            engagement: lead.score.engagement,
            band: &lead.score.band,
            tags: &lead.tags,
            is_confirmed: lead.is_confirmed,
            nps: before.nps,
        };
        let person = Person {
            fields: &lead.fields,
            email: &lead.email_key,
            country: lead.last_touch["country"].as_str(),
            locale: &lead.locale,
            consents: subject.consents,
            touch: &lead.last_touch,
            known: Known {
                events: subject.events,
                now: subject.now,
                first_seen: Some(subject.first_seen),
                standing: Some(standing),
                segments: Some(&self.named),
            },
        };
        let members = self.saved.iter().filter(|it| it.definition.when.holds(&person)).map(|it| it.id.clone()).collect();
        let due_at = self.saved.iter().filter_map(|it| it.definition.when.turns_at(&person)).min();
        Sorting { version: self.version, before: before.clone(), members, due_at }
    }

    fn find(&self, id: &str) -> Option<&Saved> {
        self.saved.iter().find(|it| it.id == id)
    }
}

/// Whom news of a sorting is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The tenant.
    pub site: &'a SiteId,
    /// The tenant's settings.
    pub settings: &'a Site,
    /// The tenant's segments.
    pub segments: &'a Segments,
    /// The lead as it stands now.
    pub lead: &'a LeadRow,
}

impl Sorting {
    /// Whether anything is another than before.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.members != self.before.members
    }

    /// What is written: how it was sorted, who came and went, and the news of both, each once. Somebody who sorted it meanwhile, or erased it,
    /// breaks the batch. News of leaving goes before the lead has left: a destination that is limited to the segment hears that, too.
    #[must_use]
    pub fn statements(&self, about: &About<'_>, now: DateTime<Utc>, random: &impl Random) -> Vec<Statement> {
        let (site, lead) = (about.site, about.lead.id.as_str());
        let (entered, left) = apart(&self.before.members, &self.members);
        let mut statements = vec![self.standing(site, lead, now)];
        statements.extend(left.iter().filter_map(|id| self.news(LEFT, about, id, now, random)));
        if !left.is_empty() {
            statements.push(
                Statement::new(
                    "DELETE FROM segment_members WHERE site_id = ?1 AND lead_id = ?2 AND segment IN (SELECT value FROM json_each(?3))",
                )
                .bind(site)
                .bind(lead)
                .bind(json!(left).to_string()),
            );
        }
        if !entered.is_empty() {
            statements.push(
                Statement::new(
                    "INSERT INTO segment_members (site_id, segment, lead_id, since) SELECT ?1, value, ?2, ?4 FROM json_each(?3)",
                )
                .bind(site)
                .bind(lead)
                .bind(json!(entered).to_string())
                .bind(now),
            );
        }
        statements.extend(entered.iter().filter_map(|id| self.news(ENTERED, about, id, now, random)));
        statements
    }

    /// The lead's row among those that were sorted. Of segments that changed since they were read it is sorted again at once.
    fn standing(&self, site: &SiteId, lead: &str, now: DateTime<Utc>) -> Statement {
        Statement::new(
            "INSERT INTO segment_standings (site_id, lead_id, version, revision, due_at, sorted_at) \
             VALUES (?1, (SELECT id FROM leads WHERE site_id = ?1 AND id = ?2), ?3, 1, \
               CASE (SELECT version FROM segment_sweeps WHERE site_id = ?1) WHEN ?3 THEN ?5 ELSE ?6 END, ?6) \
             ON CONFLICT (site_id, lead_id) DO UPDATE SET version = excluded.version, due_at = excluded.due_at, sorted_at = excluded.sorted_at, \
               revision = CASE revision WHEN ?4 THEN revision + 1 END",
        )
        .bind(site)
        .bind(lead)
        .bind(self.version)
        .bind(self.before.revision)
        .bind(self.due_at)
        .bind(now)
    }

    /// The news of one change. A change of the rules is none: only what happened to the lead since it was sorted by these is.
    fn news(&self, event: &str, about: &About<'_>, id: &str, now: DateTime<Utc>, random: &impl Random) -> Option<Statement> {
        let segment = about.segments.find(id).filter(|it| it.version <= self.before.version)?;
        let (lead, locale) = (about.lead, about.settings.default_locale);
        let label = segment.definition.label.get(locale);
        let title = match (locale, event == ENTERED) {
            (Locale::Es, true) => format!("Entró en «{label}»: {}", lead.email),
            (Locale::Es, false) => format!("Salió de «{label}»: {}", lead.email),
            (Locale::En, true) => format!("Entered “{label}”: {}", lead.email),
            (Locale::En, false) => format!("Left “{label}”: {}", lead.email),
        };
        let points = match locale {
            Locale::Es => "Puntuación",
            Locale::En => "Score",
        };
        let event = Event {
            site: about.site,
            name: event,
            subject: &lead.id,
            only: None,
            data: json!({
                "segment": { "id": id, "label": segment.definition.label },
                "lead": notify::lead_data(lead),
                "at": rfc3339(now),
            }),
            note: Note { title, facts: vec![(points.to_owned(), format!("{} ({})", lead.score.combined, lead.score.band))] },
        };
        Some(event.announce(now, random))
    }
}
