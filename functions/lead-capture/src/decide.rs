//! What becomes of a submission that is kept: pure, from what arrived and what is known, with every reason in the result.

use chrono::{DateTime, TimeDelta, Utc};
use orilla_core::idempotency::Slot;
use orilla_core::ids::{rfc3339, uuid_v7};
use orilla_core::signing::Token;
use orilla_core::sql::Statement;
use orilla_core::{Error, Random};
use orilla_text::Locale;
use serde_json::{Value as Json, json};

use crate::answer::{Answer, asset_path};
use crate::confirm;
use crate::journey;
use crate::notify::{self, News};
use crate::record::{self, LeadRow, ScoreRow, SubmissionRow};
use crate::score::{Known, Person, VisitorEvent};
use crate::segment::sorting::{About, Sorting, Subject};
use crate::store::{Facts, KnownLead, OpenForm};
use crate::submit::{Arrival, merged};
use crate::tags::Activity;
use crate::verdict::{Action, Verdict};

/// What the signature of a download link is for.
pub const DOWNLOAD: &str = "download";

/// A decision, ready to be written.
#[derive(Debug)]
pub struct Decision {
    /// What the visitor is told: the same for an accepted submission and for one that is held back.
    pub answer: Answer,
    lead: LeadRow,
    submission: SubmissionRow,
    known: Option<KnownLead>,
    is_accepted: bool,
    sorting: Option<Sorting>,
    now: DateTime<Utc>,
}

impl Decision {
    /// Decides.
    #[must_use]
    pub fn of(arrival: &Arrival<'_>, facts: &Facts, verdict: &Verdict, now: DateTime<Utc>, random: &impl Random) -> Self {
        let (open, said) = (arrival.open, &arrival.submission);
        let is_accepted = verdict.action == Action::Accept;
        let touch = touch(arrival, &facts.campaign);
        let mut events = facts.events.clone();
        events.push(VisitorEvent::submitted(&open.id, said.signals.page.as_deref(), arrival.received));
        let known = facts.lead.clone();
        let fields = merged(known.as_ref().map(|lead| &lead.fields), &said.fields);
        let consents: Vec<String> = said.consents.iter().filter(|it| it.is_given).map(|it| it.item.clone()).collect();
        let person = Person {
            fields: &fields,
            email: &said.email.key,
            country: arrival.country.as_deref(),
            locale: said.locale.as_str(),
            consents: &consents,
            touch: &touch,
            known: Known { first_seen: Some(known.as_ref().map_or(arrival.received, |lead| lead.first_seen)), ..Known::default() },
        };
        let (score, tags) = assess(open, &person, &events, arrival.received);
        let submission = SubmissionRow {
            id: uuid_v7(now, random).to_string(),
            form: open.id.clone(),
            form_version: open.version,
            fields: said.fields.clone(),
            extra: said.extra.clone(),
            locale: said.locale.as_str().to_owned(),
            is_accepted,
            reasons: verdict.reasons.clone(),
            content_hash: arrival.content_hash.clone(),
            address_hash: arrival.address_hash.clone(),
            visitor_id: Some(arrival.visitor_id.clone()),
            variant: said.signals.variant.clone().filter(|id| open.form.variant(id).is_some()),
            touch: touch.clone(),
            score: score.clone(),
            received: arrival.received,
        };
        let asks = open.form.double_opt_in.is_some();
        let is_confirmed = match &known {
            // What another form did not ask is not answered here.
            Some(lead) if asks => lead.was_asked_and_confirmed,
            Some(lead) => lead.is_confirmed,
            None => !asks,
        };
        let lead = LeadRow {
            id: known.as_ref().map_or_else(|| uuid_v7(now, random).to_string(), |lead| lead.id.clone()),
            email: said.email.address.clone(),
            email_key: said.email.key.clone(),
            fields,
            locale: said.locale.as_str().to_owned(),
            is_accepted,
            visitor_id: Some(arrival.visitor_id.clone()),
            first_touch: known.as_ref().map_or_else(|| touch.clone(), |lead| lead.first_touch.clone()),
            last_touch: touch,
            tags,
            score,
            is_confirmed,
        };
        let sorting = (is_accepted && !open.segments.is_empty()).then(|| sorted(arrival, facts, &lead, &events));
        Self { answer: answer(arrival, &submission.id), lead, submission, known, is_accepted, sorting, now }
    }

