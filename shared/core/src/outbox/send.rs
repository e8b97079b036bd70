//! Sends what is due: claims rows under a lease, speaks to each destination apart, writes down what came of it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value as Json, json};

use super::deliveries::{forget_at, forget_bodies};
use super::destinations::{Kind, addresses};
use super::schedule::next_attempt;
use super::{ALLOWED_PRIVATE_HOSTS, MAIL_API_KEY, MAIL_API_URL, MAIL_FROM};
use crate::error::Error;
use crate::function::Tick;
use crate::guard::{self, Destination, Exemptions};
use crate::operations::{self, Family, Series};
use crate::ports::{Clock, Fetch, Outbound, Platform, Sql};
use crate::signing::{self, Secret};
use crate::sql::{Row, Rows, SqlError, Statement};
use crate::{idempotency, limit, visitors};

/// How long an attempt may take. Source: Standard Webhooks 1.0 asks for 15 to 30 s.
const DEADLINE: Duration = Duration::from_secs(15);
/// How long one destination's deliveries may keep a drain busy before the rest is left to the next one.
/// Chosen: a destination that lets every attempt run into its deadline costs one attempt a drain.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);
/// How long claimed rows belong to their drain. Chosen: [`PATIENCE`], one last attempt, and time to write it down.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// The most rows of one destination in one drain.
const PER_DESTINATION: u32 = 25;
/// The most rows of one drain. Source: Workers Free allows 50 subrequests an invocation.
const PER_DRAIN: u32 = 45;
/// How many destinations are spoken to at once. Source: Workers holds the seventh connection of an invocation back, and its deadline
/// would run meanwhile.
const AT_ONCE: usize = 6;
/// The most bytes of an answer to look at; only its status matters.
const ANSWER_BYTES: usize = 64 * 1024;

/// Carries deliveries to their destinations. Cheap to clone, so that it can go into deferred work.
pub struct Courier<P: Platform> {
    sql: P::Sql,
    fetch: P::Fetch,
    clock: P::Clock,
    exemptions: Exemptions,
    mail: MailApi,
    is_counting: bool,
}

impl<P: Platform> Clone for Courier<P> {
    fn clone(&self) -> Self {
        Self {
            sql: self.sql.clone(),
            fetch: self.fetch.clone(),
            clock: self.clock.clone(),
            exemptions: self.exemptions.clone(),
            mail: self.mail.clone(),
            is_counting: self.is_counting,
        }
    }
}

/// The operator's mail API, in Resend's shape. Without key and sender, mails wait and say so.
#[derive(Clone)]
struct MailApi {
    url: String,
    key: Option<String>,
    from: Option<String>,
}

/// One claimed row.
struct Due {
    id: String,
    site: String,
    destination: String,
    kind: Kind,
    target: String,
    body: String,
    attempts: u32,
    next_at: i64,
}

/// Whose rows wait for one another, and for nobody else: site and destination.
type Lane = (String, String);

/// The time that claimed rows have.
#[derive(Clone, Copy)]
struct Lease {
    started: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Whether the first row is tried however late it is: its walk began with the drain, so its attempt fits into the lease.
    is_owed_one: bool,
}

/// A destination as it is now, which may differ from when the row was written.
struct Known {
    kind: Kind,
    target: String,
    is_disabled: bool,
    secrets: Vec<Secret>,
}

/// How an attempt ended.
enum Ending {
    /// `2xx`.
    Delivered(StatusCode),
    /// `410`: the receiver wants no more, of this or anything else.
    Gone,
    /// Anything else; it is tried again while the schedule has attempts left.
    Failed { status: Option<StatusCode>, error: String },
    /// There is nobody to send to: no further attempt can help.
    Undeliverable(&'static str),
}

impl Ending {
    fn failed(error: impl ToString) -> Self {
        Self::Failed { status: None, error: error.to_string() }
    }
}

impl<P: Platform> Courier<P> {
    /// Reads what deliveries need from the operator's configuration.
    ///
    /// Errors: `Unavailable` if a variable cannot be read.
    pub fn open(platform: &P, sql: P::Sql) -> Result<Self, Error> {
        Ok(Self {
            sql,
            fetch: platform.fetch(),
            clock: platform.clock(),
            exemptions: Exemptions::parse(&platform.variable(ALLOWED_PRIVATE_HOSTS)?.unwrap_or_default()),
            mail: MailApi {
                url: platform.variable(MAIL_API_URL)?.unwrap_or_else(|| "https://api.resend.com".to_owned()),
                key: platform.variable(MAIL_API_KEY)?,
                from: platform.variable(MAIL_FROM)?,
            },
            is_counting: operations::is_counting(platform),
        })
    }

