//! [`Fetch`] over hyper's client: one connection per request, to an address that was looked up, checked, and is then used.
//!
//! Between the check and the connection no second look-up can slip in (DNS rebinding). Pools nothing, follows nothing,
//! decompresses nothing, reads no proxy variables.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use http::{HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use orilla_core::Fetch;
use orilla_core::guard::{Destination, is_private};
use orilla_core::ports::{FetchError, Inbound, Outbound};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Position, Url};

/// Outbound HTTP/1.1, with TLS against Mozilla's roots.
#[derive(Clone)]
pub struct NativeFetch {
    tls: Arc<ClientConfig>,
    hosts: Arc<BTreeMap<String, IpAddr>>,
}

impl NativeFetch {
    pub(crate) fn new() -> Result<Self, String> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Result<Self, String> {
        let versions = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let mut tls = versions.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { tls: Arc::new(tls), hosts: Arc::default() })
    }

    /// The same with some names answered from a table, as `/etc/hosts` does; their addresses are checked like any other.
    #[must_use]
    pub fn with_hosts(mut self, hosts: BTreeMap<String, IpAddr>) -> Self {
        self.hosts = Arc::new(hosts);
        self
    }

    /// Connects and sends; returns with the head of the answer.
    async fn exchange(&self, request: Outbound, until: Instant) -> Result<(http::Response<Incoming>, Connection), FetchError> {
        let url = request.destination.url().clone();
        let stream = connect(&self.resolve(&request.destination).await?, until).await?;
        let (mut sender, connection) = if url.scheme() == "https" {
            let connector = TlsConnector::from(self.tls.clone());
            handshake(connector.connect(server_name(&url)?, stream).await.map_err(refused_connection)?).await?
        } else {
            handshake(stream).await?
        };
        let response = sender.send_request(to_hyper(request, &url)?).await.map_err(protocol)?;
        Ok((response, connection))
    }

    /// The addresses behind a destination, each one checked unless the operator exempted the host.
    async fn resolve(&self, destination: &Destination) -> Result<Vec<SocketAddr>, FetchError> {
        let url = destination.url();
        let port = url.port_or_known_default().ok_or_else(|| FetchError::Connect("no port".to_owned()))?;
        let addresses: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => match self.hosts.get(name) {
                Some(address) => vec![(*address, port).into()],
                None => lookup_host((name, port)).await.map_err(refused_connection)?.collect(),
            },
            None => Vec::new(),
        };
        if !destination.is_exempt() && addresses.iter().any(|address| is_private(address.ip())) {
            // One private address among public ones is refused too: no honest name lists both.
            return Err(FetchError::Refused("the name resolves to an address that is not on the public internet".to_owned()));
        }
        Ok(addresses)
    }
}

impl fmt::Debug for NativeFetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NativeFetch")
    }
}

impl Fetch for NativeFetch {
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        let until = Instant::now() + request.deadline;
        let left = request.max_bytes;
        let (response, connection) = timeout_at(until, self.exchange(request, until)).await.map_err(|_| FetchError::Deadline)??;
        let (head, body) = response.into_parts();
        let body = Answer { body, left, until, _connection: connection }.into_stream();
        Ok(Inbound { status: head.status, headers: head.headers, body })
    }
}

/// Tries the addresses in order, each with an equal share of the time left.
async fn connect(addresses: &[SocketAddr], until: Instant) -> Result<TcpStream, FetchError> {
    let mut last = FetchError::Connect("the name has no address".to_owned());
    let mut untried = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let share: Duration = until.saturating_duration_since(Instant::now()) / untried.max(1);
        untried = untried.saturating_sub(1);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // A request is one write; waiting to fill a packet only delays it.
                stream.set_nodelay(true).map_err(refused_connection)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = refused_connection(error),
            Err(_) => last = FetchError::Deadline,
        }
    }
    Err(last)
}

/// The task that moves a connection's bytes; dropping this hangs up.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn handshake<S>(stream: S) -> Result<(SendRequest<Full<Bytes>>, Connection), FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(protocol)?;
    let task = tokio::spawn(async move {
        // A failure reaches the request or its body; here it would be told twice.
        let _ = connection.await;
    });
    Ok((sender, Connection(task)))
}

fn server_name(url: &Url) -> Result<ServerName<'static>, FetchError> {
    let name = match url.host() {
        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).ok(),
        Some(Host::Ipv4(address)) => Some(ServerName::from(IpAddr::V4(address))),
        Some(Host::Ipv6(address)) => Some(ServerName::from(IpAddr::V6(address))),
        None => None,
    };
    name.ok_or_else(|| FetchError::Connect("no name to check a certificate against".to_owned()))
}

fn to_hyper(request: Outbound, url: &Url) -> Result<Request<Full<Bytes>>, FetchError> {
    let target: Uri = url[Position::BeforePath..Position::AfterQuery].parse().map_err(protocol)?;
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    let mut outgoing = Request::new(Full::new(request.body));
    *outgoing.method_mut() = request.method;
    *outgoing.uri_mut() = target;
    *outgoing.headers_mut() = request.headers;
    outgoing.headers_mut().insert(header::HOST, HeaderValue::from_str(authority).map_err(protocol)?);
    outgoing.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(outgoing)
}

/// An answer's body on its way in.
struct Answer {
    body: Incoming,
    left: usize,
    until: Instant,
    _connection: Connection,
}

impl Answer {
    /// The chunks, up to the first error.
    fn into_stream(self) -> LocalBoxStream<'static, Result<Bytes, FetchError>> {
        let next = |state: Option<Self>| async {
            let mut answer = state?;
            match answer.chunk().await? {
                Ok(chunk) => Some((Ok(chunk), Some(answer))),
                Err(error) => Some((Err(error), None)),
            }
        };
        stream::unfold(Some(self), next).boxed_local()
    }

    async fn chunk(&mut self) -> Option<Result<Bytes, FetchError>> {
        loop {
            let frame = match timeout_at(self.until, self.body.frame()).await {
                Err(_) => return Some(Err(FetchError::Deadline)),
                Ok(frame) => frame?,
            };
            let Ok(frame) = frame else { return Some(frame.map(|_| Bytes::new()).map_err(protocol)) };
            let Ok(chunk) = frame.into_data() else { continue };
            let Some(left) = self.left.checked_sub(chunk.len()) else { return Some(Err(FetchError::TooLarge)) };
            self.left = left;
            return Some(Ok(chunk));
        }
    }
}

fn refused_connection(error: std::io::Error) -> FetchError {
    FetchError::Connect(error.to_string())
}

fn protocol(error: impl fmt::Display) -> FetchError {
    FetchError::Protocol(error.to_string())
}

#[cfg(test)]
mod tests;
