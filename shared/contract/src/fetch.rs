//! The contract of `Fetch`, number by number; [`Peer`](crate::Peer) says what answers.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use orilla_core::guard::{self, Destination, Exemptions};
use orilla_core::ports::{FetchError, Inbound, Outbound};
use orilla_core::{Fetch, Platform};
use serde_json::{Value, json};

use crate::platform::PATIENCE;
use crate::{Broken, Case, Outcome, claim, same};

/// How long a test waits for a peer that never answers.
const IMPATIENCE: Duration = Duration::from_millis(300);
/// More than any test reads, except where the cap is the test.
const ROOM: usize = 1 << 20;

impl<P: Platform> Case<'_, P> {
    fn request(&self, path: &str) -> Result<Outbound, Broken> {
        let destination = guard::trusted(&format!("{}{path}", self.peer.origin))?;
        Ok(get(destination))
    }

    async fn send(&self, request: Outbound) -> Result<Inbound, FetchError> {
        self.platform.fetch().fetch(request).await
    }

    pub(crate) async fn fetch_text(&self, path: &str) -> Result<String, Broken> {
        let inbound = self.send(self.request(path)?).await?;
        Ok(String::from_utf8(read(inbound).await.1?)?)
    }
}

fn get(destination: Destination) -> Outbound {
    Outbound { method: Method::GET, destination, headers: HeaderMap::new(), body: Bytes::new(), deadline: PATIENCE, max_bytes: ROOM }
}

/// Reads a body to its end: how many bytes came, and all of them or the error.
async fn read(mut inbound: Inbound) -> (usize, Result<Vec<u8>, FetchError>) {
    let mut whole = Vec::new();
    while let Some(chunk) = inbound.body.next().await {
        match chunk {
            Ok(chunk) => whole.extend_from_slice(&chunk),
            Err(error) => return (whole.len(), Err(error)),
        }
    }
    (whole.len(), Ok(whole))
}

/// 1.
pub async fn requests_and_answers_arrive_as_given<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let body: Vec<u8> = (0..=255).collect();
    for (method, status) in [(Method::POST, 201), (Method::PUT, 418), (Method::PATCH, 500), (Method::DELETE, 207)] {
        let target = format!("/echo?status={status}&q=%C3%B1%20%2F+&q=");
        let mut request = case.request(&target)?;
        request.method = method.clone();
        request.body = Bytes::from(body.clone());
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-contract"));
        request.headers.insert(HeaderName::from_static("webhook-signature"), HeaderValue::from_static("v1,a= v1,b="));
        let inbound = case.send(request).await?;
        same("status", &inbound.status.as_u16(), &status)?;
        same("a header", &inbound.headers.get("x-peer"), &Some(&HeaderValue::from_static("echo")))?;
        let echo: Value = serde_json::from_slice(&read(inbound).await.1?)?;
        same("method", &echo["method"], &json!(method.as_str()))?;
        same("target", &echo["target"], &json!(target))?;
        same("body", &echo["body"], &json!(body))?;
        same("content type", &sent(&echo, "content-type"), &Some("application/x-contract"))?;
        same("own header", &sent(&echo, "webhook-signature"), &Some("v1,a= v1,b="))?;
    }
    let echo: Value = serde_json::from_str(&case.fetch_text("/echo?status=200").await?)?;
    same("method", &echo["method"], &json!("GET"))?;
    same("no body", &echo["body"], &json!([]))?;
    let (_, bytes) = read(case.send(case.request("/bytes?n=70000")?).await?).await;
    let expected: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    same("bytes", &bytes?, &expected)?;
    let broken = match case.send(case.request("/broken")?).await {
        Ok(inbound) => read(inbound).await.1,
        Err(error) => Err(error),
    };
    claim(matches!(broken, Err(FetchError::Protocol(_))), format!("a body that broke off: {broken:?}"))
}

/// A header as the peer received it.
fn sent<'e>(echo: &'e Value, name: &str) -> Option<&'e str> {
    let headers = echo["headers"].as_array()?;
    headers.iter().find(|header| header[0] == name)?[1].as_str()
}