    /// Sends what is due, then forgets what is past its time: what a function's tick does.
    ///
    /// Errors: as the store.
    pub async fn tick(&self) -> Result<Tick, Error> {
        let mut tick = self.drain().await?;
        let now = self.clock.now();
        let past = vec![forget_bodies(now), idempotency::forget_expired(now), limit::forget_ended(now), visitors::forget_salts(now)];
        let gone: usize = self.sql.batch(past).await?.iter().map(Rows::len).sum();
        tick.expired = u32::try_from(gone).unwrap_or(u32::MAX);
        Ok(tick)
    }

    /// Sends what is due. Two drains at once never send the same row; a drain that is cut short loses none.
    ///
    /// Errors: as the store.
    pub async fn drain(&self) -> Result<Tick, Error> {
        let now = self.clock.now();
        let lease = now + LEASE;
        let results = self.sql.batch(vec![claim(now, lease), recipients(now, lease)]).await?;
        let [due, known] = results.as_slice() else { return Err(Error::internal("a batch of two gave other results")) };
        let known = known.iter().map(|row| read_known(&row, now)).collect::<Result<HashMap<_, _>, _>>()?;
        let mut lanes: BTreeMap<Lane, Vec<Due>> = BTreeMap::new();
        for row in due.iter() {
            let due = read_due(&row)?;
            lanes.entry((due.site.clone(), due.destination.clone())).or_default().push(due);
        }
        let mut lanes: Vec<_> = lanes.into_iter().collect();
        // Whoever failed before goes last, and keeps none waiting who may well answer.
        lanes.sort_by_key(|(_, due)| due.iter().map(|row| row.attempts).min());
        let walks = lanes.into_iter().enumerate().map(|(place, (lane, due))| {
            let lease = Lease { started: now, until: lease, is_owed_one: place < AT_ONCE };
            self.walk(due, known.get(&lane), lease)
        });
        let mut sent = stream::iter(walks).buffer_unordered(AT_ONCE);
        let mut tick = Tick::default();
        while let Some(part) = sent.next().await {
            let part = part?;
            tick.delivered += part.delivered;
            tick.postponed += part.postponed;
            tick.failed += part.failed;
        }
        Ok(tick)
    }

    /// Sends one destination's rows, the longest due first, while patience lasts.
    async fn walk(&self, mut due: Vec<Due>, known: Option<&Known>, lease: Lease) -> Result<Tick, Error> {
        due.sort_by(|a, b| (a.next_at, &a.id).cmp(&(b.next_at, &b.id)));
        let mut tick = Tick::default();
        for (index, row) in due.iter().enumerate() {
            let is_owed = lease.is_owed_one && index == 0;
            if !is_owed && self.clock.now() - lease.started >= PATIENCE {
                let rest: Vec<_> = due.iter().skip(index).map(|row| row.id.as_str()).collect();
                self.sql.query(release(&rest, lease.until)).await?;
                break;
            }
            let ending = self.attempt(row, known).await;
            let is_over = matches!(ending, Ending::Gone);
            let (outcome, mut statements) = record(row, &ending, lease.until, self.clock.now(), &mut tick);
            if self.is_counting {
                statements.push(counted(outcome));
            }
            self.sql.batch(statements).await?;
            if is_over {
                // The batch above has failed whatever else waits here.
                break;
            }
        }
        Ok(tick)
    }

    async fn attempt(&self, row: &Due, known: Option<&Known>) -> Ending {
        let outbound = match self.prepare(row, known) {
            Ok(outbound) => outbound,
            Err(ending) => return ending,
        };
        match self.fetch.fetch(outbound).await {
            Ok(answer) if answer.status.is_success() => Ending::Delivered(answer.status),
            Ok(answer) if answer.status == StatusCode::GONE && row.kind != Kind::Email => Ending::Gone,
            Ok(answer) => Ending::Failed { status: Some(answer.status), error: format!("HTTP {}", answer.status.as_u16()) },
            Err(error) => Ending::failed(error),
        }
    }

