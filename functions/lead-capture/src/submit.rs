//! One submission, step by step: read it, look around, decide, write once.

use http::header;
use orilla_core::body::Payload;
use orilla_core::idempotency::{self, Key, Outcome as Earlier, Slot};
use orilla_core::ids::uuid_of;
use orilla_core::sql::SqlError;
use orilla_core::{Clock, Error, Platform, Request, Sql, sites};
use orilla_text::Locale;
use serde_json::{Map, Value as Json};

use crate::LeadCapture;
use crate::answer::Answer;
use crate::challenge::{self, Challenge, Outcome};
use crate::decide::Decision;
use crate::exposure::visitor_before;
use crate::messages;
use crate::store::{self, Facts, Inquiry, OpenForm};
use crate::submission::{self, Submission, asked_locale};
use crate::verdict::{Action, Evidence, Reason, Verdict};

/// How often a decision is made again when somebody else was faster. Chosen: each loss means that another submission of the
/// same mailbox was stored, so more rounds would only help a flood.
const ROUNDS: u32 = 8;
/// The header in which Formspree's clients tell when the page was loaded.
const SESSION: &str = "formspree-session-data";

/// A submission, read and placed: what the decisions look at.
#[derive(Debug)]
pub struct Arrival<'a> {
    /// The form it came to.
    pub open: &'a OpenForm,
    /// What was said.
    pub submission: Submission,
    /// Finds retries.
    pub fingerprint: String,
    /// Finds repeats.
    pub content_hash: String,
    /// Who seems to say it.
    pub visitor_id: String,
    /// Who that was yesterday, for what began before midnight.
    pub visitor_before: Option<String>,
    /// From where, salted.
    pub address_hash: Option<String>,
    /// Where that is, if the host knows.
    pub country: Option<String>,
    /// The origin of the links in its answer.
    pub origin: String,
    /// The origin of the links in a mail, if the form sends one.
    pub mail_origin: Option<&'a str>,
    /// When it arrived.
    pub received: chrono::DateTime<chrono::Utc>,
}

impl<P: Platform> LeadCapture<P> {
    /// Reads a form and lets the request in: its key, if it shows one, and its origin.
    ///
    /// Errors: `NotFound`, `Unauthenticated`, `Forbidden`, and what the store gives.
    pub(crate) async fn admit(&self, request: &Request, form: &str) -> Result<OpenForm, Error> {
        let open = store::open_form(&self.sql, form, request.received).await?;
        open.site.origins()?.admit(request)?;
        sites::admit_visitor(&self.sql, request, &open.site_id).await?;
        Ok(open)
    }

