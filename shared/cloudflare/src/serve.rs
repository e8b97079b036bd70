//! Between a Worker's events and a function: requests and answers translated, nothing decided.

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use orilla_core::http::BODY_CAP_BYTES;
use orilla_core::ids::RequestId;
use orilla_core::{Body, Clock, Error, Function, Platform, Request, Response, function, problem, respond};
use worker::js_sys::Array;
use worker::wasm_bindgen::JsCast;
use worker::worker_sys::ext::RequestExt;
use worker::{Context, Env, Headers, ResponseBuilder, ScheduleContext, web_sys};

use crate::{Cloudflare, Lifetime};

/// Answers a `fetch` event with function `F`.
///
/// Errors: only if the host refuses to build the answer.
pub async fn fetch<F: Function<Cloudflare>>(request: web_sys::Request, env: Env, context: Context) -> worker::Result<worker::Response> {
    let platform = Cloudflare::new(env, Lifetime::Request(context));
    let id = RequestId::new(platform.clock().now(), &platform.random());
    let response = match read(&platform, id, &request).await {
        Ok(request) => respond::<Cloudflare, F>(&platform, request).await,
        Err(error) => problem::response(&error, id),
    };
    write(response)
}

/// Lets function `F` do its deferred work on a cron trigger; what fails is logged and stays due.
pub async fn scheduled<F: Function<Cloudflare>>(env: Env, context: ScheduleContext) {
    let platform = Cloudflare::new(env, Lifetime::Schedule(context));
    let _logged = function::tick::<Cloudflare, F>(&platform).await;
}

async fn read(platform: &Cloudflare, id: RequestId, request: &web_sys::Request) -> Result<Request, Error> {
    let method = Method::from_bytes(request.method().as_bytes()).map_err(|_| Error::malformed("The method is not one of HTTP's."))?;
    let uri: Uri = request.url().parse().map_err(|_| Error::malformed("The URL could not be read."))?;
    let headers = from_js_headers(&request.headers());
    let body = read_body(request).await?;
    Ok(Request {
        id,
        method,
        uri,
        client: headers.get("cf-connecting-ip").and_then(|value| value.to_str().ok()?.parse().ok()),
        country: country(request),
        headers,
        is_truncated: body.is_none(),
        body: body.unwrap_or_default(),
        received: platform.clock().now(),
        is_origin_allowed: false.into(),
    })
}

/// The body, or `None` if it is longer than the cap; what is beyond is not read.
async fn read_body(request: &web_sys::Request) -> Result<Option<Bytes>, Error> {
    let Some(raw) = request.body() else { return Ok(Some(Bytes::new())) };
    let mut stream = worker::Body::new(raw);
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Error::malformed("The body broke off."))?;
        if body.len() + chunk.len() > BODY_CAP_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

/// The country the host places the visitor in; `T1` (Tor) and `XX` (unknown) are none.
fn country(request: &web_sys::Request) -> Option<String> {
    let country = request.cf()?.country().ok()??;
    let is_alpha_2 = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_alpha_2 && country != "XX").then_some(country)
}

/// The headers that HTTP allows; the host has checked them, so none is lost in practice.
pub(crate) fn from_js_headers(headers: &web_sys::Headers) -> HeaderMap {
    let mut output = HeaderMap::new();
    for entry in headers.entries().into_iter().flatten() {
        let entry: Array = entry.unchecked_into();
        let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            output.append(name, value);
        }
    }
    output
}

fn write(response: Response) -> worker::Result<worker::Response> {
    let (parts, body) = response.into_parts();
    let headers = Headers::new();
    for (name, value) in &parts.headers {
        headers.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
    }
    let builder = ResponseBuilder::new().with_status(parts.status.as_u16()).with_headers(headers);
    // The host refuses a body, even an empty one, with these.
    let has_no_body = matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    match body {
        _ if has_no_body => Ok(builder.empty()),
        Body::Full(bytes) => Ok(builder.fixed(bytes.into())),
        Body::Stream(stream) => builder.from_stream(stream.map_err(|error| worker::Error::RustError(error.to_string()))),
    }
}