    /// The request that one attempt makes.
    fn prepare(&self, row: &Due, known: Option<&Known>) -> Result<Outbound, Ending> {
        let target = match known {
            Some(known) if known.is_disabled => return Err(Ending::Undeliverable("the destination is disabled")),
            Some(known) if known.kind != row.kind => return Err(Ending::Undeliverable("the destination is of another kind now")),
            Some(known) => &known.target,
            None if row.destination.is_empty() => &row.target,
            None => return Err(Ending::Undeliverable("the destination was removed")),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Orilla/", env!("CARGO_PKG_VERSION"))));
        let (destination, body) = match row.kind {
            Kind::Webhook => {
                let secrets = known.map_or(&[][..], |known| &known.secrets);
                self.sign(row, secrets, &mut headers)?;
                (self.guard(target)?, row.body.clone())
            }
            Kind::Slack => (self.guard(target)?, row.body.clone()),
            Kind::Email => self.mail.prepare(row, target, &mut headers)?,
        };
        Ok(Outbound { method: Method::POST, destination, headers, body: Bytes::from(body), deadline: DEADLINE, max_bytes: ANSWER_BYTES })
    }

    fn guard(&self, target: &str) -> Result<Destination, Ending> {
        guard::check(target, &self.exemptions).map_err(|refusal| Ending::failed(format!("refused: {refusal}")))
    }

    /// Adds the three headers of Standard Webhooks 1.0, with this attempt's time.
    fn sign(&self, row: &Due, secrets: &[Secret], headers: &mut HeaderMap) -> Result<(), Ending> {
        if secrets.is_empty() {
            return Err(Ending::failed("the webhook has no signing secret"));
        }
        let now = self.clock.now();
        let signature = signing::sign(secrets, &row.id, now, row.body.as_bytes());
        let values = [("webhook-id", row.id.clone()), ("webhook-timestamp", now.timestamp().to_string()), ("webhook-signature", signature)];
        for (name, value) in values {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).map_err(Ending::failed)?);
        }
        Ok(())
    }
}

impl MailApi {
    /// Source: Resend API, "Send email": `POST /emails`, bearer key, `Idempotency-Key`.
    fn prepare(&self, row: &Due, to: &str, headers: &mut HeaderMap) -> Result<(Destination, String), Ending> {
        let (Some(key), Some(from)) = (&self.key, &self.from) else {
            return Err(Ending::failed("no mail API is configured: set MAIL_API_KEY and MAIL_FROM"));
        };
        let url = format!("{}/emails", self.url.trim_end_matches('/'));
        let destination = guard::trusted(&url).map_err(|refusal| Ending::failed(format!("MAIL_API_URL: {refusal}")))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {key}")).map_err(Ending::failed)?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_str(&row.id).map_err(Ending::failed)?);
        let mut mail: Json = serde_json::from_str(&row.body).map_err(Ending::failed)?;
        let envelope = mail.as_object_mut().ok_or_else(|| Ending::failed("the mail is no JSON object"))?;
        envelope.insert("from".into(), json!(from));
        envelope.insert("to".into(), addresses(to).collect());
        Ok((destination, mail.to_string()))
    }
}

/// Claims due rows for one drain, taking turns between the destinations: many rows of one keep no other's first row waiting.
fn claim(now: DateTime<Utc>, lease: DateTime<Utc>) -> Statement {
    Statement::new(
        "UPDATE outbox SET leased_until = ?2 WHERE id IN ( \
           SELECT id FROM ( \
             SELECT id, next_at, row_number() OVER (PARTITION BY site_id, destination_id ORDER BY next_at, id) AS turn \
             FROM outbox WHERE status = 'pending' AND next_at <= ?1 AND leased_until <= ?1 \
           ) WHERE turn <= ?3 ORDER BY turn, next_at LIMIT ?4 \
         ) RETURNING id, site_id, destination_id, kind, target, body, attempts, next_at",
    )
    .bind(now)
    .bind(lease)
    .bind(PER_DESTINATION)
    .bind(PER_DRAIN)
}

/// The destinations of the rows just claimed. Another drain of the same millisecond may add some of its own, to no harm.
fn recipients(now: DateTime<Utc>, lease: DateTime<Utc>) -> Statement {
    Statement::new(
        "SELECT site_id, id, kind, target, secret, previous_secret, previous_until, disabled_at FROM destinations WHERE (site_id, id) IN ( \
           SELECT site_id, destination_id FROM outbox WHERE status = 'pending' AND next_at <= ?1 AND leased_until = ?2)",
    )
    .bind(now)
    .bind(lease)
}

