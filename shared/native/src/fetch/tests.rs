//! TLS, which the contract suite's peer does not speak. The certificate names `tls.example.com`, signs itself, ends in 2126,
//! and was made with `openssl req -x509 -addext subjectAltName=DNS:tls.example.com -addext basicConstraints=critical,CA:FALSE`.

use http::{HeaderMap, Method};
use orilla_core::guard;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("tests/certificate.der");
const KEY: &[u8] = include_bytes!("tests/key.der");

/// Serves one connection, which may fail at any point.
async fn serve_tls(listener: TcpListener) -> std::io::Result<()> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::try_from(KEY.to_vec()).unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key).unwrap();
    let (stream, _) = listener.accept().await?;
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
    let mut request = vec![0; 1024];
    let length = stream.read(&mut request).await?;
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(&[answer.as_bytes(), &request[..length]].concat()).await?;
    stream.shutdown().await
}

async fn get(fetch: NativeFetch, name: &str, port: u16) -> Result<String, FetchError> {
    let destination = guard::trusted(&format!("https://{name}:{port}/path")).unwrap();
    let deadline = Duration::from_secs(5);
    let request =
        Outbound { method: Method::GET, destination, headers: HeaderMap::new(), body: Bytes::new(), deadline, max_bytes: 1 << 20 };
    let fetch = fetch.with_hosts([(name.to_owned(), IpAddr::from([127, 0, 0, 1]))].into());
    let mut inbound = fetch.fetch(request).await?;
    let mut whole = Vec::new();
    while let Some(chunk) = inbound.body.next().await {
        whole.extend_from_slice(&chunk?);
    }
    Ok(String::from_utf8_lossy(&whole).into_owned())
}

async fn against_tls(fetch: NativeFetch, name: &str) -> Result<String, FetchError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(serve_tls(listener));
    let outcome = get(fetch, name, port).await;
    server.abort();
    outcome
}

fn trusting() -> NativeFetch {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    NativeFetch::with_roots(roots).unwrap()
}

#[tokio::test]
async fn speaks_tls_to_whom_it_trusts() {
    let seen = against_tls(trusting(), "tls.example.com").await.unwrap();
    assert!(seen.starts_with("GET /path HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("host: tls.example.com:"), "{seen}");
}

#[tokio::test]
async fn refuses_a_certificate_of_another_name() {
    let outcome = against_tls(trusting(), "other.example.com").await;
    assert!(matches!(&outcome, Err(FetchError::Connect(why)) if why.contains("certificate")), "{outcome:?}");
}

#[tokio::test]
async fn refuses_a_certificate_nobody_vouches_for() {
    let outcome = against_tls(NativeFetch::new().unwrap(), "tls.example.com").await;
    assert!(matches!(&outcome, Err(FetchError::Connect(why)) if why.contains("certificate")), "{outcome:?}");
}

#[tokio::test]
async fn does_not_fall_back_to_plain_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    });
    let outcome = get(trusting(), "tls.example.com", port).await;
    assert!(matches!(outcome, Err(FetchError::Connect(_))), "{outcome:?}");
}