    /// Takes one submission.
    ///
    /// Errors: `Invalid` with every violation; `TooManyRequests` or `Forbidden` for one that is turned away; `Unavailable` if
    /// nothing could be stored.
    pub(crate) async fn take(&self, open: &OpenForm, payload: &Payload, request: &Request) -> Result<Answer, Error> {
        let arrival = self.place(open, payload, request).await?;
        let key = Key::of(request, arrival.submission.signals.idempotency_key.as_deref())?;
        let scope = store::scope(&open.id);
        let slot = key.as_ref().map(|key| Slot { site: &open.site_id, scope: &scope, key });
        let mut solved = None;
        for round in 0..ROUNDS {
            let facts = self.look_around(&arrival, slot, round == 0).await?;
            match facts.earlier {
                Earlier::Replay(answer) => return serde_json::from_value(answer).map_err(Error::internal),
                Earlier::Mismatch => return Err(idempotency::mismatch()),
                Earlier::New => {}
            }
            let challenge = match solved {
                Some(outcome) => outcome,
                None => *solved.insert(self.solve(&arrival, request).await),
            };
            let verdict = judge(&arrival, &facts, challenge);
            if verdict.action == Action::Reject {
                return Err(rejection(&verdict, &facts, arrival.submission.locale));
            }
            let decision = Decision::of(&arrival, &facts, &verdict, self.clock.now(), &self.random);
            match self.sql.batch(decision.statements(&arrival, slot, &self.random)?).await {
                Ok(_) => {
                    self.nudge();
                    return Ok(decision.answer);
                }
                Err(SqlError::Unique { .. } | SqlError::Constraint(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::unavailable("every round lost the race for its lead"))
    }

    /// Reads the payload by the form's definition, and notes who seems to send it.
    async fn place<'a>(&'a self, open: &'a OpenForm, payload: &Payload, request: &Request) -> Result<Arrival<'a>, Error> {
        let locale = Locale::negotiate(asked_locale(payload), request.header(header::ACCEPT_LANGUAGE), &open.form.locales);
        let mut submission = submission::parse(payload, &open.form, locale)
            .map_err(|violations| Error::invalid(messages::words(locale).summary, violations))?;
        if let Some(session) = request.header(SESSION) {
            submission.signals.add_session(session, request.received);
        }
        let mailbox = open.form.mailbox().map(|field| field.name.as_str());
        Ok(Arrival {
            open,
            fingerprint: submission.fingerprint(&open.id),
            content_hash: submission.content_hash(&open.id, mailbox),
            visitor_id: self.visitor_of(request, open, submission.signals.visitor.as_deref()).await?,
            visitor_before: visitor_before(request, open, submission.signals.visitor.as_deref()),
            address_hash: self.address_of(request, open).await?,
            country: request.country.clone(),
            origin: self.config.origin(request),
            mail_origin: self.config.mail_origin(&open.form)?,
            received: request.received,
            submission,
        })
    }

    async fn look_around(&self, arrival: &Arrival<'_>, slot: Option<Slot<'_>>, is_counted: bool) -> Result<Facts, Error> {
        let thresholds = &arrival.open.form.spam.thresholds;
        let inquiry = Inquiry {
            slot,
            fingerprint: &arrival.fingerprint,
            per_address: store::per_minute(thresholds.address_per_minute),
            per_form: store::per_minute(thresholds.form_per_minute),
            is_counted,
            address_hash: arrival.address_hash.as_deref(),
            visitor_id: &arrival.visitor_id,
            email_key: &arrival.submission.email.key,
            content_hash: &arrival.content_hash,
            now: arrival.received,
        };
        store::facts(&self.sql, arrival.open, &inquiry).await
    }

    /// Asks the form's challenge, once.
    async fn solve(&self, arrival: &Arrival<'_>, request: &Request) -> Outcome {
        if arrival.open.form.challenge.is_none() {
            return Outcome::NotAsked;
        }
        let Some(secret) = &self.config.turnstile_secret else { return Outcome::Unknown };
        let challenge = Challenge {
            siteverify: &self.config.siteverify,
            secret,
            token: arrival.submission.signals.challenge.as_deref().unwrap_or_default(),
            address: request.client,
            idempotency_key: &uuid_of(&arrival.fingerprint).to_string(),
        };
        challenge::verify(&self.fetch, &challenge).await
    }

    /// Sends what is due once the answer is out; if the host cuts that short, the next tick does it.
    pub(crate) fn nudge(&self) {
        let courier = self.courier.clone();
        self.platform.defer(async move {
            // Logged by the tick that finds the same rows again.
            let _ = courier.drain().await;
        });
    }
}

fn judge(arrival: &Arrival<'_>, facts: &Facts, challenge: Outcome) -> Verdict {
    let (form, submission) = (&arrival.open.form, &arrival.submission);
    let policy = &form.spam;
    let evidence = Evidence {
        decoy: submission.signals.decoy,
        elapsed: submission.signals.elapsed,
        is_webdriver: submission.signals.is_webdriver,
        texts: &submission.free_texts(form),
        email_domain: &submission.email.domain,
        is_repeated: facts.is_repeated,
        address_count: facts.address_count,
        form_count: facts.form_count,
        challenge,
    };
    Verdict::of(&evidence, &policy.thresholds, |reason| policy.action(reason))
}

/// What a visitor is told who was turned away: nothing was stored, and what to do about it.
fn rejection(verdict: &Verdict, facts: &Facts, locale: Locale) -> Error {
    let words = messages::words(locale);
    match verdict.cause {
        Some(Reason::AddressRate | Reason::FormRate) => {
            let wait = facts.retry_after.unwrap_or_default();
            Error { detail: words.rate_limited.into(), ..Error::too_many(wait) }
        }
        _ => Error::forbidden(words.failed),
    }
}

/// The newest non-empty value of each field: what is known, overlaid by what was said now.
#[must_use]
pub fn merged(known: Option<&Map<String, Json>>, said: &Map<String, Json>) -> Map<String, Json> {
    let mut fields = known.cloned().unwrap_or_default();
    fields.extend(said.iter().map(|(name, value)| (name.clone(), value.clone())));
    fields
}