fn read_due(row: &Row<'_>) -> Result<Due, SqlError> {
    let text = |name| row.text(name).map(str::to_owned);
    Ok(Due {
        id: text("id")?,
        site: text("site_id")?,
        destination: text("destination_id")?,
        kind: Kind::read(row)?,
        target: text("target")?,
        body: text("body")?,
        attempts: u32::try_from(row.integer("attempts")?).unwrap_or(u32::MAX),
        next_at: row.integer("next_at")?,
    })
}

fn read_known(row: &Row<'_>, now: DateTime<Utc>) -> Result<(Lane, Known), SqlError> {
    let previous =
        row.optional_text("previous_secret")?.filter(|_| row.optional_time("previous_until").is_ok_and(|until| until > Some(now)));
    let secrets = [row.optional_text("secret")?, previous];
    let known = Known {
        kind: Kind::read(row)?,
        target: row.text("target")?.to_owned(),
        is_disabled: row.optional_time("disabled_at")?.is_some(),
        secrets: secrets.into_iter().flatten().filter_map(|secret| Secret::parse(secret).ok()).collect(),
    };
    Ok(((row.text("site_id")?.to_owned(), row.text("id")?.to_owned()), known))
}

fn release(ids: &[&str], lease: DateTime<Utc>) -> Statement {
    Statement::new("UPDATE outbox SET leased_until = 0 WHERE id IN (SELECT value FROM json_each(?1)) AND leased_until = ?2")
        .bind(json!(ids).to_string())
        .bind(lease)
}

/// One attempt more that ended so.
fn counted(outcome: &'static str) -> Statement {
    operations::record(Series { family: Family::Delivery, function: "", route: "", method: "", outcome })
}

/// Writes down how an attempt ended, and says it in a word. After a lost lease only a success counts: another drain is at the row already.
fn record(row: &Due, ending: &Ending, lease: DateTime<Utc>, now: DateTime<Utc>, tick: &mut Tick) -> (&'static str, Vec<Statement>) {
    let attempts = row.attempts.saturating_add(u32::from(!matches!(ending, Ending::Undeliverable(_))));
    let (status, error) = match ending {
        Ending::Delivered(status) => (Some(*status), None),
        Ending::Gone => (Some(StatusCode::GONE), Some("HTTP 410")),
        Ending::Failed { status, error } => (*status, Some(error.as_str())),
        Ending::Undeliverable(error) => (None, Some(*error)),
    };
    let next = if matches!(ending, Ending::Failed { .. }) { next_attempt(attempts, now) } else { None };
    let word = match (ending, next) {
        (Ending::Delivered(_), _) => "delivered",
        (_, Some(_)) => "pending",
        (_, None) => "failed",
    };
    let (counter, ended) = match word {
        "delivered" => (&mut tick.delivered, word),
        "pending" => (&mut tick.postponed, "postponed"),
        _ => (&mut tick.failed, word),
    };
    *counter += 1;
    let outcome = Statement::new(
        "UPDATE outbox SET status = ?3, attempts = ?4, next_at = ?5, leased_until = 0, last_status = ?6, last_error = ?7, finished_at = ?8 \
         WHERE id = ?1 AND status = 'pending' AND (leased_until = ?2 OR ?3 = 'delivered')",
    )
    .bind(row.id.as_str())
    .bind(lease)
    .bind(word)
    .bind(attempts)
    .bind(next.unwrap_or_else(|| forget_at(now)))
    .bind(status.map(|status| i64::from(status.as_u16())))
    .bind(error)
    .bind(next.is_none().then_some(now));
    let mut statements = vec![outcome];
    if matches!(ending, Ending::Gone) {
        statements.extend(disable(row, now));
    }
    (ended, statements)
}

/// Switches a destination off that answered 410, and fails whatever waits for it; enabling and replaying brings it back.
fn disable(row: &Due, now: DateTime<Utc>) -> [Statement; 2] {
    let off = "UPDATE destinations SET disabled_at = ?3, disabled_reason = 'it answered 410' \
               WHERE site_id = ?1 AND id = ?2 AND disabled_at IS NULL";
    let fail = "UPDATE outbox SET status = 'failed', leased_until = 0, last_error = 'the destination is disabled', finished_at = ?3, next_at = ?4 \
                WHERE site_id = ?1 AND destination_id = ?2 AND status = 'pending'";
    let bind = |sql| Statement::new(sql).bind(row.site.as_str()).bind(row.destination.as_str()).bind(now);
    [bind(off), bind(fail).bind(forget_at(now))]
}
