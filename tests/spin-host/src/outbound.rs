//! Outgoing requests of a guest: allowed hosts first, then a chained component, this application itself, or the network.
//! Redirects are not followed and nothing is retried, as in Spin.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http::uri::{Authority, Scheme, Uri};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::app::App;
use crate::component::Component;
use crate::routes::Matched;

/// What Spin gives as the caller's address where one component calls another.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// The way out for one guest.
pub(crate) struct Outbound {
    pub(crate) app: Arc<App>,
    pub(crate) component: Arc<Component>,
}

type Sent = Result<(http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let app = Arc::clone(&self.app);
        match Destination::of(request.uri(), &self.component) {
            Destination::Denied => Box::new(async { Err(Error::HttpRequestDenied) }),
            Destination::Component(id) => Box::new(async move { chained(app, id, request).await }),
            Destination::Itself => Box::new(async move { sent(to_itself(&app, request)?, options).await }),
            Destination::Network => Box::new(sent(request, options)),
        }
    }
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
enum Destination {
    Denied,
    Component(String),
    Itself,
    Network,
}

impl Destination {
    fn of(uri: &Uri, component: &Component) -> Self {
        let scheme = uri.scheme_str().unwrap_or("https");
        let host = uri.host().unwrap_or_default();
        // A relative URL reaches here with an empty host.
        if host.is_empty() || host == "self.alt" {
            return if component.allowed_hosts.allows_itself() { Self::Itself } else { Self::Denied };
        }
        if !component.allowed_hosts.allows(scheme, host, uri.port_u16()) {
            return Self::Denied;
        }
        match host.strip_suffix(".spin.internal") {
            Some(id) if !id.contains('.') => Self::Component(id.to_owned()),
            _ => Self::Network,
        }
    }
}

async fn sent(request: http::Request<WasiBody>, options: Option<RequestOptions>) -> Sent {
    let (response, connection) = wasmtime_wasi_http::default_send_request(request, options).await?;
    Ok((response.map(BodyExt::boxed_unsync), Box::new(connection)))
}

async fn chained(app: Arc<App>, id: String, request: http::Request<WasiBody>) -> Sent {
    let matched = Matched::chained(id, request.uri().path());
    let response = app.answer(request, matched, CHAINED_CLIENT).await;
    Ok((response, Box::new(async { Ok(()) })))
}

fn to_itself(app: &App, mut request: http::Request<WasiBody>) -> Result<http::Request<WasiBody>, Error> {
    let address = app.address().ok_or(Error::HttpRequestUriInvalid)?.to_string();
    let authority: Authority = address.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)?;
    let host = address.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
    request.headers_mut().insert(http::header::HOST, host);
    Ok(request)
}
