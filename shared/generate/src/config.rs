//! Which models write, as the operator configured it: none, one, or one and another to fall back to.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use orilla_core::guard::{self, Destination};
use orilla_core::ports::{Outbound, Variable};
use orilla_core::{Error, Platform};
use url::Url;

use orilla_knowledge::model::checksum;

/// The base URL of an OpenAI-compatible server, such as `https://host/v1`. Not set, nothing is ever written.
pub const GENERATOR_URL: Variable = Variable("GENERATOR_URL");
/// The model to ask it for.
pub const GENERATOR_MODEL: Variable = Variable("GENERATOR_MODEL");
/// Its key; a server of one's own may want none.
pub const GENERATOR_KEY: Variable = Variable("GENERATOR_KEY");
/// The base URL of a second server, asked where the first failed.
pub const GENERATOR_FALLBACK_URL: Variable = Variable("GENERATOR_FALLBACK_URL");
/// The model to ask the second server for.
pub const GENERATOR_FALLBACK_MODEL: Variable = Variable("GENERATOR_FALLBACK_MODEL");
/// The second server's key. Never the first one's: that is nothing to show to another host.
pub const GENERATOR_FALLBACK_KEY: Variable = Variable("GENERATOR_FALLBACK_KEY");
/// How long one server may take for a whole answer.
pub const GENERATOR_TIMEOUT_SECONDS: Variable = Variable("GENERATOR_TIMEOUT_SECONDS");

/// Where nothing else is said. Chosen: a few sentences take a small model seconds, and beyond this a visitor has left.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(12);
/// The longest that is taken. Chosen: two of them are what a proxy in front of us waits for an answer.
const MAX_TIMEOUT_SECONDS: u64 = 60;

/// One server.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What the circuit breaker knows it by; another URL or model is another.
    pub id: String,
    /// Where completions are asked for.
    pub destination: Destination,
    /// The model.
    pub model: String,
    /// The bearer key as a header, marked as not to be shown.
    pub authorization: Option<HeaderValue>,
}

/// The most bytes of an answer. Chosen: a piece of a stream has some 300 bytes, and one token in it.
const MAX_BYTES: usize = 1024 * 1024;

impl Endpoint {
    /// The call that asks it.
    pub(crate) fn request(&self, body: Bytes, deadline: Duration) -> Outbound {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/event-stream, application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("Orilla/", env!("CARGO_PKG_VERSION"))));
        if let Some(key) = &self.authorization {
            headers.insert(header::AUTHORIZATION, key.clone());
        }
        Outbound { method: Method::POST, destination: self.destination.clone(), headers, body, deadline, max_bytes: MAX_BYTES }
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub struct GeneratorConfig {
    /// In the order in which they are tried; at most two.
    pub endpoints: Vec<Endpoint>,
    /// From the call to the last byte, of each.
    pub timeout: Duration,
}

impl GeneratorConfig {
    /// Reads it.
    ///
    /// Errors: `Unavailable` if a variable cannot be read, a URL may not be called, a model is missing or a time-out is no number of seconds.
    pub fn read<P: Platform>(platform: &P) -> Result<Self, Error> {
        let servers =
            [[GENERATOR_URL, GENERATOR_MODEL, GENERATOR_KEY], [GENERATOR_FALLBACK_URL, GENERATOR_FALLBACK_MODEL, GENERATOR_FALLBACK_KEY]];
        let endpoints = servers.into_iter().map(|names| endpoint(platform, names)).filter_map(Result::transpose);
        Ok(Self { endpoints: endpoints.collect::<Result<_, _>>()?, timeout: timeout(platform.variable(GENERATOR_TIMEOUT_SECONDS)?)? })
    }

    /// Whether there is nobody to ask.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }
}

fn endpoint<P: Platform>(platform: &P, names: [Variable; 3]) -> Result<Option<Endpoint>, Error> {
    let [url, model, key] = names;
    let Some(base) = platform.variable(url)? else { return Ok(None) };
    let destination = destination(&base).map_err(|refusal| Error::unavailable(format!("{}: {refusal}", url.0)))?;
    let name = platform.variable(model)?.ok_or_else(|| Error::unavailable(format!("{} is set, {} is not", url.0, model.0)))?;
    let bearer = |value: String| {
        let mut header = HeaderValue::from_str(&format!("Bearer {}", value.trim()))
            .map_err(|_| Error::unavailable(format!("{} has characters that no header takes", key.0)))?;
        header.set_sensitive(true);
        Ok::<_, Error>(header)
    };
    let id = orilla_core::ids::hex(&checksum(format!("{}\n{name}", destination.url()).as_bytes()));
    Ok(Some(Endpoint { id, destination, model: name, authorization: platform.variable(key)?.map(bearer).transpose()? }))
}

