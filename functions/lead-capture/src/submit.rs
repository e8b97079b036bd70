//! One submission, step by step: read, look around, decide, write once.

use std::net::IpAddr;

use orilla_core::body::{self, Payload};
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::sql::{SqlError, Statement};
use orilla_core::visitors::{self, Salt, address_hash, visitor_hash};
use orilla_core::{Clock, Error, Platform, Request, Sql, ids, sites};
use serde_json::{Map, Value as Json, json};

use crate::LeadCapture;
use crate::answer::Answer;
use crate::challenge::{self, Challenge};
use crate::notify;
use crate::record::{self, LeadRow, ScoreRow, SubmissionRow};
use crate::score;
use crate::store::{self, Facts, Inquiry, KnownLead, OpenForm};
use crate::submission::{self, Submission};
use crate::tags;
use crate::verdict::{Action, Evidence, Verdict};

/// How often a decision is made again when somebody else was faster. Chosen: each loss means that another submission of
/// the same mailbox was stored, so more rounds only help a flood.
const ROUNDS: u32 = 5;

/// A submission, read and placed: what the decisions look at.
pub struct Arrival<'a> {
    /// The request it came with.
    pub request: &'a Request,
    /// The form it came to.
    pub open: &'a OpenForm,
    /// What was said.
    pub submission: Submission,
    /// Finds retries: form, fields, consents and extras, nothing of timing.
    pub fingerprint: String,
    /// Who seems to say it.
    pub visitor_id: String,
    /// From where, salted.
    pub address_hash: Option<String>,
}

impl<P: Platform> LeadCapture<P> {
    /// Reads a form, and lets the request in: its key, if it shows one, and its origin.
    ///
    /// Errors: `NotFound`, `Unauthenticated`, `Forbidden`, and what the store gives.
    pub(crate) async fn admit(&self, request: &Request, form: &str) -> Result<OpenForm, Error> {
        let open = store::open_form(&self.sql, form, &visitors::day(request.received)).await?;
        open.site.origins()?.admit(request)?;
        sites::admit_visitor(&self.sql, request, &open.site_id).await?;
        Ok(open)
    }

    /// Takes one submission.
    ///
    /// Errors: `Malformed` and `TooLarge` for a body that cannot be read, `Invalid` with every violation, `TooManyRequests` and
    /// `Forbidden` for a rejected one, `Unavailable` if nothing could be stored.
    pub(crate) async fn take(&self, open: &OpenForm, payload: &Payload, request: &Request) -> Result<Answer, Error> {
        let arrival = self.place(open, payload, request).await?;
        let key = Key::of(request, arrival.submission.signals.idempotency_key.as_deref())?;
        let scope = store::scope(&open.id);
        let slot = key.as_ref().map(|key| Slot { site: &open.site_id, scope: &scope, key });
        let mut solved = None;
        for _ in 0..ROUNDS {
            let facts = self.look_around(&arrival, slot).await?;
            match facts.earlier {
                Earlier::Replay(answer) => return serde_json::from_value(answer).map_err(Error::internal),
                Earlier::Mismatch => return Err(idempotency::mismatch()),
                Earlier::New => {}
            }
            let challenge = match solved {
                Some(outcome) => outcome,
                None => *solved.insert(self.solve(&arrival).await),
            };
            let verdict = Evidence::of(&arrival, &facts, challenge).judge(&open.form.spam);
            if verdict.action == Action::Reject {
                return Err(rejection(&verdict, &facts));
            }
            let (answer, statements) = self.decide(&arrival, &facts, &verdict, slot)?;
            match self.sql.batch(statements).await {
                Ok(_) => {
                    self.nudge();
                    return Ok(answer);
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for its lead"))
    }
}
