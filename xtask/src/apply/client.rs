//! The admin API as an apply needs it: a few JSON requests with the operator's key.

use std::time::Duration;

use anyhow::{Context, anyhow};
use serde_json::Value as Json;
use ureq::http::Response;
use ureq::{Agent, Body};

/// Chosen: an apply is one write, a batch of events takes a slow machine a second or two; a minute covers a slow link.
const DEADLINE: Duration = Duration::from_secs(60);
/// The most bytes of an answer. Chosen: `GET /v1/sites/{site}` gives back what a megabyte of files became.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// The content breaks rules: JSON path and message of each.
    Invalid(Vec<(String, String)>),
    /// Anything else.
    Other(anyhow::Error),
}

impl From<Failure> for anyhow::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Invalid(violations) => {
                let lines: Vec<_> = violations.into_iter().map(|(path, message)| format!("{path}: {message}")).collect();
                anyhow!("the server refused it: {}", lines.join("; "))
            }
            Failure::Other(error) => error,
        }
    }
}

/// What speaks to a server. A connection is used once: a server may close an idle one just when it is used again, and what makes something is
/// not sent twice.
pub fn agent() -> Agent {
    Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).max_idle_connections(0).build().new_agent()
}

/// A server and the key it is spoken to with.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Client {
    /// Speaks to `url` with the operator's key.
    pub fn new(url: &str, operator_key: &str) -> Self {
        Self { agent: agent(), url: url.trim_end_matches('/').to_owned(), authorization: format!("Bearer {operator_key}") }
    }

    /// Reads. Errors: as the server says.
    pub fn get(&self, path: &str) -> Result<Json, Failure> {
        self.read(again(|| self.agent.get(self.at(path)).header("authorization", &self.authorization).call()))
    }

    /// Makes. Errors: as the server says.
    pub fn post_json(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        let request = self.agent.post(self.at(path)).header("authorization", &self.authorization);
        self.read(request.content_type("application/json").send(body.to_string()))
    }

    /// Replaces. Errors: as the server says.
    pub fn put_json(&self, path: &str, body: &Json) -> Result<Json, Failure> {
        self.put(path, "application/json", body.to_string().as_bytes())
    }

    /// Replaces a file. Errors: as the server says.
    pub fn put_bytes(&self, path: &str, bytes: &[u8]) -> Result<Json, Failure> {
        self.put(path, "application/octet-stream", bytes)
    }

    /// Sends bytes of some type. Errors: as the server says.
    pub fn post_bytes(&self, path: &str, content_type: &str, bytes: &[u8]) -> Result<Json, Failure> {
        let request = self.agent.post(self.at(path)).header("authorization", &self.authorization);
        self.read(request.content_type(content_type).send(bytes))
    }

    /// Reads an answer of any length, as long as it takes. Errors: as the server says.
    pub fn stream(&self, path: &str) -> Result<impl std::io::Read + use<>, Failure> {
        let config = Agent::config_builder().timeout_recv_response(Some(DEADLINE)).http_status_as_error(false).build();
        let request = Agent::new_with_config(config).get(self.at(path)).header("authorization", &self.authorization);
        let response = request.call().with_context(|| format!("cannot reach {}", self.url)).map_err(Failure::Other)?;
        if !response.status().is_success() {
            self.read(Ok(response))?;
            return Err(Failure::Other(anyhow!("{} answered otherwise than Orilla does", self.url)));
        }
        Ok(response.into_body().into_reader())
    }

    fn put(&self, path: &str, content_type: &str, bytes: &[u8]) -> Result<Json, Failure> {
        let request = || self.agent.put(self.at(path)).header("authorization", &self.authorization).content_type(content_type);
        self.read(again(|| request().send(bytes)))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn read(&self, outcome: Result<Response<Body>, ureq::Error>) -> Result<Json, Failure> {
        let mut response = outcome.with_context(|| format!("cannot reach {}", self.url)).map_err(Failure::Other)?;
        let status = response.status();
        let text = response
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER_BYTES)
            .read_to_string()
            .with_context(|| format!("{} broke off its answer", self.url))
            .map_err(Failure::Other)?;
        let json: Option<Json> = serde_json::from_str(&text).ok();
        match (status.as_u16(), json) {
            (200..300, Some(json)) => Ok(json),
            (422, Some(json)) => Err(Failure::Invalid(violations(&json))),
            (401 | 403, _) => Err(Failure::Other(anyhow!("{} does not take this operator's key ({status})", self.url))),
            (_, Some(json)) => {
                let words = json["detail"].as_str().or_else(|| json["title"].as_str()).unwrap_or("without a reason");
                Err(Failure::Other(anyhow!("{} answered {status}: {words}", self.url)))
            }
            (_, None) => Err(Failure::Other(anyhow!("{} answered {status}, but not as Orilla does; is the URL right?", self.url))),
        }
    }
}

/// Sends what may be sent twice, and once more where the connection broke: nobody knows whether the server heard it.
///
/// Source: RFC 9110, section 9.2.2.
fn again(send: impl Fn() -> Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, ureq::Error> {
    match send() {
        Err(ureq::Error::Io(_)) => send(),
        outcome => outcome,
    }
}

/// The `errors` of a problem document.
fn violations(problem: &Json) -> Vec<(String, String)> {
    let text = |violation: &Json, name: &str| violation[name].as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().into_iter().flatten();
    errors.map(|violation| (text(violation, "field"), text(violation, "message"))).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// Hears as many requests as there are answers; an empty one hangs up.
    fn answering(answers: &'static [&'static str]) -> (String, std::thread::JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let mut heard = 0;
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
                heard += 1;
                stream.write_all(answer.as_bytes()).unwrap();
            }
            heard
        });
        (url, server)
    }

    const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

    #[test]
    fn what_may_be_sent_twice_is_when_the_connection_breaks() {
        let (url, server) = answering(&["", FINE]);
        assert!(Client::new(&url, "key").get("/v1/sites/x").is_ok());
        assert_eq!(server.join().unwrap(), 2);
    }

    #[test]
    fn what_breaks_twice_or_may_not_be_sent_again_is_told() {
        let (url, server) = answering(&["", ""]);
        let failure = anyhow::Error::from(Client::new(&url, "key").get("/v1/sites/x").unwrap_err());
        assert!(format!("{failure:#}").starts_with("cannot reach http://127.0.0.1:"), "{failure:#}");
        assert_eq!(server.join().unwrap(), 2);
        let (url, server) = answering(&[""]);
        Client::new(&url, "key").post_bytes("/v1/sites/x/restore", "application/x-ndjson", b"").unwrap_err();
        assert_eq!(server.join().unwrap(), 1);
    }
}