/// 2.
pub async fn the_deadline_ends_head_and_body<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let hurried = |path| case.request(path).map(|request| Outbound { deadline: IMPATIENCE, ..request });
    let head = case.send(hurried("/slow-head")?).await.map(|inbound| inbound.status);
    same("a head that does not come", &head, &Err(FetchError::Deadline))?;
    let inbound = case.send(hurried("/slow-body")?).await?;
    same("status", &inbound.status, &StatusCode::OK)?;
    let (length, outcome) = read(inbound).await;
    same("a body that does not end", &outcome, &Err(FetchError::Deadline))?;
    claim(length > 0, "the chunk that did come is missing")?;
    let inbound = case.send(hurried("/endless").map(|request| Outbound { max_bytes: usize::MAX, ..request })?).await?;
    same("a body that never pauses", &read(inbound).await.1, &Err(FetchError::Deadline))
}

/// 3.
pub async fn the_cap_ends_a_body<P: Platform>(case: &Case<'_, P>) -> Outcome {
    const CAP: usize = 200_000;
    for (path, fits) in [("/bytes?n=200000", true), ("/bytes?n=200001", false), ("/bytes?n=20000000", false), ("/endless", false)] {
        let inbound = case.send(Outbound { max_bytes: CAP, ..case.request(path)? }).await?;
        same("status", &inbound.status, &StatusCode::OK)?;
        let (length, outcome) = read(inbound).await;
        claim(length <= CAP, format!("{path}: {length} bytes came through"))?;
        let expected = if fits { Ok(CAP) } else { Err(FetchError::TooLarge) };
        same(path, &outcome.map(|bytes| bytes.len()), &expected)?;
    }
    let inbound = case.send(Outbound { max_bytes: 0, ..case.request("/redirect?status=204")? }).await?;
    same("no body and no room", &read(inbound).await.1, &Ok(Vec::new()))
}

/// 4.
pub async fn redirects_are_answers<P: Platform>(case: &Case<'_, P>) -> Outcome {
    for status in [301, 302, 303, 307, 308] {
        for method in [Method::GET, Method::POST] {
            let request = case.request(&format!("/redirect?status={status}"))?;
            let inbound = case.send(Outbound { method, ..request }).await?;
            same("status", &inbound.status.as_u16(), &status)?;
            same("location", &inbound.headers.get(header::LOCATION), &Some(&HeaderValue::from_static("/echo")))?;
        }
    }
    Ok(())
}

/// 5.
pub async fn names_of_private_addresses_are_refused<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let destination = guard::check(&case.peer.private, &Exemptions::default())?;
    let outcome = case.send(get(destination)).await.map(|inbound| inbound.status);
    claim(matches!(outcome, Err(FetchError::Refused(_))), format!("{outcome:?}"))
}

/// 6.
pub async fn a_closed_port_is_a_failed_connection<P: Platform>(case: &Case<'_, P>) -> Outcome {
    for method in [Method::GET, Method::POST] {
        let request = get(guard::trusted(&case.peer.closed)?);
        let outcome = case.send(Outbound { method, body: Bytes::from_static(b"hello"), ..request }).await.map(|inbound| inbound.status);
        claim(matches!(outcome, Err(FetchError::Connect(_))), format!("{outcome:?}"))?;
    }
    Ok(())
}

/// 7. The peer sends the second chunk only when told to, so a host that waits for the whole body never sees it.
pub async fn bodies_stream<P: Platform>(case: &Case<'_, P>) -> Outcome {
    let mut inbound = case.send(case.request(&format!("/gate?id={}", case.nonce))?).await?;
    let first = inbound.body.next().await.ok_or("no first chunk")??;
    same("the first chunk", &first, &Bytes::from_static(b"first "))?;
    case.fetch_text(&format!("/open?id={}", case.nonce)).await?;
    let (_, rest) = read(inbound).await;
    same("the rest", &rest?, &b"second".to_vec())
}
