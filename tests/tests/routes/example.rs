//! One valid request for a route, and how its site is told: what the tables of each function are made of.

use std::borrow::Cow;

use http::Method;
use orilla_native::testing::Call;
use serde_json::Value as Json;

/// How a request says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// By the secret key that the table of routes asks for.
    SecretKey,
    /// By a site's public key in a header.
    WriteKey,
    /// By a public key in path or body.
    KeyInside,
    /// By the name of something that has one owner, such as a form: nobody needs a key, but another site's is refused.
    Name,
    /// By what only they know who were given it, such as a signed link.
    Secret,
}

/// A valid request, but for its key.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path and query.
    pub uri: String,
    /// Headers besides the key's.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How it says whose it is.
    pub door: Door,
    /// What a caller of another site is answered who names this site's things: 200 and the like where they are their own by another owner.
    pub foreign: u16,
    /// What is answered to whom it names; a request that asks for what is not configured has its reason here.
    pub own: Option<u16>,
}

/// What a browser of a person says of itself.
const BROWSER: &str = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// A request of a secret key, which finds nothing of another site's.
pub fn ask(uri: impl Into<String>) -> Example {
    let headers = vec![("user-agent", BROWSER.to_owned())];
    Example { uri: uri.into(), headers, body: Vec::new(), door: Door::SecretKey, foreign: 404, own: None }
}

impl Example {
    /// With this JSON.
    pub fn json(self, body: Json) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// With these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// By another door.
    pub fn by(mut self, door: Door) -> Self {
        self.door = door;
        self
    }

    /// Another site's caller is told this.
    pub fn foreign(mut self, status: u16) -> Self {
        self.foreign = status;
        self
    }

    /// It is about whoever calls, whatever it names.
    pub fn about_the_caller(self) -> Self {
        self.foreign(200)
    }

    /// Its own site is answered this.
    pub fn own(mut self, status: u16) -> Self {
        self.own = Some(status);
        self
    }

    /// As a call.
    pub fn call(&self, method: &Method) -> Call {
        let call = Call::new(method.clone(), self.uri.clone());
        let call = self.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
        if self.body.is_empty() { call } else { call.body(self.body.clone()) }
    }

    /// Everything it says, where its caller may hear it again.
    pub fn words(&self) -> Cow<'_, str> {
        format!("{} {}", self.uri, String::from_utf8_lossy(&self.body)).into()
    }
}
