//! Asks Turnstile whether a visitor solved its challenge: once per submission, never per request.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use orilla_core::Fetch;
use orilla_core::guard::Destination;
use orilla_core::ports::{FetchError, Outbound};
use serde::Deserialize;

/// Where a solved challenge is checked. Source: developers.cloudflare.com/turnstile, server-side validation.
pub const SITEVERIFY: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
/// What shows the challenge in a page. Source: the same site, client-side rendering; its CSP page names the origin to allow.
pub const WIDGET: &str = "https://challenges.cloudflare.com/turnstile/v0/api.js";
/// The longest token. Source: the same page; 2,048 characters.
const MAX_TOKEN_CHARS: usize = 2_048;
/// How long the visitor waits for it. Chosen: siteverify answers in well under a second.
const DEADLINE: Duration = Duration::from_secs(5);
/// The answer is a small JSON object.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// How a challenge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The form asks for none.
    NotAsked,
    /// Solved.
    Passed,
    /// Not solved, spent, expired or made up.
    Failed,
    /// Nobody could say; the visitor is not to blame.
    Unknown,
}

/// What is needed to ask.
#[derive(Debug)]
pub struct Challenge<'a> {
    /// Where to ask.
    pub siteverify: &'a Destination,
    /// The site's secret.
    pub secret: &'a str,
    /// What the visitor's browser was given.
    pub token: &'a str,
    /// The visitor's address, which narrows the token to it.
    pub address: Option<std::net::IpAddr>,
    /// The same for every try of one submission, so that a retry does not burn the token.
    pub idempotency_key: &'a str,
}

#[derive(Debug, Deserialize)]
struct Answer {
    success: bool,
}

/// Asks once.
pub async fn verify(fetch: &impl Fetch, challenge: &Challenge<'_>) -> Outcome {
    if challenge.token.is_empty() || challenge.token.chars().count() > MAX_TOKEN_CHARS {
        return Outcome::Failed;
    }
    match ask(fetch, challenge).await {
        Ok(Some(Answer { success: true })) => Outcome::Passed,
        Ok(Some(Answer { success: false })) => Outcome::Failed,
        Ok(None) | Err(_) => Outcome::Unknown,
    }
}

async fn ask(fetch: &impl Fetch, challenge: &Challenge<'_>) -> Result<Option<Answer>, FetchError> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("secret", challenge.secret);
    form.append_pair("response", challenge.token);
    form.append_pair("idempotency_key", challenge.idempotency_key);
    if let Some(address) = challenge.address {
        form.append_pair("remoteip", &address.to_string());
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let outbound = Outbound {
        method: Method::POST,
        destination: challenge.siteverify.clone(),
        headers,
        body: Bytes::from(form.finish()),
        deadline: DEADLINE,
        max_bytes: MAX_ANSWER_BYTES,
    };
    let mut inbound = fetch.fetch(outbound).await?;
    let mut body = Vec::new();
    while let Some(chunk) = inbound.body.next().await {
        body.extend_from_slice(&chunk?);
    }
    Ok(serde_json::from_slice(&body).ok())
}
