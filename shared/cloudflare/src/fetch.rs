//! [`Fetch`] over the host's `fetch`, with an abort signal for the deadline and redirects left alone.
//!
//! The host resolves names out of the guest's sight: the check of resolved addresses is its network policy's
//! (`global_fetch_strictly_public`), as the table of known gaps says.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use http::{HeaderMap, Method, StatusCode, header};
use orilla_core::Fetch;
use orilla_core::ports::{FetchError, Inbound, Outbound};
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{self, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys::{self, AbortSignal};

use crate::sentence;
use crate::serve::from_js_headers;

/// The `fetch` of an invocation.
#[derive(Debug, Clone, Copy)]
pub struct WorkersFetch;

impl Fetch for WorkersFetch {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        let signal = timeout(request.deadline);
        let cap = request.max_bytes;
        let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
        let sent = JsFuture::from(scope.fetch_with_request(&to_js_request(&request, &signal)?)).await;
        // Name resolution, connection and TLS fail alike here: the host tells no more than a sentence.
        let response = sent
            .and_then(JsCast::dyn_into::<web_sys::Response>)
            .map_err(|error| if signal.aborted() { FetchError::Deadline } else { FetchError::Connect(sentence(&error)) })?;
        let status = StatusCode::from_u16(response.status()).map_err(|error| FetchError::Protocol(error.to_string()))?;
        let mut headers = from_js_headers(&response.headers());
        // The host has decompressed the body already.
        if headers.remove(header::CONTENT_ENCODING).is_some() {
            headers.remove(header::CONTENT_LENGTH);
        }
        let body = response.body().map_or_else(|| stream::empty().boxed_local(), |raw| capped(worker::Body::new(raw), signal, cap));
        Ok(Inbound { status, headers, body })
    }
}

/// A signal that fires when `deadline` has passed.
fn timeout(deadline: Duration) -> AbortSignal {
    AbortSignal::timeout_with_u32(u32::try_from(deadline.as_millis()).unwrap_or(u32::MAX))
}

fn to_js_request(request: &Outbound, signal: &AbortSignal) -> Result<web_sys::Request, FetchError> {
    let refused = |error| FetchError::Protocol(sentence(&error));
    let init = web_sys::RequestInit::new();
    init.set_signal(Some(signal));
    init.set_method(request.method.as_str());
    init.set_redirect(web_sys::RequestRedirect::Manual);
    init.set_headers(to_js_headers(&request.headers).map_err(refused)?.as_ref());
    if request.method != Method::GET && request.method != Method::HEAD {
        init.set_body(&Uint8Array::from(request.body.as_ref()));
    }
    web_sys::Request::new_with_str_and_init(request.destination.url().as_str(), &init).map_err(refused)
}

fn to_js_headers(headers: &HeaderMap) -> Result<web_sys::Headers, JsValue> {
    let output = web_sys::Headers::new()?;
    for (name, value) in headers {
        output.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
    }
    Ok(output)
}

/// The chunks of `body` until the cap, the deadline or an error, after which there is nothing more.
fn capped(body: worker::Body, signal: AbortSignal, cap: usize) -> LocalBoxStream<'static, Result<Bytes, FetchError>> {
    stream::unfold(Some((body, cap)), move |state| {
        let signal = signal.clone();
        async move {
            let (mut body, left) = state?;
            match body.next().await? {
                Ok(chunk) => match left.checked_sub(chunk.len()) {
                    Some(left) => Some((Ok(chunk), Some((body, left)))),
                    None => Some((Err(FetchError::TooLarge), None)),
                },
                Err(_) if signal.aborted() => Some((Err(FetchError::Deadline), None)),
                Err(error) => Some((Err(FetchError::Protocol(error.to_string())), None)),
            }
        }
    })
    .boxed_local()
}