    /// Everything that is written, in one batch.
    ///
    /// Errors: `Internal` if our own answer cannot be serialised.
    pub fn statements(&self, arrival: &Arrival<'_>, slot: Option<Slot<'_>>, random: &impl Random) -> Result<Vec<Statement>, Error> {
        let site = &arrival.open.site_id;
        let lead = self.lead.id.as_str();
        let mut statements = Vec::new();
        if let Some(slot) = slot {
            let answer = serde_json::to_value(&self.answer).map_err(Error::internal)?;
            statements.extend(slot.remember(&arrival.fingerprint, &answer, lead, self.now));
        }
        match &self.known {
            None => {
                statements.push(record::insert_lead(site, &arrival.open.id, &self.lead, self.now));
                statements.push(record::insert_submission(site, &self.submission, lead, record::FIRST_REVISION));
            }
            // The submission goes first: its condition must see the revision that was read, not the one that is about to be.
            Some(known) => {
                statements.push(record::insert_submission(site, &self.submission, lead, known.revision));
                // What is held back never changes a lead that somebody may already be talking to.
                statements.push(if !self.is_accepted && known.is_accepted {
                    record::count_submission(site, lead, known.revision)
                } else {
                    record::update_lead(site, &self.lead, known.revision, 1, self.now)
                });
            }
        }
        statements.push(record::insert_consents(site, &self.submission, lead, &arrival.submission.consents));
        if self.is_accepted {
            let visitors = std::iter::once(&arrival.visitor_id).chain(&arrival.visitor_before);
            statements.push(record::convert(site, &arrival.open.id, visitors, lead, self.now));
            statements.extend(journey::claim(site, &arrival.visitor_id, &self.lead.email_key, lead, self.now));
            if let Some(sorting) = &self.sorting {
                let open = arrival.open;
                let about = About { site, settings: &open.site, segments: &open.segments, lead: &self.lead };
                statements.extend(sorting.statements(&about, self.now, random));
            }
            statements.extend(self.news(arrival).statements(self.now, random));
        }
        Ok(statements)
    }

    /// What the site's destinations and the visitor are told of an accepted submission.
    fn news<'a>(&'a self, arrival: &'a Arrival<'_>) -> News<'a> {
        let is_new = !self.known.as_ref().is_some_and(|lead| lead.is_accepted);
        News {
            site: &arrival.open.site_id,
            settings: &arrival.open.site,
            form_id: &arrival.open.id,
            form: &arrival.open.form,
            event: if is_new { notify::CREATED } else { notify::UPDATED },
            lead: &self.lead,
            submission: &self.submission,
            subject: arrival.submission.signals.subject.as_deref(),
            mail: arrival.mail_origin.and_then(|origin| confirm::mail(arrival.open, &self.lead, origin, self.now)),
        }
    }
}

/// The lead among its site's segments. What it is found in at first is news: nobody was there before.
fn sorted(arrival: &Arrival<'_>, facts: &Facts, lead: &LeadRow, events: &[VisitorEvent]) -> Sorting {
    let segments = &arrival.open.segments;
    let mut before = facts.before.clone();
    if !facts.lead.as_ref().is_some_and(|lead| lead.is_accepted) {
        before.version = segments.version;
    }
    let said = &arrival.submission.consents;
    let stood = before.consents.iter().filter(|item| said.iter().all(|it| it.item != **item));
    let given = said.iter().filter(|it| it.is_given).map(|it| &it.item);
    let consents: Vec<String> = stood.chain(given).cloned().collect();
    let first_seen = facts.lead.as_ref().map_or(arrival.received, |lead| lead.first_seen);
    segments.sort(&Subject { lead, events, consents: &consents, first_seen, now: arrival.received }, &before)
}

/// Score and tags by the rules in force; a site without rules scores nobody.
#[must_use]
pub fn assess(open: &OpenForm, person: &Person<'_>, events: &[VisitorEvent], at: DateTime<Utc>) -> (ScoreRow, Vec<String>) {
    let Some((version, rules)) = &open.rules else { return (ScoreRow::none(), Vec::new()) };
    let person = &rules.seen(person, events, at);
    let score = rules.score(person, events, at);
    let activity = Activity { engagement: score.engagement, last: at, now: at };
    (ScoreRow::of(&score, *version), rules.tags.tags(person, &activity))
}

/// Where this submission came from. Who came by a campaign and read on before they sent a form came by it still.
fn touch(arrival: &Arrival<'_>, campaign: &serde_json::Map<String, Json>) -> Json {
    let signals = &arrival.submission.signals;
    let said: serde_json::Map<String, Json> =
        signals.utm.iter().map(|(name, value)| (name.trim_start_matches("utm_").to_owned(), value.as_str().into())).collect();
    let utm = if said.is_empty() { campaign.clone() } else { said };
    json!({
        "at": rfc3339(arrival.received),
        "page": signals.page,
        "referrer": signals.referrer,
        "utm": utm,
        "variant": signals.variant,
        "country": arrival.country,
    })
}

fn answer(arrival: &Arrival<'_>, submission: &str) -> Answer {
    let (open, said) = (arrival.open, &arrival.submission);
    let wish = said.signals.next.as_deref().and_then(|wish| open.form.next(wish, said.signals.page.as_deref()));
    let next = wish.or_else(|| open.form.own_redirect(said.locale));
    Answer {
        id: submission.to_owned(),
        locale: said.locale,
        message: open.form.thanks(said.locale).to_owned(),
        next: next.map(String::from),
        // A form that asks the mailbox's owner mails it, to whoever has confirmed as well: the answer must not tell who has.
        download: if open.form.double_opt_in.is_some() { None } else { download(open, said.locale, &arrival.origin, arrival.received) },
    }
}

/// The signed link to what the form promises.
#[must_use]
pub fn download(open: &OpenForm, locale: Locale, origin: &str, now: DateTime<Utc>) -> Option<String> {
    let magnet = open.form.magnet.as_ref()?;
    let asset = magnet.asset.get(locale);
    let token = Token::issue(&open.link_secret, DOWNLOAD, asset, now + TimeDelta::hours(i64::from(magnet.expires_hours)));
    Some(format!("{origin}{}", asset_path(asset, &open.id, &token.to_string())))
}
