//! "Not spam": a held submission becomes an accepted one, and its notifications go out, exactly once.

use chrono::{DateTime, Utc};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::{SqlError, Statement};
use orilla_core::{Error, Platform, Request, Response, Sql};
use serde_json::json;

use crate::LeadCapture;
use crate::confirm;
use crate::history::{self, History};
use crate::journey;
use crate::notify::{self, News};
use crate::record::{self, LeadRow, ScoreRow, SubmissionRow};
use crate::segment::sorting::{About, Before, Subject};
use crate::segment::store as segment;
use crate::store::{self, OpenForm};
use crate::submit::merged;

/// How often it is tried again when the lead changed meanwhile. Chosen: as for a submission.
const ROUNDS: u32 = 8;

impl<P: Platform> LeadCapture<P> {
    /// `POST /v1/submissions/{submission}/release`. Saying it twice does no harm: the second answer says so.
    ///
    /// Errors: `NotFound` if this site has no such submission, and what the store gives.
    pub(crate) async fn release(&self, site: &SiteId, submission: &str, request: &Request) -> Result<Response, Error> {
        for _ in 0..ROUNDS {
            let history = self.history_of(site, submission).await?;
            let held = history.submissions.iter().find(|past| past.row.id == submission);
            let held = &held.ok_or_else(|| Error::not_found("This site has no such submission."))?.row;
            if held.is_accepted {
                return json(StatusCode::OK, &json!({ "id": submission, "lead": history.lead.id, "is_released": false }));
            }
            let open = store::open_form(&self.sql, &held.form, request.received).await?;
            let lead = released(&history, held, &open, request.received);
            let before = self.before(&open, &history, held).await?;
            let written = self.sql.batch(self.statements(&open, &history, held, &lead, before.as_ref(), request)?).await;
            match written {
                Ok(_) => {
                    self.nudge();
                    return json(StatusCode::OK, &json!({ "id": submission, "lead": lead.id, "is_released": true }));
                }
                Err(SqlError::Constraint(_) | SqlError::Unique { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for its lead"))
    }

    async fn history_of(&self, site: &SiteId, submission: &str) -> Result<History, Error> {
        let query = Statement::new("SELECT lead_id FROM submissions WHERE site_id = ?1 AND id = ?2").bind(site).bind(submission);
        let rows = self.sql.query(query).await?;
        let missing = || Error::not_found("This site has no such submission.");
        let lead = rows.first().ok_or_else(missing)?.text("lead_id")?.to_owned();
        history::read(&self.sql, site, &[lead]).await?.into_iter().next().ok_or_else(missing)
    }

    /// How the lead was sorted, with the consents that count once this is no spam; nothing of a site without segments.
    async fn before(&self, open: &OpenForm, history: &History, held: &SubmissionRow) -> Result<Option<Before>, Error> {
        if open.segments.is_empty() {
            return Ok(None);
        }
        let rows = self.sql.query(segment::before_of(&open.site_id, std::slice::from_ref(&history.lead.id))).await?;
        let mut before = rows.first().map(|row| segment::before(&row)).transpose()?.unwrap_or_default();
        let given = history.submissions.iter().filter(|past| past.row.id == held.id).flat_map(|past| &past.consents);
        before.consents.extend(given.cloned());
        if !history.lead.is_accepted {
            before.version = open.segments.version;
        }
        Ok(Some(before))
    }

    fn statements(
        &self,
        open: &OpenForm,
        history: &History,
        held: &SubmissionRow,
        lead: &LeadRow,
        before: Option<&Before>,
        request: &Request,
    ) -> Result<Vec<Statement>, Error> {
        let (site, now) = (&open.site_id, request.received);
        let news = News {
            site,
            settings: &open.site,
            form_id: &open.id,
            form: &open.form,
            event: if history.lead.is_accepted { notify::UPDATED } else { notify::CREATED },
            lead,
            submission: held,
            subject: None,
            mail: self.config.mail_origin(&open.form)?.and_then(|origin| confirm::mail(open, lead, origin, now)),
        };
        let mut statements = vec![
            record::release_submission(site, &held.id, &lead.id, history.revision, now),
            record::update_lead(site, lead, history.revision, 0, now),
        ];
        statements.push(record::convert(site, &open.id, &held.visitor_id, &lead.id, now));
        if let Some(visitor) = &held.visitor_id {
            statements.extend(journey::claim(site, visitor, &lead.email_key, &lead.id, now));
        }
        if let Some(before) = before {
            let events = history.deeds(|row| row.is_accepted || row.id == held.id);
            let subject = Subject { lead, events: &events, consents: &before.consents, first_seen: history.first_seen, now };
            let about = About { site, settings: &open.site, segments: &open.segments, lead };
            statements.extend(open.segments.sort(&subject, before).statements(&about, now, &self.random));
        }
        statements.extend(news.statements(now, &self.random));
        Ok(statements)
    }
}

/// The lead with what was held back merged into it.
fn released(history: &History, held: &SubmissionRow, open: &OpenForm, now: DateTime<Utc>) -> LeadRow {
    let counts = |row: &SubmissionRow| row.is_accepted || row.id == held.id;
    let assessed = open.rules.as_ref().and_then(|(version, rules)| history.assess(*version, rules, now, counts));
    let (score, tags) = assessed.unwrap_or_else(|| (ScoreRow::none(), Vec::new()));
    LeadRow {
        fields: merged(Some(&history.lead.fields), &held.fields),
        locale: held.locale.clone(),
        is_accepted: true,
        is_confirmed: if open.form.double_opt_in.is_some() { history.was_asked_and_confirmed } else { history.lead.is_confirmed },
        last_touch: held.touch.clone(),
        tags,
        score,
        ..history.lead.clone()
    }
}
