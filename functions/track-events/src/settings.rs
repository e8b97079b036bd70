//! What clients ask before they send: how to behave towards this server. What each hears stands with its wire.

use http::StatusCode;
use orilla_core::http::{json, text};
use orilla_core::router::Matched;
use orilla_core::sites::Kind;
use orilla_core::sql::Statement;
use orilla_core::{Code, Error, Request, Response, Sql, auth};

use crate::routes::{Operation, Setup};
use crate::wire::{posthog, rudder, segment};

/// Answers a client that asks how to behave.
///
/// Errors: `NotFound` for a key in the path that nobody issued, `Unauthenticated` for one elsewhere; `Malformed` and `TooLarge` for a
/// body that holds none; what the store gives.
pub async fn show(sql: &impl Sql, setup: Setup, request: &Request, matched: &Matched<'_, Operation>) -> Result<Response, Error> {
    let stranger = "Nobody issued this write key.";
    let (key, refusal) = match setup {
        Setup::Segment | Setup::PostHogConfig | Setup::PostHogScript => (matched.parameter("key").to_owned(), Error::not_found(stranger)),
        Setup::Rudder => (auth::shown_key(request).unwrap_or_default(), Error::new(Code::Unauthenticated, stranger)),
        Setup::PostHogFlags => (posthog::token(request, matched.route.body_limit)?, Error::new(Code::Unauthenticated, stranger)),
    };
    if !is_write_key(sql, &key).await? {
        return Err(refusal);
    }
    // The answer holds nothing but what the caller sent.
    request.is_origin_allowed.set(true);
    match setup {
        Setup::Segment => json(StatusCode::OK, &segment::settings(&key)),
        Setup::Rudder => json(StatusCode::OK, &rudder::source_config(&key, request.received)),
        Setup::PostHogConfig => json(StatusCode::OK, &posthog::config(&key)),
        Setup::PostHogScript => Ok(text(StatusCode::OK, "application/javascript; charset=utf-8", posthog::config_script(&key))),
        Setup::PostHogFlags => json(StatusCode::OK, &posthog::flags()),
    }
}

async fn is_write_key(sql: &impl Sql, key: &str) -> Result<bool, Error> {
    let known = sql.query(Statement::new("SELECT kind FROM keys WHERE hash = ?1").bind(&auth::hash(key)[..])).await?;
    let kind = known.first().map(|row| row.text("kind").map(|kind| kind == Kind::Write.name())).transpose()?;
    Ok(kind == Some(true))
}