/// `chat/completions` below the base, unless that stands there already; a query stays. The operator's own URL may well be private: a GPU next
/// door, which tenants' webhooks need not reach for that.
fn destination(base: &str) -> Result<Destination, guard::Refusal> {
    let mut url = Url::parse(base.trim()).map_err(|_| guard::Refusal::NotUrl)?;
    if !url.path().trim_end_matches('/').ends_with("/chat/completions") {
        let mut segments = url.path_segments_mut().map_err(|()| guard::Refusal::NotUrl)?;
        segments.pop_if_empty().extend(["chat", "completions"]);
    }
    guard::trusted(url.as_str())
}

fn timeout(given: Option<String>) -> Result<Duration, Error> {
    let Some(text) = given else { return Ok(DEFAULT_TIMEOUT) };
    let seconds = text.trim().parse().ok().filter(|seconds| (1..=MAX_TIMEOUT_SECONDS).contains(seconds));
    let refuse = || Error::unavailable(format!("{} is a whole number from 1 to {MAX_TIMEOUT_SECONDS}", GENERATOR_TIMEOUT_SECONDS.0));
    seconds.map(Duration::from_secs).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use orilla_native::testing::TestHost;

    use super::*;

    async fn read(variables: &[(Variable, &str)]) -> Result<GeneratorConfig, Error> {
        let host = TestHost::new().await;
        variables.iter().for_each(|(variable, value)| host.set_variable(*variable, value));
        GeneratorConfig::read(&host)
    }

    #[tokio::test]
    async fn nothing_one_or_two() {
        assert!(read(&[]).await.unwrap().is_empty());
        let one = [(GENERATOR_URL, "https://llm.example/v1/"), (GENERATOR_MODEL, "small"), (GENERATOR_KEY, "secret")];
        let config = read(&one).await.unwrap();
        assert_eq!((config.endpoints.len(), config.timeout), (1, DEFAULT_TIMEOUT));
        assert_eq!(config.endpoints[0].destination.url().as_str(), "https://llm.example/v1/chat/completions");
        assert!(!format!("{config:?}").contains("secret"), "a key must not be shown");
        let second = [(GENERATOR_FALLBACK_URL, "https://other.example/x/chat/completions?v=1"), (GENERATOR_FALLBACK_MODEL, "small")];
        let config = read(&[&one[..], &second[..], &[(GENERATOR_TIMEOUT_SECONDS, "3")]].concat()).await.unwrap();
        assert_eq!(config.timeout, Duration::from_secs(3));
        assert_eq!(config.endpoints[1].destination.url().as_str(), "https://other.example/x/chat/completions?v=1");
        assert!(config.endpoints[1].authorization.is_none(), "one host's key is not another's");
        assert_ne!(config.endpoints[0].id, config.endpoints[1].id);
    }

    #[tokio::test]
    async fn a_server_of_ones_own_may_be_private() {
        let config = read(&[(GENERATOR_URL, "http://127.0.0.1:8000/v1"), (GENERATOR_MODEL, "m")]).await.unwrap();
        assert!(config.endpoints[0].destination.is_exempt());
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_without_its_value() {
        let url = (GENERATOR_URL, "https://llm.example/v1");
        for (variables, expect) in [
            (vec![url], "GENERATOR_URL is set, GENERATOR_MODEL is not"),
            (vec![(GENERATOR_URL, "llm.example"), (GENERATOR_MODEL, "m")], "GENERATOR_URL: it is not an absolute URL"),
            (vec![url, (GENERATOR_MODEL, "m"), (GENERATOR_KEY, "a\nb")], "GENERATOR_KEY has characters that no header takes"),
            (vec![(GENERATOR_TIMEOUT_SECONDS, "0")], "GENERATOR_TIMEOUT_SECONDS is a whole number from 1 to 60"),
        ] {
            let error = read(&variables).await.unwrap_err();
            assert_eq!(error.source.unwrap().to_string(), expect);
        }
    }
}
